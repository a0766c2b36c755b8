"""排行: which boards there are, and how places are given. Integers throughout: fractions are compared by cross-multiplication."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, cmp_to_key
from typing import TypeVar

from app.core.words import hours_number
from app.hours.closing import DEFAULT, ClosingRule, closes_on
from app.hours.rules import Period, PeriodKind, period
from app.people.rules import UnitKind

E = TypeVar("E", bound=StrEnum)
MIN_HEADS = 5  # fewer eligible members and a unit is left out of the per-head board
PAGE = 50
OLDEST_YEARS = 10  # how far back a past period may be asked for


class BoardKind(StrEnum):
    PERSON = "person"
    BRANCH = "branch"
    COMMUNITY = "community"
    TEAM = "team"


UNIT_KINDS = {BoardKind.BRANCH: UnitKind.BRANCH, BoardKind.COMMUNITY: UnitKind.COMMUNITY, BoardKind.TEAM: UnitKind.TEAM}
KIND_NAMES = {BoardKind.PERSON: "个人", BoardKind.BRANCH: "支部", BoardKind.COMMUNITY: "社区", BoardKind.TEAM: "分队"}
PERIODS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.ALL)
THIS_PERIOD = {PeriodKind.MONTH: "本月", PeriodKind.QUARTER: "本季", PeriodKind.YEAR: "本年", PeriodKind.ALL: "全部"}


class Measure(StrEnum):
    HEAD = "head"  # minutes per eligible head
    TOTAL = "total"


MEASURE_NAMES = {Measure.TOTAL: "总时长", Measure.HEAD: "人均"}


@dataclass(frozen=True)
class Choice:
    """One board. `community_id` narrows only the personal one, which has no per-head measure. `page` counts from 1."""

    kind: BoardKind
    period: Period
    by: Measure
    community_id: int | None
    page: int
    today: date
    closing: tuple[ClosingRule, ...] = (DEFAULT,)  # when months close; asked for only where a past personal board is shown

    @property
    def is_open(self) -> bool:
        return self.period.last >= self.today

    @property
    def day(self) -> date:
        """The day whose tree and members count: the period's end, or today while it runs."""
        return min(self.period.last, self.today)

    @property
    def settled_on(self) -> date | None:
        """The day the personal board of a past period was settled; None while it may still change."""
        day = settling_day(self.period, self.closing)
        return day if day and self.today >= day else None

    @property
    def before(self) -> Period | None:
        """The period before this one; None for `all` and where nobody looks any more."""
        return _before(self.period, self.today)

    def arguments(self) -> dict[str, str | int]:
        """The address of this board; what is default is left out."""
        given: dict[str, str | int] = {}
        if self.kind is not BoardKind.BRANCH:
            given["kind"] = self.kind.value
        if self.period.kind is not PeriodKind.QUARTER:
            given["period"] = self.period.kind.value
        if not self.is_open:
            given["at"] = self.period.key
        if self.by is not Measure.HEAD and self.kind is not BoardKind.PERSON:
            given["by"] = self.by.value
        if self.community_id is not None:
            given["community"] = self.community_id
        if self.page > 1:
            given["page"] = self.page
        return given


def choose(given: Mapping[str, str], today: date) -> Choice:
    """The board an address asks for. What can not be read falls back: branches, this quarter, per head, page 1."""
    kind = _member(BoardKind, given.get("kind"), BoardKind.BRANCH)
    length = _member(PeriodKind, given.get("period"), PeriodKind.QUARTER)
    if length not in PERIODS:
        length = PeriodKind.QUARTER
    by = Measure.TOTAL if kind is BoardKind.PERSON else _member(Measure, given.get("by"), Measure.HEAD)
    community = _number(given.get("community")) if kind is BoardKind.PERSON else None
    span = _past(length, given.get("at"), today) or period(length, today)
    return Choice(kind, span, by, community, _number(given.get("page")) or 1, today)


def _member(kind: type[E], word: str | None, otherwise: E) -> E:
    return next((one for one in kind if one.value == word), otherwise)


def _number(word: str | None) -> int | None:
    """A small whole number from an address; None for anything else."""
    return int(word) if word and word.isascii() and word.isdigit() and 0 < len(word) <= 9 and int(word) else None


def _before(span: Period, today: date) -> Period | None:
    if span.kind is PeriodKind.ALL or span.first.year <= today.year - OLDEST_YEARS:
        return None
    return period(span.kind, span.first - timedelta(days=1))


def settling_day(span: Period, closing: Sequence[ClosingRule] = (DEFAULT,)) -> date | None:
    """A board is settled as the last month of its period closes: on the 10th after it, in January on the 15th; `all` never."""
    return None if span.kind is PeriodKind.ALL else closes_on(span.last, closing)


def _past(kind: PeriodKind, key: str | None, today: date) -> Period | None:
    """The period of that key when it is over and not too long ago."""
    span = _before(period(kind, today), today) if key else None
    while span and span.key != key:
        span = _before(span, today)
    return span


@dataclass(frozen=True)
class Figure:
    """What one unit or person has in a period, in minutes. Only `minutes` (扫码时长) is ranked; `honour` is shown beside it."""

    id: int
    minutes: int
    honour: int = 0
    heads: int = 1
    name: str = ""
    under: str = ""  # the community a branch or team belongs to


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


def compare(one: Figure, other: Figure, by: Measure) -> int:
    """Negative when `one` is better. Exact: no fraction is ever computed."""
    if by is Measure.TOTAL:
        return other.minutes - one.minutes
    return other.minutes * one.heads - one.minutes * other.heads


def rank(figures: Iterable[Figure], by: Measure, min_heads: int = MIN_HEADS) -> Board:
    """Places with ties shared: 1, 2, 2, 4. Whoever has nothing yet has no place. Equals stand in the order of their ids."""
    having = [one for one in figures if one.minutes > 0]
    small = frozenset(one.id for one in having if one.heads < min_heads) if by is Measure.HEAD else frozenset()
    ranked = sorted((one for one in having if one.id not in small), key=lambda one: (-one.minutes, one.id))
    if by is Measure.HEAD:
        ranked.sort(key=lambda one: one.id)
        ranked.sort(key=cmp_to_key(lambda one, other: compare(one, other, by)))
    places: list[int] = []
    for where, one in enumerate(ranked):
        equal = where > 0 and compare(ranked[where - 1], one, by) == 0
        places.append(places[-1] if equal else where + 1)
    how_many = Counter(places)
    return Board(tuple(Standing(place, how_many[place] > 1, one) for place, one in zip(places, ranked, strict=True)), small)


def score_words(figure: Figure, by: Measure) -> str:
    """Hours for the end of a line: 1,234.5 in total, 9.40 a head. Cut, never rounded up."""
    if by is Measure.TOTAL:
        return hours_number(figure.minutes)
    return _hundredths(figure.minutes * 100 // (60 * figure.heads))


def gap_words(own: Figure, better: Figure, by: Measure) -> str:
    """How many hours are missing to the one above; rounded up, so that having them is enough to draw level."""
    if by is Measure.TOTAL:
        return _hundredths(-((own.minutes - better.minutes) * 100 // 60))
    return _hundredths(-((own.minutes * better.heads - better.minutes * own.heads) * 100 // (60 * own.heads * better.heads)))


def _hundredths(amount: int) -> str:
    return f"{amount // 100:,}.{amount % 100:02d}"


@dataclass(frozen=True)
class Own:
    """The reader's own side of a board. `unit_id` is theirs of the board's kind; the rest is for the personal board."""

    unit_id: int | None = None
    unit_name: str = ""
    public: bool = False  # agrees today
    listed: bool = False  # has a line on this board: agreed when it was settled, or today where it is not
    minutes: int = 0
    honour: int = 0
    community_id: int | None = None
