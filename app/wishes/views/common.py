"""What the views of wishes share: loading through what the actor may see, communities, the keyed hash of a device."""

import secrets

from flask import Blueprint, current_app

from app.accounts.login import digest
from app.core import clock
from app.core.actor import Actor
from app.core.config import Settings
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people import queries as people
from app.people.queries import UnitRow, is_below
from app.people.rules import UnitKind
from app.webkit.guards import actor_or_none, current_actor, device_token
from app.wishes import rules
from app.wishes.queries.facts import Facts, facts
from app.wishes.queries.own import units_to_claim_for

bp = Blueprint("wishes", __name__)


@bp.app_context_processor
def words() -> dict[str, object]:
    return {"wish_rules": rules}


def settings() -> Settings:
    found = current_app.config["SETTINGS"]
    assert isinstance(found, Settings)  # noqa: S101 (set by the factory)
    return found


def form_key() -> str:
    """Of one page: its form, sent twice, does one thing."""
    return secrets.token_hex(16)


def device() -> str:
    return digest(device_token())


def phone_digest(phone: str) -> str:
    """Keyed, so that two gifts of one phone are known and the number is not."""
    return digest(f"wish {phone}")


def short(unit_name: str) -> str:
    """灯湖社区党委 → 灯湖社区: where people live, not who leads it."""
    return unit_name.removesuffix("党委")


def all_communities() -> list[tuple[int, str]]:
    root = people.root_unit()
    found = people.units_below([root.id], clock.today(), [UnitKind.COMMUNITY]) if root else []
    return [(one.id, short(one.name)) for one in found]


def communities_in(actor: Actor, action: Action) -> list[UnitRow]:
    return people.units_below(actor.roots(action), clock.today(), [UnitKind.COMMUNITY])


def handles(unit_id: int) -> bool:
    """Whether the reader handles the wishes of this community."""
    actor = actor_or_none()
    return actor is not None and actor.may(Action.WISH_MANAGE) and is_below(unit_id, actor.roots(Action.WISH_MANAGE), clock.today())


def wish_for(wish_id: int, action: Action) -> Facts:
    """Elsewhere is a 404."""
    found = facts(wish_id)
    if found is None or not is_below(found.unit_id, current_actor().roots(action), clock.today()):
        raise NotFound
    return found


def wish_of_mine(wish_id: int) -> tuple[Facts, bool]:
    """For who claimed it, whose it is, or who handles it, and whether they handle it; to everybody else it is a 404 here."""
    found, actor = facts(wish_id), current_actor()
    if found is None:
        raise NotFound
    staff = handles(found.unit_id)
    if not staff and actor.person_id not in (found.claimer_id, found.own_id):
        raise NotFound
    return found, staff


def units_led(actor: Actor) -> list[tuple[int, str]]:
    """The units in whose name the actor may claim: where they organise, themselves and not those below."""
    return units_to_claim_for(actor.roots(Action.ACTIVITY_MANAGE)) if actor.may(Action.ACTIVITY_MANAGE) else []
