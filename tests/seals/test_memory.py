"""Holding seals against the tables takes no more memory for many rows than for few."""

import gc
import tracemalloc
from datetime import timedelta

from sqlalchemy import text

from app.core.db import db, in_transaction
from app.seals import checking, rules, service
from tests.conftest import NOON
from tests.seals.conftest import DAY

sqlite_only = True  # the same reading on both; measured on both by tests/bench/seals.py
ROWS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO audit_event (at, action, subject, subject_id, detail, request_id) SELECT :at, 'person.view', 'person', i, '{}', '-' FROM n"""
SCANS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO scan (id, activity_id, person_id, way, outcome, at, received_at, content)
SELECT lower(hex(randomblob(16))), :activity, :person, 'poster', 'in', :at, datetime(:at, '+' || i || ' seconds') || '.000000', '' FROM n"""


def peak(days, rows: int, n: int) -> int:
    at = (NOON + n * DAY).replace(tzinfo=None, hour=1) - timedelta(minutes=5)
    told = {"rows": rows, "at": f"{at:%Y-%m-%d %H:%M:%S}.000000"}
    in_transaction(lambda: db.session.execute(text(ROWS), told))
    in_transaction(lambda: db.session.execute(text(SCANS), told | {"activity": days.activity, "person": days.people[0]}))
    list(service.seal_days(NOON + n * DAY + timedelta(hours=15)))
    db.session.remove()
    seldom = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # as a server does: tests look for garbage less often
    tracemalloc.start()
    try:
        assert checking.disagreements(NOON + n * DAY + timedelta(hours=15)) == []
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.set_threshold(*seldom)


def test_ten_times_the_rows_take_the_memory_of_once(days, monkeypatch):
    monkeypatch.setattr(rules, "PART_ROWS", 100)
    peak(days, 300, 0)  # what is only read once
    few, many = peak(days, 500, 1), peak(days, 5_000, 2)
    assert many < 1.5 * few
