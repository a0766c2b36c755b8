"""The paper sheet: printed with a code per row, signed at the door, keyed in as a list that another confirms."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.checkin.models import Attendance, Scan
from app.checkin.rules import Way
from app.checkin.sheet_codes import SheetCode, read, write
from app.checkin.views.codes import key
from app.claims.models import ClaimBatch
from app.claims.rules import BatchKind
from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.hours import queries as hours
from app.people.models import Person
from tests.conftest import NOON


@pytest.fixture
def fair(make, app):
    class Fair:
        branch = make.unit("灯湖社区党委", parent=make.unit("桂城街道党工委"))
        organiser = make.person("霍静雯", home=branch)
        secretary = make.person("罗国栋", home=branch)
        activity = make.activity(branch, organiser)
        shift = make.shift(activity, NOON, 3)

    Fair.people = [make.person(name, phone=f"1380000{place:04d}") for place, name in enumerate(("何嘉怡", "冼柏豪", "郭志明"), start=1)]
    Fair.signups = [make.signup(Fair.shift, person) for person in Fair.people]
    make.grant(Fair.organiser, Role.ORGANISER, Fair.branch)
    make.grant(Fair.organiser, Role.SECRETARY, Fair.branch)
    make.grant(Fair.secretary, Role.SECRETARY, Fair.branch)
    for person in (Fair.organiser, Fair.secretary):
        make.account(person)
    return Fair


@pytest.fixture
def desk(fair, as_person):
    return as_person(fair.organiser)


def after():
    return clock.frozen_at(NOON + timedelta(hours=5))


def row(fair, place):
    return f"/s/{write(key(), SheetCode(fair.shift, signup_id=fair.signups[place]))}"


class TestPrinting:
    def test_it_names_who_signed_up_and_leaves_rows_for_others(self, fair, desk):
        page = desk.get(f"/activities/{fair.activity}/sheet").text
        for name in ("何嘉怡", "冼柏豪", "郭志明"):
            assert f'<th scope="row">{name}</th>' in page
        for title in ("签到时间", "签退时间", "签名"):
            assert f'<th scope="col">{title}</th>' in page
        assert page.count('<span class="sr">空行</span>') == 9
        assert "第 1 页，共 1 页" in page
        assert page.count('class="qr"') == 13, "one a row, one of the sheet"

    def test_pages_are_numbered(self, fair, make, desk):
        for place in range(10):
            make.signup(fair.shift, make.person(f"街坊{place}"))
        page = desk.get(f"/activities/{fair.activity}/sheet").text
        assert "第 2 页，共 2 页" in page

    def test_only_who_manages_the_activity_prints_it(self, fair, make, as_person):
        assert as_person(fair.people[0]).get(f"/activities/{fair.activity}/sheet").status_code == 404

    def test_its_codes_say_nothing_about_anybody_and_can_not_be_made_up(self, fair):
        token = write(key(), SheetCode(fair.shift, signup_id=fair.signups[0]))
        assert read(key(), token) == SheetCode(fair.shift, signup_id=fair.signups[0])
        assert read(key(), write(key(), SheetCode(fair.shift, row=5))) == SheetCode(fair.shift, row=5)
        assert read(key(), write(key(), SheetCode(fair.shift))) == SheetCode(fair.shift)
        assert read("another key", token) is None
        assert read(key(), token.replace(".s", ".s9")) is None
        assert read(key(), "1.s2") is None
        for person in db.session.scalars(select(Person.name)):
            assert person not in token


class TestKeyingIn:
    def ticked(self, page):
        return set(re.findall(r'name="person" value="(\d+)" checked', page.text))

    def test_a_row_opens_the_page_of_names_with_that_name_ticked(self, fair, desk):
        with after():
            answer = desk.get(row(fair, 1))
            assert answer.location.endswith("#row")
            page = desk.get(answer.location)
        assert self.ticked(page) == {str(fair.people[1])}
        assert 'id="row" data-name="冼柏豪"' in page.text

    def test_row_after_row_they_stay_ticked(self, fair, desk):
        with after():
            desk.get(row(fair, 0))
            page = desk.get(desk.get(row(fair, 2)).location)
        assert self.ticked(page) == {str(fair.people[0]), str(fair.people[2])}

    def test_an_empty_row_and_the_whole_sheet_open_it_too(self, fair, desk):
        with after():
            empty = desk.get(f"/s/{write(key(), SheetCode(fair.shift, row=7))}")
            whole = desk.get(f"/s/{write(key(), SheetCode(fair.shift))}")
            assert empty.location.endswith("#f-name")
            assert f"/activities/{fair.activity}/naming" in whole.location
            assert self.ticked(desk.get(whole.location)) == set()

    def test_nobody_else_gets_anywhere_with_it(self, fair, make, as_person, client):
        assert as_person(fair.people[0]).get(row(fair, 0)).status_code == 404
        assert client.get(row(fair, 0)).status_code == 302
        assert as_person(fair.organiser).get("/s/1.s2.AAAAAAAAAAAA").status_code == 404

    def test_keyed_in_by_one_and_confirmed_by_another_it_stands_as_paper(self, fair, desk, as_person):
        with after():
            page = desk.get(desk.get(row(fair, 0)).location)
            where = f"/activities/{fair.activity}/naming"
            fields = {"shift": fair.shift, "unit": fair.branch, "paper": "1", "person": sorted(self.ticked(page)), "note": "纸质签到表"}
            answer = desk.post(where, data={**fields, "in": "12:00", "out": "14:30"})
            assert answer.status_code == 303, answer.text
            batch, kind = db.session.execute(select(ClaimBatch.id, ClaimBatch.kind)).one()
            assert kind is BatchKind.PAPER
            assert hours.sums(fair.people[0]).service_honour == 0
            assert as_person(fair.organiser).post(f"/claims/{batch}/approval").status_code == 403
            assert hours.sums(fair.people[0]).service_honour == 0, "never by the one who keyed it in"
            as_person(fair.secretary).post(f"/claims/{batch}/approval")
        assert hours.sums(fair.people[0]).service_honour == 150
        assert db.session.execute(select(Attendance.in_way, Attendance.out_way)).one() == (Way.PAPER, Way.PAPER)
        assert set(db.session.scalars(select(Scan.by_id))) == {fair.organiser}
