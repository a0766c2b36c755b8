"""`flask update`: backed up, migrated, verified; what fails leaves everything as it was."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from app.audit.models import AuditEvent
from app.core import clock
from app.core.config import Env
from app.core.db import db
from app.web import revisions
from app.web.backups import archive, updating
from tests.architecture import schemas
from tests.operations.test_backup import plain

READER = """
import sys
from sqlalchemy import create_engine, text
connection = create_engine(sys.argv[1]).connect()
connection.execute(text("SELECT 1"))
print("reads", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def old(engine, tmp_path, request):
    """A site of an earlier schema, with rows that only its SQL knows: a unit and somebody."""
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path) as app:
        upgrade(revision=getattr(request, "param", "0040"))
        with db.engine.connect() as connection:
            connection.execute(text("INSERT INTO unit (kind, name, opened_on) VALUES ('subdistrict', '桂城街道党工委', '2020-01-01')"))
            connection.execute(text("INSERT INTO unit_ancestry (unit_id, ancestor_id, depth, valid_from) VALUES (1, 1, 0, '2020-01-01')"))
        yield app


def run(app, *args: object):
    db.session.remove()
    return app.test_cli_runner().invoke(args=[str(arg) for arg in args])


def test_an_empty_database_is_set_up(engine, tmp_path, request):
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path) as app:
        result = run(app, "update")
        assert (result.exit_code, "数据库建好了" in result.output) == (0, True), result.output
        assert revisions.current() == revisions.newest()
        assert list(tmp_path.glob("before-update-*")) == []


def test_what_is_up_to_date_is_left_alone(app):
    result = run(app, "update")
    assert (result.exit_code, "不用升级" in result.output) == (0, True)


@pytest.mark.parametrize("old", ["0014", "0025", "0040", "0052", "0060"], indirect=True)
def test_an_older_site_is_backed_up_migrated_verified_and_it_is_written_down(old, tmp_path):
    began_at = revisions.current()
    (tmp_path / "kept").mkdir()
    result = run(old, "update", "--backup-to", tmp_path / "kept")
    assert result.exit_code == 0, result.output
    assert "账目核对：全部相符" in result.output
    assert revisions.current() == revisions.newest()
    (file,) = (tmp_path / "kept").iterdir()
    assert archive.read_through(file).revision == began_at
    assert db.session.scalar(text("SELECT name FROM unit")) == "桂城街道党工委"
    assert "backup.update" in db.session.scalars(select(AuditEvent.action)).all()


def test_a_migration_that_fails_leaves_the_database_as_it_was(old, tmp_path, monkeypatch):
    before = schemas.described()

    def broken() -> None:
        with db.engine.connect() as connection:
            connection.execute(text("UPDATE unit SET name = '改坏了'"))
        upgrade(revision="0045")  # committed, as if migrations did not run in one transaction
        raise RuntimeError("a migration that does not work")

    monkeypatch.setattr(updating, "upgrade", broken)
    result = run(old, "update", "--backup-to", tmp_path)
    assert result.exit_code == 1
    assert "数据库还是升级以前的样子" in result.output
    assert revisions.current() == "0040"
    assert plain(schemas.described()) == plain(before)
    assert db.session.scalar(text("SELECT name FROM unit")) == "桂城街道党工委"
    monkeypatch.undo()
    with clock.frozen_at(clock.now() + timedelta(minutes=1)):
        assert run(old, "update", "--backup-to", tmp_path).exit_code == 0, "and the next attempt goes through"


def test_a_table_that_lost_rows_is_said(old, tmp_path, monkeypatch):
    def losing() -> None:
        upgrade()
        with db.engine.connect() as connection:
            connection.execute(text("DELETE FROM unit_ancestry"))

    monkeypatch.setattr(updating, "upgrade", losing)
    assert "unit_ancestry 原来 1 条，现在 0 条" in run(old, "update", "--backup-to", tmp_path).output


def test_totals_that_do_not_agree_afterwards_are_reported_with_the_way_back(old, tmp_path, monkeypatch):
    from app.web.commands import update

    monkeypatch.setattr(update, "CHECKS", (("时长", lambda: ["第 1 号不符"]),))
    result = run(old, "update", "--backup-to", tmp_path)
    assert result.exit_code == 1
    assert "第 1 号不符" in result.output
    assert "restore" in result.output


def test_an_older_program_touches_nothing(app, monkeypatch):
    monkeypatch.setattr(revisions, "known", lambda: {"0001"})
    result = run(app, "update")
    assert (result.exit_code, "比程序新" in result.output) == (1, True)


def test_while_somebody_else_uses_the_database_nothing_is_migrated(old, engine, tmp_path):
    url = old.config["SETTINGS"].database_url
    command = [sys.executable, "-c", READER, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        result = run(old, "update", "--backup-to", tmp_path)
        assert (result.exit_code, "没有升级" in result.output) == (1, True), result.output
        assert revisions.current() == "0040"
        other.communicate()
    assert run(old, "update", "--backup-to", tmp_path).exit_code == 0


def test_while_somebody_else_uses_the_database_nothing_is_brought_back(old, tmp_path):
    """What is still open is named, and not even a backup of what is there was made."""
    file = tmp_path / "one.tar.gz"
    assert run(old, "backup", file).exit_code == 0
    with subprocess.Popen(
        [sys.executable, "-c", READER, old.config["SETTINGS"].database_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        other.stdout.readline()
        result = run(old, "restore", file, "--force")
        assert (result.exit_code, "没有恢复。请先停网站" in result.output) == (1, True), result.output
        assert list(tmp_path.glob("*before-restore*")) == []
        other.communicate()
    assert run(old, "restore", file, "--force").exit_code == 0


def test_the_way_back_brings_the_older_schema_and_its_rows(old, tmp_path):
    run(old, "update", "--backup-to", tmp_path)
    (file,) = tmp_path.glob("before-update-0040-*.tar.gz")
    result = run(old, "restore", file, "--force")
    assert result.exit_code == 0, result.output
    assert revisions.current() == "0040"
    assert db.session.execute(text("SELECT name FROM unit")).scalar() == "桂城街道党工委"


@pytest.mark.parametrize("wanted", ["base", "-1", "0040"])
def test_production_does_not_go_back_by_downgrade_and_says_what_does(app, monkeypatch, wanted):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], env=Env.PRODUCTION))
    db.session.remove()
    with pytest.raises(SystemExit, match="restore before-update"):
        downgrade(revision=wanted)
    assert revisions.current() == revisions.newest()
