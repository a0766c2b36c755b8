"""How much there is on 我的记录, told without reading it: /me is opened most by who has most."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.checkin import queries as checkin
from app.checkin.models import Attendance
from app.core.db import db
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.hours.rules import SourceKind
from app.pages.queries import state_of

WAITING = frozenset({"waiting", "held", "unconfirmed"})


@dataclass(frozen=True)
class Tally:
    """Lines in all, and those among them that wait for somebody."""

    records: int
    waiting: int


def tally(person_id: int, now: datetime) -> Tally:
    """Of what `queries.records` lists. Reads what does not count yet, which is little; the rest is counted. Three queries."""
    spells = select(func.count()).where(Attendance.person_id == person_id)
    others = select(func.count()).where(
        HourEntry.person_id == person_id, HourEntry.reverses_id.is_(None), HourEntry.source_kind != SourceKind.ATTENDANCE
    )
    records = int(db.session.scalar(select(spells.scalar_subquery() + others.scalar_subquery())) or 0)
    open_ = checkin.spells_of_person(person_id, uncounted=True)
    credited = {entry.source_id for entry in hours.standing_sources(SourceKind.ATTENDANCE, [row.id for row in open_])} if open_ else set()
    return Tally(records, sum(state_of(row, row.id in credited, now) in WAITING for row in open_))
