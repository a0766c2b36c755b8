"""Caps hold exactly after whatever was taken back, corrected, or booked anew."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from app.core.clock import local_date
from app.core.db import writing
from app.hours.rules import Period, PeriodKind, SourceKind, period
from app.points import cap_queries as caps
from app.points import queries as points
from app.points import service as point_ledger
from app.points.cap_queries import Wants
from app.points.queries import Kin
from app.points.rules import PointPosting, Rule, fair


def cap_key(rule: Rule, spans: dict[str, str]) -> str:
    return spans[rule.cap_period.value] if rule.cap_period else spans["year"]


def level(posted: Sequence[PointPosting], now: datetime) -> None:
    """After entries were given: where a later version gave something under the same cap already, each version has what is its own.

    Asks nothing about what happened today.
    """
    today = local_date(now)
    if any(one.served_on < today for one in posted):
        newest = {scheme.id for scheme in points.schemes_on(today).values()}
        even([one for one in posted if one.scheme_id not in newest], now)


def even(changed: Sequence[PointPosting], now: datetime) -> None:
    """After `changed` was posted: each rule gives what its entries want under its cap, the cap at most; no more and no less.

    The cap is one for all versions of a rule, earlier ones first, and that of the period which the change is about, however long it is
    closed. Each entry posted here counts where the change counts, wants nothing itself, and says why it is there.
    """
    writing()
    if missing := shortfalls(changed):
        ids = caps.entry_ids([one for one, _, _ in missing])
        point_ledger.post([_evened(one, of, more, ids[one.key]) for one, of, more in missing], now)


def shortfalls(changed: Sequence[PointPosting], *, posted: bool = True) -> list[tuple[PointPosting, Kin, int]]:
    """How much more (or less, negative) each rule is to give since `changed`: the change, the rule, hundredths.

    Not `posted`: as though it were.
    """
    kin = points.kin({one.rule_id for one in changed}) if changed else []
    touched = sorted(_touched(changed, kin), key=lambda found: (found[0].person_id, kin.index(found[1])))
    if not touched:
        return []
    spans = [span for _, _, span in touched]
    first, last = min(span.first for span in spans), max(span.last for span in spans)
    sums = caps.by_month({one.person_id for one, _, _ in touched}, {of.rule.id for of in kin}, first, last)
    for one in () if posted else changed:
        _add(sums, one, one.rule_id, one.wanted, one.points)
    missing: list[tuple[PointPosting, Kin, int]] = []
    for one, of, span in touched:
        want, have, others = _under(sums, one.person_id, of, kin, span)
        if more := fair(of.rule, want, others) - have:
            missing.append((one, of, more))
            _add(sums, one, of.rule.id, 0, more)
    return missing


def _add(sums: Wants, one: PointPosting, rule_id: int, wanted: int, given: int) -> None:
    key = (one.person_id, rule_id, period(PeriodKind.MONTH, one.caps_on).key)
    before = sums.get(key, (0, 0))
    sums[key] = before[0] + wanted, before[1] + given


def _evened(one: PointPosting, of: Kin, more: int, entry_id: int) -> PointPosting:
    """What the change `one`, which is entry `entry_id`, means for a rule."""
    return replace(
        one,
        scheme_id=of.scheme_id,
        rule_id=of.rule.id,
        wanted=0,
        points=more,
        source_kind=SourceKind.EVENED,
        source_id=entry_id,
        generation=0,
        reverses_id=None,
        reason=f"封顶重算：{one.reason or '补记'}"[:200],
    )


def _touched(changed: Sequence[PointPosting], kin: Sequence[Kin]) -> Iterator[tuple[PointPosting, Kin, Period]]:
    """For each person, capped rule and cap period that something changed in: the first change there."""
    codes = {of.rule.id: (of.scheme_kind, of.rule.code) for of in kin}
    seen: set[tuple[int, int, str]] = set()
    for one in changed:
        for of in kin:
            if codes.get(one.rule_id) != (of.scheme_kind, of.rule.code) or of.rule.cap_period is None:
                continue
            span = period(PeriodKind(of.rule.cap_period), one.caps_on)
            if (one.person_id, of.rule.id, span.key) not in seen:
                seen.add((one.person_id, of.rule.id, span.key))
                yield one, of, span


def _under(sums: Wants, person_id: int, of: Kin, kin: Sequence[Kin], span: Period) -> tuple[int, int, int]:
    """Under the cap of a period: what the rule wants, what it gave, and what the same rule of earlier versions gave."""
    months, earlier = _months(span), takewhile(lambda one: one != of, kin)
    own = [sums.get((person_id, of.rule.id, month), (0, 0)) for month in months]
    same = [one for one in earlier if (one.scheme_kind, one.rule.code) == (of.scheme_kind, of.rule.code)]
    others = sum(sums.get((person_id, one.rule.id, month), (0, 0))[1] for one in same for month in months)
    return sum(want for want, _ in own), sum(have for _, have in own), others


def _months(span: Period) -> list[str]:
    """The keys of the months of a month, quarter or year."""
    return [period(PeriodKind.MONTH, span.first.replace(month=number)).key for number in range(span.first.month, span.last.month + 1)]
