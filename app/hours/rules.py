"""Service hours: classes, kinds, periods. Integer minutes throughout. Pure."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class HourClass(StrEnum):
    """信用时数 and 荣誉时数 (民政部令第67号); on screen 扫码时长 and 补录时长. Shown apart, never summed."""

    CREDIT = "credit"  # both ends recorded by a machine scan
    HONOUR = "honour"  # an end named, keyed in or made up by people


class HourKind(StrEnum):
    SERVICE = "service"
    STUDY = "study"


CLASS_NAMES = {HourClass.CREDIT: "扫码时长", HourClass.HONOUR: "补录时长"}
KIND_NAMES = {HourKind.SERVICE: "服务", HourKind.STUDY: "学习"}


class SourceKind(StrEnum):
    """Which record an entry comes from; `source_id` is that record's id."""

    ATTENDANCE = "attendance"
    CLAIM = "claim"
    IMPORT = "import"
    CORRECTION = "correction"
    HONOUR = "honour"  # points only, as are those below
    MANUAL = "manual"  # a bonus, a deduction or a veto that two people stand behind
    EVENED = "evened"  # room under a cap that came free, or that is gone; `source_id` is the entry that made it so


class PeriodKind(StrEnum):
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True)
class Period:
    """`key` names it in the totals: 2026-11-21, 2026-11, 2026-Q4, 2026, all. Days from `first` to `last`, both in."""

    kind: PeriodKind
    key: str
    first: date
    last: date


EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


def period(kind: PeriodKind, day: date) -> Period:
    """The period of a kind that holds `day`."""
    if kind is PeriodKind.DAY:
        return Period(kind, day.isoformat(), day, day)
    if kind is PeriodKind.ALL:
        return Period(kind, "all", EARLIEST, LATEST)
    if kind is PeriodKind.YEAR:
        return Period(kind, str(day.year), date(day.year, 1, 1), date(day.year, 12, 31))
    first_month = day.month if kind is PeriodKind.MONTH else (day.month - 1) // 3 * 3 + 1
    last_month = day.month if kind is PeriodKind.MONTH else first_month + 2
    last = date(day.year + last_month // 12, last_month % 12 + 1, 1).toordinal() - 1
    key = f"{day.year}-{day.month:02d}" if kind is PeriodKind.MONTH else f"{day.year}-Q{(day.month + 2) // 3}"
    return Period(kind, key, date(day.year, first_month, 1), date.fromordinal(last))


UNIT_PERIODS = tuple(PeriodKind)
PERSON_PERIODS = tuple(kind for kind in PeriodKind if kind is not PeriodKind.DAY)  # a person's days are in the ledger, hardly fewer


def periods_of(day: date, kinds: tuple[PeriodKind, ...] = UNIT_PERIODS) -> tuple[Period, ...]:
    """Every period of these kinds whose totals an entry that counts on `day` belongs to, the shortest first."""
    return tuple(period(kind, day) for kind in kinds)


STAR_LEVELS = ((1500, 5), (1000, 4), (600, 3), (300, 2), (100, 1))


def star_level(minutes: int) -> int:
    """星级 by hours: 100/300/600/1000/1500; 0 below."""
    return next((star for hours, star in STAR_LEVELS if minutes >= hours * 60), 0)


@dataclass(frozen=True)
class Star:
    """How far somebody is: `level` 0 to 5, and the minutes that count towards it; `needed` of the next one, None at the highest."""

    level: int
    minutes: int
    needed: int | None
    with_honour: bool = False  # a local rule: 补录时长 counts too

    @property
    def missing(self) -> int:
        return 0 if self.needed is None else self.needed - self.minutes


def star(credit: int, honour: int, *, with_honour: bool = False) -> Star:
    """By 扫码时长 of service; with 补录时长 where the local rule says so. Minutes."""
    minutes = credit + honour if with_honour else credit
    level = star_level(minutes)
    needed = next((hours * 60 for hours, one in reversed(STAR_LEVELS) if one == level + 1), None)
    return Star(level, minutes, needed, with_honour)


@dataclass(frozen=True)
class HourPosting:
    """One row for the ledger. `minutes` is negative only with `reverses_id`. `counted_on`: see hours.closing; None is `served_on`."""

    person_id: int
    home_unit_id: int | None
    organising_unit_id: int
    activity_id: int | None
    served_on: date
    hour_class: HourClass
    kind: HourKind
    minutes: int
    source_kind: SourceKind
    source_id: int
    generation: int = 0
    rule_version: str = ""
    reverses_id: int | None = None
    reason: str = ""
    batch_id: int | None = None
    made_by_id: int | None = None
    approved_by_id: int | None = None
    counted_on: date | None = None

    @property
    def counts_on(self) -> date:
        return self.counted_on or self.served_on

    def columns(self) -> dict[str, Any]:
        return asdict(self)
