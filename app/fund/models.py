"""The fund's accounts, the ledger of movements, requests and their steps, projects and what they achieved.

Triggers (migrations 0011, 0045 and 0056) keep `FundAccount.balance`, `FundRequest.state` and `FundProject.stage` from the append-only rows,
number vouchers without a gap, and refuse a movement without a request that was decided by two people.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId, stored
from app.fund.rules import AccountKind, MoneySource, MovementKind, ProjectKind, RequestKind, Stage, Step

REVERSAL = text("reverses_id IS NOT NULL")  # SQLite's statistics of the unique index count its NULLs


class FundCounter(Base):
    """The last number given out, by series. Its row is the lock of the fund: whoever posts takes it first."""

    __tablename__ = "fund_counter"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class FundProject(Base):
    """A project with its own account. `stage` follows FundStageEntry; drafts are not public."""

    __tablename__ = "fund_project"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="dated"),
        CheckConstraint("(source = 'other') = (source_name <> '')", name="source_name"),
        CheckConstraint("source = 'fund' OR purpose_id IS NULL", name="own"),
        Index("ix_fund_project_stage", "stage", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[ProjectKind]
    source: Mapped[MoneySource]
    name: Mapped[str] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(String(400))
    area: Mapped[str] = mapped_column(String(60))
    beneficiaries: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    stage: Mapped[Stage] = mapped_column(stored(Stage, "fundstage"), default=Stage.DRAFT)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("fund_call.id"), index=True)  # the 征集 it answers
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who stands for it, where somebody else keyed it in
    past_batch_id: Mapped[int | None] = mapped_column(index=True)  # the import it came with: 历史数据·未附凭证
    purpose_id: Mapped[int | None] = mapped_column(ForeignKey("fund_purpose.id"), index=True)  # whose restricted money it may receive
    source_name: Mapped[str] = mapped_column(String(60), default="", server_default="")  # of other money


class FundBudgetLine(Base):
    """One line of a project's budget; fixed from the moment the project is sent for approval."""

    __tablename__ = "fund_budget_line"
    __table_args__ = (UniqueConstraint("project_id", "name"), CheckConstraint("fen > 0", name="fen"))

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    place: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    fen: Mapped[int] = mapped_column(BigInteger)


class FundDraftEntry(Base):
    """Somebody wrote or changed a draft: whoever did decides nothing about the project. Append-only."""

    __tablename__ = "fund_draft_entry"
    __table_args__ = (Index("ix_fund_draft_entry_project", "project_id", "by_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class FundStageEntry(Base):
    """A change of a project's stage, by whom (a deputy `for_id` somebody away) and why. Append-only; nobody approves what they sent."""

    __tablename__ = "fund_stage_entry"
    __table_args__ = (
        UniqueConstraint("project_id", "seq"),
        CheckConstraint("for_id IS NULL OR (for_id <> by_id AND seq > 1 AND stage NOT IN ('applied', 'final'))", name="deputy"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    seq: Mapped[int]
    stage: Mapped[Stage] = mapped_column(stored(Stage, "fundstage"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(400), default="")
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class FundAccount(Base):
    """`balance` in fen is kept by the movements' trigger alone. Outside accounts mirror what came in and went out."""

    __tablename__ = "fund_account"
    __table_args__ = (
        CheckConstraint("kind = 'outside' OR balance >= 0", name="no_debt"),
        CheckConstraint("(kind IN ('project', 'other')) = (project_id IS NOT NULL)", name="project"),
        CheckConstraint("(kind = 'restricted') = (purpose_id IS NOT NULL)", name="purpose"),
        Index("uq_fund_account_purpose_id", "purpose_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[AccountKind] = mapped_column(stored(AccountKind, "fundaccountkind"))
    name: Mapped[str] = mapped_column(String(60))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("fund_project.id"), unique=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    purpose_id: Mapped[int | None] = mapped_column(ForeignKey("fund_purpose.id"))


class FundRequest(Base):
    """What somebody asks to be booked: `fen` from one account to another. Its substance never changes; the steps decide.

    `state`, `steps` and `last_by_id` follow FundStepEntry. `unit_id` is whose people decide: the project's unit, or the
    subdistrict for the fund itself. A request of kind `figure` reverses a 服务人次 and moves no money.
    """

    __tablename__ = "fund_request"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'figure') = (fen IS NULL) AND (fen IS NULL) = (from_account_id IS NULL) AND (fen IS NULL) = (to_account_id IS NULL)",
            name="money",
        ),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("(kind IN ('payment', 'refund', 'past_spending')) = (budget_line_id IS NOT NULL)", name="line"),
        CheckConstraint("(kind = 'correction') = (corrects_id IS NOT NULL)", name="corrects"),
        CheckConstraint("(kind = 'figure') = (service_id IS NOT NULL)", name="service"),
        CheckConstraint("(kind = 'refund') = (refunds_id IS NOT NULL)", name="refunds"),
        CheckConstraint("(kind <> 'transfer' OR needs_minute) AND (NOT needs_minute OR minute_ref <> '')", name="minute"),
        CheckConstraint("kind NOT IN ('correction', 'figure', 'transfer') OR explanation <> ''", name="explanation"),
        Index("ix_fund_request_state", "state", "unit_id"),
        Index("ix_fund_request_project", "project_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[RequestKind] = mapped_column(stored(RequestKind, "fundrequestkind"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("fund_project.id"))
    budget_line_id: Mapped[int | None] = mapped_column(ForeignKey("fund_budget_line.id"))
    from_account_id: Mapped[int | None] = mapped_column(ForeignKey("fund_account.id"))
    to_account_id: Mapped[int | None] = mapped_column(ForeignKey("fund_account.id"))
    fen: Mapped[int | None] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(80))  # public once it is booked
    counterparty: Mapped[str] = mapped_column(String(60), default="")  # donor or payee; not public
    public_name: Mapped[str] = mapped_column(String(60), default="")  # the donor as they agreed to be named; "" without consent
    reference: Mapped[str] = mapped_column(String(60), default="")  # invoice, or the bank's receipt of a donation
    minute_ref: Mapped[str] = mapped_column(String(60), default="")
    explanation: Mapped[str] = mapped_column(String(300), default="")  # of a correction or a transfer; public
    happened_on: Mapped[date | None]  # when a donation or a refund arrived; of which day an opening or an entry of the past is
    needs_second: Mapped[bool] = mapped_column(default=False)
    needs_minute: Mapped[bool] = mapped_column(default=False)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("fund_request.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("fund_service_entry.id"), index=True)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime]
    form_key: Mapped[str | None] = mapped_column(String(32), unique=True)  # of the page it was sent from: sent twice is once
    state: Mapped[Step | None] = mapped_column(stored(Step, "fundstep"))
    steps: Mapped[int] = mapped_column(default=0)
    last_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    refunds_id: Mapped[int | None] = mapped_column(ForeignKey("fund_request.id"), index=True)  # the payment that came back
    instalment_id: Mapped[int | None] = mapped_column(ForeignKey("fund_instalment.id"), index=True)  # of a grant, always


class FundStepEntry(Base):
    """A step that somebody took, as a deputy `for_id` somebody away. Append-only; a trigger checks the order and the people too."""

    __tablename__ = "fund_step_entry"
    __table_args__ = (
        UniqueConstraint("request_id", "seq"),
        CheckConstraint("step <> 'paid' OR reference <> ''", name="reference"),
        CheckConstraint("step NOT IN ('returned', 'mismatch', 'answered') OR note <> ''", name="note"),
        CheckConstraint(
            "for_id IS NULL OR (for_id <> by_id AND step NOT IN ('requested', 'withdrawn', 'corrected'))",
            name="deputy",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("fund_request.id"))
    seq: Mapped[int]
    step: Mapped[Step] = mapped_column(stored(Step, "fundstep"))
    at: Mapped[datetime]
    happened_on: Mapped[date]  # the bank's day, when paid
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reference: Mapped[str] = mapped_column(String(60), default="")  # the bank's number, when paid
    note: Mapped[str] = mapped_column(String(300), default="")
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class FundMovementEntry(Base):
    """`fen` went from one account to another: balanced by construction. Append-only.

    Rows with one `voucher_no` are one entry; vouchers are numbered from 1 without a gap. A correction is the mirrored row that
    names what it `reverses_id`, keeps its kind and its budget line, and carries the published explanation as `memo`.
    """

    __tablename__ = "fund_movement_entry"
    __table_args__ = (
        UniqueConstraint("voucher_no", "line_no"),
        UniqueConstraint("request_id", "line_no"),
        CheckConstraint("fen > 0", name="fen"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
        CheckConstraint("approved_by_id <> made_by_id", name="two_people"),
        CheckConstraint("voucher_no > 0 AND line_no > 0", name="numbers"),
        CheckConstraint("reverses_id IS NULL OR memo <> ''", name="explanation"),
        CheckConstraint("kind <> 'spending' OR budget_line_id IS NOT NULL", name="line"),
        Index("ix_fund_movement_entry_from", "from_account_id", "booked_on"),
        Index("ix_fund_movement_entry_to", "to_account_id", "booked_on"),
        Index("ix_fund_movement_entry_line", "budget_line_id"),
        Index("ix_fund_movement_entry_day", "booked_on", "voucher_no"),
        Index("ix_fund_movement_entry_reverses", "reverses_id", sqlite_where=REVERSAL, postgresql_where=REVERSAL),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    voucher_no: Mapped[int] = mapped_column(BigInteger)
    line_no: Mapped[int]
    kind: Mapped[MovementKind] = mapped_column(stored(MovementKind, "fundmovementkind"))
    from_account_id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"))
    to_account_id: Mapped[int] = mapped_column(ForeignKey("fund_account.id"))
    fen: Mapped[int] = mapped_column(BigInteger)
    budget_line_id: Mapped[int | None] = mapped_column(ForeignKey("fund_budget_line.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("fund_request.id"))
    booked_on: Mapped[date]
    booked_at: Mapped[datetime]
    memo: Mapped[str] = mapped_column(String(300), default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("fund_movement_entry.id"), unique=True)


class FundServiceEntry(Base):
    """服务人次 of one day, or the reversal of such a figure. Append-only: it is published."""

    __tablename__ = "fund_service_entry"
    __table_args__ = (
        CheckConstraint("(reverses_id IS NULL AND people > 0) OR (reverses_id IS NOT NULL AND people < 0)", name="sign"),
        CheckConstraint("reverses_id IS NULL OR (what <> '' AND approved_by_id IS NOT NULL)", name="explanation"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> made_by_id", name="two_people"),
        Index("ix_fund_service_entry_project", "project_id", "served_on"),
        Index("ix_fund_service_entry_reverses", "reverses_id", sqlite_where=REVERSAL, postgresql_where=REVERSAL),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    served_on: Mapped[date]
    people: Mapped[int]  # person-times, never persons
    what: Mapped[str] = mapped_column(String(300))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    booked_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("fund_service_entry.id"), unique=True)


class FundProgressEntry(Base):
    """What was done by a day, in words, as published. Append-only; a later one may replace it, and says so."""

    __tablename__ = "fund_progress_entry"
    __table_args__ = (Index("ix_fund_progress_entry_project", "project_id", "happened_on"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    happened_on: Mapped[date]
    body: Mapped[str] = mapped_column(String(500))
    published_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("fund_progress_entry.id"), unique=True)


LINKED = text("ended_at IS NULL")


class FundProjectActivity(Base):
    """An activity that a project's money made possible, from when to when that was said. `held_on` is its day; app.results writes it."""

    __tablename__ = "fund_project_activity"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL) AND (ended_at IS NULL) = (end_reason = '')", name="ended"),
        Index("uq_fund_project_activity", "project_id", "activity_id", unique=True, sqlite_where=LINKED, postgresql_where=LINKED),
        Index("ix_fund_project_activity_activity", "activity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    held_on: Mapped[date]
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(String(200), default="")
