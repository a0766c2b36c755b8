"""What another version would change, before anybody puts it into force."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from app.requirements.queries.table import Line, lines
from app.requirements.rules import State


@dataclass(frozen=True)
class Moved:
    """Somebody whom the version would put elsewhere; None where nothing is asked of them."""

    line: Line
    before: State | None
    after: State | None


@dataclass(frozen=True)
class WhatIf:
    """Both versions over the records of today. Who is confirmed already stays so and is not among `moved`."""

    before: Counter[State | None]
    after: Counter[State | None]
    moved: list[Moved]
    confirmed: int

    @property
    def kinds(self) -> list[tuple[State | None, State | None, int]]:
        """Which moves there are, the most frequent first."""
        counted = Counter((one.before, one.after) for one in self.moved)
        return [(before, after, number) for (before, after), number in counted.most_common()]


def what_if(roots: Collection[int], now_id: int | None, then_id: int, day: date) -> WhatIf:
    """Four queries, however many people."""
    now = {one.person_id: one for one in lines(roots, now_id, day)} if now_id else {}
    then = {one.person_id: one for one in lines(roots, then_id, day)}
    both = now | then
    everyone = sorted(both, key=lambda person_id: (both[person_id].name, person_id))
    states = {person_id: (_state(now.get(person_id)), _state(then.get(person_id))) for person_id in everyone}
    confirmed = [one for one in everyone if State.CONFIRMED in states[one]]
    open_ = [one for one in everyone if State.CONFIRMED not in states[one]]
    return WhatIf(
        before=Counter(states[one][0] for one in open_),
        after=Counter(states[one][1] for one in open_),
        moved=[Moved(then.get(one) or now[one], *states[one]) for one in open_ if states[one][0] is not states[one][1]],
        confirmed=len(confirmed),
    )


def _state(line: Line | None) -> State | None:
    return line.state if line else None
