"""这条记录不对: said by the person, checked and answered in writing by somebody else (民政部令第67号)."""

from datetime import datetime

from sqlalchemy import update

from app.audit import service as audit
from app.checkin import service as checkin
from app.claims import queries
from app.claims.models import Dispute
from app.claims.queries.deciders import nearest
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Action
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
        person_id=person_id, attendance_id=attendance_id, unit_id=record.unit_id, said=said, made_at=now, answer=""
    )
    made = db.session.execute(adding.on_conflict_do_nothing().returning(Dispute.id)).scalar_one_or_none()
    if made is None:
        return queries.disputes_about(attendance_id)[-1].id
    audit.record(person_id, "dispute", "attendance", attendance_id)
    for one in nearest(queries.deciders(record.unit_id, Action.DISPUTE_ANSWER, local_date(now), {person_id})):
        notify(one.person_id, f"有人说“{record.title}”的一条记录不对，请查实后答复", work_url)
    return int(made)


def answer(dispute_id: int, answerer_id: int, words: str, *, void: bool, own_url: str, now: datetime) -> None:
    """Answer in writing; with `void` the record counts no more. Raises Refused for one's own, Conflict when it was answered.

    A record is made void only by somebody who had no part in making it what it is.
    """
    writing()
    row = queries.dispute(dispute_id)
    if row is None:
        raise NotFound
    if row.person_id == answerer_id:
        raise Refused("这是您自己提的，要由另一位来答复。")
    answering = (
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.answered_at.is_(None))
        .values(answer=words, answered_at=now, answered_by_id=answerer_id)
    )
    if db.session.execute(answering.returning(Dispute.id)).scalar_one_or_none() is None:
        raise Conflict(f"这条已经由{row.answerer_name or '另一位'}答复了。")
    if void:
        if not queries.may_void(row, answerer_id, now):
            raise Refused("这条记录有您经手的部分，或现在还不能作废，要由另一位来办。答复没有发出。")
        checkin.void(row.attendance_id, answerer_id, f"这条记录不对，作废：{words}"[:200], now)
    audit.record(answerer_id, "dispute.answer", "attendance", row.attendance_id, dispute=dispute_id, void=void)
    notify(row.person_id, f"您说“{row.title}”的记录不对，已有答复" + ("，这条作废了" if void else ""), own_url)
