"""Spells that are held: which wait for a decision, whose turn it is, and what is known about them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.activities.models import Activity, Shift
from app.checkin.models import Attendance, AttendanceDecision, AttendanceReason, Scan
from app.checkin.queries.kin import kin
from app.checkin.queries.looking import settles, works_at
from app.checkin.queries.spells import SpellRow, spells
from app.checkin.reasons import CLOSE, Reason, Rung, Verdict, say
from app.checkin.rules import WAY_NAMES, count, is_machine
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import below, records_of

DECIDES = {Rung.ORGANISER: Action.ACTIVITY_MANAGE, Rung.PARENT: Action.CLAIM_APPROVE, Rung.SUBDISTRICT: Action.CLAIM_APPROVE}


def decided(attendance_id: int) -> bool:
    """Whether somebody has decided about this spell: then it stands as it is."""
    return bool(db.session.scalar(select(exists().where(AttendanceDecision.attendance_id == attendance_id))))


@dataclass(frozen=True)
class Why:
    """One reason with its figure. `other` is the title of the other activity of a pair."""

    reason: Reason
    holds: bool
    number: int | None
    other: str | None

    @property
    def words(self) -> str:
        return say(self.reason, self.number, self.other)


def reasons_of(attendance_ids: Collection[int]) -> dict[int, list[Why]]:
    """attendance id → why somebody should look, what holds first; one query, none for no spells."""
    if not attendance_ids:
        return {}
    other = aliased(Attendance)
    found = db.session.execute(
        select(AttendanceReason.attendance_id, AttendanceReason.reason, AttendanceReason.holds, AttendanceReason.number, Activity.title)
        .outerjoin(other, other.id == AttendanceReason.other_id)
        .outerjoin(Shift, Shift.id == other.shift_id)
        .outerjoin(Activity, Activity.id == Shift.activity_id)
        .where(AttendanceReason.attendance_id.in_(attendance_ids))
        .order_by(AttendanceReason.attendance_id, AttendanceReason.holds.desc(), AttendanceReason.made_at, AttendanceReason.reason)
    )
    reasons: dict[int, list[Why]] = {}
    for row in found:
        attendance_id, reason, holds, number, title = row
        reasons.setdefault(attendance_id, []).append(Why(reason, holds, number, title))
    return reasons


@dataclass(frozen=True)
class HeldRow:
    """A spell that waits, with where and since when. `unit_id` is whose deciders are asked."""

    spell: SpellRow
    activity_id: int
    title: str
    organising_unit: str
    rung: Rung
    unit_id: int
    unit_name: str
    since: datetime
    reasons: list[Why]

    @property
    def key(self) -> str:
        return f"held-{self.spell.id}"

    @property
    def minutes(self) -> int:
        """What it would count."""
        return count(self.spell.shift, self.spell.in_at, self.spell.out_at or self.spell.in_at).minutes

    @property
    def scanned(self) -> bool:
        """扫码时长; else 补录时长."""
        return self.spell.out_way is not None and is_machine(self.spell.in_way, self.spell.out_way)

    @property
    def main(self) -> Reason:
        """The reason under which it is listed: the first that holds."""
        return next((why.reason for why in self.reasons if why.holds and why.reason not in CLOSE), Reason.ELSEWHERE)

    @property
    def ways(self) -> str:
        """扫码签到，组织者签退."""
        ends = [WAY_NAMES[self.spell.in_way], WAY_NAMES[self.spell.out_way] if self.spell.out_way else ""]
        return ends[0] if ends[0] == ends[1] else "，".join(end for end in ends if end)


def may_decide(actor: Actor, day: date) -> ColumnElement[bool]:
    """This actor may decide about a held spell (Attendance, with Activity in the enclosing statement).

    Never about themselves or a relative; after 收场 neither about what they made nor where they closed it or organised it; at a
    rung above never who organises or helps there. What another record of theirs did, they did.
    """
    roots = {rung: actor.roots(action) for rung, action in DECIDES.items()}
    here = and_(Attendance.held_for == Rung.ORGANISER, Attendance.held_unit_id.in_(below(roots[Rung.ORGANISER], day)))
    above = and_(
        Attendance.held_for != Rung.ORGANISER,
        Attendance.held_unit_id.in_(below(roots[Rung.PARENT], day)),
        ~works_at(actor.person_id),
    )
    others = and_(Attendance.person_id != actor.person_id, ~kin(actor.person_id, Attendance.person_id), ~_takes_another(actor.person_id))
    return and_(others, or_(here, above))


def _takes_another(person_id: int) -> ColumnElement[bool]:
    """After 收场: this person closed it or organised it, or scanned or named an end of the spell; another one decides about it."""
    ends = or_(Scan.id == Attendance.in_scan_id, Scan.id == Attendance.out_scan_id)
    made = select(Scan.id).where(ends, Scan.by_id.in_(records_of(person_id))).correlate(Attendance, Activity)
    return or_(settles(person_id), and_(Activity.closed_at.is_not(None), made.exists()))


def _concerned() -> ColumnElement[bool]:
    """Of a RoleGrant: its holder may not decide about this spell. Who helps there is asked in `may_decide` only."""
    here = select(Activity.id).join(Shift, Shift.activity_id == Activity.id).where(Shift.id == Attendance.shift_id)
    settled = here.where(settles(RoleGrant.person_id)).correlate(Attendance, RoleGrant).exists()
    return or_(RoleGrant.person_id == Attendance.person_id, kin(RoleGrant.person_id, Attendance.person_id), settled)


def _waits_above(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Held for the parent unit or the subdistrict, and it is this actor's turn."""
    action = Action.CLAIM_APPROVE
    waits, since = cast("InstrumentedAttribute[int]", Attendance.held_unit_id), cast("InstrumentedAttribute[datetime]", Attendance.held_at)
    turn = turn_of(waits, since, actor.roots(action), action, now, _concerned())
    return and_(Attendance.held_for != Rung.ORGANISER, Attendance.held_at.is_not(None), may_decide(actor, clock.local_date(now)), turn)


def waiting_above_count(actor: Actor, now: datetime) -> Select[int] | None:
    """How many spells from below wait for this actor, for the work list to ask; None for those who approve nothing."""
    if not actor.may(Action.CLAIM_APPROVE):
        return None
    counted: Select[int] = _of_activity(select(func.count())).where(_waits_above(actor, now))
    return counted


def waiting_above(actor: Actor, now: datetime) -> list[HeldRow]:
    if not actor.may(Action.CLAIM_APPROVE):
        return []
    return _held(_waits_above(actor, now))


def held_at(activity_id: int) -> list[HeldRow]:
    """All that is held at one activity, the longest waiting first; three queries."""
    return _held(Shift.activity_id == activity_id)


def held(attendance_ids: Collection[int], actor: Actor, now: datetime) -> list[HeldRow]:
    """Of these, the ones that are held and that this actor may decide about."""
    return _held(Attendance.id.in_(attendance_ids), may_decide(actor, clock.local_date(now)))


def held_now(attendance_ids: Collection[int]) -> list[HeldRow]:
    """Of these, the ones that are held."""
    return _held(Attendance.id.in_(attendance_ids))


def decidable(activity_id: int, actor: Actor, now: datetime) -> set[int]:
    """Of what is held at an activity, what this actor may decide about; one query."""
    mine = may_decide(actor, clock.local_date(now))
    query = _of_activity(select(Attendance.id)).where(Shift.activity_id == activity_id, Attendance.held_at.is_not(None), mine)
    return set(db.session.execute(query).scalars())


def takes_another(attendance_ids: Collection[int], person_id: int) -> bool:
    """Whether it is closing alone that keeps this person from deciding about one of these held spells."""
    query = _of_activity(select(Attendance.id)).where(Attendance.id.in_(attendance_ids), Attendance.held_at.is_not(None))
    return db.session.scalar(query.where(_takes_another(person_id)).limit(1)) is not None


def relatives_among(person_id: int, person_ids: Collection[int]) -> set[int]:
    """Of these people, the relatives of somebody; one query, none for no people."""
    if not person_ids:
        return set()
    return set(db.session.execute(select(Person.id).where(Person.id.in_(person_ids), kin(person_id, Person.id))).scalars())


def relatives_of(person_ids: Collection[int], among: Collection[int]) -> set[int]:
    """Of `among`, who hold roles, those who are a relative of any of these people; one query."""
    about = select(Person.id).where(Person.id.in_(person_ids), kin(RoleGrant.person_id, Person.id)).correlate(RoleGrant)
    return set(db.session.execute(select(RoleGrant.person_id).where(RoleGrant.person_id.in_(among), about.exists())).scalars())


def _of_activity(query: Any) -> Any:
    return query.select_from(Attendance).join(Shift, Shift.id == Attendance.shift_id).join(Activity, Activity.id == Shift.activity_id)


def _held(*conditions: ColumnElement[bool]) -> list[HeldRow]:
    asked = aliased(Unit)
    query = _of_activity(
        select(Attendance.id, Activity.id, Activity.title, Unit.name, Attendance.held_for, asked.id, asked.name, Attendance.held_at)
    )
    found = db.session.execute(
        query.join(Unit, Unit.id == Activity.unit_id)
        .join(asked, asked.id == Attendance.held_unit_id)
        .where(Attendance.held_at.is_not(None), *conditions)
        .order_by(Attendance.held_at, Attendance.id)
    ).all()
    ids = [row[0] for row in found]
    if not ids:
        return []
    rows, why = {row.id: row for row in spells(ids)}, reasons_of(ids)
    return [
        HeldRow(rows[id_], activity_id, title, unit, rung, asked_id, asked_name, since, _or_walk_in(why.get(id_, [])))
        for id_, activity_id, title, unit, rung, asked_id, asked_name, since in found
    ]


def _or_walk_in(why: list[Why]) -> list[Why]:
    """What is held for no reason that was written down came beyond the seats: that is told from the sign-ups."""
    return why if any(one.holds and one.reason not in CLOSE for one in why) else [Why(Reason.WALK_IN, True, None, None), *why]


@dataclass(frozen=True)
class Decision:
    """Who decided about a spell, when and how."""

    made_at: datetime
    name: str
    verdict: Verdict
    note: str


def decisions_of(attendance_ids: Collection[int]) -> dict[int, Decision]:
    if not attendance_ids:
        return {}
    found = db.session.execute(
        select(
            AttendanceDecision.attendance_id, AttendanceDecision.made_at, Person.name, AttendanceDecision.verdict, AttendanceDecision.note
        )
        .join(Person, Person.id == AttendanceDecision.made_by_id)
        .where(AttendanceDecision.attendance_id.in_(attendance_ids))
    )
    return {attendance_id: Decision(made_at, name, verdict, note) for attendance_id, made_at, name, verdict, note in found}
