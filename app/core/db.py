"""The database handle, the base model and the one place that commits.

Reads run in autocommit: a session that has read before it writes would hold a deferred transaction, which on SQLite
can not be upgraded under load. A write takes a blocking lock (SQLite), then BEGIN IMMEDIATE; see docs/decisions/0003.
"""

import enum
import fcntl
import os
import select
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Engine, Enum, Executable, Integer, MetaData, Table, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from app.core import prepared
from app.core.prepared import Prepared

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
RETRY = {"40001", "40P01"}  # PostgreSQL: serialisation failure, deadlock


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC without offset. A naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime can not be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only an INTEGER key by itself


def stored(kind: type[enum.Enum], name: str | None = None) -> Enum:
    """An enum stored by value with a named CHECK; give `name` where a table has two columns of one kind."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime,
            enum.Enum: stored(enum.Enum),
            dict[str, Any]: JSON,
            list[Any]: JSON,
        },
    )


def table(name: str) -> Table:
    """By its name: for what goes through the tables of many features, those above its own among them."""
    return Base.metadata.tables[name]


class Session(FlaskSession):
    """Flask-SQLAlchemy's session, which joins the write transaction while there is one."""

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        return self.info.get("connection") or super().get_bind(*args, **options)


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    engine_options={"isolation_level": "AUTOCOMMIT"},
    session_options={"class_": Session, "expire_on_commit": False, "autoflush": True},
)
_threads = threading.Lock()


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "busy_timeout=5000",
    "cache_size=-512",  # KiB of each connection, of which a worker has one a thread; the machine keeps the file's pages besides
    "secure_delete=ON",  # what is deleted or replaced is overwritten, not only let go
)


def prepare(engine: Engine) -> None:
    """Once per engine: SQLite's pragmas, and BEGIN IMMEDIATE for connections that are going to write."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "checkout", _refuse_a_dead_line)
        return

    @event.listens_for(engine, "connect")
    def pragmas(connection: Any, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            cast("sqlite3.Connection", connection.connection.driver_connection).execute("BEGIN IMMEDIATE")


def _refuse_a_dead_line(connection: Any, _record: object, _taken: object) -> None:
    """PostgreSQL was started anew, or closed an idle connection: the pool then opens another before anything was asked.

    A server that hangs up says so, and an idle connection has nothing else to read; looking asks the kernel, never the server.
    """
    line = select.poll()
    if not connection.closed:
        line.register(connection.fileno(), select.POLLIN)
    if connection.closed or line.poll(0):
        raise DisconnectionError("the server hung up")


@contextmanager
def one_writer(engine: Engine) -> Iterator[None]:
    """SQLite: one writer at a time over all threads and processes, without polling. PostgreSQL needs none of it."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    with _threads:
        file = _lock_file(engine.url.database)
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


_lock_files: dict[tuple[int, str], int] = {}


def _lock_file(database: str) -> int:
    """The open lock file beside a database: opened once a process (a lock is not shared with a parent's), again when it was removed."""
    key = (os.getpid(), database)
    known = _lock_files.get(key)
    if known is not None and os.fstat(known).st_nlink:
        return known
    if known is not None:
        os.close(known)
    _lock_files[key] = os.open(f"{database}.lock", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    return _lock_files[key]


def in_transaction(work: Callable[[], T]) -> T:
    """Run `work` in a write transaction and commit it; the only commit there is. A lost race runs it once more."""
    if "connection" in db.session.info:
        raise RuntimeError("in_transaction inside in_transaction: use cases compose, they do not commit")
    try:
        return _run(work)
    except IntegrityError:
        return _run(work)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in RETRY:
            raise
        return _run(work)


def _run(work: Callable[[], T]) -> T:
    session = db.session()
    if session.in_transaction():
        session.commit()  # ends the reads' autocommit "transaction"; nothing is open in the database
    engine = db.engine
    options: dict[str, Any] = {"writes": True} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with engine.connect() as plain, one_writer(engine):
        connection = plain.execution_options(**options)
        transaction = connection.begin()
        session.info["connection"] = connection
        try:
            result = work()
            if session.in_transaction():
                session.commit()  # flushes; what commits is the transaction that it joined
            transaction.commit()
        except BaseException:
            session.rollback()
            if transaction.is_active:
                transaction.rollback()
            elif "writes" in options:  # SQLite keeps a transaction open whose COMMIT was refused (a deferred key, a full disk)
                cast("sqlite3.Connection", connection.connection.driver_connection).rollback()
            raise
        finally:
            del session.info["connection"]
    return result


def let_go_of_the_log() -> bool:
    """SQLite: what was replaced stands in the log of changes until that begins anew, which it does here, after a commit.

    False: somebody reads there, a backup perhaps; who writes is not kept waiting for them. PostgreSQL lets go by itself, within hours.
    """
    if not is_sqlite():
        return True
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=200")
        try:
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        except OperationalError:  # a full disk: what was committed stands
            return False
        finally:
            connection.exec_driver_sql("PRAGMA busy_timeout=5000")


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def writing() -> None:
    """Called by services that only make sense inside a write transaction."""
    if "connection" not in db.session.info:
        raise RuntimeError("this use case writes: call it through in_transaction")


def upsert(table: Any) -> Any:
    """The engine's own INSERT, which knows ON CONFLICT; for totals, never for ledgers."""
    return sqlite.insert(table) if is_sqlite() else postgresql.insert(table)


def table_of(model: type[Base]) -> Table:
    """The table itself, for statements that are built once and run on the connection."""
    return cast(Table, model.__table__)


def rows(statement: Executable, **values: Any) -> list[Any]:
    """The rows of a statement that was built once, at import, with `bindparam`s: for paths where a queue waits.

    Building a select costs ten times what executing it does, so the gate builds its own only once and reads columns.
    Inside a write transaction it reads there, else in autocommit: on the session's connection where that has one, so that a thread holds
    one connection and not two.
    """
    with _reading() as connection:
        return prepared.run(statement, connection, values)


def rows_of(made: Prepared, values: Mapping[str, Any]) -> list[Any]:
    """The same of a statement that its caller prepared and keeps."""
    with _reading() as connection:
        return made.run(connection, values)


@contextmanager
def _reading() -> Iterator[Connection]:
    session = db.session()
    if (writer := session.info.get("connection")) is not None:
        yield writer
    elif session.in_transaction():
        yield session.connection()
    else:
        with db.engine.connect() as connection:
            yield connection


def put_rows(statement: Executable, values: Sequence[Mapping[str, Any]]) -> None:
    """One statement that was built once, for each of the values, inside a write transaction. Nothing where there are none."""
    connection = db.session.info["connection"]
    if len(values) == 1:
        prepared.run(statement, connection, values[0])
    elif values:
        connection.execute(statement, values)


def add_row(table: Any, **values: Any) -> None:
    """One INSERT of a table inside a write transaction, its statement compiled once."""
    prepared.run(_insert_into(table), db.session.info["connection"], values)


@lru_cache
def _insert_into(table: Any) -> Any:
    return insert(table).inline()
