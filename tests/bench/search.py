"""/people of a full-size subdistrict, found by initials and by name, beside a Flask view that says hello."""

import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import quote

from flask_migrate import upgrade
from sqlalchemy import update

from app import create_app
from app.accounts.models import Account, RoleGrant
from app.accounts.rules import SecretKind
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.core.permissions import Role
from tests.bench.boards import SECRET, cookie_of
from tests.bench.data import LONG_AGO, fill
from tests.bench.serving import ask, rate, ratios, request, server

SECONDS = 1.5
WORDS = ("czm", "陈志", "0042", "锦园 嘉", "")
LIMIT = 0.05  # seconds, for one person at a time


def run() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        return measured(f"sqlite:///{folder}/search.db", Path(folder))


def make_secretary() -> None:
    """Person 1 reads and edits everybody."""
    db.session.execute(update(Account).where(Account.person_id == 1).values(secret_kind=SecretKind.PASSWORD))
    db.session.add(RoleGrant(person_id=1, role=Role.SECRETARY, unit_id=1, valid_from=LONG_AGO))


def measured(url: str, folder: Path) -> dict[str, float]:
    settings = Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=folder)
    app = create_app(settings)
    with app.app_context():
        upgrade()
        fill()
        in_transaction(make_secretary)
        db.engine.dispose()
    environment = {"DATABASE_URL": url, "SHULIN_DATA": str(folder), "SECRET_KEY": SECRET, "SHULIN_ENV": "test"}
    with server("tests.bench.hello:create_app") as floor, server("app:create_app", environment) as site:
        who = {"Cookie": cookie_of(settings)}
        for words in WORDS:
            taken = [seconds(site, searching(site, words, who)) for _ in range(15)]
            print(f"  {words or '(everybody)':12} {median(taken) * 1000:.1f} ms", flush=True)
            assert median(taken) < LIMIT, words
        hello, page = request(floor, "/"), searching(site, "czm", who)
        return ratios(lambda: rate(floor, hello, SECONDS), {"search_vs_hello": lambda: rate(site, page, SECONDS)})


def searching(port: int, words: str, who: dict[str, str]) -> bytes:
    """The bytes of the posted search form."""
    body = f"q={quote(words)}"
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body)), "Sec-Fetch-Site": "same-origin"}
    return request(port, "/people", {**who, **form}).replace(b"GET", b"POST", 1) + body.encode()


def seconds(port: int, sent: bytes) -> float:
    began = time.perf_counter()
    status, _, body = ask(port, sent)
    assert status == 200
    assert "找人" in body.decode()
    return time.perf_counter() - began
