"""Whatever people try one after the other: nobody credits themselves, nothing counts unconfirmed, and all adds up."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.checkin.models import Attendance
from app.claims import service
from app.claims.models import Claim, ClaimBatch, ClaimWitness
from app.claims.rules import OwnClaim, Says, Verdict
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import Role
from app.hours import verifying
from app.hours.models import HourEntry
from tests.conftest import NOON

PEOPLE = 4


def own_claim(branch, person, witness):
    """With another one's word alone."""
    said = OwnClaim(branch.activity, branch.shift, branch.start, branch.end, "做事", witness)
    return in_transaction(lambda: service.claim(said, person, [], "/work", str, NOON))


def done(branch, what, person, batch):
    if what == "approve":
        branch.approve(batch, by=person)
    elif what == "return":
        branch.send_back(batch, by=person)
    elif what == "withdraw":
        in_transaction(lambda: service.withdraw(batch, person, NOON))
    else:
        in_transaction(lambda: service.testify(batch, person, Says.YES, "/work", "/claims/1", NOON))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("name"), st.integers(0, PEOPLE - 1), st.sets(st.integers(0, PEOPLE - 1), min_size=1)),
        st.tuples(st.just("approve"), st.integers(0, PEOPLE - 1), st.integers(0, 5)),
        st.tuples(st.just("return"), st.integers(0, PEOPLE - 1), st.integers(0, 5)),
        st.tuples(st.just("withdraw"), st.integers(0, PEOPLE - 1), st.integers(0, 5)),
        st.tuples(st.just("claim"), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)),
        st.tuples(st.just("witness"), st.integers(0, PEOPLE - 1), st.integers(0, 5)),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps)
def test_no_sequence_of_steps_lets_anybody_credit_themselves(branch, make, tried):
    start = len(db.session.execute(select(ClaimBatch.id)).all())
    people = [make.person(f"委员{number}", home=branch.unit) for number in range(PEOPLE)]
    for person in people:
        make.grant(person, Role.SECRETARY, branch.unit)
        make.account(person)
        make.signup(branch.shift, person)
    lists = []
    for what, who, target in tried:
        try:
            if what == "name":
                lists.append(branch.name([people[one] for one in sorted(target)], by=people[who]))
            elif what == "claim":
                lists.append(own_claim(branch, people[who], people[target]))
            elif lists:
                done(branch, what, people[who], lists[target % len(lists)])
        except DomainError:
            db.session.rollback()
    made = db.session.scalars(select(ClaimBatch)).all()[start:]
    decided = {one.id: one for one in made if one.decided_at}
    waiting = [one.id for one in made if not one.decided_at and not one.withdrawn_at]
    named = {(one.batch_id, one.person_id) for one in db.session.scalars(select(Claim))}
    for one in decided.values():
        assert one.decided_by_id != one.made_by_id
        assert (one.id, one.decided_by_id) not in named
    vouched = dict(db.session.execute(select(ClaimWitness.batch_id, ClaimWitness.person_id)).all())
    assert all(one.decided_by_id != vouched.get(one.id) for one in decided.values())
    open_ = db.session.execute(select(Claim.batch_id, Claim.open_shift_id)).all()
    assert all((shift is not None) == (batch in waiting) for batch, shift in open_ if batch in decided or batch in waiting)
    entries = [entry for entry in db.session.scalars(select(HourEntry)) if entry.batch_id in decided]
    for entry in entries:
        batch = decided[entry.batch_id]
        assert batch.verdict is Verdict.APPROVED
        assert entry.approved_by_id == batch.decided_by_id
        assert entry.approved_by_id not in {entry.made_by_id, entry.person_id}
    assert len({entry.person_id for entry in entries}) == len(entries), "nobody twice for one shift"
    spells = db.session.scalars(select(Attendance.person_id).where(Attendance.person_id.in_(people))).all()
    assert sorted(spells) == sorted(entry.person_id for entry in entries)
    assert verifying.disagreements() == []
