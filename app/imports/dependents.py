"""What later rests on a written batch: as long as nothing does, it can be taken back whole."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Table, and_, func, or_, select, type_coerce

from app.core.db import Base, db
from app.hours.models import HourEntry
from app.imports.models import ImportBatch, ImportChange, ImportRow, ImportUnit
from app.imports.planning import Field, Verdict
from app.people.models import Membership, Person, Phone, Stage, Unit
from app.people.rules import MembershipKind
from app.pledges.models import Offer, Pledge

DEPENDENT_WORDS = {
    "account": "开通了账号",
    "activation_code": "领了激活码",
    "role_grant": "有了职责",
    "signup": "报了名",
    "attendance": "有签到记录",
    "scan": "有签到记录",
    "hour_entry": "有时长",
    "point_entry": "有积分",
    "claim": "有补录",
}


def dependents(batch_id: int, day: date) -> list[str]:
    """Why a written batch can not be taken back: what later rests on its people, changes and units. Empty when nothing does."""
    fresh = and_(ImportRow.batch_id == batch_id, ImportRow.verdict == Verdict.NEW, ImportRow.written_at.is_not(None))
    said: dict[str, int] = {}
    for table, column in _naming(Person.__table__, {"phone", "membership", "stage"}):
        # not a join: of a column without an index SQLite would look through the whole table for every person of the batch
        resting = select(func.count(func.distinct(column))).where(column.in_(select(ImportRow.person_id).where(fresh)))
        count = db.session.scalar(resting) or 0
        if count:
            words = DEPENDENT_WORDS.get(table.name, "有了后来的记录")
            said[words] = max(said.get(words, 0), count)
    reasons = [f"{count} 人{words}" for words, count in said.items()]
    if _later_ties(fresh, day) or _rewritten(fresh) or _later_imports(batch_id, fresh) or _moved_on(batch_id):
        reasons.append("有人的支部、阶段或资料后来又改过")
    if (taken := _seats_taken(batch_id)) or _claimed_there(batch_id):
        reasons.append("有人退回的认领，名额已经给了别人" if taken else "有人在新报到的社区认领了")
    if _units_used(batch_id, fresh):
        reasons.append("新单位已经用上了")
    return reasons


def _seats_taken(batch_id: int) -> bool:
    """A seat that was given back with a report is somebody else's by now."""
    at = select(ImportBatch.started_at).where(ImportBatch.id == batch_id).scalar_subquery()
    short = (
        select(Offer.id)
        .join(Pledge, Pledge.offer_id == Offer.id)
        .where(Pledge.withdrawn_at == at, Pledge.person_id.in_(_moved(batch_id)))
        .group_by(Offer.id, Offer.seats, Offer.taken)
        .having(Offer.taken + func.count() > Offer.seats)
    )
    return db.session.scalar(short.limit(1)) is not None


def _claimed_there(batch_id: int) -> bool:
    """Somebody has since taken something on in the community to which the batch moved their report."""
    claimed = (
        select(Pledge.id)
        .join(Offer, Offer.id == Pledge.offer_id)
        .join(ImportChange, ImportChange.person_id == Pledge.person_id)
        .join(ImportUnit, and_(ImportUnit.batch_id == ImportChange.batch_id, ImportUnit.key == ImportChange.unit_key))
        .where(ImportChange.batch_id == batch_id, ImportChange.field == Field.REPORTED)
        .where(ImportUnit.unit_id == Offer.unit_id, Pledge.withdrawn_at.is_(None))
    )
    return db.session.scalar(claimed.limit(1)) is not None


def _moved(batch_id: int) -> Select[int]:
    return select(ImportChange.person_id).where(ImportChange.batch_id == batch_id, ImportChange.field == Field.REPORTED)


def _units_used(batch_id: int, fresh: ColumnElement[bool]) -> bool:
    """Somebody or something else stands in a unit that the batch created."""
    made = select(ImportUnit.unit_id).where(ImportUnit.batch_id == batch_id, ImportUnit.is_new, ImportUnit.unit_id.is_not(None))
    for table, column in _naming(Unit.__table__, {"unit_ancestry", "membership"}):
        rests = select(column).where(column.in_(made))
        if table.name == "unit_parent":
            rests = rests.where(table.c.unit_id.not_in(made))
        if db.session.execute(rests.limit(1)).first():
            return True
    own = select(ImportRow.person_id).where(fresh)
    changed = select(ImportChange.person_id).where(ImportChange.batch_id == batch_id)
    others = select(Membership.id).where(
        Membership.unit_id.in_(made), Membership.person_id.not_in(own), Membership.person_id.not_in(changed)
    )
    return db.session.scalar(others.limit(1)) is not None


def _naming(target: Any, but: set[str]) -> list[tuple[Table, ColumnElement[Any]]]:
    """Every column of every table that names a row of `target`; of all features, also those added later."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in but and not table.name.startswith("import_")
        for column in table.columns
        if any(key.column.table is target for key in column.foreign_keys)
    ]


def _later_ties(fresh: ColumnElement[bool], day: date) -> bool:
    """A new person has another phone, tie or stage than the batch gave."""
    ties = select(Membership.id).join(ImportRow, ImportRow.person_id == Membership.person_id).where(fresh)
    phones = select(Phone.id).join(ImportRow, ImportRow.person_id == Phone.person_id).where(fresh)
    stages = select(Stage.id).join(ImportRow, ImportRow.person_id == Stage.person_id).where(fresh)
    kinds = [MembershipKind.HOME, MembershipKind.REPORTED]
    later = (
        ties.where(or_(Membership.valid_from != day, Membership.valid_to.is_not(None), Membership.kind.not_in(kinds))),
        phones.where(or_(Phone.number != ImportRow.phone, Phone.valid_to.is_not(None))),
        stages.where(or_(ImportRow.stage_on.is_(None), Stage.began_on != ImportRow.stage_on)),
    )
    return any(db.session.scalar(query.limit(1)) is not None for query in later)


def _rewritten(fresh: ColumnElement[bool]) -> bool:
    """Somebody has since changed what a new person is called, or their gender, birth date or note."""
    pairs = (
        (Person.name, ImportRow.name), (Person.gender, ImportRow.gender), (Person.birth_date, ImportRow.birth_date),
        (Person.note, ImportRow.note),
    )  # fmt: skip
    differs = or_(*(now.is_distinct_from(written) for now, written in pairs))
    edited = select(Person.id).join(ImportRow, ImportRow.person_id == Person.id).where(fresh, differs)
    return db.session.scalar(edited.limit(1)) is not None


def _later_imports(batch_id: int, fresh: ColumnElement[bool]) -> bool:
    """Another batch has since changed somebody whom this one brought."""
    changed = (
        select(ImportChange.id)
        .join(ImportBatch, ImportBatch.id == ImportChange.batch_id)
        .join(ImportRow, ImportRow.person_id == ImportChange.person_id)
        .where(fresh, ImportBatch.id != batch_id, ImportBatch.applied_at.is_not(None), ImportBatch.undone_at.is_(None))
    )
    return db.session.scalar(changed.limit(1)) is not None


def _moved_on(batch_id: int) -> bool:
    """A changed field has been changed again, or hours were counted on a changed branch or stage."""
    c = ImportChange
    of = c.batch_id == batch_id
    at = select(ImportBatch.applied_at).where(ImportBatch.id == batch_id).scalar_subquery()
    again = select(c.id).join(ImportBatch, ImportBatch.id == c.batch_id)
    later = c.__table__.alias("later")
    later_batch = ImportBatch.__table__.alias("later_batch")
    redone = (
        again.join(
            later, and_(later.c.person_id == c.person_id, later.c.field == type_coerce(c.field, String), later.c.batch_id > c.batch_id)
        )
        .join(later_batch, later_batch.c.id == later.c.batch_id)
        .where(of, later_batch.c.applied_at.is_not(None), later_batch.c.undone_at.is_(None))
    )
    further = select(c.id).join(Stage, and_(Stage.person_id == c.person_id, Stage.began_on > c.after_on)).where(of, c.field == Field.STAGE)
    counted = (
        select(c.id)
        .join(HourEntry, HourEntry.person_id == c.person_id)
        .where(of, c.field.in_([Field.HOME, Field.STAGE, Field.STAGE_DATE]), HourEntry.booked_at > at)
    )
    numbers = select(c.id).outerjoin(Phone, and_(Phone.person_id == c.person_id, Phone.number == c.after, Phone.valid_to.is_(None)))
    renumbered = numbers.where(of, c.field == Field.PHONE, c.after != "", Phone.id.is_(None))
    return any(db.session.scalar(query.limit(1)) is not None for query in (redone, further, counted, renumbered))
