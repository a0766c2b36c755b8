"""Point schemes, the ledger of points and its totals"""

import datetime

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_scheme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("volunteer", "member", name="schemekind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_scheme")),
        sa.UniqueConstraint("kind", "valid_from", name=op.f("uq_point_scheme_kind_valid_from")),
        sa.UniqueConstraint("kind", "version", name=op.f("uq_point_scheme_kind_version")),
    )
    op.create_table(
        "point_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "per",
            sa.Enum("base", "hour", "occurrence", "manual", name="per", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column(
            "activity_kind",
            sa.Enum("service", "study", "party_life", "other", name="activitykind", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "hour_kind", sa.Enum("service", "study", name="hourkind", native_enum=False, create_constraint=True, length=32), nullable=True
        ),
        sa.Column("counts_honour", sa.Boolean(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column(
            "cap_period",
            sa.Enum("month", "quarter", "year", name="capperiod", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.CheckConstraint("(cap IS NULL) = (cap_period IS NULL)", name=op.f("ck_point_rule_cap")),
        sa.ForeignKeyConstraint(["scheme_id"], ["point_scheme.id"], name=op.f("fk_point_rule_scheme_id_point_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_rule")),
        sa.UniqueConstraint("scheme_id", "code", name=op.f("uq_point_rule_scheme_id_code")),
    )
    op.create_index(op.f("ix_point_rule_scheme_id"), "point_rule", ["scheme_id"], unique=False)
    op.create_table(
        "point_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("home_unit_id", sa.Integer(), nullable=True),
        sa.Column("organising_unit_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme_kind",
            sa.Enum("volunteer", "member", name="schemekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column(
            "source_kind",
            sa.Enum("attendance", "claim", "import", "correction", name="sourcekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("reverses_id IS NULL OR reason <> ''", name=op.f("ck_point_entry_reason")),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> made_by_id", name=op.f("ck_point_entry_two_people")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_point_entry_activity_id_activity")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_point_entry_approved_by_id_person")),
        sa.ForeignKeyConstraint(["home_unit_id"], ["unit.id"], name=op.f("fk_point_entry_home_unit_id_unit")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_point_entry_made_by_id_person")),
        sa.ForeignKeyConstraint(["organising_unit_id"], ["unit.id"], name=op.f("fk_point_entry_organising_unit_id_unit")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_point_entry_person_id_person")),
        sa.ForeignKeyConstraint(["reverses_id"], ["point_entry.id"], name=op.f("fk_point_entry_reverses_id_point_entry")),
        sa.ForeignKeyConstraint(["rule_id"], ["point_rule.id"], name=op.f("fk_point_entry_rule_id_point_rule")),
        sa.ForeignKeyConstraint(["scheme_id"], ["point_scheme.id"], name=op.f("fk_point_entry_scheme_id_point_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_point_entry_reverses_id")),
    )
    op.create_index("ix_point_entry_person", "point_entry", ["person_id", "scheme_kind", "served_on"], unique=False)
    op.create_index(
        "uq_point_entry_source",
        "point_entry",
        ["rule_id", "source_kind", "source_id", "generation"],
        unique=True,
        sqlite_where=sa.text("reverses_id IS NULL"),
        postgresql_where=sa.text("reverses_id IS NULL"),
    )
    op.create_table(
        "point_person_total",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column(
            "scheme_kind",
            sa.Enum("volunteer", "member", name="schemekind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_point_person_total_person_id_person")),
        sa.ForeignKeyConstraint(["rule_id"], ["point_rule.id"], name=op.f("fk_point_person_total_rule_id_point_rule")),
        sa.PrimaryKeyConstraint("person_id", "period", "rule_id", name=op.f("pk_point_person_total")),
    )
    op.create_index("ix_point_person_total_rank", "point_person_total", ["period", "scheme_kind", "person_id"], unique=False)
    _add_default_schemes()
    for statement in append_only("point_entry", op.get_bind().dialect.name):
        op.execute(statement)


SOURCE = "熟邻默认方案，口径以组织部门为准"
SCHEMES = [("volunteer", "2026.1", 1), ("member", "2026.1", 2)]
RULE_COLUMNS = ("scheme_id", "code", "name", "per", "amount", "activity_kind", "hour_kind", "cap", "cap_period")
RULES = [
    # scheme, code, name, per, amount, activity kind, hour kind, cap, cap period (amounts and caps in hundredths)
    (1, "service_hour", "志愿服务，每小时", "hour", 100, None, "service", 4000, "month"),
    (1, "study", "参加学习，每次", "occurrence", 50, "study", None, 500, "month"),
    (2, "base", "底分", "base", 6000, None, None, None, None),
    (2, "service_hour", "服务，每小时", "hour", 100, None, "service", 2500, "year"),
    (2, "study_hour", "学习，每小时", "hour", 50, None, "study", 700, "year"),
    (2, "party_life", "组织生活，每次", "occurrence", 100, "party_life", None, 800, "year"),
]


def _add_default_schemes() -> None:
    """Both schemes as data, so that the first hour on a new site earns explained points."""
    scheme = sa.table(
        "point_scheme",
        *(sa.column(name) for name in ("id", "kind", "version", "source")),
        sa.column("valid_from", sa.Date()),
        sa.column("published_at", sa.DateTime()),
    )
    rule = sa.table(
        "point_rule",
        *(
            sa.column(name)
            for name in ("scheme_id", "code", "name", "per", "amount", "activity_kind", "hour_kind", "counts_honour", "cap", "cap_period")
        ),
    )
    start, shipped = datetime.date(2000, 1, 1), datetime.datetime(2026, 11, 1)
    op.bulk_insert(
        scheme,
        [
            {
                "id": id_,
                "kind": kind,
                "version": version,
                "valid_from": start,
                "published_at": shipped,
                "source": SOURCE,
            }
            for kind, version, id_ in SCHEMES
        ],
    )
    op.bulk_insert(rule, [dict(zip(RULE_COLUMNS, row, strict=True)) | {"counts_honour": True} for row in RULES])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('point_scheme', 'id'), 2)")


def downgrade() -> None:
    op.drop_index("ix_point_person_total_rank", table_name="point_person_total")
    op.drop_table("point_person_total")
    op.drop_index(
        "uq_point_entry_source",
        table_name="point_entry",
        sqlite_where=sa.text("reverses_id IS NULL"),
        postgresql_where=sa.text("reverses_id IS NULL"),
    )
    op.drop_index("ix_point_entry_person", table_name="point_entry")
    op.drop_table("point_entry")
    op.drop_index(op.f("ix_point_rule_scheme_id"), table_name="point_rule")
    op.drop_table("point_rule")
    op.drop_table("point_scheme")
