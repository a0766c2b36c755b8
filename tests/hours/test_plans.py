"""What pages ask of the ledgers is found by an index: they have millions of rows."""

import pytest
from sqlalchemy import text

from app.core.db import db

sqlite_only = True


def plan(asked: str) -> str:
    return " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {asked}")))


def test_the_hours_of_some_activities_are_found_by_them(app):
    asked = "SELECT sum(minutes) FROM hour_entry WHERE activity_id IN (SELECT activity_id FROM fund_project_activity)"
    assert "ix_hour_entry_activity" in plan(asked)


@pytest.mark.parametrize("ledger", ["hour_entry", "point_entry", "fund_movement_entry", "fund_service_entry"])
def test_whether_an_entry_was_taken_back_is_not_looked_for_in_the_whole_ledger(app, ledger):
    """Also by the statistics of a ledger in which nothing was taken back: one key, NULL, in 200,000 rows."""
    indexes = [row[1] for row in db.session.execute(text(f"PRAGMA index_list({ledger})"))]
    unique = [name for name in indexes if [row[2] for row in db.session.execute(text(f"PRAGMA index_info({name})"))] == ["reverses_id"]]
    db.session.execute(text("ANALYZE"))
    for name in unique:
        if name.startswith("sqlite_autoindex"):
            db.session.execute(text("INSERT INTO sqlite_stat1 VALUES (:ledger, :name, '200000 200000')"), {"ledger": ledger, "name": name})
    db.session.execute(text("ANALYZE sqlite_schema"))
    found = plan(
        f"SELECT entry.id, back.booked_at FROM {ledger} entry LEFT JOIN {ledger} back ON back.reverses_id = entry.id WHERE entry.id = 7"
    )
    assert f"ix_{ledger}_reverses" in found
    assert "SCAN" not in found
