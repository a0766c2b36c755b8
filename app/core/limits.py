"""How often somebody may do something, counted in the database, so that it holds for all processes and machines together.

One row for each limit and for each of those whom it concerns, changed by one statement. Whoever only checks in never touches this table.
See docs/decisions/0060 for which limit refuses and which lets through when it can not count.
"""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import CheckConstraint, String, and_, bindparam, case, delete, or_, select, text, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, db, in_transaction, is_sqlite, rows, table_of, upsert, writing

log = logging.getLogger(__name__)
SWEPT = 200  # rows that have run out, taken away with a new one
KEPT = timedelta(hours=1)  # after it ran out, so that nobody who begins anew meets the sweeping


@dataclass(frozen=True)
class Limit:
    """`most` uses in `window`, which begins with the first of them: at its edge two windows meet, so twice as many may come close together.

    `lets_through`: what happens when the database can not count; else the error goes on to whoever asked.
    """

    name: str
    most: int
    window: timedelta
    lets_through: bool = False


class LimitUse(Base):
    """`who` is a keyed digest: neither an address nor a person can be read from it. On PostgreSQL the table is unlogged."""

    __tablename__ = "limit_use"
    __table_args__ = (CheckConstraint("used > 0", name="used"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    used: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)


def wait_for(limit: Limit, who: str, now: datetime) -> int:
    """Counts one use and returns 0; or, where `most` are used, counts nothing and returns the seconds until it may be tried again.

    In a transaction of its own. Whoever is refused has only read: hammering takes no lock from anybody.
    """
    try:
        return wait_left(limit, who, now) or in_transaction(lambda: use(limit, who, now))
    except SQLAlchemyError:
        if not limit.lets_through:
            raise
        db.session.rollback()
        log.warning("the limit %s can not count", limit.name)
        return 0


def wait_left(limit: Limit, who: str, now: datetime) -> int:
    """Seconds to wait, 0 where there are uses left; counts nothing. For limits of which only what fails is counted."""
    full = rows(_FULL, name=limit.name, who=_digest(limit.name, who), most=limit.most, now=now, longest=now + limit.window)
    return _seconds(full[0][0], now) if full else 0


def use(limit: Limit, who: str, now: datetime) -> int:
    """The same inside a write transaction, where the use is undone with what it was for."""
    writing()
    key, ends = _digest(limit.name, who), now + limit.window
    found = db.session.execute(_using(limit, key, now, ends)).scalar_one_or_none()
    if found is None:
        until = db.session.scalar(select(LimitUse.until).where(LimitUse.name == limit.name, LimitUse.who == key))
        return _seconds(until or ends, now)
    if found == 1:
        _sweep(now)
    return 0


def one_at_a_time(*keys: str) -> None:
    """In this transaction, whoever has one of these keys is alone until it ends. SQLite has one writer anyhow."""
    writing()
    if not is_sqlite():
        for number in sorted({_number(key) for key in keys}):  # always in the same order: nobody waits for one who waits for them
            db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _using(limit: Limit, key: str, now: datetime, ends: datetime) -> Any:
    """One INSERT … ON CONFLICT that returns how many are used, this one among them, or nothing when there are none left."""
    table = LimitUse
    anew = or_(table.until <= now, table.until > ends)  # run out; or written by a clock that was wrong
    adding = upsert(table).values(name=limit.name, who=key, used=1, until=ends)
    return adding.on_conflict_do_update(
        index_elements=["name", "who"],
        set_={"used": case((anew, 1), else_=table.used + 1), "until": case((anew, ends), else_=table.until)},
        where=or_(anew, table.used < limit.most),
    ).returning(table.used)


_FULL = select(table_of(LimitUse).c.until).where(
    and_(
        LimitUse.name == bindparam("name"),
        LimitUse.who == bindparam("who"),
        LimitUse.used >= bindparam("most"),
        LimitUse.until > bindparam("now"),
        LimitUse.until <= bindparam("longest"),
    )
)


def _sweep(now: datetime) -> None:
    """Some of what ran out long ago; rows that somebody else holds are left to the next."""
    old = select(LimitUse.name, LimitUse.who).where(LimitUse.until < now - KEPT).limit(SWEPT)
    if not is_sqlite():
        old = old.with_for_update(skip_locked=True)
    db.session.execute(
        delete(LimitUse).where(tuple_(LimitUse.name, LimitUse.who).in_(old)), execution_options={"synchronize_session": False}
    )


def _seconds(until: datetime, now: datetime) -> int:
    return max(1, int((until - now).total_seconds() + 0.999))


def _digest(name: str, who: str) -> str:
    return hmac.new(str(current_app.config["SECRET_KEY"]).encode(), f"limit {name} {who}".encode(), hashlib.sha256).hexdigest()


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
