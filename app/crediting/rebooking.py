"""Booking anew: a version of a scheme came into force from a day that has been, in a month that is open.

Of each person, what older versions gave since then is taken back and the new one gives for the same facts, in one transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.activities.rules import ActivityKind
from app.core.clock import local_date
from app.core.db import db, writing
from app.crediting.evening import even, level
from app.crediting.occasions import Occasion, give, rule_of
from app.crediting.rules import Credit
from app.crediting.service import awards, opposite
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.hours.rules import HourKind, SourceKind
from app.people import queries as people
from app.people.service import lock_persons
from app.points import cap_queries as caps
from app.points import queries as points
from app.points import service as point_ledger
from app.points.models import PointEntry, PointRule
from app.points.rules import PointPosting, SchemeKind

OCCASIONS = (SourceKind.HONOUR, SourceKind.MANUAL)
ACTIVITY_KIND = {HourKind.SERVICE: ActivityKind.SERVICE, HourKind.STUDY: ActivityKind.STUDY}


@dataclass(frozen=True)
class Anew:
    """The days of the version, [since, until), and who stands behind it. `others`: what was attended that gives no hours."""

    kind: SchemeKind
    since: date
    until: date
    reason: str
    made_by_id: int
    approved_by_id: int
    others: Sequence[Credit] = ()


def rebook(anew: Anew, person_ids: Collection[int], now: datetime) -> int:
    """How many entries were taken back. What the version gave already is left alone, so that doing it twice changes nothing more."""
    writing()
    lock_persons(sorted(person_ids))
    version = points.schemes_on(anew.since)[anew.kind]
    old = [(entry, code) for entry, code in _standing(anew, person_ids) if entry.scheme_id != version.id]
    going = [
        (entry, code)
        for entry, code in old
        if entry.source_kind not in OCCASIONS or rule_of(version.rules, code, entry.source_kind) is not None
    ]
    late = hours.late({entry.counted_on or entry.served_on for entry, _ in going}, local_date(now))
    said = {"reason": anew.reason, "made_by_id": anew.made_by_id, "approved_by_id": anew.approved_by_id}
    back = [opposite(PointPosting, entry, late, "wanted", "points", **said) for entry, _ in going]
    point_ledger.post(back, now)
    even(back, now)
    _award(anew, _facts(anew, person_ids, version.id), now)
    give([_occasion(entry, code) for entry, code in going if entry.source_kind in OCCASIONS], now)
    return len(going)


def _standing(anew: Anew, person_ids: Collection[int]) -> list[tuple[PointEntry, str]]:
    """The unreversed originals of the scheme since that day with the codes of their rules, what evened a cap among them."""
    reversal = aliased(PointEntry)
    found = (
        select(PointEntry, PointRule.code)
        .join(PointRule, PointRule.id == PointEntry.rule_id)
        .outerjoin(reversal, reversal.reverses_id == PointEntry.id)
        .where(PointEntry.person_id.in_(person_ids), PointEntry.scheme_kind == anew.kind)
        .where(PointEntry.served_on >= anew.since, PointEntry.served_on < anew.until)
        .where(PointEntry.reverses_id.is_(None), reversal.id.is_(None))
        .order_by(PointEntry.id)
    )
    return [(entry, code) for entry, code in db.session.execute(found)]


def _facts(anew: Anew, person_ids: Collection[int], scheme_id: int) -> list[Credit]:
    """What stands in the ledger of hours since, and what was attended without; what the new version knows already is left out."""
    reversal = aliased(HourEntry)
    entries = db.session.scalars(
        select(HourEntry)
        .outerjoin(reversal, reversal.reverses_id == HourEntry.id)
        .where(HourEntry.person_id.in_(person_ids), HourEntry.served_on >= anew.since, HourEntry.served_on < anew.until)
        .where(HourEntry.reverses_id.is_(None), reversal.id.is_(None))
    )
    facts = [
        Credit(
            one.person_id,
            one.activity_id,
            ACTIVITY_KIND[one.kind],
            one.organising_unit_id,
            one.served_on,
            one.minutes,
            one.hour_class,
            one.source_id,
            one.rule_version,
            one.source_kind,
            one.batch_id,
            one.made_by_id,
            one.approved_by_id,
        )
        for one in entries
    ]
    facts += [one for one in anew.others if one.person_id in person_ids]
    known = {(entry.source_kind, entry.source_id) for entry, _ in _standing(anew, person_ids) if entry.scheme_id == scheme_id}
    return [one for one in facts if (one.source_kind, one.source_id) not in known]


def _award(anew: Anew, facts: list[Credit], now: datetime) -> None:
    late = hours.late({one.served_on for one in facts}, local_date(now))
    facts = sorted(facts, key=lambda one: (one.served_on, one.source_kind, one.person_id, one.source_id))
    for (day, source_kind), group in groupby(facts, key=lambda one: (one.served_on, one.source_kind)):
        of_day = list(group)
        homes = {(one, day): unit for one, unit in people.home_units_on({fact.person_id for fact in of_day}, day).items()}
        following = points.generations(source_kind, [one.source_id for one in of_day])
        again = caps.cap_days(source_kind, following)
        given = list(awards(of_day, day, late.get(day), homes, following, again, anew.kind))
        point_ledger.post(given, now)
        level(given, now)


def _occasion(entry: PointEntry, code: str) -> Occasion:
    return Occasion(
        entry.person_id,
        entry.scheme_kind,
        code,
        entry.served_on,
        entry.source_kind,
        entry.source_id,
        entry.organising_unit_id,
        entry.made_by_id or 0,
        entry.approved_by_id or 0,
        entry.reason,
    )
