"""What stands still moves no money; who changed a draft decides nothing; deputies; payments that belong together; purposes are closed"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def day(dialect: str, of: str) -> str:
    """Guicheng's day of a moment."""
    return f"date({of}, '+8 hours')" if dialect == "sqlite" else f"CAST({of} + interval '8 hours' AS date)"


def days_before(dialect: str, of: str, days: str) -> str:
    return f"date({of}, '+8 hours', '-' || {days} || ' days')" if dialect == "sqlite" else f"({day(dialect, of)} - {days})"


def stands_in(dialect: str, deputy: str, at: str) -> str:
    """Whoever acts for somebody does so within a 代办 that they accepted."""
    return (
        f"(NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = {deputy} "
        f"AND d.accepted_at IS NOT NULL AND d.accepted_at <= {at} AND {day(dialect, at)} BETWEEN d.first_on AND d.last_on "
        f"AND (d.ended_at IS NULL OR d.ended_at > {at})))"
    )


def moves(dialect: str) -> str:
    """Nothing is granted to a project that stands still and nothing paid for it, save what was paid by the day it came to stand still."""
    came_on = day(dialect, "s.at")
    return f"""
NEW.reverses_id IS NOT NULL OR NEW.kind NOT IN ('grant', 'spending')
OR EXISTS (SELECT 1 FROM fund_request r JOIN fund_project p ON p.id = r.project_id WHERE r.id = NEW.request_id
  AND (r.kind = 'past_spending' OR p.stage IN ('running', 'midterm', 'final') OR (r.kind = 'payment' AND NEW.booked_on <= (
    SELECT {came_on} FROM fund_stage_entry s WHERE s.project_id = p.id ORDER BY s.seq DESC LIMIT 1))))
"""


# The same people, alone or through a deputy, at another entry `s`.
SAME = "(s.by_id IN (NEW.by_id, coalesce(NEW.for_id, 0)) OR coalesce(s.for_id, 0) IN (NEW.by_id, coalesce(NEW.for_id, -1)))"
OF_PROJECT = "SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id"


def same_as_last(stage: str) -> str:
    """One of the hands brought the project to that stage the last time."""
    last = f"(SELECT max(t.seq) FROM fund_stage_entry t WHERE t.project_id = NEW.project_id AND t.stage = '{stage}')"
    return f"EXISTS ({OF_PROJECT} AND s.seq = {last} AND {SAME})"


HANDS_OF = "(NEW.by_id, coalesce(NEW.for_id, 0))"
MADE_IT = (
    f"(p.created_by_id IN {HANDS_OF} OR coalesce(p.applicant_id, -1) IN {HANDS_OF}"
    f" OR EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = p.id AND d.by_id IN {HANDS_OF})"
    f" OR EXISTS ({OF_PROJECT} AND s.stage = 'applied' AND {SAME}))"
)


def hands(dialect: str) -> str:
    """Nobody decides about what they wrote, changed, stand for or sent, nor for who did; two decisions are two people (ADR 0050)."""
    sender = (
        "(SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1)"
    )
    return f"""
{stands_in(dialect, "NEW.by_id", "NEW.at")} AND (NEW.seq = 1 OR NEW.stage IN ('applied', 'final')
OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.for_id IS NULL AND NEW.by_id = {sender})
  OR (NOT {MADE_IT}
    AND (NEW.stage <> 'approved' OR NOT {same_as_last("checked")})
    AND (NEW.stage <> 'running' OR p.stage <> 'approved' OR NOT EXISTS (
      SELECT 1 FROM fund_contract c WHERE c.project_id = p.id AND c.made_by_id IN {HANDS_OF}))
    AND (NEW.stage <> 'closed' OR NOT {same_as_last("final")})))))
"""


# Who wrote, changed, stands for or sent a project does not judge it.
SEAT = """
NOT EXISTS (SELECT 1 FROM fund_draft_entry d WHERE d.project_id = NEW.project_id AND d.by_id = NEW.person_id)
AND NOT EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = 'applied' AND s.by_id = NEW.person_id)
"""


def together(dialect: str) -> str:
    """What one project asked for within the days of 本地规定 for one payee (or on one line) counts together against the limits."""
    asked, was = day(dialect, "NEW.requested_at"), day(dialect, "r.requested_at")

    def summed(same: str, when: str) -> str:
        return (
            f"(NEW.fen + CASE WHEN {when} THEN coalesce((SELECT sum(r.fen) FROM fund_request r WHERE r.kind = 'payment' "
            f"AND r.project_id = NEW.project_id AND r.{same} = NEW.{same} AND {was} <= {asked} "
            f"AND {was} > {days_before(dialect, 'NEW.requested_at', 'p.sum_days')} "
            "AND (r.state IS NULL OR r.state NOT IN ('returned', 'withdrawn', 'corrected'))), 0) ELSE 0 END)"
        )

    payee, line = summed("counterparty", "p.sum_days > 0"), summed("budget_line_id", "p.sum_lines")
    most = " AND ".join(
        f"(NEW.{need} OR ({payee} <= p.{above} AND {line} <= p.{above}))"
        for need, above in (("needs_second", "second_above"), ("needs_minute", "minute_above"))
    )
    return f"""
NEW.kind <> 'payment' OR EXISTS (SELECT 1 FROM fund_policy p WHERE p.valid_from = (
  SELECT max(q.valid_from) FROM fund_policy q WHERE q.valid_from <= {asked}) AND {most})
"""


def deputy_of_match(dialect: str) -> str:
    """Neither the deputy nor who is away paid the request or noted it."""
    return f"""
{stands_in(dialect, "NEW.made_by_id", "NEW.made_at")}
AND NOT EXISTS (SELECT 1 FROM fund_step_entry t JOIN fund_request r ON r.id = t.request_id WHERE t.request_id = NEW.request_id
  AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  AND (t.by_id = coalesce(NEW.for_id, 0) OR t.for_id = NEW.for_id))
"""


CLOSED = "EXISTS (SELECT 1 FROM fund_account a JOIN fund_purpose u ON u.id = a.purpose_id WHERE u.closed_on IS NOT NULL AND a.id IN ({of}))"
NOT_CLOSED = f"NOT {CLOSED.format(of='NEW.from_account_id, NEW.to_account_id')}"
TAKES_MONEY = (  # a project's purpose is one that money may come from
    "NEW.purpose_id IS NULL OR NOT EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.closed_on IS NOT NULL)"
)
# A purpose is closed as another person agreed to, once it is used up and none of its projects goes on; and opened again the same way.
USED_UP = """
OLD.verdict = 'approved'
AND (NEW.closed_on IS NOT NULL) = (SELECT t.closes FROM fund_purpose_turn t WHERE t.purpose_id = OLD.id AND t.verdict = 'approved'
  ORDER BY t.decided_at DESC, t.id DESC LIMIT 1)
AND (NEW.closed_on IS NULL OR (
  NOT EXISTS (SELECT 1 FROM fund_account a WHERE a.purpose_id = OLD.id AND a.balance <> 0)
  AND NOT EXISTS (SELECT 1 FROM fund_request r JOIN fund_account a ON a.id IN (r.from_account_id, r.to_account_id)
    WHERE a.purpose_id = OLD.id AND r.state = 'requested')
  AND NOT EXISTS (SELECT 1 FROM fund_project p WHERE p.purpose_id = OLD.id
    AND p.stage NOT IN ('declined', 'closed', 'archived', 'voided'))))
"""
TURNS = (  # closing what is open, opening what is closed
    "NEW.verdict IS NULL AND EXISTS (SELECT 1 FROM fund_purpose u WHERE u.id = NEW.purpose_id AND u.verdict = 'approved' "
    "AND NEW.closes = (u.closed_on IS NULL))"
)
OPEN_DRAFT = "EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'draft')"
PURPOSE_DECISION = "decided_at, decided_by_id, verdict, answer, opened_on"
SUMS = "sum_days BETWEEN 0 AND 366 AND (sum_days > 0 OR NOT sum_lines)"


def proposed() -> str:
    first = _module("0045_fund_money")
    return first.PROPOSED[:-1] + " AND p.sum_days = NEW.sum_days AND p.sum_lines = NEW.sum_lines)"


def replaced(dialect: str) -> tuple[tuple[str, str, str, str, str, str, str], ...]:
    """(name, event, table, condition, the one before, what is said, the event before)."""
    money, road = _module("0045_fund_money"), _module("0046_fund_stages")
    return (
        ("fund_stage_hands", "INSERT", "fund_stage_entry", hands(dialect), road.HANDS, "fund_stage_entry by the wrong person", "INSERT"),
        ("fund_policy_proposed", "INSERT", "fund_policy", proposed(), money.PROPOSED, "fund_policy is proposed and approved", "INSERT"),
        (
            "fund_purpose_fixed",
            f"UPDATE OF {PURPOSE_DECISION}",
            "fund_purpose",
            money.DECIDED,
            money.DECIDED,
            "fund_purpose is decided once",
            "UPDATE",
        ),
    )


def added(dialect: str) -> tuple[tuple[str, str, str, str, str, str], ...]:
    """(name, event, table, condition, what is said, row)."""
    fixed = "UPDATE OF purpose_id, closes, reason, asked_by_id, asked_at"
    return (
        ("fund_movement_moves", "INSERT", "fund_movement_entry", moves(dialect), "no money while a project stands still", "NEW"),
        ("fund_movement_closed", "INSERT", "fund_movement_entry", NOT_CLOSED, "this purpose is closed", "NEW"),
        ("fund_draft_open", "INSERT", "fund_draft_entry", OPEN_DRAFT, "only a draft is changed", "NEW"),
        ("panel_seat_made", "INSERT", "panel_seat", SEAT, "no seat for who wrote or sent it", "NEW"),
        ("fund_request_together", "INSERT", "fund_request", together(dialect), "together they are above the limit", "NEW"),
        ("bank_match_deputy", "INSERT", "bank_match", deputy_of_match(dialect), "not for somebody who paid it", "NEW"),
        ("fund_project_purpose_made", "INSERT", "fund_project", TAKES_MONEY, "this purpose is closed", "NEW"),
        ("fund_project_purpose_open", "UPDATE OF purpose_id", "fund_project", TAKES_MONEY, "this purpose is closed", "NEW"),
        ("fund_purpose_closed", "UPDATE OF closed_on", "fund_purpose", USED_UP, "closed by two people, when it is used up", "NEW"),
        ("fund_purpose_turn_made", "INSERT", "fund_purpose_turn", TURNS, "it is so already", "NEW"),
        ("fund_purpose_turn_kept", "DELETE", "fund_purpose_turn", "FALSE", "fund_purpose_turn is kept", "OLD"),
        ("fund_purpose_turn_fixed", "UPDATE", "fund_purpose_turn", "OLD.decided_at IS NULL", "fund_purpose_turn is decided once", "NEW"),
        ("fund_purpose_turn_words", fixed, "fund_purpose_turn", "FALSE", "fund_purpose_turn does not change", "NEW"),
    )


COLUMNS = (
    (
        "fund_stage_entry",
        "for_id INTEGER CONSTRAINT fk_fund_stage_entry_for_id_person REFERENCES person (id) CONSTRAINT ck_fund_stage_entry_deputy "
        "CHECK (for_id IS NULL OR (for_id <> by_id AND seq > 1 AND stage NOT IN ('applied', 'final')))",
    ),
    (
        "bank_match",
        "for_id INTEGER CONSTRAINT fk_bank_match_for_id_person REFERENCES person (id) "
        "CONSTRAINT ck_bank_match_deputy CHECK (for_id IS NULL OR for_id <> made_by_id)",
    ),
    ("fund_purpose", "closed_on DATE CONSTRAINT ck_fund_purpose_closed CHECK (closed_on IS NULL OR opened_on IS NOT NULL)"),
    *(
        row
        for table in ("fund_policy", "fund_policy_proposal")
        for row in (
            (table, "sum_days INTEGER DEFAULT 30 NOT NULL"),
            (table, f"sum_lines BOOLEAN DEFAULT false NOT NULL CONSTRAINT ck_{table}_sums CHECK ({SUMS})"),
        )
    ),
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, _, table, *_ in replaced(dialect):
        _run(drop(dialect, name, table))
    for table, column in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    _drafts()
    _turns()
    for name, event, table, condition, _, said, _ in replaced(dialect):
        _run(guard(dialect, name, event, table, condition, said))
    for name, event, table, condition, said, row in added(dialect):
        _run(guard(dialect, name, event, table, condition, said, row))
    _run(append_only("fund_draft_entry", dialect))
    columns = ", ".join(column.split()[0] for table, column in COLUMNS if table == "fund_policy_proposal")
    _run(guard(dialect, "fund_policy_proposal_sums", f"UPDATE OF {columns}", "fund_policy_proposal", "FALSE", "it does not change"))


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _drafts() -> None:
    """Who changed a draft before this was asked stands in the audit."""
    op.create_table(
        "fund_draft_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_fund_draft_entry_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_draft_entry_project_id_fund_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_draft_entry")),
    )
    op.create_index("ix_fund_draft_entry_project", "fund_draft_entry", ["project_id", "by_id"])
    op.execute(
        "INSERT INTO fund_draft_entry (project_id, by_id, at) SELECT e.subject_id, e.actor_id, min(e.at) FROM audit_event e "
        "JOIN fund_project p ON p.id = e.subject_id WHERE e.action = 'fund.redraft' AND e.subject = 'fund_project' "
        "AND e.actor_id IS NOT NULL GROUP BY e.subject_id, e.actor_id"
    )


def _turns() -> None:
    verdict = sa.Enum("approved", "returned", "withdrawn", name="purposeturnverdict", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "fund_purpose_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose_id", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", verdict, nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_fund_purpose_turn_reason")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)",
            name=op.f("ck_fund_purpose_turn_decided"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = asked_by_id)", name=op.f("ck_fund_purpose_turn_two_people")
        ),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f("ck_fund_purpose_turn_answer")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_fund_purpose_turn_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_fund_purpose_turn_decided_by_id_person")),
        sa.ForeignKeyConstraint(["purpose_id"], ["fund_purpose.id"], name=op.f("fk_fund_purpose_turn_purpose_id_fund_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_purpose_turn")),
    )
    op.create_index(op.f("ix_fund_purpose_turn_purpose_id"), "fund_purpose_turn", ["purpose_id"])
    waits = sa.text("decided_at IS NULL")
    op.create_index(
        "uq_fund_purpose_turn_open", "fund_purpose_turn", ["purpose_id"], unique=True, sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    _run(drop(dialect, "fund_policy_proposal_sums", "fund_policy_proposal"))
    for name, _, table, *_ in reversed(added(dialect)):
        _run(drop(dialect, name, table))
    for name, _, table, *_ in replaced(dialect):
        _run(drop(dialect, name, table))
    op.drop_table("fund_purpose_turn")
    op.drop_table("fund_draft_entry")
    for table, column in reversed(COLUMNS):
        name = column.split()[0]
        if dialect == "postgresql" and name == "sum_lines":
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_sums")  # of two columns: it would outlive this one
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for name, _, table, _, before, said, event in replaced(dialect):
        _run(guard(dialect, name, event, table, before, said))


def _module(name: str) -> ModuleType:
    """The migrations whose triggers these are before and after."""
    spec = spec_from_file_location(f"fund_{name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise RuntimeError(f"migration {name} is missing")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
