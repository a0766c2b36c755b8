"""Whatever people try one after the other: nobody credits themselves, nothing counts unconfirmed, and all adds up."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.checkin.models import Attendance
from app.claims.models import Claim, ClaimBatch
from app.claims.rules import Verdict
from app.core.db import db
from app.core.errors import DomainError
from app.core.permissions import Role
from app.hours import totals
from app.hours.models import HourEntry

PEOPLE = 4
steps = st.lists(
    st.one_of(
        st.tuples(st.just("name"), st.integers(0, PEOPLE - 1), st.sets(st.integers(0, PEOPLE - 1), min_size=1)),
        st.tuples(st.just("approve"), st.integers(0, PEOPLE - 1), st.integers(0, 5)),
        st.tuples(st.just("return"), st.integers(0, PEOPLE - 1), st.integers(0, 5)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps)
def test_no_sequence_of_steps_lets_anybody_credit_themselves(branch, make, tried):
    start = len(db.session.execute(select(ClaimBatch.id)).all())
    people = [make.person(f"委员{number}", home=branch.unit) for number in range(PEOPLE)]
    for person in people:
        make.grant(person, Role.SECRETARY, branch.unit)
        make.account(person)
    lists = []
    for what, who, target in tried:
        try:
            if what == "name":
                lists.append(branch.name([people[one] for one in sorted(target)], by=people[who]))
            elif lists:
                one = lists[target % len(lists)]
                branch.approve(one, by=people[who]) if what == "approve" else branch.send_back(one, by=people[who])
        except DomainError:
            db.session.rollback()
    decided = {one.id: one for one in db.session.scalars(select(ClaimBatch)).all()[start:]}
    named = {(one.batch_id, one.person_id) for one in db.session.scalars(select(Claim))}
    for one in decided.values():
        assert one.decided_by_id != one.made_by_id
        assert (one.id, one.decided_by_id) not in named
    entries = [entry for entry in db.session.scalars(select(HourEntry)) if entry.batch_id in decided]
    for entry in entries:
        batch = decided[entry.batch_id]
        assert batch.verdict is Verdict.APPROVED
        assert entry.approved_by_id == batch.decided_by_id
        assert entry.approved_by_id not in {entry.made_by_id, entry.person_id}
    assert len({entry.person_id for entry in entries}) == len(entries), "nobody twice for one shift"
    spells = db.session.scalars(select(Attendance.person_id).where(Attendance.person_id.in_(people))).all()
    assert sorted(spells) == sorted(entry.person_id for entry in entries)
    assert totals.disagreements() == []
