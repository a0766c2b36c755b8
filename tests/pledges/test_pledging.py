"""Reporting in and taking on: one community at a time, seats that hold in any race, done only by the community's word."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.people.models import Membership
from app.people.rules import MembershipKind, StageKind
from app.pledges import queries, service
from app.pledges.models import Offer, Pledge
from app.pledges.rules import OfferDraft, OfferKind
from app.worklist.models import Notice
from tests.duties.conftest import TODAY


def taken(offer):
    return db.session.scalar(select(Offer.taken).where(Offer.id == offer))


def pledges_of(person):
    return list(db.session.scalars(select(Pledge.id).where(Pledge.person_id == person).order_by(Pledge.id)))


def notices(person):
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person).order_by(Notice.id)))


def test_a_member_reports_in_once_and_both_units_are_told_without_a_name(town):
    assert town.report()
    assert not town.report()
    report = queries.report_of(town.member, TODAY)
    assert (report.unit_id, report.since) == (town.here, TODAY)
    assert (len(notices(town.host)), len(notices(town.home)), notices(town.member)) == (1, 1, [])
    assert not any("何嘉怡" in said for said in notices(town.host) + notices(town.home))


def test_who_was_reported_in_by_another_is_told(town):
    town.report(by=town.home)
    assert "已替您到灯湖社区党委报到" in notices(town.member)[0]


def test_a_change_closes_the_report_before_it_and_gives_back_what_is_not_done(town):
    town.report()
    done, waiting = town.offer(), town.offer(title="周末陪读", kind=OfferKind.PROJECT)
    town.pledge(done), town.pledge(waiting)
    in_transaction(lambda: service.confirm_done(pledges_of(town.member)[0], town.host, clock.now()))
    assert town.report(unit=town.there)
    rows = db.session.execute(
        select(Membership.unit_id, Membership.valid_to).where(Membership.kind == MembershipKind.REPORTED).order_by(Membership.id)
    ).all()
    assert rows == [(town.here, TODAY), (town.there, None)]
    assert (taken(done), taken(waiting)) == (1, 0)


def test_only_confirmed_party_members_report_in_and_only_to_a_community(town, make):
    activist = make.person("邓淑芬", home=town.branch, stage=StageKind.ACTIVIST)
    unknown = make.person("郭志明", confirmed=False, stage=StageKind.MEMBER)
    for person, unit in ((activist, town.here), (unknown, town.here), (town.member, town.branch), (town.member, 9999)):
        with pytest.raises(Invalid):
            town.report(person, unit)


def test_the_database_holds_one_community_a_person(town):
    town.report()
    second = {"person_id": town.member, "unit_id": town.there, "kind": MembershipKind.REPORTED, "valid_from": TODAY}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(Membership).values(**second)))


def test_one_takes_on_what_is_open_where_one_reported_in(town):
    offer = town.offer(seats=1)
    with pytest.raises(Refused, match="先到灯湖社区党委报到"):
        town.pledge(offer)
    town.report()
    assert town.pledge(offer)
    assert not town.pledge(offer)
    assert taken(offer) == 1
    for closed in (town.offer(opens=TODAY + timedelta(1)), town.offer(opens=TODAY - timedelta(9), last=TODAY - timedelta(1))):
        with pytest.raises(Conflict, match="不开放"):
            town.pledge(closed)


def test_a_full_offer_takes_nobody_until_somebody_gives_it_back(town, make):
    other = make.person("梁凤珍", home=town.branch, stage=StageKind.MEMBER)
    town.report(), town.report(other)
    offer = town.offer(seats=1)
    town.pledge(offer)
    with pytest.raises(Conflict, match="名额刚刚满了"):
        town.pledge(offer, other)
    (mine,) = pledges_of(town.member)
    with pytest.raises(NotFound):
        in_transaction(lambda: service.withdraw(mine, other, clock.now()))
    in_transaction(lambda: service.withdraw(mine, town.member, clock.now()))
    assert town.pledge(offer, other)
    with pytest.raises(Conflict, match="已经完成或退回"):
        in_transaction(lambda: service.withdraw(mine, town.member, clock.now()))


def test_the_community_says_that_it_is_done_and_never_the_member_themself(town):
    town.report(), town.report(town.host)
    offer = town.offer()
    town.pledge(offer), town.pledge(offer, town.host)
    (mine,), (hosts,) = pledges_of(town.member), pledges_of(town.host)
    with pytest.raises(Refused):
        in_transaction(lambda: service.confirm_done(hosts, town.host, clock.now()))
    in_transaction(lambda: service.confirm_done(mine, town.host, clock.now()))
    with pytest.raises(Conflict):
        in_transaction(lambda: service.confirm_done(mine, town.host, clock.now()))
    own = update(Pledge).where(Pledge.id == hosts).values(done_at=clock.now(), confirmed_by_id=town.host)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(own))
    assert "确认您完成了“楼道安全员”" in notices(town.member)[-1]
    assert taken(offer) == 2


def test_fewer_seats_than_taken_are_refused_and_a_closed_offer_keeps_what_was_taken(town):
    town.report()
    offer = town.offer(seats=2)
    town.pledge(offer)
    town.pledge(town.offer(title="别的"))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(update(Offer).where(Offer.id == offer).values(taken=3)))
    in_transaction(lambda: service.close_offer(offer, town.host, clock.now()))
    draft = OfferDraft(town.here, OfferKind.POST, "新的", "", 1, TODAY, None)
    with pytest.raises(Conflict, match="收起来"):
        in_transaction(lambda: service.revise_offer(offer, draft, town.host))
    assert {one.title for one in queries.standing([town.member])[town.member]} == {"楼道安全员", "别的"}


def test_the_database_counts_pledges_whatever_is_done_to_them(town):
    town.report()
    offer, other = town.offer(), town.offer(title="别的")
    town.pledge(offer)
    (pledge,) = pledges_of(town.member)
    for statement, here, there in (
        (f"UPDATE pledge SET offer_id = {other} WHERE id = {pledge}", 0, 1),
        (f"UPDATE pledge SET withdrawn_at = '2026-11-21 04:00:00' WHERE id = {pledge}", 0, 0),
        (f"UPDATE pledge SET withdrawn_at = NULL WHERE id = {pledge}", 0, 1),
        (f"DELETE FROM pledge WHERE id = {pledge}", 0, 0),
    ):
        in_transaction(lambda s=statement: db.session.execute(text(s)))
        assert (taken(offer), taken(other)) == (here, there), statement


def test_five_times_as_many_at_once_as_there_are_seats(town, make, at_once):
    seats = 3
    offer = town.offer(seats=seats)
    people = [make.person(f"岑{n}", home=town.branch, stage=StageKind.MEMBER) for n in range(5 * seats)]
    for person in people:
        town.report(person)
    now = clock.now()

    def take(person):
        return in_transaction(lambda: service.pledge(offer, person, person, now))

    done = at_once([partial(take, person) for person in people])
    assert sum(not isinstance(one, Conflict) for one in done) == seats
    assert taken(offer) == seats


def test_one_member_tapping_everywhere_at_once(town, at_once):
    """The same pledge twice, giving it back and reporting in elsewhere: whatever comes first, the count is what stands."""
    town.report()
    offer = town.offer(seats=1)
    town.pledge(offer)
    (mine,) = pledges_of(town.member)
    now = clock.now()
    acts = [
        lambda: service.pledge(offer, town.member, town.member, now),
        lambda: service.withdraw(mine, town.member, now),
        lambda: service.report_in(town.member, town.there, town.member, now),
        lambda: service.confirm_done(mine, town.host, now),
        lambda: service.report_in(town.member, town.here, town.member, now),
    ]

    at_once([partial(in_transaction, act) for act in acts])
    standing = queries.standing([town.member]).get(town.member, [])
    assert taken(offer) == len(standing) <= 1
    open_reports = select(Membership.id).where(Membership.kind == MembershipKind.REPORTED, Membership.valid_to.is_(None))
    assert len(db.session.execute(open_reports).all()) == 1


def test_every_write_is_audited(town):
    town.report()
    offer = town.offer()
    town.pledge(offer)
    (mine,) = pledges_of(town.member)
    in_transaction(lambda: service.confirm_done(mine, town.host, clock.now()))
    in_transaction(lambda: service.revise_offer(offer, OfferDraft(town.here, OfferKind.POST, "新名", "", 5, TODAY, None), town.host))
    in_transaction(lambda: service.close_offer(offer, town.host, clock.now()))
    done = list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "offer").order_by(AuditEvent.id)))
    assert done == ["offer", "pledge", "pledge.confirmation", "offer.revision", "offer.closing"]
    assert "report_in" in set(db.session.scalars(select(AuditEvent.action)))
