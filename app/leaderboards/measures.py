"""What boards compare, and how places are given. Integers throughout: fractions are compared by cross-multiplication. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, cmp_to_key

from app.core.words import hours_number

QUARTER_HOUR, TWO_HOURS, LONG_DAY = 15, 120, 8 * 60


class Measure(StrEnum):
    TOTAL = "total"
    HEAD = "head"  # minutes per eligible head
    RATE = "rate"  # eligible members with any minutes, of all of them
    MEDIAN = "median"  # of eligible members' minutes, those without any among them
    GAIN = "gain"  # minutes per head, less those of the span before


MEASURE_NAMES = {
    Measure.TOTAL: "总时长",
    Measure.HEAD: "人均",
    Measure.RATE: "参加率",
    Measure.MEDIAN: "中位数",
    Measure.GAIN: "进步",
}
USUAL, MORE = (Measure.TOTAL, Measure.HEAD), (Measure.RATE, Measure.MEDIAN, Measure.GAIN)
SCORE_UNITS = {one: "%" if one is Measure.RATE else "小时" for one in Measure}


@dataclass(frozen=True)
class Figure:
    """What one unit or person has in a span, in minutes. Only `minutes` (扫码时长) is ranked; `honour` is shown beside it.

    `heads` are the eligible members; `took` of them have any minutes, `middle` is twice their median. `spread` are the minutes of
    those who have any, most first, where they were asked for. `earlier` are minutes and heads of the span before.
    """

    id: int
    minutes: int
    honour: int = 0
    heads: int = 1
    name: str = ""
    under: str = ""  # the community a branch or team belongs to
    under_id: int | None = None
    took: int = 0
    middle: int = 0
    spread: tuple[int, ...] = ()
    earlier: tuple[int, int] | None = None


def twice_median(spread: tuple[int, ...], heads: int) -> int:
    """Twice the median of `heads` figures of which `spread` (most first) are not 0."""
    if heads <= 0:
        return 0
    upper, lower = (heads - 1) // 2, heads // 2
    return sum(spread[at] if at < len(spread) else 0 for at in (upper, lower))


@dataclass(frozen=True)
class Standing:
    """A figure and its place; `shared` when another has the same."""

    place: int
    shared: bool
    figure: Figure


@dataclass(frozen=True)
class Board:
    """All places, best first. `small` are the ids that are left out because they have too few heads."""

    standings: tuple[Standing, ...]
    small: frozenset[int] = frozenset()

    @cached_property
    def by_id(self) -> dict[int, int]:
        """Where in `standings` an id is."""
        return {one.figure.id: where for where, one in enumerate(self.standings)}

    def of(self, id_: int) -> Standing | None:
        where = self.by_id.get(id_)
        return None if where is None else self.standings[where]

    def next_better(self, standing: Standing) -> Standing | None:
        """The one just above, past all who share the place."""
        return self.standings[standing.place - 2] if standing.place > 1 else None

    def place_for(self, minutes: int) -> int:
        """The place that so many minutes of one person would take: 1 + how many have more."""
        return bisect_left(self.standings, -minutes, key=lambda one: -one.figure.minutes) + 1


def score(one: Figure, by: Measure) -> tuple[int, int]:
    """The score as an exact fraction, its denominator above 0; only for those that the board may list (`listed`)."""
    if by is Measure.TOTAL:
        return one.minutes, 1
    if by is Measure.HEAD:
        return one.minutes, one.heads
    if by is Measure.RATE:
        return one.took, one.heads
    if by is Measure.MEDIAN:
        return one.middle, 2
    minutes, heads = one.earlier or (0, 1)
    return one.minutes * heads - minutes * one.heads, one.heads * heads


def too_small(one: Figure, by: Measure, min_heads: int) -> bool:
    """So few that a figure of the unit, its total too, would be the figures of persons who never agreed to publish them."""
    heads = [one.heads, one.earlier[1] if one.earlier else 0] if by is Measure.GAIN else [one.heads]
    return min(heads) < max(1, min_heads)


def listed(one: Figure, by: Measure) -> bool:
    """Whoever has nothing yet has no place; to have gone back is a place too."""
    return one.minutes > 0 and (by is Measure.GAIN or score(one, by)[0] > 0)


def compare(one: Figure, other: Figure, by: Measure) -> int:
    """Negative when `one` is better. Exact: no fraction is ever computed."""
    (own, of), (theirs, of_them) = score(one, by), score(other, by)
    return theirs * of - own * of_them


def rank(figures: Iterable[Figure], by: Measure, min_heads: int) -> Board:
    """Places with ties shared: 1, 2, 2, 4. Equals stand in the order of their ids."""
    having = [one for one in figures if one.minutes > 0]
    small = frozenset(one.id for one in having if too_small(one, by, min_heads))
    ranked = sorted((one for one in having if one.id not in small and listed(one, by)), key=lambda one: one.id)
    if by is Measure.TOTAL:
        ranked.sort(key=lambda one: -one.minutes)
    else:
        ranked.sort(key=cmp_to_key(lambda one, other: compare(one, other, by)))
    places: list[int] = []
    for where, one in enumerate(ranked):
        equal = where > 0 and compare(ranked[where - 1], one, by) == 0
        places.append(places[-1] if equal else where + 1)
    how_many = Counter(places)
    return Board(tuple(Standing(place, how_many[place] > 1, one) for place, one in zip(places, ranked, strict=True)), small)


def score_words(one: Figure, by: Measure) -> str:
    """For the end of a line: 1,234.5 in total, 9.40 a head, 45.4 of a hundred, +1.20. Cut, never rounded up."""
    if by is Measure.TOTAL:
        return hours_number(one.minutes)
    above, below = score(one, by)
    if by is Measure.RATE:
        tenths = above * 1000 // below
        return f"{tenths // 10}.{tenths % 10}"
    words = _hundredths(abs(above) * 100 // (60 * below))
    return f"{'+' if above > 0 else '−' if above < 0 else ''}{words}" if by is Measure.GAIN else words


def score_hundredths(one: Figure, by: Measure) -> int:
    """The score in hundredths of an hour or of a per cent, cut towards nothing; for sheets."""
    above, below = score(one, by)
    cut = abs(above) * (10_000 if by is Measure.RATE else 100) // (below if by is Measure.RATE else 60 * below)
    return cut if above >= 0 else -cut


def share_of_best(one: Figure, best: Figure, by: Measure) -> tuple[int, int]:
    """The bar of a line: so much of so much; participation is of everybody."""
    if by is Measure.RATE:
        return one.took, one.heads
    (own, of), (most, of_best) = score(one, by), score(best, by)
    return (max(0, own * of_best), most * of) if most > 0 else (0, 1)


def gap_words(own: Figure, better: Figure) -> str:
    """How many hours are missing to the one above; rounded up, so that having them is enough to draw level."""
    return _hundredths(-((own.minutes - better.minutes) * 100 // 60))


def _hundredths(amount: int) -> str:
    return f"{amount // 100:,}.{amount % 100:02d}"


@dataclass(frozen=True)
class Step:
    """What is enough to draw level with the next place: `people` who serve `each` minutes; `minutes` is the least of it in all.

    `fresh`: who has not served yet in this span. `up_to`: each as many as makes `each` in the whole span.
    """

    people: int
    each: int = 0
    minutes: int = 0
    fresh: bool = False
    up_to: bool = False


def step_up(own: Figure, better: Figure, by: Measure) -> Step:
    """What moves `own` to the place of `better`, everything else as it is. The median needs `spread`."""
    goal = Fraction(*score(better, by))
    if by is Measure.RATE:
        return Step(-((own.took - goal * own.heads) // 1), fresh=True)
    if by is Measure.MEDIAN:
        each = -(-goal // 1)
        needed = own.heads // 2 + 1
        return Step(needed - sum(one >= each for one in own.spread), int(each), up_to=True)
    heads = 1 if by is Measure.TOTAL else own.heads
    missing = int(-(-((goal - Fraction(*score(own, by))) * heads) // 1))
    people = max(1, min(-(-missing // TWO_HOURS), max(1, own.heads)))
    each = -(-missing // (people * QUARTER_HOUR)) * QUARTER_HOUR
    return Step(people, each, missing)
