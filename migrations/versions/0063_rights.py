"""Requests to see, correct and erase one's own data"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, guard

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

OPEN = sa.text("verdict IS NULL")
GONE = sa.text("erased_at IS NOT NULL")
WORDS = "已按本人要求删除"
REQUEST_CHECKS = (
    ("decided", "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)"),
    ("two_people", "decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id IN (person_id, asked_by_id))"),
    ("answer", "verdict <> 'refused' OR answer <> ''"),
    ("asked", "(how = 'own') = (asked_by_id = person_id)"),
    ("guardian", "(how <> 'guardian') = (guardian_name = '')"),
    ("requestkind", "kind IN ('correction', 'erasure')"),
    ("askedhow", "how IN ('own', 'in_person', 'guardian')"),
    ("requestverdict", "verdict IN ('approved', 'refused', 'withdrawn')"),
)
FIXED = "person_id, kind, unit_id, asked_by_id, how, asked_at, due_on"
PARTICULARS = "name, gender, birth_date, note, initials, minor_until, erased_at"
BARE = "(NEW.gender IS NULL AND NEW.birth_date IS NULL AND NEW.minor_until IS NULL AND NEW.note = '' AND NEW.initials = '')"


def _erased(column: str = "person_id") -> str:
    return f"EXISTS (SELECT 1 FROM person WHERE person.id = OLD.{column} AND person.erased_at IS NOT NULL)"


def _not_new(column: str = "person_id") -> str:
    return f"NOT EXISTS (SELECT 1 FROM person WHERE person.id = NEW.{column} AND person.erased_at IS NOT NULL)"


def _blank(*columns: str) -> str:
    return " AND ".join(f"(NEW.{column} = OLD.{column} OR NEW.{column} IN ('', '{WORDS}'))" for column in columns)


OF_WHO_IS_ERASED = (
    "account",
    "activation_code",
    "phone",
    "membership",
    "stage",
    "member_card",
    "role_grant",
    "guardian_consent",
    "consent",
)
GUARDS = (
    ("rights_request_fixed", f"UPDATE OF {FIXED}", "rights_request", "1 = 0", "what was asked for does not change", "NEW"),
    (
        "rights_request_said",
        "UPDATE OF guardian_name, words, wanted, answer",
        "rights_request",
        f"OLD.verdict IS NULL OR {_erased()}",
        "what was asked for does not change",
        "NEW",
    ),
    (
        "rights_request_once",
        "UPDATE OF verdict, decided_at, decided_by_id",
        "rights_request",
        "OLD.verdict IS NULL",
        "a request is decided once",
        "NEW",
    ),
    ("rights_request_kept", "DELETE", "rights_request", "1 = 0", "a request is kept", "OLD"),
    ("person_erased_stays", f"UPDATE OF {PARTICULARS}", "person", "OLD.erased_at IS NULL", "who is erased stays so", "NEW"),
    ("person_erased_bare", "UPDATE OF erased_at", "person", f"NEW.erased_at IS NULL OR {BARE}", "nothing of who is erased stays", "NEW"),
    *((f"{table}_of_who_is_erased", "INSERT", table, _not_new(), "this person was erased", "NEW") for table in OF_WHO_IS_ERASED),
    ("merge_of_who_is_erased", "UPDATE OF undo_at", "merge", _not_new("stays_id"), "this person was erased", "NEW"),
)
ON_POSTGRESQL = {"hour_correction_final": "hour_correction_guard"}
# What had said "nothing changes once it was decided" says it of all but the words; those go where the person does.
#   (trigger, table, event before, columns that are guarded as before, (words, when they may still change))
FROZEN = (
    (
        "certificate_request_rule_4",
        "certificate_request",
        "UPDATE",
        "id, person_id, unit_id, batch_id, replaces_id, since, until, made_by_id, made_at, accepted_at, accepted_by_id, issued_at, "
        "ended_at, ended_by_id, ending",
    ),
    (
        "honour_revocation_guard_3",
        "honour_revocation",
        "UPDATE",
        "id, honour_id, person_id, made_by_id, made_at, decided_at, decided_by_id, verdict",
    ),
    (
        "hour_correction_final",
        "hour_correction",
        "UPDATE",
        "id, person_id, unit_id, attendance_id, entry_id, dispute_id, change, in_at, out_at, minutes, was_in_at, was_out_at, was_minutes, "
        "was_class, made_by_id, made_at, decided_at, decided_by_id, verdict",
    ),
    (
        "point_proposal_decided",
        "point_proposal",
        "UPDATE",
        "id, person_id, unit_id, scheme_kind, rule_code, exempts, revokes_id, happened_on, until, made_by_id, made_at, decided_at, "
        "decided_by_id, verdict",
    ),
    (
        "objection_on_update",
        "objection",
        "UPDATE",
        "id, publicity_id, unit_id, about_id, way, by_id, received_on, received_at, keyed_by_id, acknowledged_at, acknowledged_by_id, "
        "answered_at, answered_by_id, verdict, acknowledge_by, answer_by",
    ),
    (
        "merge_fixed",
        "merge",
        "UPDATE OF stays_id, goes_id, reason, seen, proposed_by_id, proposed_at",
        "stays_id, goes_id, seen, proposed_by_id, proposed_at",
    ),
    ("merge_once", "merge", "UPDATE OF verdict, decided_at, decided_by_id, answer", "verdict, decided_at, decided_by_id"),
    ("merge_undo", "merge", "UPDATE OF undo_at, undo_by_id, undo_reason", "undo_at, undo_by_id"),
    (
        "person_difference_fixed",
        "person_difference",
        "UPDATE OF low_id, high_id, reason, said_by_id, said_at",
        "low_id, high_id, said_by_id, said_at",
    ),
)
LOOSE = (
    (
        "certificate_request_words",
        "certificate_request",
        "purpose, document_kind, document_masked, document_hash, contact, notes, end_reason",
        f"(OLD.issued_at IS NULL AND OLD.ended_at IS NULL) OR ({_erased()} AND "
        f"{_blank('purpose', 'document_masked', 'document_hash', 'contact', 'notes', 'end_reason')} "
        "AND (NEW.document_kind IS NULL OR NEW.document_kind = OLD.document_kind))",
        "what was issued or has ended stays",
    ),
    (
        "honour_revocation_words",
        "honour_revocation",
        "reason, answer",
        f"OLD.decided_at IS NULL OR ({_erased()} AND {_blank('reason', 'answer')})",
        "a revocation is decided once",
    ),
    (
        "hour_correction_words",
        "hour_correction",
        "reason, answer",
        f"OLD.decided_at IS NULL OR ({_erased()} AND {_blank('reason', 'answer')})",
        "a correction is decided once",
    ),
    (
        "point_proposal_words",
        "point_proposal",
        "reason, answer",
        f"(OLD.decided_at IS NULL AND NEW.reason = OLD.reason) OR ({_erased()} AND {_blank('reason', 'answer')})",
        "what was decided about points never changes",
    ),
    (
        "objection_words",
        "objection",
        "by_name, by_phone, said, answer",
        "(OLD.answered_at IS NULL AND NEW.by_name = OLD.by_name AND NEW.by_phone = OLD.by_phone AND NEW.said = OLD.said) OR "
        f"(({_erased('about_id')} OR {_erased('by_id')}) AND {_blank('by_name', 'by_phone', 'said', 'answer')})",
        "an objection stays",
    ),
    (
        "merge_words",
        "merge",
        "reason, answer, undo_reason",
        f"({_erased('stays_id')} AND {_blank('reason', 'answer', 'undo_reason')}) OR (NEW.reason = OLD.reason AND "
        "(OLD.verdict IS NULL OR NEW.answer = OLD.answer) AND (OLD.undo_at IS NULL OR NEW.undo_reason = OLD.undo_reason))",
        "what was said about a merge stays",
    ),
    (
        "person_difference_words",
        "person_difference",
        "reason",
        f"NEW.reason = OLD.reason OR (({_erased('low_id')} OR {_erased('high_id')}) AND {_blank('reason')})",
        "what was said stays",
    ),
)


def _again(name: str, table: str, before: str, after: str) -> None:
    """The same trigger on another event: what it refuses stays written as it was."""
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    if sqlite:
        asked, called = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", name
    else:
        asked, called = (
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s AND NOT tgisinternal",
            ON_POSTGRESQL.get(name, name),
        )
    made = str(bind.exec_driver_sql(asked, (called,)).scalar_one())
    if made.count(f"{before} ON ") != 1:
        raise RuntimeError(f"{name} is not as this migration knows it: {made}")
    op.execute(f"DROP TRIGGER {called}" + ("" if sqlite else f" ON {table}"))
    bind.exec_driver_sql(made.replace(f"{before} ON ", f"{after} ON "))


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("person", sa.Column("erased_at", sa.DateTime(), nullable=True))
    op.create_index("ix_person_erased_at", "person", ["erased_at"], sqlite_where=GONE, postgresql_where=GONE)
    op.create_table(
        "rights_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("guardian_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("words", sa.String(length=300), server_default="", nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=300), server_default="", nullable=False),
        *(sa.CheckConstraint(words, name=op.f(f"ck_rights_request_{name}")) for name, words in REQUEST_CHECKS),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_rights_request_{column}_person"))
            for column in ("person_id", "asked_by_id", "decided_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_rights_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_request")),
    )
    op.create_index(
        "uq_rights_request_open", "rights_request", ["person_id", "kind"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_rights_request_unit", "rights_request", ["unit_id", "decided_at"])
    op.create_index("ix_rights_request_due", "rights_request", ["due_on"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "erasure_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("erased_at", sa.DateTime(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_entry_person_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["rights_request.id"], name=op.f("fk_erasure_entry_request_id_rights_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_entry")),
        sa.UniqueConstraint("person_id", name=op.f("uq_erasure_entry_person_id")),
    )
    for statement in append_only("erasure_entry", dialect):
        op.execute(statement)
    for name, table, before, columns in FROZEN:
        _again(name, table, before, f"UPDATE OF {columns}")
    for name, event, table, condition, message, row in GUARDS:
        for statement in guard(dialect, name, event, table, condition, message, row):
            op.execute(statement)
    for name, table, columns, condition, message in LOOSE:
        for statement in guard(dialect, name, f"UPDATE OF {columns}", table, condition, message):
            op.execute(statement)


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, table in [(guarded[0], guarded[2]) for guarded in GUARDS] + [(loose[0], loose[1]) for loose in LOOSE]:
        if table == "rights_request":
            continue
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else ""))
        if postgres:
            op.execute(f"DROP FUNCTION {name}()")
    for name, table, before, columns in FROZEN:
        _again(name, table, f"UPDATE OF {columns}", before)
    op.drop_table("erasure_entry")
    op.drop_table("rights_request")
    if postgres:
        for name in [guarded[0] for guarded in GUARDS if guarded[2] == "rights_request"]:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_person_erased_at", "person")
    op.drop_column("person", "erased_at")
