"""Two people decide: at once, about themselves, about what is closed; and what the database refuses whoever asks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, Refused
from app.points import queries as points
from app.points.models import PointPersonTotal
from app.points.rules import SchemeKind
from app.points.totals import disagreements
from app.schemes.models import PointProposal
from app.schemes.queries import proposals as queries
from app.schemes.rules import Proposal
from app.schemes.service import drafts, proposals
from tests.schemes.conftest import DAY

URLS = {"show": "/", "own": "/"}


def propose(village, rule="bonus", day=DAY):
    one = Proposal(village.member, SchemeKind.MEMBER, day, "支委会讨论", rule_code=rule)
    return in_transaction(lambda: proposals.propose(one, village.secretary, "/work", clock.now()))


def total(village, period="2026"):
    return points.totals([village.member], SchemeKind.MEMBER, period)[village.member]


def test_of_two_decisions_at_once_one_holds(village, app):
    """One approves, the other returns: whatever comes first, points and verdict agree."""
    proposal, gate = propose(village), Barrier(2)

    def decide(approving):
        with app.app_context():
            gate.wait()
            try:
                if approving:
                    in_transaction(lambda: proposals.approve(proposal, village.deputy, URLS, clock.now()))
                else:
                    one = village.administrators[0]
                    in_transaction(lambda: proposals.give_back(proposal, one, "没有依据", "/", clock.now()))
            except DomainError as error:
                return type(error)
            finally:
                db.session.remove()
            return None

    with ThreadPoolExecutor(2) as both:
        found = list(both.map(decide, (True, False)))
    assert sorted(map(str, found)) == sorted(map(str, (None, Conflict)))
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
