"""Posting to the ledger of points, and to the totals beside it. Only `crediting` calls this."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import insert

from app.core.clock import local_date
from app.core.db import is_sqlite, put_rows, table_of, upsert, writing
from app.hours.rules import PERSON_PERIODS, periods_of
from app.points.models import PointEntry, PointPersonTotal
from app.points.rules import PointPosting, SchemeKind

_ENTRY = insert(table_of(PointEntry))


def post(postings: Sequence[PointPosting], now: datetime) -> None:
    """Append the entries and add them to the totals."""
    writing()
    put_rows(_ENTRY, [{**posting.columns(), "booked_at": now, "booked_on": local_date(now)} for posting in postings])
    points: Counter[tuple[int, str, int, SchemeKind]] = Counter()
    entries: Counter[tuple[int, str, int, SchemeKind]] = Counter()
    for posting in postings:
        for span in periods_of(posting.counts_on, PERSON_PERIODS):
            key = (posting.person_id, span.key, posting.rule_id, posting.scheme_kind)
            points[key] += posting.points
            entries[key] += 1
    put_rows(
        _adding(is_sqlite()),
        [
            {
                "person_id": key[0],
                "period": key[1],
                "rule_id": key[2],
                "scheme_kind": key[3],
                "points": points[key],
                "entries": entries[key],
            }
            for key in sorted(entries)
        ],
    )


@cache
def _adding(_sqlite: bool) -> Any:
    """The statement that adds to totals, of each engine built once."""
    adding = upsert(PointPersonTotal.__table__)
    return adding.on_conflict_do_update(
        index_elements=["person_id", "period", "rule_id"],
        set_={"points": PointPersonTotal.points + adding.excluded.points, "entries": PointPersonTotal.entries + adding.excluded.entries},
    )
