"""The blueprint of the roster's pages, and a batch as far as the actor may see it."""

from datetime import date

from flask import Blueprint

from app.core.errors import NotFound
from app.core.permissions import Action
from app.imports import status
from app.webkit.guards import current_actor

bp = Blueprint("imports", __name__)


def batch_of(batch_id: int, day: date, action: Action = Action.ROSTER_READ) -> status.Batch:
    found = status.batch_in_scope(batch_id, current_actor().roots(action), day)
    if found is None:
        raise NotFound
    return found
