"""The heaviest hour of a site: whom and what it has, and what they all ask of it at once. See `tests.bench.memory`."""

import http.client
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from app.accounts import sessions
from app.accounts.models import Account
from app.core import clock
from app.core.db import db, in_transaction
from app.demo import full, years
from app.demo.load import load
from app.people.models import Unit
from app.people.rules import UnitKind
from app.seals import service as seals
from tests.bench import data
from tests.bench.gate import roster

READERS = 10
PHONES = {"volunteer": 1, "organiser": 2, "secretary": 3, "administrator": 4, "officer": 5, "approver": 6, "auditor": 7, "deputy": 8}
PAGES = (
    "/", "/boards", "/boards?span=all", "/boards?unit=communities&span=year", "/activities", "/fund", "/me", "/me/records", "/me/points",
    "/settings", "/offline", "/healthz", "/sw.js", "/figures", "/branch", "/people", "/work", "/exports", "/wishes", "/me/double50",
)  # fmt: skip
OFFICE = ("/people", "/audit", "/manage", "/system", "/imports", "/reports", "/work", "/double50", "/claims/share", "/figures", "/branch")
TABLES = (
    "/exports/people.xlsx", "/exports/people.csv", "/exports/units.xlsx", "/exports/hours.csv", "/exports/places.xlsx",
    "/double50.xlsx", "/audit.xlsx", "/pledges.xlsx", "/certificates.xlsx", "/boards/table.xlsx", "/branch.xlsx", "/disputes.xlsx",
    "/claims/share.xlsx", "/assessments.xlsx",
)  # fmt: skip
PAPERS = {  # address of a file: the ids that there are
    "/certificates/{}.pdf": "SELECT id FROM certificate",
    "/certificates/batches/{}.pdf": "SELECT id FROM certificate_batch",
    "/double50/packs/{}.pdf": "SELECT id FROM confirmed_pack",
    "/double50/packs/{}.xlsx": "SELECT id FROM confirmed_pack",
    "/fund/requests/{}/form.pdf": "SELECT id FROM fund_request ORDER BY id LIMIT 8",
    "/fund/projects/{}/report.pdf": "SELECT id FROM fund_project ORDER BY id LIMIT 8",
    "/seals/{}/paper.pdf": "SELECT day FROM seal_entry ORDER BY day DESC LIMIT 6",
    "/reports/{}/report.xlsx": "SELECT id FROM report_entry ORDER BY id LIMIT 6",
}
TIMES = 1  # how often an office fetches all of it
AGAIN = 3.0  # seconds, where it is asked to come again
PATIENCE = 600.0  # seconds for the largest answer on a busy machine


@dataclass
class Work:
    """`cookies` by who it is; `answers` counts statuses by what was asked, `seconds` has the longest of each."""

    cookies: dict[str, str]
    papers: list[str]
    book: bytes
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def heavy(self) -> Iterator[Callable[[int], None]]:
        yield self.imports
        yield lambda port: self.fetches(port, "papers", "administrator", self.papers)
        yield lambda port: self.fetches(port, "papers", "approver", self.papers)
        yield lambda port: self.fetches(port, "papers", "secretary", self.papers)
        yield lambda port: self.fetches(port, "tables", "administrator", TABLES)
        yield lambda port: self.fetches(port, "tables", "auditor", TABLES)
        yield lambda port: self.fetches(port, "office", "administrator", OFFICE * 3)

    def fetches(self, port: int, what: str, who: str, addresses: Iterable[str]) -> None:
        for _ in range(TIMES):
            for one in addresses:
                while self.ask(port, what, "GET", one, who) == "again":
                    time.sleep(AGAIN)

    def imports(self, port: int) -> None:
        """The roster as the office sends it: its preview, then written."""
        line = b"-----the-bench"
        head = b'Content-Disposition: form-data; name="file"; filename="roster.xlsx"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = b"--" + line + b"\r\n" + head + self.book + b"\r\n--" + line + b"--\r\n"
        kind = {"Content-Type": "multipart/form-data; boundary=" + line.decode()}
        while (where := self.ask(port, "roster preview", "POST", "/imports", "administrator", body, kind)) == "again":
            time.sleep(AGAIN)
        if not where:
            return
        page = urlsplit(where).path
        self.ask(port, "roster page", "GET", page, "administrator")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.ask(port, "roster write", "POST", f"{page}/application", "administrator", b"", form)
        self.ask(port, "roster page", "GET", page, "administrator")

    def reader(self, port: int, number: int) -> None:
        who, turn = list(self.cookies)[number % len(self.cookies)], number
        while not self.over.is_set():
            self.ask(port, "pages", "GET", PAGES[turn % len(PAGES)], who)
            turn += 1

    def ask(
        self, port: int, what: str, method: str, path: str, who: str, body: bytes | None = None, more: dict[str, str] | None = None
    ) -> str:
        """Read to the end; where it leads, or "again" where it is asked to come again."""
        headers = {"Cookie": self.cookies[who], "Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}
        began, line = time.monotonic(), http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        where = ""
        try:
            line.request(method, path, body, {**headers, **(more or {})})
            answer = line.getresponse()
            while answer.read(1 << 16):
                pass
            status, where = str(answer.status), "again" if answer.status == 429 else answer.headers.get("Location", "")
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        finally:
            line.close()
        if status not in {"200", "303", "429"} and what != "pages":
            status = f"{status} {path}"
        with self.lock:
            counted = self.answers.setdefault(what, {})
            counted[status] = counted.get(status, 0) + 1
            name = path if what != "pages" else what
            self.seconds[name] = max(self.seconds.get(name, 0.0), round(time.monotonic() - began, 1))
        return where


def filled(app: Flask, entries: int, folder: Path) -> Work:
    """An empty database with the demo, the subdistrict and its entries, everything sealed; those who will ask are signed in."""
    upgrade()
    if db.session.scalar(select(func.count()).select_from(Unit)) == 0:
        _fill(entries)
    roster(folder / "roster.xlsx", first=int(time.time()) % 10_000_000)
    cookies = dict(_signed_in(app))
    papers = [address.format(one) for address, ids in PAPERS.items() for one in db.session.scalars(text(ids))]
    db.session.remove()
    db.engine.dispose()
    return Work(cookies, papers, (folder / "roster.xlsx").read_bytes())


def _fill(entries: int) -> None:
    load("small")
    root = db.session.scalars(select(Unit.id).where(Unit.kind == UnitKind.SUBDISTRICT)).one()
    size = data.of(entries)
    made = full.town(root, size, clock.now())
    years.fill(made, size, made.people[0], clock.today())
    for _ in seals.seal_days(clock.now()):
        pass


def _signed_in(app: Flask) -> Iterator[tuple[str, str]]:
    signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    for who, number in PHONES.items():
        account = db.session.scalars(select(Account.id).where(Account.login_phone == f"{13800000000 + number}")).one()
        token = in_transaction(lambda one=account: sessions.open_session(one, "bench", clock.now(), staff=True, factor=True))  # type: ignore[misc]
        yield who, f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, '_fresh': True, '_permanent': True})}"
