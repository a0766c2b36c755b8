"""Versions of schemes for tests, written as publishing writes them."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import insert

from app.core import clock
from app.core.db import db, in_transaction
from app.points.models import PointBand, PointRule, PointScheme
from app.points.rules import SchemeKind

_numbers = count(1)


def rule(code: str, per: str, amount: int, *, cap: int | None = None, cap_period: str = "year", **values: Any) -> dict[str, Any]:
    found = {"code": code, "name": values.pop("name", code), "per": per, "amount": amount, "counts_honour": True, "note": ""}
    limit = {"cap": cap, "cap_period": cap_period if cap is not None else None}
    return found | {"activity_kind": None, "hour_kind": "service" if per == "hour" else None} | limit | values


def publish(
    kind: SchemeKind, since: date, *rules: dict[str, Any], bands: tuple[tuple[int, str], ...] = (), exempt_age: int | None = None
) -> int:
    """A version from `since` on, as it stands in the database after it was published."""
    number = next(_numbers)

    def work() -> int:
        row = {"kind": kind, "version": f"T{number}", "valid_from": since, "published_at": clock.now(), "source": "测试"}
        row |= {"exempt_age": exempt_age, "rules": len(rules), "bands": len(bands)}
        scheme_id = int(db.session.execute(insert(PointScheme).values(**row).returning(PointScheme.id)).scalar_one())
        for one in rules:
            db.session.execute(insert(PointRule).values(scheme_id=scheme_id, **one))
        for least, name in bands:
            db.session.execute(insert(PointBand).values(scheme_id=scheme_id, least=least, name=name))
        return scheme_id

    return in_transaction(work)
