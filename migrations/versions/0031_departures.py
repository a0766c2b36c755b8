"""Who left a branch, whither or why, and until when it can be taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

STANDS = sa.text("taken_back_on IS NULL")


def upgrade() -> None:
    reason = sa.Enum("moved", "died", "left_party", name="reason", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "departure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("reason", reason, nullable=True),
        sa.Column("note", sa.String(length=100), server_default="", nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("ended", sa.JSON(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_back_on", sa.Date(), nullable=True),
        sa.Column("taken_back_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(to_id IS NULL) = (reason IS NOT NULL)", name=op.f("ck_departure_whither")),
        sa.CheckConstraint("left_on <= recorded_on", name=op.f("ck_departure_dated")),
        sa.CheckConstraint("(taken_back_on IS NULL) = (taken_back_by_id IS NULL)", name=op.f("ck_departure_taken_back")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_departure_{column}_{table}"))
            for column, table in (
                ("person_id", "person"),
                ("membership_id", "membership"),
                ("from_id", "unit"),
                ("to_id", "unit"),
                ("recorded_by_id", "person"),
                ("taken_back_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
    )
    op.create_index("uq_departure_stands", "departure", ["membership_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS)
    op.create_index("ix_departure_from", "departure", ["from_id", "recorded_on"])
    op.create_index("ix_departure_person", "departure", ["person_id"])


def downgrade() -> None:
    op.drop_table("departure")
