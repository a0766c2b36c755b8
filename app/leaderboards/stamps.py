"""Has anything changed since? Asked before anything is computed, and answered by one cheap query."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Engine, Select, Text, bindparam, func, select
from sqlalchemy import cast as as_type

from app.accounts.models import Account, AccountSession, RoleGrant
from app.accounts.queries import token_digest
from app.audit.models import AuditEvent
from app.core.db import UtcDateTime
from app.hours.models import HourEntry
from app.people.models import Consent, Membership, Person, UnitAncestry
from app.worklist.models import Notice
from app.worklist.service import notice_line


@dataclass(frozen=True)
class Stamp:
    """What a reader's page of boards depends on, in one cheap query.

    Two equal stamps are the same state: nothing that a board or its frame shows was committed in between. It is read
    first, so that what is made under it may be newer, never older. `reader` is None for whoever is not signed in.
    """

    version: Hashable
    reader: tuple[Hashable, ...] | None = None
    has_role: bool = False

    @property
    def person_id(self) -> int | None:
        return cast(int, self.reader[1]) if self.reader else None

    @property
    def unread(self) -> int:
        return cast(int, self.reader[3]) if self.reader else 0


def _stamp_query(sqlite: bool) -> Select[Any]:
    """SQLite has one writer, so the newest ids are a version: entries and audit rows are append-only, and updates are audited.

    PostgreSQL commits ids out of order: there it is the snapshot itself, which changes with every commit.
    """
    if sqlite:
        tables = (HourEntry, AuditEvent, Membership, Consent, UnitAncestry)
        newest = [select(func.max(table.__table__.c.id)).scalar_subquery() for table in tables]
        event, latest = AuditEvent.__table__, AuditEvent.__table__.alias()  # its moment tells a restored database, where ids begin again
        last = select(as_type(event.c.at, Text)).where(event.c.id == select(func.max(latest.c.id)).scalar_subquery())
        return select(*newest, last.scalar_subquery())
    return select(as_type(func.pg_current_snapshot(), Text))


def _reader_query(sqlite: bool) -> Select[Any]:
    """The same with the session, its person, the unread notices and how many roles there are; no row when it has ended."""
    held, account, person = AccountSession.__table__.c, Account.__table__.c, Person.__table__.c
    notice, grant = Notice.__table__.c, RoleGrant.__table__.c
    unread = select(func.count(notice_line.distinct())).where(notice.person_id == person.id, notice.read_at.is_(None)).scalar_subquery()
    newest = select(func.max(notice.id)).where(notice.person_id == person.id).scalar_subquery()
    roles = select(func.count()).where(grant.person_id == person.id).scalar_subquery()
    return (
        _stamp_query(sqlite)
        .add_columns(held.id, person.id, person.name, unread, newest, roles)
        .select_from(
            AccountSession.__table__.join(Account.__table__, account.id == held.account_id).join(
                Person.__table__, person.id == account.person_id
            )
        )
        .where(held.token_hash == bindparam("token_hash"), held.revoked_at.is_(None), held.expires_at > bindparam("now"))
    )


READER_COLUMNS = 6


@dataclass(frozen=True)
class _Driven:
    """A query in the words of the driver, made once: this runs at every request, also at those that are answered 304."""

    sql: str
    order: tuple[str, ...] | None  # None: parameters are given by name
    when: Callable[[datetime], Any]

    def run(self, engine: Engine, **given: Any) -> tuple[Any, ...] | None:
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self.sql, given if self.order is None else tuple(given[name] for name in self.order))
            row = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
        return None if row is None else tuple(row)


_made: dict[tuple[str, bool], _Driven] = {}


def _driven(engine: Engine, of_reader: bool) -> _Driven:
    dialect = engine.dialect
    made = _made.get((dialect.name, of_reader))
    if made is None:
        sqlite = dialect.name == "sqlite"
        said = (_reader_query(sqlite) if of_reader else _stamp_query(sqlite)).compile(dialect=dialect)
        to_driver = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
        order = tuple(said.positiontup or ()) if said.positional else None
        made = _made[dialect.name, of_reader] = _Driven(str(said), order, to_driver or (lambda moment: moment))
    return made


def stamp(engine: Engine, token: str | None, now: datetime) -> Stamp:
    """`token` is the reader's session. On a connection of its own: no session of the ORM is needed for this."""
    if token:
        asking = _driven(engine, of_reader=True)
        row = asking.run(engine, token_hash=token_digest(token), now=asking.when(now))
        if row is not None:
            return Stamp(row[:-READER_COLUMNS], row[-READER_COLUMNS:], has_role=row[-1] > 0)
    return Stamp(_driven(engine, of_reader=False).run(engine) or ())
