"""A published call is extended or withdrawn, a contract amended: each a dated fact by two people; what they change follows them"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

VERDICTS = ("approved", "returned", "withdrawn")
TOLD = ("kind", "title", "words", "opens_on", "need", "fit", "participation", "feasibility", "novelty", "durability", "budget")
TOLD_TOO = ("made_at", "made_by_id", "published_at", "published_by_id")
SAME_CALL = " AND ".join(f"NEW.{name} = OLD.{name}" for name in (*TOLD, *TOLD_TOO)) + " AND coalesce(NEW.cap, 0) = coalesce(OLD.cap, 0)"
DECIDED = (
    "EXISTS (SELECT 1 FROM fund_call_change c WHERE c.call_id = OLD.id AND c.verdict = 'approved'"
    " AND NOT EXISTS (SELECT 1 FROM fund_call_change l WHERE l.call_id = OLD.id AND l.verdict = 'approved' AND l.id > c.id) AND {how})"
)
LONGER = DECIDED.format(how="c.closes_on = NEW.closes_on AND NEW.closes_on > OLD.closes_on")
TAKEN_BACK = DECIDED.format(how="c.closes_on IS NULL AND c.decided_at = NEW.withdrawn_at AND NEW.closes_on = OLD.closes_on")
# A published call says what it said, but for a later closing day and for being withdrawn, as two people decided.
CALL_FIXED = f"""
OLD.published_at IS NULL AND NEW.withdrawn_at IS NULL
OR (OLD.published_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND {SAME_CALL}
  AND ((NEW.withdrawn_at IS NULL AND {LONGER}) OR (NEW.withdrawn_at IS NOT NULL AND {TAKEN_BACK})))
"""
OF_OPEN_CALL = (
    "NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_call k WHERE k.id = NEW.call_id AND k.published_at IS NOT NULL"
    " AND k.withdrawn_at IS NULL AND k.closes_on = NEW.was_on AND (NEW.closes_on IS NULL OR NEW.closes_on > k.closes_on))"
)
ON_THE_WAY = "('draft', 'applied', 'checked', 'scored', 'publicised', 'declined')"
# Nothing is extended once it is over, nor withdrawn once a project of it was approved.
STILL_OPEN = (
    "OLD.decided_at IS NULL AND (NEW.verdict <> 'approved' OR ("
    "(NEW.closes_on IS NULL OR {day} <= NEW.was_on) AND (NEW.closes_on IS NOT NULL OR NOT EXISTS ("
    f"SELECT 1 FROM fund_project p WHERE p.call_id = NEW.call_id AND p.stage NOT IN {ON_THE_WAY}))))"
)

GRANTED = (
    "coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = {of}.id AND g.kind = 'grant'"
    " AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0)"
)
OPEN = "('running', 'midterm', 'paused', 'final')"
RUNS = f"NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN {OPEN})"
PARTS = "(SELECT sum(q.fen) FROM fund_amendment_part q WHERE q.amendment_id = NEW.id)"
# Approved by who had no hand in the project, within the budget, with nothing below what was granted already.
AMENDS = f"""
OLD.decided_at IS NULL AND (NEW.verdict <> 'approved' OR (
  NEW.fen = {PARTS} AND NEW.fen <= (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = NEW.project_id)
  AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN {OPEN}
    AND NEW.decided_by_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.decided_by_id <> p.applicant_id))
  AND NOT EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = NEW.project_id AND d.by_id = NEW.decided_by_id)
  AND NOT EXISTS (SELECT 1 FROM fund_stage_entry s
    WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND s.by_id = NEW.decided_by_id)
  AND NOT EXISTS (SELECT 1 FROM fund_instalment i WHERE i.project_id = NEW.project_id AND {GRANTED.format(of="i")} > coalesce(
    (SELECT q.fen FROM fund_amendment_part q WHERE q.amendment_id = NEW.id AND q.place = i.place), 0))))
"""
LAST = (
    "FROM fund_amendment a WHERE a.project_id = NEW.project_id AND a.verdict = 'approved' AND NOT EXISTS ("
    "SELECT 1 FROM fund_amendment b WHERE b.project_id = NEW.project_id AND b.verdict = 'approved' AND b.id > a.id)"
)
AGREED = (
    f"EXISTS (SELECT 1 {LAST} AND EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place"
    " AND q.fen = NEW.fen AND q.due_on = NEW.due_on AND q.after = NEW.after AND q.words = NEW.words))"
)
LEFT_OUT = (
    f"EXISTS (SELECT 1 {LAST} AND a.id = NEW.dropped_by_id"
    " AND NOT EXISTS (SELECT 1 FROM fund_amendment_part q WHERE q.amendment_id = a.id AND q.place = NEW.place))"
)
SAME_TERMS = "NEW.fen = OLD.fen AND NEW.due_on = OLD.due_on AND NEW.after = OLD.after AND NEW.words = OLD.words"
# The instalments are those of the contract, or of the last amendment.
PART_FOLLOWS = f"""
NEW.id = OLD.id AND NEW.project_id = OLD.project_id AND NEW.place = OLD.place
AND ((NEW.dropped_by_id IS NULL AND {AGREED}) OR (NEW.dropped_by_id IS NOT NULL AND {SAME_TERMS} AND {LEFT_OUT}))
"""


def day(dialect: str, of: str) -> str:
    """Guicheng's day of a moment."""
    return f"date({of}, '+8 hours')" if dialect == "sqlite" else f"CAST({of} + interval '8 hours' AS date)"


def road() -> ModuleType:
    """The migration whose triggers these take the place of."""
    path = Path(__file__).with_name("0046_fund_stages.py")
    spec = spec_from_file_location("fund_road", path)
    if spec is None or spec.loader is None:
        raise RuntimeError("migration 0046 is missing")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def replaced(dialect: str) -> list[tuple[str, str, str, str, str, str]]:
    """(name, event, table, condition, the one before, what is said)."""
    before = road()
    ready = before.READY.replace("{day}", before.day(dialect))
    called = ready.replace("k.published_at IS NOT NULL", "k.published_at IS NOT NULL AND k.withdrawn_at IS NULL")
    made = before.BEFORE_IT_RUNS.format(row="NEW")
    in_parts = before.IN_INSTALMENTS.replace(
        "i.project_id = NEW.project_id\n", "i.project_id = NEW.project_id AND i.dropped_by_id IS NULL\n"
    )
    in_parts = in_parts.replace("b.place < i.place\n", "b.place < i.place AND b.dropped_by_id IS NULL\n")
    if called == ready or in_parts.count("dropped_by_id") != 2:
        raise RuntimeError("the triggers of 0046 are not as this migration knows them")
    return [
        ("fund_stage_ready", "INSERT", "fund_stage_entry", called, ready, "fund_stage_entry before its time"),
        ("fund_call_fixed", "UPDATE", "fund_call", CALL_FIXED, "OLD.published_at IS NULL", "a published call does not change"),
        ("fund_instalment_made", "INSERT", "fund_instalment", f"({made}) OR ({AGREED})", made, "the instalments are fixed"),
        ("fund_instalment_fixed", "UPDATE", "fund_instalment", PART_FOLLOWS, "FALSE", "the instalments are fixed"),
        (
            "fund_request_instalment",
            "INSERT",
            "fund_request",
            in_parts,
            before.IN_INSTALMENTS,
            "money comes in instalments, while a project runs",
        ),
    ]


def added(dialect: str) -> list[tuple[str, str, str, str, str, str]]:
    """(name, event, table, condition, what is said, row)."""
    open_call = STILL_OPEN.replace("{day}", day(dialect, "NEW.decided_at"))
    undecided = "EXISTS (SELECT 1 FROM fund_amendment a WHERE a.id = NEW.amendment_id AND a.verdict IS NULL)"
    of_call = "UPDATE OF id, call_id, closes_on, was_on, reason, made_at, made_by_id"
    of_contract = "UPDATE OF id, project_id, number, signed_on, fen, reason, made_at, made_by_id"
    return [
        ("fund_call_change_made", "INSERT", "fund_call_change", OF_OPEN_CALL, "only a published call is changed, never shortened", "NEW"),
        ("fund_call_change_words", of_call, "fund_call_change", "FALSE", "fund_call_change does not change", "NEW"),
        ("fund_call_change_decided", "UPDATE", "fund_call_change", open_call, "decided once, while the call is open", "NEW"),
        ("fund_call_change_kept", "DELETE", "fund_call_change", "FALSE", "fund_call_change is kept", "OLD"),
        ("fund_amendment_made", "INSERT", "fund_amendment", RUNS, "only a contract that runs is amended", "NEW"),
        ("fund_amendment_words", of_contract, "fund_amendment", "FALSE", "fund_amendment does not change", "NEW"),
        ("fund_amendment_decided", "UPDATE", "fund_amendment", AMENDS, "decided once, by another, within what was granted", "NEW"),
        ("fund_amendment_kept", "DELETE", "fund_amendment", "FALSE", "fund_amendment is kept", "OLD"),
        ("fund_amendment_part_made", "INSERT", "fund_amendment_part", undecided, "the amendment was decided", "NEW"),
    ]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, _, table, *_ in replaced(dialect):
        _run(drop(dialect, name, table))
    calls()
    amendments()
    op.add_column("fund_call", sa.Column("withdrawn_at", sa.DateTime(), nullable=True))
    op.execute(
        "ALTER TABLE fund_instalment ADD COLUMN dropped_by_id INTEGER"
        " CONSTRAINT fk_fund_instalment_dropped_by_id_fund_amendment REFERENCES fund_amendment (id)"
    )
    for name, event, table, condition, _, said in replaced(dialect):
        _run(guard(dialect, name, event, table, condition, said))
    for made in added(dialect):
        _run(guard(dialect, *made))
    _run(append_only("fund_amendment_part", dialect))


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def decided(table: str, name: str) -> list[sa.schema.SchemaItem]:
    """The columns of what one proposes and another decides."""
    verdict = sa.Enum(*VERDICTS, name=name, native_enum=False, create_constraint=True, length=32)
    return [
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", verdict, nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name=op.f(f"ck_{table}_decided")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)", name=op.f(f"ck_{table}_two_people")
        ),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f(f"ck_{table}_answer")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f(f"fk_{table}_made_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f(f"fk_{table}_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def waiting(table: str, column: str) -> None:
    """One at a time."""
    waits = sa.text("decided_at IS NULL")
    op.create_index(f"uq_{table}_open", table, [column], unique=True, sqlite_where=waits, postgresql_where=waits)
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def calls() -> None:
    op.create_table(
        "fund_call_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("was_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        *decided("fund_call_change", "callchangeverdict"),
        sa.CheckConstraint("closes_on > was_on", name=op.f("ck_fund_call_change_longer")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_fund_call_change_reason")),
        sa.ForeignKeyConstraint(["call_id"], ["fund_call.id"], name=op.f("fk_fund_call_change_call_id_fund_call")),
    )
    waiting("fund_call_change", "call_id")


def amendments() -> None:
    op.create_table(
        "fund_amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        *decided("fund_amendment", "amendmentverdict"),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_fund_amendment_fen")),
        sa.CheckConstraint("number <> '' AND reason <> ''", name=op.f("ck_fund_amendment_words")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_contract.project_id"], name=op.f("fk_fund_amendment_project_id_fund_contract")),
    )
    waiting("fund_amendment", "project_id")
    stands = sa.text("verdict IS NULL OR verdict = 'approved'")
    op.create_index("uq_fund_amendment_number", "fund_amendment", ["number"], unique=True, sqlite_where=stands, postgresql_where=stands)
    after = sa.Enum("start", "midterm", "final", name="fundamendmentafter", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "fund_amendment_part",
        sa.Column("amendment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("after", after, nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.CheckConstraint("fen > 0 AND place > 0", name=op.f("ck_fund_amendment_part_fen")),
        sa.ForeignKeyConstraint(["amendment_id"], ["fund_amendment.id"], name=op.f("fk_fund_amendment_part_amendment_id_fund_amendment")),
        sa.PrimaryKeyConstraint("amendment_id", "place", name=op.f("pk_fund_amendment_part")),
    )


def downgrade() -> None:
    """Only where nothing was withdrawn or left out: neither can be told without these columns."""
    dialect = op.get_bind().dialect.name
    for name, _, table, *_ in reversed(added(dialect)):
        _run(drop(dialect, name, table))
    for name, _, table, *_ in replaced(dialect):
        _run(drop(dialect, name, table))
    op.execute("ALTER TABLE fund_instalment DROP COLUMN dropped_by_id")
    op.execute("ALTER TABLE fund_call DROP COLUMN withdrawn_at")
    for table in ("fund_amendment_part", "fund_amendment", "fund_call_change"):
        op.drop_table(table)
    for name, event, table, _, before, said in replaced(dialect):
        _run(guard(dialect, name, event, table, before, said))
