"""Scans, spells and what they count. Pure: no database, no request, no clock.

Sources of the figures: shared domain notes, "Meanings that two good engineers would read differently".
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.checkin.fence import Fence

RULE_VERSION = "2026.1"
OPENS_BEFORE = timedelta(minutes=60)
LEAVE_AFTER = timedelta(minutes=60)
SIGN_OUT_FROM = timedelta(minutes=30)  # before the end; from then on a second scan signs out
SAME_MOMENT = timedelta(minutes=1)  # after checking in; two phones at one gate that scan the same person sign nobody out
UNDO_FOR = timedelta(minutes=10)
SHORTEST_MINUTES = 15
SPELLS_A_DAY = 3
CODE_LIFE = timedelta(seconds=30)  # a rotating code; the previous one is still good
TICKET_LIFE = timedelta(hours=2)  # between opening a code and checking in, signing in meanwhile
SAME_SCAN = timedelta(minutes=10)  # a code opened again within this is the same scan, where nobody had to sign in meanwhile
DEPART_WITHIN = timedelta(minutes=30)  # 现在签退 belongs to a second scan made just now
LATE_AFTER = timedelta(minutes=15)  # between a scan and its arrival; later is flagged, and a closed activity takes no more
KEPT_FOR = timedelta(hours=48)  # a scan without signal counts when it arrives within this
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # as core.trace: no 0/O, 1/I/L
TAIL_LENGTH = 4


class Way(StrEnum):
    """How an end of a spell came to be recorded; kept on every scan."""

    POSTER = "poster"
    ROTATING = "rotating"
    TYPED_CODE = "typed_code"
    PERSONAL_CODE = "personal_code"  # an organiser scanned 我的码
    CARD = "card"
    BUTTON = "button"  # 现在签退 on the person's own phone
    NAMED = "named"  # 报姓名和手机后四位, witnessed
    ORGANISER = "organiser"  # 全体签退
    PAPER = "paper"


WAY_NAMES = {
    Way.POSTER: "扫码签到",
    Way.ROTATING: "扫大屏码",
    Way.TYPED_CODE: "输入短码",
    Way.PERSONAL_CODE: "组织者扫我的码",
    Way.CARD: "组织者扫卡",
    Way.BUTTON: "手机上签退",
    Way.NAMED: "现场报名字",
    Way.ORGANISER: "组织者签退",
    Way.PAPER: "纸质补录",
}
FOR_OTHERS = frozenset({Way.PERSONAL_CODE, Way.CARD})  # scanned by somebody who works the door, never by oneself
OWN_PHONE = frozenset({Way.POSTER, Way.ROTATING, Way.TYPED_CODE, Way.BUTTON})  # by the person, or by who acts for them
MACHINE = frozenset({Way.POSTER, Way.ROTATING, Way.TYPED_CODE, Way.PERSONAL_CODE, Way.CARD, Way.BUTTON})


class Outcome(StrEnum):
    """What a scan came to. Everything is recorded; only the first three move anyone in or out."""

    IN = "in"
    OUT = "out"
    UNDONE = "undone"  # a sign-out taken back
    ALREADY_IN = "already_in"
    ALREADY_OUT = "already_out"  # scanned again after leaving: nothing moves, the sign-out may still be taken back
    PENDING = "pending"  # recorded in, hours wait until somebody confirms who this is
    VISITOR = "visitor"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    STALE_CODE = "stale_code"
    WRONG_WAY = "wrong_way"  # a poster's address while this activity uses the screen
    NOT_OPEN = "not_open"  # draft, cancelled or closed
    TOO_MANY = "too_many"  # more than three spells a day
    NOT_IN = "not_in"  # asked to leave, but no spell is open
    FORGED = "forged"


class CodeFault(StrEnum):
    STALE = "stale"
    WRONG_WAY = "wrong_way"
    REVOKED = "revoked"  # a card taken back, a phone that was signed out
    TOO_OLD = "too_old"  # kept on a phone for more than two days
    DAY_CODE = "day_code"  # the four digits of the day were wrong, or never given


def rotating_tail(key: str, activity_id: int, at: datetime, back: int = 0) -> str:
    """The changing part of a screen's code in the half minute of `at`, or `back` half minutes before it."""
    window = int(at.timestamp()) // int(CODE_LIFE.total_seconds()) - back
    digest = hmac.new(key.encode(), f"code:{activity_id}:{window}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number // 31**place % 31] for place in range(TAIL_LENGTH))


def split_code(text: str) -> tuple[str, str]:
    """8F2K-M3QZ → (8F2K, M3QZ); 8F2K → (8F2K, "")."""
    head, _, tail = text.strip().upper().partition("-")
    return head, tail


def judge_code(tail: str, *, rotates: bool, key: str, activity_id: int, at: datetime) -> "CodeFault | None":
    """Whether a code is good at the moment its page opens: a screen's for its half minute and the next one."""
    if not rotates:
        return None
    if not tail:
        return CodeFault.WRONG_WAY
    if any(hmac.compare_digest(tail.encode(), rotating_tail(key, activity_id, at, back).encode()) for back in (0, 1)):
        return None
    return CodeFault.STALE


@dataclass(frozen=True)
class ShownCode:
    """A code as it was when its page opened. `scan_id` is chosen by the phone, so that a resent scan is the same scan.

    `digest` is of what a phone's queue sent, for a scan that came through one: its time is corrected anew at every sending.
    `day_code` and `fence` are None where the activity asks for none.
    """

    scan_id: UUID
    activity_id: int
    way: Way
    opened_at: datetime
    fault: "CodeFault | None" = None
    digest: str | None = None
    gate_id: int | None = None
    day_code: bool | None = None
    fence: Fence | None = None

    def content(self, person_id: int | None) -> str:
        """A digest of all that matters, to tell a resent scan from another one under the same id."""
        if self.digest is not None:
            return self.digest
        parts = f"{self.activity_id}|{self.way}|{self.opened_at.isoformat()}|{self.fault or ''}|{person_id or ''}"
        parts += f"|{self.gate_id}" if self.gate_id else ""  # where the phone stood may be told at one sending and not at the next
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


FAULT_OUTCOME = {
    CodeFault.STALE: Outcome.STALE_CODE,
    CodeFault.WRONG_WAY: Outcome.WRONG_WAY,
    CodeFault.REVOKED: Outcome.FORGED,
    CodeFault.TOO_OLD: Outcome.TOO_LATE,
    CodeFault.DAY_CODE: Outcome.STALE_CODE,
}


@dataclass(frozen=True)
class ShiftTimes:
    """The planned times of a shift; `extended_to` where the organiser let it run on."""

    id: int
    starts_at: datetime
    ends_at: datetime
    extended_to: datetime | None
    break_minutes: int

    @property
    def last_end(self) -> datetime:
        return self.extended_to or self.ends_at


@dataclass(frozen=True)
class OpenSpell:
    attendance_id: int
    shift_id: int
    in_at: datetime


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    shift_id: int | None


def choose_shift(
    shifts: list[ShiftTimes], signed_up: frozenset[int], at: datetime, left: Collection[int] = frozenset()
) -> ShiftTimes | None:
    """Which of an activity's shifts a scan at `at` means, None when none admits now.

    Among those that admit: one signed up for and not `left` yet, one signed up for, then one running, then the nearest start.
    """
    admitting = [shift for shift in shifts if shift.starts_at - OPENS_BEFORE <= at <= shift.last_end]

    def order(shift: ShiftTimes) -> tuple[bool, bool, bool, float, int]:
        wanted, running = shift.id in signed_up, shift.starts_at <= at < shift.last_end
        return (not wanted, wanted and shift.id in left, not running, abs((shift.starts_at - at).total_seconds()), shift.id)

    return min(admitting, key=order, default=None)


def judge(
    shifts: list[ShiftTimes],
    *,
    signed_up: frozenset[int],
    spells: list[OpenSpell],
    left: dict[int, datetime],
    spells_today: int,
    at: datetime,
    leaving: bool,
) -> Decision:
    """What a good code means for a known person at `at`.

    `spells` are those still open at this activity, `left` maps a shift to when they last left it. `leaving` is the explicit
    现在签退; a plain second scan signs out only in the last 30 minutes. A spell that nobody ended in time waits for the
    organiser and never blocks a later shift. Who has left one shift and signed up for another that admits is let in to that one,
    once the ten minutes are over in which a scan is the thumb's second one. `spells_today` are those that `takes_a_pair` says.
    """
    times = {shift.id: shift for shift in shifts}
    live = [spell for spell in spells if at <= times[spell.shift_id].last_end + LEAVE_AFTER]
    if live:
        spell = max(live, key=lambda one: one.in_at)
        shift = times[spell.shift_id]
        ends = leaving or at >= max(shift.last_end - SIGN_OUT_FROM, spell.in_at + SAME_MOMENT)
        return Decision(Outcome.OUT if ends and at >= spell.in_at else Outcome.ALREADY_IN, shift.id)
    chosen = choose_shift(shifts, signed_up, at, left)
    gone = _left_already(times, left, chosen, at)
    if gone is not None:
        return Decision(Outcome.NOT_IN if leaving else Outcome.ALREADY_OUT, gone)
    if chosen is None:
        if spells:
            return Decision(Outcome.TOO_LATE, max(spells, key=lambda one: one.in_at).shift_id)
        later = any(shift.starts_at > at for shift in shifts)
        return Decision(Outcome.TOO_EARLY if later else Outcome.TOO_LATE, None)
    if leaving:
        return Decision(Outcome.NOT_IN, chosen.id)
    if spells_today >= SPELLS_A_DAY:
        return Decision(Outcome.TOO_MANY, chosen.id)
    return Decision(Outcome.IN, chosen.id)


def _left_already(times: dict[int, ShiftTimes], left: dict[int, datetime], chosen: ShiftTimes | None, at: datetime) -> int | None:
    """The shift that a scan finds its owner gone from: left a moment ago, or in its last half hour and after."""
    for shift_id, left_at in sorted(left.items(), key=lambda one: one[1], reverse=True):
        shift = times[shift_id]
        if chosen is not None and chosen.id != shift_id and at > left_at + UNDO_FOR:
            continue  # the next shift has begun to admit
        if at <= left_at + UNDO_FOR or shift.last_end - SIGN_OUT_FROM <= at <= shift.last_end + LEAVE_AFTER:
            return shift_id
    return None


def visit_outcome(shifts: Sequence[ShiftTimes], at: datetime) -> Outcome:
    """Whether a visitor is counted at `at`: from an hour before a shift to an hour after it."""
    if any(shift.starts_at - OPENS_BEFORE <= at <= shift.last_end + LEAVE_AFTER for shift in shifts):
        return Outcome.VISITOR
    return Outcome.TOO_EARLY if any(shift.starts_at > at for shift in shifts) else Outcome.TOO_LATE


@dataclass(frozen=True)
class Counted:
    """The credited part of a spell. `minutes` is 0 for less than a quarter of an hour."""

    credited_from: datetime
    credited_to: datetime
    minutes: int


def count(shift: ShiftTimes, in_at: datetime, out_at: datetime) -> Counted:
    """The spell cut to the planned shift, breaks deducted; under 15 minutes nothing. Minutes are whole, cut down.

    A break is deducted in the share of the shift that was served, so that half a shift bears half its break.
    """
    start, end = max(in_at, shift.starts_at), min(out_at, shift.last_end)
    if end <= start:
        return Counted(start, start, 0)
    served = int((end - start).total_seconds() // 60)
    planned = int((shift.last_end - shift.starts_at).total_seconds() // 60)
    pause = -(-shift.break_minutes * served // planned) if planned else 0
    minutes = served - pause
    return Counted(start, end, minutes if minutes >= SHORTEST_MINUTES else 0)


def takes_a_pair(shift: ShiftTimes, in_at: datetime, out_at: datetime | None) -> bool:
    """Whether a spell is one of the three of its day: it goes on, or it counted something.

    What was recorded by accident (时间太短, before the start, undone, left out) takes none of them away.
    """
    return out_at is None or count(shift, in_at, out_at).minutes > 0


def next_shift(shifts: Sequence[ShiftTimes], signed_up: Collection[int], left: Collection[int], at: datetime) -> ShiftTimes | None:
    """For whom has just left: the next shift that they signed up for and that has not ended; told beside 已签退."""
    ahead = [shift for shift in shifts if shift.id in signed_up and shift.id not in left and shift.last_end > at]
    return min(ahead, key=lambda shift: (shift.starts_at, shift.id), default=None)


def is_machine(in_way: Way, out_way: Way) -> bool:
    """Both ends recorded by a machine: 扫码时长; else 补录时长."""
    return in_way in MACHINE and out_way in MACHINE


def waits_for_organiser(shift: ShiftTimes, now: datetime) -> bool:
    """Nobody signed out and the time for it is over: 待核实, counted 0 until the organiser closes. Derived when read."""
    return now > shift.last_end + LEAVE_AFTER
