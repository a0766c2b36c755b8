"""What ties a person to units, stages and uses of their data: dated, closed and begun anew, never overwritten."""

from datetime import date, datetime

from sqlalchemy import insert, update

from app.audit import service as audit
from app.core.db import db, writing
from app.people import queries
from app.people.models import (
    Consent,
    Membership,
    Stage,
)
from app.people.rules import ConsentKind, MembershipKind, StageKind


def join(person_id: int, unit_id: int, kind: MembershipKind, from_day: date) -> None:
    """A new membership. A home branch closes the one before it on that day."""
    writing()
    if kind is MembershipKind.HOME:
        db.session.execute(
            update(Membership)
            .where(Membership.person_id == person_id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None))
            .values(valid_to=from_day)
        )
    db.session.execute(insert(Membership).values(person_id=person_id, unit_id=unit_id, kind=kind, valid_from=from_day))


def leave(person_id: int, unit_id: int, kind: MembershipKind, on: date) -> None:
    """Close a membership that stands; from `on` it no longer holds."""
    writing()
    db.session.execute(
        update(Membership)
        .where(Membership.person_id == person_id, Membership.unit_id == unit_id, Membership.kind == kind, Membership.valid_to.is_(None))
        .values(valid_to=on)
    )


def begin_stage(person_id: int, kind: StageKind, began_on: date) -> None:
    writing()
    db.session.execute(insert(Stage).values(person_id=person_id, kind=kind, began_on=began_on))


def give_consent(person_id: int, kind: ConsentKind, now: datetime) -> None:
    """Nothing when it is given already."""
    writing()
    if not queries.has_consented(person_id, kind):
        db.session.execute(insert(Consent).values(person_id=person_id, kind=kind, given_at=now))
        audit.record(person_id, "consent", "person", person_id, kind=kind.value)


def withdraw_consent(person_id: int, kind: ConsentKind, now: datetime) -> None:
    """Effective at once."""
    writing()
    db.session.execute(
        update(Consent).where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    audit.record(person_id, "consent.withdrawal", "person", person_id, kind=kind.value)
