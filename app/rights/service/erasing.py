"""Erasing somebody: by the tables of policies.py, and what ends with them. Called inside a write transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, null, or_, select, tuple_, update

from app.activities.models import Shift, Signup
from app.activities.service.seats import give_back, lock_shifts
from app.activities.service.signups import promote
from app.audit import service as audit
from app.core import clock
from app.core.db import db, table, writing
from app.people.models import Person
from app.people.naming import mask_name
from app.people.service import lock_persons
from app.rights.models import Erasure, RightsRequest
from app.rights.policies import BLANKS, NAME, REMOVED, Blank
from app.rights.rules import Verdict


def records_of(person_id: int) -> list[int]:
    """The person's own record and those that were merged into it."""
    found, fresh = [person_id], [person_id]
    while fresh:
        fresh = list(db.session.scalars(select(Person.id).where(Person.became_id.in_(fresh), Person.id.not_in(found)).order_by(Person.id)))
        found += fresh
    return found


def erase(person_id: int, by_id: int | None, now: datetime, request_id: int | None = None) -> list[str]:
    """Nothing that tells who this was is left, and nobody signs in as them. Returns the names of photos whose files are to go.

    Ledgers keep their rows. Whoever was erased before is left as they are: doing it twice is doing it once.
    """
    writing()
    records = records_of(person_id)
    lock_persons(sorted(records))
    names = dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(records), Person.erased_at.is_(None))).all())
    photos: list[str] = []
    for one in sorted(names):
        _end(one, by_id or one, now)
        photos += _photos(one, now)
        _person(one, now)
        _staged(one)
        for blank in BLANKS:
            _blank(blank, one)
        _private(one, now)
        _remove(one, names[one])
        audit.destroy_key(one, now)
        audit.record(by_id, "person.erasure", "person", one)
        _note(one, now, request_id)
    return photos


def _note(person_id: int, now: datetime, request_id: int | None) -> None:
    recorded_at = select(Person.recorded_at).where(Person.id == person_id).scalar_subquery()
    db.session.execute(insert(Erasure).values(person_id=person_id, recorded_at=recorded_at, erased_at=now, request_id=request_id))


def _person(person_id: int, now: datetime) -> None:
    bare: dict[str, Any] = {"name": NAME, "initials": "", "note": "", "gender": None, "birth_date": None, "minor_until": None}
    db.session.execute(update(Person).where(Person.id == person_id).values(**bare, erased_at=now))


def _blank(blank: Blank, person_id: int) -> None:
    """Words that were empty stay so: a row with words there tells that something was said, and nothing of what."""
    target = table(blank.table)
    whose: ColumnElement[bool] = or_(*(target.c[column] == person_id for column in blank.by))
    where = [whose, *(target.c[column] == value for column, value in blank.where)]
    values: dict[str, Any] = {column: blank.to and db.case((target.c[column] == "", ""), else_=blank.to) for column in blank.columns}
    db.session.execute(update(target).where(*where).values(values | dict.fromkeys(blank.also)))


def _staged(person_id: int) -> None:
    """What was remarked about their row of a roster: found by the row, while that still says whose it is."""
    row, remark = table("import_row"), table("import_remark")
    theirs = select(row.c.batch_id, row.c.row).where(row.c.person_id == person_id)
    bare = {"name": "", "value": "", "raw": null()}
    db.session.execute(update(remark).where(tuple_(remark.c.batch_id, remark.c.row).in_(theirs)).values(bare))


def _remove(person_id: int, name: str) -> None:
    sessions, account = table("account_session"), table("account")
    own = select(account.c.id).where(account.c.person_id == person_id).scalar_subquery()
    db.session.execute(delete(sessions).where(sessions.c.account_id.in_(own)))
    db.session.execute(delete(account).where(account.c.person_id == person_id))
    for table_name, columns in REMOVED.items():
        target = table(table_name)
        db.session.execute(delete(target).where(or_(*(target.c[column] == person_id for column in columns))))
    notice = table("notice")
    if len(name) > 1:  # in lines for others they are called as on a public page
        named = update(notice).where(notice.c.text.contains(name, autoescape=True))
        db.session.execute(named.values(text=func.replace(notice.c.text, name, mask_name(name))))


def _private(person_id: int, now: datetime) -> None:
    """What a wish says of whom to reach, and what else was asked for."""
    wish, private, claim = table("wish"), table("wish_private"), table("wish_claim")
    own = select(wish.c.id).where(wish.c.own_id == person_id)
    empty = {"words": "", "name": "", "phone": "", "place": "", "erased_at": now}
    db.session.execute(update(private).where(private.c.wish_id.in_(own), private.c.erased_at.is_(None)).values(empty))
    claims = update(claim).where(claim.c.by_id == person_id, claim.c.erased_at.is_(None), or_(claim.c.name != "", claim.c.phone != ""))
    db.session.execute(claims.values(name="", phone="", erased_at=now))
    veiled = update(wish).where(wish.c.own_id == person_id, wish.c.veiled_at.is_(None))
    db.session.execute(veiled.values(veiled_at=now, veiled_by_id=person_id))
    db.session.execute(update(RightsRequest).where(RightsRequest.person_id == person_id).values(wanted={}))


def _photos(person_id: int, now: datetime) -> list[str]:
    """Evidence of their own claims: taken down here, the files by who called."""
    batch, photo = table("claim_batch"), table("claim_photo")
    own = select(batch.c.id).where(batch.c.made_by_id == person_id, batch.c.kind == "own")
    names = list(db.session.scalars(select(photo.c.name).where(photo.c.batch_id.in_(own)).order_by(photo.c.id)))
    db.session.execute(update(photo).where(photo.c.batch_id.in_(own), photo.c.removed_at.is_(None)).values(removed_at=now))
    return names


def _end(person_id: int, by_id: int, now: datetime) -> None:
    """What still holds ends: ties, posts, households, cards, roles, who acts for whom, consents, sign-ups, what waits for an answer."""
    today = clock.local_date(now)
    for name in ("membership", "post_term", "household_contact", "role_grant"):
        target = table(name)
        holds = or_(target.c.valid_to.is_(None), target.c.valid_to > today)
        end = db.case((target.c.valid_from > today, target.c.valid_from), else_=today)
        db.session.execute(update(target).where(target.c.person_id == person_id, holds).values(valid_to=end))
    for name, ends in (("member_card", {"revoked_at": now, "revoked_by_id": by_id}), ("consent", {"withdrawn_at": now})):
        target = table(name)
        first = next(iter(ends))
        db.session.execute(update(target).where(target.c.person_id == person_id, target.c[first].is_(None)).values(ends))
    proxy = table("proxy")
    standing = update(proxy).where(or_(proxy.c.person_id == person_id, proxy.c.proxy_id == person_id), proxy.c.valid_to.is_(None))
    db.session.execute(standing.values(valid_to=now, ended_by_id=by_id))
    guardian = table("guardian_consent")
    given = update(guardian).where(guardian.c.person_id == person_id, guardian.c.withdrawn_at.is_(None))
    db.session.execute(given.values(withdrawn_at=now, withdrawn_by_id=by_id))
    honour, agreed, pledge = table("honour"), table("honour_consent"), table("pledge")
    theirs = select(honour.c.id).where(honour.c.person_id == person_id)
    db.session.execute(update(agreed).where(agreed.c.honour_id.in_(theirs), agreed.c.withdrawn_at.is_(None)).values(withdrawn_at=now))
    taken = (pledge.c.person_id == person_id, pledge.c.withdrawn_at.is_(None), pledge.c.done_at.is_(None))
    db.session.execute(update(pledge).where(*taken).values(withdrawn_at=now))
    _end_waiting(person_id, now)
    _give_seats_back(person_id, now)


def _end_waiting(person_id: int, now: datetime) -> None:
    """Their own claims, requests for a certificate and other requests about their data are taken back."""
    batch, asked = table("claim_batch"), table("certificate_request")
    own = (batch.c.made_by_id == person_id, batch.c.kind == "own", batch.c.decided_at.is_(None), batch.c.withdrawn_at.is_(None))
    db.session.execute(update(batch).where(*own).values(withdrawn_at=now))
    waiting = (asked.c.person_id == person_id, asked.c.issued_at.is_(None), asked.c.ended_at.is_(None))
    db.session.execute(update(asked).where(*waiting).values(ended_at=now, ended_by_id=person_id, ending="withdrawn"))
    others = update(RightsRequest).where(RightsRequest.person_id == person_id, RightsRequest.verdict.is_(None))
    db.session.execute(others.values(verdict=Verdict.WITHDRAWN, decided_at=now, decided_by_id=person_id))


def _give_seats_back(person_id: int, now: datetime) -> None:
    mine = (Signup.person_id == person_id, Signup.withdrawn_at.is_(None), Shift.starts_at > now)
    rows = db.session.execute(
        select(Signup.id, Signup.shift_id, Signup.position_id, Signup.seated_at).join(Shift, Shift.id == Signup.shift_id).where(*mine)
    ).all()
    lock_shifts(*sorted({row.shift_id for row in rows}))
    for row in rows:
        db.session.execute(update(Signup).where(Signup.id == row.id).values(withdrawn_at=now))
        if row.seated_at is not None:
            give_back(row.shift_id, row.position_id)
        promote(row.shift_id, now)
