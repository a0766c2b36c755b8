"""Deciding about lists of names and own claims: by somebody else, once, with a reason where anything is sent back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select, update

from app.activities import queries as activities
from app.activities.service import lock_shifts
from app.audit import service as audit
from app.checkin import queries as checkin
from app.checkin import service as checkin_service
from app.checkin.queries.deciding import relatives_among
from app.checkin.service import PaperSpell, Recorded
from app.claims import queries
from app.claims.models import Claim, ClaimBatch, ClaimPhoto
from app.claims.rules import Verdict, decision_fault
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import minutes_words
from app.people.service import lock_persons
from app.worklist.service import notify, notify_all

UNPROVEN = "没有照片，证明人也还没确认，现在还不能确认。可以退回，请本人补上。"


@dataclass(frozen=True)
class Approved:
    """What came of a batch. `again`: it was confirmed before, and nothing changed. `returned`: sent back out of it."""

    people: int
    left_out: int
    again: bool = False
    returned: int = 0


def approve(
    batch_id: int,
    decider_id: int,
    list_url: str,
    own_url: str,
    now: datetime,
    *,
    returned: Collection[int] = (),
    reason: str = "",
) -> Approved:
    """Confirm a batch: attendance and credits for each name, in one transaction. Confirming again changes nothing.

    Those in `returned` are sent back alone, with the reason. The maker is told with `list_url`, each person with `own_url`.
    Raises Refused for the maker, for anybody named and for the witness, Conflict when it was returned or taken back, when the
    activity was cancelled meanwhile, before the last of the named has left, or where nothing proves an own claim; Invalid
    where nobody would be left. That the decider may decide for this unit is for the caller to see to.
    """
    row = _decidable(batch_id, decider_id, now)
    if row.verdict is Verdict.APPROVED:
        return Approved(row.recorded, len(row.left_out), again=True, returned=len(row.sent_back))
    if row.verdict is Verdict.RETURNED:
        raise Conflict("这份名单已经退回了，不能再确认。请提交的人改好再报。")
    back = row.named & set(returned)
    if back == row.named:
        raise Invalid({"person": "一位都没勾。都要退回的，请按“全部退回”"})
    if back and not reason:
        raise Invalid({"why": "有人没勾上，请写明退回的原因"})
    if _cancelled(row):
        raise Conflict("这个活动后来取消了，没有人到场，不能确认。请退回，写明原因。")
    if now < row.decidable_from:
        raise Conflict("名单里的人还没到离开的时间，请到那以后再确认。")
    if not row.proven:
        raise Conflict(UNPROVEN)
    _decide(batch_id, decider_id, Verdict.APPROVED, "", now)
    done = _record(row, back, reason, decider_id, now)
    left_out = sum(1 for one in done.values() if one.skipped)
    result = Approved(len(done) - left_out, left_out, returned=len(back))
    audit.record(decider_id, "claim_batch.approval", "claim_batch", batch_id, people=result.people, left_out=left_out, returned=len(back))
    _tell(row, done, result, list_url, own_url)
    return result


def _cancelled(row: queries.BatchRow) -> bool:
    """Asked under the lock that a cancellation takes; those named are locked before it, as everywhere."""
    lock_persons(row.named)
    lock_shifts(row.shift.id)
    activity = activities.activity(row.activity_id)
    return activity is not None and activity.cancelled_at is not None


def _record(row: queries.BatchRow, back: Collection[int], reason: str, decider_id: int, now: datetime) -> dict[int, Recorded]:
    """Attendance and credits, and on each claim what came of it."""
    spells = [PaperSpell(claim.person_id, claim.in_at, claim.out_at) for claim in row.claims if claim.person_id not in back]
    event = checkin.event_of(row.activity_id)
    done = checkin_service.record_paper(event, row.shift, spells, now, made_by_id=row.maker_id, approved_by_id=decider_id, batch_id=row.id)
    changing = update(Claim).where(Claim.batch_id == row.id, Claim.person_id == bindparam("who"))
    db.session.connection().execute(
        changing.values(attendance_id=bindparam("attendance"), skipped=bindparam("reason")),
        [{"who": person_id, "attendance": one.attendance_id, "reason": one.skipped} for person_id, one in sorted(done.items())],
    )
    if back:
        db.session.execute(update(Claim).where(Claim.batch_id == row.id, Claim.person_id.in_(back)).values(returned=reason))
    return done


def _tell(row: queries.BatchRow, done: dict[int, Recorded], result: Approved, list_url: str, own_url: str) -> None:
    """The maker of a list hears how many, each person what counts; of an own claim they are one and the same."""
    if row.own:
        (one,) = done.values()
        words = _counted(row, one) if not one.skipped else f"，但{one.skipped}"
        notify(row.maker_id, f"您补的“{row.title}”已确认{words}", own_url)
        return
    rest = f"，{result.left_out} 位没有记，点开看原因" if result.left_out else ""
    rest += f"，{result.returned} 位退回，点开看原因" if result.returned else ""
    notify(row.maker_id, f"“{row.title}”补录的 {result.people} 位已确认{rest}", list_url)
    told = {person_id: one for person_id, one in done.items() if not one.skipped and person_id != row.maker_id}
    notify_all({person_id: f"您在“{row.title}”的到场已补录{_counted(row, one)}" for person_id, one in told.items()}, own_url)


def _counted(row: queries.BatchRow, one: Recorded) -> str:
    return f"，补录时长 {minutes_words(one.minutes)}" if row.counts and one.minutes and not one.held else ""


def return_batch(batch_id: int, decider_id: int, reason: str, list_url: str, now: datetime) -> None:
    """退回，请写明原因. The maker is told; returning again changes nothing. Raises Conflict when it was confirmed or taken back."""
    row = _decidable(batch_id, decider_id, now)
    if row.verdict is Verdict.RETURNED:
        return
    if row.verdict is Verdict.APPROVED:
        raise Conflict("这份名单已经确认了，不能退回。记错的请用“这条记录不对”。")
    _decide(batch_id, decider_id, Verdict.RETURNED, reason, now)
    audit.record(decider_id, "claim_batch.return", "claim_batch", batch_id)
    words = f"您补的“{row.title}”退回了，请看原因，可以改了再交" if row.own else f"“{row.title}”的补录名单退回了，请看原因，改好再报"
    notify(row.maker_id, words, list_url)


def withdraw(batch_id: int, maker_id: int, now: datetime) -> None:
    """The maker takes back what nobody has decided yet; twice is once. Raises NotFound for others, Conflict when it was decided.

    Who decided and who takes back at the same moment queue up: whoever comes second is told. Photos are seen no more.
    """
    row = locked(batch_id)
    if row.maker_id != maker_id:
        raise NotFound
    if row.withdrawn_at is not None:
        return
    if row.verdict is not None:
        raise Conflict("这份已经有人办了，不能再撤回。记错的请用“这条记录不对”。")
    db.session.execute(update(ClaimBatch).where(ClaimBatch.id == batch_id).values(withdrawn_at=now))
    seen = update(ClaimPhoto).where(ClaimPhoto.batch_id == batch_id, ClaimPhoto.removed_at.is_(None))
    db.session.execute(seen.values(removed_at=now))
    audit.record(maker_id, "claim_batch.withdrawal", "claim_batch", batch_id)


def locked(batch_id: int) -> queries.BatchRow:
    """The batch, its row locked so that what is done about it queues up. Raises NotFound."""
    writing()
    db.session.execute(select(ClaimBatch.id).where(ClaimBatch.id == batch_id).with_for_update())
    row = queries.batch(batch_id)
    if row is None:
        raise NotFound
    return row


def _decidable(batch_id: int, decider_id: int, now: datetime) -> queries.BatchRow:
    row = locked(batch_id)
    witness_id = row.witness.person_id if row.witness else None
    if fault := decision_fault(decider_id, row.maker_id, row.named, witness_id, relatives_among(decider_id, row.named)):
        raise Refused(f"{fault}{handed_to(row, local_date(now))}")
    if row.withdrawn_at is not None:
        raise Conflict("提交的人已经撤回了，不用办了。")
    if row.waits_since is None:
        raise Conflict("还在等证明人确认，现在不用您办。")
    return row


def handed_to(row: queries.BatchRow, day: date) -> str:
    """，已转罗国栋: whose turn it is instead, where there is somebody."""
    others = queries.deciders(row.unit_id, Action.CLAIM_APPROVE, day, row.concerned, row.named)
    return f"，已转{others[0].name}" if others else ""


def _decide(batch_id: int, decider_id: int, verdict: Verdict, answer: str, now: datetime) -> None:
    deciding = update(ClaimBatch).where(ClaimBatch.id == batch_id, ClaimBatch.decided_at.is_(None))
    db.session.execute(deciding.values(decided_at=now, decided_by_id=decider_id, verdict=verdict, answer=answer))
