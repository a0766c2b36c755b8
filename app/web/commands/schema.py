"""`flask schema dump`: the database's own words for tables, constraints, indexes, functions and triggers.

The same text on every machine, so that docs/schema/ can be compared with it: Alembic sees neither triggers nor checks.
"""

from collections.abc import Iterator

import click
from flask.cli import AppGroup
from sqlalchemy import Connection, text

from app.core.db import db

schema = AppGroup("schema", help="数据库结构")
COMMANDS = (schema,)

SQLITE = """
SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
ORDER BY tbl_name, CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, name
"""
EXTENSIONS = "SELECT format('CREATE EXTENSION %I', extname) FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname"
FUNCTIONS = """
SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.proname
"""
TABLES = """
SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname COLLATE "C"
"""
COLUMNS = """
SELECT format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = :table AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
CONSTRAINTS = """
SELECT format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE conrelid = :table AND contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY contype, conname COLLATE "C"
"""
INDEXES = """
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = :table AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname COLLATE "C"
"""
TRIGGERS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = :table AND NOT tgisinternal ORDER BY tgname COLLATE "C"
"""


def describe(connection: Connection) -> str:
    """The schema as SQL, one statement after another, in an order that does not depend on history."""
    statements = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    return "".join(f"{statement.strip()};\n\n" for statement in statements)


def _sqlite(connection: Connection) -> Iterator[str]:
    yield from ("\n".join(_settled([line.rstrip() for line in sql.splitlines()])) for sql in connection.scalars(text(SQLITE)))


def _settled(lines: list[str]) -> list[str]:
    """Foreign keys in the order of their names: a table that a migration made anew has them in any order."""
    places = [place for place, line in enumerate(lines) if line.startswith("\tCONSTRAINT fk_")]
    settled = list(lines)
    for place, key in zip(places, sorted(lines[place].removesuffix(",").rstrip() for place in places), strict=True):
        settled[place] = f"{key}," if lines[place].rstrip().endswith(",") else key
    return settled


def _postgresql(connection: Connection) -> Iterator[str]:
    yield from connection.scalars(text(EXTENSIONS))
    yield from connection.scalars(text(FUNCTIONS))
    for oid, name in connection.execute(text(TABLES)).all():
        parts = [*connection.scalars(text(COLUMNS), {"table": oid}), *connection.scalars(text(CONSTRAINTS), {"table": oid})]
        yield f"CREATE TABLE {name} (\n  " + ",\n  ".join(parts) + "\n)"
        yield from connection.scalars(text(INDEXES), {"table": oid})
        yield from connection.scalars(text(TRIGGERS), {"table": oid})


@schema.command("dump")
def dump() -> None:
    """把当前数据库的结构按固定顺序打印出来。"""
    with db.engine.connect() as connection:
        click.echo(describe(connection), nl=False)
