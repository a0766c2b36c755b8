"""Run a plan, step by step, with the invariants after each; and make a plan that fails as short as possible."""

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import Flask

from app.core import clock
from app.core.db import db
from tests.conftest import Site
from tests.simulator.checks import Checks
from tests.simulator.further import Further
from tests.simulator.phones import Phones
from tests.simulator.plan import Plan, Step
from tests.simulator.world import Broken, World

BY_PHONE = {"scan", "keep", "desk", "flush", "resend", "depart", "undo", "desk_undo", "forge"}
QUIET = {"keep", "desk"}  # nothing reaches the server


@dataclass(frozen=True)
class Failure:
    """The first invariant that did not hold, and the step after which it did not."""

    invariant: str
    detail: str
    place: int


@dataclass(frozen=True)
class Done:
    failure: Failure | None
    scans: int = 0
    contested: int = 0  # of a person at an activity, where the oracle abstained
    told: int = 0


def run(
    site: Site, plan: Plan, prepare: Callable[[], None] | None = None, after: Callable[[int, World, Phones], None] | None = None
) -> Done:
    """On a fresh database, inside the site's application context. `prepare` may break it first; `after` looks on after each step."""
    db.session.remove()
    site.fresh()
    try:
        if prepare:
            prepare()
        return _run(site.app, plan, after)
    finally:
        db.session.remove()
        db.engine.dispose()


def _run(app: Flask, plan: Plan, after: Callable[[int, World, Phones], None] | None) -> Done:
    world = World(plan, app)
    phones, checks = Phones(world), Checks(world)
    office = Further(world, phones)
    for place, step in enumerate(plan.steps):
        world.now = world.at(step.at)
        with clock.frozen_at(world.now):
            try:
                if step.kind == "evening":
                    checks.evening(iter(phones.acknowledged()))
                elif step.kind in BY_PHONE:
                    phones.do(step)
                else:
                    office.do(step)
                if step.kind not in QUIET:
                    checks.often(iter(phones.acknowledged()))
                if after:
                    after(place, world, phones)
            except Broken as broken:
                return Done(Failure(broken.invariant, str(broken), place))
            except Exception as error:
                return Done(Failure(f"crash: {type(error).__name__}", traceback.format_exc(limit=-6), place))
    scans = sum(one.outcome is not None for one in phones.scans.values())
    met = world.oracle.events.keys()
    return Done(None, scans, len(world.oracle.contested & met), len(met))


def shrink(site: Site, plan: Plan, failure: Failure, seconds: float) -> tuple[Plan, Failure]:
    """Leave out steps, larger parts first, as long as the same invariant does not hold. The last step is the one that shows it.

    `seconds` of processor: a machine that is busy otherwise finds the same.
    """
    until = time.process_time() + seconds
    steps: Sequence[Step] = plan.steps[: failure.place + 1]
    size = len(steps) // 2
    while size and time.process_time() < until:
        begin, before = 0, len(steps)
        while begin < len(steps) - 1 and time.process_time() < until:
            fewer = (*steps[:begin], *steps[begin + size :])
            found = run(site, replace(plan, steps=fewer)).failure
            if found and found.invariant == failure.invariant:
                steps, failure = fewer[: found.place + 1], found
            else:
                begin += size
        if size > 1 or len(steps) == before:
            size //= 2
    return replace(plan, steps=tuple(steps)), failure
