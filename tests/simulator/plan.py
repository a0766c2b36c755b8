"""One seed → one plan: who lives here, what is held, and every step that anybody takes. Pure, seeded, independent of what comes of it.

A step names people, phones and scans by number, so that any of them can be left out and the others still mean the same.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

HOUR, DAY = 3600, 86400
ORGANISER, HELPER, SECRETARY, DEPUTY, ABOVE, TOP = range(100, 106)  # numbers of people beside the volunteers 0, 1, 2 …
OFFICIALS = (ORGANISER, HELPER, SECRETARY, DEPUTY, ABOVE, TOP)
DESKS = (ORGANISER, HELPER)
WALKED_IN = 1000  # the number of who walked in: that of their scan and so many; above those of second records
LOST = (("ok", 70), ("request", 8), ("answer", 12), ("twice", 10))


@dataclass(frozen=True)
class Held:
    """One activity. Times are seconds since the first midnight; `shifts` are (start, length, minutes of break)."""

    kind: str
    unit: int
    place: str
    rotating: bool
    gates: int
    shifts: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Step:
    at: float
    kind: str
    args: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        day, rest = divmod(self.at, DAY)
        words = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in self.args.items())
        return f"day {int(day)} {int(rest) // 3600:02d}:{int(rest) % 3600 // 60:02d}:{rest % 60:06.3f}  {self.kind} {words}"


@dataclass(frozen=True)
class Plan:
    """`skews`: how many seconds a phone's clock is ahead, by person (desks too). `first_day`: of November 2026."""

    seed: int
    first_day: int
    volunteers: int
    members: tuple[int, ...]
    cards: tuple[int, ...]
    skews: dict[int, float]
    held: tuple[Held, ...]
    signed: tuple[tuple[int, int, int], ...]
    steps: tuple[Step, ...]
    more: tuple[str, ...] = ()  # what else it holds, see plan_more

    def __str__(self) -> str:
        said = asdict(self)
        said.pop("steps")
        return json.dumps(said, ensure_ascii=False)


def make(seed: int) -> Plan:
    return _Maker(seed).plan()


class _Maker:
    def __init__(self, seed: int) -> None:
        self.seed, self.rng, self.steps, self.scans = seed, Random(seed), list[Step](), 0

    def plan(self) -> Plan:
        rng = self.rng
        volunteers, days = rng.randint(4, 8), rng.choice((1, 1, 1, 2))
        self.people = [*range(volunteers), ORGANISER, HELPER]
        self.held = [self._activity(day) for day in range(days) for _ in range(rng.randint(2, 3))]
        signed = [
            (person, number, shift)
            for number, held in enumerate(self.held)
            for shift in range(len(held.shifts))
            for person in self.people
            if rng.random() < 0.4
        ]
        skews = {
            person: round(rng.choice((0, 0, rng.uniform(-1.5, 1.5), rng.uniform(-600, 600), rng.uniform(-9e4, 9e4))), 3)
            for person in self.people
        }
        for number, held in enumerate(self.held):
            for person in self.people:
                for shift in range(len(held.shifts)):
                    if rng.random() < 0.55 / len(held.shifts) + 0.1:
                        self._visit(person, number, shift)
            self._organise(number)
        for _ in range(rng.randint(0, 2)):
            self._walk_in(rng.randrange(len(self.held)))
        self._afterwards(days)
        return Plan(
            seed=self.seed,
            first_day=rng.randint(2, 26),
            volunteers=volunteers,
            members=tuple(one for one in self.people if rng.random() < 0.5),
            cards=tuple(one for one in range(volunteers) if rng.random() < 0.4),
            skews=skews,
            held=tuple(self.held),
            signed=tuple(signed),
            steps=tuple(sorted(self.steps, key=lambda one: one.at)),
        )

    def _activity(self, day: int) -> Held:
        rng = self.rng
        starts, shifts = day * DAY + rng.randrange(7 * 4, 15 * 4) * 900, []
        for _ in range(rng.choice((1, 1, 2))):
            lasts = rng.choice((1, 2, 2, 3, 4, 9)) * HOUR
            shifts.append((starts, lasts, rng.choice((0, 0, 20, 30))))
            starts += lasts + rng.choice((0, 30, 60, 120, 150)) * 60
        kind = rng.choice(("service", "service", "service", "study", "party_life"))
        return Held(kind, rng.randrange(2), rng.choice(("广场", "公园", "码头")), rng.random() < 0.4, rng.choice((0, 0, 2)), tuple(shifts))

    def _do(self, at: float, kind: str, **args: Any) -> None:
        self.steps.append(Step(round(at, 3), kind, args))

    def _scan(self, at: float, person: int, activity: int) -> int:
        """One scan by whichever way, sent at once or kept. Its number."""
        rng, number = self.rng, self.scans
        self.scans += 1
        held = self.held[activity]
        said: dict[str, Any] = {"n": number, "who": person, "activity": activity}
        way = rng.choice(("own", "own", "own", "kept", "kept", "desk", "desk", "desk"))
        if way in ("own", "kept"):
            gate = rng.randint(0, held.gates)
            said |= {"gate": gate} if gate else {}
            said |= {"age": rng.choice((0, 5, 20, 29, 45, 70, 300))} if held.rotating and rng.random() < 0.5 else {}
            said |= {"typed": True} if rng.random() < 0.1 else {}
            said |= {"wrong": True} if held.rotating and rng.random() < 0.05 else {}
        if way == "own":
            self._do(at, "scan", **said, fate=self._fate())
        elif way == "kept":
            self._do(at, "keep", **said)
            self._flush(at + self._later(), person)
        else:
            desk = rng.choice(DESKS)
            said |= {"desk": desk, "by": rng.choice(("shown", "shown", "timed", "timed", "card", "name"))}
            self._do(at, "desk", **said)
            self._flush(at + rng.choice((0.5, 0.5, 0.5, self._later())), desk, activity)
        return number

    def _later(self) -> float:
        rng = self.rng
        return rng.choice((rng.uniform(1, 30), rng.uniform(60, 1800), rng.uniform(900, 4 * HOUR), rng.uniform(2, 40) * HOUR))

    def _fate(self) -> str:
        names, weights = zip(*LOST, strict=True)
        return str(self.rng.choices(names, weights)[0])

    def _flush(self, at: float, phone: int, desk_of: int | None = None) -> None:
        rng = self.rng
        said = {"phone": phone, "fate": self._fate(), "slow": rng.choice((0, 0, 0.3, 1.9, 5, 11))}
        said |= {"order": rng.randrange(1000)} if rng.random() < 0.4 else {}
        said |= {"activity": desk_of} if desk_of is not None else {}
        self._do(at, "flush", **said)

    def _visit(self, person: int, activity: int, shift: int) -> None:
        rng = self.rng
        begins, lasts, _ = self.held[activity].shifts[shift]
        came = begins + rng.choice((rng.uniform(-75, 0), rng.uniform(-50, 20), rng.uniform(0, lasts / 120))) * 60
        left = (
            begins + lasts + rng.choice((rng.uniform(-35, 0), rng.uniform(-10, 50), rng.uniform(0, 75), rng.uniform(-lasts / 60, 0))) * 60
        )
        first = self._scan(came, person, activity)
        if rng.random() < 0.15:
            self._scan(came + rng.uniform(1, 90), person, activity)
        if rng.random() < 0.1:
            self._do(came + rng.uniform(5, 900), "desk_undo", n=first)
        if rng.random() < 0.35 and left > came + 600:
            again = rng.uniform(came + 60, left - 60)
            number = self._scan(again, person, activity)
            if rng.random() < 0.6:
                self._do(again + rng.uniform(5, 60), "depart", n=number)
                if rng.random() < 0.5:
                    self._do(again + rng.uniform(70, 800), "undo", n=number, departed=True)
                if rng.random() < 0.5:
                    self._scan(again + rng.uniform(120, 3000), person, activity)
        if rng.random() < 0.85 and left > came:
            number = self._scan(left, person, activity)
            if rng.random() < 0.2:
                self._do(left + rng.uniform(10, 720), rng.choice(("undo", "undo", "desk_undo")), n=number)
                if rng.random() < 0.7:
                    self._scan(left + rng.uniform(30, 2400), person, activity)
        if rng.random() < 0.15:
            self._do(left + rng.uniform(0, 2 * HOUR), "resend", phone=person)
        if rng.random() < 0.1:
            self._do(left + rng.uniform(0, 2 * HOUR), "forge", n=first)

    def _organise(self, activity: int) -> None:
        rng = self.rng
        end = max(start + lasts for start, lasts, _ in self.held[activity].shifts)
        for number in range(len(self.held[activity].shifts)):
            begins, lasts, _ = self.held[activity].shifts[number]
            if rng.random() < 0.25:
                over = begins + lasts + rng.uniform(-10, 70) * 60
                self._do(over, "name_ends", activity=activity, share=rng.choice((50, 100, 100)), earlier=rng.choice((0, 0, 20, 50)))
        if rng.random() < 0.7:
            self._do(end + rng.uniform(61, 240) * 60, "leave_open", activity=activity)
        if rng.random() < 0.75:
            self._do(end + rng.uniform(61, 300) * 60, "close", activity=activity)
        for by in rng.sample(DESKS, rng.randint(0, 2)):
            self._do(end + rng.uniform(0, 90) * 60, "resend", phone=by)

    def _walk_in(self, activity: int) -> None:
        rng = self.rng
        begins, lasts, _ = self.held[activity].shifts[0]
        number, at = self.scans, begins + rng.uniform(-40, 30) * 60
        self.scans += 1
        self._do(at, "walk_in", n=number, activity=activity, fate=rng.choice(("ok", "twice")))
        if rng.random() < 0.8:
            self._do(at + rng.uniform(60, lasts), "confirm", activity=activity)

    def _afterwards(self, days: int) -> None:
        """Those who decide, rosters, make-ups; then the phones that were forgotten; then the month closes, and it goes on."""
        rng, evening = self.rng, days * DAY - 2 * HOUR
        for _ in range(rng.randint(1, 4)):
            verdict = rng.choice(("count", "count", "count", "leave"))
            self._do(evening + rng.uniform(0, 1.9) * HOUR, "decide", by=rng.choice(OFFICIALS), verdict=verdict)
        if rng.random() < 0.5:
            self._do(rng.uniform(8, 22) * HOUR, "roster", people=rng.randint(1, 4), salt=rng.randrange(99))
            if rng.random() < 0.4:
                self._do(rng.uniform(22, 23.5) * HOUR, "roster_back")
        for phone in self.people:
            self._flush(evening + rng.uniform(0, 1.9) * HOUR, phone)
        for activity in range(len(self.held)):
            for desk in DESKS:
                self._flush(evening + rng.uniform(0, 1.9) * HOUR, desk, activity)
        self._do(evening + 1.95 * HOUR, "evening")
        self._do((days + 40) * DAY + 8 * HOUR, "evening")  # the months that are closed by now stay as they are from here on
        for day, times in ((days, rng.randint(1, 4)), (days + 40, rng.randint(0, 3))):
            for step in self._office(day, times):
                self.steps.append(step)
        if rng.random() < 0.5:
            self._do((days + 40) * DAY + 13 * HOUR, "roster", people=rng.randint(1, 3), salt=rng.randrange(99))
        self._do((days + 40) * DAY + 14 * HOUR, "evening")

    def _office(self, day: int, times: int) -> Iterator[Step]:
        rng = self.rng
        for _ in range(times):
            at, pick = day * DAY + rng.uniform(9, 13) * HOUR, rng.randrange(1000)
            kind = rng.choice(("correct", "correct", "void", "dispute", "claim", "decide"))
            if kind == "claim":
                named = rng.sample(self.people, rng.randint(1, 3))
                yield Step(
                    round(at, 3), "claim", {"activity": rng.randrange(len(self.held)), "who": named, "by": rng.choice((SECRETARY, DEPUTY))}
                )
            elif kind == "decide":
                yield Step(round(at, 3), "decide", {"by": rng.choice(OFFICIALS), "verdict": "count"})
            else:
                yield Step(
                    round(at, 3), kind, {"pick": pick, "by": rng.choice((SECRETARY, DEPUTY, ORGANISER)), "earlier": rng.randint(-40, 40)}
                )
