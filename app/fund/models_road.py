"""What a project's road is paved with: calls for proposals, its contract, and the instalments its grants are paid in.

A published call and a contract that runs never change by themselves: what changes them is a row of its own, asked for by one and
decided by another. Triggers (migrations 0046 and 0058) see to it that they follow these rows and nothing else.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, stored
from app.fund.money_rules import Verdict
from app.fund.rules import ProjectKind
from app.fund.stage_rules import After, Criterion

WEIGHTS_ADD_UP = " + ".join(Criterion) + " = 100"
WEIGHTS_WHOLE = " AND ".join(f"{criterion} >= 0" for criterion in Criterion)
OPEN = text("decided_at IS NULL")
STANDS = text("verdict IS NULL OR verdict = 'approved'")


def _two_people() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = made_by_id)", name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
    )


class FundCall(Base):
    """征集: projects of one kind, from a day to a day. Drafted by one, published by another; from then on see FundCallChange.

    `cap` in fen is the most that one project may ask for. The criteria are their weights in a panel's scores. A trigger refuses a
    project that is sent before the first or after the last day.
    """

    __tablename__ = "fund_call"
    __table_args__ = (
        CheckConstraint("closes_on >= opens_on", name="dated"),
        CheckConstraint("cap > 0", name="cap"),
        CheckConstraint("kind IN ('care', 'micro')", name="scored"),
        CheckConstraint(f"{WEIGHTS_WHOLE} AND {WEIGHTS_ADD_UP}", name="weights"),
        CheckConstraint("(published_at IS NULL) = (published_by_id IS NULL)", name="published"),
        CheckConstraint("published_by_id IS NULL OR published_by_id <> made_by_id", name="two_people"),
        Index("ix_fund_call_open", "closes_on", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ProjectKind]
    title: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(String(2000))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    cap: Mapped[int | None] = mapped_column(BigInteger)
    need: Mapped[int]
    fit: Mapped[int]
    participation: Mapped[int]
    feasibility: Mapped[int]
    novelty: Mapped[int]
    durability: Mapped[int]
    budget: Mapped[int]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]


class FundCallChange(Base):
    """A published call stays open until a later day, or (`closes_on` None) is withdrawn. `was_on` is its last day before."""

    __tablename__ = "fund_call_change"
    __table_args__ = (
        CheckConstraint("closes_on > was_on", name="longer"),
        CheckConstraint("reason <> ''", name="reason"),
        *_two_people(),
        Index("uq_fund_call_change_open", "call_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("fund_call.id"), index=True)
    was_on: Mapped[date]
    closes_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "callchangeverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")


class FundContract(Base):
    """协议 of a project: `fen` is what was agreed first, within the budget. Put in while the project is 已立项, fixed once it runs; from
    then on see FundAmendment.
    """

    __tablename__ = "fund_contract"
    __table_args__ = (CheckConstraint("fen > 0", name="fen"), CheckConstraint("number <> '' AND party <> ''", name="words"))

    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    signed_on: Mapped[date]
    party: Mapped[str] = mapped_column(String(80))  # an organisation; not public
    fen: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class FundInstalment(Base):
    """One of the payments that a contract is granted in, in the order of `place`; together they are the sum agreed on last.

    `dropped_by_id`: the amendment that left it out.
    """

    __tablename__ = "fund_instalment"
    __table_args__ = (UniqueConstraint("project_id", "place"), CheckConstraint("fen > 0 AND place > 0", name="fen"))

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_contract.project_id"))
    place: Mapped[int]
    fen: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date]
    after: Mapped[After] = mapped_column(stored(After, "fundinstalmentafter"))
    words: Mapped[str] = mapped_column(String(120), default="")  # the condition in words
    dropped_by_id: Mapped[int | None] = mapped_column(ForeignKey("fund_amendment.id"))


class FundAmendment(Base):
    """补充协议: from its approval on, `fen` and its parts take the place of what was agreed before, which `replaced` keeps as it was."""

    __tablename__ = "fund_amendment"
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("number <> '' AND reason <> ''", name="words"),
        *_two_people(),
        Index("uq_fund_amendment_open", "project_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("uq_fund_amendment_number", "number", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_contract.project_id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    signed_on: Mapped[date]
    fen: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "amendmentverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    replaced: Mapped[dict[str, Any]] = mapped_column(default=dict)


class FundAmendmentPart(Base):
    """The instalment at `place` as the amendment has it; a place without one is left out. Append-only."""

    __tablename__ = "fund_amendment_part"
    __table_args__ = (CheckConstraint("fen > 0 AND place > 0", name="fen"),)

    amendment_id: Mapped[int] = mapped_column(ForeignKey("fund_amendment.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    fen: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date]
    after: Mapped[After] = mapped_column(stored(After, "fundamendmentafter"))
    words: Mapped[str] = mapped_column(String(120), default="")
