"""Activities, shifts, sign-ups"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("service", "study", "party_life", "other", name="activitykind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("place_text", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("risk_note", sa.String(length=300), nullable=False),
        sa.Column(
            "code_way", sa.Enum("poster", "rotating", name="codeway", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("served_count", sa.Integer(), nullable=True),
        sa.CheckConstraint("closed_at IS NULL OR (closed_by_id IS NOT NULL AND served_count IS NOT NULL)", name=op.f("ck_activity_closed")),
        sa.CheckConstraint("served_count IS NULL OR served_count >= 0", name=op.f("ck_activity_served_count")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_activity_closed_by_id_person")),
        sa.ForeignKeyConstraint(["contact_id"], ["person.id"], name=op.f("fk_activity_contact_id_person")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_activity_created_by_id_person")),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_activity_published_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_activity_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("code", name=op.f("uq_activity_code")),
    )
    op.create_index("ix_activity_published", "activity", ["published_at"], unique=False)
    op.create_index(op.f("ix_activity_unit_id"), "activity", ["unit_id"], unique=False)
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.Column("extended_to", sa.DateTime(), nullable=True),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("break_minutes >= 0", name=op.f("ck_shift_break_minutes")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_shift_ends_after_start")),
        sa.CheckConstraint("extended_to IS NULL OR extended_to > ends_at", name=op.f("ck_shift_extended_to")),
        sa.CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name=op.f("ck_shift_capacity")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_shift_activity_id_activity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index("ix_shift_activity", "shift", ["activity_id", "starts_at"], unique=False)
    op.create_index("ix_shift_ends_at", "shift", ["ends_at"], unique=False)
    op.create_table(
        "signup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("seated_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signup_person_id_person")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_signup_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
    )
    op.create_index("ix_signup_person", "signup", ["person_id", "withdrawn_at"], unique=False)
    op.create_index(
        "uq_signup_active",
        "signup",
        ["shift_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_signup_active",
        table_name="signup",
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index("ix_signup_person", table_name="signup")
    op.drop_table("signup")
    op.drop_index("ix_shift_ends_at", table_name="shift")
    op.drop_index("ix_shift_activity", table_name="shift")
    op.drop_table("shift")
    op.drop_index(op.f("ix_activity_unit_id"), table_name="activity")
    op.drop_index("ix_activity_published", table_name="activity")
    op.drop_table("activity")
