"""The sheet on which the half-yearly words are written: a few people at a time, found by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from app.people.naming import initials
from app.pledges.queries.members import Seen, arrivals
from app.pledges.rules import Half, OfferKind

PAGE = 10


@dataclass(frozen=True)
class Page:
    """One page of a list: `total` are all that the search fits, `number` counts from 1 to `last`."""

    rows: list[Seen]
    total: int
    number: int
    last: int


@dataclass(frozen=True)
class Sheet:
    """Those about whom nothing is written yet, and those about whom something is. `left` and `done` are of all, not of the search."""

    missing: Page
    written: Page
    left: int
    done: int


def sheet(
    unit_id: int,
    half: Half,
    today: date,
    rule: Sequence[OfferKind],
    *,
    search: str = "",
    pages: tuple[int, int] = (1, 1),
    keep: Collection[int] = (),
) -> Sheet:
    """`search` is part of a name, or its initials; `pages` are those of the missing and of the written; what lies beyond is the last.

    `keep` are those whose lines are filled in and come back with a fault: they stand on the page whatever it was.
    Three queries, however many have reported in.
    """
    seen = arrivals(unit_id, half.day_for(today), rule, half)
    fitting = [one for one in seen if _fits(one.name, search)]
    missing, written = ([one for one in fitting if (one.word is None) is absent] for absent in (True, False))
    first = _page([one for one in seen if one.person_id in keep], 1, PAGE * 2) if keep else _page(missing, pages[0], PAGE)
    left = sum(one.word is None for one in seen)
    return Sheet(first, _page(written, pages[1], PAGE), left, len(seen) - left)


def _fits(name: str, search: str) -> bool:
    words = search.replace(" ", "").lower()
    return not words or words in name.lower() or initials(name).startswith(words)


def _page(rows: list[Seen], number: int, size: int) -> Page:
    last = max(1, -(-len(rows) // size))
    number = min(max(1, number), last)
    return Page(rows[(number - 1) * size : number * size], len(rows), number, last)
