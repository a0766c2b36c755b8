"""What waits in 待我处理: requests whose next step is this person's, projects to decide about, and what the office decides about itself."""

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.fund import queries
from app.fund.queries import deciding, deputies, office
from app.fund.queries import requests as asked
from app.worklist.service import Counting, Source, WorkItem, register

GROUP, PROJECTS, OFFICE = "关爱基金", "基金项目", "基金事务"


def count_requests(actor: Actor) -> Counting:
    return asked.counting(queries.waiting(actor, clock.now())) if actor.may(Action.FUND_STEP) else None


def requests_for(actor: Actor) -> list[WorkItem]:
    rows = asked.with_parts(asked.rows(queries.waiting(actor, clock.now())))
    return [WorkItem(f"fund-{row.id}", GROUP, row.changed_at, "fund/_work.html", row) for row in reversed(rows)]


def count_projects(actor: Actor) -> Counting:
    return deciding.count_waiting(actor, clock.now())


def projects_for(actor: Actor) -> list[WorkItem]:
    rows = deciding.projects_where(deciding.waiting_projects(actor, clock.now()))
    return [WorkItem(f"fund-project-{row.id}", PROJECTS, row.since, "fund/_work_project.html", row) for row in rows]


def count_office(actor: Actor) -> Counting:
    return office.count_waiting(actor, clock.today())


def office_for(actor: Actor) -> list[WorkItem]:
    asked_of = deputies.delegations(deputies.asked_of(actor.person_id, clock.today()))
    return [
        *(
            WorkItem(f"fund-purpose-{row.id}", OFFICE, row.asked_at, "fund/_work_purpose.html", row)
            for row in office.purposes(office.purposes_waiting(actor))
        ),
        *(
            WorkItem(f"fund-purpose-turn-{row.id}", OFFICE, row.asked_at, "fund/_work_turn.html", row)
            for row in office.turns(office.turns_waiting(actor))
        ),
        *(
            WorkItem(f"fund-limits-{row.id}", OFFICE, row.made_at, "fund/_work_limits.html", row)
            for row in office.proposals(office.proposals_waiting(actor))
        ),
        *(WorkItem(f"fund-deputy-{row.id}", OFFICE, row.made_at, "fund/_work_deputy.html", row) for row in asked_of),
    ]


register(Source(GROUP, count_requests, requests_for))
register(Source(PROJECTS, count_projects, projects_for))
register(Source(OFFICE, count_office, office_for, stated=True))
