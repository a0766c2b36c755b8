"""这条记录不对: what somebody says about a record of their own, and the answer."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.checkin import queries as checkin
from app.checkin.models import Attendance
from app.checkin.queries import SpellRow
from app.checkin.queries.kin import kin
from app.checkin.rules import WAY_NAMES, count
from app.claims.correction_rules import DisputeOutcome, DisputeState, acknowledge_by
from app.claims.models import Dispute, DisputeAside
from app.claims.models_corrections import HourCorrection
from app.claims.queries.correctable import OLD, PAST, PastRecord, past_records
from app.claims.queries.corrections import NAMED, CorrectionRow, ends_named, of_disputes
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.core.words import minutes_words, time_words
from app.core.workdays import Holidays
from app.hours.models import HourEntry
from app.people.models import Person, Unit
from app.people.queries import being, below, records_of
from app.settings import queries as settings


@dataclass(frozen=True)
class About:
    """The record that is spoken of, as it stands now: a spell, or hours from before this system (`past`)."""

    spell: SpellRow | None
    named: frozenset[str]  # the ends that a correction named
    past: PastRecord | None

    @property
    def came(self) -> str:
        """13:58，扫码签到."""
        if self.spell is None:
            return ""
        return f"{time_words(self.spell.in_at)}，{NAMED if 'in' in self.named else WAY_NAMES[self.spell.in_way]}"

    @property
    def left(self) -> str:
        if self.spell is None or self.spell.out_at is None or self.spell.out_way is None:
            return "没有签退"
        return f"{time_words(self.spell.out_at)}，{NAMED if 'out' in self.named else WAY_NAMES[self.spell.out_way]}"

    @property
    def counted(self) -> str:
        """What it counts, and where it does not, why."""
        if self.spell is None:
            return self.past.counted if self.past else ""
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
    attendance_id: int | None
    entry_id: int | None  # the first one of its line in the register
    unit_id: int
    unit_name: str
    title: str
    said: str
    made_at: datetime
    answer: str
    answered_at: datetime | None
    answerer_name: str | None
    due_on: date | None
    acknowledged_at: datetime | None
    acknowledger_name: str | None
    outcome: DisputeOutcome | None
    correction: CorrectionRow | None = None
    aside: frozenset[int] = frozenset()  # who (now) had a part in the record: others uphold it

    @property
    def state(self) -> DisputeState:
        if self.answered_at is not None:
            return DisputeState(self.outcome.value) if self.outcome else DisputeState.ANSWERED
        if self.correction and self.correction.verdict is None:
            return DisputeState.CORRECTING
        return DisputeState.CHECKING if self.acknowledged_at else DisputeState.NEW

    def overdue(self, today: date) -> bool:
        """超期: past the day on which it should have been answered."""
        return self.answered_at is None and self.due_on is not None and today > self.due_on

    def unheard(self, today: date, holidays: Holidays) -> bool:
        """Nobody took it up within two working days."""
        return self.state is DisputeState.NEW and today > acknowledge_by(self.made_at, holidays)


def _select() -> Select[*tuple[Any, ...]]:
    answerer, acknowledger = aliased(Person), aliased(Person)
    return (
        select(
            Dispute.id,
            Dispute.person_id,
            Person.name,
            Dispute.attendance_id,
            Dispute.entry_id,
            Dispute.unit_id,
            Unit.name,
            func.coalesce(Activity.title, PAST.c.words, OLD),
            Dispute.said,
            Dispute.made_at,
            Dispute.answer,
            Dispute.answered_at,
            answerer.name,
            Dispute.due_on,
            Dispute.acknowledged_at,
            acknowledger.name,
            Dispute.outcome,
        )
        .join(Person, Person.id == Dispute.person_id)
        .join(Unit, Unit.id == Dispute.unit_id)
        .outerjoin(Attendance, Attendance.id == Dispute.attendance_id)
        .outerjoin(Shift, Shift.id == Attendance.shift_id)
        .outerjoin(HourEntry, HourEntry.id == Dispute.entry_id)
        .outerjoin(Activity, Activity.id == func.coalesce(Shift.activity_id, HourEntry.activity_id))
        .outerjoin(PAST, PAST.c.id == HourEntry.source_id)
        .outerjoin(answerer, answerer.id == Dispute.answered_by_id)
        .outerjoin(acknowledger, acknowledger.id == Dispute.acknowledged_by_id)
        .order_by(Dispute.made_at, Dispute.id)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[DisputeRow]:
    rows = [tuple(row) for row in db.session.execute(query)]
    if not rows:
        return []
    there = {row[3] for row in rows} - {None}
    spells = {spell.id: spell for spell in checkin.spells(there)} if there else {}
    past = past_records({row[4] for row in rows} - {None})
    changes, named = of_disputes([row[0] for row in rows]), ends_named(spells.keys())
    aside: dict[int, set[int]] = {}
    parts = select(DisputeAside.dispute_id, being(DisputeAside.person_id)).where(DisputeAside.dispute_id.in_([row[0] for row in rows]))
    for dispute_id, person_id in db.session.execute(parts):
        aside.setdefault(dispute_id, set()).add(person_id)
    return [
        replace(
            DisputeRow(spells.get(row[3]), named.get(row[3], frozenset()), past.get(row[4]), *row),
            correction=changes.get(row[0]),
            aside=frozenset(aside.get(row[0], ())),
        )
        for row in rows
    ]


def dispute(dispute_id: int) -> DisputeRow | None:
    return next(iter(_rows(_select().where(Dispute.id == dispute_id))), None)


def disputes_about(attendance_id: int) -> list[DisputeRow]:
    """All that was said about one record, the oldest first."""
    return _rows(_select().where(Dispute.attendance_id == attendance_id))


def disputes_about_entry(root_id: int) -> list[DisputeRow]:
    """The same about a line of a register, by its first entry."""
    return _rows(_select().where(Dispute.entry_id == root_id))


def disputes_of(person_id: int) -> dict[int, DisputeRow]:
    """attendance id → the last thing this person said about it; a few queries."""
    mine = Dispute.person_id == person_id, Dispute.attendance_id.is_not(None)
    return {row.attendance_id: row for row in _rows(_select().where(*mine)) if row.attendance_id}


def disputes_of_entries(person_id: int) -> dict[int, DisputeRow]:
    """The same of hours from before this system, by every entry of the same line of the register; one query where nothing was said."""
    said = {row.entry_id: row for row in _rows(_select().where(Dispute.person_id == person_id, Dispute.entry_id.is_not(None)))}
    if not said:
        return {}
    root, other = aliased(HourEntry), aliased(HourEntry)
    same = and_(other.source_kind == root.source_kind, other.source_id == root.source_id)
    pairs = db.session.execute(select(root.id, other.id).join(other, same).where(root.id.in_(said), other.reverses_id.is_(None)))
    return {entry_id: said[root_id] for root_id, entry_id in pairs}


@dataclass(frozen=True)
class OwnRecord(About):
    title: str
    unit_id: int
    unit_name: str


def own_record(person_id: int, attendance_id: int) -> OwnRecord | None:
    """A record, when it is this person's."""
    row = db.session.execute(
        select(Activity.title, Unit.id, Unit.name)
        .join(Shift, Shift.activity_id == Activity.id)
        .join(Attendance, Attendance.shift_id == Shift.id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Attendance.id == attendance_id, Attendance.person_id == person_id)
    ).one_or_none()
    named = ends_named([attendance_id]).get(attendance_id, frozenset())
    return OwnRecord(checkin.spells([attendance_id])[0], named, None, *row) if row else None


def own_past_record(person_id: int, entry_id: int) -> OwnRecord | None:
    """Hours from before this system, when they are this person's."""
    past = past_records([entry_id]).get(entry_id)
    return OwnRecord(None, frozenset(), past, past.title, past.unit_id, past.unit_name) if past and past.person_id == person_id else None


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    part = select(DisputeAside.person_id).where(DisputeAside.dispute_id == Dispute.id)
    own = part.where(DisputeAside.person_id.in_(records_of(actor.person_id))).correlate(Dispute).exists()
    theirs = part.where(being(DisputeAside.person_id) == RoleGrant.person_id).correlate(Dispute, RoleGrant).exists()
    concerned = or_(RoleGrant.person_id == Dispute.person_id, kin(RoleGrant.person_id, Dispute.person_id), theirs)
    others = and_(Dispute.person_id != actor.person_id, ~kin(actor.person_id, Dispute.person_id), ~own)
    roots = actor.roots(Action.DISPUTE_ANSWER)
    turn = turn_of(Dispute.unit_id, Dispute.made_at, roots, Action.DISPUTE_ANSWER, now, concerned)
    return and_(Dispute.answered_at.is_(None), others, ~_correcting(), turn)


def _correcting() -> ColumnElement[bool]:
    """A correction out of it waits for a second person; until then there is nothing to answer."""
    waits = select(HourCorrection.id).where(HourCorrection.dispute_id == Dispute.id, HourCorrection.decided_at.is_(None))
    return waits.correlate(Dispute).exists()


def waiting_disputes_count(actor: Actor, now: datetime) -> Select[int] | None:
    """Disputes that wait for this actor's answer; never their own or a relative's, nor about a record that they had a part in."""
    if not actor.roots(Action.DISPUTE_ANSWER):
        return None
    return select(func.count()).select_from(Dispute).where(_waits_for(actor, now))


def waiting_disputes(actor: Actor, now: datetime) -> list[DisputeRow]:
    """The same with the records they are about; a few queries."""
    if not actor.roots(Action.DISPUTE_ANSWER):
        return []
    return _rows(_select().where(_waits_for(actor, now)))


OPEN, OVERDUE, ANSWERED = "open", "overdue", "answered"  # what the desk shows


def _of_desk(roots: Collection[int], show: str, today: date) -> ColumnElement[bool]:
    here = Dispute.unit_id.in_(below(roots, today))
    if show == OPEN:
        return and_(here, Dispute.answered_at.is_(None))
    if show == OVERDUE:
        return and_(here, Dispute.answered_at.is_(None), Dispute.due_on < today)
    return and_(here, Dispute.answered_at.is_not(None)) if show == ANSWERED else here


def desk(roots: Collection[int], show: str, today: date, *, limit: int, start: int = 0) -> list[DisputeRow]:
    """Disputes of the units below `roots`: those that wait by the day they are due, then the answered ones, the latest first."""
    order = (Dispute.answered_at.is_not(None), Dispute.due_on.asc().nulls_first() if show in {OPEN, OVERDUE} else Dispute.made_at.desc())
    query = _select().where(_of_desk(roots, show, today)).order_by(None).order_by(*order, Dispute.id.desc())
    return _rows(query.limit(limit).offset(start))


def desk_counts(roots: Collection[int], today: date) -> dict[str, int]:
    """How many there are of each; one query."""
    waits = Dispute.answered_at.is_(None)
    counted = func.count().filter(waits), func.count().filter(and_(waits, Dispute.due_on < today)), func.count().filter(~waits)
    row = db.session.execute(select(*counted).select_from(Dispute).where(Dispute.unit_id.in_(below(roots, today)))).one()
    return dict(zip((OPEN, OVERDUE, ANSWERED), row, strict=True))


def holidays() -> Holidays:
    return settings.holidays()
