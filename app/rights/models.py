"""Requests about one's own data, and who was erased."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.rights.rules import How, Kind, Verdict

OPEN = text("verdict IS NULL")


class RightsRequest(Base):
    """Asked for by the person, by their guardian or for them by who wrote it down; decided by somebody else, once.

    `wanted` is what a correction is to change: name, gender, birth_date, phone, instead_of (of a phone). The words go when the person is
    erased; the rest says what was asked and answered when.
    """

    __tablename__ = "rights_request"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint(
            "decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id IN (person_id, asked_by_id))", name="two_people"
        ),
        CheckConstraint("verdict <> 'refused' OR answer <> ''", name="answer"),
        CheckConstraint("(how = 'own') = (asked_by_id = person_id)", name="asked"),
        CheckConstraint("(how <> 'guardian') = (guardian_name = '')", name="guardian"),
        Index("uq_rights_request_open", "person_id", "kind", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_rights_request_unit", "unit_id", "decided_at"),
        Index("ix_rights_request_due", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[Kind] = mapped_column(stored(Kind, "requestkind"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # whose people decide
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    how: Mapped[How] = mapped_column(stored(How, "askedhow"))
    guardian_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    words: Mapped[str] = mapped_column(String(300), default="", server_default="")
    wanted: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "requestverdict"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(String(300), default="", server_default="")


class Erasure(Base):
    """Who was erased, so that it is done again after an older backup came back. Append-only.

    `recorded_at` is when the person had been recorded: with the id it says that a record of another database is another one.
    """

    __tablename__ = "erasure_entry"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    erased_at: Mapped[datetime]
    request_id: Mapped[int | None] = mapped_column(ForeignKey("rights_request.id"))
