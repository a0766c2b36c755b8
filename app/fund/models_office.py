"""What the fund's office decides about itself, always by two people: restricted purposes, the limits, who stands in for whom."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, stored
from app.fund.money_rules import Verdict

STANDS = text("verdict IS NULL OR verdict = 'approved'")
OPEN = text("decided_at IS NULL")


def _two_people(maker: str) -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint(f"decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = {maker})", name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
    )


class FundPurpose(Base):
    """限定用途: money given or set aside for it goes to its projects and nowhere else. Asked for by one, opened by another."""

    __tablename__ = "fund_purpose"
    __table_args__ = (
        CheckConstraint("name <> '' AND words <> ''", name="words"),
        CheckConstraint("(verdict = 'approved') = (opened_on IS NOT NULL)", name="opened"),
        *_two_people("asked_by_id"),
        Index("uq_fund_purpose_name", "name", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(300))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    opened_on: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "purposeverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class FundPolicyProposal(Base):
    """本地规定 as somebody wants them from a day on; approved by another it becomes a FundPolicy."""

    __tablename__ = "fund_policy_proposal"
    __table_args__ = (
        CheckConstraint("second_above >= 0 AND minute_above >= second_above", name="limits"),
        CheckConstraint("reason <> '' AND how_to_give <> ''", name="words"),
        *_two_people("made_by_id"),
        Index("uq_fund_policy_proposal_open", "valid_from", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date]
    second_above: Mapped[int] = mapped_column(BigInteger)
    minute_above: Mapped[int] = mapped_column(BigInteger)
    how_to_give: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(200))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "policyverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class FundDelegation(Base):
    """代办: `to_id` takes steps for `from_id`, who is away from `first_on` to `last_on`, both in. Holds once the deputy has accepted."""

    __tablename__ = "fund_delegation"
    __table_args__ = (
        CheckConstraint("from_id <> to_id AND made_by_id <> to_id", name="two_people"),
        CheckConstraint("last_on >= first_on", name="dated"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
        Index("ix_fund_delegation_to", "to_id", "last_on"),
        Index("ix_fund_delegation_from", "from_id", "last_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
