"""One source of time. Stored instants are UTC; days, months and years are those of Asia/Shanghai.

China has had no daylight saving since 1991, so a fixed offset is exact for every instant recorded here
and needs no time-zone database on the machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_frozen: datetime | None = None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """Today's date in Guicheng."""
    return local_date(now())


def local(instant: datetime) -> datetime:
    """The same instant on Guicheng's wall clock."""
    return instant.astimezone(SHANGHAI)


def local_date(instant: datetime) -> date:
    return local(instant).date()


def at_local(day: date, clock_time: time = time()) -> datetime:
    """The UTC instant of a wall-clock time in Guicheng."""
    return datetime.combine(day, clock_time, SHANGHAI).astimezone(UTC)


@contextmanager
def frozen_at(instant: datetime) -> Iterator[None]:
    """For tests: time stands still inside the block."""
    global _frozen
    before, _frozen = _frozen, instant
    try:
        yield
    finally:
        _frozen = before
