"""Issuing and revoking member cards. Called inside a write transaction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.cards import queries
from app.cards.models import MemberCard
from app.core.db import db, writing
from app.people import queries as people_read
from app.people import service as people


def issue(person_ids: Collection[int], by_id: int, now: datetime) -> dict[int, int]:
    """person id → the id of their valid card; a new one where there is none. Asking again changes nothing."""
    writing()
    people.lock_persons(sorted(person_ids))
    standing = queries.valid_cards(person_ids)
    missing = sorted(set(person_ids) - standing.keys())
    if missing:
        numbers = queries.last_numbers(missing)
        rows = [{"person_id": who, "number": numbers.get(who, 0) + 1, "issued_at": now, "issued_by_id": by_id} for who in missing]
        made = db.session.execute(insert(MemberCard).returning(MemberCard.person_id, MemberCard.id), rows).all()
        audit.record_all(by_id, [("member_card", "member_card", card_id, {"person": person_id}) for person_id, card_id in made])
        standing |= dict(made)
    return standing


def renew(person_id: int, by_id: int, now: datetime) -> int:
    """A new card; the one before it no longer checks anybody in, from this moment on."""
    writing()
    people.lock_person(person_id)
    revoke(person_id, by_id, now)
    return issue([person_id], by_id, now)[person_id]


def revoke(person_id: int, by_id: int, now: datetime) -> bool:
    """Lost, or given up: all that somebody holds, those of records that were merged into theirs among them. False when there was none."""
    writing()
    gone = db.session.execute(
        update(MemberCard)
        .where(MemberCard.person_id.in_(people_read.records_of(person_id)), MemberCard.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by_id=by_id)
        .returning(MemberCard.id, MemberCard.person_id)
    ).all()
    said = sorted((card_id, whose) for card_id, whose in gone)
    audit.record_all(by_id, [("member_card.revocation", "member_card", card_id, {"person": whose}) for card_id, whose in said])
    return bool(gone)


def revoke_one(card_id: int, by_id: int, now: datetime) -> bool:
    """One card, where somebody holds two since their records were merged. False when it was revoked before."""
    writing()
    dying = update(MemberCard).where(MemberCard.id == card_id, MemberCard.revoked_at.is_(None))
    whose = db.session.execute(dying.values(revoked_at=now, revoked_by_id=by_id).returning(MemberCard.person_id)).scalar_one_or_none()
    if whose is not None:
        audit.record(by_id, "member_card.revocation", "member_card", card_id, person=whose)
    return whose is not None


def revoke_issued_by(person_id: int, issuer_id: int, now: datetime) -> None:
    """The person's card, where this issuer made it: it was made while acting for them, and they no longer do."""
    writing()
    theirs = MemberCard.person_id.in_(people_read.records_of(person_id))
    for card_id in db.session.scalars(
        select(MemberCard.id).where(theirs, MemberCard.issued_by_id == issuer_id, MemberCard.revoked_at.is_(None)).order_by(MemberCard.id)
    ).all():
        revoke_one(card_id, issuer_id, now)


def note_printing(person_ids: Collection[int], by_id: int) -> None:
    """Who took copies of whose cards is known afterwards."""
    audit.record(by_id, "member_card.printing", "member_card", None, people=sorted(person_ids))
