"""A subdistrict with two branches, members who earned something, a secretary, a deputy and two administrators."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.people.rules import StageKind, UnitKind

DAY = date(2026, 11, 18)


@dataclass
class Village:
    root: int
    branch: int
    other: int
    member: int
    elder: int
    neighbour: int
    secretary: int
    deputy: int
    administrators: tuple[int, int]
    activity: int
    sources: int = 1000

    def credit(self, person: int, minutes: int, day: date = DAY, kind: ActivityKind = ActivityKind.SERVICE) -> None:
        self.sources += 1
        one = Credit(person, self.activity, kind, self.branch, day, minutes, HourClass.CREDIT, self.sources, "1")
        in_transaction(lambda: crediting.credit([one], clock.now()))


@pytest.fixture
def village(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch, other = make.unit("锦园第一党支部", parent=community), make.unit("锦园第二党支部", parent=community)
    names = {"member": "何嘉怡", "elder": "冼柏豪"}
    people = {key: make.person(name, home=branch, stage=StageKind.MEMBER) for key, name in names.items()}
    staff = [make.person(name, home=branch, stage=StageKind.MEMBER) for name in ("霍静雯", "罗国栋")]
    administrators = tuple(make.person(name, home=root) for name in ("梁敏", "周岚"))
    for person, role, unit in ((staff[0], Role.SECRETARY, branch), (staff[1], Role.DEPUTY, branch)):
        make.account(person)
        make.grant(person, role, unit)
    for one in administrators:
        make.account(one)
        make.grant(one, Role.ADMINISTRATOR, root)
    neighbour = make.person("黄丽珍", home=other, stage=StageKind.MEMBER)
    activity = make.activity(branch, staff[0])
    found = Village(root, branch, other, people["member"], people["elder"], neighbour, *staff, administrators, activity)
    for number, (person, minutes) in enumerate(((people["member"], 1350), (people["elder"], 1800), (neighbour, 60))):
        found.credit(person, minutes, DAY - timedelta(days=number))
    return found
