"""A report says what counting one by one says, for the unit and for each below it, whatever moved, came late or was taken back."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.activities.rules import ActivityKind
from app.activities.templates import Outcome
from app.core import clock
from app.hours.rules import HourClass, HourKind
from app.reports import queries, rules
from app.reports.queries import figures
from app.reports.rules import span_of
from tests.conftest import statements
from tests.reports.worlds import Held, Moving, Served, World

TODAY = date(2026, 11, 21)
days = st.integers(0, 500).map(lambda ago: TODAY - timedelta(days=ago))
people = st.lists(st.builds(Moving, st.integers(0, 2), st.integers(0, 2), days), min_size=1, max_size=4)


@st.composite
def services(draw, many):
    on = draw(days)
    later = st.integers(1, 400).map(lambda after: min(TODAY, on + timedelta(days=after))).filter(lambda day: day > on)
    late = draw(st.none() | later) if on < TODAY else None
    undone = draw(st.none() | st.just(late or on)) if late else draw(st.none() | later) if on < TODAY else None
    return Served(
        draw(st.integers(0, many - 1)),
        on,
        draw(st.integers(1, 600)),
        draw(st.sampled_from(HourKind)),
        draw(st.sampled_from(HourClass)),
        late,
        undone,
        draw(st.none() | st.integers(0, 2)),
    )


@st.composite
def worlds(draw):
    them = draw(people)
    one = st.builds(
        Held,
        st.integers(0, 2),
        days.filter(lambda day: day < TODAY),
        st.sampled_from(ActivityKind),
        st.none() | st.integers(0, 300),
        st.none() | st.integers(0, 90),
        st.booleans(),
        st.integers(0, 2),
    )
    return them, draw(st.lists(services(len(them)), max_size=8)), draw(st.lists(one, max_size=4))


def test_a_report_is_what_counting_one_by_one_gives(app, make):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate))
    @given(worlds(), st.sampled_from(["2026-11", "2026-10", "2026", "2025-12", "2025"]))
    def counts(drawn, key):
        world = World(make, *drawn).build()
        span = span_of(key, TODAY)
        found = queries.report(world.community, span, clock.now())
        assert found.figures == world.figures({0, 1, 2}, span, TODAY)
        assert found.before == world.figures({0, 1, 2}, rules.before(span), TODAY)
        assert {one.unit_id: one.figures for one in found.below} == {
            unit: world.figures({number}, span, TODAY) for number, unit in enumerate(world.branches)
        }
        lifts = sum(one.lifts for one in world.held if one.served is not None and not one.cancelled and span.first <= one.on <= span.last)
        assert found.outcomes == ({Outcome.LIFTS: lifts} if lifts else {})
        assert sum(one.held for one in found.kinds) == found.figures.held
        assert queries.figures_of(world.community, span, clock.now()) == found.figures

    counts()


@pytest.mark.parametrize("key", ["2026-03", "2026-01", "2026"])
def test_who_is_new_is_the_same_whichever_side_of_time_is_read(app, make, key, monkeypatch):
    """Of recent periods what came since is taken from all; of old ones what was before is read."""
    span = span_of(key, TODAY)
    earlier = rules.before(span).last
    served = [
        Served(0, span.first, 60, HourKind.SERVICE, HourClass.CREDIT),
        Served(1, span.first, 60, HourKind.STUDY, HourClass.CREDIT),
        Served(1, earlier, 30, HourKind.SERVICE, HourClass.HONOUR),
        Served(2, span.first, 60, HourKind.SERVICE, HourClass.CREDIT),
        Served(2, TODAY, 60, HourKind.SERVICE, HourClass.CREDIT),
    ]
    world = World(make, [Moving(0, 0, date(2020, 6, 1)) for _ in range(3)], served, []).build()
    said = []
    for years in (-1, 100):
        monkeypatch.setattr(figures, "YEARS_ONWARD", years)
        said.append(queries.figures_of(world.community, span, clock.now()))
    assert said[0] == said[1] == world.figures({0, 1, 2}, span, TODAY)
    assert said[0].newcomers == 2


def test_the_number_of_questions_does_not_grow(app, make):
    def asked(world):
        with statements() as sent:
            queries.report(world.community, span_of("2026", TODAY), clock.now())
        return len(sent)

    small = World(make, [Moving(0, 1, TODAY)], [], []).build()
    large = World(
        make,
        [Moving(number % 3, 2, TODAY) for number in range(12)],
        [Served(number % 12, TODAY - timedelta(days=number * 9), 60, HourKind.SERVICE, HourClass.CREDIT) for number in range(40)],
        [Held(number % 3, TODAY - timedelta(days=number + 1), ActivityKind.SERVICE, 5, 7) for number in range(9)],
    ).build()
    for _ in range(5):
        make.unit(parent=large.community)
    assert asked(small) == asked(large) <= 16
