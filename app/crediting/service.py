"""The one use case that posts hours and points together, in the caller's transaction.

Scans, claims, imports and corrections all enter here. Nothing else writes either ledger.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeVar

from app.core.clock import local_date
from app.core.db import writing
from app.crediting.evening import cap_key, even, level
from app.crediting.rules import HOUR_KIND, Credit
from app.hours import queries as hours
from app.hours import service as hour_ledger
from app.hours.rules import HourClass, HourPosting, SourceKind
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.points import cap_queries as caps
from app.points import queries as points
from app.points import service as point_ledger
from app.points.rules import Earned, PointPosting, SchemeKind, award, cap_spans

P = TypeVar("P", HourPosting, PointPosting)


def credit(credits_: Sequence[Credit], now: datetime) -> None:
    """Post the hours and the points of the given credits. Zero minutes give nothing and are left out.

    Raises IntegrityError when a source is credited a second time while its first credit stands.
    """
    writing()
    earning = sorted((one for one in credits_ if one.minutes > 0), key=lambda one: (one.person_id, one.served_on, one.source_id))
    if not earning:
        return
    homes = {
        (person_id, day): unit_id
        for day in {one.served_on for one in earning}
        for person_id, unit_id in people.home_units_on([one.person_id for one in earning if one.served_on == day], day).items()
    }
    late = hours.late({one.served_on for one in earning}, local_date(now))
    sources = [one.source_id for one in earning]
    source_kind = earning[0].source_kind
    hour_next, point_next = hours.generations(source_kind, sources), points.generations(source_kind, sources)
    hour_ledger.post(
        [
            HourPosting(
                person_id=one.person_id,
                home_unit_id=homes.get((one.person_id, one.served_on)),
                organising_unit_id=one.organising_unit_id,
                activity_id=one.activity_id,
                served_on=one.served_on,
                hour_class=one.hour_class,
                kind=HOUR_KIND[one.activity_kind],
                minutes=one.minutes,
                source_kind=one.source_kind,
                source_id=one.source_id,
                generation=hour_next.get(one.source_id, 0),
                rule_version=one.rule_version,
                reason=one.reason,
                batch_id=one.batch_id,
                made_by_id=one.made_by_id,
                approved_by_id=one.approved_by_id,
                counted_on=late.get(one.served_on),
            )
            for one in earning
            if one.activity_kind in HOUR_KIND
        ],
        now,
    )
    again, given = caps.cap_days(source_kind, point_next), list[PointPosting]()
    for day, of_day in groupby(sorted(earning, key=lambda one: one.served_on), key=lambda one: one.served_on):
        posted = list(awards(list(of_day), day, late.get(day), homes, point_next, again))
        point_ledger.post(posted, now)
        given += posted
    level(given, now)


def awards(
    earning: list[Credit],
    day: date,
    counted_on: date | None,
    homes: dict[tuple[int, date], int],
    generation: dict[int, int],
    again: dict[int, date],
    only: SchemeKind | None = None,
) -> Iterator[PointPosting]:
    """What the schemes of that day give, or one of them; caps applied in the order given, those of the periods that it counts in.

    `again`: under which cap a source gave points before. Corrected after its month was closed it counts today, and stays under that cap:
    it is no new demand on the one of today, and fills no room there.
    """
    schemes = {kind: scheme for kind, scheme in points.schemes_on(day).items() if only in (None, kind)}
    stages = people.stages_of({one.person_id for one in earning}, day)
    capped = {source_id: on for source_id, on in again.items() if counted_on and on < counted_on}
    usual, others = cap_spans(counted_on or day), {source_id: cap_spans(on) for source_id, on in capped.items()}
    keys = {key for spans in (usual, *others.values()) for key in spans.values()}
    used = caps.used({one.person_id for one in earning}, keys)
    for one in earning:
        hour_kind = HOUR_KIND.get(one.activity_kind)
        earned = Earned(one.minutes, hour_kind.value if hour_kind else "", one.activity_kind.value, one.hour_class is HourClass.HONOUR)
        stage = stages.get(one.person_id)
        for scheme in schemes.values():
            if scheme.kind is SchemeKind.MEMBER and (stage is None or stage.kind not in PARTY_MEMBERS):
                continue
            for rule in scheme.rules:
                key = (one.person_id, scheme.kind, rule.code, cap_key(rule, others.get(one.source_id, usual)))
                given = award(rule, earned, used.get(key, 0))
                if not given.wanted:
                    continue
                used[key] = used.get(key, 0) + given.given
                yield PointPosting(
                    person_id=one.person_id,
                    home_unit_id=homes.get((one.person_id, one.served_on)),
                    organising_unit_id=one.organising_unit_id,
                    activity_id=one.activity_id,
                    scheme_id=scheme.id,
                    scheme_kind=scheme.kind,
                    rule_id=rule.id,
                    served_on=one.served_on,
                    wanted=given.wanted,
                    points=given.given,
                    source_kind=one.source_kind,
                    source_id=one.source_id,
                    generation=generation.get(one.source_id, 0),
                    batch_id=one.batch_id,
                    made_by_id=one.made_by_id,
                    approved_by_id=one.approved_by_id,
                    counted_on=counted_on,
                    cap_on=capped.get(one.source_id),
                )


def reverse(
    source_kind: SourceKind,
    source_ids: Sequence[int],
    reason: str,
    now: datetime,
    *,
    made_by_id: int | None,
    approved_by_id: int | None = None,
) -> None:
    """Take back what stands of the given sources by opposite entries, of the same service date, with a reason.

    They count where what they take back counts, while that month is open, else today. What a cap had cut of other entries there is
    given back, up to the cap: it costs what the period would have given less without them, and nothing where that is full all the same.
    """
    writing()
    said = {"reason": reason, "made_by_id": made_by_id, "approved_by_id": approved_by_id}
    minutes, given = hours.standing_sources(source_kind, source_ids), points.standing_sources(source_kind, source_ids)
    days = {entry.counted_on or entry.served_on for entry in minutes} | {entry.counted_on or entry.served_on for entry in given}
    late = hours.late(days, local_date(now))
    hour_ledger.post([opposite(HourPosting, entry, late, "minutes", **said) for entry in minutes], now)
    given_back = [opposite(PointPosting, entry, late, "wanted", "points", **said) for entry in given]
    point_ledger.post(given_back, now)
    even(given_back, now)


def opposite(kind: type[P], entry: Any, late: dict[date, date], *amounts: str, **said: Any) -> P:
    """All of an entry once more, with its amounts turned round; counted another day where the month it counted in is closed.

    Of points: under the cap of that month still.
    """
    same = {one.name: getattr(entry, one.name) for one in fields(kind)}
    counts_on = entry.counted_on or entry.served_on
    if counts_on in late:
        same["counted_on"] = late[counts_on]
        if "cap_on" in same:
            same["cap_on"] = same["cap_on"] or counts_on
    return kind(**same | {name: -same[name] for name in amounts} | {"reverses_id": entry.id} | said)
