"""Two communities; a member at home in a branch of the second who lives in the first; a secretary on each side."""

from dataclasses import dataclass

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.people.rules import StageKind, UnitKind
from app.pledges import service
from app.pledges.rules import OfferDraft, OfferKind
from tests.duties.conftest import TODAY


@dataclass
class Town:
    root: int
    here: int  # 灯湖: where the member lives
    there: int  # 桂雅
    branch: int  # of 桂雅: where the member is at home
    member: int
    host: int  # secretary of 灯湖
    home: int  # secretary of the branch
    make: object

    def report(self, person: int | None = None, unit: int | None = None, by: int | None = None) -> bool:
        who = person or self.member
        return in_transaction(lambda: service.report_in(who, unit or self.here, by or who, clock.now()))

    def offer(self, kind: OfferKind = OfferKind.POST, title: str = "楼道安全员", seats: int | None = None, **more: object) -> int:
        draft = OfferDraft(self.here, kind, title, "", seats, more.get("opens", TODAY), more.get("last"))  # type: ignore[arg-type]
        return in_transaction(lambda: service.create_offer(draft, self.host, clock.now()))

    def pledge(self, offer: int, person: int | None = None) -> bool:
        who = person or self.member
        return in_transaction(lambda: service.pledge(offer, who, who, clock.now()))


@pytest.fixture
def town(make) -> Town:
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    here, there = (make.unit(name, UnitKind.COMMUNITY, parent=root) for name in ("灯湖社区党委", "桂雅社区党委"))
    branch = make.unit("翠苑党支部", parent=there)
    member = make.person("何嘉怡", home=branch, phone="13900001234", stage=StageKind.MEMBER)
    host = make.person("罗国栋", home=here, stage=StageKind.MEMBER)
    home = make.person("霍静雯", home=branch, stage=StageKind.MEMBER)
    make.grant(host, Role.SECRETARY, here)
    make.grant(home, Role.SECRETARY, branch)
    for one in (member, host, home):
        make.account(one)
    return Town(root, here, there, branch, member, host, home, make)
