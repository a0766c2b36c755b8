"""Rosters over a full-size subdistrict: what a thousand rows cost at 1,000, 7,000 and 14,000 people on record, and 14,000 rows at once.

The floor is a plain `executemany` of the same people, phones, ties and stages in one transaction. Seconds are printed; ratios are kept.
"""

import io
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_migrate import upgrade
from sqlalchemy import insert, text

from app import create_app
from app.core import clock
from app.core import db as core
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.demo.full import FAMILY, GIVEN, branch_name
from app.imports import running, service
from app.people.models import Membership, Person, Phone, Stage
from app.people.rules import MembershipKind, Origin, StageKind
from app.sheets.reading import read
from tests import engines
from tests.bench.data import FULL, units

SECRET = "a secret that only the bench knows, long enough"
LEVELS = (1_000, 7_000, 14_000)
ROWS, ROUNDS = 1_000, 3
HEADING = ("姓名", "性别", "出生日期", "手机号码", "所在社区", "所属党支部", "政治面貌", "进入当前阶段日期", "备注")
Row = tuple[str, ...]


def run() -> dict[str, float]:
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        found |= measured("sqlite", f"sqlite:///{folder}/site.db", Path(folder))
    if engines.postgres_programs():
        with tempfile.TemporaryDirectory() as folder, engines.postgres_server(durable=True) as url:
            found |= measured("postgres", url, Path(folder))
    return found


def measured(engine: str, url: str, folder: Path) -> dict[str, float]:
    settings = Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=folder)
    with create_app(settings).app_context():
        upgrade()
        branches = units(FULL)
        person_row(0)  # pypinyin loads
        per_row: dict[int, float] = {}
        known = 0
        for level in LEVELS:
            send(book([person_row(nth) for nth in range(known, level)]))
            known = level
            half = ROWS // 2
            rows = [person_row(nth) for nth in range(known - half, known)] + [person_row(nth) for nth in range(20_000, 20_000 + half)]
            took = min((send(book(rows), undo=True) for _ in range(ROUNDS)), key=lambda one: one.preview + one.apply)
            per_row[level] = took.preview + took.apply
            print(f"  {engine}, {level:6,} on record, {ROWS:,} rows: {took}", flush=True)
        again = [person_row(nth, note="楼长" if nth % 10 == 0 else "") for nth in range(known)]
        whole = send(book(again))
        print(f"  {engine}, the same {known:,}, every tenth changed: {whole}", flush=True)
        fresh = [person_row(nth) for nth in range(50_000, 50_000 + known)]
        floor = plain_inserts(fresh, branches)
        full = send(book(fresh))
        print(f"  {engine}, {known:,} new over {known:,}: {full}; plain inserts {floor:.1f} s", flush=True)
        db.session.remove()
        db.engine.dispose()
    return {
        f"roster_apply_vs_inserts_{engine}": round(floor / full.apply, 3),
        f"roster_row_at_14000_vs_at_1000_{engine}": round(per_row[LEVELS[-1]] / per_row[LEVELS[0]], 3),
        f"roster_preview_of_ten_seconds_{engine}": round(max(whole.preview, full.preview) / 10, 3),
        f"roster_apply_of_twenty_seconds_{engine}": round(max(whole.apply, full.apply) / 20, 3),
        f"roster_lock_of_one_second_{engine}": round(max(whole.lock, full.lock), 3),
    }


@dataclass
class Took:
    """Seconds; `lock` is the longest write transaction."""

    preview: float = 0
    apply: float = 0
    undo: float = 0
    lock: float = 0

    def __str__(self) -> str:
        undo = f", undo {self.undo:.2f} s" if self.undo else ""
        return f"preview {self.preview:.2f} s, apply {self.apply:.2f} s{undo}, longest lock {self.lock:.2f} s"


def send(data: bytes, *, undo: bool = False) -> Took:
    took = Took()
    with locks(took):
        now = datetime.now(UTC)
        began = time.monotonic()
        plan = service.plan_file(read(data, "名册.xlsx"), 1, False, clock.local_date(now))
        batch_id = running.stage(plan, 1, "名册.xlsx", None, now)
        took.preview = time.monotonic() - began
        began = time.monotonic()
        running.write(batch_id, None, datetime.now(UTC))
        took.apply = time.monotonic() - began
        if undo:
            began = time.monotonic()
            running.undo(batch_id, None, datetime.now(UTC))
            took.undo = time.monotonic() - began
    return took


@contextmanager
def locks(took: Took) -> Iterator[None]:
    real = core.in_transaction

    def timed(work: Callable[[], Any]) -> Any:
        began = time.monotonic()
        try:
            return real(work)
        finally:
            took.lock = max(took.lock, time.monotonic() - began)

    running.in_transaction = timed  # type: ignore[attr-defined]
    try:
        yield
    finally:
        running.in_transaction = real  # type: ignore[attr-defined]


def person_row(nth: int, note: str = "") -> Row:
    branch = nth * 7919 % FULL.branches
    name = name_of(nth)
    born = date(1940 + nth % 60, 1 + nth % 12, 1 + nth % 28)
    return (
        name, "男" if nth % 2 else "女", born.isoformat(), f"139{nth:08d}", "", branch_name(branch), "正式党员",
        date(2000 + nth % 20, 1 + nth % 12, 1).isoformat(), note,
    )  # fmt: skip


def name_of(nth: int) -> str:
    """One in ten shares a name with exactly one other, however many are on record: the work of a row is to be the same at each level."""
    place = nth - (nth % 10 == 1)
    given = [GIVEN[place // len(FAMILY) // len(GIVEN) ** power % len(GIVEN)] for power in range(3)]
    return FAMILY[place % len(FAMILY)] + "".join(given)


def book(rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for place, row in enumerate((HEADING, *rows)):
            sheet.write_row(place, 0, row)
    return out.getvalue()


def plain_inserts(rows: Sequence[Row], branches: Sequence[int]) -> float:
    """The same people in one transaction, then gone again; the seconds it took to put them in."""
    now, first = datetime.now(UTC), 1_000_000
    took = 0.0

    def put() -> None:
        nonlocal took
        began = time.monotonic()
        ids = range(first, first + len(rows))
        told = {"origin": Origin.ROSTER, "recorded_at": now, "confirmed_at": now, "note": ""}
        tie = {"kind": MembershipKind.HOME, "valid_from": now.date()}
        db.session.execute(insert(Person), [{"id": one, "name": row[0], **told} for one, row in zip(ids, rows, strict=True)])
        db.session.execute(
            insert(Phone),
            [{"person_id": one, "number": row[3], "valid_from": now.date()} for one, row in zip(ids, rows, strict=True)],
        )
        db.session.execute(insert(Membership), [{"person_id": one, "unit_id": branches[one % 600], **tie} for one in ids])
        stage = {"kind": StageKind.MEMBER, "began_on": date(2020, 1, 1)}
        db.session.execute(insert(Stage), [{"person_id": one, **stage} for one in ids])
        took = time.monotonic() - began

    in_transaction(put)

    def away() -> None:
        for table in ("stage", "membership", "phone"):
            db.session.execute(text(f"DELETE FROM {table} WHERE person_id >= {first}"))
        db.session.execute(text(f"DELETE FROM person WHERE id >= {first}"))

    in_transaction(away)
    return took
