"""Boards as they were published"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = ("board", "board_line", "board_place", "board_publication")
OF_PERSON = sa.text("person_id IS NOT NULL")
SAME = "EXISTS (SELECT 1 FROM board WHERE board.id = NEW.board_id AND board.frozen_by_id = NEW.published_by_id)"
PUBLISHED = "EXISTS (SELECT 1 FROM board_publication WHERE board_publication.board_id = NEW.board_id)"
REFUSALS = (
    ("board_publication", "board_publication_two_people", SAME, "who froze a board does not publish it"),
    ("board_line", "board_line_published", PUBLISHED, "a published board gains no line"),
)


def _kinds(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _keys(table: str, *columns: tuple[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}_{of}")) for column, of in columns]


def upgrade() -> None:
    op.create_table(
        "board",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _kinds("person", "branch", "community", "team", name="boardkind"), nullable=False),
        sa.Column("length", _kinds("month", "quarter", "year", "all", "custom", name="length"), nullable=False),
        sa.Column("span_key", sa.String(length=24), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("first_on", "last_on", "closes_on", "frozen_on")),
        sa.Column("frozen_at", sa.DateTime(), nullable=False),
        sa.Column("frozen_by_id", sa.Integer(), nullable=True),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_board_dated")),
        sa.CheckConstraint("closes_on > last_on AND frozen_on >= closes_on", name=op.f("ck_board_closed")),
        sa.CheckConstraint("length <> 'all'", name=op.f("ck_board_has_end")),
        *_keys("board", ("frozen_by_id", "person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("kind", "span_key", name="uq_board"),
    )
    op.create_table(
        "board_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("unit_id", "person_id", "community_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("minutes", "honour", "heads", "took", "middle")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("minutes_before", "heads_before")),
        sa.CheckConstraint("(unit_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_board_line_subject")),
        sa.CheckConstraint("took BETWEEN 0 AND heads", name=op.f("ck_board_line_took")),
        sa.CheckConstraint("middle >= 0", name=op.f("ck_board_line_middle")),
        sa.CheckConstraint("(minutes_before IS NULL) = (heads_before IS NULL)", name=op.f("ck_board_line_before")),
        *_keys("board_line", ("board_id", "board"), ("unit_id", "unit"), ("person_id", "person"), ("community_id", "unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_line")),
        sa.UniqueConstraint("board_id", "unit_id", name="uq_board_line_unit"),
        sa.UniqueConstraint("board_id", "person_id", name="uq_board_line_person"),
    )
    op.create_index("ix_board_line_person", "board_line", ["person_id"], sqlite_where=OF_PERSON, postgresql_where=OF_PERSON)
    op.create_table(
        "board_place",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("measure", _kinds("total", "head", "rate", "median", "gain", name="measure"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.CheckConstraint("place >= 1 AND (before IS NULL OR before >= 1)", name=op.f("ck_board_place_place")),
        *_keys("board_place", ("line_id", "board_line")),
        sa.PrimaryKeyConstraint("line_id", "measure", name=op.f("pk_board_place")),
    )
    op.create_table(
        "board_publication",
        sa.Column("board_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        *_keys("board_publication", ("board_id", "board"), ("published_by_id", "person")),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_board_publication")),
    )
    dialect = op.get_bind().dialect.name
    for statement in (one for table in TABLES for one in append_only(table, dialect)):
        op.execute(statement)
    for table, name, condition, words in REFUSALS:
        _refuse(dialect, table, name, condition, words)


def _refuse(dialect: str, table: str, name: str, condition: str, words: str) -> None:
    if dialect == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for _, name, _, _ in REFUSALS:
            op.execute(f"DROP FUNCTION {name}()")
