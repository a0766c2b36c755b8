"""What happens in the same moment: at the gate, in a chain, to a proposal whose person changes. Both engines."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from app.cards.models import MemberCard
from app.cards.rules import card_token
from app.checkin.models import Attendance, Scan
from app.checkin.rules import ShownCode, Way
from app.checkin.service.scans import record_scan
from app.checkin.views.codes import holder_of, key
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.hours.models import HourEntry
from app.merges import service
from app.merges.models import Merge
from app.merges.queries.digest import digest
from app.people import queries as people
from app.people.models import Person
from tests.merges.conftest import faults, hours_of

ROUNDS = 4


def scan(activity_id: int, person_id: int, at):
    shown = ShownCode(uuid4(), activity_id, Way.POSTER, at)
    return in_transaction(lambda: record_scan(shown, person_id, at))


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_who_signs_out_while_being_merged_is_signed_out_once(two, at_once, nth):
    now = clock.now()
    activity_id, shift_id = two.activity(now - timedelta(hours=2), 3)
    scan(activity_id, two.new, now - timedelta(hours=2))
    merge_id = two.propose()
    seen = digest(two.pair())

    def merge() -> None:
        in_transaction(lambda: service.approve(merge_id, two.checker, seen, now))
        two.finish(merge_id)

    at_once([merge, lambda: scan(activity_id, two.new, now + timedelta(minutes=45))])
    db.session.expire_all()
    spells = db.session.execute(select(Attendance.person_id, Attendance.out_at).where(Attendance.shift_id == shift_id)).all()
    assert len(spells) == 1
    assert spells[0].out_at is not None
    merged = db.session.scalar(select(Merge.merged_at).where(Merge.id == merge_id)) is not None
    assert spells[0].person_id == (two.old if merged else two.new)  # the proposal was seen before the sign-out: then it is refused
    assert sum(hours_of(two.old if merged else two.new).values()) > 0
    assert hours_of(two.new if merged else two.old) == {}
    assert faults() == []


def test_a_scan_of_the_old_code_afterwards_is_of_the_one_who_stays(two):
    now = clock.now()
    activity_id, shift_id = two.activity(now, 3)
    two.merge()
    done = scan(activity_id, two.new, now)
    assert done.person_id == two.old
    assert db.session.scalar(select(Attendance.person_id).where(Attendance.shift_id == shift_id)) == two.old


def test_a_scan_sent_again_after_the_merge_is_the_same_scan(two):
    now = clock.now()
    activity_id, _ = two.activity(now, 3)
    shown = ShownCode(uuid4(), activity_id, Way.POSTER, now)
    first = in_transaction(lambda: record_scan(shown, two.new, now))
    two.merge()
    for who in (two.new, two.old):
        again = in_transaction(lambda who=who: record_scan(shown, who, now))
        assert again.scan_id == first.scan_id
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_two_merges_in_a_chain_leave_no_loose_end(two, at_once, nth):
    third = two.make.person("陈志强", home=two.branch, phone="13800001111")
    two.serve(third, 60)
    two.serve(two.new, 90)
    minutes = hours_of(two.old, two.new, third)
    first, second = two.propose(two.new, third), two.propose(two.old, two.new)
    seen = digest(two.pair(two.new, third)), digest(two.pair(two.old, two.new))

    def merge(merge_id: int, saw: str) -> None:
        in_transaction(lambda: service.approve(merge_id, two.checker, saw, clock.now()))
        two.finish(merge_id)

    at_once([lambda: merge(first, seen[0]), lambda: merge(second, seen[1])])
    db.session.expire_all()
    for one in (two.new, third):
        assert people.who_now(people.who_now(one)) == people.who_now(one)
        if people.who_now(one) != one:
            assert hours_of(one) == {}
    assert hours_of(two.old, two.new, third) == minutes
    assert faults() == []


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_each_into_the_other_at_once_is_one_merge(two, at_once, nth):
    two.serve(two.old, 60)
    two.serve(two.new, 90)
    one, other = two.propose(two.old, two.new), two.propose(two.new, two.old)
    seen = digest(two.pair(two.old, two.new)), digest(two.pair(two.new, two.old))
    done = at_once(
        [
            lambda: in_transaction(lambda: service.approve(one, two.checker, seen[0], clock.now())),
            lambda: in_transaction(lambda: service.approve(other, two.checker, seen[1], clock.now())),
        ]
    )
    assert sum(isinstance(result, DomainError) for result in done) == 1
    db.session.expire_all()
    assert sorted((people.who_now(two.old) == two.old, people.who_now(two.new) == two.new)) == [False, True]


def test_decided_twice_at_once_is_decided_once(two, at_once):
    two.serve(two.new, 90)
    merge_id, seen = two.propose(), digest(two.pair())
    another = two.make.person("第三位", home=two.root)
    done = at_once(
        [
            lambda by=by: in_transaction(lambda: service.approve(merge_id, by, seen, clock.now()))
            for by in (two.checker, another, two.checker)
        ]
    )
    assert sum(isinstance(result, DomainError) for result in done) == 2


def test_two_who_carry_it_on_at_once_move_each_entry_once(two, at_once):
    for minutes in (30, 40, 50, 60, 70, 80):
        two.serve(two.new, minutes)
    before = hours_of(two.new)
    merge_id = two.propose()
    two.approve(merge_id)
    at_once([lambda: two.finish(merge_id, step=1)] * 3)
    db.session.expire_all()
    assert hours_of(two.old) == before
    again = select(func.count()).select_from(HourEntry).where(HourEntry.person_id == two.old)
    assert db.session.scalar(again) == 6
    assert faults() == []


def test_a_proposal_about_somebody_who_was_erased_is_not_carried_out(two):
    merge_id, seen = two.propose(), digest(two.pair())
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == two.new).values(name="已删除", birth_date=None)))
    with pytest.raises(DomainError, match="有了变化"):
        in_transaction(lambda: service.approve(merge_id, two.checker, seen, clock.now()))


def test_undone_while_they_scan_nothing_is_lost(two, at_once):
    now = clock.now()
    two.serve(two.new, 90)
    before = hours_of(two.new)
    merge_id = two.merge()
    activity_id, _ = two.activity(now, 3)
    at_once([lambda: two.undo(merge_id), lambda: scan(activity_id, two.new, now)])
    db.session.expire_all()
    assert hours_of(two.new) == before
    assert db.session.scalar(select(func.count()).select_from(Attendance).where(Attendance.out_at.is_(None))) == 1
    assert faults() == []


def test_cards_of_both_are_of_the_one_who_stays(two, app):
    cards = {
        one: two.make._add(MemberCard, person_id=one, number=1, issued_at=clock.now(), issued_by_id=two.maker) for one in (two.old, two.new)
    }
    merge_id = two.merge()
    with app.test_request_context():
        assert {holder_of(card_token(key(), card), clock.now()).person_id for card in cards.values()} == {two.old}
    two.undo(merge_id)
    with app.test_request_context():
        assert holder_of(card_token(key(), cards[two.new]), clock.now()).person_id == two.new
