"""Twelve years of activities and hours, a month at a time; then their totals. See `app.demo.full`."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import event, text

from app.activities.models import Activity, Shift
from app.activities.rules import ActivityKind, CodeWay
from app.core.clock import at_local
from app.core.db import db, in_transaction, is_sqlite
from app.demo.full import LONG_AGO, Made, Size, free_ids, put
from app.hours.totals import KEPT

Progress = Callable[[str, int, int], None]  # of what, done, of how many


def silent(_what: str, _done: int, _all: int) -> None:
    """Nobody watches."""


TITLES = ("垃圾分类引导", "探访独居长者", "文明交通劝导", "楼道清洁日", "消防通道巡查", "社区学习会", "河涌清洁")
STUDY = 5  # place of the one that is study
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SOURCE_ROOM = 1000  # ids of the sources of one activity

# Who takes part follows from numbers alone, so that both engines make the same: those of the organising unit's own branches,
# the same ones more often than others.
ENTRIES = """
WITH RECURSIVE number(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM number WHERE k + 1 < :crowd),
member AS (
  SELECT m.person_id, m.unit_id, p.parent_id,
    row_number() OVER (PARTITION BY p.parent_id ORDER BY m.person_id) - 1 AS nth, count(*) OVER (PARTITION BY p.parent_id) AS many
  FROM membership m JOIN unit_parent p ON p.unit_id = m.unit_id AND p.valid_to IS NULL
  WHERE m.kind = 'home' AND m.valid_to IS NULL AND m.valid_from <= :since
),
size AS (SELECT parent_id, max(many) AS many FROM member GROUP BY parent_id)
INSERT INTO hour_entry (
  person_id, home_unit_id, organising_unit_id, activity_id, served_on, booked_on, booked_at, hour_class, kind, minutes,
  source_kind, source_id, generation, rule_version, reason
)
SELECT member.person_id, member.unit_id, a.unit_id, a.id, date(a.closed_at), date(a.closed_at), a.closed_at,
  CASE WHEN (a.id * 31 + number.k) % 10 = 0 THEN 'honour' ELSE 'credit' END, a.kind, 60 + 15 * ((a.id * 17 + number.k * 7) % 13),
  'import', CAST(a.id AS BIGINT) * :room + number.k, 0, 'demo', ''
FROM activity a
JOIN size ON size.parent_id = a.unit_id
JOIN number ON number.k < size.many AND number.k < :each + CASE WHEN a.id % :every < :more THEN 1 ELSE 0 END
JOIN member ON member.parent_id = a.unit_id
  AND member.nth = ((a.id * 7919 % size.many) * (a.id * 20011 % size.many) / size.many + number.k) % size.many
WHERE a.id >= :first AND a.id < :last
"""


def fill(made: Made, size: Size, organiser: int, today: date, progress: Progress = silent) -> None:
    """Activities, hour entries and totals. On SQLite a power cut meanwhile loses the file, which holds nothing else yet."""
    if is_sqlite():
        db.session.remove()
        db.engine.dispose()
        event.listen(db.engine, "connect", _careless)
    try:
        _do(made, size, organiser, today, progress)
    finally:
        db.session.remove()
        if is_sqlite():
            event.remove(db.engine, "connect", _careless)
            db.engine.dispose()


def _careless(connection: Any, _record: object) -> None:
    for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _do(made: Made, size: Size, organiser: int, today: date, progress: Progress) -> None:
    first, done = free_ids(Activity), 0
    held = list(_held(made, size, first, organiser, today))
    each, more = divmod(size.entries, len(held))
    for start, stop in _months(held):
        part = held[start:stop]
        in_transaction(lambda part=part: _one_month(part, each, more, len(held)))  # type: ignore[misc]
        done += len(part)
        progress("服务记录", done, len(held))
    db.session.execute(text("ANALYZE"))
    db.session.remove()
    for place, totals in enumerate(KEPT):
        chunks = totals.stale()
        for nth, chunk in enumerate(chunks, 1):
            in_transaction(lambda totals=totals, chunk=chunk: totals.rebuild(chunk))  # type: ignore[misc]
            progress(f"汇总 {place + 1}/{len(KEPT)}", nth, len(chunks))
    db.session.execute(text("ANALYZE"))


def _one_month(part: list[dict[str, Any]], each: int, more: int, every: int) -> None:
    put(Activity, part)
    put(Shift, [_shift(one) for one in part])
    values = {"crowd": each + 1, "each": each, "more": more, "every": every, "room": SOURCE_ROOM, "since": LONG_AGO}
    db.session.execute(text(ENTRIES), {**values, "first": part[0]["id"], "last": part[-1]["id"] + 1})


def _shift(activity: dict[str, Any]) -> dict[str, Any]:
    ends_at = activity["closed_at"]
    return {
        "activity_id": activity["id"],
        "name": "全程",
        "starts_at": ends_at - timedelta(hours=4),
        "ends_at": ends_at,
        "break_minutes": 0,
    }


def _held(made: Made, size: Size, first: int, organiser: int, today: date) -> Iterator[dict[str, Any]]:
    """Evenly over the years, in the order of their days; one in ten by the subdistrict itself, for branches right under it."""
    chance, begin = Random(51), date(today.year - size.years, today.month, 1)
    days = (today - begin).days
    codes: set[str] = set()
    for nth in range(size.activities):
        day = begin + timedelta(days=nth * days // size.activities)
        what = nth % len(TITLES)
        code = "".join(chance.choices(LETTERS, k=8))
        while code in codes:
            code = "".join(chance.choices(LETTERS, k=8))
        codes.add(code)
        ends_at = at_local(day, time(13))  # the day in UTC is the day in Guicheng
        yield {
            "id": first + nth,
            "code": code,
            "title": TITLES[what],
            "kind": ActivityKind.STUDY if what == STUDY else ActivityKind.SERVICE,
            "unit_id": made.root if nth % 10 == 9 else made.communities[nth % len(made.communities)],
            "place_text": "党群服务中心",
            "description": "",
            "risk_note": "",
            "code_way": CodeWay.POSTER,
            "contact_id": organiser,
            "created_at": ends_at - timedelta(days=8),
            "created_by_id": organiser,
            "published_at": ends_at - timedelta(days=7),
            "published_by_id": organiser,
            "closed_at": ends_at,
            "closed_by_id": organiser,
            "served_count": 20 + nth * 37 % 83,
        }


def _months(held: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Places in the list where a month begins and ends."""
    start = 0
    for place, one in enumerate(held):
        at: datetime = one["closed_at"]
        last = place + 1 == len(held)
        if last or held[place + 1]["closed_at"].strftime("%Y%m") != at.strftime("%Y%m"):
            yield start, place + 1
            start = place + 1
