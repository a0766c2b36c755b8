"""Once a period is closed, what is taken back or corrected of it counts today, and costs what its own cap says: no more and no less."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.closing import is_closed
from app.hours.rules import HourClass, PeriodKind, SourceKind, period
from app.people.rules import StageKind
from app.points import queries as points
from app.points.models import PointEntry
from app.points.rules import SchemeKind
from app.points.totals import disagreements
from tests.conftest import statements
from tests.schemes.versions import publish, rule

VOLUNTEER, MEMBER = SchemeKind.VOLUNTEER, SchemeKind.MEMBER
EIGHT_HOURS = 480


@pytest.fixture
def branch(make):
    return make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))


@pytest.fixture
def person(make, branch):
    return make.person(home=branch, stage=StageKind.MEMBER, stage_since=date(2020, 1, 1))


@pytest.fixture
def served(make, branch, person):
    """Eight hours by machine, a source of its own, booked on the day itself unless said otherwise."""
    activity = make.activity(branch, make.person("霍静雯"))

    def done(source, day, *, minutes=EIGHT_HOURS, booked=None):
        one = Credit(person, activity, ActivityKind.SERVICE, branch, day, minutes, HourClass.CREDIT, source, "1")
        on(booked or day, lambda now: crediting.credit([one], now))

    return done


def on(day, work):
    with clock.frozen_at(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
        in_transaction(lambda: work(clock.now()))


def take_back(day, *sources):
    on(day, lambda now: crediting.reverse(SourceKind.ATTENDANCE, sources, "这条不对", now, made_by_id=None))


def total(person, period, scheme=VOLUNTEER):
    return points.totals([person], scheme, period).get(person, 0)


@pytest.fixture
def march(served):
    """Six times eight points under a cap of 40 a month: the sixth gave nothing."""
    for number in range(1, 7):
        served(number, date(2026, 3, number))


APRIL = date(2026, 4, 15)


def test_an_entry_that_gave_nothing_costs_nothing(march, person):
    take_back(APRIL, 6)
    assert (total(person, "2026-03"), total(person, "2026-04"), total(person, "2026")) == (4000, 0, 4000)
    assert disagreements() == []


def test_what_still_fills_its_month_without_it_costs_nothing(march, person):
    take_back(APRIL, 1)
    assert (total(person, "2026-03"), total(person, "2026-04")) == (4000, 0)
    take_back(APRIL + timedelta(days=40), 2)
    assert (total(person, "2026-04"), total(person, "2026-05"), total(person, "all")) == (0, -800, 3200)
    assert disagreements() == []


def test_a_month_that_is_full_itself_does_not_pay_for_another(march, served, person):
    for number in range(11, 18):
        served(number, date(2026, 4, number))
    take_back(APRIL + timedelta(days=3), 1, 2)
    assert total(person, "2026-04") == 4000 - 800, "of 48 hours in March 32 are left: 8 points less"
    served(18, date(2026, 4, 19))
    assert total(person, "2026-04") == 4000 - 800, "and April's own cap is full, however much March lost"
    take_back(date(2026, 4, 20), 11, 12, 13, 14)
    assert total(person, "2026-04") == 3200 - 800, "four of eight are left in April"


def test_a_year_that_is_closed_keeps_its_own_cap(served, person):
    """党员积分: 25 a year. Of 32 hours in 2025 one day is taken back in February 2026."""
    for number in range(1, 5):
        served(number, date(2025, 10, number))
    served(9, date(2026, 2, 1))
    take_back(date(2026, 2, 3), 4)
    assert (total(person, "2025", MEMBER), total(person, "2026", MEMBER)) == (2500, 800 - 100)
    take_back(date(2026, 2, 4), 3)
    assert (total(person, "2025", MEMBER), total(person, "2026", MEMBER)) == (2500, 800 - 900)
    assert disagreements() == []


def test_a_quarter_that_is_closed_keeps_its_own_cap(served, person):
    publish(VOLUNTEER, date(2026, 1, 1), rule("service", "hour", 100, cap=2000, cap_period="quarter"))
    for number, month in enumerate((1, 2, 3), 1):
        served(number, date(2026, month, 5))
    take_back(date(2026, 4, 11), 1)
    assert (total(person, "2026-Q1"), total(person, "2026-Q2")) == (2000, -400)
    assert (total(person, "2026-01"), total(person, "2026-03"), total(person, "2026-04")) == (800, 400, -400)
    assert disagreements() == []


def test_a_correction_of_what_was_cut_earns_nothing_new(march, person, served):
    """Six times eight hours; the last one was seven and a half. March gives 40 as before, and April nothing."""

    def corrected(now):
        crediting.reverse(SourceKind.ATTENDANCE, [6], "更正", now, made_by_id=None)

    on(APRIL, corrected)
    served(6, date(2026, 3, 6), minutes=450, booked=APRIL)
    assert (total(person, "2026-03"), total(person, "2026-04")) == (4000, 0)
    take_back(APRIL, 1, 2)
    assert total(person, "2026-04") == 3150 - 4000, "three of eight and one of seven and a half are left"
    served(20, date(2026, 4, 20))
    assert total(person, "2026-04") == 3150 - 4000 + 800
    assert disagreements() == []


def test_a_late_entry_falls_under_the_cap_of_the_month_it_counts_in(march, served, person):
    """As before: only what was counted once has a month of its own."""
    served(7, date(2026, 3, 7), booked=APRIL)
    assert total(person, "2026-04") == 800
    take_back(date(2026, 5, 20), 7)
    assert (total(person, "2026-04"), total(person, "2026-05")) == (800, -800)


def test_a_cap_over_versions_is_that_of_the_closed_period(served, person):
    """10 a year in the first version, 20 from June on; 8 + 2 and 8 + 2 of four days. The first day is taken back a year later."""
    publish(MEMBER, date(2025, 1, 1), rule("service", "hour", 100, cap=1000))
    publish(MEMBER, date(2025, 6, 1), rule("service", "hour", 100, cap=2000))
    for number, month in enumerate((2, 3, 7, 8), 1):
        served(number, date(2025, month, 5))
    assert total(person, "2025", MEMBER) == 2000
    take_back(date(2026, 3, 3), 1)
    assert (total(person, "2025", MEMBER), total(person, "2026", MEMBER)) == (2000, 0), "8 of the first version leave 12 for the second"
    take_back(date(2026, 3, 4), 3)
    assert total(person, "2026", MEMBER) == -400
    assert disagreements() == []


def test_taking_back_a_little_under_a_later_version_costs_a_little(served, person):
    """10 a year until June, 20 from then on: 10 + 10. Half an hour of August was wrong."""
    publish(MEMBER, date(2026, 1, 1), rule("service", "hour", 100, cap=1000))
    publish(MEMBER, date(2026, 6, 1), rule("service", "hour", 100, cap=2000))
    for number, month in enumerate((2, 3, 6, 7), 1):
        served(number, date(2026, month, 5))
    served(5, date(2026, 8, 5), minutes=30)
    take_back(date(2026, 8, 5), 5)
    assert total(person, "2026", MEMBER) == 2000
    take_back(date(2026, 8, 6), 4)
    assert total(person, "2026", MEMBER) == 1800
    assert disagreements() == []


def test_what_comes_late_under_an_earlier_version_has_its_own_share(served, person):
    """8 under the first version, 12 under the second; eight hours of March come in September: 2 of the first, which the second loses."""
    publish(MEMBER, date(2026, 1, 1), rule("service", "hour", 100, cap=1000))
    publish(MEMBER, date(2026, 6, 1), rule("service", "hour", 100, cap=2000))
    for number, month in enumerate((2, 6, 7), 1):
        served(number, date(2026, month, 5))
    served(4, date(2026, 3, 5), booked=date(2026, 9, 9))
    said = points.why(person, MEMBER, date(2026, 9, 1), date(2026, 9, 30))
    assert sorted((one.source_kind.value, one.wanted, one.points) for one in said) == [
        ("attendance", 800, 0),
        ("evened", 0, -200),
        ("evened", 0, 200),
    ]
    assert total(person, "2026", MEMBER) == 2000
    take_back(date(2026, 9, 10), 4)
    assert (total(person, "2026-09", MEMBER), total(person, "2026", MEMBER)) == (0, 2000)
    assert disagreements() == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("served"), st.sampled_from((0, 0, 0, 20, 50)), st.sampled_from((60, 300, 480))),
        st.tuples(st.just("served"), st.just(0), st.just(480)),
        st.tuples(st.just("corrected"), st.integers(0, 20), st.sampled_from((30, 480, 700))),
        st.tuples(st.just("taken back"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("days pass"), st.sampled_from((1, 2, 12, 40)), st.just(0)),
    ),
    min_size=12,
    max_size=40,
)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_when_somebody_has_what_stands_of_each_period_up_to_its_cap(make, branch, steps):
    """Told by a ledger of its own: minutes that stand, by the period in which each record was counted first."""
    person = make.person(home=branch, stage=StageKind.MEMBER, stage_since=date(2020, 1, 1))
    activity, today = make.activity(branch, make.person()), date(2025, 10, 28)
    stands: dict[int, tuple[date, date, int]] = {}  # source → the day of the service, a day of the period whose cap holds, minutes

    def credited(source, day, minutes):
        one = Credit(person, activity, ActivityKind.SERVICE, branch, day, minutes, HourClass.CREDIT, source, "1")
        on(today, lambda now: crediting.credit([one], now))

    def gone(source):
        on(today, lambda now: crediting.reverse(SourceKind.ATTENDANCE, [source], "这条不对", now, made_by_id=None))

    begun = next(_sources) * 1000
    credited(begun, today, 60)  # from this month on the site is in use
    gone(begun)
    for source, (what, number, minutes) in enumerate(steps, begun + 1):
        chosen = sorted(stands)[number % len(stands)] if stands else None
        if what == "days pass":
            today += timedelta(days=number)
        elif what == "served":
            day = max(date(2025, 10, 1), today - timedelta(days=number))
            credited(source, day, minutes)
            stands[source] = day, today if is_closed(day, today) else day, minutes
        elif chosen is not None:
            day, counted, _ = stands.pop(chosen)
            gone(chosen)
            if what == "corrected":
                credited(chosen, day, minutes)
                stands[chosen] = day, counted if is_closed(day, today) else day, minutes
        for scheme, cap, kind in ((VOLUNTEER, 4000, PeriodKind.MONTH), (MEMBER, 2500, PeriodKind.YEAR)):
            wanted: Counter[str] = Counter()
            for _, counted, served_minutes in stands.values():
                wanted[period(kind, counted).key] += served_minutes * 100 // 60
            assert total(person, "all", scheme) == sum(min(cap, want) for want in wanted.values())
    assert disagreements() == []


_sources = count(1)


def test_the_database_knows_no_cap_of_a_period_to_come(march, person):
    row = dict(db.session.execute(PointEntry.__table__.select().limit(1)).mappings().one())
    of = {key: value for key, value in row.items() if key != "id"} | {"source_id": 99}
    late = {"counted_on": row["booked_on"], "served_on": date(2026, 2, 1)}
    for wrong in ({"cap_on": date(2026, 2, 1)}, late | {"cap_on": row["booked_on"]}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda wrong=wrong: db.session.execute(insert(PointEntry).values(**of | wrong)))


def test_however_many_are_taken_back_the_same_statements(march, served, person):
    for number in range(11, 16):
        served(number, date(2026, 4, number))
    with statements() as few:
        take_back(APRIL, 1)
    with statements() as many:
        take_back(APRIL, 2, 3, 4, 11, 12)
    assert len(many) <= len(few) + 2
