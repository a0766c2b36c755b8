"""这条记录不对: said by the person, checked and answered in writing by somebody else (民政部令第67号)."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import insert, update

from app.audit import service as audit
from app.checkin.queries import deciding, records
from app.claims import queries
from app.claims.correction_rules import DisputeOutcome, DisputeState, answer_by, answer_fault
from app.claims.models import Dispute, DisputeAside
from app.claims.queries.deciders import Decider, nearest
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Action
from app.settings import queries as settings
from app.worklist.service import notify

Of = tuple[int | None, int | None]  # an attendance, or the first entry of hours from before this system


def dispute(attendance_id: int, person_id: int, said: str, work_url: str, now: datetime) -> int:
    """Somebody says what is wrong with a record of their own; returns the id. While it waits, saying it again changes nothing.

    Raises NotFound for a record of someone else.
    """
    writing()
    record = queries.own_record(person_id, attendance_id)
    if record is None:
        raise NotFound
    aside = records.makers_of(attendance_id)
    return _say(record, (attendance_id, None), person_id, said, aside, work_url, now)


def dispute_entry(entry_id: int, person_id: int, said: str, work_url: str, now: datetime) -> int:
    """The same about hours from before this system; `entry_id` is any entry of that line of the register."""
    writing()
    record = queries.own_past_record(person_id, entry_id)
    if record is None or record.past is None:
        raise NotFound
    return _say(record, (None, record.past.root_id), person_id, said, record.past.makers, work_url, now)


def _say(record: queries.OwnRecord, of: Of, person_id: int, said: str, makers: Collection[int], work_url: str, now: datetime) -> int:
    attendance_id, entry_id = of
    adding = upsert(Dispute.__table__).values(
        person_id=person_id,
        attendance_id=attendance_id,
        entry_id=entry_id,
        unit_id=record.unit_id,
        said=said,
        made_at=now,
        answer="",
        due_on=answer_by(now, settings.holidays()),
    )
    made = db.session.execute(adding.on_conflict_do_nothing().returning(Dispute.id)).scalar_one_or_none()
    if made is None:
        return (queries.disputes_about_entry(entry_id) if entry_id else queries.disputes_about(attendance_id or 0))[-1].id
    aside = set(makers) - {person_id}
    if aside:
        db.session.execute(insert(DisputeAside), [{"dispute_id": made, "person_id": one} for one in sorted(aside)])
    _record(person_id, "dispute", of, {})
    day = local_date(now)
    others = queries.deciders(record.unit_id, Action.DISPUTE_ANSWER, day, aside, {person_id})
    for one in nearest(others or queries.deciders(record.unit_id, Action.DISPUTE_ANSWER, day, {person_id})):
        notify(one.person_id, f"有人说“{record.title}”的一条记录不对，请查实后答复", work_url)
    return int(made)


def acknowledge(dispute_id: int, by_id: int, own_url: str, now: datetime) -> None:
    """受理: somebody is looking into it, and the person reads who. Doing it again changes nothing."""
    writing()
    row = _to_answer(dispute_id, by_id, local_date(now))
    taking = update(Dispute).where(Dispute.id == dispute_id, Dispute.acknowledged_at.is_(None), Dispute.answered_at.is_(None))
    done = db.session.execute(taking.values(acknowledged_at=now, acknowledged_by_id=by_id).returning(Dispute.id)).scalar_one_or_none()
    if done is None:
        return
    _record(by_id, "dispute.acknowledgement", (row.attendance_id, row.entry_id), {"dispute": dispute_id})
    until = f"，{row.due_on.month}月{row.due_on.day}日前答复您" if row.due_on else ""
    notify(row.person_id, f"您说“{row.title}”的记录不对，{row.unit_name}已受理{until}", own_url)


def _record(by_id: int, action: str, of: Of, more: dict[str, int]) -> None:
    attendance_id, entry_id = of
    audit.record(by_id, action, "hour_entry" if entry_id else "attendance", entry_id or attendance_id, **more)


def _to_answer(dispute_id: int, by_id: int, day: date) -> queries.DisputeRow:
    row = queries.dispute(dispute_id)
    if row is None:
        raise NotFound
    if fault := answer_fault(by_id, row.person_id, had_a_part(row), kin=bool(deciding.relatives_among(by_id, [row.person_id]))):
        others = who_answers(row, day)
        raise Refused(f"{fault}{f'，已转{others[0].name}' if others else ''}。")
    return row


def had_a_part(row: queries.DisputeRow) -> frozenset[int]:
    """Who had a part in the record when it was said to be wrong, or since."""
    return row.aside | (records.makers_of(row.attendance_id) if row.attendance_id else row.past.makers if row.past else frozenset())


def who_answers(row: queries.DisputeRow, day: date) -> list[Decider]:
    """The nearest first; empty where everybody had a part in it, and somebody has to be given a role first."""
    return queries.deciders(row.unit_id, Action.DISPUTE_ANSWER, day, had_a_part(row), {row.person_id})


def answer(dispute_id: int, answerer_id: int, words: str, *, own_url: str, now: datetime) -> None:
    """维持: the record stays as it is, and the person reads why. What changes the record is `corrections.propose`.

    Raises Refused for one's own, a relative's, and a record that one had a part in; Conflict when it was answered, or a
    correction waits for a second person.
    """
    writing()
    row = _to_answer(dispute_id, answerer_id, local_date(now))
    if row.state is DisputeState.CORRECTING:
        raise Conflict("已经提了更正，等另一位确认；确认以后就是答复。")
    answering = (
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.answered_at.is_(None))
        .values(answer=words, answered_at=now, answered_by_id=answerer_id, outcome=DisputeOutcome.UPHELD)
    )
    if db.session.execute(answering.returning(Dispute.id)).scalar_one_or_none() is None:
        raise Conflict(f"这条已经由{row.answerer_name or '另一位'}答复了。")
    _record(answerer_id, "dispute.answer", (row.attendance_id, row.entry_id), {"dispute": dispute_id})
    notify(row.person_id, f"您说“{row.title}”的记录不对，已有答复", own_url)
