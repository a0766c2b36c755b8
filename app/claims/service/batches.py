"""补录: one names, another confirms. Nothing counts before that."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select, update

from app.activities import queries as activities
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.service import lock_shifts
from app.audit import service as audit
from app.checkin import queries as checkin
from app.checkin import service as checkin_service
from app.checkin.service import PaperSpell, Recorded
from app.claims import queries
from app.claims.models import Claim, ClaimBatch
from app.claims.queries.deciders import nearest
from app.claims.rules import MAX_NAMES, Naming, Verdict, decision_fault, naming_fault, spell_fault
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import minutes_words
from app.people.service import lock_persons
from app.worklist.service import notify, notify_all

NOBODY = "还没有别的人能确认这份名单。请先请街道管理员给这个组织设一位书记或副书记"


def name_people(naming: Naming, maker_id: int, work_url: str, now: datetime) -> int:
    """Send one list of names for approval; returns its id. The people whose turn it is are told.

    Who is recorded meanwhile or waits in another list is left out. Raises Invalid where nothing is left, the times can
    not be, it is too late, or nobody else could decide; Conflict for an activity that is not held.
    """
    writing()
    activity, shift = _held(naming)
    if fault := naming_fault(shift.starts_at, shift.last_end, now):
        raise Invalid({"person": fault})
    for spell in naming.spells:
        if fault := spell_fault(shift.starts_at, shift.last_end, spell.in_at, spell.out_at):
            raise Invalid({f"out-{spell.person_id}": fault})
    taken = queries.unavailable(shift.id)
    spells = {spell.person_id: spell for spell in naming.spells if spell.person_id not in taken}
    if not spells:
        raise Invalid({"person": "勾的这些人都已有记录，或已经报上去等确认了，不用再报" if naming.spells else "请至少勾一位"})
    if len(spells) > MAX_NAMES:
        raise Invalid({"person": f"一次最多报 {MAX_NAMES} 位，请分两次"})
    others = queries.deciders(activity.unit_id, Action.CLAIM_APPROVE, local_date(now), {maker_id, *spells})
    if not others:
        raise Invalid({"person": NOBODY})
    batch_id: int = db.session.execute(
        insert(ClaimBatch)
        .values(
            kind=naming.kind, shift_id=shift.id, unit_id=activity.unit_id, made_by_id=maker_id, made_at=now, note=naming.note, answer=""
        )
        .returning(ClaimBatch.id)
    ).scalar_one()
    db.session.execute(
        insert(Claim),
        [
            {"batch_id": batch_id, "person_id": person_id, "in_at": spell.in_at, "out_at": spell.out_at}
            for person_id, spell in sorted(spells.items())
        ],
    )
    audit.record(maker_id, "claim_batch", "claim_batch", batch_id, shift=shift.id, people=len(spells))
    for one in nearest(others):
        notify(one.person_id, f"“{activity.title}”有 {len(spells)} 位补录，等您确认", work_url)
    return batch_id


def _held(naming: Naming) -> tuple[ActivityRow, ShiftRow]:
    """The activity and its shift, which is locked, so that one list is written after the other."""
    lock_shifts(naming.shift_id)
    activity, shift = activities.activity(naming.activity_id), activities.shift(naming.shift_id)
    if activity is None or shift is None or shift.activity_id != activity.id:
        raise NotFound
    if activity.published_at is None or activity.cancelled_at is not None:
        raise Conflict("活动还没发布，或者已经取消，没有人可以补签。")
    return activity, shift


@dataclass(frozen=True)
class Approved:
    """What came of a list. `again`: it was confirmed before, and nothing changed."""

    people: int
    left_out: int
    again: bool = False


def approve(batch_id: int, decider_id: int, list_url: str, own_url: str, now: datetime) -> Approved:
    """Confirm a list: attendance and credits for each name, in one transaction. Confirming again changes nothing.

    The maker is told with `list_url`, each person with `own_url`. Raises Refused for the maker and for anybody named,
    Conflict when it was returned, when the activity was cancelled meanwhile, or before the last of the named has left.
    That the decider may decide for this unit is for the caller to see to.
    """
    row = _decidable(batch_id, decider_id, now)
    if row.verdict is Verdict.APPROVED:
        return Approved(len(row.claims) - len(row.left_out), len(row.left_out), again=True)
    if row.verdict is Verdict.RETURNED:
        raise Conflict("这份名单已经退回了，不能再确认。请提交的人改好再报。")
    if _cancelled(row):
        raise Conflict("这个活动后来取消了，没有人到场，不能确认。请退回，写明原因。")
    if now < row.decidable_from:
        raise Conflict("名单里的人还没到离开的时间，请到那以后再确认。")
    _decide(batch_id, decider_id, Verdict.APPROVED, "", now)
    done = _record(row, decider_id, now)
    left_out = sum(1 for one in done.values() if one.skipped)
    result = Approved(len(done) - left_out, left_out)
    audit.record(decider_id, "claim_batch.approval", "claim_batch", batch_id, people=result.people, left_out=left_out)
    rest = f"，{left_out} 位没有记，点开看原因" if left_out else ""
    notify(row.maker_id, f"“{row.title}”补录的 {result.people} 位已确认{rest}", list_url)
    told = {person_id: 0 if one.held else one.minutes for person_id, one in done.items() if not one.skipped and person_id != row.maker_id}
    counted = {minutes: f"，补录时长 {minutes_words(minutes)}" if row.counts and minutes else "" for minutes in told.values()}
    notify_all({person_id: f"您在“{row.title}”的到场已补录{counted[minutes]}" for person_id, minutes in told.items()}, own_url)
    return result


def _cancelled(row: queries.BatchRow) -> bool:
    """Asked under the lock that a cancellation takes; those named are locked before it, as everywhere."""
    lock_persons(row.named)
    lock_shifts(row.shift.id)
    activity = activities.activity(row.activity_id)
    return activity is not None and activity.cancelled_at is not None


def _record(row: queries.BatchRow, decider_id: int, now: datetime) -> dict[int, Recorded]:
    """Attendance and credits, and on each claim what came of it."""
    spells = [PaperSpell(claim.person_id, claim.in_at, claim.out_at) for claim in row.claims]
    event = checkin.event_of(row.activity_id)
    done = checkin_service.record_paper(event, row.shift, spells, now, made_by_id=row.maker_id, approved_by_id=decider_id, batch_id=row.id)
    changing = update(Claim).where(Claim.batch_id == row.id, Claim.person_id == bindparam("who"))
    db.session.connection().execute(
        changing.values(attendance_id=bindparam("attendance"), skipped=bindparam("reason")),
        [{"who": person_id, "attendance": one.attendance_id, "reason": one.skipped} for person_id, one in sorted(done.items())],
    )
    return done


def return_batch(batch_id: int, decider_id: int, reason: str, list_url: str, now: datetime) -> None:
    """退回，请写明原因. The maker is told; returning again changes nothing. Raises Conflict when it was confirmed."""
    row = _decidable(batch_id, decider_id, now)
    if row.verdict is Verdict.RETURNED:
        return
    if row.verdict is Verdict.APPROVED:
        raise Conflict("这份名单已经确认了，不能退回。记错的请用“这条记录不对”。")
    _decide(batch_id, decider_id, Verdict.RETURNED, reason, now)
    audit.record(decider_id, "claim_batch.return", "claim_batch", batch_id)
    notify(row.maker_id, f"“{row.title}”的补录名单退回了，请看原因，改好再报", list_url)


def _decidable(batch_id: int, decider_id: int, now: datetime) -> queries.BatchRow:
    """The list, its row locked so that two decisions queue up."""
    writing()
    db.session.execute(select(ClaimBatch.id).where(ClaimBatch.id == batch_id).with_for_update())
    row = queries.batch(batch_id)
    if row is None:
        raise NotFound
    if fault := decision_fault(decider_id, row.maker_id, row.named):
        raise Refused(f"{fault}{handed_to(row, local_date(now))}")
    return row


def handed_to(row: queries.BatchRow, day: date) -> str:
    """，已转罗国栋: whose turn it is instead, where there is somebody."""
    others = queries.deciders(row.unit_id, Action.CLAIM_APPROVE, day, {row.maker_id, *row.named})
    return f"，已转{others[0].name}" if others else ""


def _decide(batch_id: int, decider_id: int, verdict: Verdict, answer: str, now: datetime) -> None:
    deciding = update(ClaimBatch).where(ClaimBatch.id == batch_id, ClaimBatch.decided_at.is_(None))
    db.session.execute(deciding.values(decided_at=now, decided_by_id=decider_id, verdict=verdict, answer=answer))
