"""Has anything changed since? Asked before anything is computed, and answered by one cheap query."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import local
from typing import Any, cast
from weakref import finalize

from sqlalchemy import Engine, Select, Text, bindparam, func, select
from sqlalchemy import cast as as_type

from app.accounts.models import Account, AccountSession, RoleGrant
from app.accounts.queries import token_digest
from app.audit.models import AuditEvent
from app.core.db import UtcDateTime
from app.core.shelf import Recent
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
        .add_columns(held.expires_at, held.id, person.id, person.name, unread, newest, roles)
        .select_from(
            AccountSession.__table__.join(Account.__table__, account.id == held.account_id).join(
                Person.__table__, person.id == account.person_id
            )
        )
        .where(held.token_hash == bindparam("token_hash"), held.revoked_at.is_(None), held.expires_at > bindparam("now"))
    )


READER_COLUMNS = 7


@dataclass(frozen=True)
class _Driven:
    """A query in the words of the driver, made once: this runs at every request, also at those that are answered 304."""

    sql: str
    order: tuple[str, ...] | None  # None: parameters are given by name
    to_driver: Callable[[Any], Any]
    from_driver: Callable[[Any], Any]

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


def _as_it_is(moment: Any) -> Any:
    return moment


_made: dict[tuple[str, bool], _Driven] = {}


def _driven(engine: Engine, of_reader: bool) -> _Driven:
    dialect = engine.dialect
    made = _made.get((dialect.name, of_reader))
    if made is None:
        sqlite = dialect.name == "sqlite"
        said = (_reader_query(sqlite) if of_reader else _stamp_query(sqlite)).compile(dialect=dialect)
        moment = UtcDateTime().dialect_impl(dialect)
        to_driver, from_driver = moment.bind_processor(dialect), moment.result_processor(dialect, None)
        order = tuple(said.positiontup or ()) if said.positional else None
        made = _made[dialect.name, of_reader] = _Driven(str(said), order, to_driver or _as_it_is, from_driver or _as_it_is)
    return made


class _Ends:
    """Closes a connection with the last of what a thread holds, at the latest with the process."""

    def __init__(self, connection: Any) -> None:
        finalize(self, connection.close)


class _Line(local):
    """A connection that a thread keeps for what every reader asks of PostgreSQL: taking one and planning takes as long as the answer.

    It is hung up when its thread ends.
    """

    engine: Engine | None = None
    cursor: Any = None
    end: Any = None

    def ask(self, engine: Engine, sql: str) -> tuple[Any, ...]:
        if self.engine is not engine or self.cursor.connection.closed:
            self.hang_up()
            held = engine.raw_connection()
            self.engine, self.cursor = engine, held.cursor()
            held.detach()  # its place in the pool is another's
            self.end = _Ends(self.cursor.connection)
        try:
            return cast(tuple[Any, ...], self.cursor.execute(sql, prepare=True).fetchone())
        except BaseException:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        if self.cursor is not None:
            self.cursor.connection.close()
        self.engine = self.cursor = self.end = None


_line = _Line()


def _snapshot(engine: Engine) -> tuple[Any, ...]:
    """Asked once more where the line had died: the database was started anew."""
    sql = _driven(engine, of_reader=False).sql
    try:
        return _line.ask(engine, sql)
    except engine.dialect.loaded_dbapi.OperationalError:
        return _line.ask(engine, sql)


lately: Recent[tuple[Stamp, datetime]] = Recent(8192)  # a reader's stamp and when their session ends, by version and session


def stamp(engine: Engine, token: str | None, now: datetime) -> Stamp:
    """`token` is the reader's session. On a connection of its own: no session of the ORM is needed for this.

    PostgreSQL takes a third of the time for its snapshot alone: under the one that a reader was last seen with, they are as they were.
    """
    if not token:
        return Stamp(_driven(engine, of_reader=False).run(engine) or ())
    held, shortcut = token_digest(token), engine.dialect.name != "sqlite"
    if shortcut:
        version = _snapshot(engine)
        known = lately.get((engine.url, version, held))
        if known is not None and now < known[1]:
            return known[0]
    asking = _driven(engine, of_reader=True)
    row = asking.run(engine, token_hash=held, now=asking.to_driver(now))
    if row is None:
        return Stamp(_driven(engine, of_reader=False).run(engine) or ())
    ends, *reader = row[-READER_COLUMNS:]
    found = Stamp(row[:-READER_COLUMNS], tuple(reader), has_role=reader[-1] > 0)
    if shortcut:
        lately.put((engine.url, found.version, held), (found, asking.from_driver(ends)))
    return found
