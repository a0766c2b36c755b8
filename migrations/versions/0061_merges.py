"""Two records of one person: what was merged, what was pointed elsewhere by it"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

LEDGERS = ("merge_note_entry", "merge_source_entry")
STANDS = sa.text("(verdict IS NULL OR verdict = 'approved') AND undone_at IS NULL")
OPEN = sa.text("ended_at IS NULL")
KINDS = "'attendance', 'claim', 'import', 'correction', 'honour', 'manual', 'evened'"
ANOTHER = (
    "decided_by_id IS NULL OR ((verdict = 'withdrawn') = (decided_by_id = proposed_by_id) AND decided_by_id NOT IN (stays_id, goes_id))"
)
UNDO = "(undo_at IS NULL) = (undo_by_id IS NULL) AND (undo_at IS NULL OR (merged_at IS NOT NULL AND undo_reason <> ''))"
MERGE_CHECKS = (
    ("two_records", "stays_id <> goes_id"),
    ("not_oneself", "proposed_by_id NOT IN (stays_id, goes_id)"),
    ("reason", "reason <> ''"),
    ("decided", "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)"),
    ("two_people", ANOTHER),
    ("answer", "verdict <> 'returned' OR answer <> ''"),
    ("merged", "merged_at IS NULL OR verdict = 'approved'"),
    ("undo", UNDO),
    ("undone_by_another", "undo_by_id IS NULL OR undo_by_id NOT IN (stays_id, goes_id)"),
    ("undone", "undone_at IS NULL OR undo_at IS NOT NULL"),
    ("mergeverdict", "verdict IN ('approved', 'returned', 'withdrawn')"),
)
WENT = "EXISTS (SELECT 1 FROM person WHERE person.id = NEW.person_id AND person.became_id IS NOT NULL)"
GUARDS = (
    (
        "merge_fixed",
        "UPDATE OF stays_id, goes_id, reason, seen, proposed_by_id, proposed_at",
        "merge",
        "1 = 0",
        "a merge does not change",
        "NEW",
    ),
    (
        "merge_once",
        "UPDATE OF verdict, decided_at, decided_by_id, answer",
        "merge",
        "OLD.verdict IS NULL",
        "a merge is decided once",
        "NEW",
    ),
    ("merge_moved", "UPDATE OF merged_at", "merge", "OLD.merged_at IS NULL", "a merge is done once", "NEW"),
    ("merge_undo", "UPDATE OF undo_at, undo_by_id, undo_reason", "merge", "OLD.undo_at IS NULL", "a merge is undone once", "NEW"),
    ("merge_undone", "UPDATE OF undone_at", "merge", "OLD.undone_at IS NULL", "a merge is undone once", "NEW"),
    ("merge_kept", "DELETE", "merge", "1 = 0", "a merge is kept", "OLD"),
    (
        "person_difference_fixed",
        "UPDATE OF low_id, high_id, reason, said_by_id, said_at",
        "person_difference",
        "1 = 0",
        "what was said stays",
        "NEW",
    ),
    ("person_difference_ended", "UPDATE OF ended_at, ended_by_id", "person_difference", "OLD.ended_at IS NULL", "it ends once", "NEW"),
    ("person_difference_kept", "DELETE", "person_difference", "1 = 0", "what was said stays", "OLD"),
    # Who went gets nothing new: what was about to be written for them is written for who stays, or not at all.
    ("hour_entry_of_who_went", "INSERT", "hour_entry", f"NEW.reverses_id IS NOT NULL OR NOT {WENT}", "this record was merged", "NEW"),
    ("attendance_of_who_went", "INSERT", "attendance", f"NOT {WENT}", "this record was merged", "NEW"),
    ("signup_of_who_went", "INSERT", "signup", f"NOT {WENT}", "this record was merged", "NEW"),
)


def _person(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}_person")) for column in columns]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stays_id", sa.Integer(), nullable=False),
        sa.Column("goes_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("merged_at", sa.DateTime(), nullable=True),
        sa.Column("undo_at", sa.DateTime(), nullable=True),
        sa.Column("undo_by_id", sa.Integer(), nullable=True),
        sa.Column("undo_reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        *(sa.CheckConstraint(words, name=op.f(f"ck_merge_{name}")) for name, words in MERGE_CHECKS),
        *_person("merge", "stays_id", "goes_id", "proposed_by_id", "decided_by_id", "undo_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index("uq_merge_goes", "merge", ["goes_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS)
    op.create_index("ix_merge_stays", "merge", ["stays_id"])
    op.create_table(
        "merge_note_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_key", big, nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merge_note_entry_merge_id_merge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_note_entry")),
    )
    op.create_index("ix_merge_note_entry_merge", "merge_note_entry", ["merge_id"])
    op.create_table(
        "merge_source_entry",
        sa.Column("id", big, nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("source_kind", sa.String(length=32), nullable=False),
        sa.Column("source_id", big, nullable=False),
        sa.Column("uncounted", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"source_kind IN ({KINDS})", name=op.f("ck_merge_source_entry_sourcekind")),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merge_source_entry_merge_id_merge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_source_entry")),
        sa.UniqueConstraint("merge_id", "source_kind", "source_id", name=op.f("uq_merge_source_entry_merge_id_source_kind_source_id")),
    )
    op.create_table(
        "person_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_person_difference_in_order")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_person_difference_ended")),
        *_person("person_difference", "low_id", "high_id", "said_by_id", "ended_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_difference")),
    )
    op.create_index(
        "uq_person_difference_open", "person_difference", ["low_id", "high_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_person_difference_high", "person_difference", ["high_id"])
    for table in LEDGERS:
        for statement in append_only(table, dialect):
            op.execute(statement)
    for name, event, table, condition, words, row in GUARDS:
        for statement in guard(dialect, name, event, table, condition, words, row):
            op.execute(statement)


def downgrade() -> None:
    """Merges that stand can not be undone any more afterwards."""
    dialect = op.get_bind().dialect.name
    for name, _, table, *_ in GUARDS:
        for statement in drop(dialect, name, table):
            op.execute(statement)
    for table in ("person_difference", "merge_source_entry", "merge_note_entry", "merge"):
        op.drop_table(table)
