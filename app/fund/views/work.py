"""What waits in 待我处理: requests whose next step is this person's, and projects to decide about."""

from app.core import clock
from app.core.actor import Actor
from app.fund import queries
from app.fund.queries import requests as asked
from app.worklist.service import Source, WorkItem, register

GROUP, PROJECTS = "关爱基金", "立项"


def count_requests(actor: Actor) -> int:
    return asked.count(queries.waiting(actor, clock.now()))


def requests_for(actor: Actor) -> list[WorkItem]:
    rows = asked.rows(queries.waiting(actor, clock.now()))
    return [WorkItem(f"fund-{row.id}", GROUP, row.changed_at, "fund/_work.html", row) for row in reversed(rows)]


def count_projects(actor: Actor) -> int:
    return asked.count_projects_waiting(actor, clock.today())


def projects_for(actor: Actor) -> list[WorkItem]:
    rows = asked.projects_waiting(actor, clock.today())
    return [WorkItem(f"fund-project-{row.id}", PROJECTS, row.sent_at, "fund/_work_project.html", row) for row in rows]


register(Source(GROUP, count_requests, requests_for))
register(Source(PROJECTS, count_projects, projects_for))
