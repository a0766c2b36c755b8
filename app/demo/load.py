"""`demo load`: the place of the newspaper pages with invented people, made through the same services as real data."""

from random import Random

from flask import current_app
from sqlalchemy import func, select

from app.core import clock
from app.core.config import Env
from app.core.db import db
from app.core.errors import ConfigError, Conflict
from app.demo import (
    assessments,
    bank,
    boards,
    cards,
    certificates,
    double50,
    duties,
    full,
    fund,
    fund_changes,
    fund_money,
    fund_road,
    history,
    honours,
    looking,
    merges,
    own_claims,
    past,
    people,
    reports,
    results,
    rights,
    schemes,
    seals,
    shapes,
    spotchecks,
    trees,
    wishes,
    years,
)
from app.people.models import Unit

SEED = 20221021


SCALES = ("small", "full")


def load(scale: str = "small", progress: years.Progress = years.silent) -> None:
    """Fill an empty database: a community with four hundred people or, `full`, then the whole subdistrict and twelve years.

    Raises ConfigError in production or for an unknown scale, Conflict where there is data already.
    """
    if scale not in SCALES:
        raise ConfigError(f"演示数据只有 {'、'.join(SCALES)}")
    if current_app.config["SETTINGS"].env is Env.PRODUCTION:
        raise ConfigError("生产环境不能装演示数据")
    if db.session.scalar(select(func.count()).select_from(Unit)):
        raise Conflict("库里已经有数据，没有装演示数据。")
    rng, now = Random(SEED), clock.now()
    cast = people.build(rng, now)
    trees.load(cast, clock.local_date(now))
    held = history.run(rng, cast, now)
    history.today_and_soon(rng, cast, now)
    history.wait_for_decisions(cast, now)
    own_claims.load(cast, now)
    shapes.load(cast, now)
    duties.load(Random(SEED), cast, now)
    cards.load(Random(SEED), cast, now)
    looking.load(Random(SEED), cast, now)
    assessments.load(cast, now)
    fund_hands = fund_road.hands(cast, now)
    fund.load(rng, fund_hands, unit_id=cast.communities["灯湖"], activity_ids=held, today=clock.local_date(now))
    fund_money.load(fund_hands, now)
    fund_changes.load(fund_hands, now)
    results.load(cast.fund_officer, cast.fund_approver, now)
    spotchecks.load(cast.auditor, cast.fund_officer, now)
    bank.load(fund_hands, now)
    double50.load(cast, now)
    certificates.load(cast, now)
    honours.load(cast, now)
    reports.load(cast, now)
    schemes.load(cast, now)
    wishes.load(cast, now)
    merges.load(cast, now)
    rights.load(cast, now)
    if scale == "full":
        size = full.Size()
        made = full.town(cast.root, size, now)
        past.load(made.communities, cast.fund_officer, cast.fund_approver, clock.local_date(now))
        years.fill(made, size, cast.organiser, clock.local_date(now), progress)
    boards.load(cast, now)
    seals.load(now)
