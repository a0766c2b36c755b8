"""The place as the newspaper pages describe it, with invented people: 灯湖社区, 中海万锦豪园, two branches with 108 members."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from flask import current_app

from app.accounts import factors, granting
from app.accounts import service as accounts
from app.core.clock import at_local, local_date
from app.core.db import in_transaction
from app.core.permissions import ALWAYS_DATED, Role
from app.demo.names import Names
from app.people import service as people
from app.people.rules import ConsentKind, Gender, MembershipKind, Origin, PlaceKind, StageKind, UnitKind

PASSWORD = "shulin-demo"
FOUNDED = date(2011, 8, 1)
AGREED = date(2024, 12, 1)  # when consents were given: before everything that boards show
BRANCHES_SINCE = date(2017, 5, 1)
COMMUNITIES = ("灯湖", "同德", "桂雅", "桂南", "桂园", "翠颐", "江滨", "桂花", "怡海")
BRANCHES = {
    "灯湖": (("锦园第一党支部", 56), ("锦园第二党支部", 52)),
    "同德": (("千灯湖一号党支部", 24), ("同德退休党支部", 14)),
    "桂雅": (("翠苑党支部", 22), ("桂雅两新党支部", 9)),
    "桂南": (("金地珑悦党支部", 19), ("桂南在职党支部", 12)),
    "桂园": (("桂园苑党支部", 17), ("桂园退休党支部", 11)),
    "翠颐": (("怡翠花园党支部", 23), ("翠颐第二党支部", 4)),
    "江滨": (("大道东党支部", 15), ("江滨在职党支部", 8)),
    "桂花": (("十七街区党支部", 18), ("桂花第一党支部", 10)),
    "怡海": (("金御华府党支部", 16), ("怡海第一党支部", 7)),
}


@dataclass
class Cast:
    """Who and what the demo is made of; ids throughout."""

    root: int = 0
    communities: dict[str, int] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)  # branch → people
    teams: dict[str, int] = field(default_factory=dict)
    volunteer: int = 0
    organiser: int = 0
    secretary: int = 0
    deputy: int = 0
    second_administrator: int = 0
    administrator: int = 0
    fund_officer: int = 0
    fund_approver: int = 0
    auditor: int = 0


def build(rng: Random, now: datetime) -> Cast:
    """Units, members and accounts, in a few transactions."""
    cast, names = Cast(), Names(rng)
    names.used |= {"何嘉怡", "霍静雯", "李柏豪", "梁凤珍"}
    in_transaction(lambda: _units(cast))
    for community, branches in BRANCHES.items():
        for name, size in branches:
            in_transaction(lambda name=name, size=size, community=community: _members(cast, rng, names, community, name, size, now))  # type: ignore[misc]  # mypy can not infer a lambda's defaults
    secret_hash = accounts.hash_secret(PASSWORD)
    in_transaction(lambda: _demo_accounts(cast, names, secret_hash, now))
    return cast


def _units(cast: Cast) -> None:
    cast.root = people.create_unit(UnitKind.SUBDISTRICT, "桂城街道党工委", None, FOUNDED, None)
    for name in COMMUNITIES:
        unit = people.create_unit(UnitKind.COMMUNITY, f"{name}社区党委", cast.root, FOUNDED, None)
        cast.communities[name] = unit
        place = _place(PlaceKind.COMMUNITY, f"{name}社区", None, unit)
        for branch, _ in BRANCHES[name]:
            cast.branches[branch] = people.create_unit(UnitKind.BRANCH, branch, unit, BRANCHES_SINCE, None)
        if name == "灯湖":
            estate = _place(PlaceKind.ESTATE, "中海万锦豪园", place, None)
            people.tie_place(estate, cast.branches["锦园第一党支部"], BRANCHES_SINCE, None)
            for building in ("银杏一座", "银杏二座", "紫荆一座"):
                _place(PlaceKind.BUILDING, building, estate, None)
            _place(PlaceKind.SERVICE_CENTRE, "灯湖社区党群服务中心", place, unit)
    cast.teams["灯湖街坊会"] = people.create_unit(
        UnitKind.NEIGHBOURS, "灯湖街坊志愿互助会", cast.communities["灯湖"], date(2014, 3, 1), None
    )
    for name in ("灯湖", "同德", "桂雅"):
        team = people.create_unit(UnitKind.TEAM, f"{name}社区志愿服务分队", cast.communities[name], date(2012, 3, 5), None)
        cast.teams[f"{name}分队"] = team


def _place(kind: PlaceKind, name: str, parent: int | None, unit: int | None) -> int:
    place = people.create_place(kind, name, parent, FOUNDED, None)
    if unit is not None:
        people.tie_place(place, unit, FOUNDED, None)
    return place


def _members(cast: Cast, rng: Random, names: Names, community: str, branch: str, size: int, now: datetime) -> None:
    today, unit = local_date(now), cast.branches[branch]
    for place in range(size):
        name, gender = names.draw()
        born = date(rng.randint(1942, 2000), rng.randint(1, 12), rng.randint(1, 28))
        phone = f"199{unit:04d}{place:04d}"
        person = people.record_person(name, Origin.ROSTER, now, phone=phone, gender=gender, birth_date=born, confirmed=True)
        people.join(person, unit, MembershipKind.HOME, date(rng.randint(2017, 2024), rng.randint(1, 12), 1))
        _stages(rng, person, born, place, today)
        if rng.random() < 0.6:
            people.give_consent(person, ConsentKind.PERSONAL_BOARD, at_local(AGREED))
        if place % 3 == 0:  # one in three says yes to being named at the venue and in what is written about it
            people.give_consent(person, ConsentKind.BIG_SCREEN, at_local(AGREED))
            people.give_consent(person, ConsentKind.NAMED_CREDIT, at_local(AGREED))
        if f"{community}分队" in cast.teams and rng.random() < 0.4:
            people.join(person, cast.teams[f"{community}分队"], MembershipKind.TEAM, date(2022, 3, 5))
        cast.members.setdefault(unit, []).append(person)


def _stages(rng: Random, person: int, born: date, place: int, today: date) -> None:
    """Most are members; of each branch a few are being developed."""
    if place in (3, 4):
        people.begin_stage(person, StageKind.APPLICANT, today - timedelta(days=rng.randint(400, 700)))
        people.begin_stage(person, StageKind.ACTIVIST, today - timedelta(days=rng.randint(60, 340)))
    elif place == 5:
        people.begin_stage(person, StageKind.ACTIVIST, today - timedelta(days=rng.randint(600, 900)))
        people.begin_stage(person, StageKind.CANDIDATE, today - timedelta(days=rng.randint(30, 200)))
    elif place in (6, 7):
        people.begin_stage(person, StageKind.PROBATIONARY, today - timedelta(days=rng.randint(40, 330)))
    else:
        people.begin_stage(person, StageKind.MEMBER, date(min(2023, born.year + rng.randint(20, 35)), rng.randint(1, 12), 1))


def _person(
    cast: Cast, name: str, gender: Gender, branch: str, stage: tuple[StageKind, date], now: datetime, secret_hash: str, number: int
) -> int:
    phone = f"1380000{number:04d}"
    person = people.record_person(name, Origin.ROSTER, now, phone=phone, gender=gender, birth_date=date(1988, 6, 1), confirmed=True)
    people.join(person, cast.branches[branch], MembershipKind.HOME, date(2020, 1, 1))
    people.begin_stage(person, *stage)
    accounts.open_account(person, phone, secret_hash, PASSWORD, now)
    return person


def _demo_accounts(cast: Cast, names: Names, secret_hash: str, now: datetime) -> None:
    """13800000001 … 09, in the order of the README; three of the 108 are among them."""
    today = local_date(now)
    first, second = cast.branches["锦园第一党支部"], cast.branches["锦园第二党支部"]
    member = (StageKind.MEMBER, date(2012, 7, 1))

    def staff(number: int, name: str, gender: Gender, branch: str, stage: tuple[StageKind, date] = member) -> int:
        return _person(cast, name, gender, branch, stage, now, secret_hash, number)

    for unit in (first, second):  # room for the demo's own people, so that both branches together have 108
        for spare in cast.members[unit][-3 if unit == second else -1 :]:
            people.leave(spare, unit, MembershipKind.HOME, today)
            cast.members[unit].remove(spare)
    cast.volunteer = staff(1, "何嘉怡", Gender.FEMALE, "锦园第二党支部", (StageKind.ACTIVIST, today - timedelta(days=254)))
    cast.organiser = staff(2, "霍静雯", Gender.FEMALE, "锦园第一党支部")
    cast.secretary = staff(3, "李柏豪", Gender.MALE, "锦园第二党支部")
    cast.deputy = staff(8, "梁凤珍", Gender.FEMALE, "锦园第二党支部")
    for kind in (ConsentKind.PERSONAL_BOARD, ConsentKind.BIG_SCREEN, ConsentKind.NAMED_CREDIT):
        people.give_consent(cast.volunteer, kind, at_local(AGREED))
    cast.administrator = staff(4, names.draw()[0], Gender.MALE, "桂雅两新党支部")
    cast.fund_officer = staff(5, names.draw()[0], Gender.FEMALE, "桂南在职党支部")
    cast.fund_approver = staff(6, names.draw()[0], Gender.MALE, "江滨在职党支部")
    cast.auditor = staff(7, names.draw()[0], Gender.FEMALE, "桂花第一党支部")
    cast.second_administrator = staff(9, "区静文", Gender.FEMALE, "桂花第一党支部")  # what an administrator asks, another decides
    cast.members[first].append(cast.organiser)
    cast.members[second] += [cast.volunteer, cast.secretary, cast.deputy]
    lamp = cast.communities["灯湖"]
    for person, role, unit in (
        (cast.organiser, Role.ORGANISER, lamp),
        (cast.secretary, Role.SECRETARY, second),
        (cast.deputy, Role.DEPUTY, second),
        (cast.administrator, Role.ADMINISTRATOR, cast.root),
        (cast.second_administrator, Role.ADMINISTRATOR, cast.root),
        (cast.fund_officer, Role.FUND_OFFICER, cast.root),
        (cast.fund_approver, Role.FUND_APPROVER, cast.root),
        (cast.administrator, Role.FUND_APPROVER, cast.root),  # the second approver of larger payments
        (cast.auditor, Role.AUDITOR, cast.root),
    ):
        until = today + timedelta(days=365) if role in ALWAYS_DATED else None
        granting.grant_role(person, role, unit, date(2026, 1, 1), None, until)
    with_a_code = (cast.administrator, cast.second_administrator, cast.fund_officer, cast.fund_approver)
    for person in with_a_code:  # the sign-in page of the demo shows it
        factors.put(person, factors.DEMO_KEY, current_app.config["SECRET_KEY"], now)
