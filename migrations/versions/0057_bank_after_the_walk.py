"""Lines and requests of the bank that are the same only together, to the fen"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import drop, guard

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

LINE_TAKEN = "EXISTS (SELECT 1 FROM bank_group_line x WHERE x.line_id = NEW.line_id AND NOT x.ended)"
REQUEST_TAKEN = "EXISTS (SELECT 1 FROM bank_group_request x WHERE x.request_id = NEW.request_id AND NOT x.ended)"
STATEMENT_HELD = (
    "EXISTS (SELECT 1 FROM bank_group_line x JOIN bank_line_entry l ON l.id = x.line_id WHERE l.statement_id = OLD.id AND NOT x.ended)"
)
OPEN = "NOT NEW.ended AND NOT EXISTS (SELECT 1 FROM bank_group g WHERE g.id = NEW.group_id)"
# A line of a statement that holds, which is nothing else.
LINE = f"""
{OPEN}
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id WHERE l.id = NEW.line_id AND s.voided_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = NEW.line_id AND m.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_aside a WHERE a.line_id = NEW.line_id AND a.ended_at IS NULL
  AND (a.verdict IS NULL OR a.verdict = 'approved'))
"""
# A request after its step, which no line is yet.
REQUEST = f"""
{OPEN}
AND EXISTS (SELECT 1 FROM fund_request r WHERE r.id = NEW.request_id
  AND ((r.kind = 'payment' AND r.state = 'reconciled') OR (r.kind IN ('donation', 'refund') AND r.state = 'approved')))
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.request_id = NEW.request_id AND m.ended_at IS NULL)
"""
HANDS = "(NEW.made_by_id, coalesce(NEW.for_id, NEW.made_by_id))"
# The members are there before their group is (it is inserted last), and both sides are `fen`. Payments, or what came in, never both.
# Who paid or noted one of them neither says so nor brought a statement that is used for it, themselves or through a deputy.
WHOLE = f"""
NEW.ended_at IS NULL
AND NEW.lines = (SELECT count(*) FROM bank_group_line x WHERE x.group_id = NEW.id)
AND NEW.requests = (SELECT count(*) FROM bank_group_request x WHERE x.group_id = NEW.id)
AND NEW.fen = (SELECT sum(l.fen) FROM bank_group_line x JOIN bank_line_entry l ON l.id = x.line_id WHERE x.group_id = NEW.id)
AND NEW.fen = (SELECT sum(CASE WHEN r.kind = 'payment' THEN -r.fen ELSE r.fen END)
  FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id WHERE x.group_id = NEW.id)
AND 1 = (SELECT count(DISTINCT CASE WHEN r.kind = 'payment' THEN 1 ELSE 0 END)
  FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id WHERE x.group_id = NEW.id)
AND NOT EXISTS (SELECT 1 FROM bank_group_request x JOIN fund_request r ON r.id = x.request_id
  JOIN fund_step_entry t ON t.request_id = r.id AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  WHERE x.group_id = NEW.id AND (t.by_id IN {HANDS} OR t.for_id IN {HANDS}
    OR EXISTS (SELECT 1 FROM bank_group_line y JOIN bank_line_entry l ON l.id = y.line_id JOIN bank_statement s ON s.id = l.statement_id
      WHERE y.group_id = NEW.id AND s.made_by_id IN (t.by_id, coalesce(t.for_id, t.by_id)))))
"""
GUARDS = (
    ("bank_group_whole", "INSERT", "bank_group", WHOLE, "these lines are not those requests", "NEW"),
    (
        "bank_group_fixed",
        "UPDATE OF lines, requests, fen, made_at, made_by_id, for_id",
        "bank_group",
        "FALSE",
        "bank_group does not change",
        "NEW",
    ),
    ("bank_group_kept", "DELETE", "bank_group", "FALSE", "bank_group is kept", "OLD"),
    ("bank_group_once", "UPDATE", "bank_group", "OLD.ended_at IS NULL", "bank_group stands", "NEW"),
    ("bank_group_line_holds", "INSERT", "bank_group_line", LINE, "this line is something else", "NEW"),
    ("bank_group_request_holds", "INSERT", "bank_group_request", REQUEST, "this request is something else", "NEW"),
)


def members(dialect: str) -> list[str]:
    """A member ends with its group and never else."""
    found = []
    for what in ("line", "request"):
        table = f"bank_group_{what}"
        ends = (
            f"NEW.ended AND NOT OLD.ended AND NEW.group_id = OLD.group_id AND NEW.{what}_id = OLD.{what}_id "
            "AND EXISTS (SELECT 1 FROM bank_group g WHERE g.id = OLD.group_id AND g.ended_at IS NOT NULL)"
        )
        found += guard(dialect, f"{table}_ends", "UPDATE", table, ends, f"{table} ends with its group")
        found += guard(dialect, f"{table}_kept", "DELETE", table, "FALSE", f"{table} is kept", "OLD")
    return found


FREED = [f"UPDATE bank_group_{what} SET ended = TRUE WHERE group_id = NEW.id AND NOT ended" for what in ("line", "request")]
CORRECTED = (
    "UPDATE bank_group SET ended_at = NEW.at, ended_by_id = NEW.by_id, end_reason = '其中一笔已更正' WHERE NEW.step = 'corrected' "
    "AND ended_at IS NULL AND id IN (SELECT x.group_id FROM bank_group_request x WHERE x.request_id = NEW.request_id AND NOT x.ended)"
)
# What a group's end, and a correction, bring about.
AFTER = (
    ("bank_group_freed", "UPDATE OF ended_at", "bank_group", "; ".join(FREED)),
    ("bank_group_corrected", "INSERT", "fund_step_entry", CORRECTED),
)


def after(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {work}; END" for name, event, table, work in AFTER]
    return [
        one
        for name, event, table, work in AFTER
        for one in (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {work}; RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        )
    ]


def replaced() -> tuple[tuple[str, str, str, str, str, str], ...]:
    """(name, event, table, the condition before, what it asks besides, what is said)."""
    bank = _module("0048_bank")
    said = {name: words for name, _, _, words in bank.ORDER}
    return (
        (
            "bank_match_holds",
            "INSERT",
            "bank_match",
            bank.MATCHES,
            f"NOT {LINE_TAKEN} AND NOT {REQUEST_TAKEN}",
            said["bank_match_holds"],
        ),
        ("bank_aside_holds", "INSERT", "bank_aside", bank.ASIDE, f"NOT {LINE_TAKEN}", said["bank_aside_holds"]),
        ("bank_statement_once", "UPDATE", "bank_statement", bank.FREE, f"NOT {STATEMENT_HELD}", "bank_statement stands"),
    )


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _tables()
    for name, event, table, before, besides, said in replaced():
        _run(drop(dialect, name, table))
        _run(guard(dialect, name, event, table, f"({before}) AND ({besides})", said))
    for name, event, table, condition, said, row in GUARDS:
        _run(guard(dialect, name, event, table, condition, said, row))
    stands_in = _module("0056_fund_after_the_walk").stands_in(dialect, "NEW.made_by_id", "NEW.made_at")
    _run(guard(dialect, "bank_group_deputy", "INSERT", "bank_group", stands_in, "not for somebody who is not away"))
    _run(members(dialect))
    _run(after(dialect))


def _tables() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "bank_group",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("lines > 0 AND requests > 0 AND lines + requests > 2", name=op.f("ck_bank_group_several")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name=op.f("ck_bank_group_ended")
        ),
        sa.CheckConstraint("for_id IS NULL OR for_id <> made_by_id", name=op.f("ck_bank_group_deputy")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_bank_group_made_by_id_person")),
        sa.ForeignKeyConstraint(["for_id"], ["person.id"], name=op.f("fk_bank_group_for_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_bank_group_ended_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_group")),
    )
    for what, kind, of in (("line", big, "bank_line_entry"), ("request", sa.Integer(), "fund_request")):
        table = f"bank_group_{what}"
        op.create_table(
            table,
            sa.Column("group_id", sa.Integer(), nullable=False),
            sa.Column(f"{what}_id", kind, nullable=False),
            sa.Column("ended", sa.Boolean(), server_default=sa.false(), nullable=False),
            sa.ForeignKeyConstraint(
                ["group_id"],
                ["bank_group.id"],
                name=op.f(f"fk_{table}_group_id_bank_group"),
                initially="DEFERRED",
                deferrable=True,
            ),
            sa.ForeignKeyConstraint([f"{what}_id"], [f"{of}.id"], name=op.f(f"fk_{table}_{what}_id_{of}")),
            sa.PrimaryKeyConstraint("group_id", f"{what}_id", name=op.f(f"pk_{table}")),
        )
        live = sa.text("NOT ended")
        op.create_index(f"uq_{table}_live", table, [f"{what}_id"], unique=True, sqlite_where=live, postgresql_where=live)
        op.create_index(f"ix_{table}_of", table, [f"{what}_id"])


def downgrade() -> None:
    """Matches of several are lost: before, there was no place for them."""
    dialect = op.get_bind().dialect.name
    for name, event, table, before, _, said in replaced():
        _run(drop(dialect, name, table))
        _run(guard(dialect, name, event, table, before, said))
    _run(drop(dialect, "bank_group_corrected", "fund_step_entry"))
    for table in ("bank_group_request", "bank_group_line", "bank_group"):
        op.drop_table(table)
    if dialect == "postgresql":
        made = [name for name, *_ in GUARDS] + ["bank_group_deputy", "bank_group_freed"]
        made += [f"bank_group_{what}_{end}" for what in ("line", "request") for end in ("ends", "kept")]
        for name in made:
            op.execute(f"DROP FUNCTION {name}()")


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _module(name: str) -> ModuleType:
    """The migration whose triggers these are after."""
    spec = spec_from_file_location(f"bank_{name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise RuntimeError(f"migration {name} is missing")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
