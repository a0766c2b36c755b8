"""Bank statements and what their lines were matched with"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

# Periods of an account never overlap, and its balance goes on where it stood.
FOLLOWS = """
NEW.voided_at IS NULL
AND NOT EXISTS (SELECT 1 FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.first_on <= NEW.last_on AND o.last_on >= NEW.first_on)
AND NEW.opening = coalesce((SELECT o.closing FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.last_on < NEW.first_on ORDER BY o.last_on DESC LIMIT 1), NEW.opening)
AND NEW.closing = coalesce((SELECT o.opening FROM bank_statement o WHERE o.account_id = NEW.account_id AND o.voided_at IS NULL
  AND o.first_on > NEW.last_on ORDER BY o.first_on LIMIT 1), NEW.closing)
"""
# Each line's balance is the one before it and its amount; the last is the closing balance.
RUNS = """
EXISTS (SELECT 1 FROM bank_statement s WHERE s.id = NEW.statement_id AND s.voided_at IS NULL
  AND NEW.booked_on >= s.first_on AND NEW.booked_on <= s.last_on
  AND NEW.seq <= s.lines AND (NEW.seq < s.lines OR NEW.balance = s.closing)
  AND NEW.balance - NEW.fen = CASE WHEN NEW.seq = 1 THEN s.opening
    ELSE (SELECT l.balance FROM bank_line_entry l WHERE l.statement_id = NEW.statement_id AND l.seq = NEW.seq - 1) END)
"""
# A statement is taken out while it is the newest of its account and nothing stands on its lines.
FREE = """
OLD.voided_at IS NULL
AND NOT EXISTS (SELECT 1 FROM bank_statement o WHERE o.account_id = OLD.account_id AND o.voided_at IS NULL AND o.first_on > OLD.last_on)
AND NOT EXISTS (SELECT 1 FROM bank_match m JOIN bank_line_entry l ON l.id = m.line_id
  WHERE l.statement_id = OLD.id AND m.ended_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_aside a JOIN bank_line_entry l ON l.id = a.line_id
  WHERE l.statement_id = OLD.id AND a.ended_at IS NULL AND (a.verdict IS NULL OR a.verdict = 'approved'))
"""
# One line is one request: the same money the same way, after its step; who paid or noted it neither says so nor brought the statement.
MATCHES = """
NEW.ended_at IS NULL
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id JOIN fund_request r ON r.id = NEW.request_id
  WHERE l.id = NEW.line_id AND s.voided_at IS NULL
  AND ((r.kind = 'payment' AND r.state = 'reconciled' AND l.fen = -r.fen)
    OR (r.kind IN ('donation', 'refund') AND r.state = 'approved' AND l.fen = r.fen)))
AND NOT EXISTS (SELECT 1 FROM bank_aside a WHERE a.line_id = NEW.line_id AND a.ended_at IS NULL
  AND (a.verdict IS NULL OR a.verdict = 'approved'))
AND NOT EXISTS (SELECT 1 FROM fund_step_entry t JOIN fund_request r ON r.id = t.request_id
  JOIN bank_line_entry l ON l.id = NEW.line_id JOIN bank_statement s ON s.id = l.statement_id
  WHERE t.request_id = NEW.request_id AND t.step = CASE WHEN r.kind = 'payment' THEN 'paid' ELSE 'requested' END
  AND (t.by_id IN (NEW.made_by_id, s.made_by_id) OR t.for_id IN (NEW.made_by_id, s.made_by_id)))
"""
ASIDE = """
NEW.verdict IS NULL AND NEW.ended_at IS NULL
AND EXISTS (SELECT 1 FROM bank_line_entry l JOIN bank_statement s ON s.id = l.statement_id
  WHERE l.id = NEW.line_id AND s.voided_at IS NULL)
AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = NEW.line_id AND m.ended_at IS NULL)
"""
DECIDED = "OLD.verdict IS NULL OR (OLD.verdict = 'approved' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)"
FIXED = {
    "bank_account": ("name, tail, added_at, added_by_id", "FALSE"),
    "bank_statement": ("account_id, file_name, digest, first_on, last_on, opening, closing, lines, made_at, made_by_id", "FALSE"),
    "bank_match": ("line_id, request_id, made_at, made_by_id", "FALSE"),
    "bank_aside": ("line_id, reason, asked_by_id, asked_at", "FALSE"),
}
DECISION = "decided_at, decided_by_id, verdict, answer"
ONCE = {"bank_statement": FREE, "bank_match": "OLD.ended_at IS NULL", "bank_aside": DECIDED}
CORRECTED = (
    "UPDATE bank_match SET ended_at = NEW.at, ended_by_id = NEW.by_id, end_reason = '这一笔已更正' "
    "WHERE NEW.step = 'corrected' AND request_id = NEW.request_id AND ended_at IS NULL"
)
ORDER = (
    ("bank_statement_follows", "bank_statement", FOLLOWS, "a statement follows the one before it"),
    ("bank_line_runs", "bank_line_entry", RUNS, "the balance does not run"),
    ("bank_match_holds", "bank_match", MATCHES, "this line is not that request"),
    ("bank_aside_holds", "bank_aside", ASIDE, "this line is matched"),
)


def keep(dialect: str) -> list[str]:
    """A match ends with the request that is corrected."""
    if dialect == "sqlite":
        return [f"CREATE TRIGGER bank_match_corrected AFTER INSERT ON fund_step_entry BEGIN {CORRECTED}; END"]
    return [
        f"CREATE FUNCTION bank_match_corrected() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {CORRECTED}; RETURN NULL; END $$",
        "CREATE TRIGGER bank_match_corrected AFTER INSERT ON fund_step_entry FOR EACH ROW EXECUTE FUNCTION bank_match_corrected()",
    ]


def triggers(dialect: str) -> list[str]:
    return [
        *append_only("bank_line_entry", dialect),
        *[one for name, table, condition, said in ORDER for one in guard(dialect, name, "INSERT", table, condition, said)],
        *[
            one
            for table, (columns, condition) in FIXED.items()
            for one in (
                *guard(dialect, f"{table}_fixed", f"UPDATE OF {columns}", table, condition, f"{table} does not change"),
                *guard(dialect, f"{table}_kept", "DELETE", table, "FALSE", f"{table} is kept", "OLD"),
            )
        ],
        *[
            one
            for table, condition in ONCE.items()
            for one in guard(dialect, f"{table}_once", "UPDATE", table, condition, f"{table} stands")
        ],
        *guard(dialect, "bank_aside_said", f"UPDATE OF {DECISION}", "bank_aside", "OLD.verdict IS NULL", "bank_aside is decided"),
        *keep(dialect),
    ]


def upgrade() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("tail", sa.String(length=4), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_bank_account_name")),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_bank_account_added_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_account_name")),
    )
    op.create_table(
        "bank_preview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("titles", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("fk_bank_preview_account_id_bank_account")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_bank_preview_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_preview")),
    )
    op.create_index(op.f("ix_bank_preview_made_by_id"), "bank_preview", ["made_by_id"], unique=False)
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("voided_at", sa.DateTime(), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by_id IS NULL) AND (voided_at IS NULL) = (void_reason = '')",
            name=op.f("ck_bank_statement_voided"),
        ),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_bank_statement_dated")),
        sa.CheckConstraint("lines > 0", name=op.f("ck_bank_statement_lines")),
        sa.ForeignKeyConstraint(["account_id"], ["bank_account.id"], name=op.f("fk_bank_statement_account_id_bank_account")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_bank_statement_made_by_id_person")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["person.id"], name=op.f("fk_bank_statement_voided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
    )
    op.create_index("ix_bank_statement_account", "bank_statement", ["account_id", "first_on"], unique=False)
    op.create_index(
        "uq_bank_statement_digest",
        "bank_statement",
        ["digest"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "bank_line_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("memo", sa.String(length=120), nullable=False),
        sa.CheckConstraint("fen <> 0", name=op.f("ck_bank_line_entry_fen")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_line_entry_statement_id_bank_statement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line_entry")),
        sa.UniqueConstraint("statement_id", "seq", name=op.f("uq_bank_line_entry_statement_id_seq")),
    )
    op.create_index("ix_bank_line_entry_day", "bank_line_entry", ["booked_on"], unique=False)
    op.create_table(
        "bank_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum("approved", "returned", "withdrawn", name="bankasideverdict", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name=op.f("ck_bank_aside_ended")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = asked_by_id)", name=op.f("ck_bank_aside_two_people")
        ),
        sa.CheckConstraint("ended_at IS NULL OR verdict = 'approved'", name=op.f("ck_bank_aside_stood")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_bank_aside_reason")),
        sa.CheckConstraint("verdict <> 'returned' OR answer <> ''", name=op.f("ck_bank_aside_answer")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)",
            name=op.f("ck_bank_aside_decided"),
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_bank_aside_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_bank_aside_decided_by_id_person")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_bank_aside_ended_by_id_person")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line_entry.id"], name=op.f("fk_bank_aside_line_id_bank_line_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_aside")),
    )
    op.create_index("ix_bank_aside_of_line", "bank_aside", ["line_id"], unique=False)
    op.create_index(
        "uq_bank_aside_line",
        "bank_aside",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND (verdict IS NULL OR verdict = 'approved')"),
        postgresql_where=sa.text("ended_at IS NULL AND (verdict IS NULL OR verdict = 'approved')"),
    )
    op.create_table(
        "bank_match",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name=op.f("ck_bank_match_ended")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_bank_match_ended_by_id_person")),
        sa.ForeignKeyConstraint(["line_id"], ["bank_line_entry.id"], name=op.f("fk_bank_match_line_id_bank_line_entry")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_bank_match_made_by_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["fund_request.id"], name=op.f("fk_bank_match_request_id_fund_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_match")),
    )
    op.create_index("ix_bank_match_of_line", "bank_match", ["line_id"], unique=False)
    op.create_index(
        "uq_bank_match_line",
        "bank_match",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_bank_match_request",
        "bank_match",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for statement in triggers(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in drop(dialect, "bank_match_corrected", "fund_step_entry"):
        op.execute(statement)
    for table in ("bank_aside", "bank_match", "bank_line_entry", "bank_statement", "bank_preview", "bank_account"):
        op.drop_table(table)
    if dialect == "postgresql":
        made = [name for name, _, _, _ in ORDER] + [f"{table}_{what}" for table in FIXED for what in ("fixed", "kept")]
        for name in (*made, *(f"{table}_once" for table in ONCE), "bank_aside_said"):
            op.execute(f"DROP FUNCTION {name}()")
