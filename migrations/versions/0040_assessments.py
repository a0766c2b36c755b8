"""Assessments of members: figures as they were taken, and every step"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

APPEND_ONLY = ("assessment_figures", "assessment_line", "assessment_remark", "assessment_step")
UNREVIEWED = "('collected', 'returned', 'retracted')"
FOLLOWS = (
    "((NEW.step = 'collected' AND a.step IS NULL)"
    f" OR (NEW.step = 'reviewed' AND a.step IN {UNREVIEWED})"
    " OR (NEW.step = 'returned' AND a.step IN ('reviewed', 'approved'))"
    " OR (NEW.step = 'approved' AND a.step = 'reviewed')"
    " OR (NEW.step = 'publicised' AND a.step = 'approved')"
    " OR (NEW.step IN ('retracted', 'locked') AND a.step = 'publicised'))"
)
FIGURES = "(SELECT f.id FROM assessment_figures f WHERE f.assessment_id = NEW.assessment_id AND f.revision = NEW.revision)"
OWN = "EXISTS (SELECT 1 FROM assessment a WHERE a.id = NEW.assessment_id AND {})"
SHOWN = (
    "EXISTS (SELECT 1 FROM publicity p WHERE p.id = NEW.publicity_id AND p.subject_kind = 'assessment'"
    " AND p.subject_id = NEW.assessment_id AND {})"
)
UPHELD = "EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = NEW.publicity_id AND (o.verdict = 'upheld' OR o.answered_at IS NULL))"
STEP = (
    "NOT "
    + OWN.format(
        "NEW.seq = a.step_seq + 1 AND NEW.revision = a.revision AND (a.step_by_id IS NULL OR a.step_by_id <> NEW.actor_id) AND " + FOLLOWS
    )
    + f" OR (SELECT count(*) FROM assessment_line l WHERE l.figures_id = {FIGURES})"
    + f" <> (SELECT f.people FROM assessment_figures f WHERE f.id = {FIGURES})"
    + " OR (NEW.step IN ('approved', 'returned', 'locked') AND EXISTS (SELECT 1 FROM assessment_line l"
    + f" WHERE l.figures_id = {FIGURES} AND l.person_id = NEW.actor_id))"
    + " OR (NEW.step = 'publicised' AND NOT "
    + SHOWN.format("p.withdrawn_at IS NULL AND p.concluded_on IS NULL")
    + ")"
    + " OR (NEW.step = 'retracted' AND NOT "
    + SHOWN.format("p.withdrawn_at IS NOT NULL")
    + ")"
    + " OR (NEW.step = 'locked' AND ("
    + UPHELD
    + " OR NOT "
    + SHOWN.format("p.concluded_on IS NOT NULL")
    + "))"
)
KEPT = (
    "NEW.id <> OLD.id OR NEW.unit_id <> OLD.unit_id OR NEW.committee_id <> OLD.committee_id OR NEW.span <> OLD.span"
    " OR NEW.started_at <> OLD.started_at"
    " OR NEW.revision <> (SELECT coalesce(max(f.revision), 0) FROM assessment_figures f WHERE f.assessment_id = NEW.id)"
    " OR NEW.step_seq <> (SELECT coalesce(max(s.seq), 0) FROM assessment_step s WHERE s.assessment_id = NEW.id)"
    " OR (NEW.step_seq = 0 AND NEW.step IS NOT NULL)"
    " OR (NEW.step_seq > 0 AND NOT EXISTS (SELECT 1 FROM assessment_step s WHERE s.assessment_id = NEW.id AND s.seq = NEW.step_seq"
    " AND s.step = NEW.step AND s.at = NEW.step_at AND s.actor_id = NEW.step_by_id))"
)
RULES = (
    ("assessment", "insert", "NEW.step IS NOT NULL OR NEW.step_seq <> 0 OR NEW.revision <> 0", "an assessment begins at its beginning"),
    ("assessment", "update", KEPT, "the state of an assessment follows from its steps"),
    ("assessment", "delete", "1 = 1", "an assessment stays"),
    (
        "assessment_figures",
        "insert",
        "NOT " + OWN.format(f"NEW.revision = a.revision + 1 AND (a.step IS NULL OR a.step IN {UNREVIEWED})"),
        "figures are taken before they are reviewed",
    ),
    (
        "assessment_line",
        "insert",
        "(SELECT count(*) FROM assessment_line l WHERE l.figures_id = NEW.figures_id)"
        " >= (SELECT f.people FROM assessment_figures f WHERE f.id = NEW.figures_id)",
        "figures have their lines from the beginning",
    ),
    ("assessment_remark", "insert", "NOT " + OWN.format(f"a.step IN {UNREVIEWED}"), "remarks are made by the branch, before its review"),
    ("assessment_step", "insert", STEP, "not this step, not now, or not by this person"),
)
FOLLOWED = (
    (
        "assessment_step",
        "UPDATE assessment SET step = NEW.step, step_seq = NEW.seq, step_at = NEW.at, step_by_id = NEW.actor_id"
        " WHERE id = NEW.assessment_id",
    ),
    ("assessment_figures", "UPDATE assessment SET revision = NEW.revision WHERE id = NEW.assessment_id"),
)


def upgrade() -> None:
    op.create_index("ix_unit_ancestry_up", "unit_ancestry", ["unit_id", "ancestor_id"], unique=False)
    assessments()
    figures()
    lines()
    remarks()
    steps()
    dialect = op.get_bind().dialect.name
    for statement in [*guards(dialect), *(made for table in APPEND_ONLY for made in append_only(table, dialect))]:
        op.execute(statement)


def guards(dialect: str) -> list[str]:
    made = []
    for table, verb, when, said in RULES:
        name = f"{table}_on_{verb}"
        if dialect == "sqlite":
            made.append(f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END")
        else:
            made += [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {when} THEN "
                f"RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END IF; "
                f"RETURN {'OLD' if verb == 'delete' else 'NEW'}; END $$",
                f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
    for table, then in FOLLOWED:
        name = f"{table}_followed"
        if dialect == "sqlite":
            made.append(f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN {then}; END")
        else:
            made += [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {then}; RETURN NULL; END $$",
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
            ]
    if dialect != "sqlite":
        made.append(
            "CREATE TRIGGER assessment_no_truncate BEFORE TRUNCATE ON assessment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    return made


def assessments() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("committee_id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=7), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("step_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "collected",
                "reviewed",
                "returned",
                "approved",
                "publicised",
                "retracted",
                "locked",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("step_at", sa.DateTime(), nullable=True),
        sa.Column("step_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(step IS NULL) = (step_at IS NULL) AND (step IS NULL) = (step_by_id IS NULL)", name=op.f("ck_assessment_taken")
        ),
        sa.CheckConstraint("unit_id <> committee_id", name=op.f("ck_assessment_committee")),
        sa.ForeignKeyConstraint(["committee_id"], ["unit.id"], name=op.f("fk_assessment_committee_id_unit")),
        sa.ForeignKeyConstraint(["step_by_id"], ["person.id"], name=op.f("fk_assessment_step_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assessment_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("unit_id", "span", name=op.f("uq_assessment_unit_id_span")),
    )
    op.create_index("ix_assessment_committee", "assessment", ["committee_id", "step"], unique=False)
    op.create_index("ix_assessment_span", "assessment", ["span", "step"], unique=False)


def figures() -> None:
    op.create_table(
        "assessment_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("scheme_version", sa.String(length=20), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_assessment_figures_people")),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_figures_assessment_id_assessment")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_assessment_figures_taken_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_figures")),
        sa.UniqueConstraint("assessment_id", "revision", name=op.f("uq_assessment_figures_assessment_id_revision")),
    )


def lines() -> None:
    op.create_table(
        "assessment_line",
        sa.Column("figures_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("deducted", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.Column("exempt", sa.String(length=10), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("by_rule", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("late_entries", sa.JSON(), nullable=False),
        sa.Column("has_late", sa.Boolean(), nullable=False),
        sa.CheckConstraint("exempt IN ('age', 'ill', 'away')", name=op.f("ck_assessment_line_exempt")),
        sa.CheckConstraint("exempt IS NULL OR grade = ''", name=op.f("ck_assessment_line_grade")),
        sa.CheckConstraint(
            "total = CASE WHEN vetoed THEN 0 ELSE base + carried + earned - deducted + late END", name=op.f("ck_assessment_line_total")
        ),
        sa.ForeignKeyConstraint(["figures_id"], ["assessment_figures.id"], name=op.f("fk_assessment_line_figures_id_assessment_figures")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assessment_line_person_id_person")),
        sa.PrimaryKeyConstraint("figures_id", "person_id", name=op.f("pk_assessment_line")),
    )
    op.create_index("ix_assessment_line_person", "assessment_line", ["person_id"], unique=False)


def remarks() -> None:
    op.create_table(
        "assessment_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("ck_assessment_remark_words")),
        sa.CheckConstraint("made_by_id <> person_id", name=op.f("ck_assessment_remark_not_oneself")),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_remark_assessment_id_assessment")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_assessment_remark_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assessment_remark_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_remark")),
    )
    op.create_index("ix_assessment_remark_of", "assessment_remark", ["assessment_id", "person_id"], unique=False)


def steps() -> None:
    op.create_table(
        "assessment_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "collected",
                "reviewed",
                "returned",
                "approved",
                "publicised",
                "retracted",
                "locked",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("publicity_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "(publicity_id IS NOT NULL) = (step IN ('publicised', 'retracted', 'locked'))", name=op.f("ck_assessment_step_publicity")
        ),
        sa.CheckConstraint("step NOT IN ('returned', 'retracted') OR reason <> ''", name=op.f("ck_assessment_step_reason")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_assessment_step_actor_id_person")),
        sa.ForeignKeyConstraint(
            ["assessment_id", "revision"],
            ["assessment_figures.assessment_id", "assessment_figures.revision"],
            name=op.f("fk_assessment_step_assessment_id_assessment_figures"),
        ),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_step_assessment_id_assessment")),
        sa.ForeignKeyConstraint(["publicity_id"], ["publicity.id"], name=op.f("fk_assessment_step_publicity_id_publicity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_step")),
        sa.UniqueConstraint("assessment_id", "seq", name=op.f("uq_assessment_step_assessment_id_seq")),
    )


def downgrade() -> None:
    op.drop_table("assessment_step")
    op.drop_table("assessment_remark")
    op.drop_table("assessment_line")
    op.drop_table("assessment_figures")
    op.drop_table("assessment")
    op.drop_index("ix_unit_ancestry_up", table_name="unit_ancestry")
    if op.get_bind().dialect.name == "postgresql":
        for name in (*(f"{table}_on_{verb}" for table, verb, _, _ in RULES), *(f"{table}_followed" for table, _ in FOLLOWED)):
            op.execute(f"DROP FUNCTION {name}()")
