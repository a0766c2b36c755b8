"""Certificates as they were issued, and what was said against them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.certificates.models import Certificate, CertificateRequest, CertificateRevocation
from app.certificates.rules import Content, State, Verdict, digest, state, thaw, unnamed
from app.core.db import db
from app.people.models import Person
from app.people.queries import records_of
from app.settings import queries as settings

SETTING = "certificates"  # {"publicise": true}: whether what was issued is shown to the members of the unit (民发〔2015〕149号)


def publicises() -> bool:
    return bool(settings.value(SETTING, {"publicise": True})["publicise"])


@dataclass(frozen=True)
class CertificateRow:
    """A certificate as it is stored. `content` is what it says only where `whole`; where `erased`, nothing in it tells who it was.

    `person_id` is the record it was issued to, `now_id` the one that it was merged into, else the same.
    """

    id: int
    request_id: int
    person_id: int
    unit_id: int
    number: str
    token: str
    frozen: str
    digest: str
    issued_at: datetime
    issuer_id: int
    issuer_name: str
    replaces_id: int | None
    shown_as_id: int
    replaced_by: str | None
    revoked_at: datetime | None
    revoked_reason: str
    revocation_asked: bool
    erased: bool
    now_id: int

    @cached_property
    def whole(self) -> bool:
        """The stored letters are those that were issued."""
        return digest(self.frozen) == self.digest

    @cached_property
    def content(self) -> Content:
        said = thaw(self.frozen)
        return unnamed(said) if self.erased else said

    @property
    def state(self) -> State:
        return state(whole=self.whole, revoked=self.revoked_at is not None, replaced=self.replaced_by is not None)


def _certificates() -> Select[*tuple[Any, ...]]:
    c, issuer, later, v = Certificate, aliased(Person), aliased(Certificate), CertificateRevocation
    holder = aliased(Person)
    return (
        select(
            *(c.id, c.request_id, c.person_id, c.unit_id, c.number, c.token, c.content, c.digest, c.issued_at, c.issued_by_id),
            *(issuer.name, c.replaces_id, func.coalesce(c.shown_as_id, c.id), later.number),
            *(case((v.verdict == Verdict.CONFIRMED, v.decided_at)), func.coalesce(v.reason, "")),
            *(and_(v.id.is_not(None), v.verdict.is_(None)), holder.erased_at.is_not(None)),
            func.coalesce(holder.became_id, c.person_id),
        )
        .join(holder, holder.id == c.person_id)
        .join(issuer, issuer.id == c.issued_by_id)
        .outerjoin(later, later.replaces_id == c.id)
        .outerjoin(v, and_(v.certificate_id == c.id, or_(v.verdict.is_(None), v.verdict == Verdict.CONFIRMED)))
    )


def _read(*where: ColumnElement[bool]) -> CertificateRow | None:
    row = db.session.execute(_certificates().where(*where)).one_or_none()
    return CertificateRow(*row) if row else None


def certificate(certificate_id: int) -> CertificateRow | None:
    return _read(Certificate.id == certificate_id)


def numbered(number: str) -> CertificateRow | None:
    """One query, whether there is such a number or not."""
    return _read(Certificate.number == number)


def certificates_of(person_id: int) -> list[CertificateRow]:
    """Somebody's, those issued to a record that was merged into theirs among them."""
    found = _certificates().where(Certificate.person_id.in_(records_of(person_id))).order_by(Certificate.id.desc())
    return [CertificateRow(*row) for row in db.session.execute(found)]


def issued_by_units(unit_ids: Any, year: int) -> list[CertificateRow]:
    """Everything that these units issued in a year, in the order of their numbers."""
    found = _certificates().where(Certificate.unit_id.in_(unit_ids), Certificate.year == year)
    return [CertificateRow(*row) for row in db.session.execute(found.order_by(Certificate.unit_id, Certificate.seq))]


def latest_of_units(unit_ids: Any, year: int, *, limit: int, start: int = 0) -> list[CertificateRow]:
    """The same, the latest first, a part of it."""
    found = _certificates().where(Certificate.unit_id.in_(unit_ids), Certificate.year == year)
    return [CertificateRow(*row) for row in db.session.execute(found.order_by(Certificate.id.desc()).limit(limit).offset(start))]


def count_of_units(unit_ids: Any, year: int) -> int:
    return db.session.scalar(select(func.count()).where(Certificate.unit_id.in_(unit_ids), Certificate.year == year)) or 0


def shown_together(certificate_id: int) -> list[CertificateRow]:
    """Those whose 公示 stands under this one, itself first."""
    found = _certificates().where(or_(Certificate.id == certificate_id, Certificate.shown_as_id == certificate_id))
    return [CertificateRow(*row) for row in db.session.execute(found.order_by(Certificate.id))]


def years(unit_ids: Any) -> list[int]:
    return list(
        db.session.scalars(select(Certificate.year).where(Certificate.unit_id.in_(unit_ids)).distinct().order_by(Certificate.year.desc()))
    )


def issued_of_batch(batch_id: int) -> list[CertificateRow]:
    of = select(CertificateRequest.id).where(CertificateRequest.batch_id == batch_id)
    found = _certificates().where(Certificate.request_id.in_(of)).order_by(Certificate.seq)
    return [CertificateRow(*row) for row in db.session.execute(found)]


@dataclass(frozen=True)
class RevocationRow:
    """`person_id` is whose certificate it is now, also where it was issued to a record that was merged into theirs."""

    id: int
    certificate_id: int
    unit_id: int
    number: str
    person_id: int
    person_name: str
    reason: str
    asker_id: int
    asker_name: str
    asked_at: datetime
    verdict: Verdict | None


def select_revocations() -> Select[*tuple[Any, ...]]:
    v, asker = CertificateRevocation, aliased(Person)
    return (
        select(
            *(v.id, v.certificate_id, v.unit_id, Certificate.number, func.coalesce(Person.became_id, Certificate.person_id), Person.name),
            *(v.reason, v.asked_by_id, asker.name, v.asked_at, v.verdict),
        )
        .join(Certificate, Certificate.id == v.certificate_id)
        .join(Person, Person.id == Certificate.person_id)
        .join(asker, asker.id == v.asked_by_id)
    )


def revocation(revocation_id: int) -> RevocationRow | None:
    row = db.session.execute(select_revocations().where(CertificateRevocation.id == revocation_id)).one_or_none()
    return RevocationRow(*row) if row else None


def revocation_waiting(certificate_id: int) -> RevocationRow | None:
    waiting = select_revocations().where(CertificateRevocation.certificate_id == certificate_id, CertificateRevocation.verdict.is_(None))
    row = db.session.execute(waiting).one_or_none()
    return RevocationRow(*row) if row else None
