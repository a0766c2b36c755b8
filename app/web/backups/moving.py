"""From one engine's database into another's, row for row: how a site that outgrew SQLite comes to PostgreSQL."""

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, select, text

from app.web.backups.archive import BackupError

BATCH = 1000
REFERENCES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
SEQUENCES = """
SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
"""


def copy_all(source: Engine, target: Engine, metadata: MetaData) -> int:
    """Every row of `source` into the migrated, empty PostgreSQL `target`, in one transaction of each; returns how many.

    References and triggers of the target are put aside and set up again before it commits, so that every reference is checked
    once more, and totals are copied instead of being added up a second time.
    """
    tables = list(metadata.tables.values())
    with source.connect() as old, target.connect().execution_options(isolation_level="READ COMMITTED") as new, new.begin():
        if old.dialect.name == "sqlite":
            old.exec_driver_sql("BEGIN")  # one moment
        references = new.execute(text(REFERENCES)).all()
        for table, name, _ in references:
            new.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
        for one in tables:
            new.execute(text(f'ALTER TABLE "{one.name}" DISABLE TRIGGER USER'))
            new.execute(text(f'TRUNCATE "{one.name}"'))  # what the migrations put in comes with the rest
        moved = sum(_copy(old, new, table) for table in tables)
        for table, name, definition in references:
            new.execute(text(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'))
        for one in tables:
            new.execute(text(f'ALTER TABLE "{one.name}" ENABLE TRIGGER USER'))
        for table, column, sequence in new.execute(text(SEQUENCES)).all():
            highest = f'SELECT max("{column}") FROM "{table}"'  # noqa: S608 (the catalogue's own names)
            new.execute(text(f"SELECT setval(:sequence, coalesce(({highest}), 1), ({highest}) IS NOT NULL)"), {"sequence": sequence})
        if old.dialect.name == "sqlite":
            old.exec_driver_sql("COMMIT")
    return moved


def _copy(old: Connection, new: Connection, table: Table) -> int:
    count = 0
    rows = old.execute(select(table)).mappings()
    while batch := [dict(row) for row in rows.fetchmany(BATCH)]:
        new.execute(insert(table), batch)
        count += len(batch)
    arrived = new.scalar(select(func.count()).select_from(table))
    if arrived != count:
        raise BackupError(f"{table.name} 的记录数对不上，没有搬。")
    return count
