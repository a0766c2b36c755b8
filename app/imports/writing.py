"""Staging → people, and back, a range of rows at a time: every statement is set-wise, whatever the number of rows.

Each function runs inside a write transaction of its own and takes a range of the sheet's row numbers. Conditions in the
statements are what the preview promised: when a count differs, somebody was there in between and Conflict ends the transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from app.audit import service as audit
from app.audit.models import AuditEvent
from app.core import trace
from app.core.db import db, is_sqlite, writing
from app.core.errors import Conflict
from app.imports.changing import MOVED_ON, Changes
from app.imports.models import ImportBatch, ImportRow, ImportUnit
from app.imports.planning import Ask, Verdict
from app.people import service as people
from app.people.models import Membership, Person, Phone, Stage, Unit, UnitAncestry, UnitParent
from app.people.rules import MembershipKind, Origin
from app.sheets.cells import folded

R, U = ImportRow, ImportUnit
TO_WRITE = (Verdict.NEW, Verdict.CHANGED)


def create_units(batch_id: int, keys: Sequence[int], actor_id: int | None, day: date) -> None:
    """Units that do not exist yet, parents first; those made before a break are kept."""
    writing()
    made = dict(db.session.execute(select(U.key, U.unit_id).where(U.batch_id == batch_id)).all())
    planned = select(U.key, U.name, U.kind, U.parent_key).where(U.batch_id == batch_id, U.key.in_(keys), U.unit_id.is_(None))
    for key, name, kind, parent in db.session.execute(planned.order_by(U.key)).all():
        made[key] = people.create_unit(kind, name, made[parent] if parent is not None else None, day, actor_id)
        db.session.execute(update(U).where(U.batch_id == batch_id, U.key == key).values(unit_id=made[key]))


def write_rows(batch_id: int, first: int, last: int, actor_id: int | None, now: datetime, day: date) -> None:
    """New people and changes of the rows `first`…`last` that are not written yet."""
    writing()
    span = and_(R.batch_id == batch_id, R.row.between(first, last), R.written_at.is_(None))
    fresh = and_(span, R.verdict == Verdict.NEW)
    _nobody_came_first(fresh)
    _give_ids(fresh, first)
    _insert_people(fresh, actor_id, now, day)
    Changes(batch_id, first, last, actor_id).write(day)
    _audit(and_(span, R.verdict.in_(TO_WRITE)), "person.import", batch_id, actor_id, now)
    db.session.execute(update(R).where(span, R.verdict.in_(TO_WRITE)).values(written_at=now))


def _nobody_came_first(fresh: ColumnElement[bool]) -> None:
    """A new person's phone belongs to nobody confirmed (a shared one: to nobody of that name); without a phone, nobody of the name and
    birth date came since the preview."""
    by_phone = (  # joined, not listed: a list of hundreds is compared with every number once PostgreSQL has prepared the statement
        select(R.name, R.asks, Person.name)
        .join(Phone, and_(Phone.number == R.phone, Phone.valid_to.is_(None)))
        .join(Person, and_(Person.id == Phone.person_id, Person.confirmed_at.is_not(None)))
        .where(fresh, R.phone != "")
    )
    held = db.session.execute(by_phone).all()
    own = aliased(R)
    by_name = (
        select(R.row)
        .join(ImportBatch, ImportBatch.id == R.batch_id)
        .join(Person, and_(Person.name == R.name, Person.birth_date.is_not_distinct_from(R.birth_date)))
        .where(fresh, R.phone == "", Person.confirmed_at > ImportBatch.made_at)
        .where(~exists().where(own.batch_id == R.batch_id, own.person_id == Person.id))
    )
    taken = any(asks is not Ask.SHARE or folded(theirs) == name for name, asks, theirs in held)
    if taken or db.session.scalar(by_name.limit(1)) is not None:
        raise Conflict(MOVED_ON)


def _give_ids(fresh: ColumnElement[bool], first: int) -> None:
    """Ids from the sequence (PostgreSQL) or above every id ever given (SQLite, whose own numbering would give deleted ones again)."""
    unnumbered = update(R).where(fresh, R.person_id.is_(None))
    if not is_sqlite():
        db.session.execute(unnumbered.values(person_id=func.nextval(func.pg_get_serial_sequence("person", "id"))))
        return
    highest = max(db.session.scalar(select(func.max(given))) or 0 for given in (Person.id, R.person_id, ImportBatch.last_person_id))
    db.session.execute(unnumbered.values(person_id=highest + 1 - first + R.row))


def _insert_people(fresh: ColumnElement[bool], actor_id: int | None, now: datetime, day: date) -> None:
    def into(table: type[Any], columns: list[str], rows: Select[*tuple[Any, ...]]) -> None:
        db.session.execute(insert(table).from_select(columns, rows))

    def fixed(value: object, column: Any) -> ColumnElement[Any]:
        return literal(value, type_=column.type)

    into(
        Person,
        ["id", "name", "initials", "gender", "birth_date", "note", "origin", "recorded_at", "confirmed_at", "confirmed_by_id"],
        select(
            R.person_id, R.name, R.initials, R.gender, R.birth_date, R.note,
            fixed(Origin.ROSTER, Person.origin), fixed(now, Person.recorded_at), fixed(now, Person.confirmed_at),
            fixed(actor_id, Person.confirmed_by_id),
        ).where(fresh),
    )  # fmt: skip
    since = fixed(day, Phone.valid_from)
    into(Phone, ["person_id", "number", "valid_from"], select(R.person_id, R.phone, since).where(fresh, R.phone != ""))
    for kind, key in ((MembershipKind.HOME, R.home_key), (MembershipKind.REPORTED, R.reported_key)):
        rows = select(R.person_id, U.unit_id, fixed(kind, Membership.kind), since)
        rows = rows.join(U, and_(U.batch_id == R.batch_id, U.key == key)).where(fresh)
        into(Membership, ["person_id", "unit_id", "kind", "valid_from"], rows)
    into(Stage, ["person_id", "kind", "began_on"], select(R.person_id, R.stage, R.stage_on).where(fresh, R.stage_on.is_not(None)))


def erase_rows(batch_id: int, first: int, last: int, actor_id: int | None, now: datetime, day: date) -> None:
    """The rows `first`…`last` as they were before: new people go, changes go back. A dependent row makes the database refuse."""
    writing()
    span = and_(R.batch_id == batch_id, R.row.between(first, last), R.written_at.is_not(None))
    Changes(batch_id, first, last, actor_id).take_back(day)
    ids = select(R.person_id).where(span, R.verdict == Verdict.NEW)
    db.session.execute(delete(Stage).where(Stage.person_id.in_(ids)))
    db.session.execute(delete(Membership).where(Membership.person_id.in_(ids), Membership.valid_to.is_(None)))
    db.session.execute(delete(Phone).where(Phone.person_id.in_(ids), Phone.valid_to.is_(None)))
    db.session.execute(delete(Person).where(Person.id.in_(ids)))
    _audit(span, "person.import_undo", batch_id, actor_id, now)
    db.session.execute(update(R).where(span).values(written_at=None))


def erase_units(batch_id: int, actor_id: int | None) -> None:
    """Units that the batch created, children first; audited one by one."""
    writing()
    made = list(
        db.session.execute(
            select(U.unit_id).where(U.batch_id == batch_id, U.is_new, U.unit_id.is_not(None)).order_by(U.key.desc())
        ).scalars()
    )
    db.session.execute(update(U).where(U.batch_id == batch_id, U.is_new).values(unit_id=None))
    db.session.execute(update(ImportBatch).where(ImportBatch.unit_id.in_(made)).values(unit_id=None))
    db.session.execute(delete(UnitAncestry).where(UnitAncestry.unit_id.in_(made)))
    db.session.execute(delete(UnitParent).where(UnitParent.unit_id.in_(made)))
    db.session.execute(delete(Unit).where(Unit.id.in_(made)))
    for unit_id in made:
        audit.record(actor_id, "unit.import_undo", "unit", unit_id, batch=batch_id)


def _audit(rows: ColumnElement[bool], action: str, batch_id: int, actor_id: int | None, now: datetime) -> None:
    """One event a person, in one statement; what changed stands in import_change."""
    told = {
        "at": now, "actor_id": actor_id, "action": action, "subject": "person",
        "detail": {"batch": batch_id}, "request_id": trace.request_id.get(),
    }  # fmt: skip
    columns = [literal(value, type_=getattr(AuditEvent, name).type) for name, value in told.items()]
    db.session.execute(insert(AuditEvent).from_select([*told, "subject_id"], select(*columns, R.person_id).where(rows)))
