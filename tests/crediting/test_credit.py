"""Crediting posts hours, points and totals together, or nothing at all."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal
from app.hours.rules import PERSON_PERIODS, HourClass, SourceKind, periods_of
from app.people.rules import StageKind
from app.points import queries as points
from app.points.models import PointEntry, PointPersonTotal
from app.points.rules import SchemeKind
from app.points.totals import disagreements as points_faults

DAY = date(2026, 11, 21)


@pytest.fixture
def branch(make):
    return make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))


@pytest.fixture
def activity(make, branch):
    return make.activity(branch, make.person("霍静雯"))


def a_credit(person, activity, branch, source=1, minutes=155, **changes):
    kind = changes.pop("kind", ActivityKind.SERVICE)
    hour_class = changes.pop("hour_class", HourClass.CREDIT)
    return Credit(person, activity, kind, branch, changes.pop("day", DAY), minutes, hour_class, source, "2026.1", **changes)


def post(*credits_):
    in_transaction(lambda: crediting.credit(credits_, clock.now()))


def take_back(*sources):
    in_transaction(lambda: crediting.reverse(SourceKind.ATTENDANCE, sources, "撤销签退", clock.now(), made_by_id=None))


def test_a_credit_is_in_every_period_of_its_day(make, branch, activity):
    person = make.person(home=branch)
    post(a_credit(person, activity, branch))
    for span in periods_of(DAY, PERSON_PERIODS):
        assert hours.sums(person, span.key).service_credit == 155
    assert hours.sums(person, "2026-10").service_credit == 0


def test_made_up_minutes_stand_beside_scanned_ones(make, branch, activity):
    person = make.person(home=branch)
    post(a_credit(person, activity, branch), a_credit(person, activity, branch, 2, 60, hour_class=HourClass.HONOUR))
    assert hours.sums(person) == hours.Sums(service_credit=155, service_honour=60)


def test_study_is_another_kind_and_party_life_gives_points_but_no_hours(make, branch, activity):
    person = make.person(home=branch, stage=StageKind.MEMBER)
    post(
        a_credit(person, activity, branch, 1, 120, kind=ActivityKind.STUDY),
        a_credit(person, activity, branch, 2, 90, kind=ActivityKind.PARTY_LIFE),
    )
    assert hours.sums(person) == hours.Sums(study_credit=120)
    assert points.totals([person], SchemeKind.MEMBER, "2026") == {person: 100 + 100}  # 2 h at 0.5, one meeting at 1.0


def test_points_keep_every_minute_and_say_why(make, branch, activity):
    person = make.person(home=branch)
    post(a_credit(person, activity, branch, minutes=155))
    (why,) = points.why(person, SchemeKind.VOLUNTEER, DAY, DAY)
    assert (why.points, why.rule_name, why.scheme_version) == (258, "志愿服务，每小时", "2026.1")


def test_a_cap_cuts_the_award_and_the_entry_says_so(make, branch, activity):
    person = make.person(home=branch, stage=StageKind.PROBATIONARY)
    for source in range(1, 6):
        post(a_credit(person, activity, branch, source, 8 * 60))
    member = points.why(person, SchemeKind.MEMBER, DAY, DAY)
    assert [entry.points for entry in reversed(member)] == [800, 800, 800, 100, 0]
    assert [entry.wanted for entry in member] == [800] * 5


def test_what_a_cap_had_cut_is_given_when_room_comes_free(make, branch, activity):
    """25.00 a year: of five times 8.00 the fourth was cut to 1.00 and the fifth to nothing. Without the first, 25.00 are still earned."""
    person = make.person(home=branch, stage=StageKind.PROBATIONARY)
    for source in range(1, 6):
        post(a_credit(person, activity, branch, source, 8 * 60))
    take_back(1)
    assert points.totals([person], SchemeKind.MEMBER, "2026") == {person: 2500}
    evened = points.why(person, SchemeKind.MEMBER, DAY, DAY)[0]
    assert (evened.wanted, evened.points, evened.reason) == (0, 800, "封顶重算：撤销签退")
    take_back(2, 3)
    assert points.totals([person], SchemeKind.MEMBER, "2026") == {person: 1600}
    assert points_faults() == []


def test_what_is_booked_after_the_close_counts_in_the_month_it_is_booked(make, branch, activity):
    person = make.person(home=branch)
    with clock.frozen_at(datetime(2026, 9, 1, 4, tzinfo=UTC)):
        post(a_credit(person, activity, branch, 1, 60, day=date(2026, 9, 1)))
    with clock.frozen_at(datetime(2026, 10, 9, 4, tzinfo=UTC)):
        post(a_credit(person, activity, branch, 2, 120, day=date(2026, 9, 20)))
    with clock.frozen_at(datetime(2026, 10, 10, 4, tzinfo=UTC)):
        post(a_credit(person, activity, branch, 3, 240, day=date(2026, 9, 30)))
        take_back(1)
    assert hours.sums(person, "2026-09").service_credit == 180
    assert hours.sums(person, "2026-10").service_credit == 240 - 60
    assert hours.sums(person, "2026").service_credit == 360
    assert [one.served_on for one in hours.entries(person) if one.minutes == 240] == [date(2026, 9, 30)]


def test_only_members_earn_in_the_members_scheme(make, branch, activity):
    person = make.person(home=branch, stage=StageKind.ACTIVIST)
    post(a_credit(person, activity, branch))
    assert points.totals([person], SchemeKind.MEMBER, "all") == {}


def test_one_source_is_never_credited_twice(make, branch, activity):
    person = make.person(home=branch)
    post(a_credit(person, activity, branch))
    with pytest.raises(IntegrityError):
        in_transaction(
            lambda: db.session.execute(
                HourEntry.__table__.insert().from_select(
                    [c.name for c in HourEntry.__table__.columns if c.name != "id"],
                    select(*[c for c in HourEntry.__table__.columns if c.name != "id"]),
                )
            )
        )
    assert hours.sums(person).service_credit == 155


def test_a_reversal_takes_everything_back_and_a_new_credit_may_follow(make, branch, activity):
    person = make.person(home=branch)
    post(a_credit(person, activity, branch))
    take_back(1)
    assert hours.sums(person) == hours.Sums()
    assert points.totals([person], SchemeKind.VOLUNTEER, "all") == {person: 0}
    post(a_credit(person, activity, branch, minutes=120))
    assert hours.sums(person).service_credit == 120
    take_back(1)
    take_back(1)
    assert hours.sums(person) == hours.Sums()


def test_hours_count_for_the_home_branch_of_that_day(make, branch, activity):
    elsewhere = make.unit("别的支部", parent=branch)
    person = make.person(home=branch)
    post(a_credit(person, activity, elsewhere))
    rows = db.session.execute(select(HourUnitTotal.unit_id, HourUnitTotal.minutes).where(HourUnitTotal.period == "all")).all()
    assert [tuple(row) for row in rows] == [(branch, 155)]


def test_a_failure_in_the_middle_leaves_nothing(make, branch, activity):
    person = make.person(home=branch)

    def credit_then_fail():
        crediting.credit([a_credit(person, activity, branch)], clock.now())
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        in_transaction(credit_then_fail)
    for table in (HourEntry, HourPersonTotal, PointEntry, PointPersonTotal):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


moves = st.lists(
    st.tuples(st.sampled_from(["credit", "reverse"]), st.integers(0, 2), st.integers(1, 4), st.integers(1, 600), st.integers(0, 400)),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves)
def test_totals_are_always_the_sums_of_the_ledgers(make, branch, activity, moves):
    people = [make.person(home=branch, stage=StageKind.MEMBER) for _ in range(3)]
    standing = {}
    base = int(db.session.scalar(select(func.coalesce(func.max(HourEntry.source_id), 0))) or 0)
    for what, who, source, minutes, days in moves:
        source_id = base + source
        if what == "credit" and source_id not in standing:
            post(a_credit(people[who], activity, branch, source_id, minutes, day=DAY - timedelta(days=days)))
            standing[source_id] = (who, minutes)
        elif what == "reverse":
            take_back(source_id)
            standing.pop(source_id, None)
    for place, person in enumerate(people):
        assert hours.sums(person).service_credit == sum(minutes for who, minutes in standing.values() if who == place)
        ledger = db.session.scalar(select(func.coalesce(func.sum(PointEntry.points), 0)).where(PointEntry.person_id == person))
        total = db.session.scalar(
            select(func.coalesce(func.sum(PointPersonTotal.points), 0)).where(
                PointPersonTotal.person_id == person, PointPersonTotal.period == "all"
            )
        )
        assert ledger == total
