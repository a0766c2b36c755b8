"""Points in every shape: drafts, deductions, honours, veto, carry-over"""

import datetime

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

PER = ("'base', 'hour', 'occurrence', 'manual'", "'base', 'hour', 'occurrence', 'manual', 'honour', 'deduction', 'veto', 'carry'")
SOURCES = (
    "'attendance', 'claim', 'import', 'correction'",
    "'attendance', 'claim', 'import', 'correction', 'honour', 'manual', 'evened'",
)
SHAPE = (
    "CASE per"
    " WHEN 'hour' THEN amount > 0 AND activity_kind IS NULL"
    " WHEN 'occurrence' THEN amount > 0 AND hour_kind IS NULL"
    " WHEN 'carry' THEN amount BETWEEN 1 AND 10000 AND cap_period = 'year' AND activity_kind IS NULL AND hour_kind IS NULL"
    " ELSE activity_kind IS NULL AND hour_kind IS NULL AND CASE per"
    " WHEN 'base' THEN amount >= 0 AND cap IS NULL"
    " WHEN 'veto' THEN amount = 0 AND cap IS NULL"
    " WHEN 'deduction' THEN amount < 0"
    " ELSE amount > 0 END END"
    " AND (cap IS NULL OR cap > 0) AND (cap IS NULL) = (cap_period IS NULL) AND name <> '' AND code <> ''"
)
BY_HAND = sa.text("source_kind = 'manual'")
OPEN_DRAFT = sa.text("ended_at IS NULL")
OPEN_PROPOSAL = sa.text("decided_at IS NULL")
OPEN_ENTRY = sa.text("decided_at IS NULL AND rule_code IS NOT NULL")
REVOKED = sa.text("revokes_id IS NOT NULL AND verdict = 'approved'")
DATED = sa.text("exempts IS NOT NULL")
BANDS = ((9000, "优秀"), (8000, "合格"), (6000, "基本合格"), (0, "不合格"))
FROZEN = ("point_scheme", "point_rule", "point_band")
COLUMNS = {
    "point_scheme": (
        ("exempt_age", "INTEGER CONSTRAINT ck_point_scheme_exempt_age CHECK (exempt_age BETWEEN 18 AND 120)"),
        ("rules", "INTEGER DEFAULT '0' NOT NULL"),
        ("bands", "INTEGER DEFAULT '0' NOT NULL"),
        ("made_by_id", "INTEGER CONSTRAINT fk_point_scheme_made_by_id_person REFERENCES person (id)"),
        (
            "published_by_id",
            "INTEGER CONSTRAINT ck_point_scheme_two_people CHECK (published_by_id IS NULL OR published_by_id <> made_by_id)"
            " CONSTRAINT fk_point_scheme_published_by_id_person REFERENCES person (id)",
        ),
    ),
    "point_rule": (("note", f"VARCHAR(120) DEFAULT '' NOT NULL CONSTRAINT ck_point_rule_shape CHECK ({SHAPE})"),),
}
# (table, of which column in point_scheme the number is kept)
PARTS = (("point_rule", "rules"), ("point_band", "bands"))


def _kinds(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _rule_columns() -> list[sa.Column]:
    return [
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("per", _kinds("per", "base", "hour", "occurrence", "manual", "honour", "deduction", "veto", "carry"), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("activity_kind", _kinds("activitykind", "service", "study", "party_life", "other"), nullable=True),
        sa.Column("hour_kind", _kinds("hourkind", "service", "study"), nullable=True),
        sa.Column("counts_honour", sa.Boolean(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("cap_period", _kinds("capperiod", "month", "quarter", "year"), nullable=True),
        sa.Column("note", sa.String(length=120), server_default="", nullable=False),
    ]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _recheck("point_rule", "ck_point_rule_per", f"per IN ({PER[0]})", f"per IN ({PER[1]})")
    _recheck("point_entry", "ck_point_entry_sourcekind", f"source_kind IN ({SOURCES[0]})", f"source_kind IN ({SOURCES[1]})")
    for table, columns in COLUMNS.items():
        for name, words in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {words}")
    op.create_index("ix_point_entry_by_hand", "point_entry", ["scheme_kind", "person_id"], sqlite_where=BY_HAND, postgresql_where=BY_HAND)
    op.create_table(
        "point_band",
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_point_band_name")),
        sa.ForeignKeyConstraint(["scheme_id"], ["point_scheme.id"], name=op.f("fk_point_band_scheme_id_point_scheme")),
        sa.PrimaryKeyConstraint("scheme_id", "least", name=op.f("pk_point_band")),
        sa.UniqueConstraint("scheme_id", "name", name=op.f("uq_point_band_scheme_id_name")),
    )
    _seed()
    for table in FROZEN:
        for statement in append_only(table, dialect):
            op.execute(statement)
    for table, count in PARTS:
        for statement in _complete(table, count)[dialect]:
            op.execute(statement)
    _drafts()
    _proposals()
    for statement in _decided()[dialect]:
        op.execute(statement)


def _seed() -> None:
    """What was shipped as 党员积分 gets the usual bands, the age of 70, and rules for what two people do by hand."""
    rule = sa.table("point_rule", *(sa.column(name) for name in ("scheme_id", "code", "name", "per", "amount", "counts_honour", "note")))
    band = sa.table("point_band", *(sa.column(name) for name in ("scheme_id", "least", "name")))
    start = sa.column("valid_from", sa.Date())
    scheme = sa.table("point_scheme", *(sa.column(name) for name in ("id", "kind", "exempt_age", "rules", "bands", "version")), start)
    bind = op.get_bind()
    shipped = sa.select(scheme.c.id).where(scheme.c.kind == "member", scheme.c.valid_from == datetime.date(2000, 1, 1))
    member = bind.execute(shipped).scalar_one_or_none()
    if member is not None:
        op.bulk_insert(
            rule,
            [
                {"scheme_id": member, "code": code, "name": name, "per": per, "amount": amount, "counts_honour": True, "note": note}
                for code, name, per, amount, note in (
                    ("honour", "获得荣誉，每次", "honour", 300, "公示没有异议以后"),
                    ("bonus", "突出表现，每次", "manual", 200, "两个人确认，写明原因"),
                    ("absence", "无故缺席组织生活，每次", "deduction", -200, "两个人确认，写明原因"),
                    ("veto", "受党纪处分", "veto", 0, "两个人确认，写明原因"),
                )
            ],
        )
        op.bulk_insert(band, [{"scheme_id": member, "least": least, "name": name} for least, name in BANDS])
        op.execute(sa.update(scheme).where(scheme.c.id == member).values(exempt_age=70, bands=len(BANDS)))
    op.execute("UPDATE point_scheme SET rules = (SELECT count(*) FROM point_rule WHERE point_rule.scheme_id = point_scheme.id)")


def _complete(table: str, count: str) -> dict[str, list[str]]:
    """A published version takes no further part: it has as many as it says."""
    full = f"(SELECT count(*) FROM {table} WHERE scheme_id = NEW.scheme_id) >= (SELECT {count} FROM point_scheme WHERE id = NEW.scheme_id)"
    return {
        "sqlite": [
            f"CREATE TRIGGER {table}_complete BEFORE INSERT ON {table} WHEN {full} "
            f"BEGIN SELECT RAISE(ABORT, '{table} of a published scheme never changes'); END"
        ],
        "postgresql": [
            f"""
CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {full} THEN
    RAISE EXCEPTION '{table} of a published scheme never changes' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
""",
            f"CREATE TRIGGER {table}_complete BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{table}()",
        ],
    }


def _drafts() -> None:
    op.create_table(
        "scheme_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _kinds("schemekind", "volunteer", "member"), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("exempt_age", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("scheme_id", sa.Integer(), nullable=True),
        sa.Column("booked_to", sa.Integer(), nullable=True),
        sa.Column("booked_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("version <> '' AND source <> ''", name=op.f("ck_scheme_draft_words")),
        sa.CheckConstraint("exempt_age BETWEEN 18 AND 120", name=op.f("ck_scheme_draft_exempt_age")),
        sa.CheckConstraint("scheme_id IS NULL OR (ended_at IS NOT NULL AND sent_at IS NOT NULL)", name=op.f("ck_scheme_draft_published")),
        sa.ForeignKeyConstraint(["based_on_id"], ["point_scheme.id"], name=op.f("fk_scheme_draft_based_on_id_point_scheme")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_scheme_draft_made_by_id_person")),
        sa.ForeignKeyConstraint(["scheme_id"], ["point_scheme.id"], name=op.f("fk_scheme_draft_scheme_id_point_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_draft")),
        sa.UniqueConstraint("scheme_id", name=op.f("uq_scheme_draft_scheme_id")),
    )
    op.create_index("uq_scheme_draft_open", "scheme_draft", ["kind"], unique=True, sqlite_where=OPEN_DRAFT, postgresql_where=OPEN_DRAFT)
    op.create_index(op.f("ix_scheme_draft_made_by_id"), "scheme_draft", ["made_by_id"])
    op.create_table(
        "scheme_draft_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        *_rule_columns(),
        sa.CheckConstraint(SHAPE, name=op.f("ck_scheme_draft_rule_shape")),
        sa.ForeignKeyConstraint(["draft_id"], ["scheme_draft.id"], name=op.f("fk_scheme_draft_rule_draft_id_scheme_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_draft_rule")),
        sa.UniqueConstraint("draft_id", "code", name=op.f("uq_scheme_draft_rule_draft_id_code")),
    )
    op.create_table(
        "scheme_draft_band",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_scheme_draft_band_name")),
        sa.ForeignKeyConstraint(["draft_id"], ["scheme_draft.id"], name=op.f("fk_scheme_draft_band_draft_id_scheme_draft")),
        sa.PrimaryKeyConstraint("draft_id", "least", name=op.f("pk_scheme_draft_band")),
        sa.UniqueConstraint("draft_id", "name", name=op.f("uq_scheme_draft_band_draft_id_name")),
    )


def _proposals() -> None:
    op.create_table(
        "point_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("scheme_kind", _kinds("schemekind", "volunteer", "member"), nullable=False),
        sa.Column("rule_code", sa.String(length=30), nullable=True),
        sa.Column("exempts", _kinds("exempts", "ill", "away"), nullable=True),
        sa.Column("revokes_id", sa.Integer(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", _kinds("pointverdict", "approved", "returned", "withdrawn"), nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_point_proposal_reason")),
        sa.CheckConstraint(
            "(CASE WHEN rule_code IS NULL THEN 0 ELSE 1 END) + (CASE WHEN exempts IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN revokes_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_point_proposal_one_thing"),
        ),
        sa.CheckConstraint("until IS NULL OR (exempts IS NOT NULL AND until >= happened_on)", name=op.f("ck_point_proposal_until")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)",
            name=op.f("ck_point_proposal_decided"),
        ),
        sa.CheckConstraint("made_by_id <> person_id", name=op.f("ck_point_proposal_not_oneself")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)", name=op.f("ck_point_proposal_two_people")
        ),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> person_id", name=op.f("ck_point_proposal_not_about_oneself")),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f("ck_point_proposal_answer")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_point_proposal_decided_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_point_proposal_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_point_proposal_person_id_person")),
        sa.ForeignKeyConstraint(["revokes_id"], ["point_proposal.id"], name=op.f("fk_point_proposal_revokes_id_point_proposal")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_point_proposal_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_proposal")),
    )
    for name, columns, where, unique in (
        ("ix_point_proposal_person_id", ["person_id"], None, False),
        ("ix_point_proposal_made_by_id", ["made_by_id"], None, False),
        ("ix_point_proposal_decided_by_id", ["decided_by_id"], None, False),
        ("ix_point_proposal_open", ["unit_id", "made_at"], OPEN_PROPOSAL, False),
        ("ix_point_proposal_exempts", ["scheme_kind", "person_id"], DATED, False),
        ("uq_point_proposal_once", ["person_id", "scheme_kind", "rule_code", "happened_on"], OPEN_ENTRY, True),
        ("uq_point_proposal_revoked", ["revokes_id"], REVOKED, True),
    ):
        op.create_index(name, "point_proposal", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _decided() -> dict[str, list[str]]:
    """What was decided is never decided anew, and what was proposed is never another thing afterwards."""
    said = "what was decided about points never changes"
    kept = ("person_id", "unit_id", "scheme_kind", "rule_code", "exempts", "revokes_id", "happened_on", "until", "reason", "made_by_id")
    sqlite = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in kept)
    postgresql = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in kept)
    return {
        "sqlite": [
            f"CREATE TRIGGER point_proposal_decided BEFORE UPDATE ON point_proposal WHEN OLD.decided_at IS NOT NULL OR {sqlite} "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END",
            f"CREATE TRIGGER point_proposal_stays BEFORE DELETE ON point_proposal BEGIN SELECT RAISE(ABORT, '{said}'); END",
        ],
        "postgresql": [
            f"""
CREATE FUNCTION refuse_point_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NOT (OLD.decided_at IS NOT NULL OR {postgresql}) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation';
END $$
""",
            "CREATE TRIGGER point_proposal_decided BEFORE UPDATE OR DELETE ON point_proposal "
            "FOR EACH ROW EXECUTE FUNCTION refuse_point_proposal()",
        ],
    }


def _recheck(table: str, name: str, before: str, after: str) -> None:
    """Another CHECK in the place of one; on SQLite as its documentation says ("Making other kinds of table schema changes")."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, after)
        return
    old, new = (f"CONSTRAINT {name} CHECK ({words})" for words in (before, after))
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0", (old, new, table, old)
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
    if changed.rowcount != 1:
        raise RuntimeError(f"{name} is not as this migration knows it")


def downgrade() -> None:
    """Only where no entry came of the new shapes: a ledger loses nothing."""
    dialect = op.get_bind().dialect.name
    op.drop_table("point_proposal")
    op.drop_table("scheme_draft_band")
    op.drop_table("scheme_draft_rule")
    op.drop_table("scheme_draft")
    for table, _ in PARTS:
        op.execute(f"DROP TRIGGER {table}_complete" + (f" ON {table}" if dialect == "postgresql" else ""))
    for table in FROZEN:
        for name in ("no_update", "no_delete") if dialect == "sqlite" else ("append_only", "no_truncate"):
            op.execute(f"DROP TRIGGER {table}_{name}" + (f" ON {table}" if dialect == "postgresql" else ""))
    if dialect == "postgresql":
        for name in ("point_proposal", *(table for table, _ in PARTS)):
            op.execute(f"DROP FUNCTION refuse_{name}()")
    op.drop_table("point_band")
    op.drop_index("ix_point_entry_by_hand", table_name="point_entry")
    op.execute("DELETE FROM point_rule WHERE per IN ('honour', 'deduction', 'veto', 'carry') OR code = 'bonus'")
    for table, columns in reversed(COLUMNS.items()):
        for name, _ in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    _recheck("point_entry", "ck_point_entry_sourcekind", f"source_kind IN ({SOURCES[1]})", f"source_kind IN ({SOURCES[0]})")
    _recheck("point_rule", "ck_point_rule_per", f"per IN ({PER[1]})", f"per IN ({PER[0]})")
