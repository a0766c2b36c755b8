"""How many things wait for somebody, asked as one statement that is built once a minute for everybody with the same roles.

Every page of a secretary or an administrator counts. Building some twenty selects takes far longer than asking them, and they differ
only in who asks and below which units; what else stands in them is the minute and the local rules.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, cast

from sqlalchemy import Integer, ScalarSelect, Select, bindparam, select

from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import db, rows_of
from app.core.permissions import Role
from app.core.prepared import Prepared, prepare_whole
from app.settings import queries as settings

Stated: TypeAlias = Callable[[Actor], Select[int] | None]
Shape: TypeAlias = tuple[tuple[Role, int], ...]  # each grant's role, and which of the units it is


def numbers(counts: Sequence[Stated], actor: Actor) -> list[int]:
    """What each count comes to for this actor; one query, none where nothing can wait."""
    units = sorted({grant.unit_id for grant in actor.grants})
    shape = tuple(sorted((grant.role, units.index(grant.unit_id)) for grant in actor.grants))
    minute = clock.now().replace(second=0, microsecond=0)
    made, places = _made(db.engine.dialect.name, tuple(counts), shape, str(minute), settings.fingerprint())
    if made is None:
        return [0] * len(counts)
    given = {"person_id": actor.person_id} | {f"unit_{nth}": unit for nth, unit in enumerate(units)}
    (row,) = rows_of(made, given)
    return [int(row[place] or 0) if place is not None else 0 for place in places]


@lru_cache(maxsize=64)
def _made(_engine: str, counts: tuple[Stated, ...], shape: Shape, _minute: str, _rules: str) -> tuple[Prepared | None, list[int | None]]:
    """The statement of all counts, and in which column of it each stands; None for one that has nothing to ask."""
    places: list[int | None] = []
    columns: list[ScalarSelect[int]] = []
    for count in counts:
        asked = count(_anybody(shape))
        places.append(None if asked is None else len(columns))
        if asked is not None:
            columns.append(asked.scalar_subquery())
    return prepare_whole(select(*columns), db.engine.dialect) if columns else None, places


def _anybody(shape: Shape) -> Actor:
    """Somebody with these roles, whose number and units are parameters."""
    units = {nth: bindparam(f"unit_{nth}", 0, Integer) for _, nth in shape}
    grants = tuple(Grant(role, cast("Any", units[nth])) for role, nth in shape)
    return Actor(cast("Any", bindparam("person_id", 0, Integer)), "", 0, grants)
