"""The connection that a thread keeps for the snapshot of PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from app.core.db import db
from app.leaderboards import stamps
from tests.leaderboards.test_unchanged import again, reader, tag_of

__all__ = ["reader"]
postgresql_only = True  # SQLite has no server that could go away


def test_a_line_that_died_with_the_database_is_taken_anew(as_person, reader):
    browser = as_person(reader)
    tag = tag_of(browser)
    assert again(browser, tag) == 304
    line = stamps._line.cursor.connection.info.backend_pid
    assert db.session.scalar(text(f"SELECT pg_terminate_backend({line})"))
    assert again(browser, tag) == 304
    assert stamps._line.cursor.connection.info.backend_pid != line


def test_a_line_is_hung_up_when_its_thread_ends(app):
    def ask():
        with app.app_context():
            stamps._snapshot(db.engine)
            return stamps._line.cursor.connection

    with ThreadPoolExecutor(1) as pool:
        line = pool.submit(ask).result()
        assert not line.closed
    assert line.closed
