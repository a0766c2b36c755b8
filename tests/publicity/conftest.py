"""A branch with a secretary, a deputy and two members, under a community with a secretary of its own; something is publicised."""

from dataclasses import dataclass

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.publicity import service
from app.publicity.rules import Line, Notice, Reach, Said, Subject, SubjectKind, Verdict
from tests.factories import Factory


def url_of(publicity_id: int) -> str:
    return f"/publicity/{publicity_id}"


@dataclass
class Hall:
    """`secretary`, `deputy`, `above` may answer; `ho` and `chan` stand in what is publicised, `outside` belongs to another branch.

    `clerk` publishes, unless somebody else is said to.
    """

    make: Factory
    street: int
    community: int
    unit: int
    sibling: int
    secretary: int
    deputy: int
    above: int
    ho: int
    chan: int
    outside: int
    clerk: int

    def notice(
        self, subject_id: int = 7, reach: Reach = Reach.BRANCH, people: tuple[int, ...] = (), makers: tuple[int, ...] = ()
    ) -> Notice:
        lines = tuple(Line(person, "86.5 分，合格") for person in people or (self.ho, self.chan))
        subject = Subject(SubjectKind.ASSESSMENT, subject_id)
        address = ("", "0757-86230000", "党群服务中心 201")
        return Notice(subject, self.unit, reach, "2026年党员积分考核", lines, *address, makers=frozenset(makers))

    def publish(self, by: int | None = None, **changes) -> int:
        return in_transaction(lambda: service.publish(self.notice(**changes), by or self.clerk, url_of, clock.now()))

    def object(self, publicity: int, by: int | None = None, about: int | None = None, words: str = "少算了一次服务", **more) -> int:
        keyed = more.pop("keyed_by", None)
        said = Said(about, words, by_id=by, **more)
        return in_transaction(lambda: service.object_to(publicity, said, keyed, "/work", clock.now()))

    def answer(self, objection: int, by: int, verdict: Verdict = Verdict.REJECTED, words: str = "查过了，没有少算") -> None:
        in_transaction(lambda: service.answer(objection, by, verdict, words, "/publicity", clock.now()))

    def acknowledge(self, objection: int, by: int) -> None:
        in_transaction(lambda: service.acknowledge(objection, by, "/publicity", clock.now()))

    def conclude(self, publicity: int) -> None:
        in_transaction(lambda: service.conclude(publicity, clock.now()))

    def withdraw(self, publicity: int, reason: str = "漏了一位") -> None:
        in_transaction(lambda: service.withdraw(publicity, self.secretary, reason, clock.now()))


@pytest.fixture
def hall(make: Factory) -> Hall:
    street = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=street)
    unit, sibling = make.unit("锦园第一党支部", parent=community), make.unit("锦园第二党支部", parent=community)
    names = ("霍静雯", "罗国栋", "梁慧珊", "何嘉怡", "陈志远", "谭嘉欣", "谢静怡")
    homes = (unit, unit, community, unit, unit, sibling, street)
    people = [make.person(name, home=home) for name, home in zip(names, homes, strict=True)]
    roles = ((Role.SECRETARY, unit), (Role.DEPUTY, unit), (Role.SECRETARY, community))
    for person, (role, where) in zip(people[:3], roles, strict=True):
        make.grant(person, role, where)
        make.account(person)
    return Hall(make, street, community, unit, sibling, *people)
