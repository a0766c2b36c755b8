"""/boards of a full-size subdistrict with 3.5 million entries: beside the same place with 10,000, and beside a view that says hello.

Readers are signed in and see their own place. On each engine:

- `board_growth`: of all boards the worst, what an answer takes with 3.5 million entries over what it takes with 10,000;
- `board_vs_hello`, `board_304_vs_hello`: the default board, answers a second;
- `rebuild_vs_group_by`: finding out whether all totals of people and units are right, and making right this year's of a hundred people
  and five units that are not, over one plain sum of the ledger by person. Printed besides: the first time, when the ledger is noted
  (docs/decisions/0054), and the case that all totals are lost.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from flask_migrate import upgrade
from sqlalchemy import delete, event, func, select, update

from app import create_app
from app.core import clock
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal
from app.hours.totals import KEPT
from tests import engines
from tests.bench.data import FULL, TOKEN, fill, of
from tests.bench.serving import ask, rate, ratios, request, server

SECRET = "a secret that only the bench knows, long enough"
SECONDS, ROUNDS, FEW = 1.0, 5, 10_000
DEFAULT = "/boards"
PAGES = (
    DEFAULT,
    *(
        f"/boards?kind={kind}&period={length}"
        for kind in ("branch", "community", "team", "person")
        for length in ("month", "quarter", "year", "all")
    ),
    *(f"/boards?by={measure}" for measure in ("total", "rate", "median", "gain")),
)


def cookie_of(settings: Settings) -> str:
    """The session cookie of the reader who is signed in with TOKEN."""
    app = create_app(settings)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"shulin={signer.dumps({'_user_id': TOKEN, '_fresh': True})}"


def run() -> dict[str, float]:
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        found |= _measured("sqlite", Path(folder), f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db")
    if engines.postgres_programs():
        with tempfile.TemporaryDirectory() as folder, engines.postgres_server(durable=True) as url:
            few = engines.make_url(url).set(database="few").render_as_string(hide_password=False)
            engines.postgres_copy(url, "template0", "few")
            found |= _measured("postgres", Path(folder), few, url)
    for name in ("board_growth", "rebuild_vs_group_by"):
        found[name] = max(value for key, value in found.items() if key.startswith(name))
    for name in ("board_vs_hello", "board_304_vs_hello"):
        found[name] = min(value for key, value in found.items() if key.startswith(name))
    return found


def _measured(engine: str, folder: Path, few: str, many: str) -> dict[str, float]:
    sites = []
    for url, size in ((few, replace(of(FEW), years=1)), (many, FULL)):  # of one year, so that its boards have as many lines
        settings = Settings(Env.TEST, url, SECRET, "http://127.0.0.1:5000", demo=False, data_dir=folder)
        app = create_app(settings)
        with app.app_context():
            upgrade()
            began = time.monotonic()
            fill(size)
            print(f"  {engine}: {size.entries:,} entries written in {time.monotonic() - began:.0f} s", flush=True)
            db.engine.dispose()
        sites.append((app, settings))
    (small, _), (large, settings) = sites
    found = {f"rebuild_vs_group_by_{engine}": rebuilding(large, engine)}
    asked = {}
    for page in PAGES:
        asked[page] = [_first_reading(app, cookie_of(settings), page) for app in (small, large)]
    for page in PAGES:
        like = [few for other, ((few, _), _) in asked.items() if _kind(other) == _kind(page)]  # an empty board asks for no names
        many_statements = asked[page][1][0]
        assert many_statements <= max(like), f"{page}: {many_statements} statements, {max(like)} with {FEW:,} entries"
    slowest = max(PAGES, key=lambda page: asked[page][1][1])
    print(
        f"  {engine}: the slowest board after a change: {slowest}, {asked[slowest][1][1]:.2f} s ({asked[slowest][0][1]:.2f} s)", flush=True
    )
    with ExitStack() as stack:
        floor = stack.enter_context(server("tests.bench.hello:create_app"))
        ports = [
            stack.enter_context(
                server("app:create_app", {"DATABASE_URL": url, "SHULIN_DATA": str(folder), "SECRET_KEY": SECRET, "SHULIN_ENV": "test"})
            )
            for url in (few, many)
        ]
        who = {"Cookie": cookie_of(settings)}
        found[f"board_growth_{engine}"] = _growth(engine, ports, who)
        status, headers, body = ask(ports[1], request(ports[1], DEFAULT, who))
        assert status == 200
        assert "您的支部" in body.decode()
        hello, page = request(floor, "/"), request(ports[1], DEFAULT, who)
        unchanged = request(ports[1], DEFAULT, {**who, "If-None-Match": headers["etag"]})
        return found | ratios(
            lambda: rate(floor, hello, SECONDS),
            {
                f"board_vs_hello_{engine}": lambda: rate(ports[1], page, SECONDS),
                f"board_304_vs_hello_{engine}": lambda: rate(ports[1], unchanged, SECONDS, 304),
            },
        )


def _kind(page: str) -> str:
    """Boards of one kind ask alike."""
    return page.partition("kind=")[2].partition("&")[0]


def _growth(engine: str, ports: list[int], who: dict[str, str]) -> float:
    """The worst of all pages."""
    worst = {}
    for page in PAGES:
        few, many = (request(port, page, who) for port in ports)
        for _ in range(8):  # both workers have it
            ask(ports[0], few), ask(ports[1], many)
        found = [rate(ports[0], few, SECONDS / 3) / rate(ports[1], many, SECONDS / 3) for _ in range(ROUNDS)]
        worst[page] = median(found)
    page = max(worst, key=lambda one: worst[one])
    print(f"  {engine}: grows most: {page}, {worst[page]:.2f}", flush=True)
    return round(worst[page], 3)


def _first_reading(app: object, cookie: str, page: str) -> tuple[int, float]:
    """Statements and seconds of a first reading in a process of its own cache: nothing is known yet."""
    client = app.test_client()  # type: ignore[attr-defined]
    name, _, value = cookie.partition("=")
    client.set_cookie(name, value)
    with app.app_context(), counted() as statements:  # type: ignore[attr-defined]
        began = time.monotonic()
        assert client.get(page).status_code == 200, page
        return len(statements), time.monotonic() - began


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", heard)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", heard)


def rebuilding(app: object, engine: str) -> float:
    """Seconds of a rebuild over those of one GROUP BY, in turn; the median."""
    with app.app_context():  # type: ignore[attr-defined]
        plain = select(HourEntry.person_id, func.sum(HourEntry.minutes)).group_by(HourEntry.person_id)
        parts = []
        for turn in range(3):
            in_transaction(_damage)
            floor = timed(lambda: db.session.execute(plain).all())
            db.session.remove()
            took = timed(rebuild)
            parts.append(took / floor)
            print(f"  {engine}: plain sum {floor:.2f} s, rebuild {took:.2f} s" + ("" if turn else ", for the first time"), flush=True)
        for table in (HourPersonTotal, HourUnitTotal):
            in_transaction(lambda table=table: db.session.execute(delete(table)))  # type: ignore[misc]
        print(f"  {engine}: with every total lost {timed(rebuild):.1f} s", flush=True)
        db.session.remove()
        db.engine.dispose()
        return round(median(parts), 3)


def _damage() -> None:
    """The year under way of a hundred people and five units."""
    first, year = FULL.people // 2, f"{clock.today().year}%"
    more = {"minutes": HourPersonTotal.minutes + 1}
    people = HourPersonTotal.person_id.between(first, first + 99)
    db.session.execute(update(HourPersonTotal).where(people, HourPersonTotal.period.like(year)).values(**more))
    units = db.session.scalars(select(HourUnitTotal.unit_id).distinct().order_by(HourUnitTotal.unit_id).limit(5)).all()
    db.session.execute(delete(HourUnitTotal).where(HourUnitTotal.unit_id.in_(units), HourUnitTotal.period.like(year)))


def rebuild() -> None:
    """What `flask totals rebuild` does with the hours."""
    for totals in KEPT:
        in_transaction(totals.note)
        for chunk in totals.stale():
            in_transaction(lambda totals=totals, chunk=chunk: totals.rebuild(chunk))  # type: ignore[misc]
    db.session.remove()


def timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
