"""排行: which boards there are, what a local rule may decide about them, and which one an address asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from app.hours.closing import DEFAULT, ClosingRule
from app.leaderboards.measures import Measure
from app.leaderboards.spans import Length, Span, asked_for, settling_day
from app.people.rules import UnitKind

E = TypeVar("E", bound=StrEnum)
PAGE = 50


class BoardKind(StrEnum):
    PERSON = "person"
    BRANCH = "branch"
    COMMUNITY = "community"
    TEAM = "team"


UNIT_KINDS = {BoardKind.BRANCH: UnitKind.BRANCH, BoardKind.COMMUNITY: UnitKind.COMMUNITY, BoardKind.TEAM: UnitKind.TEAM}
KIND_NAMES = {BoardKind.PERSON: "个人", BoardKind.BRANCH: "支部", BoardKind.COMMUNITY: "社区", BoardKind.TEAM: "分队"}
LEAST_HEADS, MOST_HEADS, YOUNGEST_EXEMPT, OLDEST_EXEMPT = 3, 50, 50, 120


@dataclass(frozen=True)
class BoardRule:
    """本地规定. Units of fewer eligible members than `min_heads` are not listed; from `exempt_age` on nobody is counted among the heads,
    though their hours are."""

    min_heads: int = 5
    exempt_age: int = 70

    def as_kept(self) -> dict[str, Any]:
        return {"min_heads": self.min_heads, "exempt_age": self.exempt_age}

    def of(self, kind: BoardKind) -> "BoardRule":
        """As it holds for a kind of board: a line of the personal one is one person, who agreed."""
        return replace(self, min_heads=1) if kind is BoardKind.PERSON else self


@dataclass(frozen=True)
class Choice:
    """One board. `community_id` narrows only the personal one, which has the total alone. `page` counts from 1."""

    kind: BoardKind
    span: Span
    by: Measure
    community_id: int | None
    page: int
    today: date
    closing: tuple[ClosingRule, ...] = (DEFAULT,)  # when months close; asked for only where a past board is shown

    @property
    def is_open(self) -> bool:
        return self.span.last >= self.today

    @property
    def day(self) -> date:
        """The day whose tree and members count: the span's end, or today while it runs."""
        return min(self.span.last, self.today)

    @property
    def settled_on(self) -> date | None:
        """The day the board of a past span was settled; None while it may still change."""
        day = settling_day(self.span, self.closing)
        return day if day and self.today >= day else None

    def arguments(self) -> dict[str, Any]:
        """The address of this board; what is default is left out."""
        given: dict[str, Any] = {}
        if self.kind is not BoardKind.BRANCH:
            given["kind"] = self.kind.value
        if self.span.length is not Length.QUARTER:
            given["period"] = self.span.length.value
        if self.span.length is Length.CUSTOM:
            given |= {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}
        elif not self.is_open:
            given["at"] = self.span.key
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
    span = asked_for(given, today)
    by = Measure.TOTAL if kind is BoardKind.PERSON else _member(Measure, given.get("by"), Measure.HEAD)
    if by is Measure.GAIN and span.length is Length.ALL:
        by = Measure.HEAD  # nothing was before everything
    community = _number(given.get("community")) if kind is BoardKind.PERSON else None
    return Choice(kind, span, by, community, _number(given.get("page")) or 1, today)


def _member(kind: type[E], word: str | None, otherwise: E) -> E:
    return next((one for one in kind if one.value == word), otherwise)


def _number(word: str | None) -> int | None:
    """A small whole number from an address; None for anything else."""
    return int(word) if word and word.isascii() and word.isdigit() and 0 < len(word) <= 9 and int(word) else None


def measures_of(kind: BoardKind, span: Span) -> tuple[Measure, ...]:
    """What a board of that kind and span can be ordered by."""
    if kind is BoardKind.PERSON:
        return (Measure.TOTAL,)
    return tuple(one for one in Measure if one is not Measure.GAIN or span.before is not None)


def born_since(day: date, age: int) -> date:
    """Who was born on this date or before is at least `age` on `day`."""
    year = day.year - age
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not _leap(year) else day.replace(year=year)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


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
