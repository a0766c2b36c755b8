"""Days from seeds, on both engines: whatever phones, gates and people do, what must hold holds after each step.

`make simulate` runs thousands.
"""

import pytest

from tests.simulator import plan, plan_more
from tests.simulator.run import run

FOUND = (193, 200)  # showed what is mended since
SEEDS = {"sqlite": (*range(3), *FOUND), "postgresql": (8, 9)}
MOVES = {"sqlite": ("digits", "merge", "cut"), "postgresql": ("race", "cut")}  # one day each


def test_what_must_hold_holds_after_each_step(site):
    found, scans, silent, told = [], 0, 0, 0
    with site.app.app_context():
        days = [plan.make(seed) for seed in SEEDS[site.engine]] + [plan_more.make(1, move) for move in MOVES[site.engine]]
        for day in days:
            done = run(site, day)
            found += [f"seed {day.seed} with {day.more}: {done.failure}"] if done.failure else []
            scans, silent, told = scans + done.scans, silent + done.contested, told + done.told
    assert found == []
    assert scans > 20 * len(days)
    assert silent * 3 < told, "the oracle speaks of most"


@pytest.mark.parametrize("seed", [0, 7, 1234567])
def test_a_seed_is_always_the_same_day(seed):
    assert plan_more.make(seed) == plan_more.make(seed)
    assert plan_more.make(seed).steps != plan_more.make(seed + 1).steps
