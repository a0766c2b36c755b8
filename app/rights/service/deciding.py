"""Deciding about a request: by somebody who is not whom it is about, nor who wrote it down."""

from datetime import date, datetime

from sqlalchemy import select, update

from app.accounts import helping
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound, Refused
from app.people import queries as people
from app.people import service as people_service
from app.people.rules import Gender
from app.rights.models import RightsRequest
from app.rights.queries.obstacles import obstacles
from app.rights.rules import Kind, Verdict
from app.rights.service.asking import DECIDED
from app.rights.service.erasing import erase, records_of

OWN = "这是您自己的请求，要别人来办。"
WROTE = "这个请求是您登记的，要另一位来办。"


def _known(request_id: int, by_id: int) -> RightsRequest:
    """Held against every other decision about it. Raises Refused for one's own, and one that one wrote down."""
    writing()
    held = select(RightsRequest).where(RightsRequest.id == request_id).with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(held).one_or_none()
    if row is None:
        raise NotFound
    if by_id == row.person_id:
        raise Refused(OWN)
    if by_id in (row.asked_by_id, people.who_now(row.asked_by_id)):
        raise Refused(WROTE)
    if row.verdict is not None:
        raise Conflict(DECIDED)
    return row


def _two_people(row: RightsRequest, by_id: int, now: datetime) -> None:
    """Nobody is both of them by way of a code or of a role that they give."""
    if row.asked_by_id == row.person_id and helping.opened_by_code(row.person_id, row.asked_at, helping.LATELY, by_id):
        raise Refused(helping.OPENED_BY)
    if helping.given_by(by_id, row.asked_by_id, now):
        raise Refused(helping.GIVEN_BY)


def _decide(row: RightsRequest, by_id: int, verdict: Verdict, answer: str, now: datetime) -> None:
    values = {"verdict": verdict, "decided_at": now, "decided_by_id": by_id, "answer": answer}
    done = update(RightsRequest).where(RightsRequest.id == row.id, RightsRequest.verdict.is_(None)).values(values)
    if db.session.execute(done.returning(RightsRequest.id)).scalar_one_or_none() is None:
        raise Conflict(DECIDED)


def refuse(request_id: int, by_id: int, answer: str, now: datetime) -> None:
    """The person reads why; the law asks for reasons (个人信息保护法 Art. 50)."""
    row = _known(request_id, by_id)
    _decide(row, by_id, Verdict.REFUSED, answer, now)
    audit.record(by_id, "rights.refusal", "rights_request", request_id, person=row.person_id, kind=row.kind.value)


def approve(request_id: int, by_id: int, now: datetime) -> list[str]:
    """Carried out at once: corrected, or erased. Returns the names of photos whose files are to go.

    Raises Conflict while something stands in the way of erasing, Invalid for what can not be so (a birth date), Refused for who lately
    opened the account that asks, or has the role from who wrote it down.
    """
    row = _known(request_id, by_id)
    _two_people(row, by_id, now)
    person_id, kind, wanted = row.person_id, row.kind, dict(row.wanted)
    people_service.lock_persons(records_of(person_id))  # all at once and in order, as whoever merges or undoes takes them
    if people.who_now(person_id) != person_id:
        raise Conflict("这份档案后来并到了另一份。请按留下的那份再提，这一份退回就好。")
    if kind is Kind.ERASURE and (found := obstacles(person_id, now)):
        raise Conflict("现在还不能注销：" + "；".join(one.words for one in found) + "。")
    _decide(row, by_id, Verdict.APPROVED, "", now)
    audit.record(by_id, "rights.approval", "rights_request", request_id, person=person_id, kind=kind.value)
    db.session.expunge(row)
    if kind is Kind.ERASURE:
        return erase(person_id, by_id, now, request_id)
    _correct(person_id, wanted, by_id, now)
    return []


def _correct(person_id: int, wanted: dict[str, str | int | None], by_id: int, now: datetime) -> None:
    known, today = people.profile(person_id), local_date(now)
    if known is None:
        raise NotFound
    gender = Gender(str(wanted["gender"])) if wanted.get("gender") else known.gender
    birth = date.fromisoformat(str(wanted["birth_date"])) if wanted.get("birth_date") else known.birth_date
    people_service.edit_profile(person_id, str(wanted.get("name") or known.name), gender, birth, known.note, by_id)
    phone, instead = wanted.get("phone"), wanted.get("instead_of")
    if isinstance(instead, int):
        people_service.close_number(person_id, instead, today, by_id)
    if phone and str(phone) not in people.phones(person_id, today):
        people_service.add_number(person_id, str(phone), today, by_id)
