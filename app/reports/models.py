"""Reports as they stood at their cut-off, who sent them up, and figures from before this site. All of it append-only."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.reports.figure_rules import Figure


class ReportEntry(Base):
    """上报快照 of one unit and period. `content` holds figures and their definitions, `digest` its SHA-256 (rules.digest).

    `version` counts from 1. Without `made_by_id` it was made by schedule.
    """

    __tablename__ = "report_entry"
    __table_args__ = (
        UniqueConstraint("unit_id", "period", "version"),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("length(period) IN (4, 7)", name="period"),
        CheckConstraint("length(digest) = 64", name="digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    period: Mapped[str] = mapped_column(String(7))  # 2026-10, 2026
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    cut_off_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ReportSendingEntry(Base):
    """It was sent up, by somebody else than who made it: a trigger refuses the same person."""

    __tablename__ = "report_sending_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report_entry.id"), unique=True)
    sent_at: Mapped[datetime]
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")


class OpeningFigureEntry(Base):
    """历史数据: what a figure of 数读 was by a day, from before this site. Without `amount` it takes back what stood.

    Of each figure the newest that somebody else confirmed stands.
    """

    __tablename__ = "opening_figure_entry"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"), CheckConstraint("source <> ''", name="source"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    figure: Mapped[Figure]
    amount: Mapped[int | None] = mapped_column(BigInteger)  # in the figure's own unit; money in fen, hours in minutes
    as_of: Mapped[date]
    source: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class OpeningWordEntry(Base):
    """A second administrator confirmed an opening figure, or refused it. A trigger refuses the one who recorded it."""

    __tablename__ = "opening_word_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    opening_id: Mapped[int] = mapped_column(ForeignKey("opening_figure_entry.id"), unique=True)
    confirmed: Mapped[bool]
    said_at: Mapped[datetime]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
