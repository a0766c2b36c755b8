"""The fund's desk: what waits, what is underway, and the ways to begin something."""

from flask import Response, request

from app.core import clock
from app.core.permissions import Action
from app.fund import queries, rules
from app.fund.blueprint import bp
from app.fund.queries import deciding, projects
from app.fund.queries import requests as asked
from app.fund.stage_rules import OPEN_STAGES
from app.people.queries.units import governs
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render


@bp.get("/fund/desk")
@requires(Action.FUND_READ)
def desk() -> Response:
    actor, today = current_actor(), clock.today()
    roots = actor.roots(Action.FUND_READ)
    scope, mine = asked.in_scope(roots, today), queries.waiting(actor, clock.now())
    shows = {"mine": mine & scope, "open": queries.unfinished() & scope, "all": scope}
    show = request.args.get("show", "mine")
    show = show if show in shows else "mine"
    in_scope = projects.in_scope(roots, today)
    return render(
        "fund/desk.html",
        rows=asked.rows(shows[show]),
        counts={name: asked.count(where) for name, where in shows.items()},
        show=show,
        totals=queries.totals(),
        waiting=deciding.projects_where(deciding.waiting_projects(actor, clock.now())),
        drafts=queries.project_cards(rules.BEFORE_STAGES | {rules.Stage.PUBLICISED, rules.Stage.APPROVED}, scope=in_scope),
        running=queries.project_cards(OPEN_STAGES, scope=in_scope),
        rules=rules,
        whole=governs(actor, Action.FUND_MANAGE),
    )
