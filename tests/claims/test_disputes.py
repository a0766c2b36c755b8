"""这条记录不对: said by the person, answered in writing by somebody else; made void only by who had no part in it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.checkin import service as checkin
from app.checkin.models import Attendance
from app.checkin.rules import ShownCode, Way
from app.claims import queries, service
from app.claims.models import Dispute
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours import totals
from app.worklist import queries as worklist
from tests.conftest import NOON


@pytest.fixture
def record(branch, members):
    """A record that somebody scanned themselves: in and out, an hour and a half."""
    person = members[0]
    for minutes in (0, 90):
        at = branch.start + timedelta(minutes=minutes)
        shown = ShownCode(uuid4(), branch.activity, Way.POSTER, at)
        with clock.frozen_at(at):
            in_transaction(lambda shown=shown, at=at: checkin.record_scan(shown, person, at))
    return db.session.scalars(select(Attendance.id).where(Attendance.person_id == person)).one()


def say(person, record, words="我十一点才走"):
    return in_transaction(lambda: service.dispute(record, person, words, "/work", clock.now()))


def answer(dispute, by, words="查实了，是您说的那样", *, void=False):
    in_transaction(lambda: service.answer(dispute, by, words, void=void, own_url="/me", now=clock.now()))


def test_it_is_said_answered_and_read(branch, members, record):
    one = say(members[0], record)
    assert queries.disputes_of(members[0])[record].answered_at is None
    answer(one, branch.deputy)
    row = queries.disputes_of(members[0])[record]
    assert (row.said, row.answer, row.answerer_name) == ("我十一点才走", "查实了，是您说的那样", "罗国栋")
    assert "已有答复" in worklist.notices(members[0])[0].text


def test_those_who_answer_are_told(branch, members, record):
    say(members[0], record)
    assert "不对" in worklist.notices(branch.deputy)[0].text
    assert "不对" in worklist.notices(branch.secretary)[0].text


def test_only_about_a_record_of_ones_own(branch, members, record):
    with pytest.raises(NotFound):
        say(members[1], record)


def test_saying_it_twice_while_it_waits_is_once_and_afterwards_anew(branch, members, record):
    one = say(members[0], record)
    assert say(members[0], record, "再说一次") == one
    answer(one, branch.deputy)
    assert say(members[0], record, "还是不对") != one
    assert [row.said for row in queries.disputes_about(record)] == ["我十一点才走", "还是不对"]


def test_nobody_answers_for_themselves(branch, members, record, make):
    make.grant(members[0], Role.DEPUTY, branch.unit)
    one = say(members[0], record)
    with pytest.raises(Refused):
        answer(one, members[0])
    assert queries.waiting_disputes(make.actor(members[0]), NOON) == []
    by_force = update(Dispute).where(Dispute.id == one).values(answer="好", answered_at=NOON, answered_by_id=members[0])
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(by_force))


def test_an_answer_stands(branch, members, record):
    one = say(members[0], record)
    answer(one, branch.deputy)
    with pytest.raises(Conflict, match="罗国栋"):
        answer(one, branch.secretary, "不是这样")


def test_made_void_it_counts_no_more_and_the_reversal_says_why(branch, members, record):
    one = say(members[0], record, "那天我没去")
    assert hours.sums(members[0]).service_credit == 90
    answer(one, branch.deputy, "确实没来", void=True)
    assert hours.sums(members[0]).service_credit == 0
    assert totals.disagreements() == []
    row = queries.dispute(one)
    assert (row.spell.excluded, row.spell.credited, row.counted) == (True, False, "作废了，不计")
    again = say(members[0], record)
    with pytest.raises(Refused):
        answer(again, branch.deputy, void=True)


def test_who_had_a_part_in_the_record_does_not_make_it_void(branch, members, record, make):
    one = say(members[0], record)
    assert not queries.may_void(queries.dispute(one), branch.secretary, NOON), "the secretary made the activity"
    with pytest.raises(Refused, match="另一位"):
        answer(one, branch.secretary, void=True)
    assert queries.dispute(one).answered_at is None, "nothing half-done"
    branch.approve(branch.name([members[1]]))
    paper = db.session.scalars(select(Attendance.id).where(Attendance.person_id == members[1])).one()
    two = say(members[1], paper)
    for person in (branch.secretary, branch.deputy):  # the one named, the other confirmed
        assert not queries.may_void(queries.dispute(two), person, NOON)


def test_an_open_record_or_one_just_ended_is_not_made_void(branch, members, make):
    activity = make.activity(branch.unit, branch.secretary, title="巡查")
    make.shift(activity, NOON, 3)
    shown = ShownCode(uuid4(), activity, Way.POSTER, NOON)
    in_transaction(lambda: checkin.record_scan(shown, members[2], NOON))
    record = db.session.scalars(select(Attendance.id).where(Attendance.person_id == members[2])).one()
    one = say(members[2], record)
    with pytest.raises(Refused):
        answer(one, branch.deputy, void=True)
    with pytest.raises(Conflict):
        in_transaction(lambda: checkin.void(record, branch.deputy, "没来", NOON))


def test_it_waits_for_the_units_own_first(branch, members, record, make):
    chief = make.person("梁凤珍")
    make.grant(chief, Role.ADMINISTRATOR, branch.street)
    chief, deputy = make.actor(chief), make.actor(branch.deputy)
    one = say(members[0], record)
    assert [row.id for row in queries.waiting_disputes(deputy, NOON)] == [one]
    assert queries.waiting_disputes_count(deputy, NOON) == 1
    assert queries.waiting_disputes_count(chief, NOON) == 0
    assert queries.waiting_disputes_count(chief, NOON + timedelta(days=9)) == 1
