"""The whole check-in request of a signed-in volunteer beside its floor, on SQLite at FULL and on PostgreSQL at its defaults.

Every request is another phone: its own session cookie, its own ticket, its own scan. Each round sends a fresh batch to the
floor and to the site in turn.
"""

import selectors
import socket
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select

from app import create_app
from app.accounts.models import Account, AccountSession
from app.accounts.queries import token_digest
from app.accounts.rules import SecretKind
from app.checkin.forms import write_ticket
from app.checkin.models import Attendance
from app.checkin.rules import Way
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.people.models import Membership, Person
from app.people.rules import MembershipKind, Origin
from tests import engines
from tests.bench.floor import prepare
from tests.bench.serving import CONNECTIONS, server
from tests.factories import Factory

SECRET = "a secret that only the bench knows, long enough"
BATCH, ROUNDS = 300, 7


def run() -> dict[str, float]:
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        found["checkin_vs_floor_sqlite"] = measured(f"sqlite:///{folder}/site.db", Path(folder))
    if engines.postgres_programs():
        with tempfile.TemporaryDirectory() as folder, engines.postgres_server(durable=True) as url:
            found["checkin_vs_floor_postgres"] = measured(url, Path(folder))
    return found


def measured(url: str, folder: Path) -> float:
    settings = Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=folder)
    app = create_app(settings)
    phones = BATCH * (ROUNDS + 1)
    with app.app_context():
        upgrade()
        activity = crowd(phones)
        db.engine.dispose()
    prepare(f"{folder}/floor.db")
    environment = {"SECRET_KEY": SECRET, "SHULIN_ENV": "test", "SHULIN_DATA": str(folder), "FLOOR_DB": f"{folder}/floor.db"}
    with (
        server("tests.bench.floor:create_app", environment) as floor,
        server("app:create_app", {**environment, "DATABASE_URL": url}) as site,
    ):
        parts = []
        for turn in range(ROUNDS + 1):
            batch = range(turn * BATCH, (turn + 1) * BATCH)
            base = drained(floor, [scan(floor, cookie(app, person=number), "x") for number in batch])
            ticket = write_ticket(SECRET, activity, Way.POSTER, datetime.now(UTC), None)
            own = drained(site, [scan(site, cookie(app, _user_id=token(number), _fresh=True), ticket) for number in batch])
            if turn:  # the first round warms up
                parts.append(own / base)
    with app.app_context():
        came = db.session.scalar(select(func.count()).select_from(Attendance))
        assert came == phones, f"{came} of {phones} came in"
        db.engine.dispose()
    return round(median(parts), 3)


def token(number: int) -> str:
    return f"bench-phone-{number}"


def crowd(size: int) -> int:
    """So many signed-in volunteers of one branch and an activity that is going on. Returns the activity's id."""
    make, now = Factory(), datetime.now(UTC)
    branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
    activity = make.activity(branch, make.person("霍静雯", home=branch))
    make.shift(activity, now - timedelta(minutes=10), 3)
    make.shift(activity, now + timedelta(hours=3), 2, name="清场组")
    people = range(1000, 1000 + size)
    long = now + timedelta(days=400)

    def fill() -> None:
        person = {"origin": Origin.ROSTER, "recorded_at": now, "confirmed_at": now, "note": ""}
        db.session.execute(insert(Person), [{"id": one, "name": f"街坊{one}", **person} for one in people])
        member = {"unit_id": branch, "kind": MembershipKind.HOME, "valid_from": now.date()}
        db.session.execute(insert(Membership), [{"person_id": one, **member} for one in people])
        account = {"secret_hash": "-", "secret_kind": SecretKind.PIN, "created_at": now}
        db.session.execute(insert(Account), [{"id": one, "person_id": one, "login_phone": f"1990000{one}", **account} for one in people])
        times = {"device": "bench", "created_at": now, "confirmed_at": now, "expires_at": long}
        db.session.execute(
            insert(AccountSession), [{"token_hash": token_digest(token(one - 1000)), "account_id": one, **times} for one in people]
        )

    in_transaction(fill)
    return activity


def cookie(app: Flask, **values: object) -> str:
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    name = "shulin" if "_user_id" in values else "session"
    return f"{name}={signer.dumps({'device': uuid4().hex[:24]} | values)}"  # every phone is a device of its own


def scan(port: int, cookie_text: str, ticket: str) -> bytes:
    body = urlencode({"id": str(uuid4()), "ticket": ticket})
    lines = [
        "POST /scans HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: {cookie_text}",
        "HX-Request: true",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


def drained(port: int, requests: Sequence[bytes]) -> float:
    """Requests a second: CONNECTIONS kept connections, each takes the next one as soon as it is answered. Raises unless all are 200."""
    ready, left, answered = selectors.DefaultSelector(), iter(requests), 0
    began = time.perf_counter()
    for _ in range(CONNECTIONS):
        line = socket.create_connection(("127.0.0.1", port), 30)
        line.sendall(next(left))
        ready.register(line, selectors.EVENT_READ, bytearray())
    while answered < len(requests):
        for key, _ in ready.select(30):
            line, held = key.fileobj, key.data
            assert isinstance(line, socket.socket)
            held += line.recv(65536)
            head = held.find(b"\r\n\r\n")
            at = held[:head].lower().find(b"content-length:") if head > 0 else -1
            if at < 0 or len(held) < head + 4 + int(held[at + 15 : held.find(b"\r", at)]):
                continue
            if not held.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(held[:300].decode("latin-1"))
            answered += 1
            held.clear()
            if (following := next(left, None)) is not None:
                line.sendall(following)
    seconds = time.perf_counter() - began
    for key in list(ready.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    ready.close()
    return len(requests) / seconds
