"""Sealing 100,000 audit rows beside one plain read of them, and holding the seal against them afterwards. Printed, nothing asserted."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import select, text

from app import create_app
from app.audit.models import AuditEvent
from app.core import clock
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.seals import checking, service
from tests import engines
from tests.machine import have_postgres

ROWS = 100_000
SOURCES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT {} FROM n",
    "postgresql": "SELECT {} FROM generate_series(1, :rows) i",
}
VALUES = {
    "sqlite": ":at, 'person.view', 'person', i, '{\"shift\": 4, \"person\": 7}', 'A7K2M9QX'",
    "postgresql": "CAST(:at AS timestamp), 'person.view', 'person', i, CAST('{\"shift\"\\: 4, \"person\"\\: 7}' AS json), 'A7K2M9QX'",
}


def run() -> dict[str, float]:
    found: dict[str, float] = {}
    for engine in ("sqlite", *(["postgresql"] if have_postgres() else [])):
        with _site(engine):
            found |= {f"seals {name} ({engine})": ratio for name, ratio in _measure(engine).items()}
    return found


def _measure(engine: str) -> dict[str, float]:
    values = VALUES[engine].replace("\\:", ":") if engine == "sqlite" else VALUES[engine]
    insert = f"INSERT INTO audit_event (at, action, subject, subject_id, detail, request_id) {SOURCES[engine].format(values)}"
    if engine == "sqlite":
        insert = insert.replace('": ', '"\\: ')
    now = clock.now()
    at = (now - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S.000000")
    in_transaction(lambda: db.session.execute(text(insert), {"at": at, "rows": ROWS}))
    plain = min(_took(_read) for _ in range(3))
    sealing = _took(lambda: list(service.seal_days(now)))
    checked = _took(lambda: _agrees(now))
    print(f"  {engine}: one plain read {plain:.2f} s, sealed in {sealing:.2f} s, verified in {checked:.2f} s")
    return {"sealing / read": sealing / plain, "verifying / read": checked / plain}


def _read() -> None:
    """Every column as Python has it, in one statement."""
    for _ in db.session.execute(select(AuditEvent.__table__)):
        pass


def _agrees(now: Any) -> None:
    if faults := checking.disagreements(now):
        raise RuntimeError(faults[0])


def _took(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _site(engine: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            with _app(f"sqlite:///{folder}/bench.db", Path(folder)):
                yield
            return
        with engines.postgres_server() as server, _app(engines.postgres_copy(server, "template0", "bench_seals"), Path(folder)):
            yield


@contextmanager
def _app(url: str, folder: Path) -> Iterator[None]:
    app = create_app(
        Settings(Env.TEST, url, "a secret that only benches know, long enough", "https://shulin.example", demo=False, data_dir=folder)
    )
    with app.app_context():
        upgrade()
        yield
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    print(run())
