"""The fund's money in full: openings, purposes, refunds, returns, transfers, other money, deputies, limits by two people"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import drop, guard, recheck

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KINDS = (
    "'donation', 'grant', 'payment', 'correction', 'figure'",
    "'opening', 'donation', 'grant', 'payment', 'refund', 'return', 'transfer', 'past_spending', 'correction', 'figure'",
)
RECHECKED = (
    ("fundrequestkind", f"kind IN ({KINDS[0]})", f"kind IN ({KINDS[1]})"),
    (
        "line",
        "(kind = 'payment') = (budget_line_id IS NOT NULL)",
        "(kind IN ('payment', 'refund', 'past_spending')) = (budget_line_id IS NOT NULL)",
    ),
    (
        "explanation",
        "kind NOT IN ('correction', 'figure') OR explanation <> ''",
        "kind NOT IN ('correction', 'figure', 'transfer') OR explanation <> ''",
    ),
    ("minute", "NOT needs_minute OR minute_ref <> ''", "(kind <> 'transfer' OR needs_minute) AND (NOT needs_minute OR minute_ref <> '')"),
)

# The same person, alone or through a deputy, at another step `s` of the request.
SAME = "(NEW.by_id IN (s.by_id, s.for_id) OR NEW.for_id IN (s.by_id, s.for_id))"
STEP = "SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id"
TWO_STEPS = "'opening', 'donation', 'grant', 'refund', 'return', 'transfer', 'past_spending'"  # asked, approved, and the money moves

# A step follows the one before it (app.fund.step_rules.lawful) and is taken by somebody who may take it, for themselves or as a deputy.
STEP_ORDER = f"""
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id AND (
  (r.state IS NULL AND NEW.step = 'requested' AND NEW.by_id = r.requested_by_id)
  OR (r.state = 'requested' AND NEW.step IN ('approved', 'returned'))
  OR (r.state = 'requested' AND NEW.step = 'withdrawn' AND NEW.by_id = r.requested_by_id)
  OR (r.kind = 'payment' AND r.state = 'approved' AND r.needs_second AND NEW.step IN ('seconded', 'returned'))
  OR (r.kind = 'payment' AND ((r.state = 'approved' AND NOT r.needs_second) OR r.state = 'seconded') AND NEW.step IN ('paid', 'returned'))
  OR (r.kind = 'payment' AND r.state IN ('paid', 'answered') AND NEW.step IN ('reconciled', 'mismatch'))
  OR (r.kind = 'payment' AND r.state = 'mismatch' AND NEW.step = 'answered')
  OR (r.kind = 'payment' AND r.state IN ('paid', 'mismatch', 'answered', 'reconciled') AND NEW.step = 'corrected')
  OR (r.kind IN ({TWO_STEPS}) AND r.state = 'approved' AND NEW.step = 'corrected'))
  AND (NEW.step NOT IN ('approved', 'seconded') OR r.requested_by_id <> NEW.by_id)
  AND (NEW.step <> 'returned' OR r.state = 'seconded' OR (r.state = 'approved' AND NOT r.needs_second)
    OR NOT EXISTS ({STEP} AND s.step = 'requested' AND {SAME})))
AND (NEW.step IN ('withdrawn', 'corrected') OR NOT EXISTS ({STEP} AND s.seq = NEW.seq - 1 AND {SAME}))
AND (NEW.step NOT IN ('approved', 'seconded') OR NOT EXISTS ({STEP} AND s.step = 'requested' AND {SAME}))
AND (NEW.step <> 'seconded' OR NOT EXISTS ({STEP} AND s.step = 'approved' AND {SAME}))
AND (NEW.step NOT IN ('reconciled', 'mismatch') OR NOT EXISTS ({STEP} AND s.step = 'paid' AND {SAME}))
AND (NEW.step <> 'corrected' OR EXISTS (
  SELECT 1 FROM fund_request c WHERE c.corrects_id = NEW.request_id AND c.kind = 'correction' AND c.state = 'approved'))
AND (NEW.for_id IS NULL OR EXISTS (SELECT 1 FROM fund_delegation d WHERE d.from_id = NEW.for_id AND d.to_id = NEW.by_id
  AND d.accepted_at IS NOT NULL AND d.accepted_at <= NEW.at AND %(day)s BETWEEN d.first_on AND d.last_on
  AND (d.ended_at IS NULL OR d.ended_at > NEW.at)))
"""
DAY = {"sqlite": "date(NEW.at, '+8 hours')", "postgresql": "CAST(NEW.at + interval '8 hours' AS date)"}  # Guicheng's

LIVE = "m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = m.id)"


def refunded(payment: str) -> str:
    """What came back of a payment."""
    return (
        "(SELECT coalesce(sum(n.fen), 0) FROM fund_movement_entry n JOIN fund_request q ON q.id = n.request_id "
        f"WHERE q.kind = 'refund' AND q.refunds_id = {payment} AND n.reverses_id IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM fund_movement_entry x WHERE x.reverses_id = n.id))"
    )


def granted(source: str, target: str) -> str:
    """What an account granted to a project's and did not get back."""
    return (
        f"((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'grant' AND m.from_account_id = {source} "
        f"AND m.to_account_id = {target} AND {LIVE}) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m "
        f"WHERE m.kind = 'return' AND m.from_account_id = {target} AND m.to_account_id = {source} AND {LIVE}))"
    )


def gifts(account: str) -> str:
    """What was given to an account and was neither set aside for a purpose nor, if it is not the fund's, given back."""
    return (
        f"((SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m WHERE m.kind = 'donation' AND m.to_account_id = {account} "
        f"AND {LIVE}) - (SELECT coalesce(sum(m.fen), 0) FROM fund_movement_entry m JOIN fund_account g ON g.id = m.to_account_id "
        f"WHERE m.from_account_id = {account} AND (m.kind = 'transfer' OR (m.kind = 'return' AND g.kind = 'outside')) AND {LIVE}))"
    )


def past(project: str) -> str:
    return f"EXISTS (SELECT 1 FROM fund_stage_entry g WHERE g.project_id = {project} AND g.seq = 1 AND g.stage = 'archived')"


# A reversal mirrors a live entry of the request it corrects, and leaves nothing behind that rested on it.
REVERSAL = f"""
EXISTS (SELECT 1 FROM fund_movement_entry o JOIN fund_request c ON c.id = NEW.request_id
  WHERE o.id = NEW.reverses_id AND o.request_id = c.corrects_id AND o.reverses_id IS NULL AND o.kind = NEW.kind AND o.fen = NEW.fen
  AND o.from_account_id = NEW.to_account_id AND o.to_account_id = NEW.from_account_id
  AND coalesce(o.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)
  AND (o.kind <> 'spending' OR {refunded("o.request_id")} = 0)
  AND (o.kind <> 'grant' OR o.fen <= {granted("o.from_account_id", "o.to_account_id")})
  AND (o.kind <> 'donation' OR (SELECT t.project_id FROM fund_account t WHERE t.id = o.to_account_id) IS NULL
    OR o.fen <= {gifts("o.to_account_id")}))
"""

# The ways that money may go (docs/decisions/0042); all others are refused.
WAYS = f"""
EXISTS (SELECT 1 FROM fund_account a, fund_account b, fund_request r
  WHERE a.id = NEW.from_account_id AND b.id = NEW.to_account_id AND r.id = NEW.request_id
  AND coalesce(r.project_id, 0) = coalesce(a.project_id, b.project_id, 0) AND (
  (NEW.kind = 'opening' AND ((a.code = 'opening' AND b.kind IN ('general', 'restricted', 'project'))
      OR (a.code = 'other-in' AND b.kind = 'other')) AND (b.project_id IS NULL OR {past("b.project_id")})
    AND NOT EXISTS (SELECT 1 FROM fund_movement_entry m WHERE m.kind = 'opening' AND m.to_account_id = b.id AND {LIVE}))
  OR (NEW.kind = 'donation' AND ((a.code = 'donors' AND b.kind IN ('general', 'restricted', 'project'))
      OR (a.code = 'other-in' AND b.kind = 'other')))
  OR (NEW.kind = 'grant' AND b.kind = 'project' AND (a.kind = 'general' OR (a.kind = 'restricted'
      AND a.purpose_id = (SELECT p.purpose_id FROM fund_project p WHERE p.id = b.project_id))))
  OR (NEW.kind = 'spending' AND ((a.kind = 'project' AND b.code = 'payees') OR (a.kind = 'other' AND b.code = 'other-out'))
    AND EXISTS (SELECT 1 FROM fund_budget_line l WHERE l.id = NEW.budget_line_id AND l.project_id = a.project_id)
    AND (r.kind = 'payment' OR {past("a.project_id")}))
  OR (NEW.kind = 'refund' AND EXISTS (SELECT 1 FROM fund_movement_entry m WHERE m.request_id = r.refunds_id AND m.kind = 'spending'
    AND m.from_account_id = NEW.to_account_id AND m.to_account_id = NEW.from_account_id AND m.budget_line_id = NEW.budget_line_id
    AND NEW.fen + {refunded("r.refunds_id")} <= m.fen
    AND {LIVE}))
  OR (NEW.kind = 'return' AND ((a.kind = 'project' AND b.kind IN ('general', 'restricted') AND NEW.fen <= {granted("b.id", "a.id")})
      OR (a.kind = 'other' AND b.code = 'other-in' AND NEW.fen <= {gifts("a.id")})))
  OR (NEW.kind = 'transfer' AND b.kind = 'restricted' AND (a.kind = 'general' OR (a.kind = 'project' AND NEW.fen <= {gifts("a.id")})))))
"""

# No movement without a request of exactly this amount that stands at its posting step.
MOVEMENT_ORDER = f"""
NEW.line_no = 1
AND NEW.voucher_no = (SELECT coalesce(max(m.voucher_no), 0) + 1 FROM fund_movement_entry m)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND r.from_account_id = NEW.from_account_id AND r.to_account_id = NEW.to_account_id AND r.fen = NEW.fen
  AND ((r.kind = 'correction' AND r.state = 'approved' AND NEW.reverses_id IS NOT NULL)
    OR (r.kind <> 'correction' AND NEW.reverses_id IS NULL AND coalesce(r.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)
      AND ((r.kind = 'payment' AND r.state = 'paid' AND NEW.kind = 'spending')
        OR (r.kind = 'past_spending' AND r.state = 'approved' AND NEW.kind = 'spending')
        OR (r.kind IN ('opening', 'donation', 'grant', 'refund', 'return', 'transfer') AND r.state = 'approved' AND NEW.kind = r.kind)))))
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('approved', 'seconded') AND s.by_id = NEW.approved_by_id)
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('requested', 'paid') AND s.by_id = NEW.made_by_id)
AND ((NEW.reverses_id IS NOT NULL AND {REVERSAL}) OR (NEW.reverses_id IS NULL AND {WAYS}))
"""

REQUEST_COLUMNS = (
    "number, kind, unit_id, project_id, budget_line_id, from_account_id, to_account_id, fen, purpose, counterparty, public_name, "
    "reference, minute_ref, explanation, happened_on, needs_second, needs_minute, corrects_id, refunds_id, service_id, requested_by_id, "
    "requested_at, form_key"
)
DELEGATED = "OLD.ended_at IS NULL AND (OLD.accepted_at IS NULL OR NEW.accepted_at = OLD.accepted_at)"
DECIDED = "OLD.decided_at IS NULL"
PROPOSED = (  # a new limit stems from a proposal that another person approved, and is what was proposed
    "EXISTS (SELECT 1 FROM fund_policy_proposal p WHERE p.id = NEW.proposal_id AND p.verdict = 'approved' "
    "AND p.valid_from = NEW.valid_from AND p.second_above = NEW.second_above AND p.minute_above = NEW.minute_above "
    "AND p.how_to_give = NEW.how_to_give)"
)
PROJECT_MONEY = (
    "OLD.stage = 'draft' OR (NEW.source = OLD.source AND NEW.source_name = OLD.source_name "
    "AND coalesce(NEW.purpose_id, 0) = coalesce(OLD.purpose_id, 0))"
)
KIND_OF_PROJECT = "(NEW.kind = 'other') = (SELECT p.source = 'other' FROM fund_project p WHERE p.id = NEW.project_id)"
SAME_KIND = (  # a draft may turn out to be paid by somebody else
    f"NEW.kind = OLD.kind OR (NEW.kind IN ('project', 'other') AND {KIND_OF_PROJECT} "
    "AND NOT EXISTS (SELECT 1 FROM fund_movement_entry m WHERE NEW.id IN (m.from_account_id, m.to_account_id)))"
)
GUARDS = (
    ("fund_delegation_kept", "DELETE", "fund_delegation", "FALSE", "fund_delegation is kept", "OLD"),
    (
        "fund_delegation_fixed",
        "UPDATE OF from_id, to_id, first_on, last_on, reason, made_by_id, made_at",
        "fund_delegation",
        "FALSE",
        "fund_delegation does not change",
        "NEW",
    ),
    (
        "fund_delegation_once",
        "UPDATE OF accepted_at, ended_at, ended_by_id",
        "fund_delegation",
        DELEGATED,
        "fund_delegation is accepted and ended once",
        "NEW",
    ),
    ("fund_purpose_kept", "DELETE", "fund_purpose", "FALSE", "fund_purpose is kept", "OLD"),
    ("fund_purpose_fixed", "UPDATE", "fund_purpose", DECIDED, "fund_purpose is decided once", "NEW"),
    ("fund_purpose_words", "UPDATE OF name, words, asked_by_id, asked_at", "fund_purpose", "FALSE", "fund_purpose does not change", "NEW"),
    ("fund_policy_kept", "DELETE", "fund_policy", "FALSE", "fund_policy is kept", "OLD"),
    ("fund_policy_fixed", "UPDATE", "fund_policy", "FALSE", "fund_policy does not change", "NEW"),
    ("fund_policy_proposed", "INSERT", "fund_policy", PROPOSED, "fund_policy is proposed and approved", "NEW"),
    ("fund_policy_proposal_kept", "DELETE", "fund_policy_proposal", "FALSE", "fund_policy_proposal is kept", "OLD"),
    ("fund_policy_proposal_fixed", "UPDATE", "fund_policy_proposal", DECIDED, "fund_policy_proposal is decided once", "NEW"),
    (
        "fund_policy_proposal_words",
        "UPDATE OF valid_from, second_above, minute_above, how_to_give, reason, made_by_id, made_at",
        "fund_policy_proposal",
        "FALSE",
        "fund_policy_proposal does not change",
        "NEW",
    ),
    ("fund_account_kept", "DELETE", "fund_account", "FALSE", "fund_account is kept", "OLD"),
    ("fund_account_fixed", "UPDATE OF code, project_id, purpose_id", "fund_account", "FALSE", "fund_account stays what it is", "NEW"),
    ("fund_account_kind", "UPDATE OF kind", "fund_account", SAME_KIND, "fund_account is of another kind", "NEW"),
    (
        "fund_account_made",
        "INSERT",
        "fund_account",
        f"(NEW.project_id IS NULL OR {KIND_OF_PROJECT}) "
        "AND (NEW.purpose_id IS NULL OR EXISTS (SELECT 1 FROM fund_purpose p WHERE p.id = NEW.purpose_id AND p.verdict = 'approved'))",
        "fund_account is of another kind",
        "NEW",
    ),
    ("fund_project_money", "UPDATE OF source, source_name, purpose_id", "fund_project", PROJECT_MONEY, "whose money it is stays", "NEW"),
)


def upgrade() -> None:
    bind = op.get_bind()
    dialect = bind.dialect.name
    for name, table in (("fund_step_order", "fund_step_entry"), ("fund_movement_order", "fund_movement_entry")):
        _run(drop(dialect, name, table))
    _run(drop(dialect, "fund_request_fixed", "fund_request"))
    _office()
    for name, before, after in RECHECKED:
        recheck(bind, "fund_request", f"ck_fund_request_{name}", before, after)
    for table, column in (
        ("fund_project", "purpose_id INTEGER CONSTRAINT fk_fund_project_purpose_id_fund_purpose REFERENCES fund_purpose (id)"),
        (
            "fund_project",
            "source_name VARCHAR(60) DEFAULT '' NOT NULL "
            "CONSTRAINT ck_fund_project_source_name CHECK ((source = 'other') = (source_name <> '')) "
            "CONSTRAINT ck_fund_project_own CHECK (source = 'fund' OR purpose_id IS NULL)",
        ),
        (
            "fund_account",
            "purpose_id INTEGER CONSTRAINT fk_fund_account_purpose_id_fund_purpose REFERENCES fund_purpose (id) "
            "CONSTRAINT ck_fund_account_purpose CHECK ((kind = 'restricted') = (purpose_id IS NOT NULL))",
        ),
        (
            "fund_request",
            "refunds_id INTEGER CONSTRAINT fk_fund_request_refunds_id_fund_request REFERENCES fund_request (id) "
            "CONSTRAINT ck_fund_request_refunds CHECK ((kind = 'refund') = (refunds_id IS NOT NULL))",
        ),
        (
            "fund_step_entry",
            "for_id INTEGER CONSTRAINT fk_fund_step_entry_for_id_person REFERENCES person (id) "
            "CONSTRAINT ck_fund_step_entry_deputy CHECK (for_id IS NULL OR "
            "(for_id <> by_id AND step NOT IN ('requested', 'withdrawn', 'corrected')))",
        ),
        (
            "fund_policy",
            "proposal_id INTEGER CONSTRAINT fk_fund_policy_proposal_id_fund_policy_proposal REFERENCES fund_policy_proposal (id)",
        ),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.create_index("uq_fund_account_purpose_id", "fund_account", ["purpose_id"], unique=True)
    op.create_index("uq_fund_policy_proposal_id", "fund_policy", ["proposal_id"], unique=True)
    op.create_index(op.f("ix_fund_request_refunds_id"), "fund_request", ["refunds_id"])
    op.create_index(op.f("ix_fund_project_purpose_id"), "fund_project", ["purpose_id"])
    accounts = sa.table(
        "fund_account", sa.column("code"), sa.column("kind"), sa.column("name"), sa.column("project_id", sa.Integer), sa.column("balance")
    )
    names = (("opening", "启用前的结余"), ("other-in", "其他资金来源"), ("other-out", "其他资金收款人"))
    op.bulk_insert(accounts, [{"code": code, "kind": "outside", "name": name, "project_id": None, "balance": 0} for code, name in names])
    _run(
        guard(dialect, "fund_step_order", "INSERT", "fund_step_entry", STEP_ORDER % {"day": DAY[dialect]}, "fund_step_entry out of order")
        + guard(dialect, "fund_movement_order", "INSERT", "fund_movement_entry", MOVEMENT_ORDER, "fund_movement_entry without its request")
        + guard(dialect, "fund_request_fixed", f"UPDATE OF {REQUEST_COLUMNS}", "fund_request", "FALSE", "fund_request does not change")
    )
    for name, event, table, condition, message, row in GUARDS:
        _run(guard(dialect, name, event, table, condition, message, row))


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _verdict(name: str) -> sa.Enum:
    return sa.Enum("approved", "returned", "withdrawn", name=name, native_enum=False, create_constraint=True, length=32)


def _office() -> None:
    op.create_table(
        "fund_purpose",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        *_decision("purposeverdict"),
        sa.CheckConstraint("name <> '' AND words <> ''", name=op.f("ck_fund_purpose_words")),
        sa.CheckConstraint("(verdict = 'approved') = (opened_on IS NOT NULL)", name=op.f("ck_fund_purpose_opened")),
        *_two_people("fund_purpose", "asked_by_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_fund_purpose_asked_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_purpose")),
    )
    stands = sa.text("verdict IS NULL OR verdict = 'approved'")
    op.create_index("uq_fund_purpose_name", "fund_purpose", ["name"], unique=True, sqlite_where=stands, postgresql_where=stands)
    op.create_table(
        "fund_policy_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("second_above", sa.BigInteger(), nullable=False),
        sa.Column("minute_above", sa.BigInteger(), nullable=False),
        sa.Column("how_to_give", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        *_decision("policyverdict"),
        sa.CheckConstraint("second_above >= 0 AND minute_above >= second_above", name=op.f("ck_fund_policy_proposal_limits")),
        sa.CheckConstraint("reason <> '' AND how_to_give <> ''", name=op.f("ck_fund_policy_proposal_words")),
        *_two_people("fund_policy_proposal", "made_by_id"),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_fund_policy_proposal_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_policy_proposal")),
    )
    is_open = sa.text("decided_at IS NULL")
    op.create_index(
        "uq_fund_policy_proposal_open",
        "fund_policy_proposal",
        ["valid_from"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "fund_delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("from_id <> to_id AND made_by_id <> to_id", name=op.f("ck_fund_delegation_two_people")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_fund_delegation_dated")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_fund_delegation_reason")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_fund_delegation_ended")),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_fund_delegation_{column}_person"))
            for column in ("ended_by_id", "from_id", "made_by_id", "to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_delegation")),
    )
    op.create_index("ix_fund_delegation_to", "fund_delegation", ["to_id", "last_on"])
    op.create_index("ix_fund_delegation_from", "fund_delegation", ["from_id", "last_on"])


def _decision(kind: str) -> list[sa.Column[object]]:
    return [
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", _verdict(kind), nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
    ]


def _two_people(table: str, maker: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name=op.f(f"ck_{table}_decided")
        ),
        sa.CheckConstraint(
            f"decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = {maker})", name=op.f(f"ck_{table}_two_people")
        ),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f(f"ck_{table}_answer")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f(f"fk_{table}_decided_by_id_person")),
    ]


def downgrade() -> None:
    """Only where nothing was booked the new ways: a ledger loses nothing."""
    bind = op.get_bind()
    dialect = bind.dialect.name
    for name, _, table, *_ in reversed(GUARDS):
        _run(drop(dialect, name, table))
    for name, table in (("order", "step_entry"), ("order", "movement_entry"), ("fixed", "request")):
        _run(drop(dialect, f"fund_{table.removesuffix('_entry')}_{name}", f"fund_{table}"))
    op.execute("DELETE FROM fund_account WHERE code IN ('opening', 'other-in', 'other-out')")
    op.drop_index("ix_fund_project_purpose_id", table_name="fund_project")
    op.drop_index("ix_fund_request_refunds_id", table_name="fund_request")
    op.drop_index("uq_fund_policy_proposal_id", table_name="fund_policy")
    op.drop_index("uq_fund_account_purpose_id", table_name="fund_account")
    for table, column in (
        ("fund_policy", "proposal_id"),
        ("fund_step_entry", "for_id"),
        ("fund_request", "refunds_id"),
        ("fund_account", "purpose_id"),
        ("fund_project", "source_name"),
        ("fund_project", "purpose_id"),
    ):
        if dialect == "postgresql" and column == "source_name":
            op.execute("ALTER TABLE fund_project DROP CONSTRAINT ck_fund_project_own")  # of two columns: it would outlive this one
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for name, before, after in reversed(RECHECKED):
        recheck(bind, "fund_request", f"ck_fund_request_{name}", after, before)
    op.drop_table("fund_delegation")
    op.drop_table("fund_policy_proposal")
    op.drop_table("fund_purpose")
    first = _first()
    columns = REQUEST_COLUMNS.replace("refunds_id, ", "")
    _run(
        guard(dialect, "fund_step_order", "INSERT", "fund_step_entry", first.STEP_ORDER, "fund_step_entry out of order")
        + guard(
            dialect, "fund_movement_order", "INSERT", "fund_movement_entry", first.MOVEMENT_ORDER, "fund_movement_entry without its request"
        )
        + guard(dialect, "fund_request_fixed", f"UPDATE OF {columns}", "fund_request", "FALSE", "fund_request does not change")
    )


def _first() -> ModuleType:
    """Migration 0011, whose triggers these are before and after."""
    spec = spec_from_file_location("fund_0011", Path(__file__).with_name("0011_fund.py"))
    if spec is None or spec.loader is None:
        raise RuntimeError("migration 0011 is missing")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
