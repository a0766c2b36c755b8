"""A street with two communities, an organiser of one of them, a volunteer."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.core import clock
from app.core.permissions import Role
from app.people.rules import UnitKind


@dataclass
class Street:
    top: int
    here: int
    there: int
    team: int
    organiser: int
    volunteer: int


@pytest.fixture
def street(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    here = make.unit("灯湖社区党委", UnitKind.COMMUNITY, top)
    there = make.unit("桂园社区党委", UnitKind.COMMUNITY, top)
    team = make.unit("灯湖街坊会", UnitKind.NEIGHBOURS, here)
    organiser, volunteer = make.person("霍静雯", phone="13800000002"), make.person("何嘉怡", phone="13800000001")
    make.grant(organiser, Role.ORGANISER, here)
    return Street(top, here, there, team, organiser, volunteer)


@pytest.fixture
def tomorrow():
    return clock.now() + timedelta(days=1)


@pytest.fixture
def typed():
    """A form as an organiser fills it in: 22 November, two shifts."""
    return {
        "kind": "service",
        "title": "灯湖邻里节：童玩与旧物市集",
        "day": "2026-11-22",
        "place": "党建广场",
        "description": "带上用不着的玩具来换。",
        "risk_note": "户外站立约 3 小时。",
        "code_way": "",
        "shifts": "2",
        "s0-name": "童玩摊位组",
        "s0-start": "14:00",
        "s0-end": "17:00",
        "s0-break": "15",
        "s0-capacity": "16",
        "s1-name": "清场组",
        "s1-start": "17:00",
        "s1-end": "18:30",
        "s1-break": "0",
        "s1-capacity": "12",
        "do": "publish",
    }


@pytest.fixture
def organiser(street, as_person):
    return as_person(street.organiser)


@pytest.fixture
def volunteer(street, as_person):
    return as_person(street.volunteer)
