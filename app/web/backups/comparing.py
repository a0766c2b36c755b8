"""Two databases row by row, whatever engines they are of: a row is what Python reads of it by the types of our tables."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Connection, Row, Select, Table, select, text

BATCH = 5000
NAMED = 5  # rows of a table that are named where it differs
WHOLE = 2**256
SEQUENCES = """
SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
"""


@dataclass(frozen=True)
class Digest:
    """How many rows, and the sum of their digests: it needs no order, which engines do not agree about for texts."""

    rows: int = 0
    total: int = 0

    def and_rows(self, rows: Iterable[Sequence[Any]], written: Callable[[Sequence[Any]], bytes]) -> "Digest":
        count, total = self.rows, self.total
        for row in rows:
            count += 1
            total += int.from_bytes(hashlib.sha256(written(row)).digest(), "big")
        return Digest(count, total % WHOLE)

    def __str__(self) -> str:
        return f"{self.rows} rows {self.total:064x}"


def writer(table: Table) -> Callable[[Sequence[Any]], bytes]:
    """The written form of a row of `table`: its values as Python writes them, what is JSON with its keys in order.

    Not equal for equal-looking values of other kinds: 1, "1" and True are three.
    """
    documents = {place for place, column in enumerate(table.columns) if isinstance(column.type, JSON)}

    def plain(row: Sequence[Any]) -> bytes:
        return repr(tuple(row)).encode("utf-8", "surrogatepass")

    def with_documents(row: Sequence[Any]) -> bytes:
        ordered = (json.dumps(value, sort_keys=True) if place in documents else value for place, value in enumerate(row))
        return repr(tuple(ordered)).encode("utf-8", "surrogatepass")

    return with_documents if documents else plain


def batches(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """Without holding them all; on PostgreSQL inside a transaction of the caller's."""
    rows = connection.execution_options(stream_results=True, max_row_buffer=BATCH).execute(statement)
    while batch := rows.fetchmany(BATCH):
        yield batch


def digest(connection: Connection, table: Table) -> Digest:
    found, written = Digest(), writer(table)
    for batch in batches(connection, select(table)):
        found = found.and_rows(batch, written)
    return found


def differences(old: Connection, new: Connection, tables: Iterable[Table], known: dict[str, Digest] | None = None) -> list[str]:
    """In words, one line for each table that is not the same in both; empty when all are. `known`: digests of `old` that the caller has."""
    found = []
    for table in tables:
        before = known[table.name] if known else digest(old, table)
        after = digest(new, table)
        if before != after:
            found.append(f"{table.name}：原来 {before.rows} 条，新库 {after.rows} 条；{'；'.join(_named(old, new, table))}")
    return found + behind(new)


def behind(new: Connection) -> list[str]:
    """PostgreSQL's counters that would give a number that is taken already."""
    if new.dialect.name != "postgresql":
        return []
    found = []
    for table, column, sequence in new.execute(text(SEQUENCES)).all():
        highest = new.scalar(text(f'SELECT max("{column}") FROM "{table}"')) or 0  # noqa: S608 (the catalogue's own names)
        last, called = new.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608
        if (last if called else last - 1) < highest:
            found.append(f"{table}.{column} 的编号计数停在 {last}，已经用到 {highest}")
    return found


def _named(old: Connection, new: Connection, table: Table) -> Iterator[str]:
    """A few of the rows in question by their key, and which columns differ; never what stands in them."""
    keys = [place for place, column in enumerate(table.columns) if column.primary_key]
    before, after = _by_key(old, table, keys), _by_key(new, table, keys)
    found = [(key, "新库里没有") for key in before.keys() - after.keys()]
    found += [(key, "原来没有") for key in after.keys() - before.keys()]
    found += [(key, "") for key in before.keys() & after.keys() if before[key] != after[key]]
    for key, said in sorted(found, key=lambda one: str(one[0]))[:NAMED]:
        shown = "-".join(str(part) for part in key)
        yield f"{shown} {said or _columns(old, new, table, keys, key)}"
    if len(found) > NAMED:
        yield f"等共 {len(found)} 条"


def _by_key(connection: Connection, table: Table, keys: Sequence[int]) -> dict[tuple[Any, ...], bytes]:
    written = writer(table)
    return {
        tuple(row[place] for place in keys): hashlib.sha256(written(row)).digest()
        for batch in batches(connection, select(table))
        for row in batch
    }


def _columns(old: Connection, new: Connection, table: Table, keys: Sequence[int], key: Sequence[Any]) -> str:
    columns = list(table.columns)
    same = [columns[place] == part for place, part in zip(keys, key, strict=True)]
    pair = [connection.execute(select(table).where(*same)).one() for connection in (old, new)]
    return "、".join(column.name for column, before, after in zip(columns, *pair, strict=True) if before != after) + " 不一样"
