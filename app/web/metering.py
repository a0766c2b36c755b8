"""/metrics for Prometheus and the access log: what an operator needs to see, and nothing about anybody.

Off unless SHULIN_METRICS (or SHULIN_ACCESS_LOG) asks for it; then one wrapper around the application counts every request, answered
by Flask or before it. Requests go by the name of their view, never by their address: addresses hold codes. Several workers write
into one folder (PROMETHEUS_MULTIPROC_DIR, made by scripts/run.py), so any of them answers for all.
"""

import hmac
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, make_response, request
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError

from app.checkin.models import Attendance
from app.core import clock, trace
from app.core.config import Settings
from app.core.db import db
from app.core.errors import NotFound
from app.web.backups import keeping
from app.web.jobs import plan, running
from app.web.jobs.rules import NEVER, State, state
from app.webkit.guards import public

if TYPE_CHECKING:
    from prometheus_client.core import Metric

ENDPOINT = "shulin.endpoint"
FORWARDED = ("X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
access = logging.getLogger("shulin.access")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Noted = Callable[[str, str, str, float], None]


def install(app: Flask) -> None:
    """Last of all, so that it stands outside of what answers before Flask."""
    settings: Settings = app.config["SETTINGS"]
    noting: list[Noted] = []
    if settings.metrics:
        noting.append(_meters(app))
        app.add_url_rule("/metrics", "metrics", metrics)
    if settings.access_log:
        access.setLevel(logging.INFO)
        noting.append(_log)
    if noting:
        app.after_request(_name)
        app.wsgi_app = _Around(app.wsgi_app, noting)  # type: ignore[method-assign]


def _name(response: Response) -> Response:
    request.environ[ENDPOINT] = request.endpoint or "none"
    return response


class _Around:
    """Notes each request when its answer is there: method, view, status, seconds."""

    def __init__(self, inner: Wsgi, noting: list[Noted]) -> None:
        self.inner, self.noting = inner, noting

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun, said = time.perf_counter(), ["500"]
        trace.request_id.set("-")

        def start(status: str, *rest: Any) -> Any:
            said[0] = status[:3]
            return start_response(status, *rest)

        try:
            return self.inner(environ, start)
        finally:
            method = environ["REQUEST_METHOD"]
            method = method if method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
            for note in self.noting:
                note(method, environ.get(ENDPOINT, "unchanged"), said[0], time.perf_counter() - begun)


def _log(method: str, endpoint: str, status: str, seconds: float) -> None:
    fields = {"method": method, "view": endpoint, "status": int(status), "ms": round(seconds * 1000, 1)}
    access.info("%s %s %s", method, endpoint, status, extra={"fields": fields})


def _meters(app: Flask) -> Noted:
    """Counters of this process; the library is only imported where they are wanted."""
    from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    labels = {"registry": registry}
    requests = Counter("shulin_requests", "Requests by view and status", ["method", "view", "status"], **labels)  # type: ignore[arg-type]
    seconds = Histogram("shulin_request_seconds", "Seconds until answered, by part", ["part"], buckets=BUCKETS, **labels)  # type: ignore[arg-type]
    scans = Counter("shulin_scans", "Scans sent to the database, accepted or refused, resent ones among them", **labels)  # type: ignore[arg-type]
    faults = Counter("shulin_database_errors", "Errors that the database answered with", ["kind"], **labels)  # type: ignore[arg-type]
    app.extensions["shulin.metrics"] = registry
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def executing(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("INSERT INTO scan "):
            scans.inc(len(parameters) if many else 1)

    @event.listens_for(engine, "handle_error")
    def failed(context: Any) -> None:
        faults.labels(type(context.original_exception).__name__).inc()

    def note(method: str, endpoint: str, status: str, took: float) -> None:
        requests.labels(method, endpoint, status).inc()
        seconds.labels(endpoint.partition(".")[0]).observe(took)

    return note


@public
def metrics() -> Response:
    """404 for who may not read them, as if they were not there."""
    _refuse_strangers(current_app.config["SETTINGS"].metrics)
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry: CollectorRegistry = current_app.extensions["shulin.metrics"]
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    now_registry = CollectorRegistry()
    now_registry.register(_Now())
    return make_response(generate_latest(registry) + generate_latest(now_registry), 200, {"Content-Type": CONTENT_TYPE_LATEST})


def _refuse_strangers(asked: str) -> None:
    if asked == "local":
        try:
            near = ip_address(request.remote_addr or "").is_loopback
        except ValueError:
            near = False
        if not near or any(name in request.headers for name in FORWARDED):
            raise NotFound
        return
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {asked}".encode()):
        raise NotFound


class _Now:
    """What is so at this moment, asked of the database once for all workers."""

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily

        up = GaugeMetricFamily("shulin_database_up", "1 where the database answers")
        try:
            found = list(self._asked(GaugeMetricFamily))
        except SQLAlchemyError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found

    def _asked(self, gauge: Any) -> Iterator["Metric"]:
        now = clock.now()
        pasts = running.pasts(now)
        held = gauge("shulin_held_spells", "Spells of service that wait for somebody's decision")
        held.add_metric([], db.session.scalar(select(func.count()).where(Attendance.held_at.is_not(None))) or 0)
        yield held
        done = gauge("shulin_job_done_timestamp_seconds", "When a job that was done last began", labels=["job"])
        bad = gauge("shulin_job_bad", "1 where a job failed last or missed its time twice", labels=["job"])
        for job in plan.jobs():
            past = pasts.get(job.name, NEVER)
            if past.done_at is not None:
                done.add_metric([job.name], past.done_at.timestamp())
            bad.add_metric([job.name], state(job, past, now) in {State.FAILED, State.LATE})
        yield done
        yield bad
        folder = current_app.config["SETTINGS"].backups_dir
        if folder is not None and folder.is_dir() and (files := keeping.kept_here(folder)):
            newest = gauge("shulin_backup_timestamp_seconds", "When the newest backup was made")
            newest.add_metric([], files[0][0].timestamp())
            yield newest
