"""Projects of the past are a register: approved by another person, taken back by two"""

from alembic import op

from app.core.ledger_ddl import recheck

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

KINDS = "kind IN ('units', 'places', 'posts', 'hours')", "kind IN ('units', 'places', 'posts', 'hours', 'projects')"
WANTS = "{} OR started_at IS NULL OR approved_by_id IS NOT NULL"
APPROVED = WANTS.format("kind <> 'hours'"), WANTS.format("kind NOT IN ('hours', 'projects')")


def upgrade() -> None:
    bind = op.get_bind()
    recheck(bind, "register_batch", "ck_register_batch_registerkind", *KINDS)
    recheck(bind, "register_batch", "ck_register_batch_approved", *APPROVED)
    op.execute(
        "ALTER TABLE register_batch ADD COLUMN undo_asked_by_id INTEGER "
        "CONSTRAINT fk_register_batch_undo_asked_by_id_person REFERENCES person (id)"
    )


def downgrade() -> None:
    bind = op.get_bind()
    op.execute("ALTER TABLE register_batch DROP COLUMN undo_asked_by_id")
    recheck(bind, "register_batch", "ck_register_batch_approved", *reversed(APPROVED))
    recheck(bind, "register_batch", "ck_register_batch_registerkind", *reversed(KINDS))
