"""A report can be ended: by the member, by their branch and by the community; what was taken on there goes back."""

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.people.models import Membership
from app.people.rules import MembershipKind, StageKind, UnitKind
from app.pledges import queries, service
from app.pledges.models import Offer
from app.worklist.models import Notice
from tests.duties.conftest import TODAY


def notices(person):
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person).order_by(Notice.id)))


def end(town, by=None, unit=None):
    return in_transaction(lambda: service.end_report(town.member, unit or town.here, by or town.member, clock.now()))


def test_the_report_ends_today_and_what_is_not_done_is_given_back(town):
    town.report()
    offer = town.offer(seats=1)
    town.pledge(offer)
    assert end(town) == 1
    assert queries.report_of(town.member, TODAY) is None
    ties = select(Membership.unit_id, Membership.valid_to).where(Membership.kind == MembershipKind.REPORTED)
    assert db.session.execute(ties).all() == [(town.here, TODAY)]
    assert db.session.scalar(select(Offer.taken).where(Offer.id == offer)) == 0
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "report_in.end")).one()
    assert (event.actor_id, event.subject_id, event.detail) == (town.member, town.member, {"unit": town.here, "given_back": 1})
    assert town.report()  # and may begin again, the same day


def test_both_units_learn_of_it_without_a_name_and_the_member_when_another_did_it(town):
    town.report()
    end(town, by=town.host)
    assert notices(town.home)[-1] == "您的支部有一位党员结束了在灯湖社区党委的报到"
    assert notices(town.member)[-1] == "您在灯湖社区党委的报到结束了"
    assert not any("结束" in said for said in notices(town.host))


def test_a_page_that_is_out_of_date_ends_nothing(town):
    with pytest.raises(Conflict):
        end(town)
    town.report(unit=town.there)
    with pytest.raises(Conflict):
        end(town)
    assert queries.report_of(town.member, TODAY).unit_id == town.there


def test_the_member_ends_it_on_their_phone_after_reading_what_goes_back(town, as_person):
    town.report(), town.pledge(town.offer())
    browser = as_person(town.member)
    assert "/report-in/closing" in browser.get("/report-in").text
    page = browser.get("/report-in/closing").text
    assert "结束在灯湖社区党委的报到" in page
    assert "楼道安全员" in page
    said = browser.post("/report-in/closing", data={"unit": town.here}, follow_redirects=True).text
    assert "报到结束了，退回认领 1 项" in said
    assert "到居住的社区报到" in said
    again = browser.post("/report-in/closing", data={"unit": town.here}, follow_redirects=True).text
    assert "刚刚已经结束" in again
    assert browser.get("/report-in/closing").headers["Location"] == "/report-in"


@pytest.mark.parametrize("who", ["home", "host"])
def test_the_secretary_of_either_unit_ends_it_for_the_member(town, as_person, who):
    town.report()
    browser, address = as_person(getattr(town, who)), f"/pledges/people/{town.member}/closing"
    listed = f"/branch/people/{town.member}/report-in" if who == "home" else f"/pledges?unit={town.here}"
    assert address in browser.get(listed).text
    assert "先问过本人" in browser.get(address).text
    assert "何嘉怡的报到结束了" in browser.post(address, data={"unit": town.here}, follow_redirects=True).text
    assert queries.report_of(town.member, TODAY) is None


def test_others_can_not_see_that_there_is_a_report(town, make, as_person):
    elsewhere = make.unit("平洲社区党委", UnitKind.COMMUNITY, parent=town.root)
    other = make.person("潘伟强", home=elsewhere, stage=StageKind.MEMBER)
    make.grant(other, Role.SECRETARY, elsewhere)
    town.report()
    browser, address = as_person(other), f"/pledges/people/{town.member}/closing"
    assert browser.get(address).status_code == 404
    assert browser.post(address, data={"unit": town.here}).status_code == 404
    assert as_person(town.member).get(address).status_code == 404
