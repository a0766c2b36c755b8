"""Two records become one: what was credited is credited again under the one who stays, and nothing is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.checkin.models import Attendance
from app.claims.correction_rules import Change, Proposal
from app.claims.queries import correctable
from app.claims.service import corrections
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.merges import service
from app.merges.models import Merge
from app.people.models import Membership, Person
from app.rights.queries.obstacles import obstacles
from tests.merges.conftest import attended, faults, hours_of, points_of, units


def test_hours_of_both_stand_under_the_one_who_stays(two):
    two.serve(two.old, 120)
    two.serve(two.new, 90)
    before = hours_of(two.old, two.new)
    two.merge()
    assert hours_of(two.old) == before
    assert hours_of(two.new) == {}


def test_figures_of_units_do_not_move(two):
    two.serve(two.old, 120)
    two.serve(two.new, 90)
    before = units()
    two.merge()
    assert units() == before


def test_the_ledgers_verify_afterwards(two):
    spells = {two.serve(two.old, 120), two.serve(two.new, 90), two.serve(two.new, 60)}
    two.merge()
    assert faults() == []
    assert attended(two.old) == spells


def test_undoing_restores_both(two):
    mine, theirs = {two.serve(two.old, 120)}, {two.serve(two.new, 90), two.serve(two.new, 600)}
    before = hours_of(two.old), hours_of(two.new), points_of(two.old), points_of(two.new), units()
    two.undo(two.merge())
    assert (hours_of(two.old), hours_of(two.new), points_of(two.old), points_of(two.new), units()) == before
    assert (attended(two.old), attended(two.new)) == (mine, theirs)
    assert faults() == []
    assert db.session.scalar(select(Person.became_id).where(Person.id == two.new)) is None


def test_short_steps_come_to_the_same(two):
    for minutes in (30, 40, 50, 60, 70):
        two.serve(two.new, minutes)
    before = hours_of(two.new)
    merge_id = two.merge(step=2)
    assert hours_of(two.old) == before
    two.undo(merge_id, step=2)
    assert hours_of(two.new) == before
    assert faults() == []


def test_the_same_time_counts_once(two):
    shift = two.activity(clock.now().replace(hour=1) - two_days())
    two.serve(two.old, 120, shift=shift)
    kept = hours_of(two.old)
    two.serve(two.new, 100, shift=shift, late=30)
    both = hours_of(two.old), hours_of(two.new)
    merge_id = two.merge()
    assert hours_of(two.old) == kept
    assert faults() == []
    two.undo(merge_id)
    assert (hours_of(two.old), hours_of(two.new)) == both
    assert faults() == []


def test_taken_back_after_corrections_the_same_time_counts_once_too(two, correct):
    """What the merge had left out would count again; by then another spell of theirs was given that time."""
    nine = clock.now().replace(hour=1) - two_days()
    mine, theirs = two.activity(nine, 10), two.activity(nine, 10)
    a = two.serve(two.old, 120, shift=mine)
    left_out = two.serve(two.new, 100, shift=theirs, late=30)
    b = two.serve(two.new, 60, shift=theirs, late=180)
    merge_id = two.merge()
    correct(a, Proposal(Change.VOID, "那天他没来"))
    correct(b, Proposal(Change.TIMES, "有两位作证", nine + timedelta(minutes=90), nine + timedelta(minutes=240)))
    two.undo(merge_id)
    assert attended(two.new) == {left_out, b}
    assert counted(two.new) == {b}
    assert {minutes for (period, *_), minutes in hours_of(two.new).items() if period == "all"} == {150}
    assert faults() == []


@pytest.mark.parametrize("kind", [ActivityKind.SERVICE, ActivityKind.PARTY_LIFE])
def test_what_came_to_who_went_in_the_middle_of_the_undoing_keeps_its_time(two, kind):
    shift = two.activity(clock.now().replace(hour=1) - two_days(), kind=kind)
    before = two.serve(two.new, 120, shift=shift)
    merge_id = two.merge()
    in_transaction(lambda: service.undo(merge_id, two.checker, "弄错了", clock.now()))
    since = two.serve(two.new, 100, shift=two.activity(clock.now().replace(hour=1) - two_days()), late=30)
    while in_transaction(lambda: service.go_back(merge_id, clock.now())):
        pass
    assert attended(two.new) == {before, since}
    assert counted(two.new) == {since}
    assert faults() == []


def counted(person_id):
    return set(db.session.scalars(select(Attendance.id).where(Attendance.person_id == person_id, Attendance.credited_from.is_not(None))))


@pytest.fixture
def correct(two):
    """`correct(attendance, proposal)`: one proposes it, another approves."""
    proposer, approver = two.make.person("罗国栋", home=two.root), two.make.person("霍静雯", home=two.root)
    for person in (proposer, approver):
        two.make.account(person)
        two.make.grant(person, Role.SECRETARY, two.root)

    def done(attendance_id, proposal):
        subject = correctable.attendance_subject(attendance_id)
        db.session.execute(update(Activity).values(closed_at=clock.now()))
        made = in_transaction(lambda: corrections.propose(subject, proposal, proposer, "/work", clock.now()))
        in_transaction(lambda: corrections.approve(made, approver, "/me", "/c", clock.now()))

    return done


def two_days():
    return timedelta(days=2)


def test_nobody_merges_alone(two):
    merge_id = two.propose()
    from app.merges.queries.digest import digest

    seen = digest(two.pair())
    with pytest.raises(Refused):
        in_transaction(lambda: service.approve(merge_id, two.maker, seen, clock.now()))
    with pytest.raises(Refused):
        in_transaction(lambda: service.approve(merge_id, two.old, seen, clock.now()))


def test_who_decides_decides_about_what_they_saw(two):
    merge_id = two.propose()
    from app.merges.queries.digest import digest

    seen = digest(two.pair())
    two.serve(two.new, 90)
    with pytest.raises(Conflict, match="有了变化"):
        in_transaction(lambda: service.approve(merge_id, two.checker, seen, clock.now()))


def test_the_home_branch_is_counted_once(two):
    merge_id = two.merge()
    open_homes = select(Membership.person_id).where(Membership.unit_id == two.branch, Membership.valid_to.is_(None))
    assert list(db.session.scalars(open_homes)).count(two.new) == 0
    two.undo(merge_id)
    assert two.new in list(db.session.scalars(open_homes))


def test_after_thirty_days_it_stays(two):
    merge_id = two.merge()
    from datetime import timedelta

    with clock.frozen_at(clock.now() + timedelta(days=31)), pytest.raises(Conflict, match="30 天"):
        two.undo(merge_id)
    assert db.session.get(Merge, merge_id).undo_at is None


@pytest.mark.parametrize("whose", ["another's", "one's own"])
def test_the_opposite_proposal_ends_with_the_merge(two, make, whose):
    """The other record was to stay: nothing of the pair waits any more, and neither does who asks to be erased."""
    third = make.person("陈管理", home=two.root)
    maker, two.maker = two.maker, two.checker if whose == "one's own" else third
    opposite = two.propose(stays=two.new, goes=two.old)
    two.maker = maker
    merge_id = two.merge()
    ended = db.session.get(Merge, opposite, populate_existing=True)
    assert ended.verdict == ("withdrawn" if whose == "one's own" else "returned")
    assert ended.decided_by_id == two.checker
    assert obstacles(two.old, clock.now()) == []
    two.undo(merge_id)
    assert db.session.get(Merge, opposite, populate_existing=True).verdict is not None
    two.merge(stays=two.new, goes=two.old)


def test_a_proposal_about_another_record_waits_on(two, make):
    third = make.person("陈志强", home=two.branch)
    other = two.propose(stays=two.old, goes=third)
    two.merge()
    assert db.session.get(Merge, other, populate_existing=True).verdict is None
