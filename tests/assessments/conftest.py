"""A branch under a community under the subdistrict, with who decides there, two members, and points of 2025."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from app.assessments import queries, service
from app.assessments.rules import Address
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import occasions
from app.crediting import service as crediting
from app.crediting.occasions import Occasion
from app.hours import service as hour_ledger
from app.hours.rules import HourClass, HourKind, HourPosting, SourceKind
from app.people.rules import StageKind, UnitKind
from app.points.rules import SchemeKind
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import Said, SubjectKind, Verdict
from tests.factories import Factory

JANUARY = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)  # the books of 2025 closed on the 15th
SUMMER = datetime(2025, 7, 1, 4, 0, tzinfo=UTC)
URL = "/work"


def url_of(publicity_id: int) -> str:
    return f"/publicity/{publicity_id}"


@dataclass
class House:
    """`secretary` and `deputy` are of the branch and in its list; `committee` and `other` decide in the community, `office` above."""

    make: Factory
    street: int
    community: int
    unit: int
    secretary: int
    deputy: int
    committee: int
    other: int
    office: int
    ho: int
    chan: int
    bonus: int = 0  # the source of ho's

    def member(self, name: str, home: int | None = None) -> int:
        return self.make.person(name, home=home or self.unit, stage=StageKind.MEMBER, stage_since=date(2020, 1, 1))

    def give(self, person: int, code: str = "bonus", day: date = date(2025, 6, 3)) -> int:
        """An entry of the ledger by hand; returns its source."""
        source, people = self.make.number(), (self.secretary, self.deputy)
        maker, approver = (one for one in (*people, self.committee) if one != person) if person in people else people
        one = Occasion(person, SchemeKind.MEMBER, code, day, SourceKind.MANUAL, source, self.unit, maker, approver, "支委会讨论")
        assert in_transaction(lambda: occasions.give([one], clock.now())) != [None]
        return source

    def take_back(self, source: int) -> None:
        def work() -> None:
            crediting.reverse(SourceKind.MANUAL, [source], "记错了", clock.now(), made_by_id=self.deputy, approved_by_id=self.secretary)

        in_transaction(work)

    def start(self, by: int | None = None, span: str = "2025", units: list[int] | None = None) -> int:
        return in_transaction(lambda: service.start(units or [self.unit], span, by or self.committee, URL, clock.now()))[0]

    def review(self, one: int, by: int | None = None, remarks: dict[int, str] | None = None, reason: str = "") -> None:
        in_transaction(lambda: service.review(one, by or self.secretary, reason, remarks or {}, URL, clock.now()))

    def retake(self, one: int, by: int | None = None) -> bool:
        return in_transaction(lambda: service.retake(one, by or self.secretary, clock.now()))

    def approve(self, one: int, by: int | None = None) -> None:
        in_transaction(lambda: service.approve(one, by or self.committee, "", URL, clock.now()))

    def send_back(self, one: int, by: int | None = None, reason: str = "漏了一位") -> None:
        in_transaction(lambda: service.send_back(one, by or self.committee, reason, URL, clock.now()))

    def publicise(self, one: int, by: int | None = None) -> int:
        address = Address("0757-86230000", "党群服务中心 201")
        return in_transaction(lambda: service.publicise(one, by or self.secretary, address, url_of, clock.now()))

    def retract(self, one: int, by: int | None = None, reason: str = "异议成立") -> None:
        in_transaction(lambda: service.retract(one, by or self.deputy, reason, URL, clock.now()))

    def lock(self, one: int, by: int | None = None) -> None:
        in_transaction(lambda: service.lock(one, by or self.committee, "/me/assessments", clock.now()))

    def object(self, one: int, by: int, about: int) -> int:
        (shown,) = publicity.standing(SubjectKind.ASSESSMENT, [one]).values()
        return in_transaction(lambda: publicities.object_to(shown.id, Said(about, "少算一次", by_id=by), None, URL, clock.now()))

    def answer(self, objection: int, by: int, verdict: Verdict) -> None:
        in_transaction(lambda: publicities.answer(objection, by, verdict, "查过了", URL, clock.now()))

    def figures(self, one: int) -> queries.Figures:
        row = queries.assessment(one)
        assert row
        return queries.figures(row)


@pytest.fixture
def house(make: Factory) -> House:
    return build(make)


def build(make: Factory) -> House:
    street = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=street)
    unit = make.unit("锦园第一党支部", parent=community)
    since = {"stage": StageKind.MEMBER, "stage_since": date(2020, 1, 1)}
    homes = (unit, unit, community, community, street, unit, unit)
    names = ("霍静雯", "罗国栋", "梁慧珊", "吴锦荣", "谢静怡", "何嘉怡", "陈志远")
    people = [make.person(name, home=home, **since) for name, home in zip(names, homes, strict=True)]
    roles = (Role.SECRETARY, Role.DEPUTY, Role.SECRETARY, Role.DEPUTY, Role.ADMINISTRATOR)
    for person, role, home in zip(people[:5], roles, homes[:5], strict=True):
        make.grant(person, role, home)
        make.account(person)
    built = House(make, street, community, unit, *people)
    with clock.frozen_at(SUMMER):
        first = HourPosting(built.other, unit, unit, None, date(2025, 7, 1), HourClass.CREDIT, HourKind.SERVICE, 60, SourceKind.IMPORT, 1)
        in_transaction(lambda: hour_ledger.post([replace(first, source_id=make.number())], clock.now()))  # with it, books are closed
        built.bonus = built.give(built.ho)
        built.give(built.chan, "absence")
        built.give(built.secretary)
    return built
