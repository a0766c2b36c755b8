"""What a correction would change: figures of a person before and after. Features above add their own (双50)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from app.hours import queries as hours
from app.points import queries as points
from app.points.rules import SCHEME_NAMES, SchemeKind


@dataclass(frozen=True)
class Gauge:
    """One figure: minutes, or hundredths of a point. `private` tells of the party: for who may read the person at home only."""

    name: str
    amount: int
    is_points: bool = False
    private: bool = False


@dataclass(frozen=True)
class Shifted:
    """A figure that a correction changes."""

    name: str
    before: int
    after: int
    is_points: bool
    private: bool


Teller = Callable[[int, date], list[Gauge]]
_tellers: list[Teller] = []


def also_tell(teller: Teller) -> None:
    """Called when a feature above is imported."""
    if teller not in _tellers:
        _tellers.append(teller)


def gauges(person_id: int, day: date) -> list[Gauge]:
    sums = hours.sums(person_id)
    found = [
        Gauge("扫码时长", sums.service_credit),
        Gauge("补录时长", sums.service_honour),
        Gauge("学习，扫码", sums.study_credit),
        Gauge("学习，补录", sums.study_honour),
    ]
    for kind in SchemeKind:
        total = points.totals([person_id], kind, "all").get(person_id, 0)
        found.append(Gauge(SCHEME_NAMES[kind], total, is_points=True, private=kind is SchemeKind.MEMBER))
    return found + [one for teller in _tellers for one in teller(person_id, day)]


def shifted(before: Sequence[Gauge], after: Sequence[Gauge]) -> list[Shifted]:
    """Only what differs, in the order of the first."""
    known = {one.name: one.amount for one in after}
    return [
        Shifted(one.name, one.amount, known.get(one.name, 0), one.is_points, one.private)
        for one in before
        if one.amount != known.get(one.name, 0)
    ]
