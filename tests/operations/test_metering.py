"""/metrics and the access log: off unless asked for, for nobody else, over all workers, and with nothing about anybody."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import create_app
from app.checkin import service
from app.checkin.models import Attendance
from app.checkin.reasons import Verdict
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.config import ROOT
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.web import logs
from app.web.jobs import plan, running
from tests import engines
from tests.browser.server import SECRET_KEY, free_port

TOKEN = "a token that is long enough"
PERSONAL = re.compile(r"1[3-9]\d{9}|何嘉怡|ABCD2345|\?")


@pytest.fixture
def site_with(app):
    """`site_with(metrics=…)`: another application on the same database, told so."""
    made = []

    def build(**values: object):
        other = create_app(replace(app.config["SETTINGS"], **values))
        made.append(other)
        return other

    yield build
    for one in made:
        with one.app_context():
            db.engine.dispose()


def read(client, **headers: str) -> tuple[int, str]:
    answer = client.get("/metrics", headers=headers)
    return answer.status_code, answer.text


def test_without_being_asked_for_it_is_not_there(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_without_the_token_it_is_as_if_it_were_not_there(site_with, given):
    client = site_with(metrics=TOKEN).test_client()
    assert read(client, Authorization=given)[0] == 404
    assert read(client, Authorization=f"Bearer {TOKEN}")[0] == 200


def test_local_means_this_machine_and_not_what_a_proxy_brings(site_with):
    client = site_with(metrics="local").test_client()
    assert read(client)[0] == 200
    assert read(client, **{"X-Forwarded-For": "127.0.0.1"})[0] == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404


def test_requests_scans_and_faults_are_counted_by_the_name_of_the_view(site_with, make):
    branch = make.unit()
    person = make.person("何嘉怡", home=branch, phone="13800138000")
    activity = make.activity(branch, person)
    make.shift(activity, clock.now() - timedelta(hours=1), 3)
    other = site_with(metrics="local")
    client = other.test_client()
    client.get("/boards?phone=13800138000")
    client.get("/c/ABCD2345")
    client.get("/13800138000")
    with other.app_context():
        in_transaction(lambda: service.record_scan(ShownCode(uuid4(), activity, Way.POSTER, clock.now()), person, clock.now()))
        with pytest.raises((OperationalError, ProgrammingError)):
            db.session.execute(text("SELECT * FROM no_such_table"))
        db.session.remove()
    _, said = read(client)
    assert 'view="leaderboards.' in said
    assert 'shulin_requests_total{method="GET",status="404",view="none"} 1.0' in said
    assert "shulin_scans_total 1.0" in said
    assert "shulin_database_errors_total{" in said
    assert "shulin_database_up 1.0" in said
    assert 'shulin_job_bad{job="verify"} 0.0' in said
    assert not [one for one in ("13800138000", "何嘉怡", "ABCD2345") if one in said]


def value(said: str, name: str) -> float | None:
    """Of one line; None where it is not there."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", said, re.MULTILINE)
    return float(found[1]) if found else None


def test_requests_are_timed_by_part(site_with):
    client = site_with(metrics="local").test_client()
    for _ in range(3):
        client.get("/boards")
    client.get("/c/ABCD2345")
    _, said = read(client)
    assert value(said, 'shulin_request_seconds_count{part="leaderboards"}') == 3
    assert value(said, 'shulin_request_seconds_bucket{le="+Inf",part="leaderboards"}') == 3
    assert value(said, 'shulin_request_seconds_count{part="checkin"}') == 1
    assert 0 < value(said, 'shulin_request_seconds_sum{part="leaderboards"}') < 60


def test_spells_that_wait_for_a_decision_are_told_until_it_is_made(site_with, make):
    """Somebody was scanned in at two places at once."""
    branch = make.unit()
    person, organiser, another = (make.person(name, home=branch) for name in ("何嘉怡", "霍静雯", "李柏豪"))
    client = site_with(metrics="local").test_client()
    assert value(read(client)[1], "shulin_held_spells") == 0
    for holder in (organiser, another):
        make.grant(holder, Role.ORGANISER, branch)
        activity = make.activity(branch, holder)
        make.shift(activity, clock.now() - timedelta(hours=3), 3)
        for minutes in (179, 5):
            shown = ShownCode(uuid4(), activity, Way.CARD, clock.now() - timedelta(minutes=minutes))
            in_transaction(lambda one=shown: service.record_scan(one, person, one.opened_at, by_id=organiser))
    db.session.remove()
    assert value(read(client)[1], "shulin_held_spells") == 1
    (spell,) = db.session.scalars(select(Attendance.id).where(Attendance.held_at.is_not(None)))
    actor = make.actor(another)
    in_transaction(lambda: service.decide([spell], Verdict.LEAVE, actor, clock.now()))
    db.session.remove()
    assert value(read(client)[1], "shulin_held_spells") == 0


def test_when_a_job_was_done_last_is_told_and_a_failure_does_not_move_it(site_with, app, monkeypatch):
    client = site_with(metrics="local").test_client()
    name = 'shulin_job_done_timestamp_seconds{job="jobs-tidy"}'
    assert value(read(client)[1], name) is None
    job = next(one for one in plan.JOBS if one.name == "jobs-tidy")
    running.run_one(job)
    done = clock.now().timestamp()
    assert value(read(client)[1], name) == done
    with clock.frozen_at(clock.now() + timedelta(hours=2)), monkeypatch.context() as broken:
        broken.setattr(running, "tidy", lambda now: now / 0)
        running.run_one(job)
        said = read(client)[1]
        assert (value(said, name), value(said, 'shulin_job_bad{job="jobs-tidy"}')) == (done, 1)
    with clock.frozen_at(clock.now() + timedelta(hours=4)):
        running.run_one(job)
        said = read(client)[1]
        assert (value(said, name), value(said, 'shulin_job_bad{job="jobs-tidy"}')) == (clock.now().timestamp(), 0)


def test_when_the_newest_backup_was_made_is_told(site_with, app, tmp_path):
    client = site_with(metrics="local", backups_dir=tmp_path).test_client()
    assert value(read(client)[1], "shulin_backup_timestamp_seconds") is None
    for later in (timedelta(days=1), timedelta(0)):
        with clock.frozen_at(clock.now() + later):
            db.session.remove()
            made = app.test_cli_runner().invoke(args=["backup", "--keep", str(tmp_path)])
            assert made.exit_code == 0, made.output
    assert value(read(client)[1], "shulin_backup_timestamp_seconds") == (clock.now() + timedelta(days=1)).timestamp()


def test_the_access_log_is_off_unless_asked_for(client, caplog):
    with caplog.at_level(logging.INFO, "shulin.access"):
        client.get("/boards")
    assert caplog.records == []


def test_the_access_log_says_what_was_asked_by_its_view_and_nothing_personal(site_with, caplog, make):
    make.person("何嘉怡", phone="13800138000")
    client = site_with(access_log=True).test_client()
    with caplog.at_level(logging.INFO, "shulin.access"):
        for path in ("/boards?q=何嘉怡", "/c/ABCD2345", "/activate/ABCD2345", "/people/13800138000", "/healthz"):
            client.get(path, headers={"Cookie": "shulin=13800138000", "User-Agent": "13800138000"})
        client.post("/sign-in", data={"phone": "13800138000", "secret": "何嘉怡"}, headers={"Sec-Fetch-Site": "same-origin"})
    lines = [logs.Lines().format(record) for record in caplog.records]
    assert len(lines) == 6
    assert not [line for line in lines if PERSONAL.search(line)]
    last = json.loads(lines[-1])
    assert last["method"] == "POST"
    assert last["view"].startswith("accounts.")
    assert last.keys() == {"at", "level", "logger", "request", "message", "method", "view", "status", "ms"}


def test_several_workers_answer_as_one_and_leave_nothing(tmp_path, site):
    file = tmp_path / "x.db"
    if site.server_url:
        url = engines.postgres_copy(site.server_url, "shulin_template", f"metered_{os.getpid()}")
    else:
        engines.sqlite_copy(site.template_file, file)
        url = f"sqlite:///{file}"
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    told = {"SHULIN_DATA": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "https://shulin.example"}
    environment = {**kept, **told, "PORT": str(port), "SHULIN_METRICS": "local", "SHULIN_ACCESS_LOG": "1", "TMPDIR": str(tmp_path)}
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen([sys.executable, "scripts/run.py"], cwd=ROOT, env=environment, stdout=log, stderr=log, text=True)
    try:
        wait(port, server, tmp_path / "log")
        for _ in range(40):
            fetch(port, "/healthz")
        seen = {count(fetch(port, "/metrics")) for _ in range(6)}
        assert seen == {40.0}, "whichever worker answers, all are counted"
        assert len(list(tmp_path.glob("shulin-metrics-*/*.db"))) >= 2
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        log.close()
    assert list(tmp_path.glob("shulin-metrics-*")) == []
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]
    assert len([line for line in lines if line.get("view") == "healthz"]) >= 40


def fetch(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def count(said: str) -> float:
    found = re.search(r'shulin_requests_total\{method="GET",status="200",view="healthz"\} (\S+)', said)
    return float(found[1]) if found else 0.0


def wait(port: int, server: "subprocess.Popen[str]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            fetch(port, "/readyz")
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text())
