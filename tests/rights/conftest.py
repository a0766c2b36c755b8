"""A volunteer with a record of everything, in a branch with a secretary and an administrator."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from app.core import clock
from app.core.db import Base, db, in_transaction
from app.core.permissions import Role
from app.people import service as people
from app.people.rules import ConsentKind, Gender, GivenHow, Relation, StageKind, UnitKind
from app.rights import service
from app.rights.rules import How, Kind
from tests.merges.conftest import Two, faults, hours_of, points_of, units


@dataclass
class Place:
    """`person` asks; `secretary` and `administrator` decide; `clerk` writes down."""

    make: Any
    root: int
    branch: int
    person: int
    secretary: int
    administrator: int
    clerk: int

    @property
    def two(self) -> Two:
        return Two(self.make, self.root, self.branch, self.person, self.clerk, self.secretary, self.administrator)

    def ask(self, kind: Kind = Kind.ERASURE, *, how: How = How.OWN, by: int | None = None, **wanted: Any) -> int:
        asking = service.Asking(self.person, kind, how, "搬走了，不再参加", wanted, "何妈妈" if how is How.GUARDIAN else "")
        return in_transaction(lambda: service.ask(asking, by or self.person, clock.now()))

    def approve(self, request_id: int, by: int | None = None) -> list[str]:
        return in_transaction(lambda: service.approve(request_id, by or self.administrator, clock.now()))

    def erase(self) -> list[str]:
        return self.approve(self.ask())


@pytest.fixture
def place(make: Any) -> Place:
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    branch = make.unit("灯湖第一党支部", parent=root)
    secretary, administrator, clerk = (make.person(name, home=branch) for name in ("李书记", "王管理", "周组织"))
    make.grant(secretary, Role.SECRETARY, branch)
    make.grant(administrator, Role.ADMINISTRATOR, root)
    make.grant(clerk, Role.ORGANISER, branch)
    person = make.person("欧阳敏仪", home=branch, phone="13822223333", stage=StageKind.ACTIVIST)
    for one in (secretary, administrator):
        make.account(one)
    return Place(make, root, branch, person, secretary, administrator, clerk)


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def everywhere(words: str) -> dict[str, int]:
    """table.column → in how many rows these words stand, over the whole database."""
    found = {}
    for name, source in Base.metadata.tables.items():
        for row in db.session.execute(select(source)):
            for column, value in row._mapping.items():
                if words in str(value):
                    found[f"{name}.{column}"] = found.get(f"{name}.{column}", 0) + 1
    return found


def given_everything(place: Place) -> None:
    """Profile, consents, hours and points: what a volunteer of some months has."""
    person, now = place.person, clock.now()

    def work() -> None:
        people.edit_profile(person, "欧阳敏仪", Gender.FEMALE, date(1980, 5, 1), "会粤剧", place.secretary)
        for kind in ConsentKind:
            people.give_consent(person, kind, now)

    in_transaction(work)
    two = place.two
    for _ in range(3):
        two.serve(person, 90)


def later(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


__all__ = ["GivenHow", "Place", "Relation", "everywhere", "faults", "given_everything", "hours_of", "later", "points_of", "table", "units"]
