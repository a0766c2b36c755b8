"""我办的活动: all that an organiser manages, newest first, a series in one line; each to be held again in one tap."""

from flask import request
from werkzeug.wrappers import Response

from app.activities import queries
from app.activities.queries.activities import held_or_draft
from app.activities.rules import STATE_NAMES
from app.activities.views.common import bp
from app.core import clock
from app.core.permissions import Action
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

A_PAGE = 20


@bp.get("/activities/managed")
@requires(Action.ACTIVITY_MANAGE)
def managed() -> Response:
    given = request.args.get("page", "")
    number = int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 6 and int(given) else 1
    rows = queries.managed(current_actor(), held_or_draft(), A_PAGE + 1, offset=(number - 1) * A_PAGE)
    now = clock.now()
    return render(
        "activities/managed.html",
        rows=[(row, row.state(now), STATE_NAMES[row.state(now)]) for row in rows[:A_PAGE]],
        number=number,
        more=len(rows) > A_PAGE,
    )
