"""What the fund's office decides about itself, always by two people: restricted purposes, the limits, who stands in for whom."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, stored
from app.fund.money_rules import Verdict

SUMS = "sum_days BETWEEN 0 AND 366 AND (sum_days > 0 OR NOT sum_lines)"
STANDS = text("verdict IS NULL OR verdict = 'approved'")
OPEN = text("decided_at IS NULL")


def _two_people(maker: str) -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint(f"decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = {maker})", name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
    )


class FundPolicy(Base):
    """本地规定: limits in fen and how to give, in force from a day. The latest begun holds; never edited.

    What is asked for within `sum_days` for one project and one payee counts together against the limits; with `sum_lines` also what is
    asked for on one line of its budget. 0 days: each payment by itself.
    """

    __tablename__ = "fund_policy"
    __table_args__ = (
        CheckConstraint("second_above >= 0 AND minute_above >= second_above", name="limits"),
        CheckConstraint(SUMS, name="sums"),
        Index("uq_fund_policy_proposal_id", "proposal_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(unique=True)
    second_above: Mapped[int] = mapped_column(BigInteger)
    minute_above: Mapped[int] = mapped_column(BigInteger)
    how_to_give: Mapped[str] = mapped_column(Text)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("fund_policy_proposal.id"))  # none: shipped with the software
    sum_days: Mapped[int] = mapped_column(default=30, server_default="30")
    sum_lines: Mapped[bool] = mapped_column(default=False, server_default=false())


class FundPurpose(Base):
    """限定用途: money given or set aside for it goes to its projects and nowhere else. Asked for by one, opened by another.

    `closed_on` follows the last approved FundPurposeTurn: nothing comes to a closed purpose and nothing leaves it.
    """

    __tablename__ = "fund_purpose"
    __table_args__ = (
        CheckConstraint("name <> '' AND words <> ''", name="words"),
        CheckConstraint("(verdict = 'approved') = (opened_on IS NOT NULL)", name="opened"),
        CheckConstraint("closed_on IS NULL OR opened_on IS NOT NULL", name="closed"),
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
    closed_on: Mapped[date | None]


class FundPurposeTurn(Base):
    """A purpose is to be closed, its money used up, or (not `closes`) opened again: asked for by one, decided by another."""

    __tablename__ = "fund_purpose_turn"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        *_two_people("asked_by_id"),
        Index("uq_fund_purpose_turn_open", "purpose_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose_id: Mapped[int] = mapped_column(ForeignKey("fund_purpose.id"), index=True)
    closes: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "purposeturnverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class FundPolicyProposal(Base):
    """本地规定 as somebody wants them from a day on; approved by another it becomes a FundPolicy."""

    __tablename__ = "fund_policy_proposal"
    __table_args__ = (
        CheckConstraint("second_above >= 0 AND minute_above >= second_above", name="limits"),
        CheckConstraint("reason <> '' AND how_to_give <> ''", name="words"),
        CheckConstraint(SUMS, name="sums"),
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
    sum_days: Mapped[int] = mapped_column(default=30, server_default="30")
    sum_lines: Mapped[bool] = mapped_column(default=False, server_default=false())


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
