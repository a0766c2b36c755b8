"""From one engine's database into another's, row for row: how a site that outgrew SQLite comes to PostgreSQL.

All of it is one transaction of the new database, verified before it is committed. What breaks off leaves nothing, and begins anew.
"""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any, cast

from psycopg import Connection as Psycopg
from psycopg import DataError, sql
from sqlalchemy import Connection, Engine, MetaData, Table, select, text

from app.core.db import one_writer
from app.web.backups import comparing
from app.web.backups.archive import BackupError
from app.web.backups.comparing import SEQUENCES, Digest

Told = Callable[[str], object]
SHOWN = 50_000  # rows of a table that are worth a line while it goes on
REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def copy_all(source: Engine, target: Engine, metadata: MetaData, told: Told = lambda _line: None) -> int:
    """Every row of `source` into the migrated, empty PostgreSQL `target`; returns how many. Raises BackupError, with nothing copied,
    where a table does not read the same in both afterwards.

    References and triggers of the target are put aside and set up again before it commits, so that every reference is checked
    once more, and totals are copied instead of being added up a second time.
    """
    tables = list(metadata.tables.values())
    with _at_rest(source) as old, _writing(target) as new:
        references = new.execute(text(REFERENCES)).all()
        for table, name, _ in references:
            new.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        for one in tables:
            new.execute(text(f'ALTER TABLE "{one.name}" DISABLE TRIGGER USER'))
            new.execute(text(f'TRUNCATE "{one.name}"'))  # what the migrations put in comes with the rest
        copied = {table.name: _copy(old, new, table, told) for table in tables}
        for table, name, definition in references:
            new.execute(text(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
        for one in tables:
            new.execute(text(f'ALTER TABLE "{one.name}" ENABLE TRIGGER USER'))
        for table, column, sequence in new.execute(text(SEQUENCES)).all():
            highest = f'SELECT max("{column}") FROM "{table}"'  # noqa: S608 (the catalogue's own names)
            new.execute(text(f"SELECT setval(:sequence, coalesce(({highest}), 1), ({highest}) IS NOT NULL)"), {"sequence": sequence})
        told("都抄过去了，正在逐行核对 …")
        if found := comparing.differences(old, new, tables, copied):
            raise BackupError("核对不一致，没有搬，新库还是空的：\n" + "\n".join(found))
    with target.connect() as after:
        after.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))  # else the first hours are planned blindly
    return sum(one.rows for one in copied.values())


def compare_all(source: Engine, target: Engine, metadata: MetaData) -> tuple[int, list[str]]:
    """Both as they are now: how many rows the source has, and in words what differs."""
    tables = list(metadata.tables.values())
    with _at_rest(source) as old, _writing(target) as new:
        before = {table.name: comparing.digest(old, table) for table in tables}
        return sum(one.rows for one in before.values()), comparing.differences(old, new, tables, before)


@contextmanager
def _at_rest(source: Engine) -> Any:
    """One moment of the old database, in which nobody writes to it."""
    with one_writer(source), source.connect() as old:
        if old.dialect.name == "sqlite":
            old.exec_driver_sql("BEGIN")
        yield old
        if old.dialect.name == "sqlite":
            old.exec_driver_sql("COMMIT")


@contextmanager
def _writing(target: Engine) -> Any:
    with target.connect().execution_options(isolation_level="REPEATABLE READ") as new, new.begin():
        yield new


def _copy(old: Connection, new: Connection, table: Table, told: Told) -> Digest:
    """COPY, which takes a tenth of the time of INSERTs. The digest is that of the rows as they were read."""
    found, written = Digest(), comparing.writer(table)
    prepared = [column.type.dialect_impl(new.dialect).bind_processor(new.dialect) for column in table.columns]
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    driver = cast("Psycopg[Any]", new.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(into) as copy:
            for batch in comparing.batches(old, select(table)):
                found = found.and_rows(batch, written)
                for row in batch:
                    copy.write_row(_sent(row, prepared))
    except DataError as error:
        raise BackupError(f"{table.name} 里有 PostgreSQL 不收的内容（{error.diag.message_primary or '不能写成文字'}），没有搬。") from error
    if found.rows >= SHOWN:
        told(f"  {table.name} {found.rows} 条")
    return found


def _sent(row: Sequence[Any], prepared: Sequence[Callable[[Any], Any] | None]) -> list[Any]:
    return [value if prepare is None else prepare(value) for value, prepare in zip(row, prepared, strict=True)]
