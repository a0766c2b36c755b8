"""What must be: the rules of the door, written once more from the domain's words. Imports nothing of the application.

Told of every scan that reached the server, with its own time and the time it came, the oracle says what each comes to, which spells
they add up to and how many minutes those count. Where the words leave it to the order of arrival (a third pair in a day, two shifts
that admit at once, a scan that comes after people have decided), it says so and abstains (`contested`); the invariants hold all the same.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

HOUR, TEN = timedelta(hours=1), timedelta(minutes=10)
LAST_HALF_HOUR, A_MINUTE, QUARTER = timedelta(minutes=30), timedelta(minutes=1), 15
PAIRS = 3


@dataclass(frozen=True)
class Shift:
    """`before`: ends that it had before it was let run on, each with the time until when."""

    id: int
    starts: datetime
    ends: datetime
    pause: int
    before: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True)
class Event:
    """A scan with a good code, or an end that the organiser named (`kind` end, of `shift`). `machine`: made by one."""

    id: str
    person: int
    activity: int
    at: datetime
    arrived: datetime
    kind: str = "scan"  # scan, button, end
    machine: bool = True
    shift: int | None = None


@dataclass(frozen=True)
class Stay:
    shift: int
    came: datetime
    machine_in: bool
    left: datetime | None = None
    machine_out: bool = True
    left_told: datetime | None = None  # when an end that was named became known
    known: datetime | None = None  # since when it is known that they left

    def key(self) -> tuple[int, datetime, datetime | None]:
        return self.shift, self.came, self.left


def minutes(shift: Shift, came: datetime, left: datetime) -> int:
    """The spell cut to the planned shift, its share of the break deducted; under a quarter of an hour nothing."""
    start, end = max(came, shift.starts), min(left, shift.ends)
    if end <= start:
        return 0
    served, planned = (int((until - since).total_seconds()) // 60 for since, until in ((start, end), (shift.starts, shift.ends)))
    counted = served - (shift.pause * served + planned - 1) // planned
    return counted if counted >= QUARTER else 0


def dues(shift: Shift, stay: Stay) -> set[int]:
    """What a spell may count: a shift that runs on later does not change what is counted by then, unless it is told anew."""
    if stay.left is None:
        return {0}
    ends = [shift.ends, *(end for end, until in shift.before if stay.known and stay.known <= until)]
    return {minutes(replace(shift, ends=end), stay.came, stay.left) for end in ends}


def day_of(at: datetime) -> date:
    return (at + timedelta(hours=8)).date()


@dataclass
class Oracle:
    """`shifts` by activity, `signed` (person, shift)."""

    shifts: dict[int, list[Shift]]
    signed: set[tuple[int, int]]
    events: dict[tuple[int, int], list[Event]] = field(default_factory=lambda: defaultdict(list))
    undone: dict[str, datetime] = field(default_factory=dict)
    turned_away: set[str] = field(default_factory=set)  # had three pairs that day already
    outs: set[str] = field(default_factory=set)  # scans that were answered with a sign-out
    gone: dict[tuple[int, int], set[tuple[int, datetime]]] = field(default_factory=lambda: defaultdict(set))  # left out, void
    named: dict[tuple[int, int], dict[tuple[int, datetime], Stay]] = field(default_factory=lambda: defaultdict(dict))  # corrected by people
    papers: dict[tuple[int, int], list[Stay]] = field(default_factory=lambda: defaultdict(list))  # from lists of names
    frozen: set[tuple[int, int]] = field(default_factory=set)  # people have decided: a later scan is contested
    contested: set[tuple[int, int]] = field(default_factory=set)
    sent_away: dict[str, str] = field(default_factory=dict)  # scans that were told too early or too late
    found_gone: set[str] = field(default_factory=set)  # scans that were told that they had left
    outside: set[str] = field(default_factory=set)  # scans made outside of a fence

    def runs_on(self, activity: int, shift: int, until: datetime, now: datetime) -> None:
        rows = self.shifts[activity]
        place = next(place for place, one in enumerate(rows) if one.id == shift)
        keys = [key for key in self.events if key[1] == activity]
        before = {key: self.tell(key)[0] for key in keys}
        rows[place] = replace(rows[place], ends=until, before=(*rows[place].before, (rows[place].ends, now)))
        for key in keys:  # what nobody was told so, late scans having told it, is another thing by the new end
            if self.tell(key)[0] != before[key] or any(self._unclear(one) for one in self.events[key]):
                self.contested.add(key)

    def was_outside(self, person: int, activity: int, stay: Stay, surely: bool = False) -> bool:
        """Whether an end of it was scanned outside of the fence. `surely`: whichever of the scans of one moment is that end."""
        events = self.events.get((person, activity), [])
        ends = [[one.id in self.outside for one in events if one.at == end] for end in (stay.came, stay.left)]
        return any(bool(one) and (all(one) if surely else any(one)) for one in ends)

    def note(self, event: Event) -> str | None:
        """What a scan that arrives now comes to; None where the oracle does not say. Events come in the order of arrival."""
        key, on = (event.person, event.activity), day_of(event.at)
        known, before = self.events[key], self._pairs(event.person, on)  # those that there are for sure
        out_of_turn = any(one.at > event.at for one in known)
        known.append(event)
        moved = any(one.before for one in self.shifts[event.activity])
        if key in self.frozen or ((out_of_turn or moved) and any(self._unclear(one) for one in known)):
            self.contested.add(key)
        said = self.tell(key)[1].get(event.id, "already_in")
        if said == "in" and before >= PAIRS and not out_of_turn:
            self.turned_away.add(event.id)
            said = "too_many"
        if said == "in" and (unsure := self._unsure(event.person, on)) and before + unsure >= PAIRS:
            self.contested.add(key)
        named_since = any(one.kind == "end" and one.arrived > event.at for one in known)
        if out_of_turn or named_since or event.arrived - event.at > A_MINUTE:  # it is all told anew, or may be
            self._crowded(event.person, on)
        if key in self.contested:
            return None
        if said == "out":
            self.outs.add(event.id)
        return said

    def _crowded(self, person: int, on: date) -> None:
        """Where a day has its three pairs, what is told anew depends on what was known elsewhere at that time."""
        away = any(day_of(one.at) == on for one in self._events(person) if one.id in self.turned_away)
        if away or self._pairs(person, on) + self._unsure(person, on) >= PAIRS:
            self.contested |= {(person, activity) for activity in self.shifts}

    def _unsure(self, person: int, on: date) -> int:
        """How many pairs of a day there may be besides, where it abstains: two scans make one, and each shift may be left open."""
        days = [
            (sum(day_of(one.at) == on for one in events), len(self.shifts[key[1]]))
            for key, events in self.events.items()
            if key[0] == person and key in self.contested
        ]
        papers = sum(len(self.papers[key]) for key in self.contested if key[0] == person)
        return papers + sum(min(scans, (scans + shifts) // 2) for scans, shifts in days)

    def _events(self, person: int) -> list[Event]:
        return [one for (whose, _), events in self.events.items() if whose == person for one in events]

    def undo(self, person: int, activity: int, scan: str, at: datetime, *, sign_out: bool) -> None:
        """`sign_out`: it was an end by then, whatever it had been answered with."""
        self.undone[scan] = at
        if sign_out:
            self.outs.add(scan)
        for on in {day_of(one.at) for one in self.events[person, activity]}:
            self._crowded(person, on)
        if (person, activity) in self.frozen:
            self.contested.add((person, activity))

    def leave_out(self, person: int, activity: int, shift: int, came: datetime) -> None:
        self.gone[person, activity].add((shift, came))
        self.frozen.add((person, activity))

    def amend(self, person: int, activity: int, shift: int, came: datetime, stay: Stay) -> None:
        self.named[person, activity][shift, came] = stay
        self.frozen.add((person, activity))

    def paper(self, person: int, activity: int, stay: Stay) -> None:
        self.papers[person, activity].append(stay)
        self.frozen.add((person, activity))

    def stays(self, person: int, activity: int) -> list[Stay]:
        """As they must be recorded now, without those that people left out."""
        key = person, activity
        told = [one for one in [*self.tell(key)[0], *self.papers[key]] if (one.shift, one.came) not in self.gone[key]]
        return [self.named[key].get((one.shift, one.came), one) for one in told]

    def _unclear(self, event: Event) -> bool:
        """Whether more than one shift admits, or the last one may still be left, so that it matters what was known then."""
        near = [one for one in self.shifts[event.activity] if one.starts - HOUR <= event.at <= one.ends + HOUR]
        return len(near) > 1

    def _pairs(self, person: int, on: date) -> int:
        """How many of the day's pairs are taken for sure: by what goes on, and by what counts something, where it does not abstain."""
        clear = [activity for activity in self.shifts if (person, activity) not in self.contested]
        stays = [(activity, stay) for activity in clear for stay in self.stays(person, activity) if day_of(stay.came) == on]
        return sum(stay.left is None or minutes(self._shift(activity, stay.shift), stay.came, stay.left) > 0 for activity, stay in stays)

    def _shift(self, activity: int, shift: int) -> Shift:
        return next(one for one in self.shifts[activity] if one.id == shift)

    def tell(self, key: tuple[int, int]) -> tuple[list[Stay], dict[str, str]]:
        """Scans in the order of their own times, without what was taken back: the spells, and what each scan comes to.

        Who takes a sign-out back was there all the time until they did.
        """
        events = self.events.get(key, [])
        back = [(one.at, self.undone[one.id]) for one in events if one.id in self.undone and one.id in self.outs]
        stays: list[Stay] = []
        said: dict[str, str] = {}
        for event in sorted(events, key=lambda one: (one.at, one.arrived)):  # and as they came
            if event.id in self.undone or any(self._covered(event, left, since) for left, since in back):
                continue
            if event.id in self.turned_away:
                said[event.id] = "too_many"
                continue
            said[event.id] = self._step(stays, event)
        return stays, said

    def _covered(self, event: Event, left: datetime, since: datetime) -> bool:
        """By a sign-out that was taken back. An end that was named after that stands."""
        return left <= event.at <= min(since, left + TEN) and not (event.kind == "end" and event.arrived > since)

    def _step(self, stays: list[Stay], event: Event) -> str:
        if event.kind == "end":
            return self._named_end(stays, event)
        open_ = [one for one in stays if one.left is None]
        live = [one for one in open_ if event.at <= self._shift(event.activity, one.shift).ends + HOUR]
        if live:
            stay = max(live, key=lambda one: one.came)
            ends = self._shift(event.activity, stay.shift).ends
            if event.kind == "button" or event.id in self.outs or event.at >= max(ends - LAST_HALF_HOUR, stay.came + A_MINUTE):
                stays[stays.index(stay)] = replace(stay, left=event.at, machine_out=event.machine, known=event.arrived)
                return "out"
            return "already_in"
        return self._outside(stays, open_, event)

    def _outside(self, stays: list[Stay], open_: list[Stay], event: Event) -> str:
        """Somebody who is at no shift that can still be left."""
        shifts = self.shifts[event.activity]
        left: dict[int, datetime] = {}
        for stay in stays:
            if stay.left is not None:
                left[stay.shift] = max(left.get(stay.shift, stay.left), stay.left)
        chosen = self._admits(event, left)
        for shift, at in sorted(left.items(), key=lambda one: one[1], reverse=True):
            times = self._shift(event.activity, shift)
            if chosen and chosen.id != shift and event.at > at + TEN:
                continue
            if event.at <= at + TEN or times.ends - LAST_HALF_HOUR <= event.at <= times.ends + HOUR:
                return "not_in" if event.kind == "button" else "already_out"
        if chosen is None:
            return "too_late" if open_ or not any(one.starts > event.at for one in shifts) else "too_early"
        if event.kind == "button":
            return "not_in"
        if event.id in self.sent_away:  # they do not know that they are in
            return self.sent_away[event.id]
        if event.id in self.found_gone and chosen.before and chosen.id in left:  # nor do they, where it runs on since
            return "already_out"
        for stay in stays:  # an end that the organiser named, and said so after this scan, stands
            if stay.shift == chosen.id and stay.left and stay.left_told and stay.left <= event.at <= stay.left_told:
                return "already_out"
        stays.append(Stay(chosen.id, event.at, event.machine))
        return "in"

    def _admits(self, event: Event, left: dict[int, datetime]) -> Shift | None:
        def order(shift: Shift) -> tuple[bool, bool, bool, float, int]:
            wanted = (event.person, shift.id) in self.signed
            running = shift.starts <= event.at < shift.ends
            return not wanted, wanted and shift.id in left, not running, abs((shift.starts - event.at).total_seconds()), shift.id

        return min((one for one in self.shifts[event.activity] if one.starts - HOUR <= event.at <= one.ends), key=order, default=None)

    def _named_end(self, stays: list[Stay], event: Event) -> str:
        open_ = [one for one in stays if one.left is None and one.shift == event.shift]
        if not open_:
            return "not_in"
        stay = open_[-1]
        stays[stays.index(stay)] = replace(stay, left=event.at, machine_out=False, left_told=event.arrived, known=event.arrived)
        return "out"
