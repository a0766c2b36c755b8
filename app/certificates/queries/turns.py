"""Whose turn it is: requests, batches and revocations in the work list."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.certificates.models import Certificate, CertificateBatch, CertificateRequest, CertificateRevocation
from app.certificates.queries.issued import RevocationRow, select_revocations
from app.certificates.queries.requests import BatchRow, RequestRow, select_batches, select_requests
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.people.models import Person


def _request_turn(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    r, me = CertificateRequest, actor.person_id
    concerned = or_(RoleGrant.person_id == r.person_id, RoleGrant.person_id == func.coalesce(r.accepted_by_id, 0))
    since = func.coalesce(r.accepted_at, r.made_at)
    turn = turn_of(r.unit_id, since, actor.roots(Action.CERTIFICATE_ISSUE), Action.CERTIFICATE_ISSUE, now, concerned)
    return (
        r.ended_at.is_(None),
        r.issued_at.is_(None),
        r.batch_id.is_(None),
        r.person_id != me,
        func.coalesce(r.accepted_by_id, 0) != me,
        turn,
    )


def waiting(actor: Actor, now: datetime) -> list[RequestRow]:
    if not actor.may(Action.CERTIFICATE_ISSUE):
        return []
    return [
        RequestRow(*row) for row in db.session.execute(select_requests().where(*_request_turn(actor, now)).order_by(CertificateRequest.id))
    ]


def _batch_turn(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    b, r = CertificateBatch, CertificateRequest
    open_ = (
        select(r.id)
        .where(r.batch_id == b.id, r.issued_at.is_(None), r.ended_at.is_(None), r.person_id != actor.person_id)
        .correlate(b)
        .exists()
    )
    concerned = RoleGrant.person_id == b.made_by_id
    turn = turn_of(b.unit_id, b.made_at, actor.roots(Action.CERTIFICATE_ISSUE), Action.CERTIFICATE_ISSUE, now, concerned)
    return (open_, b.made_by_id != actor.person_id, turn)


def waiting_batches(actor: Actor, now: datetime) -> list[BatchRow]:
    if not actor.may(Action.CERTIFICATE_ISSUE):
        return []
    return [BatchRow(*row) for row in db.session.execute(select_batches().where(*_batch_turn(actor, now)).order_by(CertificateBatch.id))]


def _revocation_turn(actor: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    v = CertificateRevocation
    concerned = RoleGrant.person_id == v.asked_by_id
    turn = turn_of(v.unit_id, v.asked_at, actor.roots(Action.CERTIFICATE_ISSUE), Action.CERTIFICATE_ISSUE, now, concerned)
    holder = (
        select(func.coalesce(Person.became_id, Person.id))
        .join(Certificate, Certificate.person_id == Person.id)
        .where(Certificate.id == v.certificate_id)
        .correlate(v)
        .scalar_subquery()
    )
    return (v.verdict.is_(None), v.asked_by_id != actor.person_id, holder != actor.person_id, turn)


def waiting_revocations(actor: Actor, now: datetime) -> list[RevocationRow]:
    if not actor.may(Action.CERTIFICATE_ISSUE):
        return []
    found = select_revocations().where(*_revocation_turn(actor, now)).order_by(CertificateRevocation.id)
    return [RevocationRow(*row) for row in db.session.execute(found)]


def waiting_count(actor: Actor, now: datetime) -> Select[int] | None:
    """All three together, for the work list to ask."""
    if not actor.may(Action.CERTIFICATE_ISSUE):
        return None
    counts = (
        select(func.count()).select_from(CertificateRequest).where(*_request_turn(actor, now)).scalar_subquery(),
        select(func.count()).select_from(CertificateBatch).where(*_batch_turn(actor, now)).scalar_subquery(),
        select(func.count()).select_from(CertificateRevocation).where(*_revocation_turn(actor, now)).scalar_subquery(),
    )
    return select(counts[0] + counts[1] + counts[2])
