"""报到社区 changed by a roster: what was taken on at the community left is given back, as on the member's own page; and back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.imports import running
from app.people.rules import StageKind, UnitKind
from app.pledges import queries
from app.pledges import service as pledges
from app.pledges.models import Offer, Pledge
from app.pledges.rules import OfferDraft, OfferKind
from app.worklist.models import Notice
from tests.imports.sheet import DAY, file, write

MEMBER = {"政治面貌": "正式党员", "进入当前阶段日期": "2020-01-01", "报到社区": "桂雅社区"}


@pytest.fixture
def town(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    here, there = (make.unit(name, UnitKind.COMMUNITY, parent=root) for name in ("灯湖社区党委", "桂雅社区党委"))
    branch = make.unit("灯湖社区第一党支部", parent=here)
    member = make.person("何嘉怡", home=branch, phone="13800138000", stage=StageKind.MEMBER)
    host = make.person("罗国栋", home=here, stage=StageKind.MEMBER)
    return {"here": here, "there": there, "branch": branch, "member": member, "host": host}


def offer(town, title, seats=None, at="here"):
    draft = OfferDraft(town[at], OfferKind.POST, title, "", seats, DAY, None)
    return in_transaction(lambda: pledges.create_offer(draft, town["host"], clock.now()))


def take(offer_id, person):
    return in_transaction(lambda: pledges.pledge(offer_id, person, person, clock.now()))


def report(person, unit):
    return in_transaction(lambda: pledges.report_in(person, unit, person, clock.now()))


def later(minutes):
    return clock.frozen_at(clock.now() + timedelta(minutes=minutes))


def standing(person):
    return {one.title: one.done_at is not None for one in queries.standing([person]).get(person, [])}


def taken(offer_id):
    return db.session.scalar(select(Offer.taken).where(Offer.id == offer_id))


def test_a_roster_that_moves_a_report_gives_back_what_is_not_done_and_the_undo_restores_it(town):
    member = town["member"]
    report(member, town["here"])
    done, waiting, left = offer(town, "楼道安全员"), offer(town, "周末陪读", 1), offer(town, "早就退了")
    for one in (done, waiting, left):
        take(one, member)
    ids = list(db.session.scalars(select(Pledge.id).order_by(Pledge.id)))
    in_transaction(lambda: pledges.confirm_done(ids[0], town["host"], clock.now()))
    in_transaction(lambda: pledges.withdraw(ids[2], member, clock.now()))
    with later(5):
        batch = write(file({**MEMBER, "备注": "换了社区"}))
        assert queries.report_of(member, DAY).unit_id == town["there"]
        assert standing(member) == {"楼道安全员": True}
        assert (taken(done), taken(waiting), taken(left)) == (1, 0, 0)
        assert "原来认领的 1 项退回了" in db.session.scalar(
            select(Notice.text).where(Notice.person_id == member).order_by(Notice.id.desc())
        )
    with later(10):
        running.undo(batch, None, clock.now())
    assert queries.report_of(member, DAY).unit_id == town["here"]
    assert standing(member) == {"楼道安全员": True, "周末陪读": False}
    assert (taken(done), taken(waiting), taken(left)) == (1, 1, 0)
    noted = list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("pledge.%")).order_by(AuditEvent.id)))
    assert noted == ["pledge.confirmation", "pledge.withdrawal", "pledge.withdrawal", "pledge.restoration"]


def test_a_roster_with_the_same_community_or_none_leaves_pledges_alone(town):
    report(town["member"], town["here"])
    take(offer(town, "楼道安全员"), town["member"])
    write(file({**MEMBER, "报到社区": "灯湖社区", "备注": "甲"}))
    with later(5):
        write(file({**MEMBER, "报到社区": None, "备注": "乙"}))
    assert standing(town["member"]) == {"楼道安全员": False}


def test_a_batch_whose_seats_went_to_others_can_not_be_taken_back(town, make):
    member, other = town["member"], make.person("梁凤珍", home=town["branch"], stage=StageKind.MEMBER)
    report(member, town["here"]), report(other, town["here"])
    only = offer(town, "周末陪读", 1)
    take(only, member)
    with later(5):
        batch = write(file(MEMBER))
        take(only, other)
        with pytest.raises(Conflict, match="名额已经给了别人"):
            running.undo(batch, None, clock.now())
    assert standing(member) == {}
    assert queries.report_of(member, DAY).unit_id == town["there"]


def test_a_seat_taken_in_the_last_moment_is_not_taken_away_again(town, make):
    """Between the look at what depends on a batch and taking it back: who has the seat keeps it."""
    member, other = town["member"], make.person("梁凤珍", home=town["branch"], stage=StageKind.MEMBER)
    report(member, town["here"]), report(other, town["here"])
    only, free = offer(town, "周末陪读", 1), offer(town, "楼道安全员", 2)
    take(only, member), take(free, member)
    at = clock.now()
    in_transaction(lambda: pledges.give_back({member: town["here"]}, None, at))
    take(only, other)
    assert in_transaction(lambda: pledges.take_up_again({member: town["here"]}, None, at)) == {member: 1}
    assert standing(member) == {"楼道安全员": False}
    assert (taken(only), taken(free)) == (1, 1)


def test_a_batch_is_not_taken_back_where_somebody_took_something_on_in_the_new_community(town):
    report(town["member"], town["here"])
    with later(5):
        batch = write(file(MEMBER))
        take(offer(town, "夜巡", at="there"), town["member"])
        with pytest.raises(Conflict, match="新报到的社区认领"):
            running.undo(batch, None, clock.now())
