"""Ties with dates: what holds on a day."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from app.people.models import Membership, Phone, UnitAncestry, UnitParent


def holds_on(table: type[UnitAncestry] | type[UnitParent] | type[Membership] | type[Phone], day: date) -> ColumnElement[bool]:
    """The dated tie holds on `day`."""
    return and_(table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to > day))
