"""一报到两认领双管理: what a community offers, who takes it on, and the word it sends to the home branch every half-year. Pure.

Which two kinds a member is asked to take on is local (本地规定); see `Rule`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class OfferKind(StrEnum):
    POST = "post"
    PROJECT = "project"
    WISH = "wish"


OFFER_NAMES = {OfferKind.POST: "岗位", OfferKind.PROJECT: "服务项目", OfferKind.WISH: "微心愿"}


class Grade(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    PLAIN = "plain"


GRADE_NAMES = {Grade.GOOD: "好", Grade.FAIR: "较好", Grade.PLAIN: "一般"}
LONGEST_TITLE = 40
LONGEST_WORDS = 400
LONGEST_FEEDBACK = 200
KINDS_KEY = "pledges.kinds"
KINDS_DEFAULT = {"kinds": [OfferKind.POST.value, OfferKind.PROJECT.value]}
TWO = 2


def rule_of(setting: dict[str, object]) -> tuple[OfferKind, ...]:
    """The two kinds of a stored setting, in the order of the kinds; the default where it is not two of them."""
    known = setting.get("kinds")
    asked = [kind for kind in OfferKind if isinstance(known, list) and kind.value in known]
    return tuple(asked) if len(asked) == TWO else (OfferKind.POST, OfferKind.PROJECT)


def both_claimed(held: Collection[OfferKind], rule: Collection[OfferKind]) -> bool:
    """Whether what somebody took on covers the two kinds of the rule."""
    return set(rule) <= set(held)


@dataclass(frozen=True, order=True)
class Half:
    """Half a year: `number` is 1 (January to June) or 2."""

    year: int
    number: int

    @property
    def key(self) -> str:
        return f"{self.year}-H{self.number}"

    @property
    def name(self) -> str:
        return f"{self.year}年{'上' if self.number == 1 else '下'}半年"

    @property
    def first(self) -> date:
        return date(self.year, 1 if self.number == 1 else 7, 1)

    @property
    def last(self) -> date:
        return date(self.year, 6, 30) if self.number == 1 else date(self.year, 12, 31)

    @property
    def before(self) -> "Half":
        return Half(self.year, 1) if self.number == 2 else Half(self.year - 1, 2)

    @property
    def opens(self) -> date:
        """From this day on the words for the half are asked for."""
        return date(self.year, 6 if self.number == 1 else 12, 15)

    def day_for(self, today: date) -> date:
        """Whose names stand in its list: those who had reported in on its last day, or are today while it runs."""
        return min(today, self.last)


def half_of(day: date) -> Half:
    return Half(day.year, 1 if day.month <= 6 else 2)


def half_from(key: str, today: date) -> Half | None:
    """The half of a key when it may still be written for: the one that runs and the one before it."""
    running = half_of(today)
    return next((half for half in (running, running.before) if half.key == key), None)


def half_asked(today: date) -> Half | None:
    """The half whose words are due: from the 15th of its last month, and through the month after it; else None."""
    running = half_of(today)
    if today >= running.opens:
        return running
    return running.before if today < running.first + timedelta(days=31) else None


@dataclass(frozen=True)
class OfferDraft:
    """`last_day` is the last day on which it may be taken on; None: until it is closed. `seats` None: no limit."""

    unit_id: int
    kind: OfferKind
    title: str
    words: str
    seats: int | None
    opens_on: date
    last_day: date | None


def is_open(opens_on: date, last_day: date | None, closed_on: date | None, today: date) -> bool:
    return closed_on is None and opens_on <= today and (last_day is None or today <= last_day)


@dataclass(frozen=True)
class FeedbackLine:
    """One member's word as filled in. `version` is the version that was on the screen (0: none)."""

    person_id: int
    grade: Grade
    words: str
