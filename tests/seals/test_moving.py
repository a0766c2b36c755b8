"""Seals hold when a site comes to PostgreSQL and when a backup comes back; what was encrypted is read there too."""

import os

import pytest
from sqlalchemy import text

from app.audit import queries as audits
from app.core import clock
from app.core.db import db, in_transaction
from app.seals import checking, exports, queries
from tests import engines
from tests.architecture import schemas
from tests.conftest import NOON
from tests.seals.conftest import DAY, faults

LATER = NOON + 3 * DAY


def reasons() -> list[str]:
    return [row.detail["reason"] for row in audits.events(audits.Search(), 50) if "reason" in row.detail]


@pytest.mark.postgres
@pytest.mark.skipif(not engines.postgres_programs() and "TEST_DATABASE_URL" not in os.environ, reason="no PostgreSQL")
def test_a_move_to_postgresql_changes_no_seal(app, engine, sealed, request, monkeypatch, tmp_path):
    if engine != "sqlite":
        return
    server = engines.postgres_copy(request.getfixturevalue("postgres_url"), "template0", f"sealed_{os.getpid()}")
    kept, told, chain = exports.as_json(queries.last_seal(), "here"), reasons(), queries.chain(LATER.date())
    db.session.remove()
    monkeypatch.setenv("MOVE_TO", server)
    moving = app.test_cli_runner().invoke(args=["move"])
    assert moving.exit_code == 0, moving.output
    with schemas.unmigrated(server, tmp_path):
        assert queries.chain(LATER.date()) == chain
        assert checking.disagreements(LATER) == []
        assert list(exports.differences(exports.read(kept))) == []
        assert reasons() == told
        in_transaction(lambda: db.session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER")))
        in_transaction(lambda: db.session.execute(text("UPDATE audit_event SET subject_id = 77 WHERE id = 7")))
        assert [one for one in checking.disagreements(LATER) if "7 号的内容被改过" in one]


def test_a_restored_backup_agrees_with_its_seals_and_goes_on(app, sealed, tmp_path):
    runner = app.test_cli_runner()
    kept, told = exports.as_json(queries.last_seal(), "here"), reasons()
    made = runner.invoke(args=["backup", str(tmp_path / "one.tar.gz")])
    assert made.exit_code == 0, made.output
    sealed.a_day(3)
    with clock.frozen_at(LATER + DAY):
        assert runner.invoke(args=["seal", "day"]).exit_code == 0
    assert queries.last_seal().day == LATER.date()
    with clock.frozen_at(LATER + DAY):
        back = runner.invoke(args=["restore", str(tmp_path / "one.tar.gz"), "--force", "--while-serving"])
    assert back.exit_code == 0, back.output
    assert faults(2) == []
    assert list(exports.differences(exports.read(kept))) == []
    assert reasons() == told
    sealed.a_day(3)
    with clock.frozen_at(LATER + DAY):
        assert runner.invoke(args=["seal", "day"]).exit_code == 0
    assert faults(3) == []
