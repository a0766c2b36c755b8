"""What migrations of both engines say to the database: append-only tables, triggers that refuse or keep, CHECKs that grow.

SQLite: `INSERT OR REPLACE` deletes without firing a DELETE trigger unless `recursive_triggers` is ON (core.db sets it).
PostgreSQL: TRUNCATE fires only a trigger of its own.
"""

from sqlalchemy import Connection


def append_only(table: str, dialect: str) -> list[str]:
    """Statements that make the database refuse UPDATE, DELETE, REPLACE and TRUNCATE on `table`."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def guard(dialect: str, name: str, event: str, table: str, condition: str, message: str, row: str = "NEW") -> list[str]:
    """Statements that refuse `event` on `table` unless `condition` holds; a trigger of this name must not be there (see `drop`)."""
    if dialect == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        return [f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN ({condition}) IS NOT TRUE {body}"]
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF ({condition}) IS NOT TRUE THEN "
        f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF; RETURN {row}; END $$",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def drop(dialect: str, name: str, table: str) -> list[str]:
    """Statements that take back a `guard`."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}"]
    return [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"]


def recheck(bind: Connection, table: str, name: str, before: str, after: str) -> None:
    """Another CHECK in the place of one; on SQLite as its documentation says ("Making other kinds of table schema changes")."""
    old, new = (f"CONSTRAINT {name} CHECK ({words})" for words in (before, after))
    if bind.dialect.name == "postgresql":
        bind.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        bind.exec_driver_sql(f"ALTER TABLE {table} ADD {new}")
        return
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0", (old, new, table, old)
    )
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")
    if changed.rowcount != 1:
        raise RuntimeError(f"{name} is not as this migration knows it")
