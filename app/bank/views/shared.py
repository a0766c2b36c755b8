"""The bank is the whole fund's: who reads or reconciles it does so for the subdistrict; for others there is no such page."""

from flask import Blueprint

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.queries.units import governs
from app.webkit.guards import current_actor

bp = Blueprint("bank", __name__)


def for_the_whole(action: Action) -> Actor:
    actor = current_actor()
    if not governs(actor, action):
        raise NotFound
    return actor


def reconciles(actor: Actor) -> bool:
    return actor.may(Action.FUND_RECONCILE) and governs(actor, Action.FUND_RECONCILE)
