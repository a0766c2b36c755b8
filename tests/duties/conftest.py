"""A community with an estate, two branches, their secretaries and members."""

from dataclasses import dataclass
from datetime import date

import pytest

from app.core.db import in_transaction
from app.core.permissions import Role
from app.people import service as people
from app.people.rules import PlaceKind, StageKind, UnitKind
from tests.factories import LONG_AGO


@dataclass
class Street:
    root: int
    community: int
    branch: int
    sibling: int
    building: int
    secretary: int
    neighbour: int
    members: list[int]


@pytest.fixture
def street(make) -> Street:
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch, sibling = make.unit("锦园第一党支部", parent=community), make.unit("锦园第二党支部", parent=community)
    secretary, neighbour = make.person("罗国栋", home=branch), make.person("霍静雯", home=sibling)
    make.grant(secretary, Role.SECRETARY, branch)
    make.grant(neighbour, Role.SECRETARY, sibling)
    make.account(secretary), make.account(neighbour)

    def places() -> int:
        area = people.create_place(PlaceKind.COMMUNITY, "灯湖社区", None, LONG_AGO, None)
        people.tie_place(area, community, LONG_AGO, None)
        estate = people.create_place(PlaceKind.ESTATE, "中海万锦豪园", area, LONG_AGO, None)
        return people.create_place(PlaceKind.BUILDING, "银杏二座", estate, LONG_AGO, None)

    building = in_transaction(places)
    members = [make.person(name, home=branch, stage=StageKind.MEMBER) for name in ("何嘉怡", "冼柏豪", "梁凤珍")]
    return Street(root, community, branch, sibling, building, secretary, neighbour, members)


TODAY = date(2026, 11, 21)
