"""Finding people: by name, initials, phone or unit, and only those within one's rights."""

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people import queries
from app.people import service as people
from app.people.rules import MembershipKind, StageKind, UnitKind
from tests.conftest import statements


class Place:
    """Two communities with a branch each, a team, and somebody who reads each."""

    def __init__(self, make):
        self.make = make
        self.root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        self.lake, self.south = (make.unit(f"{name}社区党委", UnitKind.COMMUNITY, self.root) for name in ("灯湖", "桂南"))
        self.branch, self.other = make.unit("锦园第一党支部", parent=self.lake), make.unit("桂南在职党支部", parent=self.south)
        self.team = make.unit("灯湖分队", UnitKind.TEAM, self.lake)
        self.secretary = make.person("李柏豪", home=self.branch, phone="13700000001")
        make.grant(self.secretary, Role.SECRETARY, self.branch)
        self.community = make.person("罗国栋", home=self.branch)
        make.grant(self.community, Role.SECRETARY, self.lake)

    def join(self, person, unit, kind):
        in_transaction(lambda: people.join(person, unit, kind, clock.today()))


@pytest.fixture
def place(make):
    return Place(make)


def found(words, *roots, **more):
    return [row.name for row in queries.search(words, roots, clock.today(), **more).rows]


def test_by_part_of_a_name_by_initials_by_phone_and_by_unit(make, place):
    make.person("何嘉怡", home=place.branch, phone="13800001234")
    make.person("曾小敏", home=place.other, phone="13800005678")
    for words in ("嘉怡", "何嘉怡", "hjy", "HJY", "jy", "1234", "13800001234", "锦园 何", "灯湖 hjy"):
        assert "何嘉怡" in found(words, place.root) or words.startswith("灯湖"), words
    assert found("zxm", place.root) == ["曾小敏"]
    assert found("5678", place.root) == ["曾小敏"]
    assert found("桂南", place.root) == ["曾小敏"]
    assert found("桂南 嘉怡", place.root) == []
    assert found("13800001239", place.root) == []


def test_one_surname_stands_together_also_over_the_pages(make, place):
    for given in ("志明", "婉仪", "国强", "文", "阿妹", "小燕", "子轩"):
        for surname in "岑蔡崔陈":
            make.person(surname + given, home=place.branch)
    names, after = [], None
    while True:
        page = queries.search("", [place.branch], clock.today(), after=after)
        names += [row.name for row in page.rows]
        after = page.after
        if after is None:
            break
    surnames = [name[0] for name in names]
    assert len(names) == len(set(names)) == 30
    assert [one for nth, one in enumerate(surnames) if nth == 0 or surnames[nth - 1] != one] == list(dict.fromkeys(surnames))


@pytest.mark.parametrize("words", ["%", "_", "%%", "' OR 1=1", "\\"])
def test_signs_of_the_database_mean_themselves(make, place, words):
    make.person("何嘉怡", home=place.branch)
    assert found(words, place.root) == []


def test_a_number_given_up_finds_nobody(make, place):
    person = make.person("何嘉怡", home=place.branch, phone="13800001234")
    row = queries.phone_history(person)[0]
    in_transaction(lambda: people.close_number(person, row.id, clock.today(), place.secretary))
    assert found("1234", place.root) == []


def test_a_secretary_finds_own_members_and_who_reported_in_or_is_of_a_team_there(make, place):
    stranger = make.person("何嘉怡", home=place.other, stage=StageKind.MEMBER)
    assert found("hjy", place.lake) == []
    place.join(stranger, place.lake, MembershipKind.REPORTED)
    assert found("hjy", place.lake) == ["何嘉怡"]
    mate = make.person("何嘉仪", home=place.other)
    place.join(mate, place.team, MembershipKind.TEAM)
    assert found("hjy", place.lake) == ["何嘉怡", "何嘉仪"]
    assert found("hjy", place.branch) == []


def test_a_guest_shows_no_stage_and_a_team_mate_not_even_the_branch(make, place):
    reported = make.person("何嘉怡", home=place.other, stage=StageKind.MEMBER)
    mate = make.person("何嘉仪", home=place.other, stage=StageKind.MEMBER)
    place.join(reported, place.lake, MembershipKind.REPORTED)
    place.join(mate, place.team, MembershipKind.TEAM)
    first, second = queries.search("hjy", [place.lake], clock.today()).rows
    assert (first.home, first.stage) == ("桂南在职党支部", None)
    assert (second.home, second.stage) == ("", None)
    assert found("桂南", place.lake) == [], "nor can the branch be guessed by searching for it"


def test_where_a_member_of_another_branch_merely_lives_they_are_a_guest_and_not_edited(make, place, as_person):
    lives = make.person("何嘉怡", home=place.other, stage=StageKind.MEMBER)
    place.join(lives, place.lake, MembershipKind.RESIDENT)
    (row,) = queries.search("hjy", [place.lake], clock.today()).rows
    assert (row.sight, row.stage) == (queries.Sight.GUEST, None)
    desk = as_person(place.community)
    assert desk.get(f"/people/{lives}/transfer").status_code == 404
    assert "双50" not in desk.get(f"/branch/people/{lives}").text
    resident = make.person("曾小敏")
    place.join(resident, place.lake, MembershipKind.RESIDENT)
    assert queries.sight(resident, [place.lake], clock.today()) is queries.Sight.HOME, "a member nowhere else"


def test_a_guest_who_has_no_home_branch_shows_no_stage_either(make, place):
    place.join(make.person("何嘉怡", stage=StageKind.ACTIVIST), place.lake, MembershipKind.REPORTED)
    (row,) = queries.search("hjy", [place.lake], clock.today()).rows
    assert (row.sight, row.stage) == (queries.Sight.GUEST, None)


def test_who_belongs_nowhere_is_found_by_the_subdistrict_only(make, place):
    make.person("何嘉怡")
    assert found("hjy", place.root) == ["何嘉怡"]
    assert found("hjy", place.lake, place.south) == []


def test_numbers_are_masked_in_lists_and_whole_on_the_page_that_logs_who_looked(make, place, as_person):
    own = make.person("何嘉怡", home=place.branch, phone="13800001234")
    stranger = make.person("何嘉仪", home=place.other, phone="13900009876")
    place.join(stranger, place.lake, MembershipKind.REPORTED)
    page = as_person(place.community).post("/people", data={"q": "hjy"}).text
    assert "138****1234" in page
    assert "13800001234" not in page
    assert "139****9876" in page
    assert "13900009876" not in page
    assert "13800001234" in as_person(place.community).get(f"/branch/people/{own}").text
    assert len(looks_at(own)) == 1
    auditor = make.person("审计员")
    make.grant(auditor, Role.AUDITOR, place.root)
    assert "13800001234" not in as_person(auditor).post("/people", data={"q": "hjy"}).text


def looks_at(person):
    return db.session.scalars(select(AuditEvent.id).where(AuditEvent.action == "person.view", AuditEvent.subject_id == person)).all()


def test_to_go_on_after_somebody_out_of_scope_is_to_begin_whoever_it_is(make, place, as_person):
    make.person("何嘉怡", home=place.branch)
    foreign = make.person("周敏", home=place.other)
    desk = as_person(place.secretary)
    pages = [desk.post("/people", data={"after": after}) for after in (foreign, 999_999, 10**30, 0, -1)]
    assert {page.status_code for page in pages} == {200}
    assert all("何嘉怡" in page.text for page in pages)


def test_words_in_an_address_are_not_looked_for(make, place, as_person):
    make.person("何嘉怡", home=place.branch)
    desk = as_person(place.community)
    assert "何嘉怡" in desk.get("/people?q=zzz").text
    assert "何嘉怡" not in desk.post("/people?q=hjy", data={"q": "zzz"}).text


def test_twenty_a_page_everyone_once(make, place):
    names = {make.person(f"何{chr(0x4E00 + number)}", home=place.branch) for number in range(45)}
    seen, after, pages = [], None, 0
    while pages == 0 or after is not None:
        page = queries.search("何", [place.branch], clock.today(), after=after)
        assert len(page.rows) <= 20
        seen += [row.id for row in page.rows]
        after, pages = page.after, pages + 1
    assert (len(seen), set(seen), pages) == (45, names, 3)


def test_the_page_asks_as_much_for_twenty_as_for_one(make, place, as_person):
    desk = as_person(place.community)
    desk.get("/people")
    with statements() as before:
        desk.get("/people")
    for number in range(25):
        one = make.person(f"何{number}", home=place.branch, phone=f"1380000{number:04d}", stage=StageKind.MEMBER)
        place.join(one, place.team, MembershipKind.TEAM)
    with statements() as after:
        desk.get("/people")
    assert len(after) == len(before)


def test_a_unit_elsewhere_is_not_found(place, as_person):
    desk = as_person(place.secretary)
    assert desk.get(f"/people?unit={place.branch}").status_code == 200
    assert desk.get(f"/people?unit={place.other}").status_code == 404


def test_a_guest_opens_with_name_and_hours_only_and_the_look_is_logged(make, place, as_person):
    guest = make.person("何嘉怡", home=place.other, stage=StageKind.ACTIVIST, phone="13800001234")
    place.join(guest, place.lake, MembershipKind.REPORTED)
    page = as_person(place.community).get(f"/branch/people/{guest}").text
    assert "扫码时长" in page
    for hidden in ("入党积极分子", "积分的", "138", "双50"):
        assert hidden not in page, hidden
    assert "罗国栋" in as_person(guest).get("/me/looks").text
    assert as_person(place.secretary).get(f"/branch/people/{guest}").status_code == 404
