"""For whom a project is keyed in: one of those who may propose it themselves."""

from datetime import date

from sqlalchemy import or_, select

from app.accounts.models import RoleGrant
from app.core.db import db
from app.core.permissions import ALLOWED, Action
from app.fund.models import FundProject
from app.people.models import Person, UnitAncestry
from app.people.queries import holds_on

PROPOSE = sorted(ALLOWED[Action.PROJECT_PROPOSE])


def applicant_of(project_id: int) -> tuple[int | None, str]:
    """Who stands for it, where somebody else keyed it in, and their name."""
    found = select(FundProject.applicant_id, Person.name).outerjoin(Person, Person.id == FundProject.applicant_id)
    row = db.session.execute(found.where(FundProject.id == project_id)).one()
    return row[0], row[1] or ""


def proposers(unit_id: int, name: str, day: date) -> list[int]:
    """Those of this name who may propose a project of this unit."""
    above = select(UnitAncestry.ancestor_id).where(UnitAncestry.unit_id == unit_id, holds_on(UnitAncestry, day))
    today = RoleGrant.valid_from <= day, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > day)
    found = (
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(Person.name == name, RoleGrant.role.in_(PROPOSE), RoleGrant.unit_id.in_(above), *today)
    )
    return list(db.session.execute(found.distinct().order_by(Person.id)).scalars())
