"""What public pages ask of the ledger is found by an index: it has millions of rows."""

from sqlalchemy import text

from app.core.db import db

sqlite_only = True


def test_the_hours_of_some_activities_are_found_by_them(app):
    asked = "SELECT sum(minutes) FROM hour_entry WHERE activity_id IN (SELECT activity_id FROM fund_project_activity)"
    plan = " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {asked}")))
    assert "ix_hour_entry_activity" in plan
