"""A PostgreSQL copy of the template made like new in place, for a fraction of what another copy costs.

Rows go, seeds and sequences come back. Where anything else than rows has changed, or a row can not be reached, `renew` says no and
the caller makes a copy. The test has committed for real all the same: see docs/decisions/0004.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql

PATIENCE = 5_000  # ms, for what a test left behind: a session that is ending, a lock
CATALOGUES: tuple[LiteralString, ...] = (
    "pg_class",
    "pg_attribute",
    "pg_attrdef",
    "pg_constraint",
    "pg_trigger",
    "pg_proc",
    "pg_type",
    "pg_namespace",
    "pg_event_trigger",
)
# Whatever DDL does, it adds, removes or rewrites a row of these.
SHAPE = "SELECT " + ", ".join(f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {name})" for name in CATALOGUES)
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
WRITTEN = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
COUNTERS = "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"


class Sweeper:
    """Made on a fresh copy, whose state it remembers."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute(f"SET lock_timeout = {PATIENCE}")
        self.connection.execute("SET session_replication_role = replica")  # no trigger guards a ledger from us
        self.shape = self._rows(SHAPE)
        self.seeds = {name: self._content(name) for name in self._written()}
        self.counters = {name: last for name, last, _ in self._rows(COUNTERS)}

    def close(self) -> None:
        self.connection.close()

    def renew(self, lines: Sequence[psycopg.Connection[Any]]) -> bool:
        """False where only another copy helps; the database is then in no defined state. `lines` stay, all others are ended."""
        ours = [line.info.backend_pid for line in lines]
        try:
            self._rows(f"SELECT pg_terminate_backend(pid, {PATIENCE}) {OTHERS} AND pid <> ALL(%s)", ours)
            if sorted(pid for (pid,) in self._rows(f"SELECT pid {OTHERS}")) != sorted(ours) or self._rows(SHAPE) != self.shape:
                return False
            self._restore_rows()
            self._restore_counters()
        except psycopg.Error:
            return False
        return True

    def _restore_rows(self) -> None:
        written = set(self._written())
        changed = [name for name, seed in self.seeds.items() if self._content(name) != seed]
        stale = [sql.Identifier(name) for name in sorted(written - self.seeds.keys()) + changed]
        if not stale:
            return
        with self.connection.transaction():
            self.connection.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in stale))
            for name in changed:
                with self.connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                    copy.write(self.seeds[name])
        self.connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(stale)))

    def _restore_counters(self) -> None:
        for name, last, start in self._rows(COUNTERS):
            first = self.counters[name]
            if last != first:
                self.connection.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", (name, first or start, first is not None))

    def _written(self) -> list[str]:
        return [name for (name,) in self._rows(WRITTEN)]

    def _content(self, name: str) -> bytes:
        with self.connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
            return b"".join(bytes(part) for part in copy)

    def _rows(self, query: Any, *values: object) -> list[Any]:
        return self.connection.execute(query, values).fetchall()
