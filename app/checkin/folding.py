"""What the scans of one person at one activity add up to, in whatever order they arrived. Pure.

Scans are told in the order of their own times and judged one after another, as the door would have judged them had each
come at once. So a phone that had no signal, two phones that scanned the same person, or a check-in that was undone lead to
the same spells, and every later arrival can only repeat that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from app.checkin.rules import UNDO_FOR, Decision, OpenSpell, Outcome, ShiftTimes, Way, choose_shift, judge, takes_a_pair
from app.core.clock import local_date

CLOSED_THEN = frozenset({Outcome.TOO_EARLY, Outcome.TOO_LATE})


@dataclass(frozen=True)
class Fact:
    """A scan whose code was good. `outcome` and `shift_id` are what it came to when it arrived; None while it arrives.

    An end that the organiser names (`Way.ORGANISER`) is one too, of the shift named with it.
    """

    id: UUID
    at: datetime
    way: Way
    arrived: datetime
    outcome: Outcome | None = None
    shift_id: int | None = None


@dataclass(frozen=True)
class Fixed:
    """A spell that people have made or decided about: scans do not change it. `said` is when they named its end, if they did."""

    shift_id: int
    in_at: datetime
    out_at: datetime
    said: datetime | None = None


@dataclass(frozen=True)
class Told:
    """A spell as the scans tell it. `left` None: still in."""

    shift_id: int
    came: Fact
    left: Fact | None = None


@dataclass(frozen=True)
class Setting:
    """What does not come from the person's scans here.

    `void` are spells that people left out: what was scanned during one fell with it. `elsewhere` counts their pairs of
    each day at other activities.
    """

    shifts: Sequence[ShiftTimes]
    signed_up: frozenset[int] = frozenset()
    fixed: Sequence[Fixed] = ()
    void: Sequence[Fixed] = ()
    elsewhere: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Folded:
    """The spells in the order of their beginnings, and what each scan means in its place."""

    stays: tuple[Told, ...]
    decisions: Mapping[UUID, Decision]


def fold(setting: Setting, facts: Sequence[Fact], undone: Mapping[UUID, datetime]) -> Folded:
    """`undone` says which scans were taken back, and when."""
    stays: list[Told] = []
    decisions: dict[UUID, Decision] = {}
    for fact in told(facts, undone):
        decision = _decide(setting, stays, fact)
        decisions[fact.id] = decision
        if decision.outcome is Outcome.IN and decision.shift_id is not None:
            stays.append(Told(decision.shift_id, fact))
        elif decision.outcome is Outcome.OUT:
            place = _open_at(stays, decision.shift_id)
            stays[place] = Told(stays[place].shift_id, stays[place].came, fact)
    return Folded(tuple(stays), decisions)


def told(facts: Sequence[Fact], undone: Mapping[UUID, datetime]) -> list[Fact]:
    """In the order of their times, without what was undone.

    Who takes a sign-out back says that they were still there: what was scanned between the two ends nothing either. An end that
    the organiser named after that stands, also where it lies between.
    """
    spans = [(one.at, undone[one.id]) for one in facts if one.id in undone and one.outcome is Outcome.OUT]
    kept = [one for one in facts if one.id not in undone and not any(_spoken_for(one, left, back) for left, back in spans)]
    return sorted(kept, key=lambda one: (one.at, one.arrived, one.id))


def _spoken_for(fact: Fact, left: datetime, back: datetime) -> bool:
    """Whether a sign-out at `left`, taken back at `back`, says all of this fact that there is to say."""
    named_since = fact.way is Way.ORGANISER and fact.arrived > back
    return left <= fact.at <= min(back, left + UNDO_FOR) and not named_since


def _open_at(stays: Sequence[Told], shift_id: int | None) -> int:
    return max(place for place, stay in enumerate(stays) if stay.left is None and stay.shift_id == shift_id)


def _decide(setting: Setting, stays: Sequence[Told], fact: Fact) -> Decision:
    for one in setting.void:
        if one.in_at <= fact.at <= one.out_at:
            return Decision(Outcome.ALREADY_IN, one.shift_id)
    open_stays = [stay for stay in stays if stay.left is None]
    if fact.way is Way.ORGANISER:
        ends = any(stay.shift_id == fact.shift_id for stay in open_stays)
        return Decision(Outcome.OUT if ends else Outcome.NOT_IN, fact.shift_id)
    came_before = fact.shift_id if fact.outcome in {Outcome.IN, Outcome.PENDING} else None
    pinned = came_before is not None and came_before not in setting.signed_up  # a sign-up that came or went since moves nobody
    signed_up = frozenset({came_before}) if pinned and came_before else setting.signed_up
    day, times = local_date(fact.at), {shift.id: shift for shift in setting.shifts}
    told_ = [(stay.shift_id, stay.came.at, stay.left.at if stay.left else None) for stay in stays]
    pairs = [*told_, *((one.shift_id, one.in_at, one.out_at) for one in setting.fixed)]
    decision = judge(
        list(setting.shifts),
        signed_up=signed_up,
        spells=[OpenSpell(place, stay.shift_id, stay.came.at) for place, stay in enumerate(open_stays)],
        left=_left(setting, stays, fact, signed_up),
        spells_today=setting.elsewhere.get(day, 0)
        + sum(local_date(begin) == day and takes_a_pair(times[shift], begin, end) for shift, begin, end in pairs),
        at=fact.at,
        leaving=fact.way is Way.BUTTON,
    )
    if decision.outcome is Outcome.ALREADY_IN and (fact.outcome, fact.shift_id) == (Outcome.OUT, decision.shift_id):
        return Decision(Outcome.OUT, decision.shift_id)  # it was said to be one, and the shift was extended since
    if decision.outcome is Outcome.IN and fact.outcome in CLOSED_THEN:
        return Decision(fact.outcome, None)  # they were sent away, and do not know that they are in
    if decision.outcome is Outcome.IN and fact.outcome is Outcome.ALREADY_OUT and _ran_on(setting, stays, decision.shift_id):
        return Decision(Outcome.ALREADY_OUT, decision.shift_id)  # they had left, and it was extended since
    if decision.outcome in {Outcome.IN, Outcome.TOO_MANY} and _named_over(setting, stays, decision.shift_id, fact):
        return Decision(Outcome.ALREADY_OUT, decision.shift_id)
    return decision


def _ran_on(setting: Setting, stays: Sequence[Told], shift_id: int | None) -> bool:
    """Whether they left a shift that was extended; before that, a scan in its last half hour found them gone."""
    extended = any(one.id == shift_id and one.extended_to is not None for one in setting.shifts)
    return extended and any(stay.shift_id == shift_id and stay.left is not None for stay in stays)


def _named_over(setting: Setting, stays: Sequence[Told], shift_id: int | None, fact: Fact) -> bool:
    """Whether people ended a spell of this shift before the scan, and said so after it: their word stands, no spell begins."""
    ends = [(one.shift_id, one.left.at, one.left.arrived) for one in stays if one.left is not None and one.left.way is Way.ORGANISER]
    ends += [(one.shift_id, one.out_at, one.said) for one in (*setting.fixed, *setting.void) if one.said is not None]
    return any(shift == shift_id and end <= fact.at <= said for shift, end, said in ends)


def _left(setting: Setting, stays: Sequence[Told], fact: Fact, signed_up: frozenset[int]) -> dict[int, datetime]:
    """When they last left each shift. A fixed spell is as good as over for every scan of its shift that came before it ends."""
    ends = [(stay.shift_id, stay.left.at) for stay in stays if stay.left is not None]
    gone = {shift_id for shift_id, _ in ends} | {one.shift_id for one in setting.fixed if fact.at >= one.in_at}
    chosen = choose_shift(list(setting.shifts), signed_up, fact.at, gone)
    at_hand = {chosen.id} if chosen is not None else set()
    ends += [(one.shift_id, one.out_at) for one in setting.fixed if fact.at >= one.in_at or one.shift_id in at_hand]
    return {shift_id: max(at for other, at in ends if other == shift_id) for shift_id, _ in ends}
