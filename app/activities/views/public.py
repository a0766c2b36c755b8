"""What anyone may look at: the list, and one activity."""

from itertools import groupby
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.wrappers import Response

from app.activities import queries
from app.activities.rules import KIND_NAMES, ActivityKind
from app.activities.views.cards import page_context
from app.activities.views.common import bp, reads, visible
from app.activities.views.results import result_context
from app.core import clock
from app.core.permissions import Action
from app.people.queries import UnitRow, root_unit, units_below
from app.people.rules import UnitKind
from app.webkit.guards import actor_or_none, public
from app.webkit.htmx import render

A_PAGE = 20
PAST_A_PAGE = 10


@bp.get("/activities")
@public
def index() -> Response:
    """This week's and later ones by day, then the past; `kind`, `unit`, `page` and `past` narrow and turn pages."""
    actor, today = actor_or_none(), clock.today()
    kind = ActivityKind(request.args["kind"]) if request.args.get("kind") in set(ActivityKind) else None
    root, communities = _root_and_communities()
    unit = next((found for found in communities if str(found.id) == request.args.get("unit")), None)
    unit_id = unit.id if unit else None
    page, past_page = _number("page"), _number("past")
    coming = queries.upcoming(actor.person_id if actor else None, today, A_PAGE + 1, offset=(page - 1) * A_PAGE, kind=kind, unit_id=unit_id)
    past = queries.past(today, PAST_A_PAGE + 1, offset=(past_page - 1) * PAST_A_PAGE, kind=kind, unit_id=unit_id)
    return render(
        "activities/index.html",
        days=[
            (day, list(entries))
            for day, entries in groupby(coming[:A_PAGE], key=lambda entry: clock.local_date(entry.activity.starts_at or clock.now()))
        ],
        past=past[:PAST_A_PAGE],
        number=page,
        more=len(coming) > A_PAGE,
        past_number=past_page,
        past_more=len(past) > PAST_A_PAGE,
        kinds=KIND_NAMES,
        kind=kind,
        communities=communities,
        root=root,
        unit=unit,
        link=_link,
        waiting=queries.waiting_for(actor, clock.now(), 5) if actor and actor.may(Action.ACTIVITY_MANAGE) else None,
    )


@bp.get("/activities/<int:activity_id>")
@public
def show(activity_id: int) -> Response:
    """The page; to htmx the choice of a shift with its dock. `shift` is the one picked."""
    row, manages = visible(activity_id)
    context = page_context(row, manages, chosen=request.args.get("shift", type=int))
    reading = not manages and reads(activity_id)
    return render("activities/show.html", "activities/_picked.html", reads=reading, **context, **result_context(row))


def _root_and_communities() -> tuple[UnitRow | None, list[UnitRow]]:
    root = root_unit()
    return root, units_below([root.id], clock.today(), {UnitKind.COMMUNITY}) if root else []


def _number(name: str) -> int:
    """A page number from the address; anything odd is the first page."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 6 and int(given) > 0 else 1


def _link(**changes: object) -> str:
    """This list with one filter changed; pages begin anew when a filter changes."""
    names = ("kind", "unit") if changes.keys() & {"kind", "unit"} else ("kind", "unit", "page", "past")
    kept: dict[str, object] = {name: request.args.get(name) for name in names}
    query = urlencode({name: str(value) for name, value in (kept | changes).items() if value})
    return url_for("activities.index") + (f"?{query}" if query else "")
