"""Indexes that the pages of the audit need"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_audit_event_actor_id"), table_name="audit_event")
    op.drop_index("ix_audit_event_subject", table_name="audit_event")
    op.create_index("ix_audit_event_at", "audit_event", ["at", "id"], unique=False)
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "at", "id"], unique=False)
    op.create_index("ix_audit_event_action", "audit_event", ["action", "at", "id"], unique=False)
    op.create_index("ix_audit_event_subject", "audit_event", ["subject", "subject_id", "at", "id"], unique=False)
    op.create_index("ix_audit_event_request", "audit_event", ["request_id", "at", "id"], unique=False)


def downgrade() -> None:
    for name in ("request", "subject", "action", "actor", "at"):
        op.drop_index(f"ix_audit_event_{name}", table_name="audit_event")
    op.create_index("ix_audit_event_subject", "audit_event", ["subject", "subject_id"], unique=False)
    op.create_index(op.f("ix_audit_event_actor_id"), "audit_event", ["actor_id"], unique=False)
