"""What the fund's views load through: the actor's scope. Elsewhere is a 404."""

import secrets

from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.fund.queries import page as project_page
from app.fund.queries.project_page import ProjectPage
from app.fund.queries.requests import RequestPage, request_page
from app.people.queries import is_below
from app.webkit.guards import current_actor


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
