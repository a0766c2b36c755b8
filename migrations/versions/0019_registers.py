"""Registers of units, places, posts and past hours, read row by row before anything is written"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("units", "places", "posts", "hours", name="registerkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("staged_at", sa.DateTime(), nullable=True),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("blank", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=True),
        sa.Column("beat_at", sa.DateTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("applied_at", sa.DateTime(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("kind <> 'hours' OR started_at IS NULL OR approved_by_id IS NOT NULL", name=op.f("ck_register_batch_approved")),
        sa.CheckConstraint("applied_at IS NULL OR started_at IS NOT NULL", name=op.f("ck_register_batch_started")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR made_by_id IS NULL OR approved_by_id <> made_by_id", name=op.f("ck_register_batch_two_people")
        ),
        sa.CheckConstraint("running IS NULL OR running = 1", name=op.f("ck_register_batch_running")),
        sa.CheckConstraint("undone_at IS NULL OR applied_at IS NOT NULL", name=op.f("ck_register_batch_applied")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_register_batch_approved_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_register_batch_made_by_id_person")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_register_batch_undone_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_register_batch_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_batch")),
        sa.UniqueConstraint("running", name=op.f("uq_register_batch_running")),
    )
    op.create_index("ix_register_batch_unit", "register_batch", ["unit_id", "made_at"], unique=False)
    op.create_table(
        "register_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("new", "changed", "unchanged", "refused", name="rowverdict", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("raw", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("journal", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("written_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["register_batch.id"], name=op.f("fk_register_row_batch_id_register_batch")),
        sa.PrimaryKeyConstraint("batch_id", "place", name=op.f("pk_register_row")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_register_row_batch_id_number")),
    )
    op.create_index("ix_register_row_verdict", "register_row", ["batch_id", "verdict", "place"], unique=False)
    op.create_table(
        "past_hour",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column(
            "kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("source <> ''", name=op.f("ck_past_hour_source")),
        sa.CheckConstraint("minutes > 0 AND minutes <= 1440", name=op.f("ck_past_hour_within_a_day")),
        sa.ForeignKeyConstraint(["batch_id"], ["register_batch.id"], name=op.f("fk_past_hour_batch_id_register_batch")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_past_hour_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_past_hour_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_hour")),
    )
    op.create_index("ix_past_hour_batch", "past_hour", ["batch_id", "row"], unique=False)
    op.create_index(op.f("ix_past_hour_person_id"), "past_hour", ["person_id"], unique=False)
    op.create_index(
        "uq_past_hour_stands",
        "past_hour",
        ["person_id", "served_on", "words"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("past_hour")
    op.drop_table("register_row")
    op.drop_table("register_batch")
