"""kill -9 in the middle of a burst, restart, phones retry with the same ids, many times over: every acknowledged scan is
there, none twice. A real server on a database of its own, real connections, real time."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.accounts import sessions
from app.checkin import agreement, service
from app.checkin.forms import write_ticket
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Way
from app.core.config import ROOT, Env, Settings
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from scripts.run import MEMORY
from tests import engines
from tests.browser.server import SECRET_KEY, free_port, wait_until_ready
from tests.factories import Factory

pytestmark = pytest.mark.xdist_group("browser-1")  # one worker's, as the other tests that start servers
ROUNDS = {"sqlite": 20, "postgresql": 3}
SHARED, OWN = 2, 2  # people a round: scanned by both desks, and with their own phones
PATIENCE = 120.0  # seconds: two cores may be busy with other tests


@dataclass
class Acknowledged:
    """Scan ids that were answered, with their outcomes; counted as they come."""

    outcomes: dict[UUID, str] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, scan_id: UUID, outcome: str) -> None:
        with self.changed:
            self.outcomes[scan_id] = outcome
            self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.outcomes) >= number, PATIENCE), "the phones got no answers"


@dataclass(frozen=True)
class Sending:
    """One scan as a phone keeps it until it is answered. `read` takes its outcome out of the answer."""

    scan_id: UUID
    path: str
    body: str
    kind: str
    read: Callable[[bytes], str]


class Town:
    """An activity that was until half an hour ago, its desks, and people as they are needed."""

    def __init__(self, app: Flask, above: int | None = None) -> None:
        self.app, self.make, self.now = app, Factory(), datetime.now(UTC)
        self.branch = self.make.unit("灯湖社区党委", parent=above)
        organiser, helper = (self.make.person(name, home=self.branch) for name in ("霍静雯", "邓淑芬"))
        self.make.grant(organiser, Role.ORGANISER, self.branch)
        self.activity = self.make.activity(self.branch, organiser)
        shift = self.make.shift(self.activity, self.now - timedelta(hours=4.5), 4)
        self.shift = shift
        in_transaction(lambda: service.appoint_helper([shift], helper, organiser, "邻里节", "/x", self.now - timedelta(hours=6)))
        self.desks = [self.cookie(organiser), self.cookie(helper)]
        self.expected: dict[int, int] = {}

    def cookie(self, person: int) -> str:
        account = self.make.account(person)
        token = in_transaction(lambda: sessions.open_session(account, "test", self.now, staff=False, factor=True))
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        return f"shulin={serializer.dumps({'_user_id': token, '_fresh': True, '_permanent': True, 'device': f'phone-{person}'})}"

    def burst(self) -> list[tuple[str, list[Sending]]]:
        """What the phones of one round keep: two desks that both scan the same people, and people with their own phones."""
        numbers = [self.make.number() for _ in range(SHARED)]
        shared = [(f"街坊{number}", f"1370000{number:04d}") for number in numbers]
        phones: list[tuple[str, list[Sending]]] = []
        for name, phone in shared:
            person = self.make.person(name, home=self.branch, phone=phone)
            self.make.signup(self.shift, person)
            self.expected[person] = 220
        for desk, cookie in enumerate(self.desks):
            people = shared if desk == 0 else shared[::-1]
            order = (260, 40) if desk == 0 else (40, 260)  # minutes ago; one desk sends the end before the beginning
            phones.append((cookie, [self._upload(name, phone[-4:], ago - desk) for name, phone in people for ago in order]))
        for _ in range(OWN):
            person = self.make.person(home=self.branch)
            self.expected[person] = 40
            phones.append((self.cookie(person), [self._scan(ago) for ago in (80, 40)]))
        return phones

    def _upload(self, name: str, tail: str, ago: int) -> Sending:
        scan_id, at = uuid4(), (self.now - timedelta(minutes=ago)).isoformat()
        scans = [{"id": str(scan_id), "at": at, "name": name, "tail": tail, "gate": None}]
        body = json.dumps({"sent_at": datetime.now(UTC).isoformat(), "scans": scans})

        def outcome(answer: bytes) -> str:
            (one,) = json.loads(answer)["results"]
            return str(one["outcome"])

        return Sending(scan_id, f"/activities/{self.activity}/uploads", body, "application/json", outcome)

    def _scan(self, ago: int) -> Sending:
        scan_id = uuid4()
        ticket = write_ticket(SECRET_KEY, self.activity, Way.POSTER, self.now - timedelta(minutes=ago), None)
        body = urlencode({"id": str(scan_id), "ticket": ticket})
        return Sending(scan_id, "/scans", body, "application/x-www-form-urlencoded", lambda _answer: "")


def phone(port: int, cookie: str, kept: list[Sending], done: Acknowledged, faults: list[str]) -> None:
    """Sends one scan after the other, each again and again until it is answered."""
    until = time.monotonic() + PATIENCE
    pause = threading.Event()
    for one in kept:
        while one.scan_id not in done.outcomes:
            if time.monotonic() > until:
                faults.append("a phone gave up")
                return
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                headers = {"Cookie": cookie, "Content-Type": one.kind, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
                line.request("POST", one.path, one.body, headers)
                with line.getresponse() as answer:
                    said = answer.read()
            except (OSError, http.client.HTTPException):
                pause.wait(0.02)  # the server is dead
                continue
            finally:
                line.close()
            if answer.status != 200:
                faults.append(f"{answer.status}: {said[:200]!r}")
                return
            done.add(one.scan_id, one.read(said))


class Server:
    """The site on one port as production serves it: two workers and their keeper, killed and started again."""

    def __init__(self, port: int, launcher: "subprocess.Popen[str]", log: Path) -> None:
        self.port, self.launcher, self.log, self.group = port, launcher, log, 0

    def start(self) -> None:
        assert self.launcher.stdin
        assert self.launcher.stdout
        self.launcher.stdin.write("start\n")
        self.launcher.stdin.flush()
        said = self.launcher.stdout.readline()
        assert said, self.log.read_text()[-3000:]
        self.group = int(said)
        wait_until_ready(f"http://127.0.0.1:{self.port}", self.launcher, self.log)

    def kill(self) -> None:
        """All of them at once; until the last is gone, so that whatever the dead had answered has left them."""
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)
            while True:
                os.killpg(self.group, 0)
                time.sleep(0.005)


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Server]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    told = {"SHULIN_ENV": Env.DEVELOPMENT.value, "SHULIN_DATA": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
    environment = {**MEMORY, **kept, **told, "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with (folder / "server.log").open("w") as log:
        command = [sys.executable, "-m", "tests.checkin.restarts", str(port)]
        launcher = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    server = Server(port, launcher, folder / "server.log")
    try:
        yield server
    finally:
        if server.group:
            server.kill()
        launcher.communicate(timeout=20)


@pytest.fixture
def town(site: Any, engine: str, tmp_path: Path) -> Iterator[tuple[Town, str]]:
    if site.server_url:
        url = engines.postgres_copy(site.server_url, "shulin_template", f"killed_{os.getpid()}")
    else:
        engines.sqlite_copy(site.template_file, tmp_path / "killed.db")
        url = f"sqlite:///{tmp_path / 'killed.db'}"
    app = create_app(Settings(Env.DEVELOPMENT, url, SECRET_KEY, "http://127.0.0.1:1", demo=False, data_dir=tmp_path))
    with app.app_context():
        yield Town(app), url
        db.session.remove()
        db.engine.dispose()


def test_every_acknowledged_scan_is_there_and_none_twice(town: tuple[Town, str], engine: str, tmp_path: Path) -> None:
    place, url = town
    bursts = [place.burst() for _ in range(ROUNDS[engine])]
    done, faults, chance, answered, broken_off = Acknowledged(), list[str](), random.Random(20261121), 0, 0
    db.session.remove()
    with serving(url, tmp_path) as server:
        server.start()
        for burst in bursts:
            size = sum(len(kept) for _, kept in burst)
            threads = [threading.Thread(target=phone, args=(server.port, cookie, kept, done, faults)) for cookie, kept in burst]
            for thread in threads:
                thread.start()
            done.wait_for(answered + chance.randrange(1, size // 2))
            server.kill()
            broken_off += len(done.outcomes) < answered + size
            server.start()
            for thread in threads:
                thread.join(PATIENCE)
            assert faults == []
            answered += size
            assert len(done.outcomes) == answered
    assert broken_off > len(bursts) / 2, "bursts were over before the server died"
    recorded = {scan.id: scan for scan in db.session.scalars(select(Scan))}
    assert recorded.keys() == done.outcomes.keys()
    assert {scan_id: recorded[scan_id].outcome for scan_id, outcome in done.outcomes.items() if outcome} == {
        scan_id: outcome for scan_id, outcome in done.outcomes.items() if outcome
    }
    spells = db.session.execute(select(Attendance.person_id).where(Attendance.excluded_at.is_(None))).scalars().all()
    assert sorted(spells) == sorted(place.expected)
    assert {person: sum(vars(hours.sums(person)).values()) for person in place.expected} == place.expected
    assert agreement.disagreements() == []
    assert "Traceback" not in (tmp_path / "server.log").read_text()
