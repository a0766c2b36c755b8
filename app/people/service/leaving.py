"""What people hold in the branch that they leave: rights, posts and the like belong to features above, which say so here.

A transfer ends what is held there, the same day. Rights always; the rest unless the asker lets it stand.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select

from app.people.queries.leaving import Change, left_by

People = Collection[int] | Select[int]


@dataclass(frozen=True)
class Held:
    """One thing somebody holds. `may_stay` False: it ends with the transfer whatever the asker says."""

    holding: str  # the name of the Holding
    id: int
    person_id: int
    unit_id: int | None  # None: it belongs to no unit, and goes with any branch
    until: date | None  # the end that it has anyway
    title: str  # 支部书记
    words: str  # 锦园第一党支部，2025年3月1日起
    may_stay: bool

    @property
    def key(self) -> str:
        """Unique: "term-7"."""
        return f"{self.holding}-{self.id}"


@dataclass(frozen=True)
class Leaving:
    """People leave their branches: from `on`, recorded on `today`; `by_id` None: by the command line."""

    on: date
    today: date
    by_id: int | None


@dataclass(frozen=True)
class Holding:
    """A feature's answers, each in as many statements for many people as for one.

    `held`: what do these people hold today, wherever it is? `end` these (ids). `give_back` what such a leaving ended (ids with the
    ends that they had): how many could be; the database refuses what somebody else holds by now.
    """

    name: str
    held: Callable[[People, date], list[Held]]
    end: Callable[[Leaving, Collection[int]], None]
    give_back: Callable[[Leaving, Mapping[int, date | None]], int]


_holdings: dict[str, Holding] = {}


def when_leaving(holding: Holding) -> None:
    """Register what else is held in a unit. A second registration of the same name replaces the first."""
    _holdings[holding.name] = holding


def held_by(people: People, day: date) -> list[Held]:
    """Everything that would have to be looked at if these people left their branches."""
    return [one for holding in _holdings.values() for one in holding.held(people, day)]


def left_of(held: Iterable[Held], moves: Mapping[int, Change], day: date) -> list[Held]:
    """What of it is held in what each person leaves, by person."""
    held = [one for one in held if one.person_id in moves]
    left = left_by({moves[one.person_id] for one in held}, day) if held else {}
    return [one for one in held if (units := left[moves[one.person_id]]) and (one.unit_id is None or one.unit_id in units)]


def held_there(person_id: int, from_id: int | None, to_id: int | None, day: date) -> list[Held]:
    """What they hold in what a transfer leaves; `to_id` None: it is not known yet where they go."""
    return left_of(held_by([person_id], day), {person_id: (from_id, to_id)}, day) if from_id is not None else []


def end_held(leaving: Leaving, held: Iterable[Held]) -> None:
    for name, ids in _by_holding(held).items():
        _holdings[name].end(leaving, ids)


def give_back(leaving: Leaving, ended: Mapping[str, Mapping[int, date | None]]) -> bool:
    """The reverse, by holding: ids with the ends that they had. Whether all could be given back."""
    return all(_holdings[name].give_back(leaving, until) == len(until) for name, until in sorted(ended.items()))


def _by_holding(held: Iterable[Held]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in held:
        found.setdefault(one.holding, []).append(one.id)
    return found
