"""Reading 公示 and objections. Names are resolved when they are shown; who sees them, `sight` says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person, Unit, UnitAncestry
from app.people.queries import below, holds_on, home_unit_on, is_below
from app.publicity.models import Objection, Publicity, PublicityLine
from app.publicity.rules import Days, Reach, State, Subject, SubjectKind, Verdict, keyed_until, state
from app.settings import queries as settings

SETTING = "publicity"  # {"shown": 5, "acknowledge": 2, "answer": 10}, working days
AFTERWARDS = timedelta(days=30)  # how long the lines stay to be seen after the last day, by those who need not see them


def days() -> Days:
    default = Days()
    return Days(**settings.value(SETTING, {"shown": default.shown, "acknowledge": default.acknowledge, "answer": default.answer}))


class Sight(IntEnum):
    """What somebody sees of a publicity: nothing, their own line, everybody's by masked names, everybody's by name."""

    NOTHING = 0
    OWN = 1
    MASKED = 2
    NAMED = 3


@dataclass(frozen=True)
class PublicityRow:
    id: int
    subject_kind: SubjectKind
    subject_id: int
    unit_id: int
    unit_name: str
    reach: Reach
    title: str
    words: str
    phone: str
    place: str
    people: int
    starts_on: date
    ends_on: date
    published_at: datetime
    publisher_id: int
    publisher_name: str
    withdrawn_at: datetime | None
    reason: str
    concluded_on: date | None
    open: int  # objections that nobody has answered
    upheld: int
    objections: int

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_kind, self.subject_id)

    def state(self, today: date) -> State:
        withdrawn, concluded = self.withdrawn_at is not None, self.concluded_on is not None
        return state(today, self.ends_on, open_objections=self.open, withdrawn=withdrawn, concluded=concluded)

    def settled(self, today: date) -> bool:
        """Ended, every objection answered; whether one was upheld is another question (`upheld`)."""
        return self.state(today) in (State.SETTLED, State.CONCLUDED)


def _count(*of: ColumnElement[bool]) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(Objection)
        .where(Objection.publicity_id == Publicity.id, *of)
        .correlate(Publicity)
        .scalar_subquery()
    )


def _select() -> Select[*tuple[Any, ...]]:
    publisher = aliased(Person)
    p = Publicity
    return (
        select(
            *(p.id, p.subject_kind, p.subject_id, p.unit_id, Unit.name, p.reach, p.title, p.words, p.phone, p.place, p.people),
            *(p.starts_on, p.ends_on, p.published_at, p.published_by_id, publisher.name, p.withdrawn_at, p.reason, p.concluded_on),
            *(_count(Objection.answered_at.is_(None)), _count(Objection.verdict == Verdict.UPHELD), _count()),
        )
        .join(Unit, Unit.id == p.unit_id)
        .join(publisher, publisher.id == p.published_by_id)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[PublicityRow]:
    return [PublicityRow(*row) for row in db.session.execute(query)]


def publicity(publicity_id: int) -> PublicityRow | None:
    return next(iter(_rows(_select().where(Publicity.id == publicity_id))), None)


def standing(kind: SubjectKind, subject_ids: Collection[int]) -> dict[int, PublicityRow]:
    """subject id → its publicity that was not withdrawn; one query."""
    found = _rows(_select().where(Publicity.subject_kind == kind, Publicity.subject_id.in_(subject_ids), Publicity.withdrawn_at.is_(None)))
    return {row.subject_id: row for row in found}


def history(subject: Subject) -> list[PublicityRow]:
    """Every publicity of one thing, those withdrawn among them, the oldest first."""
    of = _select().where(Publicity.subject_kind == subject.kind, Publicity.subject_id == subject.id)
    return _rows(of.order_by(Publicity.id))


def settled(publicity_id: int, today: date) -> bool:
    """Ended, and every objection answered. Whether one was upheld stands in the row."""
    row = publicity(publicity_id)
    return row is not None and row.settled(today)


def due(kind: SubjectKind, today: date) -> list[PublicityRow]:
    """Those that can be concluded: ended, every objection answered, and nothing to be keyed in any more. One query."""
    over = _select().where(
        Publicity.subject_kind == kind, Publicity.withdrawn_at.is_(None), Publicity.concluded_on.is_(None), Publicity.ends_on < today
    )
    rule, holidays = days(), settings.holidays()
    return [
        row for row in _rows(over.order_by(Publicity.id)) if not row.open and keyed_until(row.ends_on, rule.acknowledge, holidays) < today
    ]


def unsettled(kind: SubjectKind, subject_ids: Collection[int], today: date) -> set[int]:
    """Those of the subjects whose publicity still runs, or has an open or an upheld objection; one query."""
    return {subject_id for subject_id, row in standing(kind, subject_ids).items() if not row.settled(today) or row.upheld}


@dataclass(frozen=True)
class LineRow:
    person_id: int
    name: str
    words: str


def lines(publicity_id: int) -> list[LineRow]:
    found = db.session.execute(
        select(PublicityLine.person_id, Person.name, PublicityLine.words)
        .join(Person, Person.id == PublicityLine.person_id)
        .where(PublicityLine.publicity_id == publicity_id)
        .order_by(PublicityLine.seq)
    )
    return [LineRow(*row) for row in found]


def sight(row: PublicityRow, actor: Actor | None, today: date) -> Sight:
    """Three queries at most."""
    public = Sight.MASKED if row.reach is Reach.PUBLIC else Sight.NOTHING
    shown = row.withdrawn_at is None and today <= row.ends_on + AFTERWARDS
    if actor is None:
        return public if shown else Sight.NOTHING
    if is_below(row.unit_id, actor.roots(Action.BRANCH_READ), today):
        return Sight.NAMED
    home = home_unit_on(actor.person_id, today)
    if shown and home is not None and is_below(home, [row.unit_id], today):
        return Sight.NAMED
    if shown and public:
        return public
    own = select(PublicityLine.seq).where(PublicityLine.publicity_id == row.id, PublicityLine.person_id == actor.person_id)
    return Sight.OWN if db.session.scalar(own) is not None else Sight.NOTHING


def listed(actor: Actor | None, today: date, *, limit: int, start: int = 0) -> list[PublicityRow]:
    """What this reader finds on the list: shown now or lately, public or of their own; the newest first."""
    seen: list[ColumnElement[bool]] = [Publicity.reach == Reach.PUBLIC]
    if actor is not None:
        seen.append(Publicity.unit_id.in_(below(actor.roots(Action.BRANCH_READ), today)))
        seen.append(Publicity.id.in_(select(PublicityLine.publicity_id).where(PublicityLine.person_id == actor.person_id)))
        if home := home_unit_on(actor.person_id, today):
            seen.append(Publicity.unit_id.in_(above(home, today)))
    recent = and_(Publicity.withdrawn_at.is_(None), Publicity.ends_on >= today - AFTERWARDS)
    return _rows(_select().where(recent, or_(*seen)).order_by(Publicity.starts_on.desc(), Publicity.id.desc()).limit(limit).offset(start))


def above(unit_id: int, today: date) -> Select[int]:
    """The unit and every unit above it, as a subselect."""
    return select(UnitAncestry.ancestor_id).where(UnitAncestry.unit_id == unit_id, holds_on(UnitAncestry, today))
