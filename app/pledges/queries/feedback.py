"""Reading the half-yearly words: the last version of each, all versions of one person, and where they are missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import Risen, risen, turn_of
from app.accounts.models import RoleGrant
from app.core.actor import Actor
from app.core.clock import at_local, local_date
from app.core.db import UtcDateTime, db
from app.core.permissions import Action
from app.people.models import Membership, Person, Unit
from app.people.queries import being, holds_on, records_of
from app.people.rules import MembershipKind
from app.pledges.models import FeedbackEntry
from app.pledges.rules import Grade, Half, half_asked


@dataclass(frozen=True)
class FeedbackRow:
    id: int
    person_id: int
    name: str
    unit_id: int
    unit_name: str
    half: str
    version: int
    grade: Grade
    words: str
    reason: str
    maker_name: str
    made_at: datetime

    @property
    def half_name(self) -> str:
        year, _, number = self.half.partition("-H")
        return Half(int(year), int(number)).name


def _entries() -> Any:
    maker = aliased(Person)
    return (
        select(
            FeedbackEntry.id,
            FeedbackEntry.person_id,
            Person.name,
            FeedbackEntry.unit_id,
            Unit.name,
            FeedbackEntry.half,
            FeedbackEntry.version,
            FeedbackEntry.grade,
            FeedbackEntry.words,
            FeedbackEntry.reason,
            maker.name,
            FeedbackEntry.made_at,
        )
        .join(Person, Person.id == FeedbackEntry.person_id)
        .join(Unit, Unit.id == FeedbackEntry.unit_id)
        .join(maker, maker.id == FeedbackEntry.made_by_id)
    )


def entry(entry_id: int) -> FeedbackRow | None:
    row = db.session.execute(_entries().where(FeedbackEntry.id == entry_id)).one_or_none()
    return FeedbackRow(*row) if row else None


def newest(unit_id: int, half: str) -> dict[int, FeedbackRow]:
    """person id → the community's last word for a half; one query."""
    rows = db.session.execute(
        _entries().where(FeedbackEntry.unit_id == unit_id, FeedbackEntry.half == half).order_by(FeedbackEntry.version)
    )
    return {row[1]: FeedbackRow(*row) for row in rows}


@dataclass(frozen=True)
class Word:
    """The word of one community for one half: the version that holds, and those it replaced, the newest first."""

    now: FeedbackRow
    before: list[FeedbackRow]


def words_about(person_id: int) -> list[Word]:
    """Everything said about somebody, the newest half first; one query."""
    found: dict[tuple[str, int], list[FeedbackRow]] = {}
    rows = db.session.execute(
        _entries()
        .where(FeedbackEntry.person_id.in_(records_of(person_id)))
        .order_by(FeedbackEntry.half.desc(), FeedbackEntry.unit_id, FeedbackEntry.version.desc())
    )
    for row in rows:
        one = FeedbackRow(*row)
        found.setdefault((one.half, one.unit_id), []).append(one)
    return [Word(versions[0], versions[1:]) for versions in found.values()]


@dataclass(frozen=True)
class Missing:
    """A community that has words left to write for a half."""

    unit_id: int
    unit_name: str
    half: Half
    people: int


def _over(half: Half) -> datetime:
    """When the half ended: words that are missing five working days later are for the unit above as well."""
    return at_local(half.last + timedelta(days=1))


def _missing(actor: Actor, half: Half, now: datetime) -> ColumnElement[bool]:
    """A membership of somebody about whom this actor's community has said nothing yet."""
    said = select(FeedbackEntry.id).where(
        being(FeedbackEntry.person_id) == Membership.person_id,
        FeedbackEntry.unit_id == Membership.unit_id,
        FeedbackEntry.half == half.key,
    )
    roots, over = actor.roots(Action.FEEDBACK_GIVE), literal(_over(half), UtcDateTime())
    about_themselves = RoleGrant.person_id == Membership.person_id
    return and_(
        Membership.kind == MembershipKind.REPORTED,
        holds_on(Membership, half.day_for(local_date(now))),
        Membership.person_id != actor.person_id,
        turn_of(Membership.unit_id, over, roots, Action.FEEDBACK_GIVE, now, about_themselves),
        ~said.correlate(Membership).exists(),
    )


def missing_count(actor: Actor, now: datetime) -> Select[int] | None:
    """How many communities of this actor have words left to write; None outside the weeks in which they are asked for."""
    half = half_asked(local_date(now))
    if half is None or not actor.may(Action.FEEDBACK_GIVE):
        return None
    return select(func.count(func.distinct(Membership.unit_id))).where(_missing(actor, half, now))


def missing(actor: Actor, now: datetime) -> list[Missing]:
    half = half_asked(local_date(now))
    if half is None or not actor.may(Action.FEEDBACK_GIVE):
        return []
    rows = db.session.execute(
        select(Unit.id, Unit.name, func.count())
        .select_from(Membership)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(_missing(actor, half, now))
        .group_by(Unit.id, Unit.name)
        .order_by(Unit.id)
    )
    return [Missing(row[0], row[1], half, row[2]) for row in rows]


def came_up(found: Collection[Missing], actor: Actor, now: datetime) -> dict[int, str]:
    """unit id → whose it was to write, of the communities whose words came up from below."""
    waiting = [Risen(str(one.unit_id), one.unit_id, _over(one.half)) for one in found]
    words = risen(waiting, Action.FEEDBACK_GIVE, actor.roots(Action.FEEDBACK_GIVE), now)
    return {int(key): said for key, said in words.items()}
