"""The bank is the whole fund's: who reads or reconciles it does so for the subdistrict; for others there is no such page."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint

from app.bank import rules
from app.bank.rules import Candidate, LineSeen
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import NotFound, Refused
from app.core.permissions import Action
from app.fund.queries.deputies import Hat, hats
from app.people.queries.units import governs
from app.webkit.guards import current_actor

T = TypeVar("T")

bp = Blueprint("bank", __name__)


def for_the_whole(action: Action) -> Actor:
    actor = current_actor()
    if not governs(actor, action):
        raise NotFound
    return actor


def matchers(actor: Actor) -> list[Hat]:
    """In which capacities somebody may say what a line is: for themselves, or for somebody away who may."""
    return [hat for hat in hats(actor, clock.now()) if governs(hat.actor, Action.FUND_RECONCILE)]


def matching(work: Callable[[int, int | None], T]) -> T:
    """In one transaction, as oneself before as a deputy; where it is not this person's to say, it is refused as the last one was."""
    actor = current_actor()
    tried = matchers(actor)
    if not tried:
        raise NotFound
    for place, hat in enumerate(tried, 1):
        try:
            return in_transaction(lambda for_id=hat.for_id: work(actor.person_id, for_id))  # type: ignore[misc]  # bound at once
        except Refused:
            if place == len(tried):
                raise
    raise NotFound


def hands_fault(line: LineSeen, asked: Candidate, tried: list[Hat]) -> str | None:
    """Why nobody of these may say that they are the same; None where one of them may."""
    faults = [next((why for person in hat.people if (why := rules.hands_fault(line, asked, person))), None) for hat in tried]
    return None if None in faults else next(iter(faults), None)


def reconciles(actor: Actor) -> bool:
    return actor.may(Action.FUND_RECONCILE) and governs(actor, Action.FUND_RECONCILE)
