"""The Care Fund: its vocabulary and what is asked of it. Pure; money is integer fen."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AccountKind(StrEnum):
    """`OUTSIDE` is the world (donors, payees) and the only one whose balance may be below zero."""

    OUTSIDE = "outside"
    GENERAL = "general"  # 非限定
    PROJECT = "project"  # for one project only
    RESTRICTED = "restricted"  # for a purpose, not yet a project
    OTHER = "other"  # not the fund's money: shown, never counted


OWN = frozenset({AccountKind.GENERAL, AccountKind.PROJECT, AccountKind.RESTRICTED})  # what the fund's balance is made of
DONORS, PAYEES, GENERAL = "donors", "payees", "general"  # codes of the accounts that are always there
OPENING = "opening"  # the world before the books were begun
OTHER_IN, OTHER_OUT = "other-in", "other-out"  # where money that is not the fund's comes from and goes to: in no figure of the fund


class MovementKind(StrEnum):
    OPENING = "opening"  # 期初
    DONATION = "donation"
    GRANT = "grant"  # 拨付到项目
    SPENDING = "spending"
    REFUND = "refund"  # 付出去的退回来
    RETURN = "return"  # 项目剩余交回
    TRANSFER = "transfer"


MOVEMENT_NAMES = {
    MovementKind.OPENING: "期初结余",
    MovementKind.DONATION: "捐赠收入",
    MovementKind.GRANT: "拨付到项目",
    MovementKind.SPENDING: "支出",
    MovementKind.REFUND: "支出退回",
    MovementKind.RETURN: "剩余交回",
    MovementKind.TRANSFER: "转入限定用途",
}


class ProjectKind(StrEnum):
    CARE = "care"
    MICRO = "micro"
    WISH = "wish"
    EMERGENCY = "emergency"


PROJECT_KIND_NAMES = {
    ProjectKind.CARE: "关爱项目",
    ProjectKind.MICRO: "微创熟",
    ProjectKind.WISH: "微心愿",
    ProjectKind.EMERGENCY: "应急",
}


class MoneySource(StrEnum):
    FUND = "fund"
    OTHER = "other"


class Stage(StrEnum):
    """Where a project stands; each change is a dated row. `stage_rules` says which follows which."""

    DRAFT = "draft"
    APPLIED = "applied"
    CHECKED = "checked"
    SCORED = "scored"
    PUBLICISED = "publicised"
    APPROVED = "approved"
    RUNNING = "running"
    MIDTERM = "midterm"
    PAUSED = "paused"
    FINAL = "final"
    STOPPED = "stopped"
    CLOSED = "closed"
    ARCHIVED = "archived"
    DECLINED = "declined"
    VOIDED = "voided"  # of an import of the past that was undone


STAGE_NAMES = {
    Stage.DRAFT: "草稿",
    Stage.APPLIED: "待初审",
    Stage.CHECKED: "初审通过",
    Stage.SCORED: "已评审",
    Stage.PUBLICISED: "公示中",
    Stage.APPROVED: "已立项",
    Stage.RUNNING: "进行中",
    Stage.MIDTERM: "中期已查",
    Stage.PAUSED: "已暂停",
    Stage.FINAL: "待结项",
    Stage.STOPPED: "已中止",
    Stage.CLOSED: "已结项",
    Stage.ARCHIVED: "已归档",
    Stage.DECLINED: "不立项",
    Stage.VOIDED: "导入已撤销",
}
BEFORE_STAGES = frozenset({Stage.DRAFT, Stage.APPLIED, Stage.CHECKED, Stage.SCORED})  # not yet public
PUBLIC_STAGES = frozenset(Stage) - BEFORE_STAGES - {Stage.DECLINED, Stage.VOIDED}


class RequestKind(StrEnum):
    OPENING = "opening"  # 期初
    DONATION = "donation"  # 收到一笔捐赠
    GRANT = "grant"  # 从基金拨到项目
    PAYMENT = "payment"  # 用款
    REFUND = "refund"  # a payment, or a part of it, came back
    RETURN = "return"  # 项目剩余交回
    TRANSFER = "transfer"  # set aside for a purpose
    PAST_SPENDING = "past_spending"  # what a project of the past has spent; of an import only
    CORRECTION = "correction"  # a posted entry, reversed
    FIGURE = "figure"  # a published 服务人次, reversed; moves no money


REQUEST_NAMES = {
    RequestKind.OPENING: "期初结余",
    RequestKind.DONATION: "捐赠入账",
    RequestKind.GRANT: "拨付到项目",
    RequestKind.PAYMENT: "用款",
    RequestKind.REFUND: "支出退回",
    RequestKind.RETURN: "剩余交回",
    RequestKind.TRANSFER: "转入限定用途",
    RequestKind.PAST_SPENDING: "历史支出",
    RequestKind.CORRECTION: "更正",
    RequestKind.FIGURE: "更正人次",
}


class Step(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SECONDED = "seconded"  # the second approver, above the limit
    PAID = "paid"
    RECONCILED = "reconciled"
    MISMATCH = "mismatch"  # the bank says otherwise
    ANSWERED = "answered"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"  # reversed by a later request


STEP_NAMES = {
    Step.REQUESTED: "申请",
    Step.APPROVED: "核准",
    Step.SECONDED: "第二人核准",
    Step.PAID: "已付",
    Step.RECONCILED: "已核对",
    Step.MISMATCH: "对不上",
    Step.ANSWERED: "已说明",
    Step.RETURNED: "已退回",
    Step.WITHDRAWN: "已撤回",
    Step.CORRECTED: "已更正",
}
NOT_A_DECISION = frozenset({Step.WITHDRAWN, Step.CORRECTED})  # taking back one's own; the trace of another request
REASON_NEEDED = frozenset({Step.RETURNED, Step.MISMATCH, Step.ANSWERED})


@dataclass(frozen=True)
class Policy:
    """The limits in force, in fen (本地规定): above `second_above` a second approver, above `minute_above` a meeting's minute.

    Payments of one project to one payee within `sum_days` count together, with `sum_lines` also those on one line of its budget.
    """

    second_above: int
    minute_above: int
    how_to_give: str
    sum_days: int = 0
    sum_lines: bool = False


PROGRESS_MONTHS = 3  # 慈善组织信息公开办法: progress at least every three months while running


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def progress_due(began_on: date, last_on: date | None) -> date:
    """By when the next progress has to be published."""
    return months_later(max(began_on, last_on) if last_on else began_on, PROGRESS_MONTHS)


@dataclass(frozen=True)
class BudgetLine:
    name: str
    fen: int


@dataclass(frozen=True)
class ProjectDraft:
    kind: ProjectKind
    name: str
    summary: str
    area: str
    beneficiaries: str
    unit_id: int
    starts_on: date
    ends_on: date
    lines: tuple[BudgetLine, ...]
    source: MoneySource = MoneySource.FUND
    source_name: str = ""  # whose money it is, where it is not the fund's
    purpose_id: int | None = None  # the restricted purpose whose money it may receive


@dataclass(frozen=True)
class PaymentAsked:
    project_id: int
    line_id: int
    fen: int
    purpose: str
    payee: str
    invoice: str
    minute_ref: str
    form_key: str | None = None


@dataclass(frozen=True)
class DonationNoted:
    """For a project, for a restricted purpose, or with neither for the whole fund. `public_name` is empty without the donor's consent."""

    project_id: int | None
    fen: int
    donor: str
    public_name: str
    purpose: str
    receipt: str
    arrived_on: date
    form_key: str | None = None
    purpose_id: int | None = None


@dataclass(frozen=True)
class GrantAsked:
    """`purpose_id`: from the money of a restricted purpose, which has to be the project's; None: from the fund as a whole."""

    project_id: int
    fen: int
    purpose: str
    form_key: str | None = None
    purpose_id: int | None = None


def headline(fen: int) -> tuple[str, str]:
    """A big amount for a headline, cut and never rounded up: ("1.39", "亿元"). The exact one stands beside it."""
    for unit, per in (("亿元", 10_000_000_000), ("万元", 1_000_000)):
        if fen >= per:
            whole, rest = divmod(fen * 100 // per, 100)
            return f"{whole:,}.{rest:02d}".rstrip("0").rstrip("."), unit
    return f"{fen // 100:,}" + (f".{fen % 100:02d}" if fen % 100 else ""), "元"
