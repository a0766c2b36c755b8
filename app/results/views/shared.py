"""What the views of results load through: the actor's scope. Elsewhere is a 404."""

from dataclasses import dataclass

from flask import Response, current_app, make_response

from app.core import clock
from app.core.config import Settings
from app.core.errors import NotFound
from app.core.permissions import Action
from app.fund.queries import page as project_page
from app.fund.queries.project_page import ProjectPage
from app.fund.rules import PUBLIC_STAGES
from app.people.queries import is_below
from app.webkit.guards import actor_or_none


def settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def may(action: Action, unit_id: int) -> bool:
    actor = actor_or_none()
    return actor is not None and actor.may(action) and is_below(unit_id, actor.roots(action), clock.today())


@dataclass(frozen=True)
class Seen:
    """A project as this reader sees it. `staff` reads what is not public, `officer` writes, `decides` approves what others wrote."""

    project: ProjectPage
    staff: bool
    officer: bool
    decides: bool


def seen(project_id: int) -> Seen:
    """For a page that everybody may see of a public project; a draft is for the fund's people only."""
    found = project_page(project_id)
    if found is None:
        raise NotFound
    unit_id = found.unit_id
    staff, officer, decides = (may(action, unit_id) for action in (Action.FUND_READ, Action.FUND_MANAGE, Action.FUND_APPROVE))
    if found.card.stage not in PUBLIC_STAGES and not staff:
        raise NotFound
    return Seen(found, staff, officer, decides)


def file_response(data: bytes, content_type: str, name: str, *, etag: str, public: bool, inline: bool) -> Response:
    """A file that people sent, though made anew: nothing in it runs, nothing is guessed. What is public may be taken back at any time,
    so it is asked for again each time; what is not is not kept at all.
    """
    response = make_response(data)
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = f"{'inline' if inline else 'attachment'}; filename={name}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "public, no-cache" if public else "private, no-store"
    if public:
        response.set_etag(etag)
    return response
