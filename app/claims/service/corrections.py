"""更正: one proposes what should stand of a record, another approves; then it is reversed and credited again (docs/decisions/0033)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, update

from app.audit import service as audit
from app.checkin.queries import deciding, records
from app.checkin.rules import UNDO_FOR, count
from app.claims.correction_rules import DAY_MINUTES, Change, CorrectionVerdict, DisputeOutcome, Proposal, approval_fault
from app.claims.models import Dispute
from app.claims.models_corrections import HourCorrection, HourCorrectionAside
from app.claims.queries import corrections as queries
from app.claims.queries.correctable import Subject, attendance_subject, entry_subject
from app.claims.queries.corrections import CorrectionRow
from app.claims.queries.deciders import deciders, nearest
from app.claims.service.carrying_out import CHANGED, apply, known, try_out
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.hours.rules import HourClass
from app.people import service as people
from app.worklist.service import notify

NOBODY = "还没有别的人能确认这条更正。请先请街道管理员给这个组织设一位书记或副书记。"


def propose(subject: Subject, proposal: Proposal, maker_id: int, work_url: str, now: datetime, dispute_id: int | None = None) -> int:
    """Propose a correction; returns its id. Those whose turn it is are told. Nothing changes before somebody else approves.

    It is tried out first, so that what can not be is said at once: Invalid. Refused for one's own record, Conflict where a
    correction of this record waits already.
    """
    writing()
    if subject.person_id == maker_id:
        raise Refused("这是您自己的记录。请用“这条记录不对”，由组织里的另一位来办。")
    minutes = _minutes(subject, proposal, now)
    aside = _had_a_part(subject)
    day = local_date(now)
    others = deciders(subject.unit_id, Action.RECORD_CORRECT, day, {maker_id, *aside}, {subject.person_id})
    if not others:
        raise Invalid({"change": NOBODY})
    times = proposal.change is Change.TIMES
    values = {
        "person_id": subject.person_id,
        "unit_id": subject.unit_id,
        "attendance_id": subject.attendance_id,
        "entry_id": subject.entry_id,
        "dispute_id": dispute_id,
        "change": proposal.change,
        "in_at": proposal.in_at if times else None,
        "out_at": proposal.out_at if times else None,
        "minutes": minutes,
        "was_in_at": subject.spell.in_at if subject.spell else None,
        "was_out_at": subject.spell.out_at if subject.spell else None,
        "was_minutes": subject.minutes,
        "was_class": subject.hour_class,
        "reason": proposal.reason,
        "made_by_id": maker_id,
        "made_at": now,
        "answer": "",
    }
    people.lock_persons([subject.person_id])
    if any(one.verdict is None for one in queries.corrections_about(subject.attendance_id, subject.entry_id)):
        raise Conflict("这条记录已经有一条更正在等确认。")
    correction_id = int(db.session.execute(insert(HourCorrection).values(**values).returning(HourCorrection.id)).scalar_one())
    if aside:
        db.session.execute(insert(HourCorrectionAside), [{"correction_id": correction_id, "person_id": one} for one in sorted(aside)])
    tried = try_out(correction_id, now)
    if tried.fault:
        raise Invalid({"in" if times else "change": tried.fault})
    audit.record(maker_id, "hour_correction", "hour_correction", correction_id, minutes=minutes)
    for one in nearest(others):
        notify(one.person_id, f"“{subject.title}”有一条更正等您确认", work_url)
    return correction_id


def _minutes(subject: Subject, proposal: Proposal, now: datetime) -> int:
    """What the record counts once corrected. Raises Invalid where that is nothing new, or can not be."""
    spell = subject.spell
    match proposal.change:
        case Change.VOID:
            if not subject.minutes and (spell is None or spell.excluded):
                raise Invalid({"change": "这条本来就没有计入"})
            if spell and (spell.out_at is None or now <= spell.out_at + UNDO_FOR):
                raise Invalid({"change": "还没签退，或刚签退不到 10 分钟，现在不能作废"})
            return 0
        case Change.MINUTES:
            if spell is not None or not 0 < proposal.minutes <= DAY_MINUTES:
                raise Invalid({"minutes": "时长要在 1 分到 24 小时之间"})
            if proposal.minutes == subject.minutes:
                raise Invalid({"minutes": "和现在记的一样，没有要改的"})
            return proposal.minutes
        case Change.HOUR_CLASS:
            if subject.hour_class is not HourClass.CREDIT:
                raise Invalid({"change": "这条不是扫码时长，不用改"})
            return subject.minutes
    if spell is None or proposal.in_at is None or proposal.out_at is None:
        raise Invalid({"change": "这条没有进出的时间，请改时长"})
    if (proposal.in_at, proposal.out_at) == (spell.in_at, spell.out_at):
        raise Invalid({"in": "和现在记的一样，没有要改的"})
    minutes = count(spell.shift, proposal.in_at, proposal.out_at).minutes
    if not minutes:
        raise Invalid({"out": "这样不到 15 分钟，计不了时长。要去掉这条，请选“作废”"})
    return minutes


def _had_a_part(subject: Subject) -> set[int]:
    if subject.attendance_id is not None:
        return records.makers_of(subject.attendance_id) - {subject.person_id}
    return records.entry_makers(subject.entry_id or 0) - {subject.person_id}


@dataclass(frozen=True)
class Approved:
    """`held`: the minutes wait for somebody further up, as a long day does."""

    row: CorrectionRow
    held: bool


def approve(correction_id: int, approver_id: int, own_url: str, desk_url: str, now: datetime) -> Approved:
    """Approve, and carry it out in the same transaction; a dispute that it belongs to is answered by it.

    The person is told with `own_url`, the maker with `desk_url`.

    Raises Refused for the maker, the person, a relative of theirs and whoever had a part in the record; Conflict when it is
    decided, or the record changed meanwhile. That the approver may decide for this unit is for the caller to see to.
    """
    writing()
    people.lock_persons([known(correction_id).person_id])
    row = known(correction_id)
    if fault := approval_fault(approver_id, row.maker_id, row.person_id, row.aside):
        raise Refused(f"{fault}{handed_to(row, local_date(now))}。")
    if deciding.relatives_among(approver_id, [row.person_id]):
        raise Refused("这是您家人的记录，要由另一位来确认。")
    _decide(row, approver_id, CorrectionVerdict.APPROVED, "", now)
    if _stands(row) != (row.entry_id, row.was_in_at, row.was_out_at):
        raise Conflict(CHANGED)
    held = apply(row, approver_id, now)
    audit.record(approver_id, "hour_correction.approval", "hour_correction", correction_id, minutes=row.minutes)
    said = f"“{row.title}”的记录更正了：原来 {row.was}，现在 {row.becomes}"
    if row.dispute_id is not None:
        _answer(row, now)
    notify(row.person_id, said + ("，等上级核实" if held else ""), own_url)
    notify(row.maker_id, f"您提的更正已确认：{row.person_name}，{said}", desk_url)
    return Approved(row, held)


def _stands(row: CorrectionRow) -> tuple[int | None, datetime | None, datetime | None]:
    if row.attendance_id is None:
        return (row.entry_id if row.entry_id and entry_subject(row.entry_id) else None), None, None
    found = attendance_subject(row.attendance_id)
    if found is None or found.spell is None:
        return None, None, None
    return found.entry_id, found.spell.in_at, found.spell.out_at


def _answer(row: CorrectionRow, now: datetime) -> None:
    """The dispute is answered by its maker, in the words of the correction."""
    outcome = DisputeOutcome.VOIDED if row.change is Change.VOID else DisputeOutcome.CORRECTED
    words = f"{row.was} → {row.becomes}。{row.reason}"[:300]
    answering = update(Dispute).where(Dispute.id == row.dispute_id, Dispute.answered_at.is_(None))
    db.session.execute(answering.values(answer=words, answered_at=now, answered_by_id=row.maker_id, outcome=outcome))
    of = ("attendance", row.attendance_id) if row.attendance_id else ("hour_entry", row.entry_id)
    audit.record(row.maker_id, "dispute.answer", *of, dispute=row.dispute_id)


def refuse(correction_id: int, by_id: int, answer: str, work_url: str, now: datetime) -> None:
    """不同意，请写明原因. Nothing changes; a dispute that it belongs to waits for its answer again."""
    writing()
    row = known(correction_id)
    if by_id in {row.maker_id, row.person_id}:
        raise Refused("要由另一位来办。自己提的，可以撤回。")
    _decide(row, by_id, CorrectionVerdict.REFUSED, answer, now)
    audit.record(by_id, "hour_correction.refusal", "hour_correction", correction_id)
    notify(row.maker_id, f"“{row.title}”的更正没有同意，请看原因", work_url)


def withdraw(correction_id: int, maker_id: int, now: datetime) -> None:
    """Its maker takes it back while it waits."""
    writing()
    row = known(correction_id)
    if maker_id != row.maker_id:
        raise NotFound
    _decide(row, maker_id, CorrectionVerdict.WITHDRAWN, "", now)
    audit.record(maker_id, "hour_correction.withdrawal", "hour_correction", correction_id)


def _decide(row: CorrectionRow, by_id: int, verdict: CorrectionVerdict, answer: str, now: datetime) -> None:
    deciding_ = update(HourCorrection).where(HourCorrection.id == row.id, HourCorrection.decided_at.is_(None))
    done = deciding_.values(decided_at=now, decided_by_id=by_id, verdict=verdict, answer=answer).returning(HourCorrection.id)
    if db.session.execute(done).scalar_one_or_none() is None:
        raise Conflict(f"这条更正已经由{row.decider_name or '另一位'}办了。")


def handed_to(row: CorrectionRow, day: date) -> str:
    """，已转罗国栋: whose turn it is instead, where there is somebody."""
    others = deciders(row.unit_id, Action.RECORD_CORRECT, day, {row.maker_id, *row.aside}, {row.person_id})
    return f"，已转{others[0].name}" if others else ""
