"""A shift with a limit: who comes without a seat is never sent away, is told, and is confirmed by the organiser all at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.activities import queries as activities
from app.activities import service as activity_service
from app.checkin import queries, service
from app.checkin.models import AttendanceReason
from app.checkin.reasons import Reason
from app.checkin.rules import Outcome, ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from tests.conftest import NOON, statements


def later(minutes):
    return NOON + timedelta(minutes=minutes)


class Fair:
    def __init__(self, make):
        self.make = make
        self.branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
        self.organiser = make.person("霍静雯", home=self.branch)
        make.grant(self.organiser, Role.ORGANISER, self.branch)
        self.activity = make.activity(self.branch, self.organiser)
        self.shift = make.shift(self.activity, NOON, 3, capacity=3)

    def people(self, number):
        return [self.make.person(f"街坊{one}", home=self.branch) for one in range(number)]

    def sign_up(self, person, at=0):
        return in_transaction(lambda: activity_service.take_seat(self.shift, person, later(at)))

    def scan(self, person, minutes):
        shown = ShownCode(uuid4(), self.activity, Way.POSTER, later(minutes))
        with clock.frozen_at(later(minutes)):
            return in_transaction(lambda: service.record_scan(shown, person, later(minutes)))


@pytest.fixture
def fair(make):
    return Fair(make)


def test_nobody_is_sent_away_and_those_beyond_the_seats_are_told(fair):
    seated, *others = fair.people(6)
    fair.sign_up(seated, -600)
    views = [fair.scan(person, minute) for minute, person in enumerate(others)]
    assert {view.outcome for view in views} == {Outcome.IN}
    assert [view.beyond for view in views] == [False, False, True, True, True]
    assert not fair.scan(seated, 20).beyond
    for view in views:
        assert queries.scan_view(view.scan_id).beyond is view.beyond


def test_their_hours_wait_for_the_organiser_who_confirms_them_all_at_once(fair, as_person):
    people = fair.people(6)
    for minute, person in enumerate(people):
        fair.scan(person, minute)
    desk, url = as_person(fair.organiser), f"/activities/{fair.activity}/open-points"
    with clock.frozen_at(later(30)):
        assert "现场来的、超出名额 3 位" in desk.get(url).text
    views = [fair.scan(person, 175) for person in people]
    assert [view.review for view in views] == [False, False, False, True, True, True]
    assert [bool(hours.sums(person).service_credit) for person in people] == [True, True, True, False, False, False]
    assert db.session.scalars(select(AttendanceReason.reason).where(AttendanceReason.reason == Reason.WALK_IN)).all() == []
    with clock.frozen_at(later(200)):
        page = desk.get(url).text
        assert "现场来的、超出名额" in page
        assert "3 条待核实" in page
        assert "没报名，现场来的，来时名额已经满了" in page
        held = [row.id for row in queries.spells_of(fair.activity) if row.held]
        assert (
            "3 条计入了"
            in desk.post(f"/activities/{fair.activity}/decisions", data={"spell": held, "verdict": "count"}, follow_redirects=True).text
        )
    assert all(hours.sums(person).service_credit for person in people)


def test_who_works_here_and_who_was_confirmed_since_waits_for_nobody(fair, make):
    for minute, person in enumerate(fair.people(3)):
        fair.scan(person, minute)
    stranger = make.person("郭志明", confirmed=False)
    for person in (fair.organiser, stranger):
        fair.scan(person, 10)
    with clock.frozen_at(later(60)):
        in_transaction(lambda: service.confirm_walk_ins(fair.activity, [stranger], fair.organiser, frozenset(), later(60)))
    for person in (fair.organiser, stranger):
        assert not fair.scan(person, 175).review
        assert hours.sums(person).service_credit == 165


def test_who_came_counts_in_what_is_left_and_in_whether_sign_up_takes_more(fair, client):
    people = fair.people(6)
    assert activities.shift(fair.shift).left == 3
    fair.scan(people[0], 1)
    with clock.frozen_at(later(2)):
        assert activities.shift(fair.shift).left == 2
        assert activities.seats([fair.activity], later(2))[fair.activity].left == 2
        assert "余 2 位" in client.get(f"/activities/{fair.activity}").text
        assert [fair.sign_up(person, 2).signup.seated for person in people[1:4]] == [True, True, False]
    fair.scan(people[1], 3)  # a seat is no walk-in
    with clock.frozen_at(later(4)):
        assert activities.shift(fair.shift).walk_ins == 1


def test_six_who_walk_in_leave_no_place(fair, client):
    for minute, person in enumerate(fair.people(6)):
        fair.scan(person, minute)
    with clock.frozen_at(later(10)):
        page = client.get(f"/activities/{fair.activity}").text
        assert "余 3 位" not in page
        assert "已满" in page
        assert "现场来了 6 人" in page


def test_without_a_limit_and_with_a_seat_a_check_in_asks_no_more_than_ever(fair, make):
    free, seated, walk_in = Fair(make), *fair.people(2)
    free.shift = make.shift(make.activity(fair.branch, fair.organiser), NOON, 3)
    free.activity = activities.shift(free.shift).activity_id
    fair.sign_up(seated, -600)
    sent = []
    for place, person in ((free, walk_in), (fair, seated)):
        with statements() as asked:
            place.scan(person, 5)
        sent.append(len(asked))
    assert sent[0] == sent[1]


def test_the_volunteer_reads_it_kindly(fair, as_person):
    for minute, person in enumerate(fair.people(3)):
        fair.scan(person, minute)
    from tests.checkin.test_door import code_of, open_code

    phone = as_person(fair.make.person("梁凤珍", home=fair.branch))
    with clock.frozen_at(later(5)):
        answer = phone.post("/scans", data=open_code(phone, code_of(fair.activity)), follow_redirects=True).text
    assert "签到成功" in answer
    assert "您是现场来的" in answer
    assert "一样可以服务" in answer
