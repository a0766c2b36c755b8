"""Leaving the subdistrict, and taking a leaving back while it is fresh: dated facts, nothing deleted, nothing public."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import RoleGrant
from app.audit.keys import open_details
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.people import queries
from app.people import service as people
from app.people.models import Membership
from app.people.rules import DepartureReason, MembershipKind, StageKind
from app.worklist.queries import notices
from tests.leaderboards.conftest import give  # noqa: F401
from tests.people.test_directory import Place

TODAY = date(2026, 11, 21)
R = DepartureReason


@pytest.fixture
def place(make):
    place = Place(make)
    place.member = make.person("何嘉怡", home=place.branch, phone="13800001234", stage=StageKind.MEMBER)
    place.receiver = make.person("梁凤珍", home=place.other)
    make.grant(place.receiver, Role.SECRETARY, place.other)
    make.account(place.receiver)
    return place


@pytest.fixture
def street(place):
    return place.root


def depart(place, reason=R.MOVED, on=TODAY, by=None):
    in_transaction(lambda: people.depart(place.member, place.branch, reason, "大沥镇", on, by or place.secretary, TODAY))


def transfer(place, on=TODAY):
    in_transaction(lambda: people.transfer(place.member, place.branch, place.other, on, place.secretary, TODAY))


def take_back(place, day=TODAY, by=None):
    (row,) = queries.departures_from([place.branch], TODAY)
    in_transaction(lambda: people.take_back(row.id, by or place.secretary, day))


def ties(place):
    rows = db.session.execute(select(Membership.unit_id, Membership.valid_to).where(Membership.person_id == place.member))
    return {tuple(row) for row in rows}


def grants_end(person):
    return db.session.scalars(select(RoleGrant.valid_to).where(RoleGrant.person_id == person)).all()


def test_who_moves_away_has_no_home_from_that_day_and_keeps_the_hours(place, give):  # noqa: F811
    give(place.member, 60, TODAY - timedelta(days=30))
    place.join(place.member, place.team, MembershipKind.TEAM)
    depart(place, on=date(2026, 11, 1))
    assert queries.home_unit_on(place.member, date(2026, 10, 31)) == place.branch
    assert queries.home_unit_on(place.member, date(2026, 11, 1)) is None
    assert (place.team, None) in ties(place), "who moved away may go on serving in a team"
    assert db.session.execute(select(HourEntry.minutes, HourEntry.home_unit_id)).all() == [(60, place.branch)]
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "person.departure")).one()
    (detail,) = open_details([(event.action, event.at, event.detail)])
    assert (detail["reason"], detail["on"], "大沥镇" in str(detail)) == ("moved", "2026-11-01", False)


@pytest.mark.parametrize(("reason", "stays"), [(R.MOVED, {"team", "reported"}), (R.LEFT_PARTY, {"team"}), (R.DIED, set())])
def test_what_else_ends_depends_on_the_reason(place, reason, stays):
    place.join(place.member, place.team, MembershipKind.TEAM)
    place.join(place.member, place.south, MembershipKind.REPORTED)
    depart(place, reason)
    standing = db.session.scalars(select(Membership.kind).where(Membership.person_id == place.member, Membership.valid_to.is_(None)))
    assert {kind.value for kind in standing} == stays


def test_rights_end_everywhere_as_with_a_transfer(place, make):
    make.grant(place.member, Role.ORGANISER, place.lake)
    depart(place)
    assert grants_end(place.member) == [TODAY]


def test_not_for_oneself_nor_on_a_day_to_come_nor_from_where_nobody_is(place):
    with pytest.raises(Refused):
        depart(place, by=place.member)
    with pytest.raises(Invalid):
        depart(place, on=TODAY + timedelta(days=1))
    transfer(place)
    with pytest.raises(Conflict):
        depart(place)


@pytest.mark.parametrize("on", [TODAY, date(2026, 11, 1)])
@pytest.mark.parametrize("leave", [transfer, depart])
def test_taken_back_it_never_was_and_rights_hold_again(place, make, leave, on):
    make.grant(place.member, Role.ORGANISER, place.branch)
    leave(place, on=on)
    take_back(place)
    assert queries.home_unit_on(place.member, TODAY) == queries.home_unit_on(place.member, date(2026, 11, 2)) == place.branch
    assert [tie.unit_id for tie in queries.memberships(place.member)] == [place.branch], "the other one never held"
    assert queries.departures_from([place.branch], TODAY) == []
    assert grants_end(place.member) == [None]
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "person.departure_undo")).all()
    assert len(actions) == 1


def test_a_death_taken_back_brings_back_the_team(place):
    place.join(place.member, place.team, MembershipKind.TEAM)
    depart(place, R.DIED)
    take_back(place)
    assert ties(place) == {(place.branch, None), (place.team, None)}


def test_a_taking_back_comes_within_a_day_and_before_anything_else(place, make):
    transfer(place)
    with pytest.raises(Conflict, match="过了一天"):
        take_back(place, TODAY + timedelta(days=2))
    with pytest.raises(Refused):
        take_back(place, by=place.member)
    third = make.unit("桂南第二党支部", parent=place.south)
    (row,) = queries.departures_from([place.branch], TODAY)
    in_transaction(lambda: people.transfer(place.member, place.other, third, TODAY, place.receiver, TODAY))
    with pytest.raises(Conflict, match="别的变动"):
        in_transaction(lambda: people.take_back(row.id, place.secretary, TODAY))


def test_the_secretary_records_it_by_a_form_and_sees_and_takes_it_back_on_the_branch_page(place, as_person):
    desk = as_person(place.secretary)
    assert f"/people/{place.member}/departure" in desk.get(f"/people/{place.member}/memberships").text
    form = f"/people/{place.member}/departure"
    assert "去世" in desk.get(form).text
    assert desk.post(form, data={"from": place.branch, "on": "2026-11-21"}).status_code == 422, "why is asked"
    given = {"from": place.branch, "reason": "moved", "note": "大沥镇", "on": "2026-11-21"}
    answer = desk.post(form, data=given)
    assert (answer.status_code, answer.location) == (303, f"/branch?unit={place.branch}")
    page = desk.get(f"/branch?unit={place.branch}").text
    assert all(words in page for words in ("刚离开的", "何嘉怡", "组织关系转出街道", "大沥镇", "撤回"))
    (row,) = queries.departures_from([place.branch], TODAY)
    stranger = as_person(place.receiver)
    assert stranger.post(f"/departures/{row.id}/undoing").status_code == 404
    assert desk.post(f"/departures/{row.id}/undoing").status_code == 303
    assert queries.home_unit_on(place.member, TODAY) == place.branch
    assert "刚离开的" not in desk.get(f"/branch?unit={place.branch}").text


def test_a_transfer_stays_in_view_for_some_days_and_then_can_be_asked_back(place, as_person):
    transfer(place)
    assert "已转走" in as_person(place.secretary).get(f"/branch?unit={place.branch}").text
    for days, seen, button in ((1, True, True), (2, True, False), (14, True, False), (15, False, False)):
        with clock.frozen_at(clock.now() + timedelta(days=days)):
            page = as_person(place.secretary).get(f"/branch?unit={place.branch}").text
        assert ("已转走" in page, "/undoing" in page) == (seen, button), days
        assert ("可请对方转回" in page) == (seen and not button), days


def test_the_receiving_secretary_is_told_when_it_is_taken_back(place):
    transfer(place)
    take_back(place)
    assert next(note.text for note in notices(place.receiver)) == "何嘉怡的组织关系撤回了，还在锦园第一党支部"


def test_why_somebody_left_is_for_those_who_may_edit_and_stays_with_the_person(place, make, as_person):
    depart(place, R.LEFT_PARTY)
    admin = make.person("冼柏豪", home=place.other)
    make.grant(admin, Role.ADMINISTRATOR, place.root)
    assert "退党、除名或开除党籍" in as_person(admin).get(f"/people/{place.member}/memberships").text
    reader = make.person("关绮华", home=place.other)
    make.grant(reader, Role.AUDITOR, place.root)
    page = as_person(reader).get(f"/branch?unit={place.branch}").text
    assert "退党" not in page
