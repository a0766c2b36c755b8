"""The ledger of hours and its totals"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hour_person_total",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column(
            "kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column(
            "hour_class",
            sa.Enum("credit", "honour", name="hourclass", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hour_person_total_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "period", "kind", "hour_class", name=op.f("pk_hour_person_total")),
    )
    op.create_index("ix_hour_person_total_rank", "hour_person_total", ["period", "kind", "hour_class", "minutes"], unique=False)
    op.create_table(
        "hour_unit_total",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column(
            "kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column(
            "hour_class",
            sa.Enum("credit", "honour", name="hourclass", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hour_unit_total_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "period", "kind", "hour_class", name=op.f("pk_hour_unit_total")),
    )
    op.create_index("ix_hour_unit_total_period", "hour_unit_total", ["period", "kind", "hour_class", "unit_id"], unique=False)
    op.create_table(
        "hour_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("home_unit_id", sa.Integer(), nullable=True),
        sa.Column("organising_unit_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(), nullable=False),
        sa.Column(
            "hour_class",
            sa.Enum("credit", "honour", name="hourclass", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "source_kind",
            sa.Enum("attendance", "claim", "import", "correction", name="sourcekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("reverses_id IS NULL OR reason <> ''", name=op.f("ck_hour_entry_reason")),
        sa.CheckConstraint(
            "(reverses_id IS NULL AND minutes > 0) OR (reverses_id IS NOT NULL AND minutes < 0)", name=op.f("ck_hour_entry_sign")
        ),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> made_by_id", name=op.f("ck_hour_entry_two_people")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_hour_entry_activity_id_activity")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_hour_entry_approved_by_id_person")),
        sa.ForeignKeyConstraint(["home_unit_id"], ["unit.id"], name=op.f("fk_hour_entry_home_unit_id_unit")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_hour_entry_made_by_id_person")),
        sa.ForeignKeyConstraint(["organising_unit_id"], ["unit.id"], name=op.f("fk_hour_entry_organising_unit_id_unit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hour_entry_person_id_person")),
        sa.ForeignKeyConstraint(["reverses_id"], ["hour_entry.id"], name=op.f("fk_hour_entry_reverses_id_hour_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_hour_entry_reverses_id")),
    )
    op.create_index("ix_hour_entry_home_unit", "hour_entry", ["home_unit_id", "served_on"], unique=False)
    op.create_index("ix_hour_entry_person", "hour_entry", ["person_id", "served_on"], unique=False)
    op.create_index(
        "uq_hour_entry_source",
        "hour_entry",
        ["source_kind", "source_id", "generation"],
        unique=True,
        sqlite_where=sa.text("reverses_id IS NULL"),
        postgresql_where=sa.text("reverses_id IS NULL"),
    )
    for statement in append_only("hour_entry", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        "uq_hour_entry_source",
        table_name="hour_entry",
        sqlite_where=sa.text("reverses_id IS NULL"),
        postgresql_where=sa.text("reverses_id IS NULL"),
    )
    op.drop_index("ix_hour_entry_person", table_name="hour_entry")
    op.drop_index("ix_hour_entry_home_unit", table_name="hour_entry")
    op.drop_table("hour_entry")
    op.drop_index("ix_hour_unit_total_period", table_name="hour_unit_total")
    op.drop_table("hour_unit_total")
    op.drop_index("ix_hour_person_total_rank", table_name="hour_person_total")
    op.drop_table("hour_person_total")
