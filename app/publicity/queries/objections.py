"""Objections to a 公示: what was said, by when it is due, and for whom it waits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import being, is_below, records_of
from app.publicity.models import Objection, Publicity, PublicityLine, PublicityMaker
from app.publicity.rules import Verdict, Way


@dataclass(frozen=True)
class ObjectionRow:
    """`by_name` is confidential: for the objector and for those who answer. `by_id` and `keyed_by_id` are who they are now.

    `about_id` is the record that was shown, `about_now_id` who that is now.
    """

    id: int
    publicity_id: int
    title: str
    unit_id: int
    unit_name: str
    about_id: int | None
    about_now_id: int | None
    about_name: str | None
    way: Way
    by_id: int | None
    by_name: str
    by_phone: str
    said: str
    received_on: date
    received_at: datetime
    keyed_by_id: int | None
    keyer_name: str | None
    acknowledged_at: datetime | None
    acknowledger_name: str | None
    answered_at: datetime | None
    answerer_name: str | None
    verdict: Verdict | None
    answer: str
    acknowledge_by: date
    answer_by: date

    def late(self, today: date) -> bool:
        """Past a day by which it should have been acknowledged or answered."""
        return self.answered_at is None and (today > self.answer_by or (self.acknowledged_at is None and today > self.acknowledge_by))


def _objections(*of: ColumnElement[bool]) -> list[ObjectionRow]:
    """With the days by which they are due; the one due first comes first."""
    about, by, keyer, first, last = (aliased(Person) for _ in range(5))
    o = Objection
    found: Any = db.session.execute(
        select(
            *(o.id, o.publicity_id, Publicity.title, o.unit_id, Unit.name),
            *(o.about_id, func.coalesce(about.became_id, o.about_id), about.name, o.way),
            *(func.coalesce(by.became_id, o.by_id), func.coalesce(by.name, o.by_name), o.by_phone, o.said, o.received_on, o.received_at),
            *(func.coalesce(keyer.became_id, o.keyed_by_id), keyer.name),
            *(o.acknowledged_at, first.name, o.answered_at, last.name, o.verdict, o.answer, o.acknowledge_by, o.answer_by),
        )
        .join(Publicity, Publicity.id == o.publicity_id)
        .join(Unit, Unit.id == o.unit_id)
        .outerjoin(about, about.id == o.about_id)
        .outerjoin(by, by.id == o.by_id)
        .outerjoin(keyer, keyer.id == o.keyed_by_id)
        .outerjoin(first, first.id == o.acknowledged_by_id)
        .outerjoin(last, last.id == o.answered_by_id)
        .where(*of)
        .order_by(o.answer_by, o.id)
    ).all()
    return [ObjectionRow(*row) for row in found]


def objection(objection_id: int) -> ObjectionRow | None:
    return next(iter(_objections(Objection.id == objection_id)), None)


def objections(publicity_id: int) -> list[ObjectionRow]:
    return _objections(Objection.publicity_id == publicity_id)


def own_objections(publicity_id: int, person_id: int) -> list[ObjectionRow]:
    return _objections(Objection.publicity_id == publicity_id, Objection.by_id.in_(records_of(person_id)))


def upheld_about(publicity_id: int, person_id: int) -> bool:
    """An objection about this person, or about the whole, was found right."""
    o = Objection
    about = or_(o.about_id.is_(None), o.about_id == person_id)
    return db.session.scalar(select(o.id).where(o.publicity_id == publicity_id, o.verdict == Verdict.UPHELD, about).limit(1)) is not None


def concerned(row: ObjectionRow) -> set[int]:
    """Whom an objection is about, as who they are now; about the whole, that is everybody in it."""
    if row.about_now_id is not None:
        return {row.about_now_id}
    return set(db.session.scalars(select(being(PublicityLine.person_id)).where(PublicityLine.publicity_id == row.publicity_id)))


def makers(publicity_id: int) -> set[int]:
    """Who stands behind what is publicised, as who they are now: they answer no objection to it."""
    return set(db.session.scalars(select(being(PublicityMaker.person_id)).where(PublicityMaker.publicity_id == publicity_id)))


def _is_aside(person: Any) -> ColumnElement[bool]:
    """The objection concerns this person, is of their making, or is about what they had a hand in, under whichever record: they do
    not answer it."""
    maker, line = PublicityMaker, PublicityLine
    made = select(maker.person_id).where(maker.publicity_id == Objection.publicity_id, being(maker.person_id) == person)
    among = select(line.seq).where(line.publicity_id == Objection.publicity_id, being(line.person_id) == person)
    return or_(
        func.coalesce(being(Objection.by_id), 0) == person,
        func.coalesce(being(Objection.keyed_by_id), 0) == person,
        func.coalesce(being(Objection.about_id), 0) == person,
        and_(Objection.about_id.is_(None), among.correlate(Objection, RoleGrant).exists()),
        made.correlate(Objection, RoleGrant).exists(),
    )


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    roots = actor.roots(Action.DISPUTE_ANSWER)
    if not roots:
        return false()
    turn = turn_of(Objection.unit_id, Objection.received_at, roots, Action.DISPUTE_ANSWER, now, _is_aside(RoleGrant.person_id))
    return and_(Objection.answered_at.is_(None), ~_is_aside(actor.person_id), turn)


def waiting_count(actor: Actor, now: datetime) -> Select[int] | None:
    if not actor.roots(Action.DISPUTE_ANSWER):
        return None
    return select(func.count()).select_from(Objection).where(_waits_for(actor, now))


def waiting(actor: Actor, now: datetime) -> list[ObjectionRow]:
    """Objections that wait for this actor; neither their own nor about them. Due first comes first."""
    return _objections(_waits_for(actor, now)) if actor.roots(Action.DISPUTE_ANSWER) else []


def may_answer(actor: Actor, row: ObjectionRow, now: datetime) -> bool:
    return is_below(row.unit_id, actor.roots(Action.DISPUTE_ANSWER), local_date(now))
