"""Whatever is served, merged and undone in whatever order: nothing is lost, units stand still, and the ledgers verify."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.claims.gauges import gauges
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict
from app.hours.rules import PeriodKind, period
from app.merges.queries.losses import Losses, losses
from app.merges.queries.preview import preview
from app.merges.queries.rows import plan
from app.people.rules import StageKind
from app.points.models import PointEntry, PointRule
from app.points.rules import SchemeKind
from tests.merges.conftest import Two, attended, faults, hours_of, points_of, units

WHO = st.integers(0, 2)
SERVE = st.tuples(st.just("serve"), WHO, st.integers(0, 3), st.sampled_from([0, 20, 100]), st.sampled_from([30, 300, 450]))
MERGE = st.tuples(st.just("merge"), WHO, WHO)
UNDO = st.tuples(st.just("undo"), st.integers(0, 3))
STEPS = st.lists(st.one_of(SERVE, SERVE, MERGE, UNDO), min_size=4, max_size=12)


def all_time(hours: dict[tuple[str, str, str], int]) -> dict[tuple[str, str], int]:
    return {(kind, of): minutes for (period, kind, of), minutes in hours.items() if period == "all"}


def without(both: dict[tuple[str, str], int], said: Losses) -> dict[tuple[str, str], int]:
    """What both had, less the time that the page said counts once."""
    left = Counter(both)
    for one in said.overlaps:
        left[str(one.kind), str(one.hour_class)] -= one.minutes
    return {key: minutes for key, minutes in left.items() if minutes}


def of_unit(found: dict[tuple[int, str, str, str], int], unit_id: int) -> int:
    return sum(minutes for (unit, period, _, _), minutes in found.items() if (unit, period) == (unit_id, "all"))


def points_by_span(*person_ids: int) -> Counter[tuple[SchemeKind, str, str]]:
    """What each rule gave them together in each period of its cap."""
    day = func.coalesce(PointEntry.cap_on, PointEntry.counted_on, PointEntry.served_on)
    rows = db.session.execute(
        select(PointEntry.scheme_kind, PointRule.name, PointRule.cap_period, day, PointEntry.points)
        .join(PointRule, PointRule.id == PointEntry.rule_id)
        .where(PointEntry.person_id.in_(person_ids))
    )
    found = Counter[tuple[SchemeKind, str, str]]()
    for scheme, name, cap_period, on, points in rows:
        found[scheme, name, period(PeriodKind(cap_period), on).key if cap_period else "all"] += points
    return found


class Story:
    """Three records of a branch, some shifts that they share, and what was merged."""

    def __init__(self, two: Two) -> None:
        self.two, make = two, two.make
        stages = (StageKind.MEMBER, StageKind.MEMBER, None)  # whose points have a cap of the year besides the one of the month
        self.people = [make.person("陈志强", home=two.branch, stage=stage) for stage in stages]
        today = clock.now().replace(hour=1, minute=0)
        self.shifts = [two.activity(today - timedelta(days=days), 10) for days in (1, 2, 40, 41)]  # two in a month that is closed
        self.merges: list[tuple[int, int, int, object]] = []  # id, stays, goes, what was before
        self.into: dict[int, int] = {}

    def state(self):
        ids = self.people
        return [(hours_of(one), points_of(one), attended(one)) for one in ids], units()

    def serve(self, who: int, shift: int, late: int, minutes: int) -> None:
        person = self.people[who]
        if person not in self.into:
            self.two.serve(person, minutes, shift=self.shifts[shift], late=late)
            self.merges = [(*one[:3], None) for one in self.merges]  # what was before is not all there is any more

    def merge(self, stays: int, goes: int) -> None:
        stays, goes = self.people[stays], self.people[goes]
        if stays == goes or {stays, goes} & self.into.keys():
            return
        before, both = self.state(), (all_time(hours_of(stays, goes)), points_by_span(stays, goes))
        pair = self.two.pair(stays, goes)
        said = losses(pair, plan(pair).overlapping)  # what the page names before anybody decides
        reckoned = {one.name: one.amount for one in preview(pair).sums}
        merge_id = self.two.merge(stays, goes, step=2)
        self.into[goes] = stays
        assert hours_of(goes) == {}
        assert points_of(goes) == {}
        assert attended(goes) == set()
        assert {one.name: one.amount for one in gauges(stays, clock.today())} == reckoned
        assert all_time(hours_of(stays)) == without(both[0], said)
        less = Counter({(one.scheme, one.rule, one.span): one.less for one in said.points})
        after = points_by_span(stays)
        assert {at: both[1][at] - after[at] for at in {*both[1], *after} if both[1][at] != after[at]} == dict(less)
        assert of_unit(units(), self.two.branch) == of_unit(before[1], self.two.branch) - said.minutes
        if not said.minutes:
            assert units() == before[1]
        self.merges.append((merge_id, stays, goes, before))

    def undo(self, nth: int) -> None:
        if not self.merges:
            return
        at = nth % len(self.merges)
        merge_id, stays, goes, before = self.merges[at]
        if stays in self.into:
            with pytest.raises(Conflict):
                self.two.undo(merge_id)
            return
        latest = at == len(self.merges) - 1
        self.two.undo(merge_id, step=2)
        del self.into[goes]
        self.merges.pop(at)
        if latest and before is not None:
            assert self.state() == before
        elif not latest:
            self.merges = [(*one[:3], None) for one in self.merges]


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_nothing_is_lost(two, steps):
    story = Story(two)
    for step, *rest in steps:
        getattr(story, step)(*rest)
    assert faults() == []
    while story.merges:
        story.undo(len(story.merges) - 1)
    assert faults() == []
