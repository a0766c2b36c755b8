"""A page about a record that was merged into another leads to the same page of who stays."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.permissions import Action
from app.people import queries as people
from app.webkit.guards import actor_or_none


def instead() -> Response | None:
    """For who may see the record that stays; to anybody else the page is not there, and nothing tells whose it was."""
    actor, named = actor_or_none(), (request.view_args or {}).get("person_id")
    if actor is None or request.method != "GET" or request.endpoint is None or not isinstance(named, int):
        return None
    now_id = people.who_now(named)
    if now_id == named or people.sight(now_id, actor.roots(Action.PERSON_READ), clock.today()) is None:
        return None
    return redirect(url_for(request.endpoint, **{**(request.view_args or {}), "person_id": now_id}), 302)
