"""Scans may arrive in any order: told in the order of their times they always add up to the same. Pure."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.checkin.folding import Fact, Fixed, Setting, Told, fold
from app.checkin.rules import OpenSpell, Outcome, ShiftTimes, Way, count, judge, takes_a_pair
from app.core.clock import local_date
from tests.conftest import NOON

sqlite_only = True
MORNING = ShiftTimes(1, NOON, NOON + timedelta(hours=2), None, 0)
AFTERNOON = ShiftTimes(2, NOON + timedelta(hours=2, minutes=30), NOON + timedelta(hours=4), None, 10)
BOTH = Setting((MORNING, AFTERNOON))


def later(minutes):
    return NOON + timedelta(minutes=minutes)


def scan(number, minutes, way=Way.POSTER, outcome=None, shift_id=None):
    return Fact(UUID(int=number), later(minutes), way, later(minutes), outcome, shift_id)


def spells(stays):
    return [(one.shift_id, one.came.id.int, one.left.id.int if one.left else None) for one in stays]


def as_they_come(setting, facts):
    """What the door does: each scan is judged when it arrives, on what is recorded; one out of its turn has all told anew."""
    known, stays = [], ()
    for fact in facts:
        newest = max((one.at for one in known), default=None)
        if newest is not None and newest > fact.at:
            folded = fold(setting, [*known, fact], {})
            decision, stays = folded.decisions[fact.id], folded.stays
        else:
            decision, stays = in_turn(setting, stays, fact)
        known.append(replace(fact, outcome=decision.outcome, shift_id=decision.shift_id))
    return stays


def _takes_a_pair(stay):
    return takes_a_pair({1: MORNING, 2: AFTERNOON}[stay.shift_id], stay.came.at, stay.left.at if stay.left else None)


def in_turn(setting, stays, fact):
    open_spells = [OpenSpell(place, one.shift_id, one.came.at) for place, one in enumerate(stays) if one.left is None]
    left = {}
    for one in stays:
        if one.left:
            left[one.shift_id] = max(one.left.at, left.get(one.shift_id, one.left.at))
    decision = judge(
        list(setting.shifts),
        signed_up=setting.signed_up,
        spells=open_spells,
        left=left,
        spells_today=sum(_takes_a_pair(one) and local_date(one.came.at) == local_date(fact.at) for one in stays),
        at=fact.at,
        leaving=fact.way is Way.BUTTON,
    )
    if decision.outcome is Outcome.IN:
        stays = (*stays, Told(decision.shift_id, fact))
    elif decision.outcome is Outcome.OUT:
        place = max(place for place, one in enumerate(stays) if one.left is None and one.shift_id == decision.shift_id)
        stays = (*stays[:place], replace(stays[place], left=fact), *stays[place + 1 :])
    return decision, stays


ways = st.sampled_from([Way.POSTER, Way.POSTER, Way.PERSONAL_CODE, Way.NAMED, Way.BUTTON])
minutes = st.one_of(st.integers(-70, 320), st.sampled_from([0, 85, 89, 90, 91, 95, 119, 120, 121, 130, 150, 180, 210, 239, 240, 250]))
days = st.lists(st.tuples(minutes, ways), min_size=1, max_size=8, unique_by=lambda one: one[0])


@st.composite
def arrivals(draw):
    """The scans of one day and an order in which they arrive."""
    facts = [scan(number, at, way) for number, (at, way) in enumerate(draw(days), 1)]
    return facts, draw(st.permutations(facts))


@settings(max_examples=400, deadline=None)
@given(arrivals(), st.sampled_from([frozenset(), frozenset({1}), frozenset({2}), frozenset({1, 2})]))
def test_in_whatever_order_scans_arrive_the_spells_are_the_same(pair, signed_up):
    facts, order = pair
    setting = Setting((MORNING, AFTERNOON), signed_up)
    in_order = as_they_come(setting, sorted(facts, key=lambda one: one.at))
    assert spells(as_they_come(setting, order)) == spells(in_order)


@settings(max_examples=200, deadline=None)
@given(arrivals())
def test_spells_of_one_person_never_overlap_and_never_end_before_they_begin(pair):
    _, order = pair
    stays = fold(BOTH, order, {}).stays
    ended = [one for one in stays if one.left]
    assert all(one.came.at <= one.left.at for one in ended)
    spans = sorted((one.came.at, one.left.at) for one in ended)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    times = {1: MORNING, 2: AFTERNOON}
    parts = [count(times[one.shift_id], one.came.at, one.left.at) for one in ended]
    counted = sorted((part.credited_from, part.credited_to) for part in parts if part.minutes)
    assert all(before[1] <= after[0] for before, after in pairwise(counted))


def test_a_spell_on_paper_takes_the_scans_of_its_shift_and_leaves_the_other_shift_alone():
    setting = Setting((MORNING, AFTERNOON), fixed=(Fixed(2, later(150), later(240)),))
    folded = fold(setting, [scan(1, 0), scan(2, 110), scan(3, 140), scan(4, 160)], {})
    assert spells(folded.stays) == [(1, 1, 2)]
    assert [folded.decisions[UUID(int=number)].outcome for number in (3, 4)] == [Outcome.ALREADY_OUT, Outcome.ALREADY_OUT]


def test_what_was_undone_never_happened():
    facts = [scan(1, 0, outcome=Outcome.IN, shift_id=1), scan(2, 100, outcome=Outcome.OUT, shift_id=1), scan(3, 104)]
    assert spells(fold(BOTH, facts, {UUID(int=2): later(105)}).stays) == [(1, 1, None)]
    assert spells(fold(BOTH, facts[:2], {UUID(int=1): later(5)}).stays) == [(1, 2, None)]


def test_an_end_that_the_organiser_named_after_the_undoing_stands_also_where_it_lies_before():
    """Who was told apart: the sign-out of minute 110 was taken back at 122, the end of minute 120 named at 125. A scan of minute 60
    that comes late moves none of it."""
    named = Fact(UUID(int=3), later(120), Way.ORGANISER, later(125), Outcome.OUT, 1)
    facts = [scan(1, 0, outcome=Outcome.IN, shift_id=1), scan(2, 110, outcome=Outcome.OUT, shift_id=1), named, scan(4, 60)]
    assert spells(fold(BOTH, facts, {UUID(int=2): later(122)}).stays) == [(1, 1, 3)]
    before = replace(named, arrived=later(121))
    assert spells(fold(BOTH, [*facts[:2], before], {UUID(int=2): later(122)}).stays) == [(1, 1, None)]


def test_who_names_an_end_says_it_of_all_the_time_until_then_at_that_shift():
    """The end of minute 19 was named at 69: a scan of 31 begins nothing, one of 70 does; so it is with a spell that was decided about."""
    named = Fact(UUID(int=2), later(19), Way.ORGANISER, later(69), Outcome.OUT, 1)
    facts = [scan(1, 0, outcome=Outcome.IN, shift_id=1), named, replace(scan(3, 31), arrived=later(75))]
    folded = fold(BOTH, facts, {})
    assert (spells(folded.stays), folded.decisions[UUID(int=3)].outcome) == ([(1, 1, 2)], Outcome.ALREADY_OUT)
    busy = replace(BOTH, elsewhere={local_date(NOON): 2})
    assert fold(busy, facts, {}).decisions[UUID(int=3)].outcome is Outcome.ALREADY_OUT, "a fourth spell would be too many, but none begins"
    assert spells(fold(BOTH, [*facts, scan(4, 70)], {}).stays) == [(1, 1, 2), (1, 4, None)]
    for decided in ({"fixed": (Fixed(1, NOON, later(19), later(69)),)}, {"void": (Fixed(1, NOON, later(19), later(69)),)}):
        assert spells(fold(Setting((MORNING, AFTERNOON), **decided), [scan(3, 31), scan(4, 70)], {}).stays) == [(1, 4, None)]
    later_said = Setting((MORNING, AFTERNOON), fixed=(Fixed(1, NOON, later(100), later(190)),))
    assert spells(fold(later_said, [scan(3, 160)], {}).stays) == [(2, 3, None)], "another shift is another matter"


def test_who_had_left_is_not_called_back_by_a_shift_that_was_extended_since():
    """The last scan was told 已签退 in the last half hour; a late one has all told anew, after the extension."""
    extended = replace(MORNING, extended_to=later(240))
    known = [
        scan(1, 0, outcome=Outcome.IN, shift_id=1),
        scan(2, 100, Way.ORGANISER, outcome=Outcome.OUT, shift_id=1),
        scan(3, 115, outcome=Outcome.ALREADY_OUT, shift_id=1),
    ]
    folded = fold(Setting((extended,)), [*known, scan(4, 30)], {})
    assert spells(folded.stays) == [(1, 1, 2)]
    assert folded.decisions[UUID(int=3)].outcome is Outcome.ALREADY_OUT
    assert fold(Setting((extended,)), [*known, scan(4, 130)], {}).decisions[UUID(int=4)].outcome is Outcome.IN  # who comes again is in
