"""What a day holds of one person: how much counts without asking, how often they may come. A warning at sign-up, no more. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from app.core.clock import local_date
from app.core.words import minutes_words

SETTING = "long_day"  # the same setting that check-in holds to: {"parent_minutes": …}
PARENT_MINUTES = 480
SPELLS_A_DAY = 3  # in and out


@dataclass(frozen=True)
class Seat:
    """A shift that somebody has a seat in, or is about to take. `minutes`: what the whole of it would count; 0 where nothing does."""

    shift_id: int
    starts_at: datetime
    ends_at: datetime
    minutes: int

    @property
    def day(self) -> date:
        """The day that its hours are booked on."""
        return local_date(self.starts_at)

    def touches(self, other: "Seat") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class FullDay:
    """`held`: minutes of the seats of that day, `fresh`: of the new one; `times`: how many seats there would be. Over either limit."""

    held: int
    fresh: int
    limit: int
    times: int

    @property
    def too_long(self) -> bool:
        return self.fresh > 0 and self.held + self.fresh > self.limit

    @property
    def too_often(self) -> bool:
        return self.times > SPELLS_A_DAY


def full_day(held: Iterable[Seat], new: Seat, limit: int) -> FullDay | None:
    """None while the day holds it. Of seats that overlap only those are counted that somebody can be at, at most.

    What overlaps with the new one is left out: that is warned of by itself.
    """
    others = {seat.shift_id: seat for seat in held if seat.shift_id != new.shift_id and seat.day == new.day and not seat.touches(new)}
    found = FullDay(_most(others.values(), lambda seat: seat.minutes), new.minutes, limit, _most(others.values(), lambda _: 1) + 1)
    return found if found.too_long or found.too_often else None


def _most(seats: Iterable[Seat], worth: Callable[[Seat], int]) -> int:
    """The highest sum over seats of which no two overlap."""
    by_end = sorted(seats, key=lambda seat: seat.ends_at)
    best = [0]
    for place, seat in enumerate(by_end):
        before = sum(other.ends_at <= seat.starts_at for other in by_end[:place])
        best.append(max(best[-1], best[before] + worth(seat)))
    return best[-1]


def full_day_words(found: FullDay, *, mine: bool = False) -> str:
    """这一天您已报 6 小时，再加 3 小时，会超过一天 8 小时。超过的先不计入，由上级核实. `mine`: they have the seat already."""
    said = []
    later = "超过的先不计入，由上级核实后再定。"
    if found.too_long and found.held and mine:
        said.append(f"这一天您一共报了 {minutes_words(found.held + found.fresh)}，超过一天 {minutes_words(found.limit)}。{later}")
    elif found.too_long and found.held:
        held, fresh = minutes_words(found.held), minutes_words(found.fresh)
        said.append(f"这一天您已报 {held}，再加这班 {fresh}，会超过一天 {minutes_words(found.limit)}。{later}")
    elif found.too_long:
        said.append(f"这一班超过一天 {minutes_words(found.limit)}，时长先不计入，由上级核实后再定。")
    if found.too_often and mine:
        said.append(f"一天最多签到 {SPELLS_A_DAY} 次，您这一天报了 {found.times} 班。")
    elif found.too_often:
        said.append(f"一天最多签到 {SPELLS_A_DAY} 次，加上这班就是 {found.times} 班。")
    return "".join(said)
