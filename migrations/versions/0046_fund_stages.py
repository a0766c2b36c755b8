"""Stages of a project in full, calls for proposals, panels and scores, contracts and instalments"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard, recheck

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

STAGES = (
    "stage IN ('draft', 'applied', 'publicised', 'running', 'paused', 'stopped', 'closed', 'archived')",
    "stage IN ('draft', 'applied', 'checked', 'scored', 'publicised', 'approved', 'running', 'midterm', 'paused', 'final', 'stopped', "
    "'closed', 'archived', 'declined', 'voided')",
)
SUBJECTS = ("subject_kind IN ('assessment', 'honour', 'certificate')", "subject_kind IN ('assessment', 'honour', 'certificate', 'project')")
PEOPLE = ("people > 0", "people > 0 OR subject_kind = 'project'")
STAGED = ("fund_project", "fund_stage_entry")
CRITERIA = ("need", "fit", "participation", "feasibility", "novelty", "durability", "budget")
LEDGERS = ("panel", "panel_seat", "panel_aside_entry", "panel_score_entry")

SEQ = "NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id)"
# The table of ADR 0041 (app.fund.stage_rules.lawful_stages).
LAWFUL = """
(NEW.seq = 1 AND NEW.stage = CASE WHEN p.past_batch_id IS NULL THEN 'draft' ELSE 'archived' END)
OR (NEW.seq > 1 AND (
  (p.stage = 'draft' AND NEW.stage = 'applied')
  OR (p.stage = 'applied' AND NEW.stage IN ('checked', 'draft', 'declined'))
  OR (p.stage = 'checked' AND NEW.stage IN ('draft', 'declined', CASE WHEN p.kind IN ('care', 'micro') THEN 'scored' ELSE 'approved' END))
  OR (p.stage = 'scored' AND NEW.stage IN ('publicised', 'declined'))
  OR (p.stage = 'publicised' AND NEW.stage IN ('approved', 'scored', 'declined'))
  OR (p.stage = 'approved' AND NEW.stage IN ('running', 'declined'))
  OR (p.stage = 'running' AND NEW.stage IN ('paused', 'stopped', CASE WHEN p.kind IN ('care', 'micro') THEN 'midterm' ELSE 'final' END))
  OR (p.stage = 'midterm' AND NEW.stage IN ('final', 'paused', 'stopped'))
  OR (p.stage IN ('paused', 'final') AND NEW.stage = (
    SELECT s.stage FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.seq = NEW.seq - 2))
  OR (p.stage = 'paused' AND NEW.stage = 'stopped')
  OR (p.stage = 'final' AND NEW.stage = 'closed')
  OR (p.stage IN ('stopped', 'closed') AND NEW.stage = 'archived')
  OR (p.stage = 'archived' AND NEW.stage = 'voided' AND p.past_batch_id IS NOT NULL)))
"""
ORDER = f"{SEQ} AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND ({LAWFUL}))"

LAST_BY = "(SELECT s.by_id FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = '{stage}' ORDER BY s.seq DESC LIMIT 1)"
SENDER, CHECKER, FINISHER = (LAST_BY.format(stage=stage) for stage in ("applied", "checked", "final"))
# Nobody decides about what they sent; first check and approval, contract and beginning, asking for the end and agreeing are two people.
HANDS = f"""
NEW.seq = 1 OR NEW.stage IN ('applied', 'final') OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.by_id = {SENDER})
  OR (NEW.by_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.by_id <> p.applicant_id)
    AND NEW.by_id <> coalesce({SENDER}, 0)
    AND (NEW.stage <> 'approved' OR NEW.by_id <> {CHECKER})
    AND (NEW.stage <> 'running' OR p.stage <> 'approved' OR NEW.by_id <> coalesce(
      (SELECT c.made_by_id FROM fund_contract c WHERE c.project_id = p.id), 0))
    AND (NEW.stage <> 'closed' OR NEW.by_id <> {FINISHER}))))
"""
REASONS = f"""
NEW.note <> '' OR NEW.seq = 1 OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (p.stage = 'applied' AND NEW.stage = 'draft' AND NEW.by_id = {SENDER})
  OR (NEW.stage NOT IN ('draft', 'declined', 'midterm', 'final', 'paused', 'stopped', 'closed', 'voided')
    AND NOT (p.stage = 'publicised' AND NEW.stage = 'scored') AND p.stage NOT IN ('paused', 'final'))))
"""
# All who did not step aside have scored, and they are three at least.
SITTING = (
    "(SELECT count(*) FROM panel_seat t WHERE t.project_id = {of} AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a "
    "WHERE a.project_id = t.project_id AND a.person_id = t.person_id))"
)
WAITED_FOR = (
    "EXISTS (SELECT 1 FROM panel_seat t WHERE t.project_id = {of} AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a "
    "WHERE a.project_id = t.project_id AND a.person_id = t.person_id) AND NOT EXISTS (SELECT 1 FROM panel_score_entry e "
    "WHERE e.project_id = t.project_id AND e.person_id = t.person_id))"
)
ALL_IN = f"({SITTING} >= 3 AND NOT {WAITED_FOR})"
SHOWN = "EXISTS (SELECT 1 FROM publicity u WHERE u.subject_kind = 'project' AND u.subject_id = p.id AND u.withdrawn_at IS NULL{more})"
CLEARED = SHOWN.format(
    more=" AND u.concluded_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = u.id AND o.verdict = 'upheld')"
)
SIGNED = (
    "EXISTS (SELECT 1 FROM fund_contract c WHERE c.project_id = p.id"
    " AND c.fen = (SELECT sum(i.fen) FROM fund_instalment i WHERE i.project_id = p.id)"
    " AND c.fen <= (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = p.id))"
)
EMPTY = "NOT EXISTS (SELECT 1 FROM fund_account a WHERE a.project_id = p.id AND a.balance <> 0)"
IDLE = (
    "NOT EXISTS (SELECT 1 FROM fund_request r WHERE r.project_id = p.id AND (r.state = 'requested'"
    " OR (r.kind = 'payment' AND r.state NOT IN ('reconciled', 'returned', 'withdrawn', 'corrected'))))"
)
# A project that answers a call is sent while it is open, of its kind, and asks for no more than its cap. {day}: of NEW.at in Guicheng.
CALLED = (
    "p.call_id IS NULL OR EXISTS (SELECT 1 FROM fund_call k WHERE k.id = p.call_id AND k.published_at IS NOT NULL AND k.kind = p.kind"
    " AND {day} BETWEEN k.opens_on AND k.closes_on"
    " AND (k.cap IS NULL OR (SELECT sum(l.fen) FROM fund_budget_line l WHERE l.project_id = p.id) <= k.cap))"
)
READY = f"""
NEW.seq = 1 OR EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id
  AND (NEW.stage <> 'applied' OR {CALLED})
  AND (p.stage <> 'checked' OR NEW.stage <> 'draft' OR NOT EXISTS (SELECT 1 FROM panel n WHERE n.project_id = p.id))
  AND (p.stage <> 'checked' OR NEW.stage <> 'scored' OR {ALL_IN.format(of="p.id")})
  AND (p.stage <> 'publicised' OR NEW.stage <> 'scored' OR NOT {SHOWN.format(more="")})
  AND (NEW.stage <> 'publicised' OR {SHOWN.format(more="")})
  AND (p.stage <> 'publicised' OR NEW.stage <> 'approved' OR {CLEARED})
  AND (p.stage <> 'approved' OR NEW.stage <> 'running' OR {SIGNED})
  AND (NEW.stage NOT IN ('closed', 'archived') OR {IDLE})
  AND (NEW.stage NOT IN ('closed', 'archived', 'voided') OR {EMPTY}))
"""
OF_CHECKED = "EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage = 'checked' AND p.kind IN ('care', 'micro')"
OPEN_PANEL = f"{OF_CHECKED}) AND NOT {ALL_IN.format(of='NEW.project_id')}"
SEATED = (
    f"{OF_CHECKED} AND NEW.person_id <> p.created_by_id AND (p.applicant_id IS NULL OR NEW.person_id <> p.applicant_id)"
    f" AND NEW.person_id <> coalesce({SENDER}, 0)) AND NOT {ALL_IN.format(of='NEW.project_id')}"
)
IN_SEAT = (
    f"{OPEN_PANEL} AND NEW.by_id = NEW.by_id AND NOT EXISTS (SELECT 1 FROM panel_aside_entry a "
    "WHERE a.project_id = NEW.project_id AND a.person_id = NEW.person_id)"
)
CAN_SCORE = IN_SEAT.replace(" AND NEW.by_id = NEW.by_id", "")
BEFORE_IT_RUNS = "EXISTS (SELECT 1 FROM fund_project p WHERE p.id = {row}.project_id AND p.stage = 'approved')"
# What an instalment still has to give. In order: none of an earlier one may be left.
GRANTED = (
    "coalesce((SELECT sum(g.fen) FROM fund_request g WHERE g.instalment_id = {of}.id AND g.kind = 'grant'"
    " AND (g.state IS NULL OR g.state IN ('requested', 'approved'))), 0)"
)
IN_INSTALMENTS = f"""
(NEW.kind = 'grant') = (NEW.instalment_id IS NOT NULL)
AND (NEW.kind <> 'grant' OR EXISTS (SELECT 1 FROM fund_instalment i WHERE i.id = NEW.instalment_id AND i.project_id = NEW.project_id
  AND NEW.fen <= i.fen - {GRANTED.format(of="i")}
  AND (i.after = 'start' OR EXISTS (SELECT 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id AND s.stage = i.after))
  AND NOT EXISTS (SELECT 1 FROM fund_instalment b WHERE b.project_id = i.project_id AND b.place < i.place
    AND b.fen > {GRANTED.format(of="b")})))
AND (NEW.kind NOT IN ('grant', 'payment', 'donation') OR NEW.project_id IS NULL OR EXISTS (
  SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND p.stage IN ('running', 'midterm', 'final')))
"""


def day(dialect: str) -> str:
    return "date(NEW.at, '+8 hours')" if dialect == "sqlite" else "(NEW.at + interval '8 hours')::date"


def guards() -> list[tuple[str, str, str, str, str, str]]:
    """(name, event, table, condition, what is said, row)."""
    ready = READY.replace("{day}", day(op.get_bind().dialect.name))
    fixed = BEFORE_IT_RUNS.format
    return [
        ("fund_stage_order", "INSERT", "fund_stage_entry", ORDER, "fund_stage_entry out of order", "NEW"),
        ("fund_stage_hands", "INSERT", "fund_stage_entry", HANDS, "fund_stage_entry by the wrong person", "NEW"),
        ("fund_stage_reasons", "INSERT", "fund_stage_entry", REASONS, "fund_stage_entry without a reason", "NEW"),
        ("fund_stage_ready", "INSERT", "fund_stage_entry", ready, "fund_stage_entry before its time", "NEW"),
        ("fund_call_fixed", "UPDATE", "fund_call", "OLD.published_at IS NULL", "a published call does not change", "NEW"),
        ("fund_call_kept", "DELETE", "fund_call", "OLD.published_at IS NULL", "a published call is kept", "OLD"),
        ("fund_contract_made", "INSERT", "fund_contract", fixed(row="NEW"), "the contract is fixed", "NEW"),
        ("fund_contract_fixed", "UPDATE", "fund_contract", "FALSE", "the contract is fixed", "NEW"),
        ("fund_contract_kept", "DELETE", "fund_contract", fixed(row="OLD"), "the contract is fixed", "OLD"),
        ("fund_instalment_made", "INSERT", "fund_instalment", fixed(row="NEW"), "the instalments are fixed", "NEW"),
        ("fund_instalment_fixed", "UPDATE", "fund_instalment", "FALSE", "the instalments are fixed", "NEW"),
        ("fund_instalment_kept", "DELETE", "fund_instalment", fixed(row="OLD"), "the instalments are fixed", "OLD"),
        ("fund_request_instalment", "INSERT", "fund_request", IN_INSTALMENTS, "money comes in instalments, while a project runs", "NEW"),
        ("fund_request_paid_in", "UPDATE OF instalment_id", "fund_request", "FALSE", "fund_request does not change", "NEW"),
        ("fund_project_origin", "UPDATE OF past_batch_id", "fund_project", "FALSE", "where a project comes from does not change", "NEW"),
        ("panel_named", "INSERT", "panel", f"{OF_CHECKED})", "a panel is named after the first check", "NEW"),
        ("panel_seat_free", "INSERT", "panel_seat", SEATED, "no seat for who sent it, none after the scores are open", "NEW"),
        ("panel_aside_open", "INSERT", "panel_aside_entry", OPEN_PANEL, "nobody steps aside after the scores are open", "NEW"),
        ("panel_score_open", "INSERT", "panel_score_entry", CAN_SCORE, "scores are given once, by who sits", "NEW"),
    ]


def upgrade() -> None:
    bind = op.get_bind()
    dialect = bind.dialect.name
    for table in STAGED:
        recheck(bind, table, f"ck_{table}_fundstage", *STAGES)
    recheck(bind, "publicity", "ck_publicity_subjectkind", *SUBJECTS)
    recheck(bind, "publicity", "ck_publicity_people", *PEOPLE)
    calls()
    contracts()
    panels()
    for table, column in (
        ("fund_project", "call_id INTEGER CONSTRAINT fk_fund_project_call_id_fund_call REFERENCES fund_call (id)"),
        ("fund_project", "applicant_id INTEGER CONSTRAINT fk_fund_project_applicant_id_person REFERENCES person (id)"),
        ("fund_project", "past_batch_id INTEGER"),
        ("fund_request", "instalment_id INTEGER CONSTRAINT fk_fund_request_instalment_id_fund_instalment REFERENCES fund_instalment (id)"),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.create_index(op.f("ix_fund_project_call_id"), "fund_project", ["call_id"])
    op.create_index(op.f("ix_fund_project_past_batch_id"), "fund_project", ["past_batch_id"])
    op.create_index(op.f("ix_fund_request_instalment_id"), "fund_request", ["instalment_id"])
    for statement in drop(dialect, "fund_stage_order", "fund_stage_entry"):
        op.execute(statement)
    for made in guards():
        for statement in guard(dialect, *made):
            op.execute(statement)
    for table in LEDGERS:
        for statement in append_only(table, dialect):
            op.execute(statement)


def weights() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in CRITERIA]


def add_up(table: str) -> sa.CheckConstraint:
    whole = " AND ".join(f"{name} >= 0" for name in CRITERIA)
    return sa.CheckConstraint(f"{whole} AND {' + '.join(CRITERIA)} = 100", name=op.f(f"ck_{table}_weights"))


def person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}_person"))


def calls() -> None:
    op.create_table(
        "fund_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("care", "micro", "wish", "emergency", name="projectkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        *weights(),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_fund_call_dated")),
        sa.CheckConstraint("cap > 0", name=op.f("ck_fund_call_cap")),
        sa.CheckConstraint("kind IN ('care', 'micro')", name=op.f("ck_fund_call_scored")),
        add_up("fund_call"),
        sa.CheckConstraint("(published_at IS NULL) = (published_by_id IS NULL)", name=op.f("ck_fund_call_published")),
        sa.CheckConstraint("published_by_id IS NULL OR published_by_id <> made_by_id", name=op.f("ck_fund_call_two_people")),
        person("fund_call", "made_by_id"),
        person("fund_call", "published_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_call")),
    )
    op.create_index("ix_fund_call_open", "fund_call", ["closes_on", "published_at"])


def contracts() -> None:
    op.create_table(
        "fund_contract",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_fund_contract_fen")),
        sa.CheckConstraint("number <> '' AND party <> ''", name=op.f("ck_fund_contract_words")),
        person("fund_contract", "made_by_id"),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_contract_project_id_fund_project")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_fund_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_fund_contract_number")),
    )
    op.create_table(
        "fund_instalment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "after",
            sa.Enum("start", "midterm", "final", name="fundinstalmentafter", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.CheckConstraint("fen > 0 AND place > 0", name=op.f("ck_fund_instalment_fen")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_contract.project_id"], name=op.f("fk_fund_instalment_project_id_fund_contract")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_instalment")),
        sa.UniqueConstraint("project_id", "place", name=op.f("uq_fund_instalment_project_id_place")),
    )


def panels() -> None:
    op.create_table(
        "panel",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        *weights(),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        add_up("panel"),
        person("panel", "named_by_id"),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_panel_project_id_fund_project")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_panel")),
    )
    op.create_table(
        "panel_seat",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        person("panel_seat", "named_by_id"),
        person("panel_seat", "person_id"),
        sa.ForeignKeyConstraint(["project_id"], ["panel.project_id"], name=op.f("fk_panel_seat_project_id_panel")),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_panel_seat")),
    )
    op.create_index("ix_panel_seat_person", "panel_seat", ["person_id"])
    in_range = " AND ".join(f"{name} BETWEEN 0 AND 100" for name in CRITERIA)
    of_seats(
        "panel_aside_entry",
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_panel_aside_entry_reason")),
        person("panel_aside_entry", "by_id"),
    )
    of_seats(
        "panel_score_entry",
        *weights(),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.CheckConstraint(in_range, name=op.f("ck_panel_score_entry_range")),
        sa.CheckConstraint("words <> ''", name=op.f("ck_panel_score_entry_words")),
    )


def of_seats(table: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["project_id", "person_id"], ["panel_seat.project_id", "panel_seat.person_id"], name=op.f(f"fk_{table}_project_id_panel_seat")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("project_id", "person_id", name=op.f(f"uq_{table}_project_id_person_id")),
    )


OLD_ORDER = f"""
{SEQ}
AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (NEW.seq = 1 AND NEW.stage = 'draft')
  OR (NEW.seq > 1 AND ((p.stage = 'draft' AND NEW.stage = 'applied')
    OR (p.stage = 'applied' AND NEW.stage IN ('draft', 'running'))
    OR (p.stage = 'running' AND NEW.stage = 'closed')))))
AND (NEW.stage NOT IN ('running', 'closed') OR NEW.by_id <> (SELECT s.by_id FROM fund_stage_entry s
  WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1))
"""


def downgrade() -> None:
    """Only where no project walked the longer road: a ledger loses nothing."""
    bind = op.get_bind()
    dialect = bind.dialect.name
    for name, _, table, *_ in guards():
        for statement in drop(dialect, name, table):
            op.execute(statement)
    for table, name in (("fund_request", "instalment_id"), ("fund_project", "past_batch_id"), ("fund_project", "call_id")):
        op.drop_index(op.f(f"ix_{table}_{name}"), table_name=table)
    for table, name in (
        ("fund_request", "instalment_id"),
        ("fund_project", "past_batch_id"),
        ("fund_project", "applicant_id"),
        ("fund_project", "call_id"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table in ("panel_score_entry", "panel_aside_entry", "panel_seat", "panel", "fund_instalment", "fund_contract", "fund_call"):
        op.drop_table(table)
    recheck(bind, "publicity", "ck_publicity_people", *reversed(PEOPLE))
    recheck(bind, "publicity", "ck_publicity_subjectkind", *reversed(SUBJECTS))
    for table in reversed(STAGED):
        recheck(bind, table, f"ck_{table}_fundstage", *reversed(STAGES))
    for statement in guard(dialect, "fund_stage_order", "INSERT", "fund_stage_entry", OLD_ORDER, "fund_stage_entry out of order"):
        op.execute(statement)
