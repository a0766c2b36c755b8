"""Bank accounts, statements with their lines, and what became of each line. Lines are append-only; triggers (0048, 0057) keep
the running balance, the periods, the amounts and the people apart.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.fund.money_rules import Verdict

LIVE = text("ended_at IS NULL")
STANDS = text("ended_at IS NULL AND (verdict IS NULL OR verdict = 'approved')")
VALID = text("voided_at IS NULL")
NOT_ENDED = text("NOT ended")


class BankAccount(Base):
    """An account at a bank, by a name and the last digits of its number; the whole number is not kept."""

    __tablename__ = "bank_account"
    __table_args__ = (CheckConstraint("name <> ''", name="name"), UniqueConstraint("name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    tail: Mapped[str] = mapped_column(String(4), default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class BankPreview(Base):
    """A file that was read and not yet brought in: all of its rows, and every fault. Goes when it is brought in, dropped, or a week old."""

    __tablename__ = "bank_preview"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    titles: Mapped[list[Any]]
    rows: Mapped[list[Any]]  # as `reading.Row.kept`; of a file with faults the refused rows, as they were sent
    faults: Mapped[list[Any]]  # [row, [[column, read, expected], …]]
    count: Mapped[int]
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    opening: Mapped[int] = mapped_column(BigInteger)
    closing: Mapped[int] = mapped_column(BigInteger)
    notes: Mapped[list[Any]]


class BankStatement(Base):
    """A period of an account, without a gap in its balance: from `opening` through its lines to `closing`, in fen."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="dated"),
        CheckConstraint("lines > 0", name="lines"),
        CheckConstraint(
            "(voided_at IS NULL) = (voided_by_id IS NULL) AND (voided_at IS NULL) = (void_reason = '')",
            name="voided",
        ),
        Index("uq_bank_statement_digest", "digest", unique=True, sqlite_where=VALID, postgresql_where=VALID),
        Index("ix_bank_statement_account", "account_id", "first_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_account.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))
    first_on: Mapped[date]
    last_on: Mapped[date]
    opening: Mapped[int] = mapped_column(BigInteger)
    closing: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    void_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")


class BankLineEntry(Base):
    """One line as the bank wrote it; `fen` is above zero for what came in. Append-only."""

    __tablename__ = "bank_line_entry"
    __table_args__ = (
        UniqueConstraint("statement_id", "seq"),
        CheckConstraint("fen <> 0", name="fen"),
        Index("ix_bank_line_entry_day", "booked_on"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"))
    seq: Mapped[int]
    booked_on: Mapped[date]
    fen: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    party: Mapped[str] = mapped_column(String(80), default="")
    reference: Mapped[str] = mapped_column(String(60), default="")
    memo: Mapped[str] = mapped_column(String(120), default="")


class BankMatch(Base):
    """This line is that request: same amount, said by somebody who neither paid it nor noted it. Ended once, with why."""

    __tablename__ = "bank_match"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name="ended"),
        Index("uq_bank_match_line", "line_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("uq_bank_match_request", "request_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_bank_match_of_line", "line_id"),
        CheckConstraint("for_id IS NULL OR for_id <> made_by_id", name="deputy"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_line_entry.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("fund_request.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whom a deputy stood in for


class BankGroup(Base):
    """These lines together are those requests together, `fen` on both sides: a payment in parts, or one line for many.

    Ended once, with why. Inserted after its members, whose keys wait for it, so that there is never half of one.
    """

    __tablename__ = "bank_group"
    __table_args__ = (
        CheckConstraint("lines > 0 AND requests > 0 AND lines + requests > 2", name="several"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name="ended"),
        CheckConstraint("for_id IS NULL OR for_id <> made_by_id", name="deputy"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[int]
    requests: Mapped[int]
    fen: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whom a deputy stood in for
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")


class BankGroupLine(Base):
    """A line of a group; a trigger ends it with the group."""

    __tablename__ = "bank_group_line"
    __table_args__ = (
        Index("uq_bank_group_line_live", "line_id", unique=True, sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED),
        Index("ix_bank_group_line_of", "line_id"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("bank_group.id", deferrable=True, initially="DEFERRED"), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_line_entry.id"), primary_key=True)
    ended: Mapped[bool] = mapped_column(default=False, server_default=false())


class BankGroupRequest(Base):
    """A request of a group; a trigger ends it with the group."""

    __tablename__ = "bank_group_request"
    __table_args__ = (
        Index("uq_bank_group_request_live", "request_id", unique=True, sqlite_where=NOT_ENDED, postgresql_where=NOT_ENDED),
        Index("ix_bank_group_request_of", "request_id"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("bank_group.id", deferrable=True, initially="DEFERRED"), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("fund_request.id"), primary_key=True)
    ended: Mapped[bool] = mapped_column(default=False, server_default=false())


class BankAside(Base):
    """Not the fund's (interest, a fee, the office's own business): asked for by one, agreed to by another. Ended once, with why."""

    __tablename__ = "bank_aside"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL) AND (decided_at IS NULL) = (verdict IS NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR (verdict = 'withdrawn') = (decided_by_id = asked_by_id)", name="two_people"),
        CheckConstraint("verdict <> 'returned' OR answer <> ''", name="answer"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name="ended"),
        CheckConstraint("ended_at IS NULL OR verdict = 'approved'", name="stood"),
        Index("uq_bank_aside_line", "line_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_bank_aside_of_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("bank_line_entry.id"))
    reason: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[Verdict | None] = mapped_column(stored(Verdict, "bankasideverdict"))
    answer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
