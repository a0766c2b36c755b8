"""Consent: four kinds, each by itself, dated, effective at once; for children only while their guardian agrees. And who looked."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.activities.queries.signups import names_of
from app.checkin import service as checkin
from app.checkin.models import Scan
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.people import queries
from app.people import service as people
from app.people.models import GuardianConsent, Person
from app.people.rules import ConsentKind, GivenHow, Origin, Relation, StageKind, born_before, is_minor, minor_until
from tests.leaderboards.conftest import _nothing_kept, branch, community, give, street  # noqa: F401

TODAY = date(2026, 11, 21)


@pytest.fixture
def secretary(make, branch):  # noqa: F811
    person = make.person("李柏豪", home=branch)
    make.grant(person, Role.SECRETARY, branch)
    return person


@pytest.fixture
def child(make, branch, secretary):  # noqa: F811
    person = make.person("何小怡", home=branch)
    in_transaction(lambda: people.edit_profile(person, "何小怡", None, date(2015, 5, 1), "", secretary))
    return person


def agree(person, by):
    now = clock.now()
    in_transaction(lambda: people.record_guardian(person, "何大明", "13700000009", Relation.FATHER, GivenHow.IN_PERSON, by, now))


def say_yes(person, kind=ConsentKind.PERSONAL_BOARD):
    in_transaction(lambda: people.give_consent(person, kind, clock.now()))


BOARD = "/boards?kind=person"


def test_a_withdrawal_shows_at_the_very_next_request_also_to_who_has_the_page_kept(make, branch, give, as_person, client):  # noqa: F811
    person = make.person("何嘉怡", home=branch)
    say_yes(person)
    give(person, 300)
    before = client.get(BOARD)
    assert "何*怡" in before.text
    unchanged = {"If-None-Match": before.headers["ETag"]}
    assert client.get(BOARD, headers=unchanged).status_code == 304
    assert as_person(person).post("/me/consents/personal_board/withdrawal").status_code == 303
    after = client.get(BOARD, headers=unchanged)
    assert after.status_code == 200
    assert "何*怡" not in after.text


def test_each_kind_is_given_and_withdrawn_by_itself(make, branch, as_person):  # noqa: F811
    person = make.person("何嘉怡", home=branch)
    own = as_person(person)
    own.post("/me/consents/big_screen")
    assert queries.consents(person) == {ConsentKind.BIG_SCREEN}
    own.post("/me/consents/contact")
    own.post("/me/consents/big_screen/withdrawal")
    assert queries.consents(person) == {ConsentKind.CONTACT}
    page = own.get("/me/consents").text
    assert "以前的同意和收回" in page
    assert page.count("收回</button>") <= 1


def test_the_history_keeps_every_yes_and_every_no(make, branch):  # noqa: F811
    person = make.person(home=branch)
    for _ in range(2):
        say_yes(person)
        in_transaction(lambda: people.withdraw_consent(person, ConsentKind.PERSONAL_BOARD, clock.now()))
    history = queries.consent_history(person)
    assert [fact.withdrawn_at is not None for fact in history] == [True, True]


def test_an_organiser_sees_the_number_only_while_it_is_agreed(make, branch):  # noqa: F811
    person = make.person(home=branch, phone="13800001234")
    assert names_of([person], TODAY)[person].phone is None
    say_yes(person, ConsentKind.CONTACT)
    assert names_of([person], TODAY)[person].phone == "13800001234"
    in_transaction(lambda: people.withdraw_consent(person, ConsentKind.CONTACT, clock.now()))
    assert names_of([person], TODAY)[person].phone is None


def test_a_child_stands_on_no_board_until_the_guardian_agrees_and_leaves_it_when_that_ends(child, secretary, give, client):  # noqa: F811
    say_yes(child)
    give(child, 300)
    assert "何*怡" not in client.get(BOARD).text
    agree(child, secretary)
    assert "何*怡" in client.get(BOARD).text
    in_transaction(lambda: people.withdraw_guardian(child, secretary, clock.now()))
    assert "何*怡" not in client.get(BOARD).text


def test_a_child_can_not_be_confirmed_before(make, secretary):
    person = in_transaction(lambda: people.record_person("何小怡", Origin.SELF, clock.now(), minor_until=minor_until(2015)))
    assert not in_transaction(lambda: people.confirm_person(person, secretary, clock.now()))
    agree(person, secretary)
    assert in_transaction(lambda: people.confirm_person(person, secretary, clock.now()))


def test_a_guardian_agrees_once_and_never_the_child_itself(child, secretary):
    with pytest.raises(Conflict):
        agree(child, child)
    agree(child, secretary)
    with pytest.raises(Conflict):
        agree(child, secretary)


@pytest.mark.parametrize(
    ("born", "until", "minor"),
    [
        (date(2012, 11, 21), None, False),
        (date(2012, 11, 22), None, True),
        (None, date(2026, 11, 21), False),
        (None, date(2026, 11, 22), True),
        (date(2000, 1, 1), date(2030, 1, 1), False),
        (None, None, False),
    ],
)
def test_who_is_under_fourteen(make, born, until, minor):
    assert is_minor(born, until, TODAY) is minor
    person = make._add(Person, name="孩子", origin=Origin.SELF, recorded_at=clock.now(), note="", birth_date=born, minor_until=until)
    assert (person in queries.needs_guardian([person], TODAY)) is minor, "the database says the same"


def test_the_last_day_of_february(app):
    assert born_before(date(2028, 2, 29)) == date(2014, 2, 28)


def test_an_organiser_writes_it_down_for_a_walk_in_and_then_confirms(make, branch, street, as_person):  # noqa: F811
    organiser = make.person("霍静雯", home=branch)
    make.grant(organiser, Role.ORGANISER, branch)
    activity = make.activity(branch, organiser)
    make.shift(activity)
    shown = ShownCode(uuid4(), activity, Way.POSTER, clock.now())
    person, _ = in_transaction(lambda: checkin.take_in(shown, "何小怡", "13800001234", clock.now(), "d", minor_until(2015)))
    desk = as_person(organiser)
    assert "先记监护人的同意" in desk.get(f"/activities/{activity}/door").text
    desk.post(f"/activities/{activity}/confirmations", data={"person": [person]})
    assert not queries.is_confirmed(person)
    form = {"guardian_name": "何大明", "guardian_phone": "13700000009", "relation": "father", "given_how": "in_person"}
    assert desk.post(f"/people/{person}/guardian", data=form).status_code == 303
    desk.post(f"/activities/{activity}/confirmations", data={"person": [person]})
    assert queries.is_confirmed(person)
    assert db.session.scalar(select(Scan.id).where(Scan.person_id == person)) is not None


def test_an_organiser_can_not_make_a_member_a_child(make, branch, street, as_person):  # noqa: F811
    organiser, boss, adult = (make.person(name, home=branch) for name in ("霍静雯", "岑慧珍", "何嘉怡"))
    make.grant(organiser, Role.ORGANISER, branch)
    make.grant(boss, Role.SECRETARY, branch)
    form = {
        "guardian_name": "何大明",
        "guardian_phone": "13700000009",
        "relation": "father",
        "given_how": "in_person",
        "birth_year": "2015",
    }
    assert as_person(organiser).post(f"/people/{adult}/guardian", data=form).status_code == 422
    assert queries.needs_guardian([adult], TODAY) == frozenset()
    assert as_person(boss).post(f"/people/{adult}/guardian", data=form).status_code == 303


REGISTERING = {"name": "何小怡", "phone": "13800004321", "password": "502931"}


def test_only_who_is_said_to_be_under_fourteen_is_asked_for_a_year(client):
    assert "birth_year" not in client.get("/register").text
    answer = client.post("/register", data=REGISTERING | {"minor": "1"})
    assert answer.status_code == 422
    assert "birth_year" in answer.text
    assert client.post("/register", data=REGISTERING | {"minor": "1", "birth_year": "2005"}).status_code == 422
    assert client.post("/register", data=REGISTERING | {"minor": "1", "birth_year": "2016"}).status_code == 303
    child = db.session.scalars(select(Person.id).where(Person.name == "何小怡")).one()
    assert queries.needs_guardian([child], TODAY) == {child}


def test_an_adult_who_is_signed_in_registers_a_child_and_agrees(make, branch, as_person):  # noqa: F811
    parent = make.person("何大明", home=branch, phone="13700000009")
    desk = as_person(parent)
    form = REGISTERING | {"minor": "1", "birth_year": "2016", "relation": "father"}
    assert desk.post("/register", data=form).status_code == 422, "agreeing is a tick of its own"
    assert desk.post("/register", data=form | {"agrees": "1"}).status_code == 303
    given = db.session.scalars(select(GuardianConsent)).one()
    assert (given.guardian_name, given.recorded_by_id, given.given_how) == ("何大明", parent, GivenHow.BY_ACCOUNT)
    assert queries.needs_guardian([given.person_id], TODAY) == frozenset()


def test_a_child_elsewhere_is_not_found(make, branch, street, child, as_person):  # noqa: F811
    other = make.unit("别处党支部", parent=street)
    stranger = make.person(home=other)
    make.grant(stranger, Role.SECRETARY, other)
    assert as_person(stranger).get(f"/people/{child}/guardian").status_code == 404
    assert as_person(stranger).post(f"/people/{child}/guardian/withdrawal").status_code == 404


def test_one_sees_who_looked_when_and_as_what(make, branch, secretary, as_person):  # noqa: F811
    person = make.person("何嘉怡", home=branch)
    other = make.person("关绮华", home=branch)
    own = as_person(person)
    assert "还没有人打开过" in own.get("/me/looks").text
    desk = as_person(secretary)
    for _ in range(3):
        desk.get(f"/branch/people/{person}")
    page = own.get("/me/looks").text
    for words in ("李柏豪", "支部书记", "这天看了 3 次"):
        assert words in page
    assert "李柏豪" not in as_person(other).get("/me/looks").text
    assert "/me/looks" in own.get("/me/settings").text


def test_an_earlier_role_is_told_as_it_was(make, branch, street, as_person):  # noqa: F811
    person, deputy = make.person("何嘉怡", home=branch), make.person("梁凤珍", home=branch)
    make.grant(deputy, Role.SECRETARY, branch, until=TODAY + timedelta(days=1))
    as_person(deputy).get(f"/branch/people/{person}")
    with clock.frozen_at(datetime(2026, 12, 1, 4, tzinfo=UTC)):
        assert "支部书记" in as_person(person).get("/me/looks").text


def test_a_guardian_is_not_for_who_is_known_to_be_older(make, branch, street, as_person):  # noqa: F811
    organiser, boss = make.person("霍静雯", home=branch), make.person("岑慧珍", home=branch)
    make.grant(organiser, Role.ORGANISER, branch)
    make.grant(boss, Role.SECRETARY, branch)
    born = make._add(
        Person, name="何嘉怡", initials="hjy", origin=Origin.ROSTER, recorded_at=clock.now(), note="", birth_date=date(1971, 3, 2),
        confirmed_at=clock.now(),
    )  # fmt: skip
    member = make.person("梁凤珍", home=branch, stage=StageKind.MEMBER)
    form = {"guardian_name": "何大明", "guardian_phone": "13700000009", "relation": "father", "given_how": "in_person"}
    for person in (born, member):
        for desk in (as_person(organiser), as_person(boss)):
            page = desk.get(f"/people/{person}/guardian")
            assert "不用监护人的同意" in page.text
            assert "guardian_name" not in page.text
            assert "1971" not in page.text
            answer = desk.post(f"/people/{person}/guardian", data=form | {"birth_year": "2015"})
            assert answer.status_code == 422
            assert "没有登记出生日期" not in answer.text
    assert db.session.scalar(select(GuardianConsent.id)) is None
