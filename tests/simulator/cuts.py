"""Power cuts in the middle of days from seeds: `python -m tests.simulator.cuts 100 --engine postgresql`.

At some moments of a day the database's files are copied as they lie, the end of the WAL is gone, and the copy is opened. It must be
whole, `ledger verify` must find nothing, and every scan that was acknowledged after a commit that was not cut must be there.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import select

from app import create_app
from app.checkin.models import Scan
from app.core.db import db
from tests import engines
from tests.conftest import Site, settings_for
from tests.simulator import plan_more as plan
from tests.simulator.checks import verified
from tests.simulator.run import run
from tests.simulator.wal import Moment, Position, position
from tests.simulator.wal_postgres import Power
from tests.simulator.world import must

MOMENTS, CUTS = 4, 13  # of a day, and at each of its moments


@dataclass(frozen=True)
class Torn:
    """One cut: of which day, after which step, at which byte and how; the scans that must be there, and those that are."""

    seed: int
    place: int
    cut: int
    how: str
    promised: frozenset[str]
    there: frozenset[str]


def opened(again: bool = False) -> frozenset[str]:
    """The scans of the SQLite database as it opens, which is whole and verified."""
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    return _scans(again)


def _scans(again: bool) -> frozenset[str]:
    verified(again)
    return frozenset(one.hex for one in db.session.scalars(select(Scan.id)))


def torn(site: Site, seed: int, folder: Path, moments: int = MOMENTS, cuts: int = CUTS) -> list[Torn]:
    """One day on SQLite, cut at so many bytes at so many of its moments."""
    chance, where = Random(seed), dict[str, Position]()
    target = folder / "torn.db"
    other = create_app(settings_for(f"sqlite:///{target}", folder))
    found, begun = list[Torn](), list[Position]()  # what a test's factory makes is not one transaction
    day = plan.make(seed)
    chosen = set(chance.sample(range(10, len(day.steps)), moments))

    def look(place, _world, phones):  # type: ignore[no-untyped-def]
        at = position(site.file)
        begun[:] = begun or [at]
        for made in phones.acknowledged():
            where.setdefault(made.id.hex, at)
        if place not in chosen:
            return
        for cut, how, must_be in Moment.of(Path(site.file), folder, where, begun[0]).cuts(cuts, chance, target):
            with other.app_context():
                found.append(Torn(seed, place, cut, how, frozenset(must_be), opened(again=cut % 3 == 0)))
                db.session.remove()
                db.engine.dispose()

    done = run(site, day, after=look)
    must(done.failure is None, "the day itself holds", done.failure)
    return found


def torn_postgres(site: Site, seed: int, power: Power, moments: int = MOMENTS, cuts: int = CUTS) -> list[Torn]:
    """The same on PostgreSQL, with a server of its own for each copy."""
    chance, where, found = Random(seed), dict[str, int](), list[Torn]()
    day = plan.make(seed)
    chosen = set(chance.sample(range(10, len(day.steps)), moments))

    def look(place, _world, phones):  # type: ignore[no-untyped-def]
        if not power.floor:  # what a test's factory makes is not one transaction
            power.begin()
        fresh = [made.id.hex for made in phones.acknowledged() if made.id.hex not in where]
        where.update(dict.fromkeys(fresh, power.position()) if fresh else {})
        if place not in chosen:
            return
        for cut, how, url in power.cuts(cuts, chance, site.name):
            promised = frozenset(one for one, at in where.items() if at <= cut)
            other = create_app(settings_for(url, power.folder))
            with other.app_context():
                found.append(Torn(seed, place, cut, how, promised, _scans(again=cut % 3 == 0)))
                db.session.remove()
                db.engine.dispose()

    power.floor = 0
    done = run(site, day, after=look)
    must(done.failure is None, "the day itself holds", done.failure)
    return found


def _days(engine: str, folder: Path, seed: int, stack: ExitStack) -> Iterator[list[Torn]]:
    if engine == "sqlite":
        site = Site("sqlite", folder, None)
        stack.enter_context(site.app.app_context())
        while True:
            yield torn(site, seed, folder)
            seed += 1
    power = Power(stack.enter_context(engines.postgres_server(durable=True)), folder)
    site = Site("postgresql", folder, power.url)
    stack.callback(site.close)
    stack.enter_context(site.app.app_context())
    while True:
        yield torn_postgres(site, seed, power)
        seed += 1


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulator.cuts", description=__doc__)
    asked.add_argument("cuts", type=int, nargs="?", default=100)
    asked.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--from", type=int, default=0, dest="seed")
    said = asked.parse_args()
    cuts = promised = 0
    with tempfile.TemporaryDirectory(prefix="torn") as name, ExitStack() as stack:
        Path(name).chmod(0o755)
        for found in _days(said.engine, Path(name), said.seed, stack):
            for one in found:
                must(one.promised <= one.there, "no acknowledged scan is lost by a power cut", one)
            cuts, promised = cuts + len(found), promised + sum(len(one.promised) for one in found)
            sys.stdout.write(f"seed {found[0].seed}: {len(found)} cuts\n")
            sys.stdout.flush()
            if cuts >= said.cuts:
                break
    must(promised > cuts, "there was something to lose", (cuts, promised))
    sys.stdout.write(f"{cuts} of {cuts} cuts on {said.engine}: all whole, {promised} scans that were promised are there\n")


if __name__ == "__main__":
    main()
