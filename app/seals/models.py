"""Seals of days: append-only as what they seal, chained one to the next by the database itself."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId


class Seal(Base):
    """One day that is over. `content` says what of each table it covers; `digest` is over that and over `previous`.

    A trigger takes a seal only for a later day than the last one and with the last one's digest as `previous`: the chain can not fork.
    """

    __tablename__ = "seal_entry"
    __table_args__ = (
        CheckConstraint("length(digest) = 64 AND length(previous) = 64 AND digest <> previous", name="digests"),
        UniqueConstraint("day", name="uq_seal_entry_day"),
        UniqueConstraint("previous", name="uq_seal_entry_previous"),
        UniqueConstraint("digest", name="uq_seal_entry_digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    sealed_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class SealPart(Base):
    """Up to a thousand rows of one table, read once. Which row it was that changed is told by its `marks`.

    Written one by one before the seal of its day, each in a transaction of its own; a trigger takes none for a day that is sealed.
    `seq` is also the lock: of two that seal at the same time one meets the other's. `late`: its rows came when their day was sealed.
    """

    __tablename__ = "seal_part_entry"
    __table_args__ = (
        CheckConstraint("seq >= 1 AND rows >= 1 AND length(digest) = 64", name="figures"),
        UniqueConstraint("sealed_table", "day", "seq", name="uq_seal_part_entry_sealed_table_day_seq"),
        Index("ix_seal_part_entry_day", "day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    day: Mapped[date]
    sealed_table: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int]
    rows: Mapped[int]
    late: Mapped[bool]
    columns: Mapped[str] = mapped_column(Text)
    marks: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class SealCheck(Base):
    """When the seals were last held against the tables, up to which day, and how many faults were found."""

    __tablename__ = "seal_check"
    __table_args__ = (CheckConstraint("faults >= 0", name="faults"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    last_day: Mapped[date]
    faults: Mapped[int]
