"""A person's own particulars, changed by those who may: before and after stand in the audit, numbers only by their last four digits."""

from datetime import date, datetime

from sqlalchemy import select, update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.people import queries
from app.people.models import GuardianConsent, Person, Phone
from app.people.naming import initials
from app.people.rules import Gender, GivenHow, Relation, StageFact, birth_fault
from app.people.service.persons import lock_person

AGE_OF_MEMBERS = "这位已经核实过，没有登记出生日期。请他的支部书记先在资料里填好"
NO_GUARDIAN = "这位不用监护人的同意。"


def edit_profile(person_id: int, name: str, gender: Gender | None, birth_date: date | None, note: str, by_id: int) -> bool:
    """False when nothing was changed. A birth date that is known takes the place of what was said about the age; raises Invalid
    for one that the stages speak against.
    """
    lock_person(person_id)
    known = queries.profile(person_id)
    if known is None:
        raise NotFound
    before = {"name": known.name, "gender": known.gender, "birth_date": known.birth_date, "note": known.note}
    after = {"name": name, "gender": gender, "birth_date": birth_date, "note": note}
    changed = [field for field in before if before[field] != after[field]]
    if not changed:
        return False
    if "birth_date" in changed and birth_date is not None:
        stages = [StageFact(stage.kind, stage.began_on) for stage in queries.stage_history(person_id)]
        if fault := birth_fault(birth_date, stages):
            raise Invalid({"birth_date": fault})
    values: dict[str, object] = {"initials": initials(name), **{field: after[field] for field in changed}}
    if birth_date is not None:
        values["minor_until"] = None
    db.session.execute(update(Person).where(Person.id == person_id).values(**values))
    told = {field: [_said(field, before[field]), _said(field, after[field])] for field in changed}
    audit.record(by_id, "person.profile", "person", person_id, changes=told)
    return True


def _said(field: str, value: object) -> str | None:
    """A note is free text, in which a number may stand: only its length is told."""
    if value is None:
        return None
    return f"{len(str(value))} 字" if field == "note" else value.isoformat() if isinstance(value, date) else str(value)


def add_number(person_id: int, number: str, from_day: date, by_id: int) -> None:
    """One more contact. Raises Conflict when it stands already."""
    writing()
    adding = upsert(Phone).values(person_id=person_id, number=number, valid_from=from_day).on_conflict_do_nothing()
    phone_id = db.session.execute(adding.returning(Phone.id)).scalar_one_or_none()
    if phone_id is None:
        raise Conflict("这个号码已经在了。")
    audit.record(by_id, "person.phone", "person", person_id, phone=phone_id, tail=number[-4:])


def close_number(person_id: int, phone_id: int, on: date, by_id: int) -> None:
    """The number is no longer theirs; the row stays. Nothing when it was closed before. A sign-in number is the account's own affair."""
    writing()
    closing = update(Phone).where(Phone.id == phone_id, Phone.person_id == person_id, Phone.valid_to.is_(None)).values(valid_to=on)
    number = db.session.execute(closing.returning(Phone.number)).scalar_one_or_none()
    if number is not None:
        audit.record(by_id, "person.phone_end", "person", person_id, phone=phone_id, tail=number[-4:])
    elif db.session.scalar(select(Phone.id).where(Phone.id == phone_id, Phone.person_id == person_id)) is None:
        raise NotFound


def record_guardian(
    person_id: int,
    name: str,
    phone: str,
    relation: Relation,
    given_how: GivenHow,
    by_id: int,
    now: datetime,
    *,
    until: date | None = None,
    editing: bool = False,
) -> int:
    """A guardian agrees for a child. Raises Conflict for who is no child, when one has agreed already, or when it is the child's account.

    `until` is what was said about the age, for somebody whose birth date is not known; see rules.minor_until. Of a confirmed person it
    is taken only from who may edit them (`editing`): else an adult's name could be taken off the boards. Raises Invalid.
    """
    lock_person(person_id)
    if by_id == person_id:
        raise Conflict("这一步要监护人来，不能自己给自己记。")
    age = queries.minor(person_id, local_date(now))
    if not age.minor and not age.may_be:
        raise Conflict(NO_GUARDIAN)
    if until is not None:
        if not editing and queries.is_confirmed(person_id):
            raise Invalid({"birth_year": AGE_OF_MEMBERS})
        db.session.execute(update(Person).where(Person.id == person_id, Person.birth_date.is_(None)).values(minor_until=until))
    adding = upsert(GuardianConsent).values(
        person_id=person_id,
        guardian_name=name,
        guardian_phone=phone,
        relation=relation,
        given_how=given_how,
        recorded_by_id=by_id,
        given_at=now,
    )
    consent_id = db.session.execute(adding.on_conflict_do_nothing().returning(GuardianConsent.id)).scalar_one_or_none()
    if consent_id is None:
        raise Conflict("监护人的同意已经记过了。")
    audit.record(by_id, "person.guardian", "person", person_id, consent=consent_id, relation=relation.value, how=given_how.value)
    return int(consent_id)


def withdraw_guardian(person_id: int, by_id: int, now: datetime) -> None:
    """The guardian agrees no more: the child's name leaves every public place at once. Nothing when none stood."""
    writing()
    given = GuardianConsent
    ending = update(given).where(given.person_id == person_id, given.withdrawn_at.is_(None)).values(withdrawn_at=now, withdrawn_by_id=by_id)
    consent_id = db.session.execute(ending.returning(given.id)).scalar_one_or_none()
    if consent_id is not None:
        audit.record(by_id, "person.guardian_withdrawal", "person", person_id, consent=consent_id)
