"""Who is new and who changes in a preview or a written batch, a page at a time: one line a person, from what to what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import and_, case, select

from app.core.db import db
from app.core.words import full_day
from app.imports.models import ImportChange, ImportRow, ImportUnit
from app.imports.planning import FIELD_NAMES, Field, Verdict
from app.people.models import Membership, Unit
from app.people.naming import mask_phone
from app.people.rules import STAGE_NAMES, Gender, StageKind

R, C = ImportRow, ImportChange
NOTHING = "（空）"
TO_MAKE = "（要新建）"


@dataclass(frozen=True)
class Move:
    """One field of a person: 党支部, 锦园第二党支部 → 桂花第一党支部. `waits`: only where the tick for stage dates is set."""

    what: str
    before: str
    after: str
    waits: bool = False


@dataclass(frozen=True)
class Changed:
    row: int
    name: str
    branch: str
    moves: list[Move] = field(default_factory=list)


@dataclass(frozen=True)
class Fresh:
    """Somebody new; the phone is masked, "" where there is none."""

    row: int
    name: str
    phone: str
    branch: str
    reported: str
    stage: StageKind | None
    stage_on: date | None


def _rows(batch_id: int, verdict: Verdict, after: int, most: int, *columns: Any) -> Sequence[Any]:
    """Rows of one verdict in the order of the sheet, with the name of their branch last but one and of where they reported last."""
    home, reported = ImportUnit.__table__.alias("home"), ImportUnit.__table__.alias("reported")
    named = home.c.name + case((home.c.unit_id.is_(None), TO_MAKE), else_="")
    query = (
        select(*columns, named, reported.c.name)
        .outerjoin(home, and_(home.c.batch_id == R.batch_id, home.c.key == R.home_key))
        .outerjoin(reported, and_(reported.c.batch_id == R.batch_id, reported.c.key == R.reported_key))
        .where(R.batch_id == batch_id, R.verdict == verdict)
        .order_by(R.row)
    )
    return db.session.execute(query.offset(after).limit(most)).all()


def fresh(batch_id: int, *, after: int = 0, most: int = 100) -> list[Fresh]:
    found = _rows(batch_id, Verdict.NEW, after, most, R.row, R.name, R.phone, R.stage, R.stage_on)
    return [
        Fresh(row, name, mask_phone(phone) if phone else "", home or "", there or "", stage, on)
        for row, name, phone, stage, on, home, there in found
    ]


def changed(batch_id: int, *, moves_dates: bool, after: int = 0, most: int = 100) -> list[Changed]:
    """`moves_dates`: stage dates are written too; else they are shown as what waits for its tick."""
    found = {row: Changed(row, name, home or "") for row, name, home, _ in _rows(batch_id, Verdict.CHANGED, after, most, R.row, R.name)}
    kinds = [Field.HOME, Field.REPORTED]
    query = (
        select(C.row, C.field, C.before, C.after, C.before_on, C.after_on, Unit.name)
        .outerjoin(Membership, and_(Membership.id == C.target_id, C.field.in_(kinds)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(C.batch_id == batch_id, C.row.in_(found))
        .order_by(C.row, C.id)
    )
    for row, which, before, then, before_on, then_on, left in db.session.execute(query):
        was, is_ = _words(which, left or before, before_on), _words(which, then, then_on)
        found[row].moves.append(Move(FIELD_NAMES[which], was, is_, waits=which is Field.STAGE_DATE and not moves_dates))
    return list(found.values())


def _words(which: Field, text: str, on: date | None) -> str:
    if which is Field.GENDER:
        return {Gender.MALE.value: "男", Gender.FEMALE.value: "女"}.get(text, NOTHING)
    if which in (Field.BIRTH, Field.STAGE_DATE):
        return full_day(on) if on else NOTHING
    if which is Field.STAGE:
        since = f"，{full_day(on)}起" if on else ""
        return f"{STAGE_NAMES[StageKind(text)]}{since}" if text else NOTHING
    if which is Field.PHONE:
        return mask_phone(text) if text else "不再用"
    return text or NOTHING
