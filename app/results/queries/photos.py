"""Before/after photos by pairs."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from app.core.db import db
from app.fund.models import FundProject
from app.fund.rules import Stage
from app.people.models import Person
from app.results.models import FundPhoto, FundPhotoPair, FundPhotoStepEntry
from app.results.rules import THERE, PhotoStanding, PhotoStep, Side


@dataclass(frozen=True)
class PhotoRow:
    id: int
    pair_id: int
    side: Side
    name: str
    alt: str
    taken_on: date
    width: int
    height: int
    standing: PhotoStanding
    project_id: int
    unit_id: int
    stage: Stage

    @property
    def open(self) -> bool:
        return self.standing is PhotoStanding.OPEN


@dataclass(frozen=True)
class Pair:
    """`photos` by side: those that stand, and that this reader may see."""

    id: int
    caption: str
    photos: dict[Side, PhotoRow]


@dataclass(frozen=True)
class PhotoStepRow:
    """`asked_by` and `asked_on`: who asked those on the photo, and when; for the fund's people."""

    photo_id: int
    step: PhotoStep
    at: datetime
    by: str
    asked_by: str
    asked_on: date | None
    note: str


COLUMNS = (
    FundPhoto.id,
    FundPhoto.pair_id,
    FundPhoto.side,
    FundPhoto.name,
    FundPhoto.alt,
    FundPhoto.taken_on,
    FundPhoto.width,
    FundPhoto.height,
    FundPhoto.standing,
    FundPhotoPair.project_id,
)


def pairs(project_id: int, *, public: bool) -> list[Pair]:
    """The newest first; with `public` only what everybody may see, and no empty ones. Two queries."""
    made = select(FundPhotoPair.id, FundPhotoPair.caption).where(FundPhotoPair.project_id == project_id)
    found = {pair_id: Pair(pair_id, caption, {}) for pair_id, caption in db.session.execute(made.order_by(FundPhotoPair.id.desc()))}
    if not found:
        return []
    seen = (PhotoStanding.OPEN,) if public else tuple(THERE)
    rows = (
        select(*COLUMNS, FundProject.unit_id, FundProject.stage)
        .join(FundPhotoPair, FundPhotoPair.id == FundPhoto.pair_id)
        .join(FundProject, FundProject.id == FundPhotoPair.project_id)
        .where(FundPhotoPair.project_id == project_id, FundPhoto.standing.in_(seen))
    )
    for row in db.session.execute(rows):
        photo = PhotoRow(*list(row))
        found[photo.pair_id].photos[photo.side] = photo
    return [pair for pair in found.values() if pair.photos or not public]


def photo(name: str) -> PhotoRow | None:
    """By the name of its files."""
    return _one(FundPhoto.name == name)


def photo_by_id(photo_id: int) -> PhotoRow | None:
    return _one(FundPhoto.id == photo_id)


def _one(where: ColumnElement[bool]) -> PhotoRow | None:
    row = db.session.execute(
        select(*COLUMNS, FundProject.unit_id, FundProject.stage)
        .join(FundPhotoPair, FundPhotoPair.id == FundPhoto.pair_id)
        .join(FundProject, FundProject.id == FundPhotoPair.project_id)
        .where(where)
    ).one_or_none()
    return PhotoRow(*list(row)) if row else None


def project_of_pair(pair_id: int) -> int | None:
    return db.session.scalar(select(FundPhotoPair.project_id).where(FundPhotoPair.id == pair_id))


def steps(project_id: int) -> dict[int, list[PhotoStepRow]]:
    """What was done about each photo of a project, those that are gone too; one query."""
    entry = FundPhotoStepEntry
    rows = db.session.execute(
        select(entry.photo_id, entry.step, entry.at, Person.name, entry.asked_by, entry.asked_on, entry.note)
        .join(Person, Person.id == entry.by_id)
        .join(FundPhoto, FundPhoto.id == entry.photo_id)
        .join(FundPhotoPair, FundPhotoPair.id == FundPhoto.pair_id)
        .where(FundPhotoPair.project_id == project_id)
        .order_by(entry.photo_id, entry.seq)
    )
    found: dict[int, list[PhotoStepRow]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(PhotoStepRow(*row))
    return found


def gone() -> list[str]:
    """The names of photos that nobody sees any more. Their files went with them; a crash or a backup put back may have left some."""
    return list(db.session.scalars(select(FundPhoto.name).where(FundPhoto.standing.not_in(THERE)).order_by(FundPhoto.id)))
