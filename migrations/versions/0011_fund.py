"""The Care Fund: accounts, the ledger of movements, requests and steps, projects and their published figures"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


LEDGERS = ("fund_movement_entry", "fund_step_entry", "fund_stage_entry", "fund_service_entry", "fund_progress_entry")

# A step follows the one before it (app.fund.rules.lawful) and is taken by somebody who may take it.
STEP_ORDER = """
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
  OR (r.kind IN ('donation', 'grant') AND r.state = 'approved' AND NEW.step = 'corrected'))
  AND (NEW.step IN ('withdrawn', 'corrected') OR r.last_by_id IS NULL OR r.last_by_id <> NEW.by_id)
  AND (NEW.step NOT IN ('approved', 'seconded') OR r.requested_by_id <> NEW.by_id))
AND (NEW.step NOT IN ('reconciled', 'mismatch') OR NOT EXISTS (
  SELECT 1 FROM fund_step_entry s WHERE s.request_id = NEW.request_id AND s.step = 'paid' AND s.by_id = NEW.by_id))
AND (NEW.step <> 'corrected' OR EXISTS (
  SELECT 1 FROM fund_request c WHERE c.corrects_id = NEW.request_id AND c.kind = 'correction' AND c.state = 'approved'))
"""

# No movement without a request of exactly this amount that stands at its posting step; money for a project only for that project.
MOVEMENT_ORDER = """
NEW.line_no = 1
AND NEW.voucher_no = (SELECT coalesce(max(m.voucher_no), 0) + 1 FROM fund_movement_entry m)
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND r.from_account_id = NEW.from_account_id AND r.to_account_id = NEW.to_account_id AND r.fen = NEW.fen
  AND ((r.kind = 'payment' AND r.state = 'paid' AND NEW.kind = 'spending' AND NEW.budget_line_id = r.budget_line_id)
    OR (r.kind = 'donation' AND r.state = 'approved' AND NEW.kind = 'donation')
    OR (r.kind = 'grant' AND r.state = 'approved' AND NEW.kind = 'grant')
    OR (r.kind = 'correction' AND r.state = 'approved'))
  AND (r.kind = 'correction') = (NEW.reverses_id IS NOT NULL))
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('approved', 'seconded') AND s.by_id = NEW.approved_by_id)
AND EXISTS (SELECT 1 FROM fund_step_entry s
  WHERE s.request_id = NEW.request_id AND s.step IN ('requested', 'paid') AND s.by_id = NEW.made_by_id)
AND (NEW.reverses_id IS NULL OR EXISTS (SELECT 1 FROM fund_movement_entry o JOIN fund_request c ON c.id = NEW.request_id
  WHERE o.id = NEW.reverses_id AND o.request_id = c.corrects_id AND o.reverses_id IS NULL AND o.kind = NEW.kind AND o.fen = NEW.fen
  AND o.from_account_id = NEW.to_account_id AND o.to_account_id = NEW.from_account_id
  AND coalesce(o.budget_line_id, 0) = coalesce(NEW.budget_line_id, 0)))
AND (NEW.reverses_id IS NOT NULL
  OR (NEW.kind = 'donation' AND EXISTS (SELECT 1 FROM fund_account a, fund_account b WHERE a.id = NEW.from_account_id
    AND a.code = 'donors' AND b.id = NEW.to_account_id AND b.kind IN ('general', 'project', 'restricted')))
  OR (NEW.kind = 'grant' AND EXISTS (SELECT 1 FROM fund_account a, fund_account b WHERE a.id = NEW.from_account_id
    AND a.kind = 'general' AND b.id = NEW.to_account_id AND b.kind = 'project'))
  OR (NEW.kind = 'spending' AND EXISTS (SELECT 1 FROM fund_account a, fund_account b, fund_budget_line l WHERE a.id = NEW.from_account_id
    AND b.id = NEW.to_account_id AND b.code = 'payees' AND l.id = NEW.budget_line_id
    AND a.kind = 'project' AND a.project_id = l.project_id)))
"""

# A reversed 服务人次 takes back exactly what was published, after a request that two people decided.
SERVICE_ORDER = """
NEW.reverses_id IS NULL OR (
  EXISTS (SELECT 1 FROM fund_service_entry o WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL
    AND o.project_id = NEW.project_id AND o.people = -NEW.people AND o.served_on = NEW.served_on)
  AND EXISTS (SELECT 1 FROM fund_request r WHERE r.service_id = NEW.reverses_id AND r.kind = 'figure' AND r.state = 'approved'
    AND r.requested_by_id = NEW.made_by_id AND r.last_by_id = NEW.approved_by_id))
"""

STAGE_ORDER = """
NEW.seq = (SELECT coalesce(max(s.seq), 0) + 1 FROM fund_stage_entry s WHERE s.project_id = NEW.project_id)
AND EXISTS (SELECT 1 FROM fund_project p WHERE p.id = NEW.project_id AND (
  (NEW.seq = 1 AND NEW.stage = 'draft')
  OR (NEW.seq > 1 AND ((p.stage = 'draft' AND NEW.stage = 'applied')
    OR (p.stage = 'applied' AND NEW.stage IN ('draft', 'running'))
    OR (p.stage = 'running' AND NEW.stage = 'closed')))))
AND (NEW.stage NOT IN ('running', 'closed') OR NEW.by_id <> (SELECT s.by_id FROM fund_stage_entry s
  WHERE s.project_id = NEW.project_id AND s.stage = 'applied' ORDER BY s.seq DESC LIMIT 1))
"""

# The substance of a request and the budget of a project that was sent never change.
REQUEST_COLUMNS = (
    "number, kind, unit_id, project_id, budget_line_id, from_account_id, to_account_id, fen, purpose, counterparty, public_name, "
    "reference, minute_ref, explanation, happened_on, needs_second, needs_minute, corrects_id, service_id, requested_by_id, "
    "requested_at, form_key"
)
DRAFT_ONLY = "EXISTS (SELECT 1 FROM fund_project p WHERE p.id = {row}.project_id AND p.stage = 'draft')"

FUNCTIONS = (
    "fund_step_order",
    "fund_movement_order",
    "fund_service_order",
    "fund_stage_order",
    "fund_request_fixed",
    "fund_request_kept",
    "fund_budget_line_made",
    "fund_budget_line_fixed",
    "fund_budget_line_kept",
    "fund_movement_books",
    "fund_step_state",
    "fund_stage_state",
)


def guard(name: str, event: str, table: str, condition: str, message: str, row: str = "NEW") -> list[str]:
    """Refuse `event` unless `condition` holds."""
    if op.get_bind().dialect.name == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        return [f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN ({condition}) IS NOT TRUE {body}"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ({condition}) IS NOT TRUE THEN "
        f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF; RETURN {row}; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def keep(name: str, table: str, *statements: str) -> list[str]:
    """Run `statements` after every insert."""
    body = "; ".join(statements)
    if op.get_bind().dialect.name == "sqlite":
        return [f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN {body}; END"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def triggers() -> list[str]:
    update_event = f"UPDATE OF {REQUEST_COLUMNS}"
    return [
        *[statement for table in LEDGERS for statement in append_only(table, op.get_bind().dialect.name)],
        *guard("fund_step_order", "INSERT", "fund_step_entry", STEP_ORDER, "fund_step_entry out of order"),
        *guard("fund_movement_order", "INSERT", "fund_movement_entry", MOVEMENT_ORDER, "fund_movement_entry without its request"),
        *guard("fund_service_order", "INSERT", "fund_service_entry", SERVICE_ORDER, "fund_service_entry reversed alone"),
        *guard("fund_stage_order", "INSERT", "fund_stage_entry", STAGE_ORDER, "fund_stage_entry out of order"),
        *guard("fund_request_fixed", update_event, "fund_request", "FALSE", "fund_request does not change"),
        *guard("fund_request_kept", "DELETE", "fund_request", "FALSE", "fund_request is kept", "OLD"),
        *guard("fund_budget_line_made", "INSERT", "fund_budget_line", DRAFT_ONLY.format(row="NEW"), "the budget is fixed"),
        *guard("fund_budget_line_fixed", "UPDATE", "fund_budget_line", "FALSE", "the budget is fixed"),
        *guard("fund_budget_line_kept", "DELETE", "fund_budget_line", DRAFT_ONLY.format(row="OLD"), "the budget is fixed", "OLD"),
        *keep(
            "fund_movement_books",
            "fund_movement_entry",
            "UPDATE fund_account SET balance = balance - NEW.fen WHERE id = NEW.from_account_id",
            "UPDATE fund_account SET balance = balance + NEW.fen WHERE id = NEW.to_account_id",
        ),
        *keep(
            "fund_step_state",
            "fund_step_entry",
            "UPDATE fund_request SET state = NEW.step, steps = NEW.seq, last_by_id = NEW.by_id WHERE id = NEW.request_id",
        ),
        *keep("fund_stage_state", "fund_stage_entry", "UPDATE fund_project SET stage = NEW.stage WHERE id = NEW.project_id"),
    ]


def always_there() -> None:
    """The outside world, the fund itself, and the limits of the domain page."""
    accounts = sa.table(
        "fund_account", sa.column("code"), sa.column("kind"), sa.column("name"), sa.column("project_id", sa.Integer), sa.column("balance")
    )
    names = (("donors", "outside", "捐赠人"), ("payees", "outside", "收款人"), ("general", "general", "关爱基金（非限定）"))
    op.bulk_insert(accounts, [{"code": code, "kind": kind, "name": name, "project_id": None, "balance": 0} for code, kind, name in names])
    policy = sa.table(
        "fund_policy",
        sa.column("valid_from", sa.Date),
        sa.column("second_above", sa.BigInteger),
        sa.column("minute_above", sa.BigInteger),
        sa.column("how_to_give", sa.Text),
    )
    how = "想捐款的街坊和单位，请到街道或社区党群服务中心找基金经办人，由基金会开账户收款、开捐赠票据。本站只记账、只公开，不收款。"
    op.bulk_insert(policy, [{"valid_from": date(2009, 1, 1), "second_above": 500_000, "minute_above": 5_000_000, "how_to_give": how}])


def upgrade() -> None:
    op.create_table(
        "fund_counter",
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_fund_counter")),
    )
    op.create_table(
        "fund_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("second_above", sa.BigInteger(), nullable=False),
        sa.Column("minute_above", sa.BigInteger(), nullable=False),
        sa.Column("how_to_give", sa.Text(), nullable=False),
        sa.CheckConstraint("second_above >= 0 AND minute_above >= second_above", name=op.f("ck_fund_policy_limits")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_policy")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_fund_policy_valid_from")),
    )
    op.create_table(
        "fund_project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("care", "micro", "wish", "emergency", name="projectkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "source", sa.Enum("fund", "other", name="moneysource", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("summary", sa.String(length=400), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("beneficiaries", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft",
                "applied",
                "publicised",
                "running",
                "paused",
                "stopped",
                "closed",
                "archived",
                name="fundstage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_fund_project_dated")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_fund_project_created_by_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_fund_project_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_project")),
        sa.UniqueConstraint("number", name=op.f("uq_fund_project_number")),
    )
    op.create_index("ix_fund_project_stage", "fund_project", ["stage", "unit_id"], unique=False)
    op.create_table(
        "fund_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "outside",
                "general",
                "project",
                "restricted",
                "other",
                name="fundaccountkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(kind IN ('project', 'other')) = (project_id IS NOT NULL)", name=op.f("ck_fund_account_project")),
        sa.CheckConstraint("kind = 'outside' OR balance >= 0", name=op.f("ck_fund_account_no_debt")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_account_project_id_fund_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_account")),
        sa.UniqueConstraint("code", name=op.f("uq_fund_account_code")),
        sa.UniqueConstraint("project_id", name=op.f("uq_fund_account_project_id")),
    )
    op.create_table(
        "fund_budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_fund_budget_line_fen")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_budget_line_project_id_fund_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_budget_line")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_fund_budget_line_project_id_name")),
    )
    op.create_table(
        "fund_progress_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("body", sa.String(length=500), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_fund_progress_entry_made_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_progress_entry_project_id_fund_project")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["fund_progress_entry.id"], name=op.f("fk_fund_progress_entry_replaces_id_fund_progress_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_progress_entry")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_fund_progress_entry_replaces_id")),
    )
    op.create_index("ix_fund_progress_entry_project", "fund_progress_entry", ["project_id", "happened_on"], unique=False)
    op.create_table(
        "fund_service_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("booked_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "reverses_id IS NULL OR (what <> '' AND approved_by_id IS NOT NULL)", name=op.f("ck_fund_service_entry_explanation")
        ),
        sa.CheckConstraint(
            "(reverses_id IS NULL AND people > 0) OR (reverses_id IS NOT NULL AND people < 0)", name=op.f("ck_fund_service_entry_sign")
        ),
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> made_by_id", name=op.f("ck_fund_service_entry_two_people")),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_fund_service_entry_activity_id_activity")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_fund_service_entry_approved_by_id_person")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_fund_service_entry_made_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_service_entry_project_id_fund_project")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["fund_service_entry.id"], name=op.f("fk_fund_service_entry_reverses_id_fund_service_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_service_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_fund_service_entry_reverses_id")),
    )
    op.create_index(op.f("ix_fund_service_entry_activity_id"), "fund_service_entry", ["activity_id"], unique=False)
    op.create_index("ix_fund_service_entry_project", "fund_service_entry", ["project_id", "served_on"], unique=False)
    op.create_table(
        "fund_stage_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft",
                "applied",
                "publicised",
                "running",
                "paused",
                "stopped",
                "closed",
                "archived",
                name="fundstage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_fund_stage_entry_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_stage_entry_project_id_fund_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_stage_entry")),
        sa.UniqueConstraint("project_id", "seq", name=op.f("uq_fund_stage_entry_project_id_seq")),
    )
    op.create_table(
        "fund_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "donation",
                "grant",
                "payment",
                "correction",
                "figure",
                name="fundrequestkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("budget_line_id", sa.Integer(), nullable=True),
        sa.Column("from_account_id", sa.Integer(), nullable=True),
        sa.Column("to_account_id", sa.Integer(), nullable=True),
        sa.Column("fen", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("counterparty", sa.String(length=60), nullable=False),
        sa.Column("public_name", sa.String(length=60), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("minute_ref", sa.String(length=60), nullable=False),
        sa.Column("explanation", sa.String(length=300), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("needs_minute", sa.Boolean(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "approved",
                "seconded",
                "paid",
                "reconciled",
                "mismatch",
                "answered",
                "returned",
                "withdrawn",
                "corrected",
                name="fundstep",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("last_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kind = 'correction') = (corrects_id IS NOT NULL)", name=op.f("ck_fund_request_corrects")),
        sa.CheckConstraint(
            "(kind = 'figure') = (fen IS NULL) AND (fen IS NULL) = (from_account_id IS NULL) AND (fen IS NULL) = (to_account_id IS NULL)",
            name=op.f("ck_fund_request_money"),
        ),
        sa.CheckConstraint("(kind = 'figure') = (service_id IS NOT NULL)", name=op.f("ck_fund_request_service")),
        sa.CheckConstraint("(kind = 'payment') = (budget_line_id IS NOT NULL)", name=op.f("ck_fund_request_line")),
        sa.CheckConstraint("NOT needs_minute OR minute_ref <> ''", name=op.f("ck_fund_request_minute")),
        sa.CheckConstraint("kind NOT IN ('correction', 'figure') OR explanation <> ''", name=op.f("ck_fund_request_explanation")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_fund_request_fen")),
        sa.ForeignKeyConstraint(["budget_line_id"], ["fund_budget_line.id"], name=op.f("fk_fund_request_budget_line_id_fund_budget_line")),
        sa.ForeignKeyConstraint(["corrects_id"], ["fund_request.id"], name=op.f("fk_fund_request_corrects_id_fund_request")),
        sa.ForeignKeyConstraint(["from_account_id"], ["fund_account.id"], name=op.f("fk_fund_request_from_account_id_fund_account")),
        sa.ForeignKeyConstraint(["last_by_id"], ["person.id"], name=op.f("fk_fund_request_last_by_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["fund_project.id"], name=op.f("fk_fund_request_project_id_fund_project")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["person.id"], name=op.f("fk_fund_request_requested_by_id_person")),
        sa.ForeignKeyConstraint(["service_id"], ["fund_service_entry.id"], name=op.f("fk_fund_request_service_id_fund_service_entry")),
        sa.ForeignKeyConstraint(["to_account_id"], ["fund_account.id"], name=op.f("fk_fund_request_to_account_id_fund_account")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_fund_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_request")),
        sa.UniqueConstraint("form_key", name=op.f("uq_fund_request_form_key")),
        sa.UniqueConstraint("number", name=op.f("uq_fund_request_number")),
    )
    op.create_index(op.f("ix_fund_request_corrects_id"), "fund_request", ["corrects_id"], unique=False)
    op.create_index("ix_fund_request_project", "fund_request", ["project_id"], unique=False)
    op.create_index(op.f("ix_fund_request_service_id"), "fund_request", ["service_id"], unique=False)
    op.create_index("ix_fund_request_state", "fund_request", ["state", "unit_id"], unique=False)
    op.create_table(
        "fund_movement_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("voucher_no", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opening",
                "donation",
                "grant",
                "spending",
                "refund",
                "return",
                "transfer",
                name="fundmovementkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("from_account_id", sa.Integer(), nullable=False),
        sa.Column("to_account_id", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("budget_line_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(), nullable=False),
        sa.Column("memo", sa.String(length=300), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("kind <> 'spending' OR budget_line_id IS NOT NULL", name=op.f("ck_fund_movement_entry_line")),
        sa.CheckConstraint("reverses_id IS NULL OR memo <> ''", name=op.f("ck_fund_movement_entry_explanation")),
        sa.CheckConstraint("approved_by_id <> made_by_id", name=op.f("ck_fund_movement_entry_two_people")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_fund_movement_entry_fen")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_fund_movement_entry_two_accounts")),
        sa.CheckConstraint("voucher_no > 0 AND line_no > 0", name=op.f("ck_fund_movement_entry_numbers")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_fund_movement_entry_approved_by_id_person")),
        sa.ForeignKeyConstraint(
            ["budget_line_id"], ["fund_budget_line.id"], name=op.f("fk_fund_movement_entry_budget_line_id_fund_budget_line")
        ),
        sa.ForeignKeyConstraint(["from_account_id"], ["fund_account.id"], name=op.f("fk_fund_movement_entry_from_account_id_fund_account")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_fund_movement_entry_made_by_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["fund_request.id"], name=op.f("fk_fund_movement_entry_request_id_fund_request")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["fund_movement_entry.id"], name=op.f("fk_fund_movement_entry_reverses_id_fund_movement_entry")
        ),
        sa.ForeignKeyConstraint(["to_account_id"], ["fund_account.id"], name=op.f("fk_fund_movement_entry_to_account_id_fund_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_movement_entry")),
        sa.UniqueConstraint("request_id", "line_no", name=op.f("uq_fund_movement_entry_request_id_line_no")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_fund_movement_entry_reverses_id")),
        sa.UniqueConstraint("voucher_no", "line_no", name=op.f("uq_fund_movement_entry_voucher_no_line_no")),
    )
    op.create_index("ix_fund_movement_entry_day", "fund_movement_entry", ["booked_on", "voucher_no"], unique=False)
    op.create_index("ix_fund_movement_entry_from", "fund_movement_entry", ["from_account_id", "booked_on"], unique=False)
    op.create_index("ix_fund_movement_entry_line", "fund_movement_entry", ["budget_line_id"], unique=False)
    op.create_index("ix_fund_movement_entry_to", "fund_movement_entry", ["to_account_id", "booked_on"], unique=False)
    op.create_table(
        "fund_step_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "requested",
                "approved",
                "seconded",
                "paid",
                "reconciled",
                "mismatch",
                "answered",
                "returned",
                "withdrawn",
                "corrected",
                name="fundstep",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("step <> 'paid' OR reference <> ''", name=op.f("ck_fund_step_entry_reference")),
        sa.CheckConstraint("step NOT IN ('returned', 'mismatch', 'answered') OR note <> ''", name=op.f("ck_fund_step_entry_note")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_fund_step_entry_by_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["fund_request.id"], name=op.f("fk_fund_step_entry_request_id_fund_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_step_entry")),
        sa.UniqueConstraint("request_id", "seq", name=op.f("uq_fund_step_entry_request_id_seq")),
    )
    for statement in triggers():
        op.execute(statement)
    always_there()


def downgrade() -> None:
    op.drop_table("fund_step_entry")
    op.drop_index("ix_fund_movement_entry_to", table_name="fund_movement_entry")
    op.drop_index("ix_fund_movement_entry_line", table_name="fund_movement_entry")
    op.drop_index("ix_fund_movement_entry_from", table_name="fund_movement_entry")
    op.drop_index("ix_fund_movement_entry_day", table_name="fund_movement_entry")
    op.drop_table("fund_movement_entry")
    op.drop_index("ix_fund_request_state", table_name="fund_request")
    op.drop_index(op.f("ix_fund_request_service_id"), table_name="fund_request")
    op.drop_index("ix_fund_request_project", table_name="fund_request")
    op.drop_index(op.f("ix_fund_request_corrects_id"), table_name="fund_request")
    op.drop_table("fund_request")
    op.drop_table("fund_stage_entry")
    op.drop_index("ix_fund_service_entry_project", table_name="fund_service_entry")
    op.drop_index(op.f("ix_fund_service_entry_activity_id"), table_name="fund_service_entry")
    op.drop_table("fund_service_entry")
    op.drop_index("ix_fund_progress_entry_project", table_name="fund_progress_entry")
    op.drop_table("fund_progress_entry")
    op.drop_table("fund_budget_line")
    op.drop_table("fund_account")
    op.drop_index("ix_fund_project_stage", table_name="fund_project")
    op.drop_table("fund_project")
    op.drop_table("fund_policy")
    op.drop_table("fund_counter")
    if op.get_bind().dialect.name == "postgresql":
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
