"""The simulator finds what is broken on purpose, each within a few seeds, and makes the day that shows it short."""

from collections.abc import Iterable

import pytest

from tests.simulator import plan, plan_more
from tests.simulator.mutants import MUTANTS, no_overlap_triggers
from tests.simulator.mutants_more import MORE_MUTANTS
from tests.simulator.run import Done, run, shrink

sqlite_only = True
WITHIN = 25  # seeds
FIRST = {"outside_is_as_good_as_inside": 7, "half_of_what_was_cut_off_stays": 2}  # those before show nothing: time is dear


def noticed(days: Iterable[Done]) -> None:
    """By an invariant, or because the database refuses what the program let through: that what was broken falls over shows nothing."""
    failure = next((one.failure for one in days if one.failure), None)
    assert failure is not None, "nothing was noticed"
    assert failure.invariant == "crash: IntegrityError" or not failure.invariant.startswith("crash"), failure.detail


@pytest.mark.parametrize("name", MUTANTS)
def test_what_is_broken_is_found(site, name, monkeypatch):
    MUTANTS[name](monkeypatch)
    prepare = no_overlap_triggers if name == "spells_may_overlap" else None
    with site.app.app_context():
        noticed(run(site, plan.make(seed), prepare) for seed in range(WITHIN))


@pytest.mark.parametrize("name", MORE_MUTANTS)
def test_what_is_broken_of_the_rest_is_found(site, name, monkeypatch):
    move, mutate = MORE_MUTANTS[name]
    mutate(monkeypatch)
    with site.app.app_context():
        seeds = range(FIRST.get(name, 0), WITHIN)
        noticed(run(site, plan_more.make(seed, move)) for seed in seeds)


def test_a_day_that_fails_is_made_short(site, monkeypatch):
    MUTANTS["totals_are_not_kept"](monkeypatch)
    day = plan.make(3)
    with site.app.app_context():
        failure = run(site, day).failure
        assert failure is not None
        short, same = shrink(site, day, failure, seconds=8)
    assert same.invariant == failure.invariant
    assert len(short.steps) < failure.place / 2
