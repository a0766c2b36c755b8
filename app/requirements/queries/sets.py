"""The versions of the rule, and which of them holds on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.people.models import Person
from app.requirements.models import Requirement, RequirementChoice, RequirementSet
from app.requirements.rules import ChoiceVerdict, Need


@dataclass(frozen=True)
class Version:
    """`holds`: it holds on the day asked for. `open_choice` is the id of a choice that waits for a second person."""

    id: int
    name: str
    note: str
    version: int
    family_id: int
    made_by: str | None
    made_by_id: int | None
    made_at: datetime | None
    published_at: datetime | None
    holds: bool
    open_choice: int | None

    @property
    def title(self) -> str:
        """学习＋服务制, 第 1 版."""
        return f"{self.name}，第 {self.version} 版"

    @property
    def draft(self) -> bool:
        return self.published_at is None


def holding(day: date) -> Select[int]:
    """The id of the version that holds on a day: that of the confirmed choice with the latest day."""
    table = RequirementChoice
    return (
        select(table.set_id)
        .where(table.verdict == ChoiceVerdict.CONFIRMED, table.valid_from <= day)
        .order_by(table.valid_from.desc(), table.decided_at.desc(), table.id.desc())
        .limit(1)
    )


def versions(day: date) -> list[Version]:
    """All versions but dropped drafts, those of one family together, the newest first; at most one holds. One query."""
    return _versions(day)


def version(set_id: int, day: date) -> Version | None:
    return next(iter(_versions(day, set_id)), None)


def _versions(day: date, set_id: int | None = None) -> list[Version]:
    table, waiting = RequirementSet, aliased(RequirementChoice)
    family = func.coalesce(table.family_id, table.id)
    query = (
        select(
            table.id,
            table.name,
            table.note,
            table.version,
            family,
            Person.name,
            table.made_by_id,
            table.made_at,
            table.published_at,
            func.coalesce(table.id == holding(day).scalar_subquery(), False),
            waiting.id,
        )
        .outerjoin(Person, Person.id == table.made_by_id)
        .outerjoin(waiting, and_(waiting.set_id == table.id, waiting.decided_at.is_(None)))
        .where(table.dropped_at.is_(None))
        .order_by(family, table.version.desc())
    )
    if set_id is not None:
        query = query.where(table.id == set_id)
    return [Version(*tuple(row)) for row in db.session.execute(query)]


_NEED: tuple[Any, ...] = (
    Requirement.id,
    Requirement.stage,
    Requirement.kind,
    Requirement.minutes_needed,
    Requirement.honour_minutes,
    Requirement.window_days,
)


def needs_of(set_id: int) -> list[Need]:
    return [Need(*row) for row in db.session.execute(select(*_NEED).where(Requirement.set_id == set_id).order_by(Requirement.id))]


def active_needs(day: date) -> list[Need]:
    """What the version that holds on a day asks, stage by stage; one query."""
    query = select(*_NEED).where(Requirement.set_id == holding(day).scalar_subquery()).order_by(Requirement.id)
    return [Need(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Ruling:
    """A version as it came into force."""

    set_id: int
    name: str
    version: int
    note: str
    valid_from: date


@dataclass(frozen=True)
class Rulebook:
    """What held when, the latest first."""

    rulings: list[Ruling]
    needs: dict[int, list[Need]]

    def on(self, day: date) -> Ruling | None:
        return next((one for one in self.rulings if one.valid_from <= day), None)

    def asked(self, day: date) -> list[Need]:
        ruling = self.on(day)
        return self.needs.get(ruling.set_id, []) if ruling else []


def rulebook() -> Rulebook:
    """Every version that ever came into force, with what it asks; two queries."""
    table = RequirementChoice
    confirmed = table.verdict == ChoiceVerdict.CONFIRMED
    columns: tuple[Any, ...] = (RequirementSet.id, RequirementSet.name, RequirementSet.version, RequirementSet.note, table.valid_from)
    found = db.session.execute(
        select(*columns)
        .join(table, table.set_id == RequirementSet.id)
        .where(confirmed)
        .order_by(table.valid_from.desc(), table.decided_at.desc(), table.id.desc())
    )
    rulings = [Ruling(*tuple(row)) for row in found]
    needs: dict[int, list[Need]] = {}
    asked = select(Requirement.set_id, *_NEED).where(Requirement.set_id.in_({one.set_id for one in rulings})).order_by(Requirement.id)
    for set_id, *need in db.session.execute(asked):
        needs.setdefault(set_id, []).append(Need(*need))
    return Rulebook(rulings, needs)


@dataclass(frozen=True)
class ChoiceRow:
    """That a version is to hold from a day: who asked, who decided."""

    id: int
    set_id: int
    name: str
    version: int
    valid_from: date
    asked_at: datetime
    asked_by_id: int | None
    asked_by: str | None
    decided_at: datetime | None
    decided_by: str | None
    verdict: ChoiceVerdict | None
    answer: str

    @property
    def title(self) -> str:
        return f"{self.name}，第 {self.version} 版"


def choices() -> list[ChoiceRow]:
    """Every choice ever asked for, the newest first; one query."""
    return _choices()


def choice(choice_id: int) -> ChoiceRow | None:
    return next((one for one in _choices(choice_id)), None)


def _choices(choice_id: int | None = None) -> list[ChoiceRow]:
    table, asker, decider = RequirementChoice, aliased(Person), aliased(Person)
    query = (
        select(
            table.id,
            table.set_id,
            RequirementSet.name,
            RequirementSet.version,
            table.valid_from,
            table.asked_at,
            table.asked_by_id,
            asker.name,
            table.decided_at,
            decider.name,
            table.verdict,
            table.answer,
        )
        .join(RequirementSet, RequirementSet.id == table.set_id)
        .outerjoin(asker, asker.id == table.asked_by_id)
        .outerjoin(decider, decider.id == table.decided_by_id)
        .order_by(table.asked_at.desc(), table.id.desc())
    )
    if choice_id is not None:
        query = query.where(table.id == choice_id)
    return [ChoiceRow(*tuple(row)) for row in db.session.execute(query)]


def waiting_choices_count(but: int) -> Select[int]:
    """How many choices wait that this person did not ask for; for the work list to ask."""
    table = RequirementChoice
    return select(func.count()).select_from(table).where(table.decided_at.is_(None), table.asked_by_id.is_distinct_from(but))
