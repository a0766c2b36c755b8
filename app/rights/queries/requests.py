"""Requests as they are listed: one's own, those in reach, those whose turn it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit
from app.people.queries import being, below
from app.rights.models import RightsRequest
from app.rights.rules import KIND_NAMES, SOON, How, Kind, Verdict

R = RightsRequest
SHOWN = 50


@dataclass(frozen=True)
class RequestRow:
    id: int
    person_id: int
    name: str
    kind: Kind
    unit_id: int
    unit_name: str
    asked_by_id: int
    asked_by: str
    how: How
    guardian_name: str
    words: str
    wanted: dict[str, Any]
    asked_at: datetime
    due_on: date
    verdict: Verdict | None
    decided_at: datetime | None
    decided_by: str | None
    answer: str

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.kind]

    @property
    def open(self) -> bool:
        return self.verdict is None

    def overdue(self, today: date) -> bool:
        return self.open and self.due_on < today

    def days_left(self, today: date) -> int:
        return (self.due_on - today).days

    def soon(self, today: date) -> bool:
        return self.open and not self.overdue(today) and self.days_left(today) <= SOON


def _select() -> Select[*tuple[Any, ...]]:
    asker, decider = aliased(Person), aliased(Person)
    return (
        select(
            *(R.id, R.person_id, Person.name, R.kind, R.unit_id, Unit.name, R.asked_by_id, asker.name, R.how, R.guardian_name, R.words),
            *(R.wanted, R.asked_at, R.due_on, R.verdict, R.decided_at, decider.name, R.answer),
        )
        .join(Person, Person.id == R.person_id)
        .join(Unit, Unit.id == R.unit_id)
        .join(asker, asker.id == R.asked_by_id)
        .outerjoin(decider, decider.id == R.decided_by_id)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[RequestRow]:
    return [RequestRow(*row) for row in db.session.execute(query)]


def request_in(request_id: int, roots: Any, day: date) -> RequestRow | None:
    """None beyond the reach of these roots."""
    found = _rows(_select().where(R.id == request_id, R.unit_id.in_(below(roots, day)))) if roots else []
    return found[0] if found else None


def of_person(person_id: int) -> list[RequestRow]:
    """The latest first."""
    return _rows(_select().where(R.person_id == person_id).order_by(R.id.desc()).limit(SHOWN))


def waiting(roots: Any, day: date) -> list[RequestRow]:
    """Everything undecided in reach, the first due first; one query."""
    return _rows(_select().where(R.verdict.is_(None), R.unit_id.in_(below(roots, day))).order_by(R.due_on, R.id))


def decided(roots: Any, day: date) -> list[RequestRow]:
    return _rows(
        _select().where(R.verdict.is_not(None), R.unit_id.in_(below(roots, day))).order_by(R.decided_at.desc(), R.id.desc()).limit(SHOWN)
    )


def _turn(actor: Actor, now: datetime) -> ColumnElement[bool]:
    me = actor.person_id
    concerned = or_(RoleGrant.person_id == R.person_id, RoleGrant.person_id == being(R.asked_by_id))
    turn = turn_of(R.unit_id, R.asked_at, actor.roots(Action.RIGHTS_DECIDE), Action.RIGHTS_DECIDE, now, concerned)
    return and_(R.verdict.is_(None), R.person_id != me, being(R.asked_by_id) != me, turn)


def count_for(actor: Actor, now: datetime) -> Select[int] | None:
    return select(func.count()).select_from(R).where(_turn(actor, now)) if actor.may(Action.RIGHTS_DECIDE) else None


def items_for(actor: Actor, now: datetime) -> list[RequestRow]:
    return _rows(_select().where(_turn(actor, now)).order_by(R.due_on, R.id)) if actor.may(Action.RIGHTS_DECIDE) else []
