"""Caps: what is left under them, and how they hold exactly after whatever was taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from app.core.db import writing
from app.hours.rules import Period, PeriodKind, SourceKind, period
from app.points import queries as points
from app.points import service as point_ledger
from app.points.queries import Kin
from app.points.rules import PointPosting, Rule, fair


def cap_spans(day: date) -> dict[str, str]:
    """The keys of the month, the quarter and the year of a day."""
    return {kind: period(PeriodKind(kind), day).key for kind in ("month", "quarter", "year")}


def cap_key(rule: Rule, spans: dict[str, str]) -> str:
    return spans[rule.cap_period.value] if rule.cap_period else spans["year"]


def even(changed: Sequence[PointPosting], reason: str, now: datetime, *, made_by_id: int | None, approved_by_id: int | None) -> None:
    """After `changed` was posted: each rule gives what its entries want in its cap period, the cap at most; no more and no less.

    The cap is one for all versions of a rule. Each entry posted here wants nothing itself, and says why it is there.
    """
    writing()
    kin = points.kin({one.rule_id for one in changed}) if changed else []
    for one, of, span in sorted(_touched(changed, kin), key=lambda found: (found[0].person_id, found[1].scheme_id, found[1].rule.id)):
        want, have, others = points.wanted_and_given(one.person_id, of.rule, of.scheme_kind, span.first, span.last)
        if missing := fair(of.rule, want, others) - have:
            posting = replace(
                one,
                scheme_id=of.scheme_id,
                rule_id=of.rule.id,
                wanted=0,
                points=missing,
                source_kind=SourceKind.EVENED,
                source_id=one.reverses_id or 0,
                generation=0,
                reverses_id=None,
                reason=f"封顶重算：{reason}"[:200],
                made_by_id=made_by_id,
                approved_by_id=approved_by_id,
            )
            point_ledger.post([posting], now)


def _touched(changed: Sequence[PointPosting], kin: Sequence[Kin]) -> Iterator[tuple[PointPosting, Kin, Period]]:
    """For each person, capped rule and cap period that something changed in: the first change there."""
    codes = {of.rule.id: (of.scheme_kind, of.rule.code) for of in kin}
    seen: set[tuple[int, int, str]] = set()
    for one in changed:
        for of in kin:
            if codes.get(one.rule_id) != (of.scheme_kind, of.rule.code) or of.rule.cap_period is None:
                continue
            span = period(PeriodKind(of.rule.cap_period), one.counts_on)
            if (one.person_id, of.rule.id, span.key) not in seen:
                seen.add((one.person_id, of.rule.id, span.key))
                yield one, of, span
