"""这条记录不对: what somebody says about a record of their own, and the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.checkin import queries as checkin
from app.checkin.models import Attendance
from app.checkin.queries import SpellRow, records
from app.checkin.rules import UNDO_FOR, WAY_NAMES, count
from app.claims.models import Dispute
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.core.words import minutes_words, time_words
from app.people.models import Person, Unit


@dataclass(frozen=True)
class About:
    """The record that is spoken of, as it stands now."""

    spell: SpellRow

    @property
    def came(self) -> str:
        """13:58，扫码签到."""
        return f"{time_words(self.spell.in_at)}，{WAY_NAMES[self.spell.in_way]}"

    @property
    def left(self) -> str:
        if self.spell.out_at is None or self.spell.out_way is None:
            return "没有签退"
        return f"{time_words(self.spell.out_at)}，{WAY_NAMES[self.spell.out_way]}"

    @property
    def counted(self) -> str:
        """What it counts, and where it does not, why."""
        if self.spell.excluded:
            return "作废了，不计"
        if self.spell.out_at is None or self.spell.held or not self.spell.confirmed:
            return "待核实，还没计入"
        minutes = count(self.spell.shift, self.spell.in_at, self.spell.out_at).minutes
        return minutes_words(minutes) if self.spell.credited else "时间太短，没有计入"


@dataclass(frozen=True)
class DisputeRow(About):
    """`answered_at` None: it waits."""

    id: int
    person_id: int
    person_name: str
    attendance_id: int
    unit_id: int
    unit_name: str
    activity_id: int
    title: str
    said: str
    made_at: datetime
    answer: str
    answered_at: datetime | None
    answerer_name: str | None


def _select() -> Select[*tuple[Any, ...]]:
    answerer = aliased(Person)
    return (
        select(
            Dispute.id,
            Dispute.person_id,
            Person.name,
            Dispute.attendance_id,
            Dispute.unit_id,
            Unit.name,
            Activity.id,
            Activity.title,
            Dispute.said,
            Dispute.made_at,
            Dispute.answer,
            Dispute.answered_at,
            answerer.name,
        )
        .join(Person, Person.id == Dispute.person_id)
        .join(Unit, Unit.id == Dispute.unit_id)
        .join(Attendance, Attendance.id == Dispute.attendance_id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .outerjoin(answerer, answerer.id == Dispute.answered_by_id)
        .order_by(Dispute.made_at, Dispute.id)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[DisputeRow]:
    rows = [tuple(row) for row in db.session.execute(query)]
    spells = {spell.id: spell for spell in checkin.spells({row[3] for row in rows})} if rows else {}
    return [DisputeRow(spells[row[3]], *row) for row in rows]


def dispute(dispute_id: int) -> DisputeRow | None:
    return next(iter(_rows(_select().where(Dispute.id == dispute_id))), None)


def disputes_about(attendance_id: int) -> list[DisputeRow]:
    """All that was said about one record, the oldest first."""
    return _rows(_select().where(Dispute.attendance_id == attendance_id))


def disputes_of(person_id: int) -> dict[int, DisputeRow]:
    """attendance id → the last thing this person said about it; two queries."""
    return {row.attendance_id: row for row in _rows(_select().where(Dispute.person_id == person_id))}


@dataclass(frozen=True)
class OwnRecord(About):
    activity_id: int
    title: str
    unit_id: int
    unit_name: str


def own_record(person_id: int, attendance_id: int) -> OwnRecord | None:
    """A record, when it is this person's."""
    row = db.session.execute(
        select(Activity.id, Activity.title, Unit.id, Unit.name)
        .join(Shift, Shift.activity_id == Activity.id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Attendance.id == attendance_id, Attendance.person_id == person_id)
    ).one_or_none()
    return OwnRecord(checkin.spells([attendance_id])[0], *row) if row else None


def may_void(row: DisputeRow, answerer_id: int, now: datetime) -> bool:
    """Whether this answerer may declare the record void: it is finished, and neither they nor the person made it what it is."""
    if row.spell.out_at is None or row.spell.excluded or now <= row.spell.out_at + UNDO_FOR:
        return False
    return answerer_id != row.person_id and answerer_id not in records.makers_of(row.attendance_id)


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    concerned = RoleGrant.person_id == Dispute.person_id
    roots = actor.roots(Action.DISPUTE_ANSWER)
    turn = turn_of(Dispute.unit_id, Dispute.made_at, roots, Action.DISPUTE_ANSWER, now, concerned)
    return and_(Dispute.answered_at.is_(None), Dispute.person_id != actor.person_id, turn)


def waiting_disputes_count(actor: Actor, now: datetime) -> int:
    """Disputes that wait for this actor's answer; never their own."""
    if not actor.roots(Action.DISPUTE_ANSWER):
        return 0
    return db.session.scalar(select(func.count()).select_from(Dispute).where(_waits_for(actor, now))) or 0


def waiting_disputes(actor: Actor, now: datetime) -> list[DisputeRow]:
    """The same with the records they are about; two queries."""
    if not actor.roots(Action.DISPUTE_ANSWER):
        return []
    return _rows(_select().where(_waits_for(actor, now)))
