"""A small, invented place for one test: a branch of a community, its people, and a festival that is going on right now."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import count
from uuid import uuid4

from sqlalchemy import func, select

from app.accounts import service as accounts
from app.activities.queries import activity as read_activity
from app.activities.rules import ActivityKind, CodeWay
from app.checkin import service as checkin
from app.checkin.models import Attendance, Scan
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import StageKind, UnitKind
from tests.browser.server import Server
from tests.factories import Factory

PASSWORD = "锦园 楼下 the 榕树 1"
NAMES = ("陈志明", "李秀英", "黄国强", "梁小玲", "何建辉", "吴美芳")


@dataclass
class Town:
    server: Server
    make: Factory = field(default_factory=Factory)
    _numbers = count(1)

    @cached_property
    def community(self) -> int:
        return self.make.unit(f"灯湖第{next(self._numbers)}社区党委", UnitKind.COMMUNITY, parent=self.server.root)

    @cached_property
    def branch(self) -> int:
        """With enough members for the boards."""
        branch = self.make.unit(f"锦园第{next(self._numbers)}党支部", parent=self.community)
        for name in NAMES:
            self.make.person(name, home=branch, stage=StageKind.MEMBER)
        return branch

    @cached_property
    def organiser(self) -> int:
        return self.official("霍静雯", Role.ORGANISER, self.community)

    @cached_property
    def secretary(self) -> int:
        return self.official("李丽华", Role.SECRETARY, self.branch)

    @cached_property
    def deputy(self) -> int:
        return self.official("张文辉", Role.DEPUTY, self.branch)

    def official(self, name: str, role: Role, unit: int, phone: str | None = None) -> int:
        person = self.resident(name, unit, phone, stage=StageKind.MEMBER)
        self.make.grant(person, role, unit)
        return person

    def resident(self, name: str, home: int | None = None, phone: str | None = None, stage: StageKind | None = None) -> int:
        """With an account; with `phone` also with PASSWORD (a slow hash)."""
        person = self.make.person(name, home=home or self.branch, stage=stage, phone=phone)
        self.make.account(person, phone or self.phone(), accounts.hash_secret(PASSWORD) if phone else "-")
        return person

    def phone(self) -> str:
        """A number that nobody has yet."""
        return f"137{next(self._numbers):08d}"

    def festival(self, *, way: CodeWay = CodeWay.ROTATING, kind: ActivityKind = ActivityKind.SERVICE, title: str = "灯湖邻里节") -> int:
        """Going on since two hours and for two more."""
        activity = self.make.activity(
            self.community if kind is ActivityKind.SERVICE else self.branch, self.organiser, title=title, way=way, kind=kind
        )
        self.make.shift(activity, clock.now() - timedelta(hours=2), 4)
        return activity

    def came_an_hour_ago(self, activity: int, person: int) -> None:
        then = clock.now() - timedelta(minutes=65)
        shown = ShownCode(uuid4(), activity, Way.ROTATING, then)
        in_transaction(lambda: checkin.record_scan(shown, person, then))

    def code(self, activity: int) -> str:
        found = read_activity(activity)
        assert found
        return found.code

    def spells(self, activity: int) -> int:
        """How many spells are on record, and no more than one scan made each."""
        return self._count(select(func.count()).select_from(Attendance).where(Attendance.shift_id.in_(self._shifts(activity))))

    def scans(self, activity: int) -> int:
        return self._count(select(func.count()).select_from(Scan).where(Scan.activity_id == activity))

    def _shifts(self, activity: int) -> list[int]:
        from app.activities.queries import shifts_of

        return [shift.id for shift in shifts_of(activity)]

    def _count(self, statement) -> int:  # type: ignore[no-untyped-def]
        return int(db.session.scalar(statement) or 0)
