"""Requests and batches."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from app.certificates.models import Certificate, CertificateBatch, CertificateRequest
from app.certificates.rules import DocumentKind, Ending, Step
from app.core.db import db
from app.people.models import Person, Unit
from app.people.queries import records_of


@dataclass(frozen=True)
class RequestRow:
    """`certificate_id` and `number` once it is issued."""

    id: int
    person_id: int
    person_name: str
    unit_id: int
    unit_name: str
    batch_id: int | None
    replaces_id: int | None
    since: date
    until: date
    purpose: str
    document_kind: DocumentKind | None
    document_masked: str
    document_hash: str
    maker_id: int
    made_at: datetime
    contact: str
    notes: str
    accepted_at: datetime | None
    handler_id: int | None
    handler_name: str | None
    ended_at: datetime | None
    ending: Ending | None
    end_reason: str
    certificate_id: int | None
    number: str | None

    @property
    def step(self) -> Step:
        if self.certificate_id is not None:
            return Step.ISSUED
        if self.ending is not None:
            return Step(self.ending.value)
        return Step.ACCEPTED if self.accepted_at else Step.APPLIED

    @property
    def waits(self) -> bool:
        return self.step in (Step.APPLIED, Step.ACCEPTED)

    @property
    def waits_since(self) -> datetime:
        return self.accepted_at or self.made_at


def select_requests() -> Select[*tuple[Any, ...]]:
    handler, r = aliased(Person), CertificateRequest
    return (
        select(
            *(r.id, r.person_id, Person.name, r.unit_id, Unit.name, r.batch_id, r.replaces_id, r.since, r.until, r.purpose),
            *(r.document_kind, r.document_masked, r.document_hash, r.made_by_id, r.made_at, r.contact, r.notes),
            *(r.accepted_at, r.accepted_by_id, handler.name, r.ended_at, r.ending, r.end_reason, Certificate.id, Certificate.number),
        )
        .join(Person, Person.id == r.person_id)
        .join(Unit, Unit.id == r.unit_id)
        .outerjoin(handler, handler.id == r.accepted_by_id)
        .outerjoin(Certificate, Certificate.request_id == r.id)
    )


def request(request_id: int) -> RequestRow | None:
    row = db.session.execute(select_requests().where(CertificateRequest.id == request_id)).one_or_none()
    return RequestRow(*row) if row else None


def requests_of(person_id: int) -> list[RequestRow]:
    found = select_requests().where(CertificateRequest.person_id.in_(records_of(person_id))).order_by(CertificateRequest.id.desc())
    return [RequestRow(*row) for row in db.session.execute(found)]


def _open(unit_ids: Any) -> tuple[ColumnElement[bool], ...]:
    """Those of batches stand with their batch."""
    r = CertificateRequest
    return r.unit_id.in_(unit_ids), r.ended_at.is_(None), r.issued_at.is_(None), r.batch_id.is_(None)


def open_requests(unit_ids: Any, *, limit: int) -> list[RequestRow]:
    """What waits in these units (a subquery of ids), the oldest first."""
    return [
        RequestRow(*row)
        for row in db.session.execute(select_requests().where(*_open(unit_ids)).order_by(CertificateRequest.id).limit(limit))
    ]


def count_open(unit_ids: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(CertificateRequest).where(*_open(unit_ids))) or 0


def requests_of_batch(batch_id: int) -> list[RequestRow]:
    found = select_requests().where(CertificateRequest.batch_id == batch_id).order_by(Person.name, CertificateRequest.id)
    return [RequestRow(*row) for row in db.session.execute(found)]


@dataclass(frozen=True)
class BatchRow:
    id: int
    unit_id: int
    unit_name: str
    since: date
    until: date
    purpose: str
    maker_id: int
    made_at: datetime
    people: int
    issued: int


def select_batches() -> Select[*tuple[Any, ...]]:
    b, r = CertificateBatch, CertificateRequest
    return (
        select(b.id, b.unit_id, Unit.name, b.since, b.until, b.purpose, b.made_by_id, b.made_at, func.count(r.id), func.count(r.issued_at))
        .join(Unit, Unit.id == b.unit_id)
        .outerjoin(r, r.batch_id == b.id)
        .group_by(b.id, Unit.name)
    )


def batch(batch_id: int) -> BatchRow | None:
    row = db.session.execute(select_batches().where(CertificateBatch.id == batch_id)).one_or_none()
    return BatchRow(*row) if row else None


def batches_of(unit_ids: Any) -> list[BatchRow]:
    found = select_batches().where(CertificateBatch.unit_id.in_(unit_ids)).order_by(CertificateBatch.id.desc()).limit(20)
    return [BatchRow(*row) for row in db.session.execute(found)]
