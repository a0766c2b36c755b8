"""What the fund's views load through: the actor's scope, elsewhere is a 404; and the pages that ask for something to be booked."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.fund import queries, rules
from app.fund.queries import page as project_page
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.requests import RequestPage, request_page
from app.people.queries import is_below
from app.people.queries.units import governs
from app.webkit.guards import current_actor
from app.webkit.htmx import render


def project_for(project_id: int, action: Action) -> ProjectPage:
    found = project_page(project_id)
    if found is None or not is_below(found.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return found


def request_for(request_id: int, action: Action) -> RequestPage:
    found = request_page(request_id)
    if found is None or not is_below(found.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return found


def form_key() -> str:
    """Of one page: its form, sent twice, makes one request."""
    return secrets.token_hex(16)


def for_the_whole(action: Action) -> None:
    """What concerns the fund itself is for who may do it for the whole subdistrict; for others there is no such page."""
    if not governs(current_actor(), action):
        raise NotFound


def ask_form(template: str, values: Mapping[str, str], faults: Mapping[str, str], **context: Any) -> Response:
    return render(
        f"fund/{template}.html",
        status=422 if faults else 200,
        kept=values,
        faults=faults,
        form_key=values.get("form_key") or form_key(),
        policy=queries.policy(clock.today()),
        rules=rules,
        **context,
    )


def asked(request_id: int, words: str) -> BaseResponse:
    """To the page of what was asked for."""
    flash(words, "yes")
    return redirect(url_for("fund.show_request", request_id=request_id), 303)
