"""钱 → 项目 → 活动 → 小时 → 人: the activities behind a project's money, each with its own figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select, union
from sqlalchemy.orm import aliased

from app.activities.models import Activity, Shift
from app.core import clock
from app.core.db import db
from app.fund.models import FundProjectActivity, FundServiceEntry
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind
from app.people.models import Person
from app.people.queries import Tie, holds_all, ties_of, within
from app.people.queries.directory import homes_of


@dataclass(frozen=True)
class ActivityLink:
    """`people` are person-times that name this activity; minutes by scan and made up are never summed. `link_id`: linked by hand."""

    id: int
    title: str
    public: bool
    held_on: date | None
    credit: int
    honour: int
    volunteers: int
    people: int
    link_id: int | None
    linked_at: datetime | None
    linked_by: str | None


@dataclass(frozen=True)
class Chain:
    """`volunteers` counts each person once, over all activities; `unlinked_people` are person-times that name no activity."""

    activities: tuple[ActivityLink, ...]
    credit: int
    honour: int
    volunteers: int
    people: int

    @property
    def unlinked_people(self) -> int:
        return self.people - sum(activity.people for activity in self.activities)

    @property
    def minutes(self) -> int:
        return self.credit + self.honour


def chain(project_id: int) -> Chain:
    """Every activity that the project was linked to or that a figure of its 服务人次 names, the newest first. Five queries."""
    served = _served(project_id)
    links = {
        row[0]: row[1:]
        for row in db.session.execute(
            select(FundProjectActivity.activity_id, FundProjectActivity.id, FundProjectActivity.linked_at, Person.name)
            .join(Person, Person.id == FundProjectActivity.linked_by_id)
            .where(FundProjectActivity.project_id == project_id, FundProjectActivity.ended_at.is_(None))
        )
    }
    ids = set(links) | {activity_id for activity_id in served if activity_id}
    minutes, volunteers = _minutes(ids)
    rows: dict[int, Any] = {
        row[0]: row
        for row in db.session.execute(
            select(Activity.id, Activity.title, Activity.published_at.is_not(None), func.min(Shift.starts_at))
            .outerjoin(Shift, Shift.activity_id == Activity.id)
            .where(Activity.id.in_(ids))
            .group_by(Activity.id, Activity.title, Activity.published_at)
        )
    }
    found = [
        ActivityLink(
            activity_id,
            title,
            public,
            clock.local_date(starts_at) if starts_at else None,
            *minutes.get(activity_id, (0, 0, 0)),
            served.get(activity_id, 0),
            *links.get(activity_id, (None, None, None)),
        )
        for activity_id, title, public, starts_at in rows.values()
    ]
    found.sort(key=lambda activity: (activity.held_on or date.min, activity.id), reverse=True)
    credit, honour = (sum(each) for each in zip(*((one.credit, one.honour) for one in found), strict=True)) if found else (0, 0)
    return Chain(tuple(found), credit, honour, volunteers, sum(served.values()))


def _served(project_id: int) -> dict[int | None, int]:
    """Person-times by the activity they name, after corrections."""
    by_activity = (
        select(FundServiceEntry.activity_id, func.sum(FundServiceEntry.people))
        .where(FundServiceEntry.project_id == project_id)
        .group_by(FundServiceEntry.activity_id)
    )
    # a figure that was taken back leaves 0, and its activity is no longer named
    return {activity_id: int(people) for activity_id, people in db.session.execute(by_activity) if people}


def _minutes(ids: set[int]) -> tuple[dict[int, tuple[int, int, int]], int]:
    """Minutes by scan, made up, and volunteers of each activity; and how many different people over all."""
    if not ids:
        return {}, 0
    of_them = HourEntry.activity_id.in_(ids), HourEntry.kind == HourKind.SERVICE

    def of(hour_class: HourClass) -> Any:
        return func.coalesce(func.sum(case((HourEntry.hour_class == hour_class, HourEntry.minutes), else_=0)), 0)

    rows = db.session.execute(
        select(HourEntry.activity_id, of(HourClass.CREDIT), of(HourClass.HONOUR), func.count(func.distinct(HourEntry.person_id)))
        .where(*of_them)
        .group_by(HourEntry.activity_id)
    )
    by_activity = {int(row[0] or 0): (int(row[1]), int(row[2]), int(row[3])) for row in rows}
    people = db.session.scalar(select(func.count(func.distinct(HourEntry.person_id))).where(*of_them)) or 0
    return by_activity, people


@dataclass(frozen=True)
class PersonLine:
    person_id: int
    name: str
    credit: int
    honour: int


def people_of(activity_id: int) -> list[PersonLine]:
    """Who served there and how long, the longest first; one query."""

    def of(hour_class: HourClass) -> Any:
        return func.coalesce(func.sum(case((HourEntry.hour_class == hour_class, HourEntry.minutes), else_=0)), 0)

    total = func.sum(HourEntry.minutes)
    rows = db.session.execute(
        select(Person.id, Person.name, of(HourClass.CREDIT), of(HourClass.HONOUR))
        .join(HourEntry, HourEntry.person_id == Person.id)
        .where(HourEntry.activity_id == activity_id, HourEntry.kind == HourKind.SERVICE)
        .group_by(Person.id, Person.name)
        .having(total != 0)
        .order_by(total.desc(), Person.id)
    )
    return [PersonLine(person_id, name, int(credit), int(honour)) for person_id, name, credit, honour in rows]


def readable(person_ids: Collection[int], roots: Collection[int], day: date) -> frozenset[int]:
    """Those of them whom a reader with these roots finds in the directory anyway: whoever served may be of another unit than the
    project's. Three queries, however many they are.
    """
    if not roots or not person_ids:
        return frozenset()
    ties, everybody = ties_of(person_ids, day), holds_all(roots)
    here = within({tie.unit_id for of_one in ties.values() for tie in of_one}, roots, day)

    def seen(of_one: tuple[Tie, ...]) -> bool:
        return any(tie.unit_id in here for tie in of_one) or (everybody and not homes_of(of_one))

    return frozenset(person_id for person_id in person_ids if seen(ties.get(person_id, ())))


def is_behind(project_id: int, activity_id: int) -> bool:
    """Whether the activity is one of the project's chain."""
    back = aliased(FundServiceEntry)
    named = (
        select(FundServiceEntry.activity_id)
        .outerjoin(back, back.reverses_id == FundServiceEntry.id)
        .where(
            FundServiceEntry.project_id == project_id,
            FundServiceEntry.activity_id == activity_id,
            FundServiceEntry.reverses_id.is_(None),
            back.id.is_(None),
        )
    )
    linked = select(FundProjectActivity.activity_id).where(
        FundProjectActivity.project_id == project_id, FundProjectActivity.activity_id == activity_id, FundProjectActivity.ended_at.is_(None)
    )
    return db.session.execute(union(named, linked)).first() is not None


@dataclass(frozen=True)
class PastLink:
    title: str
    ended_at: datetime
    by: str
    reason: str


def ended_links(project_id: int) -> list[PastLink]:
    """What was linked and is not any more, for the fund's people."""
    rows = db.session.execute(
        select(Activity.title, FundProjectActivity.ended_at, Person.name, FundProjectActivity.end_reason)
        .join(Activity, Activity.id == FundProjectActivity.activity_id)
        .join(Person, Person.id == FundProjectActivity.ended_by_id)
        .where(FundProjectActivity.project_id == project_id, FundProjectActivity.ended_at.is_not(None))
        .order_by(FundProjectActivity.ended_at.desc())
    )
    return [PastLink(title, ended_at, by, reason) for title, ended_at, by, reason in rows if ended_at]


def project_of_link(link_id: int) -> int | None:
    return db.session.scalar(select(FundProjectActivity.project_id).where(FundProjectActivity.id == link_id))
