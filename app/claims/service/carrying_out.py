"""Carrying a correction out: for a moment, to see what it would do, or for good (docs/decisions/0033). Inside a write transaction."""

from dataclasses import dataclass
from datetime import date, datetime

from app.activities.rules import ActivityKind
from app.checkin import service as checkin
from app.checkin.service import Hands
from app.claims.correction_rules import DAY_MINUTES, Change
from app.claims.gauges import Shifted, gauges, shifted
from app.claims.queries import corrections as queries
from app.claims.queries.corrections import CorrectionRow
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, DomainError, NotFound
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.hours.rules import HourKind, SourceKind

CHANGED = "这条记录在提出更正以后变过了。请不同意这条更正，核对以后再提。"
KIND_OF = {HourKind.SERVICE: ActivityKind.SERVICE, HourKind.STUDY: ActivityKind.STUDY}


def known(correction_id: int) -> CorrectionRow:
    """Raises NotFound."""
    row = queries.correction(correction_id)
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True)
class Tried:
    """What a correction would do. `fault`: why it can not be done. `counts_on` where its month is closed."""

    changes: list[Shifted]
    fault: str = ""
    held: bool = False
    counts_on: date | None = None


def try_out(correction_id: int, now: datetime) -> Tried:
    """The correction itself, taken back again: so the preview is what approving does, caps included. Leaves nothing behind."""
    writing()
    row = known(correction_id)
    day = local_date(now)
    before = gauges(row.person_id, day)
    trying = db.session.begin_nested()
    db.session.connection()  # the savepoint is set now, before anything is written past the session
    try:
        held = apply(row, None, now)
        done = Tried(
            shifted(before, gauges(row.person_id, day)), held=held, counts_on=hours.late({_served_on(row)}, day).get(_served_on(row))
        )
    except DomainError as error:
        done = Tried([], fault=error.message)
    finally:
        trying.rollback()
    return done


def _served_on(row: CorrectionRow) -> date:
    entry = db.session.get(HourEntry, row.entry_id) if row.entry_id else None
    at = row.in_at or row.was_in_at or row.made_at
    return entry.served_on if entry else local_date(at)


def apply(row: CorrectionRow, approver_id: int | None, now: datetime) -> bool:
    """Reverse and credit again; whether it is held for somebody further up."""
    reason = f"更正：{row.reason}"[:200]
    hands = Hands(row.maker_id, approver_id, reason)
    if row.attendance_id is None:
        _recount(row, hands, now)
        return False
    if row.change is Change.VOID:
        checkin.void(row.attendance_id, row.maker_id, reason, now, approved_by_id=approver_id)
        return False
    came, left = row.in_at or row.was_in_at, row.out_at or row.was_out_at
    if came is None or left is None:
        raise Conflict(CHANGED)
    return checkin.amend(row.attendance_id, came, left, hands, now).review


def _recount(row: CorrectionRow, hands: Hands, now: datetime) -> None:
    """Hours from before this system: what was brought is reversed, and credited anew from the same line of the register."""
    entry = db.session.get(HourEntry, row.entry_id)
    assert entry, "a foreign key"  # noqa: S101
    maker, approver = hands.made_by_id, hands.approved_by_id
    crediting.reverse(SourceKind.IMPORT, [entry.source_id], hands.reason, now, made_by_id=maker, approved_by_id=approver)
    if row.change is Change.VOID:
        return
    again = Credit(
        person_id=entry.person_id,
        activity_id=entry.activity_id,
        activity_kind=KIND_OF[entry.kind],
        organising_unit_id=entry.organising_unit_id,
        served_on=entry.served_on,
        minutes=row.minutes,
        hour_class=entry.hour_class,
        source_id=entry.source_id,
        rule_version=entry.rule_version,
        source_kind=SourceKind.IMPORT,
        batch_id=entry.batch_id,
        made_by_id=maker,
        approved_by_id=approver,
        reason=entry.reason,
    )
    crediting.credit([again], now)
    if hours.over_a_day({(entry.person_id, entry.served_on)}, DAY_MINUTES):
        raise Conflict("加上当天别的记录，一天超过 24 小时了。")
