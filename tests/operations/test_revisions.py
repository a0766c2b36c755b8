"""How far a database is migrated is read without what migrates, and read the same."""

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from app.core.config import ROOT
from app.core.db import db
from app.web import revisions
from tests.architecture import schemas

SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))


@pytest.fixture
def empty(engine, tmp_path, request):
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path) as app:
        yield app


def as_alembic_says() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_what_this_program_wants_is_what_alembic_says():
    assert revisions.newest() == SCRIPTS.get_current_head()
    assert revisions.known() == {script.revision for script in SCRIPTS.walk_revisions()}


def test_how_far_a_database_is_is_what_alembic_says(empty):
    assert revisions.current() is as_alembic_says() is None
    upgrade(revision="0002")
    assert revisions.current() == as_alembic_says() == "0002"
    downgrade(revision="base")
    assert revisions.current() is as_alembic_says() is None


def test_a_proxy_is_told_to_wait_until_schema_and_program_agree(empty, monkeypatch):
    """Two nodes, one of them updated: the other is not asked until its program is the same."""
    client = empty.test_client()

    def answered() -> tuple[int, str, int]:
        db.session.remove()
        ready = client.get("/readyz")
        return ready.status_code, ready.text, client.get("/healthz").status_code

    assert answered() == (503, "migrations\n", 200)
    before = str(SCRIPTS.get_revision("head").down_revision)
    upgrade(revision=before)
    assert answered() == (503, "migrations\n", 200)
    upgrade()
    assert answered() == (200, "ready\n", 200)
    monkeypatch.setattr(revisions, "newest", lambda: before)
    assert answered() == (503, "migrations\n", 200), "an older program under a newer schema"
