"""A backup taken while phones scan at a gate: it comes back whole, its ledgers agree and its seal holds.

A real server, real connections, both engines.
"""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.audit import service as audit
from app.checkin.models import Scan
from app.core import clock
from app.core.config import ROOT, Env
from app.core.db import db, in_transaction
from app.people.models import Unit
from app.people.rules import UnitKind
from app.seals import queries as sealed
from app.seals import service as seals
from app.seals.queries import SealRow
from app.web.backups import archive, rehearsing
from tests.browser.server import SECRET_KEY
from tests.checkin.test_kill import Acknowledged, phone, serving, town  # noqa: F401 (town is a fixture)

pytestmark = pytest.mark.xdist_group("browser-1")  # one worker's, as the other tests that start servers
BURSTS = {"sqlite": 5, "postgresql": 5}
PATIENCE = 120.0


def test_a_backup_taken_while_people_scan_passes_ledger_verify(town: tuple[Any, str], engine: str, tmp_path: Path) -> None:  # noqa: F811
    place, url = town
    in_transaction(lambda: db.session.execute(update(Unit).where(Unit.id == place.branch).values(kind=UnitKind.SUBDISTRICT)))
    seal = sealed_before()
    bursts = [place.burst() for _ in range(BURSTS[engine])]
    total = sum(len(kept) for burst in bursts for _, kept in burst)
    done, faults, saved = Acknowledged(), list[str](), list[tuple[int, Path, int]]()
    db.session.remove()
    with serving(url, tmp_path) as server:
        server.start()
        threads = [
            threading.Thread(target=phone, args=(server.port, cookie, kept, done, faults)) for burst in bursts for cookie, kept in burst
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and len(saved) < 3:
            done.wait_for(min(total, total * (len(saved) + 1) // 5))
            acknowledged, file = len(done.outcomes), tmp_path / f"load-{len(saved)}.tar.gz"
            backup(url, tmp_path, file)
            saved.append((acknowledged, file, len(done.outcomes)))
        for thread in threads:
            thread.join(PATIENCE)
    assert faults == []
    assert len(done.outcomes) == total == db.session.scalar(select(func.count()).select_from(Scan))
    assert any(before < after for before, _, after in saved), "scans were answered while a backup was made"
    for before, file, _ in saved:
        found = rehearsing.rehearse(file)
        assert found.faults == {}
        assert before <= found.manifest.rows["scan"] <= total, "every scan acknowledged before it began is in it"
    _, file, _ = saved[0]
    command(place.app, "restore", str(file), "--force", "--while-serving")
    command(place.app, "ledger", "verify")
    assert db.session.scalar(select(func.count()).select_from(Scan)) == archive.read_through(file).rows["scan"]
    assert sealed.last_seal() == seal


def sealed_before() -> SealRow:
    """The last seal of days that are over, whenever this runs, on one of which something was written."""
    with clock.frozen_at(datetime.now(UTC) - timedelta(days=2)):
        in_transaction(lambda: audit.record(None, "backup.restoration", "backup", None, made_at=clock.now().isoformat()))
    made = list(seals.seal_days(datetime.now(UTC)))
    assert sum(one.content["audit_event"]["rows"] for one in made) >= 1
    return made[-1]


def command(app: Flask, *words: str) -> None:
    """As the operator gives it, the site being stopped."""
    db.session.remove()
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, (done.output, done.exception)


def backup(url: str, folder: Path, file: Path) -> None:
    """As the operator's timer does it: another process, the site running."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    told = {"SHULIN_ENV": Env.DEVELOPMENT.value, "SHULIN_DATA": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "-m", "flask", "--app", "app", "backup", str(file)]
    subprocess.run(command, cwd=ROOT, env={**kept, **told}, check=True, capture_output=True, timeout=PATIENCE)
    assert archive.read_through(file).rows["scan"] >= 0
