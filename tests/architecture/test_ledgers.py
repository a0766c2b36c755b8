"""Append-only means it: every way to change a row of a ledger, a scan or an audit row is tried on both engines.

The tables are found by looking: whatever ends in `_entry`, and `scan` and `audit_event`. A later ledger is covered by its name.
"""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import JSON, Boolean, Column, Connection, Date, DateTime, Enum, Integer, Table, Uuid, insert, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from app.core.config import ROOT
from app.core.db import Base, UtcDateTime, db, in_transaction
from app.web import tables  # noqa: F401 (so that the metadata is whole)

NAIVE = datetime.fromisoformat("2026-01-01T00:00:00")
ALSO = {"certificate", "confirmed_pack", "pack_withdrawal", "scan", "audit_event"}
PLACE = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def is_append_only(name: str) -> bool:
    return name.endswith("_entry") or name in ALSO


LEDGERS = sorted(name for name in Base.metadata.tables if is_append_only(name))


def guards(connection: Connection, table: str) -> set[str]:
    """The verbs that the database itself refuses on a table."""
    if connection.dialect.name == "sqlite":
        found = connection.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table})
        pattern = rf"BEFORE (UPDATE|DELETE) ON {table} BEGIN SELECT RAISE\(ABORT, '{table} is append-only'\); END"
        return {match[1] for sql in found if (match := re.search(pattern, sql))}
    found = connection.scalars(
        text(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = CAST(:t AS regclass) AND NOT tgisinternal "
            "AND tgenabled IN ('O', 'A') AND tgfoid = CAST('refuse_change()' AS regprocedure)"
        ),
        {"t": table},
    )
    return {verb for sql in found for verb in ("UPDATE", "DELETE", "TRUNCATE") if re.search(rf"BEFORE [A-Z ]*{verb}[A-Z ]* ON", sql)}


def demanded(connection: Connection) -> set[str]:
    return {"UPDATE", "DELETE"} if connection.dialect.name == "sqlite" else {"UPDATE", "DELETE", "TRUNCATE"}


def some_value(column: Column[Any]) -> Any:
    """Anything of the column's type: what is attacked is the guard, so sense and references do not matter here."""
    kind = column.type
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class or kind.enums))
    values = {Boolean: True, UtcDateTime: datetime(2026, 1, 1, tzinfo=UTC), DateTime: NAIVE, Date: date(2026, 1, 1)}
    values |= {Integer: 1, Uuid: UUID(int=1), JSON: {}}
    return next((value for cls, value in values.items() if isinstance(kind, cls)), "x")


def a_row(table: Table) -> dict[str, Any]:
    return {column.name: some_value(column) for column in table.columns if not column.nullable or column.primary_key}


def put_row(table: Table) -> dict[str, Any]:
    """One row by force in this test's own database: references, checks and other triggers are put out of its way first."""
    row = a_row(table)
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            others = connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t AND sql NOT LIKE '%is append-only%'"),
                {"t": table.name},
            ).all()
            for statement in (
                "PRAGMA foreign_keys = OFF",
                "PRAGMA ignore_check_constraints = ON",
                *(f"DROP TRIGGER {name}" for name in others),
            ):
                connection.execute(text(statement))
            connection.execute(insert(table).values(row))
            connection.invalidate()
            return row
        for kind, name in connection.execute(
            text(
                "SELECT 'CONSTRAINT', conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass) AND contype = 'c' UNION ALL "
                "SELECT 'TRIGGER', tgname FROM pg_trigger WHERE tgrelid = CAST(:t AS regclass) AND NOT tgisinternal "
                "AND tgfoid <> CAST('refuse_change()' AS regprocedure)"
            ),
            {"t": table.name},
        ).all():
            drop = (
                f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{name}"'
                if kind == "CONSTRAINT"
                else f'DROP TRIGGER "{name}" ON "{table.name}"'
            )
            connection.execute(text(drop))
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(insert(table).values(row))
        connection.execute(text("SET session_replication_role = origin"))
    return row


def attacks(table: Table, row: dict[str, Any], connection: Connection) -> dict[str, Any]:
    """A name and a statement for every way there is in SQL."""
    name, key = table.name, next(iter(table.primary_key))
    other = next(column for column in table.columns if not column.primary_key)
    replaced = row | {other.name: some_value(other)}
    upsert = PLACE[connection.dialect.name](table).values(replaced)
    found: dict[str, Any] = {
        "UPDATE": table.update().values({other.name: some_value(other)}),
        "UPDATE of one row": table.update().where(key == row[key.name]).values({other.name: some_value(other)}),
        "UPDATE of its key": text(f'UPDATE "{name}" SET "{key.name}" = "{key.name}"'),
        "DELETE": table.delete(),
        "DELETE of one row": table.delete().where(key == row[key.name]),
        "upsert": upsert.on_conflict_do_update(index_elements=[key], set_={other.name: upsert.excluded[other.name]}),
    }
    if connection.dialect.name == "sqlite":
        found["INSERT OR REPLACE"] = insert(table).prefix_with("OR REPLACE").values(replaced)
        found["UPDATE OR REPLACE"] = table.update().prefix_with("OR REPLACE").values({other.name: some_value(other)})
        return found
    parents = {link.column.table.name for link in table.foreign_keys if link.column.table.name != name}
    if not any(link.column.table is table for one in Base.metadata.tables.values() if one is not table for link in one.foreign_keys):
        found["TRUNCATE"] = text(f'TRUNCATE "{name}"')  # of a table that others refer to, PostgreSQL refuses it by itself
    found["TRUNCATE … CASCADE"] = text(f'TRUNCATE "{name}" CASCADE')
    found |= {f"TRUNCATE {parent} CASCADE": text(f'TRUNCATE "{parent}" CASCADE') for parent in sorted(parents)}
    if (connection.dialect.server_version_info or (0,)) < (15,):
        return found
    merge = f'MERGE INTO "{name}" USING (SELECT 1) one ON true WHEN MATCHED THEN '
    found["MERGE … UPDATE"] = text(f'{merge}UPDATE SET "{other.name}" = "{name}"."{other.name}"')
    found["MERGE … DELETE"] = text(f"{merge}DELETE")
    return found


def refused(connection: Connection, statement: Any) -> bool:
    try:
        connection.execute(statement)
    except IntegrityError as error:
        return "is append-only" in str(error)
    return False


def test_the_ledgers_are_found(app):
    there = {name for name in inspect(db.engine).get_table_names() if is_append_only(name)}
    assert there == set(LEDGERS)
    assert {"hour_entry", "point_entry", "scan", "audit_event"} <= there


@pytest.mark.parametrize("name", LEDGERS)
def test_after_all_migrations_the_database_guards_it(app, name):
    with db.engine.connect() as connection:
        assert guards(connection, name) == demanded(connection)


@pytest.mark.parametrize("name", LEDGERS)
def test_sql_can_not_change_it(app, name):
    table = Base.metadata.tables[name]
    row = put_row(table)
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA ignore_check_constraints = ON"))  # a check must not hide a missing guard
        before = connection.execute(select(table)).all()
        assert len(before) == 1
        for way, statement in attacks(table, row, connection).items():
            assert refused(connection, statement), f"{way} went through"
            assert connection.execute(select(table)).all() == before, way
        connection.invalidate()


@pytest.mark.parametrize("name", LEDGERS)
@pytest.mark.parametrize("deed", ["update", "delete"])
def test_objects_can_not_change_it(app, name, deed):
    row = put_row(Base.metadata.tables[name])
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.name == name)
    key = next(iter(model.__table__.primary_key)).name
    other = next(column for column in model.__table__.columns if not column.primary_key)

    def work() -> None:
        one = db.session.get_one(model, row[key])
        if deed == "delete":
            db.session.delete(one)
        else:
            flag_modified(one, other.key)
        db.session.flush()

    with pytest.raises(IntegrityError, match="is append-only"):
        in_transaction(work)


def test_every_connection_lets_triggers_see_a_replacement(app, engine):
    if engine != "sqlite":
        return
    with db.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA recursive_triggers")) == 1


def batch_faults(source: str) -> list[str]:
    """Batch mode copies a table and drops the old one, and with it every trigger, without a word."""
    faults = []
    for target in re.findall(r"batch_alter_table\(\s*([^,)\s]+)", source):
        name = target.strip("\"'")
        if name == target:
            faults.append(f"batch_alter_table({target}): which table must stand there as text")
        elif is_append_only(name):
            faults.append(f"batch_alter_table({target}): append-only, its triggers would be lost")
    return faults


def test_no_migration_uses_batch_mode_on_a_ledger():
    for file in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        assert batch_faults(file.read_text(encoding="utf-8")) == [], file.name
    assert '"render_as_batch": False' in (ROOT / "migrations" / "env.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ('with op.batch_alter_table("hour_entry") as batch:', True),
        ("with op.batch_alter_table(\n        'scan', recreate='always') as batch:", True),
        ("with op.batch_alter_table(name) as batch:", True),
        ('with op.batch_alter_table("person") as batch:', False),
    ],
)
def test_the_scan_for_batch_mode_catches_it(line, caught):
    assert bool(batch_faults(line)) is caught


@pytest.mark.parametrize("name", LEDGERS)
def test_a_migration_in_batch_mode_is_caught_by_the_missing_guards(app, name):
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = OFF"))
            for other in connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> :t"), {"t": name}
            ).all():
                connection.execute(text(f"DROP TRIGGER {other}"))  # those that read this table would stop the copying by themselves
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table(name, recreate="always") as batch:
                batch.add_column(Column("later", Integer))
        else:  # what recreating comes to here: a copy takes the table's place
            copy, old = f"{name}_copy", f"{name}_old"
            for statement in (
                f'CREATE TABLE "{copy}" (LIKE "{name}" INCLUDING ALL)',
                f'ALTER TABLE "{name}" RENAME TO "{old}"',
                f'ALTER TABLE "{copy}" RENAME TO "{name}"',
            ):
                connection.execute(text(statement))
        assert guards(connection, name) != demanded(connection)
        connection.invalidate()
