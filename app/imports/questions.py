"""Reading what a preview asks, row by row: 疑似换号, and whether two share a number."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select

from app.core.db import db
from app.imports.models import ImportChange, ImportQuestion, ImportRemark, ImportRow, ImportUnit
from app.imports.planning import Answer, Ask, Field
from app.people.models import Person
from app.people.naming import mask_phone


@dataclass(frozen=True)
class Question:
    """疑似换号: a row that looks like a person on record with another phone; or one whose number is somebody else's too (`said`: whose).
    Numbers are masked."""

    row: int
    name: str
    born: date | None
    branch: str
    old: tuple[str, ...]
    new: str
    answer: Answer | None
    decided_by: str | None
    decided_at: datetime | None
    said: str = ""


def questions(batch_id: int, *, asks: Ask = Ask.PHONE, after: int = 0, most: int = 100) -> list[Question]:
    """In the order of the sheet, beginning after a question's place in that order."""
    q, r, decider = ImportQuestion, ImportRow, Person
    rows = (
        select(q.row, r.name, r.birth_date, ImportUnit.name, r.phone, q.answer, decider.name, q.decided_at)
        .join(r, and_(r.batch_id == q.batch_id, r.row == q.row))
        .join(ImportUnit, and_(ImportUnit.batch_id == r.batch_id, ImportUnit.key == r.home_key))
        .outerjoin(decider, decider.id == q.decided_by_id)
        .where(q.batch_id == batch_id, r.asks == asks)
        .order_by(q.row)
        .offset(after)
        .limit(most)
    )
    found = list(db.session.execute(rows))
    numbers = select(ImportChange.row, ImportChange.before).where(
        ImportChange.batch_id == batch_id,
        ImportChange.field == Field.PHONE,
        ImportChange.before != "",
        ImportChange.row.in_([row[0] for row in found]),
    )
    old: dict[int, list[str]] = {}
    for row, number in db.session.execute(numbers):
        old.setdefault(row, []).append(mask_phone(number))
    said = _said(batch_id, [row[0] for row in found]) if asks is Ask.SHARE else {}
    return [
        Question(row, name, born, branch, tuple(old.get(row, ())), mask_phone(phone), answer, by, at, said.get(row, ""))
        for row, name, born, branch, phone, answer, by, at in found
    ]


def _said(batch_id: int, rows: list[int]) -> dict[int, str]:
    """Whose number it is, in the words that refuse the row as long as nobody decides."""
    about = select(ImportRemark.row, ImportRemark.reason).where(ImportRemark.batch_id == batch_id, ImportRemark.row.in_(rows))
    return dict(db.session.execute(about.where(ImportRemark.refuses).order_by(ImportRemark.id.desc())).all())


def decided(batch_id: int) -> dict[Ask, int]:
    """How many of a batch's questions somebody has decided, of each kind."""
    r = ImportRow
    query = select(r.asks, func.count()).join(ImportQuestion, and_(ImportQuestion.batch_id == r.batch_id, ImportQuestion.row == r.row))
    found = query.where(r.batch_id == batch_id, ImportQuestion.answer.is_not(None)).group_by(r.asks)
    return {asks: number for asks, number in db.session.execute(found) if asks is not None}
