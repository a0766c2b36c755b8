"""A merge tried out and taken back again: what is shown is what approving does, caps included."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert, select

from app.claims.gauges import Gauge, gauges
from app.core.clock import local_date
from app.core.db import db, writing
from app.merges.models import Merge
from app.merges.own_rules import Pair
from app.merges.queries.rows import plan
from app.merges.rules import STEP
from app.merges.service.merging import advance, begin
from app.people.models import Person
from app.people.service import lock_persons

MOST = 2 * STEP  # entries: more would hold the lock too long


def try_out(stays_id: int, goes_id: int, now: datetime, merge_id: int | None = None) -> list[Gauge] | None:
    """What who stays has afterwards; None where there are no two others yet who could see to it. Leaves nothing behind.

    `merge_id`: of one that waits.
    """
    writing()
    others = select(Person.id).where(Person.id.not_in([stays_id, goes_id])).order_by(Person.id).limit(2)
    hands = list(db.session.scalars(others))
    if len(hands) < 2:
        return None
    lock_persons(sorted([stays_id, goes_id]))
    trying = db.session.begin_nested()
    db.session.connection()  # the savepoint is set now, before anything is written past the session
    try:
        _merge(stays_id, goes_id, now, merge_id, hands)
        return gauges(stays_id, local_date(now))
    finally:
        trying.rollback()


def _merge(stays_id: int, goes_id: int, now: datetime, merge_id: int | None, hands: list[int]) -> None:
    if merge_id is None:
        values = {"stays_id": stays_id, "goes_id": goes_id, "reason": "-", "seen": "-", "proposed_by_id": hands[0], "proposed_at": now}
        merge_id = db.session.execute(insert(Merge).values(**values).returning(Merge.id)).scalar_one()
    merge = db.session.get(Merge, merge_id, populate_existing=True)
    assert merge is not None  # noqa: S101 (it was read or written a moment ago)
    by_id = next(one for one in hands if one != merge.proposed_by_id)
    begin(merge, by_id, plan(Pair(stays_id, goes_id, by_id, now, local_date(now))), now)
    _all(lambda: advance(merge.id, now))


def _all(step: Callable[[], bool]) -> None:
    while step():
        pass
