"""What a reader of the public pages looks for: projects of a kind, a community, a purpose, a word. One meaning for lists and files."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from app.core.db import db
from app.fund.models import FundProject
from app.fund.rules import ProjectKind
from app.people.models import Unit, UnitAncestry
from app.people.queries import below
from app.people.queries.dated import holds_on
from app.people.rules import UnitKind

NOWHERE = 0  # of no community: the subdistrict's own, and what hangs straight under it


@dataclass(frozen=True)
class Sought:
    """`year` is the year of an entry, or the one in which a project began; `community` is `NOWHERE` for those of none."""

    year: int | None = None
    kind: ProjectKind | None = None
    community: int | None = None
    purpose: int | None = None
    search: str = ""

    @property
    def of_some_projects(self) -> bool:
        """Whether more than the year and the words narrow it."""
        return self.kind is not None or self.community is not None or self.purpose is not None

    @property
    def days(self) -> tuple[date, date] | None:
        return (date(self.year, 1, 1), date(self.year, 12, 31)) if self.year else None


def like(text: str) -> ColumnElement[bool]:
    """Projects whose name, number or area holds `text`, its wildcards taken as they are."""
    return or_(*(column.contains(text, autoescape=True) for column in (FundProject.name, FundProject.number, FundProject.area)))


def of_projects(sought: Sought, day: date, *, words: bool = True) -> ColumnElement[bool]:
    """All but the year, and but the searched words where `words` is False; communities as they stand on `day`."""
    found: list[ColumnElement[bool]] = []
    if sought.kind is not None:
        found.append(FundProject.kind == sought.kind)
    if sought.community == NOWHERE:
        found.append(FundProject.unit_id.not_in(_in_communities(day)))
    elif sought.community is not None:
        found.append(FundProject.unit_id.in_(below([sought.community], day)))
    if sought.purpose is not None:
        found.append(FundProject.purpose_id == sought.purpose)
    if sought.search and words:
        found.append(like(sought.search))
    return and_(true(), *found)


def began_in(sought: Sought) -> ColumnElement[bool]:
    return FundProject.starts_on.between(*sought.days) if sought.days else true()


def _in_communities(day: date) -> Select[int]:
    return (
        select(UnitAncestry.unit_id)
        .join(Unit, Unit.id == UnitAncestry.ancestor_id)
        .where(Unit.kind == UnitKind.COMMUNITY, holds_on(UnitAncestry, day))
    )


def communities() -> list[tuple[int, str]]:
    """Id and name, by id."""
    found = select(Unit.id, Unit.name).where(Unit.kind == UnitKind.COMMUNITY, Unit.closed_on.is_(None)).order_by(Unit.id)
    return [(row[0], row[1]) for row in db.session.execute(found)]
