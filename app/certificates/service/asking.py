"""申请 and 受理: asking for a certificate, withdrawing, returning, accepting; a unit's batch. Called inside a write transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.certificates import queries
from app.certificates.models import (
    CertificateBatch,
    CertificateRequest,
)
from app.certificates.queries import RequestRow
from app.certificates.rules import (
    Asking,
    Ending,
    Step,
    acceptance_fault,
)
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.worklist.service import notify

NOTHING = "这段时间里没有服务时长，没有可以证明的"
NOBODY = "这个组织还没有别的人能办证明。请换上一级组织，或请街道管理员设一位书记"
MOVED = "这份申请已经有人处理了，请刷新看看。"
UrlOf = Callable[[int], str]


def apply(asking: Asking, maker_id: int, url_of: UrlOf, now: datetime, *, replaces_id: int | None = None) -> int:
    """申请; returns the id of the request. While one for the same unit and period waits, asking again is that one.

    The people whose turn it is are told. Raises Invalid where nothing was served, or nobody else could decide.
    """
    writing()
    if not queries.services([asking.person_id], asking.since, asking.until):
        raise Invalid({"since": NOTHING})
    others = deciders(asking.unit_id, Action.CERTIFICATE_ISSUE, local_date(now), {asking.person_id})
    if len(others) < 2:  # one accepts, another issues
        raise Invalid({"unit": NOBODY})
    made = _add_request(asking, maker_id, now, replaces_id=replaces_id)
    if made is None:
        r = CertificateRequest
        same = (r.person_id == asking.person_id, r.unit_id == asking.unit_id, r.since == asking.since, r.until == asking.until)
        open_ = (r.ended_at.is_(None), r.issued_at.is_(None))
        waiting = db.session.execute(select(r.id, r.replaces_id).where(*same, *open_)).one()
        if waiting.replaces_id != replaces_id:
            raise Conflict("同一段时间的证明已经有一份在办，等它办完再来。")
        return int(waiting.id)
    audit.record(maker_id, "certificate_request", "certificate_request", made, unit=asking.unit_id)
    name = name_of(asking.person_id, local_date(now))
    for one in nearest(others):
        notify(one.person_id, f"{name}申请志愿服务记录证明，等您受理", url_of(made))
    return made


def name_of(person_id: int, day: date) -> str:
    row = people.person(person_id, day)
    if row is None:
        raise NotFound
    return row.name


def _add_request(asking: Asking, maker_id: int, now: datetime, **more: int | None) -> int | None:
    values = {
        "person_id": asking.person_id,
        "unit_id": asking.unit_id,
        "since": asking.since,
        "until": asking.until,
        "purpose": asking.purpose,
        "document_kind": asking.document_kind,
        "document_masked": asking.document_masked,
        "document_hash": asking.document_hash,
        "made_by_id": maker_id,
        "made_at": now,
        "contact": "",
        "notes": "",
        "end_reason": "",
        **more,
    }
    adding = upsert(CertificateRequest).values(values).on_conflict_do_nothing().returning(CertificateRequest.id)
    return db.session.execute(adding).scalar_one_or_none()


def locked(request_id: int) -> RequestRow:
    """The request, its row locked so that two decisions queue up."""
    writing()
    db.session.execute(select(CertificateRequest.id).where(CertificateRequest.id == request_id).with_for_update())
    row = queries.request(request_id)
    if row is None:
        raise NotFound
    return row


def withdraw(request_id: int, person_id: int, now: datetime) -> None:
    """By the person, before it is issued. Doing it again changes nothing."""
    row = locked(request_id)
    if row.person_id != person_id:
        raise NotFound
    if row.step is Step.WITHDRAWN:
        return
    if not row.waits:
        raise Conflict(MOVED)
    _end(row, person_id, Ending.WITHDRAWN, "", now)


def send_back(request_id: int, decider_id: int, reason: str, own_url: str, now: datetime) -> None:
    """退回，请写明原因: before acceptance or after it, by whoever may decide. The person is told."""
    row = locked(request_id)
    if fault := acceptance_fault(decider_id, row.person_id):
        raise Refused(f"{fault}。")
    if row.step is Step.RETURNED:
        return
    if not row.waits:
        raise Conflict(MOVED)
    _end(row, decider_id, Ending.RETURNED, reason, now)
    notify(row.person_id, "您申请的志愿服务记录证明退回了，请看原因", own_url)


def _end(row: RequestRow, by_id: int, ending: Ending, reason: str, now: datetime) -> None:
    ended = update(CertificateRequest).where(CertificateRequest.id == row.id)
    db.session.execute(ended.values(ended_at=now, ended_by_id=by_id, ending=ending, end_reason=reason))
    action = "certificate_request.return" if ending is Ending.RETURNED else "certificate_request.withdrawal"
    audit.record(by_id, action, "certificate_request", row.id)


def accept(request_id: int, handler_id: int, contact: str, notes: str, url_of: UrlOf, now: datetime) -> None:
    """受理: the handler has looked at the records. Somebody else, who is told, issues. Doing it again changes nothing.

    Raises Refused for one's own, Conflict when it has ended, or another has accepted it.
    """
    row = locked(request_id)
    if fault := acceptance_fault(handler_id, row.person_id):
        raise Refused(f"{fault}。")
    if row.step is Step.ACCEPTED and row.handler_id == handler_id:
        return
    if row.step is not Step.APPLIED:
        raise Conflict(MOVED)
    taken = update(CertificateRequest).where(CertificateRequest.id == request_id)
    db.session.execute(taken.values(accepted_at=now, accepted_by_id=handler_id, contact=contact, notes=notes))
    audit.record(handler_id, "certificate_request.acceptance", "certificate_request", request_id)
    others = deciders(row.unit_id, Action.CERTIFICATE_ISSUE, local_date(now), {row.person_id, handler_id})
    for one in nearest(others) if others else ():
        notify(one.person_id, f"{row.person_name}的志愿服务记录证明受理好了，等您出具", url_of(request_id))


def accept_batch(
    asking: Asking, person_ids: Sequence[int], contact: str, notes: str, handler_id: int, url_of: UrlOf, now: datetime
) -> tuple[int, int]:
    """A unit's certificates for several members of one period, accepted by whoever makes the batch; another issues them.

    Returns its id and how many people it has: those without a service in the period, with a request that waits, and the maker
    are left out. Raises Invalid where nobody is left or nobody else could issue.
    """
    writing()
    served = queries.services(person_ids, asking.since, asking.until)
    chosen = sorted(person_id for person_id in served if person_id != handler_id)
    others = deciders(asking.unit_id, Action.CERTIFICATE_ISSUE, local_date(now), {handler_id})
    if not others:
        raise Invalid({"unit": NOBODY})
    values = {"unit_id": asking.unit_id, "since": asking.since, "until": asking.until, "purpose": asking.purpose}
    adding = insert(CertificateBatch).values(**values, made_by_id=handler_id, made_at=now)
    batch_id: int = db.session.execute(adding.returning(CertificateBatch.id)).scalar_one()
    made = [_add_request(replace(asking, person_id=who), handler_id, now, batch_id=batch_id) for who in chosen]
    ids = [one for one in made if one is not None]
    if not ids:
        raise Invalid({"person": "勾的这些人都没有可以证明的时长，或已经有一份在办了"})
    taken = update(CertificateRequest).where(CertificateRequest.id.in_(ids))
    db.session.execute(taken.values(accepted_at=now, accepted_by_id=handler_id, contact=contact, notes=notes))
    audit.record(handler_id, "certificate_batch", "certificate_batch", batch_id, unit=asking.unit_id, people=len(ids))
    for one in nearest(others):
        notify(one.person_id, f"有 {len(ids)} 份志愿服务记录证明受理好了，等您出具", url_of(batch_id))
    return batch_id, len(ids)
