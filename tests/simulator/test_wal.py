"""The WAL cut at a hundred random bytes, in the middle of days of all kinds: consistent, verified, no scan lost that is promised.

`python -m tests.simulator.cuts` does as many as one likes, on PostgreSQL too.
"""

from pathlib import Path

from app import create_app
from app.core.db import db
from tests.conftest import settings_for
from tests.simulator import plan
from tests.simulator.cuts import CUTS, MOMENTS, opened, torn
from tests.simulator.run import run
from tests.simulator.wal import Moment, Position, position

sqlite_only = True
SEEDS = (0, 5)


def test_a_cut_anywhere_in_the_wal_leaves_a_whole_database_and_every_scan_that_is_promised(site, tmp_path):
    with site.app.app_context():
        found = [one for seed in SEEDS for one in torn(site, seed, tmp_path)]
    assert [one for one in found if not one.promised <= one.there] == []
    assert len(found) == len(SEEDS) * MOMENTS * CUTS > 100
    assert sum(len(one.promised) for one in found) > len(found), "there was something to lose"


def test_where_a_commit_ends_is_read_rightly(site, tmp_path):
    """One byte less and the last scan is not promised; and it is indeed not there."""
    where = dict[str, Position]()
    lost = []

    def look(place, _world, phones):
        at, fresh = position(site.file), False
        for made in phones.acknowledged():
            fresh |= made.id.hex not in where
            where.setdefault(made.id.hex, at)
        if fresh and place < 40 and len(lost) < 3:
            moment = Moment.of(Path(site.file), tmp_path, where, at)
            target, wal = tmp_path / "less.db", Path(f"{moment.database}-wal").read_bytes()
            target.write_bytes(moment.database.read_bytes())
            Path(f"{target}-wal").write_bytes(wal[: at.end - 1])
            with create_app(settings_for(f"sqlite:///{target}", tmp_path)).app_context():
                lost.append(max(at.end for at in where.values()) == at.end and len(set(where) - opened()))
                db.session.remove()
                db.engine.dispose()
            for tail in ("", "-wal", "-shm"):
                Path(f"{target}{tail}").unlink(missing_ok=True)

    with site.app.app_context():
        assert run(site, plan.make(0), after=look).failure is None
    assert lost
    assert all(lost)
