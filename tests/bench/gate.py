"""邻里节: 3,000 signed-in phones come in within a minute, and go again, while 14,000 roster rows are applied. Nothing lost, nothing twice.

Arrivals are an open loop: each phone begins at its own moment whether the others are answered or not, and its waiting counts from that
moment. Every phone is a connection of its own; three in a hundred send their scan twice. The floor is a view that says hello, asked at
the same rate on the same kind of server right before, with the same roster work beside it missing: what the gate adds is what is measured.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask_migrate import upgrade
from sqlalchemy import func, select, text, update

from app import create_app
from app.activities.models import Shift
from app.checkin.forms import write_ticket
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Way
from app.core.config import ROOT, Env, Settings
from app.core.db import db, in_transaction, is_sqlite
from app.hours.models import HourEntry
from app.people.models import Person, Unit
from app.people.rules import UnitKind
from app.sheets.writing import Table, xlsx
from tests import engines
from tests.bench.checkin import SECRET, cookie, crowd, token
from tests.bench.serving import request, server

PHONES, SECONDS, AGAIN = 3000, 60.0, 33  # one in AGAIN sends twice
ROSTER_ROWS = 14_000
SERVED = timedelta(minutes=100)  # between the tickets of coming and of going; both lie within a ticket's life


@dataclass(frozen=True)
class Burst:
    """`seconds` of each answer, from the moment the phone wanted it; `failed` are others than 200."""

    seconds: list[float]
    failed: int

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99) - 1]


def run() -> dict[str, float]:
    found: dict[str, float] = {"gate_errors": 0, "gate_lost": 0, "gate_doubled": 0}
    with tempfile.TemporaryDirectory() as folder:
        measured("sqlite", f"sqlite:///{folder}/gate.db", Path(folder), found)
    if engines.postgres_programs():
        with tempfile.TemporaryDirectory() as folder, engines.postgres_server(durable=True) as url:
            measured("postgres", url, Path(folder), found)
    return found


def measured(engine: str, url: str, folder: Path, found: dict[str, float]) -> None:
    """Adds this engine's figures to `found`."""
    app = create_app(Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=folder))
    with app.app_context():
        upgrade()
        activity = crowd(PHONES)
        _fitting_shift(activity)
        _number_on()
        roster(folder / "roster.xlsx")
        db.engine.dispose()
    environment = {"SECRET_KEY": SECRET, "SHULIN_ENV": "test", "SHULIN_DATA": str(folder), "DATABASE_URL": url}
    with server("tests.bench.hello:create_app") as floor:
        hello = asyncio.run(burst(floor, [[request(floor, "/")] for _ in range(PHONES)]))
    with server("app:create_app", environment) as site:
        cookies = [cookie(app, _user_id=token(number), _fresh=True) for number in range(PHONES)]
        writing = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "roster", "import", str(folder / "roster.xlsx"), "--apply"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        came, ids_in = scans(site, cookies, write_ticket(SECRET, activity, Way.POSTER, datetime.now(UTC) - SERVED, None))
        came_in = asyncio.run(burst(site, came))
        went, ids_out = scans(site, cookies, write_ticket(SECRET, activity, Way.POSTER, datetime.now(UTC), None))
        went_out = asyncio.run(burst(site, went))
        _, complaint = writing.communicate(timeout=600)
        assert writing.returncode == 0, complaint.decode()
    with app.app_context():
        found["gate_lost"] += lost([*ids_in, *ids_out])
        found["gate_doubled"] += doubled()
        complete = db.session.scalar(select(func.count()).select_from(HourEntry))
        applied = db.session.scalar(select(func.count()).select_from(Person)) or 0
        assert applied >= ROSTER_ROWS + PHONES, f"the roster was not written: {applied} people"
        found["gate_lost"] += PHONES - (complete or 0)
        db.engine.dispose()
    found["gate_errors"] += came_in.failed + went_out.failed
    found[f"gate_p99_vs_hello_{engine}"] = round(came_in.p99 / hello.p99, 2)
    found[f"gate_out_p99_vs_hello_{engine}"] = round(went_out.p99 / hello.p99, 2)
    print(f"  {engine}: hello p99 {hello.p99 * 1000:.1f} ms, in {came_in.p99 * 1000:.1f} ms, out {went_out.p99 * 1000:.1f} ms", flush=True)


def _fitting_shift(activity: int) -> None:
    """One shift that those who came 100 minutes ago were in, and that may be left now."""
    now = datetime.now(UTC)
    first = select(func.min(Shift.id)).where(Shift.activity_id == activity).scalar_subquery()
    times = {"starts_at": now - SERVED - timedelta(minutes=5), "ends_at": now + timedelta(minutes=20)}
    in_transaction(lambda: db.session.execute(update(Shift).where(Shift.id == first).values(**times)))


def _number_on() -> None:
    """The crowd's ids were given by hand; whoever comes next must get others."""
    if not is_sqlite():
        for table in ("person", "account"):
            last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            in_transaction(lambda last=last: db.session.execute(text(last)))  # type: ignore[misc]


def roster(file: Path, first: int = 0) -> None:
    """14,000 people of 40 branches, as an office would send them; their numbers begin at `first`."""
    branches = db.session.scalars(select(Unit.name).where(Unit.kind == UnitKind.BRANCH)).all()
    rows = [
        [
            f"林{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'春夏秋冬'[n % 4]}",
            f"188{first + n:08d}",
            branches[n % len(branches)],
            "正式党员",
            "2019-07-01",
        ]
        for n in range(ROSTER_ROWS)
    ]
    file.write_bytes(xlsx(Table("名册", ["姓名", "手机号码", "所属党支部", "政治面貌", "进入当前阶段日期"], rows)))


def scans(port: int, cookies: Sequence[str], ticket: str) -> tuple[list[list[bytes]], list[UUID]]:
    """What each phone sends, one after the other; and the ids that must be there afterwards."""
    phones, ids = [], []
    for number, own in enumerate(cookies):
        scan_id = uuid4()
        body = urlencode({"id": str(scan_id), "ticket": ticket})
        lines = [
            "POST /scans HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Cookie: {own}",
            "HX-Request: true",
            "Sec-Fetch-Site: same-origin",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        sent = ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()
        phones.append([sent] * (2 if number % AGAIN == 0 else 1))
        ids.append(scan_id)
    return phones, ids


async def burst(port: int, phones: Sequence[Sequence[bytes]]) -> Burst:
    """Phone by phone at even steps over SECONDS; each asks what it has to ask over one connection of its own."""
    seconds: list[float] = []
    failed = 0
    began = time.perf_counter() + 0.2

    async def one(number: int) -> None:
        nonlocal failed
        due = began + number * SECONDS / len(phones)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for sent in phones[number]:
                writer.write(sent)
                good = await asyncio.wait_for(_answer(reader), 60)
                seconds.append(time.perf_counter() - due)
                failed += not good
                due = time.perf_counter()
            writer.close()
        except (OSError, EOFError, TimeoutError):
            failed += 1

    await asyncio.gather(*(one(number) for number in range(len(phones))))
    return Burst(seconds, failed)


async def _answer(reader: asyncio.StreamReader) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(length)
    return head.startswith(b"HTTP/1.1 200")


def lost(ids: Sequence[UUID]) -> int:
    """Of the scans that were answered, how many are not there."""
    there = set(db.session.scalars(select(Scan.id)))
    return sum(scan_id not in there for scan_id in ids)


def doubled() -> int:
    """People with more than one spell, or more than two scans that moved them."""
    spells = select(Attendance.person_id).group_by(Attendance.person_id).having(func.count() > 1)
    return len(db.session.scalars(spells).all())


__all__ = ["run"]
