"""这条记录不对: said by the person, checked and answered in writing by somebody else (民政部令第67号)."""

from datetime import datetime

from sqlalchemy import update

from app.audit import service as audit
from app.claims import queries
from app.claims.correction_rules import DisputeOutcome, DisputeState, answer_by
from app.claims.models import Dispute
from app.claims.queries.deciders import nearest
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Action
from app.settings import queries as settings
from app.worklist.service import notify


def dispute(attendance_id: int, person_id: int, said: str, work_url: str, now: datetime) -> int:
    """Somebody says what is wrong with a record of their own; returns the id. While it waits, saying it again changes nothing.

    Raises NotFound for a record of someone else.
    """
    writing()
    record = queries.own_record(person_id, attendance_id)
    if record is None:
        raise NotFound
    adding = upsert(Dispute.__table__).values(
        person_id=person_id,
        attendance_id=attendance_id,
        unit_id=record.unit_id,
        said=said,
        made_at=now,
        answer="",
        due_on=answer_by(now, settings.holidays()),
    )
    made = db.session.execute(adding.on_conflict_do_nothing().returning(Dispute.id)).scalar_one_or_none()
    if made is None:
        return queries.disputes_about(attendance_id)[-1].id
    audit.record(person_id, "dispute", "attendance", attendance_id)
    for one in nearest(queries.deciders(record.unit_id, Action.DISPUTE_ANSWER, local_date(now), {person_id})):
        notify(one.person_id, f"有人说“{record.title}”的一条记录不对，请查实后答复", work_url)
    return int(made)


def acknowledge(dispute_id: int, by_id: int, own_url: str, now: datetime) -> None:
    """受理: somebody is looking into it, and the person reads who. Doing it again changes nothing."""
    writing()
    row = _to_answer(dispute_id, by_id)
    taking = update(Dispute).where(Dispute.id == dispute_id, Dispute.acknowledged_at.is_(None), Dispute.answered_at.is_(None))
    done = db.session.execute(taking.values(acknowledged_at=now, acknowledged_by_id=by_id).returning(Dispute.id)).scalar_one_or_none()
    if done is None:
        return
    audit.record(by_id, "dispute.acknowledgement", "attendance", row.attendance_id, dispute=dispute_id)
    until = f"，{row.due_on.month}月{row.due_on.day}日前答复您" if row.due_on else ""
    notify(row.person_id, f"您说“{row.title}”的记录不对，{row.unit_name}已受理{until}", own_url)


def _to_answer(dispute_id: int, by_id: int) -> queries.DisputeRow:
    row = queries.dispute(dispute_id)
    if row is None:
        raise NotFound
    if row.person_id == by_id:
        raise Refused("这是您自己提的，要由另一位来答复。")
    return row


def answer(dispute_id: int, answerer_id: int, words: str, *, own_url: str, now: datetime) -> None:
    """维持: the record stays as it is, and the person reads why. Raises Refused for one's own, Conflict when it was answered

    or a correction waits for a second person: what changes the record is `corrections.propose`.
    """
    writing()
    row = _to_answer(dispute_id, answerer_id)
    if row.state is DisputeState.CORRECTING:
        raise Conflict("已经提了更正，等另一位确认；确认以后就是答复。")
    answering = (
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.answered_at.is_(None))
        .values(answer=words, answered_at=now, answered_by_id=answerer_id, outcome=DisputeOutcome.UPHELD)
    )
    if db.session.execute(answering.returning(Dispute.id)).scalar_one_or_none() is None:
        raise Conflict(f"这条已经由{row.answerer_name or '另一位'}答复了。")
    audit.record(answerer_id, "dispute.answer", "attendance", row.attendance_id, dispute=dispute_id)
    notify(row.person_id, f"您说“{row.title}”的记录不对，已有答复", own_url)
