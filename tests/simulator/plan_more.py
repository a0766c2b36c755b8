"""What else a day may hold, drawn apart from the rest of it: each day has some of it, and scans of its own.

Shifts that run on, cards given up and made anew, the code of the day, fences, somebody who acts for others, a second record that is
merged and perhaps taken back, an erasure, a database that is gone for a moment, uploads that come twice at once.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tests.simulator import plan as plans
from tests.simulator.plan import DAY, DESKS, HOUR, Plan, Step

MORE = ("extension", "cards", "digits", "fence", "proxy", "merge", "erasure", "cut", "race")
SECOND = 300  # the number of somebody's second record: theirs and so many
SHARE = 0.3


def make(seed: int, only: str | None = None) -> Plan:
    """The day of a seed. `only`: with this of all that it may hold, whatever the seed says."""
    return _widen(plans.make(seed), only)


def _widen(plan: Plan, only: str | None) -> Plan:
    rng = Random(f"{plan.seed} and more")
    has = tuple(one for one in MORE if rng.random() < SHARE)
    return _More(plan, rng, (only,) if only else has).plan()


class _More:
    def __init__(self, plan: Plan, rng: Random, has: tuple[str, ...]) -> None:
        self.base, self.rng, self.has, self.scans = plan, rng, has, 5000
        last = max(start + lasts for held in plan.held for start, lasts, _ in held.shifts)
        self.days = int(last // DAY) + 1

    def plan(self) -> Plan:
        steps = [self._interrupted(one) for one in self.base.steps]
        for name in self.has:
            if name not in ("cut", "race"):
                steps += getattr(self, f"_{name}")()
        return replace(self.base, more=self.has, steps=tuple(sorted(steps, key=lambda one: one.at)))

    def _interrupted(self, step: Step) -> Step:
        rng = self.rng
        if step.kind != "flush" or step.args["fate"] != "ok" or not {"cut", "race"} & set(self.has) or rng.random() > 0.4:
            return step
        fate = rng.choice([one for one in ("cut", "race") if one in self.has])
        return replace(step, args=step.args | {"fate": fate} | ({"after": rng.randint(1, 60)} if fate == "cut" else {}))

    def _n(self) -> int:
        self.scans += 1
        return self.scans

    def _step(self, at: float, kind: str, **args: object) -> Step:
        return Step(round(at, 3), kind, dict(args))

    def _sent(self, at: float, who: int, activity: int) -> Iterator[Step]:
        """A scan with one's own phone, sent at once or later."""
        rng = self.rng
        age = {"age": rng.choice((0, 20, 70))} if self.base.held[activity].rotating else {}
        if rng.random() < 0.5:
            yield self._step(at, "scan", n=self._n(), who=who, activity=activity, fate="ok", **age)
            return
        yield self._step(at, "keep", n=self._n(), who=who, activity=activity, **age)
        later = rng.choice((rng.uniform(1, 60), rng.uniform(600, 3 * HOUR)))
        yield self._step(at + later, "flush", phone=who, fate="ok", slow=0)

    def _some(self, share: float) -> Iterator[tuple[int, int, int, int]]:
        """Some of the shifts: activity, number of the shift, beginning, length."""
        for activity, held in enumerate(self.base.held):
            for number, (start, lasts, _) in enumerate(held.shifts):
                if self.rng.random() < share:
                    yield activity, number, start, lasts

    def _extension(self) -> Iterator[Step]:
        rng = self.rng
        for activity, number, start, lasts in self._some(0.7):
            end, by = start + lasts, rng.choice((15, 30, 60, 120)) * 60
            for _ in range(rng.choice((1, 1, 2))):
                yield self._step(end + rng.uniform(-50, 66) * 60, "extend", activity=activity, shift=number, minutes=by // 60)
            for who in rng.sample(range(self.base.volunteers), 3):
                yield from self._sent(end + by + rng.uniform(-40, 75) * 60, who, activity)

    def _cards(self) -> Iterator[Step]:
        rng = self.rng
        for who in rng.sample(range(self.base.volunteers), 3):
            acts = rng.sample(("card_issue", "card_renew", "card_renew", "card_revoke"), 2)
            for kind in acts:
                yield self._step(rng.uniform(6, 20) * HOUR, kind, who=who)
            for activity, _, start, lasts in self._some(0.8):
                for at in (start + rng.uniform(-50, 30) * 60, start + lasts + rng.uniform(-25, 50) * 60):
                    desk = rng.choice(DESKS)
                    yield self._step(at, "desk", n=self._n(), who=who, activity=activity, desk=desk, by="card")
                    later = rng.choice((1, rng.uniform(600, 3 * HOUR)))
                    yield self._step(at + later, "flush", phone=desk, fate="ok", slow=0, activity=activity)

    def _digits(self) -> Iterator[Step]:
        for activity, number, start, _ in self._some(0.8):
            if number == 0:
                yield self._step(start + self.rng.uniform(-80, 60) * 60, "digits", activity=activity)

    def _fence(self) -> Iterator[Step]:
        for activity, number, start, _ in self._some(0.8):
            if number == 0:
                yield self._step(start + self.rng.uniform(-80, 60) * 60, "fence", activity=activity)

    def _proxy(self) -> Iterator[Step]:
        rng = self.rng
        ward, acting = rng.sample(range(self.base.volunteers), 2)
        yield self._step(6 * HOUR, "agree", ward=ward, acting=acting)
        if rng.random() < 0.6:
            yield self._step(rng.uniform(8, 20) * HOUR, "disagree", ward=ward, acting=acting)
        for activity, _, start, lasts in self._some(0.9):
            for at in (start + rng.uniform(-50, 30) * 60, start + lasts + rng.uniform(-25, 50) * 60):
                yield self._step(at, "scan_for", n=self._n(), ward=ward, acting=acting, activity=activity)

    def _merge(self) -> Iterator[Step]:
        rng, who = self.rng, self.rng.randrange(self.base.volunteers)
        yield self._step(5 * HOUR, "second", who=who, skew=rng.choice((0.0, rng.uniform(-600, 600))))
        for activity, _, start, lasts in self._some(0.7):
            for at in (start + rng.uniform(-50, 30) * 60, start + lasts + rng.uniform(-25, 50) * 60):
                yield from self._sent(at, who + SECOND, activity)
        yield self._step(self.days * DAY - HOUR, "flush", phone=who + SECOND, fate="ok", slow=0)
        merged = self.days * DAY + 8.5 * HOUR
        yield self._step(merged, "merge", who=who)
        if rng.random() < 0.6:
            yield self._step(merged + rng.choice((60, 7 * HOUR, 20 * DAY)), "unmerge", who=who)

    def _erasure(self) -> Iterator[Step]:
        at = (self.days + 40) * DAY + 15 * HOUR
        yield self._step(at, "erase", who=self.rng.randrange(self.base.volunteers))
        yield self._step(at + HOUR, "evening")
