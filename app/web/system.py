"""/system: how the site is, for its administrators: scheduled work, backups, disk, version. Reads only, and nothing slow."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.web.doctor import Check, Level, examine, machine, site
from app.web.jobs import plan, running
from app.web.jobs.rules import NEVER, Job, Past, State, following, state
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

QUICK: dict[str, Check] = {
    "备份": site.backups_age,
    "磁盘": machine.disk_of_a_server,
    "内存": machine.memory,
    "时钟": machine.time,
    "网址": site.public_url,
    "版本": site.migrations,
    "PDF": machine.fonts,
}
FIRST = {State.FAILED: 0, State.LATE: 1, State.RUNNING: 2}


@dataclass(frozen=True)
class Standing:
    job: Job
    past: Past
    state: State
    next_at: datetime


def install(app: Flask) -> None:
    app.add_url_rule("/system", "system", system)


@requires(Action.RULES_READ)
def system() -> Response:
    """Of the whole site, so for those whose role is the subdistrict's."""
    root, now = people.root_unit(), clock.now()
    if root is None or not people.is_below(root.id, current_actor().roots(Action.RULES_READ), clock.local_date(now)):
        raise NotFound
    pasts = running.pasts(now)
    jobs = [
        Standing(job, past := pasts.get(job.name, NEVER), state(job, past, now), following(job, now))
        for job in plan.jobs()
        if job.name != "doctor"
    ]
    bad = [one for one in jobs if one.state in {State.FAILED, State.LATE}]
    findings = examine(QUICK)
    return render(
        "system/index.html",
        jobs=sorted(jobs, key=lambda one: FIRST.get(one.state, 9)),
        bad=bad,
        ever=bool(pasts),
        findings=sorted(findings, key=lambda one: [Level.BAD, Level.NOTE, Level.GOOD].index(one.level)),
        worries=[one for one in findings if one.level is not Level.GOOD],
    )
