"""Honours, after they stood in public"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

WAITS = sa.text("ended_at IS NULL")
UNDECIDED = sa.text("decided_at IS NULL")
STANDS = sa.text("granted_on IS NOT NULL AND revoked_on IS NULL")
AGREED = sa.text("withdrawn_at IS NULL")
TWO = "decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))"
DECIDED = "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)"
MOVED = "OLD.ended_at IS NOT NULL AND (NEW.ended_at {differs} OLD.ended_at OR NEW.granted_on {differs} OLD.granted_on)"
OTHER = "NEW.person_id <> OLD.person_id OR NEW.kind_id <> OLD.kind_id OR NEW.made_by_id <> OLD.made_by_id"
AGAIN = "OLD.verdict IS NOT NULL AND (NEW.verdict {differs} OLD.verdict OR NEW.decided_by_id {differs} OLD.decided_by_id)"
REVOKED = (
    "NEW.revoked_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM honour_revocation WHERE honour_revocation.honour_id = NEW.id "
    "AND honour_revocation.verdict = 'approved')"
)
PRESETS = (
    ("创熟标兵", "街坊公认的热心人，由支部推荐", "public", None, None),
    ("星级志愿者", "服务时长到了星级，群众评价好", "public", None, None),
    ("优秀共产党员", "支部推荐，党内公示", "branch", None, None),
)


def _guards(dialect: str) -> list[str]:
    finals = (
        ("honour", f"({MOVED}) OR {OTHER} OR ({AGAIN})", "an honour is decided once"),
        ("honour", REVOKED, "an honour is taken back by two people"),
        ("honour_revocation", "OLD.decided_at IS NOT NULL", "a revocation is decided once"),
    )
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    finals = tuple((table, when.format(differs=differs), said) for table, when, said in finals)
    if dialect == "sqlite":
        found = [
            f"CREATE TRIGGER {table}_guard_{number} BEFORE UPDATE ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            for number, (table, when, said) in enumerate(finals, 1)
        ]
        found += [
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'it stays on record'); END"
            for table in ("honour", "honour_revocation")
        ]
        return found
    found = []
    for number, (table, when, said) in enumerate(finals, 1):
        found += [
            f"CREATE FUNCTION refuse_honour_{number}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
            f"RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {table}_guard_{number} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_honour_{number}()",
        ]
    for table in ("honour", "honour_revocation"):
        found.append(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    return found


def _decision(table: str) -> list[sa.schema.SchemaItem]:
    """The columns and rules of what one proposes and another decides."""
    verdicts = sa.Enum("approved", "refused", "withdrawn", name="verdict", native_enum=False, create_constraint=True, length=32)
    return [
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", verdicts, nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f(f"ck_{table}_reason")),
        sa.CheckConstraint("verdict <> 'refused' OR answer <> ''", name=op.f(f"ck_{table}_answer")),
        sa.CheckConstraint(DECIDED, name=op.f(f"ck_{table}_decided")),
        sa.CheckConstraint("made_by_id <> person_id", name=op.f(f"ck_{table}_not_ones_own")),
        sa.CheckConstraint(TWO, name=op.f(f"ck_{table}_two_people")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f(f"fk_{table}_decided_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f(f"fk_{table}_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
    ]


def upgrade() -> None:
    givers = sa.Enum("branch", "subdistrict", name="giver", native_enum=False, create_constraint=True, length=32)
    reaches = sa.Enum("branch", "public", name="reach", native_enum=False, create_constraint=True, length=32)
    schemes = sa.Enum("volunteer", "member", name="schemekind", native_enum=False, create_constraint=True, length=32)
    kinds = op.create_table(
        "honour_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("giver", givers, nullable=False),
        sa.Column("reach", reaches, nullable=False),
        sa.Column("scheme_kind", schemes, nullable=True),
        sa.Column("rule_code", sa.String(length=30), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_honour_kind_name")),
        sa.CheckConstraint("(rule_code IS NULL) = (scheme_kind IS NULL)", name=op.f("ck_honour_kind_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_kind")),
        sa.UniqueConstraint("name", name=op.f("uq_honour_kind_name")),
    )
    op.create_table(
        "honour",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        *_decision("honour"),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "granted_on IS NULL OR (verdict = 'approved' AND ended_at IS NOT NULL)", name=op.f("ck_honour_granted_after_approval")
        ),
        sa.CheckConstraint("verdict IS NULL OR verdict = 'approved' OR ended_at IS NOT NULL", name=op.f("ck_honour_ended")),
        sa.CheckConstraint("revoked_on IS NULL OR revoked_on >= granted_on", name=op.f("ck_honour_revoked")),
        sa.ForeignKeyConstraint(["kind_id"], ["honour_kind.id"], name=op.f("fk_honour_kind_id_honour_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_honour_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour")),
    )
    op.create_index("uq_honour_open", "honour", ["kind_id", "person_id"], unique=True, sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index("ix_honour_person", "honour", ["person_id"])
    op.create_index("ix_honour_unit", "honour", ["unit_id", "ended_at"])
    op.create_index("ix_honour_granted", "honour", ["granted_on"], sqlite_where=STANDS, postgresql_where=STANDS)
    op.create_table(
        "honour_revocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("honour_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        *_decision("honour_revocation"),
        sa.ForeignKeyConstraint(["honour_id"], ["honour.id"], name=op.f("fk_honour_revocation_honour_id_honour")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_revocation")),
    )
    op.create_index(
        "uq_honour_revocation_open", "honour_revocation", ["honour_id"], unique=True, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED
    )
    op.create_table(
        "honour_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("honour_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["honour_id"], ["honour.id"], name=op.f("fk_honour_consent_honour_id_honour")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_consent")),
    )
    op.create_index("uq_honour_consent", "honour_consent", ["honour_id"], unique=True, sqlite_where=AGREED, postgresql_where=AGREED)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)
    names = ("name", "words", "reach", "scheme_kind", "rule_code")
    op.bulk_insert(kinds, [dict(zip(names, preset, strict=True)) | {"giver": "branch"} for preset in PRESETS])


def downgrade() -> None:
    for table in ("honour_consent", "honour_revocation", "honour", "honour_kind"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for number in (1, 2, 3):
            op.execute(f"DROP FUNCTION refuse_honour_{number}()")
