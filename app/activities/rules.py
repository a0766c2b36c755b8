"""Activities and shifts: kinds, states derived from dated facts, and what a form must satisfy. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.activities.joining_rules import ANYONE, Who
from app.activities.position_rules import PositionDraft

SERVICE_PHONES = "service_centre_phones"  # the setting: community id → its 党群服务中心's office number, never a person's


class ActivityKind(StrEnum):
    SERVICE = "service"  # 服务
    STUDY = "study"  # 学习
    PARTY_LIFE = "party_life"  # 组织生活
    OTHER = "other"


KIND_NAMES = {
    ActivityKind.SERVICE: "志愿服务",
    ActivityKind.STUDY: "学习",
    ActivityKind.PARTY_LIFE: "组织生活",
    ActivityKind.OTHER: "其他",
}


class CodeWay(StrEnum):
    """How this activity shows its code: printed (the default from 200 people on) or on a screen that renews it."""

    POSTER = "poster"
    ROTATING = "rotating"


class ActivityState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"  # published, not yet over
    OVER = "over"  # past its last shift, waiting to be closed
    CLOSED = "closed"
    CANCELLED = "cancelled"


STATE_NAMES = {
    ActivityState.DRAFT: "草稿",
    ActivityState.OPEN: "报名中",
    ActivityState.OVER: "待收场",
    ActivityState.CLOSED: "已结束",
    ActivityState.CANCELLED: "已取消",
}

MAX_SHIFT = timedelta(hours=24)
MAX_SHIFTS = 20
PROMOTES_UNTIL = timedelta(hours=12)  # before the start; from then on the organiser calls
EXTENDS_UNTIL = timedelta(minutes=60)  # after the end: while signing out is still possible
POSTER_FROM = 200  # expected people


@dataclass(frozen=True)
class ShiftDraft:
    """`break_minutes` are deducted from what is credited; `capacity` None means no limit. `id`: the shift that this revises.

    With `positions` the capacity is their sum.
    """

    name: str
    starts_at: datetime
    ends_at: datetime
    break_minutes: int = 0
    capacity: int | None = None
    id: int | None = None
    positions: tuple[PositionDraft, ...] = ()


@dataclass(frozen=True)
class ActivityDraft:
    """`gives_training`: who attends has had the training of that name. `template`: the key of the one it began with."""

    title: str
    kind: ActivityKind
    unit_id: int
    place_text: str
    description: str = ""
    risk_note: str = ""
    code_way: CodeWay = CodeWay.POSTER
    shifts: tuple[ShiftDraft, ...] = field(default=())
    insurance_note: str = ""
    who: Who = ANYONE
    gives_training: str = ""
    template: str | None = None


def state(
    *, published_at: datetime | None, cancelled_at: datetime | None, closed_at: datetime | None, ends_at: datetime | None, now: datetime
) -> ActivityState:
    """The state is derived from what happened, never stored."""
    if closed_at:
        return ActivityState.CLOSED
    if cancelled_at:
        return ActivityState.CANCELLED
    if not published_at:
        return ActivityState.DRAFT
    return ActivityState.OVER if ends_at and ends_at <= now else ActivityState.OPEN


def shift_minutes(starts_at: datetime, ends_at: datetime, break_minutes: int) -> int:
    """The planned minutes of a shift: its length without breaks."""
    return max(0, int((ends_at - starts_at).total_seconds() // 60) - break_minutes)


EVENING, DAWN = time(18), time(6)


def runs_past_midnight(begins: time, ends: time) -> bool:
    """A night walk from 22:00 to 00:30 ends on the next day; an end before the start in daylight is a slip of the pen."""
    return begins >= EVENING and ends <= DAWN


def shift_fault(draft: ShiftDraft) -> str | None:
    if draft.ends_at <= draft.starts_at:
        return "结束早于开始，请改一个"
    if draft.ends_at - draft.starts_at > MAX_SHIFT:
        return "一个班次最长 24 小时"
    if draft.break_minutes < 0 or shift_minutes(draft.starts_at, draft.ends_at, draft.break_minutes) == 0:
        return "休息时间不能超过班次本身"
    if draft.capacity is not None and draft.capacity < 1:
        return "名额至少 1 人，不限请留空"
    if draft.positions and draft.capacity != sum(position.capacity for position in draft.positions):
        return "有岗位的班次，人数要等于各岗位加起来"
    return None


def promotes(starts_at: datetime, now: datetime) -> bool:
    """Whether a seat that came free goes to the first in line by itself."""
    return now < starts_at - PROMOTES_UNTIL


def default_code_way(shifts: tuple[ShiftDraft, ...]) -> CodeWay:
    """A poster from 200 expected people on, or where nobody counted them; else the screen that renews its code."""
    places = [shift.capacity for shift in shifts]
    expected = None if None in places else sum(place or 0 for place in places)
    return CodeWay.POSTER if expected is None or expected >= POSTER_FROM else CodeWay.ROTATING


def double50_badge(kind: ActivityKind) -> str | None:
    """What the activity counts for in 双50小时, told before anyone signs up; None when it counts for neither."""
    return {
        ActivityKind.SERVICE: "计入双50：服务",
        ActivityKind.STUDY: "计入双50：学习",
    }.get(kind)


def group_text(
    title: str, when: str, place: str, shifts: list[str], address: str, organiser: str, conditions: str = "", wanted: str = ""
) -> str:
    """Text ready to copy into a 楼道 group. `conditions`: who may join, where not anyone. `wanted`: what a single shift looks for."""
    lines = [f"【{title}】", f"时间：{when}", f"地点：{place}"]
    if len(shifts) > 1:
        lines += ["班次："] + [f"· {shift}" for shift in shifts]
    elif wanted:
        lines.append(f"还要：{wanted}")
    if conditions:
        lines.append(f"这场请：{conditions}")
    return "\n".join([*lines, f"主办：{organiser}", f"报名点这里：{address}", "不方便用手机的街坊，当天到现场签名一样算。"])
