"""What a server of production writes while people sign in, scan, search, apply and meet errors: nobody is in it, no code, no token.

A real server with its access log and its counters on, as the manual sets them; everything it prints is read, granian's words too.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text

from app import create_app
from app.accounts import service as accounts
from app.checkin.forms import write_ticket
from app.checkin.rules import Way
from app.core import clock
from app.core.config import ROOT
from app.core.db import db, in_transaction
from app.core.permissions import Role
from tests import engines
from tests.browser.server import SECRET_KEY, free_port
from tests.factories import Factory
from tests.operations.test_metering import fetch

pytestmark = pytest.mark.xdist_group("browser-1")
NAME, PHONE, SECRET = "欧阳静姝", "13812345678", "紫荆花开了 2046"
TOKEN = "a token for metrics that is long enough"


class Visitor:
    """A browser with its cookies, that never follows."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()
        self.statuses: list[int] = []

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        told = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Sec-Fetch-Site": "same-origin",
            "User-Agent": f"{quote(NAME)} {PHONE}",
            "Referer": f"https://shulin.example/people?q={PHONE}",
            "X-Forwarded-For": "203.0.113.77",
            **headers,
        }
        if fields is not None:
            told["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, urlencode(fields) if fields is not None else None, told)
        answer = line.getresponse()
        answer.read()
        for one in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        self.statuses.append(answer.status)
        return answer.status


@pytest.fixture
def day(site, tmp_path):
    """A site with somebody, an activity and codes; its server's port, everything that must not be seen, and what was printed."""
    if site.server_url:
        url = engines.postgres_copy(site.server_url, "shulin_template", f"logged_{os.getpid()}")
    else:
        engines.sqlite_copy(site.template_file, tmp_path / "x.db")
        url = f"sqlite:///{tmp_path}/x.db"
    given = replace(
        site.app.config["SETTINGS"], database_url=url, data_dir=tmp_path, public_url="https://shulin.example", secret_key=SECRET_KEY
    )
    app = create_app(given)
    with app.app_context():
        secrets = people()
        yield app, url, secrets
        db.session.remove()
        db.engine.dispose()


def people() -> dict[str, object]:
    make, now = Factory(), clock.now()
    root = make.unit("桂城街道党工委")
    branch = make.unit("锦园第一党支部", parent=root)
    person = make.person(NAME, home=branch, phone=PHONE)
    make.account(person, PHONE, accounts.hash_secret(SECRET))
    make.grant(person, Role.ORGANISER, branch)
    activity = make.activity(branch, person)
    make.shift(activity, now, 3)
    other = make.person("司徒晓岚", home=branch)
    make.account(other, "13700137000")
    code = in_transaction(lambda: accounts.make_code(other, None, SECRET_KEY, now))
    ticket = write_ticket(SECRET_KEY, activity, Way.POSTER, now, None)
    return {"person": person, "activity": activity, "code": code, "ticket": ticket, "other": "司徒晓岚", "phone": "13700137000"}


def test_a_whole_day_leaves_nobody_in_the_log(day, tmp_path):
    app, url, known = day
    port, log = free_port(), tmp_path / "log"
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    told = {"SHULIN_DATA": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "PUBLIC_URL": "https://shulin.example"}
    on = {"SHULIN_METRICS": TOKEN, "SHULIN_ACCESS_LOG": "1", "SHULIN_PROXY": "1", "PORT": str(port)}
    with log.open("w") as opened:
        server = subprocess.Popen([sys.executable, "scripts/run.py"], cwd=ROOT, env={**kept, **told, **on}, stdout=opened, stderr=opened)
        try:
            ready(port, server, log)
            tokens, answered = walk(port, known)
            said = metrics(port)
            with app.app_context():
                break_something(app)
            fault = Visitor(port)
            fault.ask("POST", "/sign-in", {"phone": PHONE, "password": SECRET})
            fault.ask("GET", f"/people?q={quote(NAME)}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    written = log.read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    views = {line["view"] for line in lines if line["logger"] == "shulin.access"}
    assert {"accounts.sign_in", "checkin.scan", "certificates.verify_number"} & views or len(views) > 12, views
    assert len([line for line in lines if line["logger"] == "shulin.access"]) >= answered
    assert [line for line in lines if line["level"] == "error"], "an error was met, and it is in the log"
    forbidden = [NAME, PHONE, SECRET, known["other"], known["phone"], known["code"], known["ticket"], "203.0.113.77", TOKEN, SECRET_KEY]
    for what in (*map(str, forbidden), *tokens):
        for form in {what, quote(what), json.dumps(what)[1:-1]}:
            assert form not in written, what
            assert form not in said, what
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", written)


def ready(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """run.py itself gives up where it takes too long."""
    while "Ready" not in log.read_text():
        assert server.poll() is None, log.read_text()
        time.sleep(0.1)
    fetch(port, "/readyz")


def walk(port: int, known: dict[str, object]) -> tuple[list[str], int]:
    """The day; the cookies that came of it, and how many requests were answered."""
    one = Visitor(port)
    one.ask("GET", "/")
    one.ask("POST", "/sign-in", {"phone": PHONE, "password": "wrong " + SECRET})
    one.ask("POST", "/sign-in", {"phone": PHONE, "password": SECRET})
    assert len(one.cookies) >= 1
    for page in ("/me", "/me/records", "/settings", "/boards", "/activities", f"/activities/{known['activity']}", "/branch", "/work"):
        one.ask("GET", page)
    one.ask("GET", f"/people?q={quote(NAME)}")
    one.ask("GET", f"/people?q={PHONE[-4:]}")
    one.ask("GET", f"/people/{known['person']}")
    one.ask("GET", f"/people/{PHONE}")
    one.ask("GET", f"/nothing/{quote(NAME)}/{PHONE}?token={known['code']}")
    one.ask("POST", "/scans", {"id": "0f8fad5b-d9cb-469f-a165-70867728950e", "ticket": str(known["ticket"])}, **{"HX-Request": "true"})
    one.ask("POST", "/scans", {"id": "not an id", "ticket": PHONE})
    one.ask("GET", f"/activate/{known['code']}")
    one.ask("POST", f"/activate/{known['code']}", {"password": SECRET, "again": SECRET, "phone": PHONE})
    one.ask("GET", f"/verify/{known['code']}/{known['code']}")
    one.ask("POST", "/me/certificates", {"unit": "x", "purpose": NAME})
    one.ask("POST", "/sign-in", {"phone": PHONE, "password": SECRET}, **{"Sec-Fetch-Site": "cross-site"})
    assert {200, 303, 404}.issubset(one.statuses), one.statuses
    assert 500 not in one.statuses
    return [value for value in one.cookies.values() if len(value) > 12], len(one.statuses)


def metrics(port: int) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    answer = line.getresponse()
    said = answer.read().decode()
    assert answer.status == 200
    line.close()
    with pytest.raises(OSError, match="404"):
        fetch(port, "/metrics")
    return said


def break_something(app) -> None:
    """A table that pages need is gone: the database complains with the whole statement."""
    with db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE account_session RENAME TO account_session_elsewhere"))
