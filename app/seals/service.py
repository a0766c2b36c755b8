"""Sealing days that are over, in short steps: read and digest outside, write each part in a transaction of its own.

It may be killed at any moment and be run again, also twice at the same time: what stands is taken up, nothing is sealed twice.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.core.db import db, in_transaction, is_sqlite, upsert, writing
from app.core.errors import Conflict
from app.core.words import full_day
from app.seals import queries, rules
from app.seals.coverage import By, Sealed, sealed_tables
from app.seals.models import Seal, SealCheck, SealPart
from app.seals.queries import SealRow

LOCK = 0x5EA1  # PostgreSQL's advisory lock: a part is not put while its day is being sealed


def seal_days(now: datetime, *, clock_is_right: bool = False) -> Iterator[SealRow]:
    """Seals every day that is over and is not sealed, oldest first; yields each. Not inside a transaction: it makes its own.

    Raises Conflict where the last seal is so long ago that somebody should look at the clock first, and has not.
    """
    last = queries.last_seal()
    days = rules.days_to_seal(last.day if last else None, now)
    if last and len(days) > rules.LONG_PAUSE and not clock_is_right:
        raise Conflict(
            f"上一次封存的是{full_day(last.day)}，到现在有 {len(days)} 天，这次没有封存。先看服务器的钟；"
            "钟没错（网站停了这么久），请执行一次：flask --app app seal day --clock-is-right"
        )
    for day in days:
        sealed = seal_day(day, now, newest=day == rules.last_day_over(now))
        if sealed is not None:
            yield sealed


def seal_day(day: date, now: datetime, *, newest: bool = True) -> SealRow | None:
    """One day; None when another sealed it meanwhile. Rows without a time go to the `newest` day."""
    previous = queries.last_seal()
    try:
        for one in sealed_tables().values():
            _read_table(one, day, previous, newest=newest)
    except Overtaken:
        return None
    return in_transaction(partial(_close, day, now))


class Overtaken(Exception):
    """Another process sealed the day."""


def _read_table(one: Sealed, day: date, previous: SealRow | None, *, newest: bool) -> None:
    """Puts parts until no row of the table is left for this day: first those that came late, then its own in their order."""
    late = previous is not None and one.by is not By.ALL
    while True:
        count, last = queries.standing(one.name, day)
        keys = _late(one, previous) if late and previous is not None else []
        late = bool(keys)
        keys = keys or _next(one, day, previous, last, newest=newest)
        if not keys:
            return
        columns = one.columns
        rows = queries.digests(one, keys[: rules.PART_ROWS], columns)
        values = {
            "day": day,
            "sealed_table": one.name,
            "seq": count + 1,
            "rows": len(rows),
            "late": late,
            "columns": columns,
            "marks": rules.marks(rows),
            "digest": rules.part_digest(one.name, columns, rows),
        }
        try:
            in_transaction(partial(_put, values))
        except IntegrityError as error:
            if "that day is sealed" in str(error.orig):
                raise Overtaken from error
            raise


def _next(one: Sealed, day: date, previous: SealRow | None, last: str | None, *, newest: bool) -> list[str]:
    """The keys of the next part, behind the last one that stands."""
    if one.by is By.ALL:
        left = dict.fromkeys(queries.all_keys(one))
        for keys in queries.marks_of(one.name):
            for key in keys:
                left.pop(key, None)
        return list(left)
    if one.by is By.TIME:
        since = rules.end_of(previous.day) if previous else None
        return queries.after_row(one, last, since, rules.end_of(day), rules.PART_ROWS)
    before = _upto(previous, one.name)
    upto = queries.highest(one, rules.end_of(day)) if one.when is not None or newest else before
    return queries.numbered(one, max(before, int(last) if last else 0), upto, rules.PART_ROWS)


def _upto(previous: SealRow | None, table: str) -> int:
    """The highest number that earlier seals cover."""
    return int(previous.content.get(table, {}).get("upto") or 0) if previous else 0


def _late(one: Sealed, previous: SealRow) -> list[str]:
    """Rows of days that are sealed which no seal has: of the last few days, since no transaction takes longer."""
    since = queries.look_back(previous.day)
    if one.by is By.TIME:
        left = dict.fromkeys(key for keys in queries.in_time(one, rules.end_of(since), rules.end_of(previous.day)) for key in keys)
    else:
        recent = [seal.content.get(one.name, {}).get("first") for seal in queries.seals(since=since)]
        upto = _upto(previous, one.name)
        lowest = max(min((int(first) for first in recent if first), default=upto + 1), upto - rules.WINDOW)
        left = dict.fromkeys(queries.numbered(one, lowest, upto))
    for keys in queries.marks_of(one.name, since) if left else ():
        for key in keys:
            left.pop(key, None)
    return list(left)


def _lock() -> None:
    writing()
    if not is_sqlite():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _put(values: dict[str, Any]) -> None:
    """Nothing where another has put a part with this number: its reader looks again at what is left."""
    _lock()
    db.session.execute(upsert(SealPart).values(values).on_conflict_do_nothing())


def _close(day: date, now: datetime) -> SealRow | None:
    """The seal itself, over the parts as they stand in the database."""
    _lock()
    previous = queries.last_seal()
    if previous is not None and previous.day >= day:
        return None
    content = _content(day, previous)
    before = previous.digest if previous else rules.BEGINNING
    values = {"day": day, "sealed_at": now, "content": content, "previous": before}
    digest = rules.seal_digest(day, now, before, content)
    seal_id = db.session.execute(insert(Seal).values(**values, digest=digest).returning(Seal.id)).scalar_one()
    audit.record(None, "seal", "seal", seal_id, on=day.isoformat(), digest=digest)
    return SealRow(seal_id, day, now, content, before, digest)


def _content(day: date, previous: SealRow | None) -> dict[str, Any]:
    """What the seal says of each table: also of those of which the day had nothing."""
    found, content = queries.parts_in_short(day), {}
    for name, one in sealed_tables().items():
        mine = found.get(name, [])
        in_time = [part for part in mine if not part.late]
        first = next(iter(rules.read_marks(in_time[0].head))) if in_time else ""
        last = list(rules.read_marks(in_time[-1].tail))[-1] if in_time else ""
        content[name] = {
            "rows": sum(part.rows for part in mine),
            "late": sum(part.rows for part in mine if part.late),
            "parts": len(mine),
            "first": first,
            "last": last,
            "upto": str(max(_upto(previous, name), int(last or 0))) if one.by is By.NUMBER else "",
            "digest": rules.table_digest(part.digest for part in mine),
        }
    return content


def note_check(last_day: date, faults: int, now: datetime) -> None:
    writing()
    db.session.execute(insert(SealCheck).values(checked_at=now, last_day=last_day, faults=faults))
