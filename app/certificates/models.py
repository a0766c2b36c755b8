"""Certificates: what is asked for, what was issued and stays, and what was taken back."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.certificates.rules import DocumentKind, Ending, Verdict
from app.core.db import Base, stored

OPEN = text("ended_at IS NULL AND issued_at IS NULL")
STANDING = text("verdict IS NULL OR verdict = 'confirmed'")


class CertificateBatch(Base):
    """Requests that a unit made for its members at once; whoever made it has accepted them."""

    __tablename__ = "certificate_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(60))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class CertificateRequest(Base):
    """申请: accepted by one (经办人), issued by another, or returned, or withdrawn. Each a dated fact, written once; then it stays.

    `unit_id` is who issues. `document_hash` is keyed, the number itself is nowhere. `replaces_id`: the certificate it takes the place of.
    """

    __tablename__ = "certificate_request"
    __table_args__ = (
        CheckConstraint("until >= since", name="period"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", name="accepted"),
        CheckConstraint("accepted_by_id IS NULL OR accepted_by_id <> person_id", name="not_for_oneself"),
        CheckConstraint("accepted_at IS NULL OR contact <> ''", name="contact"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL) AND (ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
        CheckConstraint("ending <> 'returned' OR end_reason <> ''", name="end_reason"),
        CheckConstraint("issued_at IS NULL OR (accepted_at IS NOT NULL AND ended_at IS NULL)", name="issued"),
        CheckConstraint(
            "(document_kind IS NULL) = (document_masked = '') AND (document_kind IS NULL) = (document_hash = '')", name="document"
        ),
        Index("ix_certificate_request_unit", "unit_id", "issued_at", "ended_at"),
        Index("ix_certificate_request_person", "person_id", "made_at"),
        Index(
            "uq_certificate_request_open",
            *("person_id", "unit_id", "since", "until"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_batch.id"), index=True)
    replaces_id: Mapped[int | None]  # of a certificate; the trigger that lets one be written compares it
    since: Mapped[date]
    until: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(60))
    document_kind: Mapped[DocumentKind | None]
    document_masked: Mapped[str] = mapped_column(String(40), default="", server_default="")
    document_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    contact: Mapped[str] = mapped_column(String(40), default="", server_default="")
    notes: Mapped[str] = mapped_column(String(200), default="", server_default="")
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ending: Mapped[Ending | None]
    end_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")


class CertificateCounter(Base):
    """The last number of a unit in a year. Its row is locked while a certificate is written, and falls back with it: no gap."""

    __tablename__ = "certificate_counter"
    __table_args__ = (CheckConstraint("last > 0", name="last"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Certificate(Base):
    """A certificate as it was issued. Append-only; `content` is JSON, `digest` the SHA-256 of its very letters.

    `token` is in the printed code and opens the whole content. The database gives numbers without a gap, and refuses an issuer who is
    its holder or its handler. `shown_as_id`: the certificate under which the 公示 of several stands.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("length(digest) = 64", name="digest"),
        CheckConstraint("length(token) >= 22", name="token"),
        CheckConstraint("issued_by_id <> person_id", name="not_for_oneself"),
        UniqueConstraint("unit_id", "year", "seq"),
        UniqueConstraint("number"),
        UniqueConstraint("token"),
        UniqueConstraint("request_id"),
        UniqueConstraint("replaces_id"),
        Index("ix_certificate_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("certificate_request.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    seq: Mapped[int]
    number: Mapped[str] = mapped_column(String(24))
    token: Mapped[str] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    shown_as_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))


class CertificateRevocation(Base):
    """撤销: one asks with a reason, another decides. One that waits or is confirmed stands in the way of a second."""

    __tablename__ = "certificate_revocation"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("verdict <> 'refused' OR answer <> ''", name="answer"),
        Index("ix_certificate_revocation_unit", "unit_id", "decided_at"),
        Index("uq_certificate_revocation_standing", "certificate_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "certificateverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
