"""Who decides about claims, disputes and corrections: the rule of every work list, without the relatives of those concerned."""

from collections.abc import Collection
from datetime import date

from app.accounts.deciders import Decider, nearest
from app.accounts.deciders import deciders as _deciders
from app.checkin.queries.deciding import relatives_of
from app.core.permissions import Action

__all__ = ["Decider", "deciders", "nearest"]


def deciders(unit_id: int, action: Action, day: date, but: Collection[int] = (), about: Collection[int] = ()) -> list[Decider]:
    """Everyone who may, the nearest unit first: without those in `but`, the people it is `about`, and their relatives."""
    found = _deciders(unit_id, action, day, {*but, *about})
    kin = relatives_of(about, [one.person_id for one in found]) if about and found else set()
    return [one for one in found if one.person_id not in kin]
