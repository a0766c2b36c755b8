"""Posting to the ledger of hours, and to the totals beside it (only `crediting` calls this); when months close."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import insert

from app.core.clock import local_date
from app.core.db import is_sqlite, put_rows, table_of, upsert, writing
from app.hours import queries
from app.hours.closing import DEFAULT, with_days
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal
from app.hours.rules import PERSON_PERIODS, HourPosting, periods_of
from app.settings import service as settings

_ENTRY = insert(table_of(HourEntry))  # built once: a queue waits while this runs


def post(postings: Sequence[HourPosting], now: datetime) -> None:
    """Append the entries and add them to the totals.

    The database refuses a source that is credited twice (IntegrityError).
    """
    writing()
    put_rows(_ENTRY, [{**posting.columns(), "booked_at": now, "booked_on": local_date(now)} for posting in postings])
    _add_to_totals(postings)


def _add_to_totals(postings: Sequence[HourPosting]) -> None:
    """Rows are written in ascending order of their keys, so that two writers never wait for each other in a circle."""
    people: Counter[tuple[int, str, str, str]] = Counter()
    units: Counter[tuple[int, str, str, str]] = Counter()
    people_entries: Counter[tuple[int, str, str, str]] = Counter()
    units_entries: Counter[tuple[int, str, str, str]] = Counter()
    for posting in postings:
        for span in periods_of(posting.counts_on):
            key = (posting.person_id, span.key, posting.kind, posting.hour_class)
            if span.kind in PERSON_PERIODS:
                people[key] += posting.minutes
                people_entries[key] += 1
            if posting.home_unit_id is not None:
                unit_key = (posting.home_unit_id, *key[1:])
                units[unit_key] += posting.minutes
                units_entries[unit_key] += 1
    _add(HourPersonTotal, "person_id", people, people_entries)
    _add(HourUnitTotal, "unit_id", units, units_entries)


def _add(table: Any, owner: str, minutes: Counter[tuple[int, str, str, str]], entries: Counter[tuple[int, str, str, str]]) -> None:
    rows = [
        {owner: key[0], "period": key[1], "kind": key[2], "hour_class": key[3], "minutes": minutes[key], "entries": entries[key]}
        for key in sorted(entries)
    ]
    put_rows(_adding(table, owner, is_sqlite()), rows)


@cache
def _adding(table: Any, owner: str, _sqlite: bool) -> Any:
    """The statement that adds to totals, of each engine built once."""
    adding = upsert(table.__table__)
    return adding.on_conflict_do_update(
        index_elements=[owner, "period", "kind", "hour_class"],
        set_={"minutes": table.minutes + adding.excluded.minutes, "entries": table.entries + adding.excluded.entries},
    )


def set_closing_days(month_day: int, year_day: int, by_id: int, now: datetime) -> None:
    """From this month on. Months before keep the day on which they closed, so that none closes anew or opens again."""
    writing()
    rules = with_days(queries.closing_rules(), month_day, year_day, local_date(now))
    kept = [{"since": one.since.isoformat(), "month_day": one.month_day, "year_day": one.year_day} for one in rules if one != DEFAULT]
    settings.put(queries.CLOSING, {"rules": kept}, by_id, now)


def set_stars(by_id: int, now: datetime, *, with_honour: bool) -> None:
    """Whether 补录时长 counts towards the star levels, from now on."""
    writing()
    settings.put(queries.STARS, {"honour": with_honour}, by_id, now)
