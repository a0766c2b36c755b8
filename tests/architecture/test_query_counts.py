"""No page asks more questions of the database because there is more to show: every page, before and after everything has grown.

Pages are found by looking. What is asked for by a parameter is the example of `world`; a page whose parameter has no example
is left out here (the walk of routes insists on examples).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.activities.rules import ActivityKind
from app.claims import service as claims
from app.claims.rules import BatchKind, NamedSpell, Naming
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people import service as people
from app.people.rules import ConsentKind, StageKind, UnitKind
from app.worklist import service as worklist
from tests.conftest import Client, statements
from tests.factories import Factory
from tests.fund.houses import House

sqlite_only = True

FEW, MANY = 2, 9  # the second on top of the first; below the size of any page


class World:
    """A branch in a community, its people and what they did; `grow` gives it more of each."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        self.community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=self.root)
        self.branch = make.unit("锦园第一党支部", parent=self.community)
        self.everything = make.person("霍静雯", home=self.branch, stage=StageKind.MEMBER)
        for role in set(Role) - {Role.TEAM_LEADER}:
            make.grant(self.everything, role, self.root)
        make.account(self.everything)
        self.deputy = make.person("罗国栋", home=self.branch, stage=StageKind.MEMBER)
        make.account(self.deputy)
        make.grant(self.deputy, Role.SECRETARY, self.branch)
        office = make.unit("街道机关党支部", parent=self.root)  # who decides about a project is of another unit than its own
        approver, second = (make.person(name, home=office) for name in ("邵志强", "潘绮文"))
        self.house = House(make, self.root, self.community, self.everything, approver, second, second, second)
        self.project = self.house.project("头一个项目")
        self.activity = make.activity(self.branch, self.everything, title="灯湖邻里节")
        self.shift = make.shift(self.activity, clock.now() - timedelta(minutes=30), 3)
        self.member = make.person("冼柏豪", home=self.branch, phone="13800138000", stage=StageKind.ACTIVIST)

    def examples(self) -> dict[str, Any]:
        return {
            "unit_id": self.branch,
            "person_id": self.member,
            "activity_id": self.activity,
            "shift_id": self.shift,
            "project_id": self.project,
            "kind": "volunteer",
        }

    def grow(self, by: int) -> None:
        for _ in range(by):
            self._one_more()
        db.session.remove()

    def _one_more(self) -> None:
        make, now = self.make, clock.now()
        unit = make.unit(parent=self.community)
        make.unit(kind=UnitKind.TEAM, parent=self.community)
        person = make.person("街坊", home=self.branch, phone=f"1390000{make.number():04d}", stage=StageKind.MEMBER)
        make.account(person)
        in_transaction(lambda: people.give_consent(person, ConsentKind.PERSONAL_BOARD, now))
        make.grant(person, Role.ORGANISER, unit)
        make.signup(self.shift, person)
        newcomer = make.person("新来的", confirmed=False)
        for who in (person, self.everything):
            in_transaction(lambda who=who: worklist.notify(who, "有一件事", "/work"))  # type: ignore[misc]
        upcoming = make.activity(self.branch, self.everything, title="垃圾分类")
        make.signup(make.shift(upcoming, now + timedelta(days=1), 2), self.everything)
        past = make.activity(self.branch, self.everything, title="探访", kind=ActivityKind.SERVICE)
        shift = make.shift(past, now - timedelta(hours=5), 2)
        spell = (now - timedelta(hours=5), now - timedelta(hours=4))
        for named, approved in ((person, True), (self.everything, True), (self.member, False)):
            naming = Naming(past, shift, BatchKind.TICKED, (NamedSpell(named, *spell),), "")
            maker, other = (self.deputy, self.everything) if named != self.everything else (person, self.deputy)
            batch = in_transaction(lambda n=naming, m=maker: claims.name_people(n, m, "/work", now))  # type: ignore[misc]
            if approved:
                in_transaction(lambda b=batch, o=other: claims.approve(b, o, "/work", "/me", now))  # type: ignore[misc]
        project = self.house.project(f"项目{project_number(make)}")
        self.house.donate(10_000, project)
        self.house.ask(project, 100)
        self.house.ask(self.project, 100)
        assert newcomer


def project_number(make: Factory) -> int:
    return make.number()


@pytest.fixture
def world(make: Factory) -> World:
    return World(make)


def pages(app: Flask, examples: dict[str, Any]) -> dict[str, str]:
    """rule → address, of every page that one can ask for."""
    found = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments <= examples.keys() and rule.endpoint != "static":
                found[rule.rule] = app.url_map.bind("shulin.example").build(rule.endpoint, {k: examples[k] for k in rule.arguments})
    return found


def questions(browser: Client, address: str) -> int | None:
    """Statements that a page takes, with nothing left from the request before but what a process keeps; None where it is not there."""
    answer = browser.get(address)
    answer.close()
    if answer.status_code >= 400:
        return None
    db.session.remove()
    with statements() as sent:
        browser.get(address).close()
    return len(sent)


def test_no_page_asks_more_when_there_is_more_to_show(app: Flask, world: World, as_person: Callable[[int], Client]) -> None:
    world.grow(FEW)
    browser = as_person(world.everything)
    asked = pages(app, world.examples())
    before = {rule: few for rule, address in asked.items() if (few := questions(browser, address)) is not None}
    world.grow(MANY)
    after = {rule: questions(browser, asked[rule]) or 0 for rule in before}
    assert not [f"{rule}: {few} statements, then {after[rule]}" for rule, few in before.items() if after[rule] > few]
    assert len(before) > 40
