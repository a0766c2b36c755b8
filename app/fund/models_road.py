"""What a project's road is paved with: calls for proposals, its contract, and the instalments its grants are paid in."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, stored
from app.fund.rules import ProjectKind
from app.fund.stage_rules import After, Criterion

WEIGHTS_ADD_UP = " + ".join(Criterion) + " = 100"
WEIGHTS_WHOLE = " AND ".join(f"{criterion} >= 0" for criterion in Criterion)


class FundCall(Base):
    """征集: projects of one kind, from a day to a day. Drafted by one, published by another, and from then on it never changes.

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


class FundContract(Base):
    """协议 of a project: `fen` is what was agreed, within the budget. Put in while the project is 已立项, fixed once it runs."""

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
    """One of the payments that a contract is granted in, in the order of `place`; together they are the contract's sum."""

    __tablename__ = "fund_instalment"
    __table_args__ = (UniqueConstraint("project_id", "place"), CheckConstraint("fen > 0 AND place > 0", name="fen"))

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_contract.project_id"))
    place: Mapped[int]
    fen: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date]
    after: Mapped[After] = mapped_column(stored(After, "fundinstalmentafter"))
    words: Mapped[str] = mapped_column(String(120), default="")  # the condition in words
