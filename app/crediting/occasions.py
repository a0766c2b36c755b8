"""Points that come of no hours: honours, and what two people decide by hand (a bonus, a deduction, a veto).

They obey the caps of their rule, count in the month they are booked where their own is closed, and are taken back by
`crediting.service.reverse` like everything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.core.clock import local_date
from app.core.db import writing
from app.crediting.evening import cap_key, level
from app.hours import queries as hours
from app.hours.rules import SourceKind
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.people.service import lock_persons
from app.points import cap_queries as caps
from app.points import queries as points
from app.points import service as point_ledger
from app.points.rules import BY_HAND, Per, PointPosting, Rule, SchemeKind, cap_spans, fair

GIVEN_BY = {SourceKind.HONOUR: frozenset({Per.HONOUR}), SourceKind.MANUAL: BY_HAND}


@dataclass(frozen=True)
class Occasion:
    """The rule of that code in the version of `happened_on` says how much. `source_kind` is HONOUR or MANUAL."""

    person_id: int
    scheme_kind: SchemeKind
    rule_code: str
    happened_on: date
    source_kind: SourceKind
    source_id: int
    organising_unit_id: int
    made_by_id: int
    approved_by_id: int
    reason: str


def give(occasions: Sequence[Occasion], now: datetime) -> list[int | None]:
    """Post them, one after the other; what each came to in hundredths, in the order given.

    None, and nothing posted, where the version of that day has no such rule for such a source, or the person was no member of
    the party that day and the scheme is theirs. Raises IntegrityError when a source that stands is given again.
    """
    writing()
    lock_persons(sorted({one.person_id for one in occasions}))
    late = hours.late({one.happened_on for one in occasions}, local_date(now))
    given = [_give(one, late.get(one.happened_on), now) for one in occasions]
    level([one for one in given if one], now)
    return [one.points if one else None for one in given]


def _give(one: Occasion, counted_on: date | None, now: datetime) -> PointPosting | None:
    scheme = points.schemes_on(one.happened_on).get(one.scheme_kind)
    rule = rule_of(scheme.rules if scheme else (), one.rule_code, one.source_kind)
    if scheme is None or rule is None or not _takes_part(one):
        return None
    following = points.generations(one.source_kind, [one.source_id])
    before = caps.cap_days(one.source_kind, following).get(one.source_id)
    cap_on = before if before and counted_on and before < counted_on else None
    spans = cap_spans(cap_on or counted_on or one.happened_on)
    used = caps.used([one.person_id], spans.values()).get((one.person_id, scheme.kind, rule.code, cap_key(rule, spans)), 0)
    posting = PointPosting(
        person_id=one.person_id,
        home_unit_id=people.home_unit_on(one.person_id, one.happened_on),
        organising_unit_id=one.organising_unit_id,
        activity_id=None,
        scheme_id=scheme.id,
        scheme_kind=scheme.kind,
        rule_id=rule.id,
        served_on=one.happened_on,
        wanted=rule.amount,
        points=fair(rule, rule.amount, used),
        source_kind=one.source_kind,
        source_id=one.source_id,
        generation=following.get(one.source_id, 0),
        reason=one.reason,
        made_by_id=one.made_by_id,
        approved_by_id=one.approved_by_id,
        counted_on=counted_on,
        cap_on=cap_on,
    )
    point_ledger.post([posting], now)
    return posting


def rule_of(rules: Sequence[Rule], code: str, source_kind: SourceKind) -> Rule | None:
    """The rule of a code, where what it is about may come of such a source."""
    return next((rule for rule in rules if rule.code == code and rule.per in GIVEN_BY.get(source_kind, ())), None)


def _takes_part(one: Occasion) -> bool:
    if one.scheme_kind is SchemeKind.VOLUNTEER:
        return True
    stage = people.stage_on(one.person_id, one.happened_on)
    return stage is not None and stage.kind in PARTY_MEMBERS
