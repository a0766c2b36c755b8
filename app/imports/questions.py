"""Reading what a preview asks: 疑似换号, row by row."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select

from app.core.db import db
from app.imports.models import ImportChange, ImportQuestion, ImportRow, ImportUnit
from app.imports.planning import Answer, Field
from app.people.models import Person
from app.people.rules import mask_phone


@dataclass(frozen=True)
class Question:
    """疑似换号: a row that looks like a person on record with another phone. Numbers are masked."""

    row: int
    name: str
    born: date | None
    branch: str
    old: tuple[str, ...]
    new: str
    answer: Answer | None
    decided_by: str | None
    decided_at: datetime | None


def questions(batch_id: int, *, after: int = 0, most: int = 100) -> list[Question]:
    """In the order of the sheet, beginning after a question's place in that order."""
    q, r, decider = ImportQuestion, ImportRow, Person
    rows = (
        select(q.row, r.name, r.birth_date, ImportUnit.name, r.phone, q.answer, decider.name, q.decided_at)
        .join(r, and_(r.batch_id == q.batch_id, r.row == q.row))
        .join(ImportUnit, and_(ImportUnit.batch_id == r.batch_id, ImportUnit.key == r.home_key))
        .outerjoin(decider, decider.id == q.decided_by_id)
        .where(q.batch_id == batch_id)
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
    return [
        Question(row, name, born, branch, tuple(old.get(row, ())), mask_phone(phone), answer, by, at)
        for row, name, born, branch, phone, answer, by, at in found
    ]


def decided(batch_id: int) -> int:
    """How many of a batch's questions somebody has decided."""
    query = select(func.count()).where(ImportQuestion.batch_id == batch_id, ImportQuestion.answer.is_not(None))
    return db.session.scalar(query) or 0
