"""What reads of activities return: frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime

from app.activities.joining_rules import Who, needs_second
from app.activities.position_rules import PositionDraft
from app.activities.rules import ActivityKind, ActivityState, CodeWay, ShiftDraft, double50_badge, shift_minutes, state
from app.people.rules import UnitKind


@dataclass(frozen=True)
class ActivityRow:
    """`starts_at` is the first shift's start, `ends_at` the last end (extensions included); None while a draft has no shift.

    `contact_name` is a full name: public pages show it through the `masked` filter. `for_unit_name`: of the unit in `who`.
    """

    id: int
    code: str
    title: str
    kind: ActivityKind
    unit_id: int
    unit_name: str
    place_text: str
    description: str
    risk_note: str
    code_way: CodeWay
    contact_id: int
    contact_name: str
    created_by_id: int
    published_at: datetime | None
    cancelled_at: datetime | None
    closed_at: datetime | None
    served_count: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    unit_kind: UnitKind
    template: str | None
    insurance_note: str
    gives_training: str
    series_id: int | None
    series_on: date | None
    publication_asked_at: datetime | None
    publication_asked_by_id: int | None
    cancel_reason: str | None
    for_unit_name: str | None
    for_unit_kind: UnitKind | None
    who: Who

    def state(self, now: datetime) -> ActivityState:
        return state(
            published_at=self.published_at, cancelled_at=self.cancelled_at, closed_at=self.closed_at, ends_at=self.ends_at, now=now
        )

    @property
    def public(self) -> bool:
        """Anyone may see it: it was published (cancelled and closed ones stay readable)."""
        return self.published_at is not None

    @property
    def needs_second(self) -> bool:
        """A second person publishes it: the 街道 organises it for more than a unit below."""
        return needs_second(self.unit_kind, self.who, self.for_unit_kind)

    @property
    def badge(self) -> str | None:
        """计入双50：服务."""
        return double50_badge(self.kind)


@dataclass(frozen=True)
class PositionRow:
    id: int
    name: str
    capacity: int
    taken: int

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.taken)


@dataclass(frozen=True)
class ShiftRow:
    """`positions` in the organiser's order; their capacities and those taken add up to the shift's.

    `walk_ins` have come without a seat: told only where there is a limit.
    """

    id: int
    activity_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    extended_to: datetime | None
    break_minutes: int
    capacity: int | None
    taken: int
    positions: tuple[PositionRow, ...] = ()
    walk_ins: int = 0

    @property
    def last_end(self) -> datetime:
        """The end that counts: where the organiser let the shift run on, that one."""
        return self.extended_to or self.ends_at

    @property
    def minutes(self) -> int:
        """What the whole shift counts, breaks deducted."""
        return shift_minutes(self.starts_at, self.last_end, self.break_minutes)

    def draft(self) -> ShiftDraft:
        """As it stands, for a revision that leaves it alone."""
        positions = tuple(PositionDraft(one.name, one.capacity) for one in self.positions)
        return ShiftDraft(self.name, self.starts_at, self.ends_at, self.break_minutes, self.capacity, self.id, positions)

    @property
    def left(self) -> int | None:
        """Places left, who has come without a seat taken off; None where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken - self.walk_ins)


@dataclass(frozen=True)
class SignupRow:
    """A sign-up that stands. `position` is the place on the waiting list from 1; None with a seat.

    `position_name` is the 岗位 of `position_id`: where the seat is, or which one they wait for; None where the shift has none,
    and for who waits for any. The place counts those before them who might be given the same seat.
    """

    id: int
    person_id: int
    shift_id: int
    activity_id: int
    shift_name: str
    starts_at: datetime
    ends_at: datetime
    position: int | None
    position_id: int | None = None
    position_name: str | None = None

    @property
    def seated(self) -> bool:
        return self.position is None

    @property
    def where(self) -> str:
        """摊位组·引导: the shift, and the position where there is one."""
        return f"{self.shift_name}·{self.position_name}" if self.position_name else self.shift_name


@dataclass(frozen=True)
class NextSignup:
    """`signup.position` is None when the seat is sure."""

    signup: SignupRow
    activity: ActivityRow


@dataclass(frozen=True)
class Clash:
    shift_id: int
    title: str
    shift_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Seats:
    """Over the shifts of one activity. `capacity` None: at least one shift has no limit."""

    capacity: int | None
    taken: int
    left: int | None


@dataclass(frozen=True)
class Listed:
    """One line of a list: the activity, its places (None when over), and the reader's own sign-ups in it."""

    activity: ActivityRow
    seats: Seats | None
    mine: tuple[SignupRow, ...]
