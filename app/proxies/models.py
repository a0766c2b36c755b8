"""代办: who acts for whom, and requests that still wait for the other's yes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, stored
from app.proxies.rules import Agreement, Answer, Relation

OPEN = text("valid_to IS NULL")
WAITING = text("answered_at IS NULL AND proxy_id IS NOT NULL")


class Proxy(Base):
    """`proxy_id` acts for `person_id` from `valid_from` (when the later of the two agreed) until somebody ended it.

    A row is made only when both have agreed. In person it is made by staff, who is neither of the two.
    """

    __tablename__ = "proxy"
    __table_args__ = (
        Index("uq_proxy_open", "person_id", "proxy_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_proxy_proxy", "proxy_id", "valid_to"),
        CheckConstraint("person_id <> proxy_id", name="not_oneself"),
        CheckConstraint("person_agreed <> 'in_person' OR (made_by_id <> person_id AND made_by_id <> proxy_id)", name="witnessed"),
        CheckConstraint("person_agreed <> 'own_phone' OR made_by_id = person_id", name="own_phone"),
        CheckConstraint("(valid_to IS NULL) = (ended_by_id IS NULL)", name="ended"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dated"),
        CheckConstraint("person_agreed_at <= valid_from AND proxy_agreed_at <= valid_from", name="agreed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proxy_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    relation: Mapped[Relation]
    person_agreed: Mapped[Agreement] = mapped_column(stored(Agreement, "person_agreed"))
    person_agreed_at: Mapped[datetime]
    proxy_agreed_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ProxyRequest(Base):
    """A person asked somebody, by name and number, to act for them.

    `proxy_id` is whom it reached; NULL where nobody has that name and number. To the one who asked both look alike, also when
    the other declined: `answered_at` is set by an answer or a withdrawal only.
    """

    __tablename__ = "proxy_request"
    __table_args__ = (
        Index("uq_proxy_request_waiting", "person_id", "proxy_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_proxy_request_person", "person_id", "answered_at"),
        Index("ix_proxy_request_proxy", "proxy_id", "answered_at"),
        CheckConstraint("proxy_id IS NULL OR person_id <> proxy_id", name="not_oneself"),
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proxy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(20))  # as typed
    tail: Mapped[str] = mapped_column(String(4))  # of the number typed
    relation: Mapped[Relation]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[Answer | None]
