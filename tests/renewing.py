"""Lines to a test's database that stay open from one test to the next.

A new one reads the whole schema before its first answer: ten milliseconds of SQLite, fifteen of PostgreSQL, and more to close it.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

MANY = 3  # more are of a test of threads
AS_NEW = {
    "sqlite": (
        "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA ignore_check_constraints = OFF; PRAGMA query_only = OFF; "
        "PRAGMA writable_schema = OFF; PRAGMA defer_foreign_keys = OFF; PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF"
    ),
    "postgresql": "SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP",
}


def kept_lines(engine: Engine) -> list[Any]:
    """The driver's own connections that nobody holds, as if new. Where somebody still holds one, or one is broken, none: all are let go."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    if pool.checkedout() or pool.checkedin() > MANY:
        engine.dispose()
        return []
    lines = []
    try:
        for line in [engine.raw_connection() for _ in range(pool.checkedin())]:
            driver = line.driver_connection
            (driver.executescript if engine.dialect.name == "sqlite" else driver.execute)(AS_NEW[engine.dialect.name])
            lines.append(driver)
            line.close()
    except (DBAPIError, engine.dialect.loaded_dbapi.Error):
        engine.dispose()
        return []
    return lines
