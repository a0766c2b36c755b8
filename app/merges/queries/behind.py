"""What lies under a record that was merged into another: sealed, issued and frozen as it was, and told on the page of who stays."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from app.core.db import db, table
from app.honours.models import Honour
from app.leaderboards.models import BoardLine, FrozenBoard
from app.people.models import Person, Unit
from app.publicity.models import PublicityLine
from app.requirements.models import ConfirmedPack


@dataclass(frozen=True)
class Issued:
    """A certificate, an honour, a sealed 双50 or a result: `title` of it, and since when."""

    id: int
    unit_id: int
    title: str
    at: datetime | date


@dataclass(frozen=True)
class Assessed:
    """A result that stands in an assessment."""

    id: int
    unit_id: int
    unit_name: str
    span: str
    former_id: int


@dataclass(frozen=True)
class Board:
    """A board on which they stand with the record that went."""

    id: int
    first_on: date
    last_on: date


@dataclass(frozen=True)
class Behind:
    certificates: list[Issued]
    honours: list[Issued]
    packs: list[Issued]
    assessments: list[Assessed]
    boards: list[Board]
    shown: int  # lines in publicities

    @property
    def any(self) -> bool:
        return any((self.certificates, self.honours, self.packs, self.assessments, self.boards, self.shown))


def former_of(person_id: int) -> Select[int]:
    return select(Person.id).where(Person.became_id == person_id)


def behind(person_id: int) -> Behind:
    """Of all records that were merged into somebody's; six queries."""
    former = former_of(person_id)
    h, p = Honour, ConfirmedPack
    c, a, figures, line = (table(name).c for name in ("certificate", "assessment", "assessment_figures", "assessment_line"))
    assessed: Any = (
        select(a.id, a.unit_id, Unit.name, a.span, line.person_id)
        .join(table("assessment_figures"), and_(figures.assessment_id == a.id, figures.revision == a.revision))
        .join(table("assessment_line"), line.figures_id == figures.id)
        .join(Unit, Unit.id == a.unit_id)
        .where(line.person_id.in_(former), a.step.in_(("publicised", "locked")))
        .order_by(a.id)
    )
    boards = (
        select(FrozenBoard.id, FrozenBoard.first_on, FrozenBoard.last_on)
        .join(BoardLine, BoardLine.board_id == FrozenBoard.id)
        .where(BoardLine.person_id.in_(former))
        .order_by(FrozenBoard.id)
    )
    shown = select(func.count()).select_from(PublicityLine).where(PublicityLine.person_id.in_(former))
    return Behind(
        _issued(select(c.id, c.unit_id, c.number, c.issued_at).where(c.person_id.in_(former)).order_by(c.id)),
        _issued(select(h.id, h.unit_id, h.title, h.granted_on).where(h.person_id.in_(former), h.granted_on.is_not(None)).order_by(h.id)),
        _issued(select(p.id, p.unit_id, p.stage, p.confirmed_at).where(p.person_id.in_(former)).order_by(p.id)),
        [Assessed(*row) for row in db.session.execute(assessed)],
        [Board(*row) for row in db.session.execute(boards)],
        int(db.session.scalar(shown) or 0),
    )


def _issued(found: Any) -> list[Issued]:
    return [Issued(*row) for row in db.session.execute(found)]
