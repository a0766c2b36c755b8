"""Two people decide: at once, about themselves, about what is closed; and what the database refuses whoever asks."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, Invalid, Refused
from app.core.permissions import Role
from app.people import service as trees
from app.points import queries as points
from app.points.models import PointPersonTotal
from app.points.rules import SchemeKind
from app.points.standings import Exemption
from app.points.totals import disagreements
from app.schemes.models import PointProposal
from app.schemes.queries import proposals as queries
from app.schemes.queries.scores import scores
from app.schemes.rules import Exempts, Proposal
from app.schemes.service import drafts, proposals
from app.worklist.service import number
from tests.claims.conftest import relatives
from tests.schemes.conftest import DAY

URLS = {"show": "/", "own": "/"}
LOOKS = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "person.view")


def propose(village, rule="bonus", day=DAY):
    one = Proposal(village.member, SchemeKind.MEMBER, day, "支委会讨论", rule_code=rule)
    return in_transaction(lambda: proposals.propose(one, village.secretary, "/work", clock.now()))


def total(village, period="2026"):
    return points.totals([village.member], SchemeKind.MEMBER, period)[village.member]


def test_of_two_decisions_at_once_one_holds(village, at_once):
    """One approves, the other returns: whatever comes first, points and verdict agree."""
    proposal, one = propose(village), village.administrators[0]

    def approve():
        in_transaction(lambda: proposals.approve(proposal, village.deputy, URLS, clock.now()))

    def give_back():
        in_transaction(lambda: proposals.give_back(proposal, one, "没有依据", "/", clock.now()))

    assert set(map(type, at_once([approve, give_back]))) == {Conflict, type(None)}
    row = queries.proposal(proposal)
    assert total(village) == 2250 + (200 if row.verdict == "approved" else 0)
    assert disagreements() == []


def test_neither_the_maker_nor_the_one_concerned_decides(village):
    proposal = propose(village)
    for person in (village.secretary, village.member):
        with pytest.raises(Refused):
            in_transaction(lambda person=person: proposals.approve(proposal, person, URLS, clock.now()))
    one = Proposal(village.secretary, SchemeKind.MEMBER, DAY, "自己", rule_code="bonus")
    with pytest.raises(Refused):
        in_transaction(lambda: proposals.propose(one, village.secretary, "/work", clock.now()))


def test_the_database_refuses_it_too(village):
    proposal, now = propose(village), clock.now()
    mine = update(PointProposal).where(PointProposal.id == proposal)
    decided = {"decided_at": now, "verdict": "approved"}
    row = {"unit_id": village.branch, "scheme_kind": "member", "happened_on": DAY, "reason": "x", "made_at": now}
    for attack in (
        mine.values(**decided, decided_by_id=village.secretary),
        mine.values(**decided, decided_by_id=village.member),
        mine.values(reason="别的"),
        mine.values(rule_code="veto"),
        mine.values(decided_at=now, decided_by_id=village.deputy, verdict="returned"),
        delete(PointProposal).where(PointProposal.id == proposal),
        insert(PointProposal).values(**row, person_id=village.member, made_by_id=village.member, rule_code="bonus"),
        insert(PointProposal).values(**row, person_id=village.member, made_by_id=village.deputy, rule_code="bonus", exempts="ill"),
        insert(PointProposal).values(**row, person_id=village.member, made_by_id=village.deputy),
    ):
        with pytest.raises(IntegrityError):
            in_transaction(lambda attack=attack: db.session.execute(attack))
    in_transaction(lambda: proposals.approve(proposal, village.deputy, URLS, now))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(mine.values(verdict="returned", answer="改了")))


def test_what_is_late_counts_now_and_a_closed_month_stays(village):
    """Proposed in December about November, which was closed by then."""
    before = {tuple(row) for row in db.session.execute(PointPersonTotal.__table__.select().where(PointPersonTotal.period == "2026-11"))}
    with clock.frozen_at(datetime(2026, 12, 12, 4, tzinfo=UTC)):
        proposal = propose(village)
        in_transaction(lambda: proposals.approve(proposal, village.deputy, URLS, clock.now()))
        (entry,) = points.why(village.member, SchemeKind.MEMBER, date(2026, 12, 1), date(2026, 12, 31))
    assert (entry.points, entry.served_on, entry.counted_on) == (200, DAY, date(2026, 12, 12))
    after = {tuple(row) for row in db.session.execute(PointPersonTotal.__table__.select().where(PointPersonTotal.period == "2026-11"))}
    assert after == before
    assert disagreements() == []


def test_a_version_from_an_open_month_and_never_from_a_closed_one(village):
    """Of two administrators who publish at once, one does; booking anew twice changes nothing."""
    village.credit(village.member, 90, kind=ActivityKind.STUDY)
    writer, second = village.administrators
    draft = in_transaction(lambda: drafts.begin(SchemeKind.MEMBER, writer, clock.now()))
    row = drafts.queries.draft(draft)

    def from_day(day):
        basics = drafts.DraftBasics("2026.2", "会议", day, None, row.version.bands)
        in_transaction(lambda: drafts.edit(draft, basics, writer))
        in_transaction(lambda: drafts.send(draft, writer, [], "/", clock.now()))

    with pytest.raises(DomainError, match="有几处要改"):
        from_day(date(2026, 9, 1))
    from_day(date(2026, 11, 1))
    in_transaction(lambda: drafts.publish(draft, second, "/", clock.now()))
    with pytest.raises(Conflict):
        in_transaction(lambda: drafts.publish(draft, second, "/", clock.now()))
    before = total(village)
    for _ in range(3):
        in_transaction(lambda: drafts.book_anew(draft, clock.now()))
    assert total(village) == before == 2250 + 75
    assert drafts.unfinished() == []
    assert disagreements() == []


def exempt(village, day, until=None):
    one = Proposal(village.member, SchemeKind.MEMBER, day, "住院", exempts=Exempts.ILL, until=until)
    return in_transaction(lambda: proposals.propose(one, village.secretary, "/work", clock.now()))


def approve(village, proposal, by=None):
    in_transaction(lambda: proposals.approve(proposal, by or village.deputy, URLS, clock.now()))


def revoke(village, proposal, day):
    return in_transaction(lambda: proposals.revoke(proposal, "好了", day, village.secretary, "/work", clock.now()))


def of_year(village, year, day):
    (score,) = scores(SchemeKind.MEMBER, year, person_ids=[village.member], day=day)
    return score


def test_an_exemption_neither_begins_nor_ends_in_a_closed_month(village):
    """November is open until 10 December; what was scored and counted before stays."""
    before = of_year(village, 2026, date(2026, 10, 31))
    for day in (date(2024, 6, 1), date(2026, 10, 31)):
        with pytest.raises(Invalid) as refused:
            exempt(village, day, until=date(2026, 12, 31))
        assert "2026年11月1日" in refused.value.fields["happened_on"]
    given = exempt(village, date(2026, 11, 1))
    approve(village, given)
    assert of_year(village, 2026, date(2026, 10, 31)) == before
    assert of_year(village, 2026, DAY).exempt == Exemption.ILL
    with clock.frozen_at(datetime(2027, 2, 12, 4, tzinfo=UTC)):
        with pytest.raises(Invalid) as refused:
            revoke(village, given, date(2026, 12, 1))
        assert "2027年2月1日" in refused.value.fields["happened_on"]
        approve(village, revoke(village, given, date(2027, 2, 1)))
        assert of_year(village, 2026, date(2026, 12, 31)).exempt == Exemption.ILL
        assert of_year(village, 2027, date(2027, 2, 12)).exempt is None


def test_what_was_proposed_before_a_close_is_not_approved_after_it(village):
    given, lasting = exempt(village, date(2026, 11, 1), until=date(2026, 11, 20)), exempt(village, date(2026, 11, 20))
    approve(village, lasting)
    lifting = revoke(village, lasting, date(2026, 11, 25))
    with clock.frozen_at(datetime(2026, 12, 10, 4, tzinfo=UTC)):
        for late in (given, lifting):
            with pytest.raises(Conflict, match="11月已经结账"):
                approve(village, late)
        in_transaction(lambda: proposals.give_back(given, village.deputy, "结账了，改到十二月起", "/", clock.now()))


def test_of_two_revocations_at_once_one_waits(village, at_once):
    given = propose(village)
    approve(village, given)
    makers = (village.secretary, village.deputy)

    def take_back(by):
        return lambda: in_transaction(lambda: proposals.revoke(given, "记错了", DAY, by, "/work", clock.now()))

    at_once([take_back(by) for by in makers])
    waiting = db.session.scalars(select(PointProposal).where(PointProposal.revokes_id == given)).all()
    assert len(waiting) == 1
    other = next(one for one in makers if one != waiting[0].made_by_id)
    approve(village, waiting[0].id, other)
    assert total(village) == 2250
    row = {"unit_id": village.branch, "scheme_kind": "member", "happened_on": DAY, "reason": "x", "made_at": clock.now()}
    late = insert(PointProposal).values(**row, person_id=village.member, made_by_id=village.secretary, revokes_id=given)
    again = in_transaction(lambda: db.session.execute(late.returning(PointProposal.id)).scalar_one())
    with pytest.raises(Conflict, match="撤销过了"):
        approve(village, again)


def test_a_relative_does_not_decide(village, make):
    relatives(make, village.member, village.deputy)
    proposal = propose(village)
    with pytest.raises(Refused, match="家人"):
        approve(village, proposal)
    chief = village.administrators[0]
    assert [number(queries.waiting_count(make.actor(who), clock.now())) for who in (village.deputy, chief)] == [0, 1]
    approve(village, proposal, chief)


def test_after_a_transfer_the_new_branch_reads_and_decides_and_the_old_one_does_not(village, make, as_person):
    proposal, open_ = exempt(village, DAY), propose(village)
    approve(village, proposal)
    third = make.person("容碧珊", home=village.other)
    make.grant(third, Role.SECRETARY, village.other)
    make.account(third)
    one, today = village.administrators[0], clock.today()
    in_transaction(lambda: trees.transfer(village.member, village.branch, village.other, today, one, today))
    old, new = as_person(village.deputy), as_person(third)
    for one in (proposal, open_):
        assert [browser.get(f"/points/proposals/{one}").status_code for browser in (old, new)] == [404, 200]
        assert old.post(f"/points/proposals/{one}/approval").status_code == 404
        assert old.post(f"/points/proposals/{one}/return", data={"reason": "x"}).status_code == 404
    assert old.get(f"/points/proposals/{proposal}/revocation/new").status_code == 404
    assert [f"/points/proposals/{proposal}" in browser.get("/points/proposals").get_data(as_text=True) for browser in (old, new)] == [
        False,
        True,
    ]
    waits = [number(queries.waiting_count(make.actor(who), clock.now())) for who in (village.deputy, third)]
    assert waits == [0, 1]
    assert new.post(f"/points/proposals/{open_}/approval").status_code == 303
    assert total(village) == 2450


def test_looking_at_somebodys_proposals_stays_on_record(village, as_person):
    proposal = propose(village)
    browser = as_person(village.deputy)
    for path in (f"/points/proposals/{proposal}", f"/people/{village.member}/points/proposals/new"):
        seen = db.session.scalar(LOOKS)
        assert browser.get(path).status_code == 200
        assert db.session.scalar(LOOKS) == seen + 1
