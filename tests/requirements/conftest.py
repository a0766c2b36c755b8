"""A branch with a secretary, a deputy, two administrators and somebody on the way into the party."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from app.core.db import in_transaction
from app.core.permissions import Role
from app.hours import service as hours
from app.hours.rules import HourClass, HourKind, HourPosting, SourceKind
from app.people.rules import StageKind, UnitKind
from app.requirements import service
from tests.conftest import NOON
from tests.factories import Factory

TODAY = NOON.date()
BEGAN = TODAY - timedelta(days=100)
STAGE = StageKind.ACTIVIST


@dataclass
class Branch:
    make: Factory
    root: int = 0
    community: int = 0
    unit: int = 0
    person: int = 0
    secretary: int = 0
    deputy: int = 0
    administrator: int = 0
    other: int = 0
    _sources: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        make = self.make
        self.root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        self.community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=self.root)
        self.unit = make.unit("锦园第二党支部", parent=self.community)
        self.person = self.activist("何嘉怡")
        self.secretary, self.deputy = self.official("李柏豪", Role.SECRETARY, self.unit), self.official("梁凤珍", Role.DEPUTY, self.unit)
        self.administrator = self.official("刘安", Role.ADMINISTRATOR, self.root)
        self.other = self.official("谭伟强", Role.ADMINISTRATOR, self.root)

    def official(self, name: str, role: Role, unit: int) -> int:
        person = self.make.person(name, home=self.unit, stage=StageKind.MEMBER, stage_since=date(2015, 7, 1))
        self.make.account(person)
        self.make.grant(person, role, unit)
        return person

    def activist(self, name: str, unit: int | None = None, since: date = BEGAN) -> int:
        return self.make.person(name, home=unit or self.unit, stage=STAGE, stage_since=since)

    def serve(
        self, person: int, day: date, minutes: int, kind: HourKind = HourKind.SERVICE, hour_class: HourClass = HourClass.CREDIT, **more: Any
    ) -> int:
        """An entry of the ledger; returns its source, to take it back with."""
        source = next(self._sources)
        one = HourPosting(person, self.unit, self.unit, None, day, hour_class, kind, minutes, SourceKind.CLAIM, source, **more)
        in_transaction(lambda: hours.post([one], NOON))
        return source

    def fill(self, person: int, until: date = BEGAN + timedelta(days=50)) -> None:
        """Both kinds full under version B."""
        for kind in HourKind:
            self.serve(person, until - timedelta(days=1), 2900, kind)
            self.serve(person, until, 150, kind, HourClass.HONOUR, made_by_id=self.deputy, approved_by_id=self.secretary)

    def confirm(
        self, person: int | None = None, by: int | None = None, stage: StageKind = STAGE, began_on: date = BEGAN, now: Any = NOON
    ) -> int:
        who, whose = by or self.secretary, person or self.person
        return in_transaction(lambda: service.confirm(whose, stage, began_on, who, "", "/me/double50", now))

    def withdraw(self, pack: int, by: int, now: Any = NOON) -> None:
        in_transaction(lambda: service.withdraw(pack, by, "时长有误", f"/double50/packs/{pack}", now))


@pytest.fixture
def branch(make: Factory) -> Branch:
    return Branch(make)
