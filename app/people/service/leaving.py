"""What somebody holds in the branch that they leave: rights, posts and the like belong to features above, which say so here.

A transfer ends what is held there, the same day. Rights always; the rest unless the asker lets it stand.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from app.people.queries.leaving import left_behind


@dataclass(frozen=True)
class Held:
    """One thing somebody holds. `key` is unique ("post_term-7"); `may_stay` False: it ends with the transfer whatever the asker says."""

    key: str
    id: int
    title: str  # 支部书记
    words: str  # 锦园第一党支部，2025年3月1日起
    may_stay: bool


@dataclass(frozen=True)
class Leaving:
    """Somebody leaves a branch: from `on`, recorded on `today`."""

    person_id: int
    on: date
    today: date
    by_id: int


@dataclass(frozen=True)
class Holding:
    """A feature's answers: what does this person hold in these units today, and end these of them (ids)."""

    name: str
    held: Callable[[int, Collection[int], date], list[Held]]
    end: Callable[[Leaving, Collection[int]], None]


_holdings: dict[str, Holding] = {}


def when_leaving(holding: Holding) -> None:
    """Register what else is held in a unit. A second registration of the same name replaces the first."""
    _holdings[holding.name] = holding


def held_there(person_id: int, from_id: int | None, to_id: int | None, day: date) -> list[Held]:
    """What they hold in what a transfer leaves; `to_id` None: it is not known yet where they go."""
    units = left_behind(from_id, to_id, day) if from_id is not None else []
    return [one for holding in _holdings.values() for one in holding.held(person_id, units, day)] if units else []


def end_held(leaving: Leaving, from_id: int | None, to_id: int, keep: Collection[str]) -> None:
    """Everything but what may stay and is in `keep`."""
    units = left_behind(from_id, to_id, leaving.today) if from_id is not None else []
    for holding in _holdings.values() if units else ():
        ending = [one.id for one in holding.held(leaving.person_id, units, leaving.today) if not (one.may_stay and one.key in keep)]
        if ending:
            holding.end(leaving, ending)
