"""补录占比: how much of the hours of each unit's members was made up. Totals only, never the ledger."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from app.claims.rules import Share
from app.core.db import db
from app.hours.models import HourUnitTotal
from app.hours.rules import HourClass, HourKind
from app.people.models import Unit, UnitAncestry
from app.people.queries import below, holds_on
from app.people.rules import UnitKind


def shares(roots: Collection[int], kinds: Collection[UnitKind], period: str, day: date) -> list[Share]:
    """Each unit of the kinds below the roots with its members' service hours of a period, rolled up by the tree of a day; two queries.

    Units without any hours are there with nothing.
    """
    units = db.session.execute(
        select(Unit.id, Unit.name).where(Unit.id.in_(below(roots, day)), Unit.kind.in_(kinds), Unit.opened_on <= day).order_by(Unit.id)
    ).all()
    sums = db.session.execute(
        select(UnitAncestry.ancestor_id, HourUnitTotal.hour_class, func.sum(HourUnitTotal.minutes))
        .join(UnitAncestry, UnitAncestry.unit_id == HourUnitTotal.unit_id)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(
            HourUnitTotal.period == period,
            HourUnitTotal.kind == HourKind.SERVICE,
            holds_on(UnitAncestry, day),
            Unit.kind.in_(kinds),
            Unit.id.in_(below(roots, day)),
        )
        .group_by(UnitAncestry.ancestor_id, HourUnitTotal.hour_class)
    )
    minutes = {(unit_id, hour_class): int(total) for unit_id, hour_class, total in sums}
    return [
        Share(unit_id, name, minutes.get((unit_id, HourClass.CREDIT), 0), minutes.get((unit_id, HourClass.HONOUR), 0))
        for unit_id, name in units
    ]
