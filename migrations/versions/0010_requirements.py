"""双50小时 as data"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "requirement_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("activated_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_set")),
        sa.UniqueConstraint("code", name=op.f("uq_requirement_set_code")),
    )
    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "masses",
                "applicant",
                "activist",
                "candidate",
                "probationary",
                "member",
                name="stagekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("minutes_needed", sa.Integer(), nullable=False),
        sa.Column("honour_minutes", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("minutes_needed > 0 AND honour_minutes >= 0", name=op.f("ck_requirement_minutes")),
        sa.CheckConstraint("window_days IS NULL OR window_days > 0", name=op.f("ck_requirement_window_days")),
        sa.ForeignKeyConstraint(["set_id"], ["requirement_set.id"], name=op.f("fk_requirement_set_id_requirement_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("set_id", "stage", "kind", name=op.f("uq_requirement_set_id_stage_kind")),
    )


def downgrade() -> None:
    op.drop_table("requirement")
    op.drop_table("requirement_set")
