"""What waits in 待我处理: projects to score, panels to name or to conclude, calls to publish."""

from app.core import clock
from app.core.actor import Actor
from app.core.permissions import Action
from app.fund.queries.deciding import projects_where
from app.panels import queries
from app.people.queries.units import governs
from app.worklist.service import Counting, Source, WorkItem, register

SCORING, PANELS, CALLS, CHANGES = "评审打分", "项目评审", "项目征集", "征集延长或撤回"


def count_scoring(actor: Actor) -> Counting:
    return queries.count_projects(queries.to_score(actor.person_id, clock.today()))


def scoring_for(actor: Actor) -> list[WorkItem]:
    rows = projects_where(queries.to_score(actor.person_id, clock.today()))
    return [WorkItem(f"panel-score-{row.id}", SCORING, row.since, "panels/_work_score.html", row) for row in rows]


def count_panels(actor: Actor) -> Counting:
    if not actor.may(Action.FUND_MANAGE) and not actor.may(Action.FUND_APPROVE):
        return None
    return queries.count_projects(queries.for_officers(actor, clock.today()))


def panels_for(actor: Actor) -> list[WorkItem]:
    rows = projects_where(queries.for_officers(actor, clock.today()))
    known = queries.panels([row.id for row in rows])
    return [WorkItem(f"panel-{row.id}", PANELS, row.since, "panels/_work_panel.html", (row, known.get(row.id))) for row in rows]


def count_calls(actor: Actor) -> Counting:
    return queries.count_calls(actor.person_id) if governs(actor, Action.FUND_APPROVE) else None


def calls_for(actor: Actor) -> list[WorkItem]:
    if not governs(actor, Action.FUND_APPROVE):
        return []
    rows = queries.calls(queries.to_publish(actor.person_id))
    return [WorkItem(f"fund-call-{row.id}", CALLS, row.made_at, "panels/_work_call.html", row) for row in rows]


def count_changes(actor: Actor) -> Counting:
    return queries.count_changes(actor.person_id) if governs(actor, Action.FUND_APPROVE) else None


def changes_for(actor: Actor) -> list[WorkItem]:
    if not governs(actor, Action.FUND_APPROVE):
        return []
    rows = queries.changes(queries.change_waits(actor.person_id))
    return [WorkItem(f"fund-call-change-{row.id}", CHANGES, row.made_at, "panels/_work_change.html", row) for row in rows]


register(Source(SCORING, count_scoring, scoring_for))
register(Source(PANELS, count_panels, panels_for))
register(Source(CALLS, count_calls, calls_for))
register(Source(CHANGES, count_changes, changes_for))
