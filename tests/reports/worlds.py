"""Small worlds for reports, and what a report says of them counted one by one."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from sqlalchemy import insert, select

from app.activities.models import Activity, ActivityOutcome
from app.activities.rules import ActivityKind
from app.activities.templates import Outcome
from app.core import clock
from app.core.db import db, in_transaction
from app.hours import service as hours
from app.hours.models import HourEntry
from app.hours.rules import HourClass, HourKind, HourPosting, Period, SourceKind
from app.people.models import Membership
from app.people.rules import MembershipKind, UnitKind
from app.reports.rules import Figures
from tests.factories import LONG_AGO, Factory

_sources = count(1)


@dataclass(frozen=True)
class Moving:
    """Somebody of a branch who goes over to another on a day."""

    first: int
    second: int
    on: date


@dataclass(frozen=True)
class Served:
    """Minutes of one person; `late`: booked for a month that was closed; `undone_on`: the day on which it was taken back.

    `at`: the branch that organised it; else their own did.
    """

    who: int
    on: date
    minutes: int
    kind: HourKind
    hour_class: HourClass
    late: date | None = None
    undone_on: date | None = None
    at: int | None = None


@dataclass(frozen=True)
class Held:
    """An activity of a branch. `ended` None: cancelled."""

    branch: int
    on: date
    kind: ActivityKind
    served: int | None
    came: int | None
    cancelled: bool = False
    lifts: int = 0


@dataclass
class World:
    """A community with three branches; numbers of branches and people count from 0."""

    make: Factory
    people: list[Moving]
    served: list[Served]
    held: list[Held]
    branches: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def build(self) -> "World":
        self.community = self.make.unit(kind=UnitKind.COMMUNITY)
        self.branches = [self.make.unit(parent=self.community) for _ in range(3)]
        self.ids = [self.make.person() for _ in self.people]
        by = self.make.person()
        in_transaction(self._belong)
        in_transaction(self._serve)
        for one in self.held:
            activity = self.make.activity(self.branches[one.branch], by, kind=one.kind)
            self.make.shift(activity, clock.at_local(one.on) + timedelta(hours=9), 2)
            in_transaction(lambda activity=activity, one=one: self._close(activity, one))  # type: ignore[misc]
        db.session.expire_all()
        return self

    def _belong(self) -> None:
        rows = []
        for person, moving in zip(self.ids, self.people, strict=True):
            one = {"person_id": person, "kind": MembershipKind.HOME}
            rows += [
                one | {"unit_id": self.branches[moving.first], "valid_from": LONG_AGO, "valid_to": moving.on},
                one | {"unit_id": self.branches[moving.second], "valid_from": moving.on, "valid_to": None},
            ]
        db.session.execute(insert(Membership), rows)

    def home(self, who: int, day: date) -> int:
        moving = self.people[who]
        return moving.first if day < moving.on else moving.second

    def host(self, one: Served) -> int:
        return self.home(one.who, one.on) if one.at is None else one.at

    def _serve(self) -> None:
        for one in self.served:
            source, home = next(_sources), self.branches[self.home(one.who, one.on)]
            same = {"person_id": self.ids[one.who], "home_unit_id": home, "activity_id": None}
            same |= {"organising_unit_id": home if one.at is None else self.branches[one.at]}
            same |= {"served_on": one.on, "hour_class": one.hour_class, "kind": one.kind, "source_kind": SourceKind.IMPORT}
            hours.post([HourPosting(**same, minutes=one.minutes, source_id=source, counted_on=one.late)], clock.now())
            if one.undone_on:
                entry = db.session.scalar(select(HourEntry.id).where(HourEntry.source_id == source, HourEntry.reverses_id.is_(None)))
                counted = one.undone_on if one.undone_on > one.on else None
                back = HourPosting(
                    **same, minutes=-one.minutes, source_id=source, reverses_id=entry, reason="记错了", counted_on=counted or one.late
                )
                hours.post([back], clock.now())

    def _close(self, activity: int, one: Held) -> None:
        row = db.session.get(Activity, activity)
        assert row
        if one.cancelled:
            row.cancelled_at = clock.now()
        elif one.served is not None:
            row.closed_at, row.closed_by_id, row.served_count, row.came_counted = clock.now(), row.contact_id, one.served, one.came
            if one.lifts:
                db.session.execute(insert(ActivityOutcome).values(activity_id=activity, kind=Outcome.LIFTS, count=one.lifts))

    def counted(self) -> list[tuple[Served, date, int, int]]:
        """Every entry of the ledger: (of what, the day it counts on, minutes, what it adds to the number of times)."""
        rows = []
        for one in self.served:
            rows.append((one, one.late or one.on, one.minutes, 1))
            if one.undone_on:
                later = one.undone_on if one.undone_on > one.on else one.late or one.on
                rows.append((one, later, -one.minutes, -1))
        return rows

    def figures(self, within: set[int], span: Period, today: date) -> Figures:
        """One by one, of the branches in `within`."""
        day = min(span.last, today)
        held = [one for one in self.held if one.branch in within and not one.cancelled and span.first <= one.on <= min(span.last, today)]
        rows = self.counted()
        mine = [row for row in rows if self.home(row[0].who, row[0].on) in within and span.first <= row[1] <= span.last]
        members = [who for who in range(len(self.people)) if self.home(who, day) in within]
        people = [who for who in members if sum(row[2] for row in rows if row[0].who == who and span.first <= row[1] <= span.last) > 0]
        new = [who for who in people if sum(row[2] for row in rows if row[0].who == who and row[1] < span.first) <= 0]

        def minutes(kind: HourKind, hour_class: HourClass) -> int:
            return sum(row[2] for row in mine if (row[0].kind, row[0].hour_class) == (kind, hour_class))

        organised = [row for row in rows if self.host(row[0]) in within and span.first <= row[1] <= span.last]

        def by_host(hour_class: HourClass) -> int:
            return sum(row[2] for row in organised if (row[0].kind, row[0].hour_class) == (HourKind.SERVICE, hour_class))

        return Figures(
            held=len(held),
            came=sum(one.came or 0 for one in held if one.served is not None),
            served=sum(one.served or 0 for one in held),
            members=len(members),
            people=len(people),
            newcomers=len(new),
            times=sum(row[3] for row in mine),
            service_credit=minutes(HourKind.SERVICE, HourClass.CREDIT),
            service_honour=minutes(HourKind.SERVICE, HourClass.HONOUR),
            study_credit=minutes(HourKind.STUDY, HourClass.CREDIT),
            study_honour=minutes(HourKind.STUDY, HourClass.HONOUR),
            organised_credit=by_host(HourClass.CREDIT),
            organised_honour=by_host(HourClass.HONOUR),
        )
