"""How far a new site has come."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.activities.models import Activity
from app.core.db import db
from app.people import queries as people
from app.people.models import Membership, Unit, UnitParent
from app.people.queries import UnitRow
from app.people.rules import MembershipKind, UnitKind

UNNAMED = "街道党工委"  # what `admin create` calls the subdistrict when nobody says otherwise


@dataclass(frozen=True)
class Progress:
    root: UnitRow | None
    communities: int
    branches: int
    members: int
    activities: int

    @property
    def named(self) -> bool:
        return self.root is not None and self.root.name != UNNAMED

    @property
    def missing(self) -> list[str]:
        """The steps still to take, in words."""
        steps = {"街道的名字": self.named, "社区和支部": self.branches, "名册": self.members, "第一场活动": self.activities}
        return [words for words, taken in steps.items() if not taken]

    @property
    def done(self) -> bool:
        return not self.missing


def progress() -> Progress:
    """Counts of what a first day needs."""
    kinds = select(Unit.kind, func.count()).where(Unit.closed_on.is_(None)).group_by(Unit.kind)
    units = dict(list(db.session.execute(kinds)))
    home = select(func.count()).select_from(Membership).where(Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None))
    return Progress(
        people.root_unit(),
        units.get(UnitKind.COMMUNITY, 0),
        units.get(UnitKind.BRANCH, 0),
        db.session.scalar(home) or 0,
        db.session.scalar(select(func.count()).select_from(Activity)) or 0,
    )


@dataclass(frozen=True)
class Child:
    id: int
    name: str
    parent_id: int


def children(parent_ids: list[int], kind: UnitKind, day: date) -> list[Child]:
    """Open units of a kind right under these."""
    rows = db.session.execute(
        select(Unit.id, Unit.name, UnitParent.parent_id)
        .join(UnitParent, UnitParent.unit_id == Unit.id)
        .where(UnitParent.parent_id.in_(parent_ids), people.holds_on(UnitParent, day), Unit.kind == kind, Unit.closed_on.is_(None))
        .order_by(Unit.id)
    )
    return [Child(*row) for row in rows]
