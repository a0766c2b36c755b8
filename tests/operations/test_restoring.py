"""A restoration that is killed for real, at each step, is done again by the same command and whole. Both engines."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from app.core.config import ROOT
from app.core.db import db
from app.web.backups import archive, making
from app.web.doctor import Level, site
from scripts import run as starting
from tests.operations.test_backup import names, run, uploads  # noqa: F401  (fixtures)

KILLED = """
import os, signal, sys
from app import create_app
from app.web.backups import erasures, making

def dead(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

step, file = sys.argv[1:]
app = create_app()
with app.app_context():
    engine = making.engine_module()
    restore, move = engine.restore, making.shutil.move
    if step == "before the database":
        engine.restore = dead
    elif step == "before the commit":

        def whole(read, written, *rest, copy=engine.shutil.copyfileobj):
            copy(read, written, *rest)
            if str(getattr(read, "name", "")).endswith("database.sql"):
                written.flush()
                dead()

        engine.shutil.copyfileobj = whole
    elif step == "after the database":
        engine.restore = lambda *args: dead(restore(*args))
    elif step == "between the uploads":
        making.shutil.move = dead
    elif step == "after the uploads":
        making.shutil.move = lambda *args: dead(move(*args))
    else:
        erasures.replay = dead
with app.app_context():
    done = app.test_cli_runner().invoke(args=["restore", file, "--force", "--while-serving"])
print(done.output, done.exception)
"""
HALF = ("before the database", "after the database", "between the uploads", "after the uploads")


@pytest.fixture
def elsewhere(app):
    """What a process of its own needs to work on the same site."""
    settings = app.config["SETTINGS"]
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "SHULIN_DATA": str(settings.data_dir),
        "SHULIN_ENV": "development",
    }


@pytest.fixture
def backup(run, make, uploads, tmp_path):  # noqa: F811
    """Of a moment with one person and one picture; both have changed since."""
    make.person("何嘉怡")
    (uploads / "photo.jpg").write_bytes(b"a picture")
    file = tmp_path / "one.tar.gz"
    assert run("backup", file)[0] == 0
    make.person("后来的人")
    (uploads / "photo.jpg").write_bytes(b"another picture")
    return file


def let_go() -> None:
    """The database of this process, so that another one has it to itself."""
    db.session.remove()
    db.engine.dispose()


@pytest.mark.parametrize("step", [*HALF, "before the erased"])
def test_killed_at_any_step_it_is_done_again_by_the_same_command(run, backup, uploads, elsewhere, step):  # noqa: F811
    let_go()
    killed = subprocess.run([sys.executable, "-c", KILLED, step, str(backup)], cwd=ROOT, env=elsewhere, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert [one.level for one in site.restoration()] == ([Level.BAD] if step in HALF else [])
    code, said = run("restore", backup, "--force")
    assert (code, "已恢复" in said) == (0, True), said
    assert names() == ["何嘉怡"]
    assert (uploads / "photo.jpg").read_bytes() == b"a picture"
    assert list(site.restoration()) == []


def test_killed_before_the_commit_it_leaves_no_psql_behind_and_nothing_changed(run, backup, uploads, elsewhere, engine):  # noqa: F811
    """All that psql was to do it was given, but for the COMMIT."""
    if engine == "sqlite":
        return
    let_go()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "before the commit", str(backup)], cwd=ROOT, env=elsewhere, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    until = time.monotonic() + 60
    left = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql' AND datname = current_database()")
    while db.session.scalar(left):
        assert time.monotonic() < until, "psql outlives what it was started for"
        time.sleep(0.05)
    assert names() == ["何嘉怡", "后来的人"]
    code, said = run("restore", backup, "--force")
    assert (code, names()) == (0, ["何嘉怡"]), said


def test_one_that_stopped_half_way_is_said_wherever_somebody_looks(run, backup, uploads):  # noqa: F811
    (uploads.parent / making.UNFINISHED).write_text("2026-11-21 12:00 one.tar.gz\n")
    (finding,) = site.restoration()
    assert (finding.level, "restore" in finding.todo) == (Level.BAD, True)
    code, said = run("restore", backup)
    assert (code, "做到一半停了" in said, "--force" in said) == (1, True, True)


def test_after_half_a_restoration_neither_the_site_nor_its_timer_goes_on_by_itself(run, uploads, elsewhere):  # noqa: F811
    """A machine that lost its power starts both when it has it again."""
    mark = uploads.parent / making.UNFINISHED
    mark.write_text("2026-11-21 12:00 one.tar.gz\n")
    code, said = run("jobs", "run")
    assert (code, "这次什么也没办" in said, "restore 文件 --force" in said) == (1, True, True), said
    with pytest.raises(starting.StartError, match="没有启动"):
        starting.refuse_half_a_restoration()
    let_go()
    started = subprocess.run(
        [sys.executable, "scripts/run.py"], cwd=ROOT, env=elsewhere | {"PORT": "1"}, capture_output=True, text=True, timeout=60
    )
    assert started.returncode != 0
    assert "恢复（2026-11-21 12:00 one.tar.gz）做到一半停了" in started.stdout + started.stderr


def test_halves_of_killed_backups_are_swept_by_the_next_one(run, make, uploads, tmp_path):  # noqa: F811
    make.person()
    old, fresh, others = tmp_path / ".shulin.tar.gz.17.part", tmp_path / ".other.tar.gz.18.part", tmp_path / ".download.part"
    for file in (old, fresh, others):
        file.write_bytes(b"half")
    two_days_ago = time.time() - 2 * making.LEFT_BEHIND
    for file in (old, others):
        os.utime(file, (two_days_ago, two_days_ago))
    assert run("backup", tmp_path / "one.tar.gz")[0] == 0
    assert not old.exists()
    assert fresh.exists(), "another one may be at work"
    assert others.exists(), "not ours"


@pytest.mark.parametrize("written", ["2026-11-21T12:00:00+08:00", "2026-11-21T04:00:00+00:00"])
def test_a_backup_is_named_by_the_time_of_guicheng(written):
    manifest = archive.Manifest(archive.FORMAT, "sqlite", "0001", written, {}, {})
    assert manifest.when == "2026-11-21 12:00"
