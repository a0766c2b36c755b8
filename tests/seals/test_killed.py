"""`flask seal day` is killed for real in the middle of its work, again and again, and seals every row once in the end."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from app.core.config import ROOT
from app.core.db import db, in_transaction
from app.seals import checking, queries

ROWS = 12_000
COPY = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT :at, 'a', 's', i, '{}', '-' FROM n",
    "postgresql": "SELECT CAST(:at AS timestamp), 'a', 's', i, CAST('{}' AS json), '-' FROM generate_series(1, :rows) i",
}


def parts() -> int:
    return int(db.session.scalar(text("SELECT count(*) FROM seal_part_entry")))


@pytest.fixture
def command(app):
    settings = app.config["SETTINGS"]
    env = os.environ | {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "SHULIN_DATA": str(settings.data_dir),
        "SHULIN_ENV": "development",
    }
    return lambda: subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "seal", "day"], cwd=ROOT, env=env, stdout=subprocess.PIPE
    )


def test_kill_9_in_the_middle(app, engine, command):
    at = "2020-01-01 04:00:00.000000"  # the command goes by the real clock: before whatever day it is
    insert = f"INSERT INTO audit_event (at, action, subject, subject_id, detail, request_id) {COPY[engine]}"
    in_transaction(lambda: db.session.execute(text(insert), {"at": at, "rows": ROWS}))
    killed, seen = 0, 0
    for _ in range(4):
        running = command()
        until = time.monotonic() + 60
        while running.poll() is None and parts() < seen + 2 and time.monotonic() < until:
            time.sleep(0.01)
        if running.poll() is None:
            os.kill(running.pid, signal.SIGKILL)
            killed += 1
        running.communicate()
        seen = parts()
    last = command()
    last.communicate(timeout=120)
    assert last.returncode == 0
    assert killed >= 2
    made = queries.last_seal()
    assert made.content["audit_event"]["rows"] == ROWS
    assert db.session.scalar(text("SELECT sum(rows) FROM seal_part_entry WHERE sealed_table = 'audit_event'")) == ROWS
    assert checking.disagreements(made.sealed_at) == []
