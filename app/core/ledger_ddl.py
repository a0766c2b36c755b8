"""The triggers that keep a table append-only, for migrations of both engines.

SQLite: `INSERT OR REPLACE` deletes without firing a DELETE trigger unless `recursive_triggers` is ON (core.db sets it).
PostgreSQL: TRUNCATE fires only a trigger of its own.
"""


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
