"""The Care Fund: its vocabulary, and who may take which step. Pure; money is integer fen.

Nothing moves without a request, and a request goes through steps by several people: 申请 → 核准 → (加核) → 已付 → 已核对.
The applicant never approves, the payer never reconciles, nobody takes two steps in a row. The database holds the same rules.
Who decides steps aside from the projects of their own unit.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.permissions import Action


class AccountKind(StrEnum):
    """`OUTSIDE` is the world (donors, payees) and the only one whose balance may be below zero."""

    OUTSIDE = "outside"
    GENERAL = "general"  # 非限定
    PROJECT = "project"  # for one project only
    RESTRICTED = "restricted"  # for a purpose, not yet a project
    OTHER = "other"  # not the fund's money: shown, never counted


OWN = frozenset({AccountKind.GENERAL, AccountKind.PROJECT, AccountKind.RESTRICTED})  # what the fund's balance is made of
DONORS, PAYEES, GENERAL = "donors", "payees", "general"  # codes of the accounts that are always there


class MovementKind(StrEnum):
    OPENING = "opening"  # 期初
    DONATION = "donation"
    GRANT = "grant"  # 拨付到项目
    SPENDING = "spending"
    REFUND = "refund"  # 付出去的退回来
    RETURN = "return"  # 项目剩余交回
    TRANSFER = "transfer"


MOVEMENT_NAMES = {
    MovementKind.OPENING: "期初结转",
    MovementKind.DONATION: "捐赠收入",
    MovementKind.GRANT: "拨付到项目",
    MovementKind.SPENDING: "支出",
    MovementKind.REFUND: "支出退回",
    MovementKind.RETURN: "剩余交回",
    MovementKind.TRANSFER: "转出转入",
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
    """Where a project stands; each change is a dated row. Only some are walked so far."""

    DRAFT = "draft"
    APPLIED = "applied"
    PUBLICISED = "publicised"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CLOSED = "closed"
    ARCHIVED = "archived"


STAGE_NAMES = {
    Stage.DRAFT: "草稿",
    Stage.APPLIED: "待立项",
    Stage.PUBLICISED: "公示中",
    Stage.RUNNING: "进行中",
    Stage.PAUSED: "已暂停",
    Stage.STOPPED: "已中止",
    Stage.CLOSED: "已结项",
    Stage.ARCHIVED: "已归档",
}
PUBLIC_STAGES = frozenset({Stage.PUBLICISED, Stage.RUNNING, Stage.PAUSED, Stage.STOPPED, Stage.CLOSED, Stage.ARCHIVED})


class RequestKind(StrEnum):
    DONATION = "donation"  # 收到一笔捐赠
    GRANT = "grant"  # 从基金拨到项目
    PAYMENT = "payment"  # 用款
    CORRECTION = "correction"  # a posted entry, reversed
    FIGURE = "figure"  # a published 服务人次, reversed; moves no money


REQUEST_NAMES = {
    RequestKind.DONATION: "捐赠入账",
    RequestKind.GRANT: "拨付到项目",
    RequestKind.PAYMENT: "用款",
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
    """The limits in force, in fen (本地规定): above `second_above` a second approver, above `minute_above` a meeting's minute."""

    second_above: int
    minute_above: int
    how_to_give: str


@dataclass(frozen=True)
class Taken:
    """A step that was taken."""

    step: Step
    by_id: int


@dataclass(frozen=True)
class Standing:
    """A request as far as its next step is concerned."""

    kind: RequestKind
    needs_second: bool
    steps: tuple[Taken, ...]

    @property
    def state(self) -> Step | None:
        return self.steps[-1].step if self.steps else None

    def by(self, step: Step) -> frozenset[int]:
        return frozenset(taken.by_id for taken in self.steps if taken.step is step)


def lawful(kind: RequestKind, needs_second: bool, state: Step | None) -> frozenset[Step]:
    """The steps that may follow `state`; the table behind every button and every refusal."""
    if state is None:
        return frozenset({Step.REQUESTED})
    if state is Step.REQUESTED:
        return frozenset({Step.APPROVED, Step.RETURNED, Step.WITHDRAWN})
    if kind is not RequestKind.PAYMENT:
        may_correct = state is Step.APPROVED and kind in (RequestKind.DONATION, RequestKind.GRANT)
        return frozenset({Step.CORRECTED}) if may_correct else frozenset()
    if state is Step.APPROVED and needs_second:
        return frozenset({Step.SECONDED, Step.RETURNED})
    if state in (Step.APPROVED, Step.SECONDED):
        return frozenset({Step.PAID, Step.RETURNED})
    if state in (Step.PAID, Step.ANSWERED):
        return frozenset({Step.RECONCILED, Step.MISMATCH, Step.CORRECTED})
    if state is Step.MISMATCH:
        return frozenset({Step.ANSWERED, Step.CORRECTED})
    return frozenset({Step.CORRECTED}) if state is Step.RECONCILED else frozenset()


def payers_turn(standing: Standing) -> bool:
    """All who approve have approved, and nobody has paid yet."""
    return Step.PAID in lawful(standing.kind, standing.needs_second, standing.state)


def step_fault(standing: Standing, step: Step, by_id: int, own_unit: bool) -> str | None:
    """Why this person may not take this step now, in words for them; None when they may. `own_unit`: it is their unit's project."""
    if step not in lawful(standing.kind, standing.needs_second, standing.state):
        where = STEP_NAMES[standing.state] if standing.state else "还没申请"
        return f"这一笔现在是“{where}”，办不了“{STEP_NAMES[step]}”。请刷新看最新的一步。"
    if step is Step.WITHDRAWN:
        return None if by_id in standing.by(Step.REQUESTED) else "只有申请的人能撤回。"
    if step is Step.CORRECTED:
        return None
    if own_unit and action_for(standing, step) is Action.FUND_APPROVE:
        return "这是您所在组织的项目，您要回避，由别的单位的审批人来办。"
    returns = step is Step.RETURNED and not payers_turn(standing)
    if (step in (Step.APPROVED, Step.SECONDED) or returns) and by_id in standing.by(Step.REQUESTED):
        return "这是您申请的，要由另一位核准。"
    if step is Step.SECONDED and by_id in standing.by(Step.APPROVED):
        return "您已经核准过一次，要由第二位核准。"
    if step in (Step.RECONCILED, Step.MISMATCH) and by_id in standing.by(Step.PAID):
        return "这笔是您付的，要由另一位核对。"
    if standing.steps and standing.steps[-1].by_id == by_id:
        return "上一步是您办的，下一步要由另一位来办。"
    return None


def action_for(standing: Standing, step: Step) -> Action:
    """Which permission a step asks for. Who is to take the next step is also who may return it: the payer, once all have approved."""
    if step in (Step.REQUESTED, Step.WITHDRAWN):
        return Action.FUND_MANAGE
    if step in (Step.RECONCILED, Step.MISMATCH):
        return Action.FUND_RECONCILE
    if standing.kind is RequestKind.DONATION and step in (Step.APPROVED, Step.RETURNED):
        return Action.FUND_RECONCILE  # against the bank's receipt
    return Action.FUND_PAY if step in (Step.PAID, Step.ANSWERED) or payers_turn(standing) else Action.FUND_APPROVE


def open_to(standing: Standing, by_id: int, own_unit: bool, may: Callable[[Action], bool]) -> tuple[Step, ...]:
    """The steps this person may take now, in the order of `Step`."""
    steps = lawful(standing.kind, standing.needs_second, standing.state) - {Step.CORRECTED}
    return tuple(
        step for step in Step if step in steps and may(action_for(standing, step)) and step_fault(standing, step, by_id, own_unit) is None
    )


def may_correct(standing: Standing) -> bool:
    """Its entry is posted and not yet reversed."""
    return Step.CORRECTED in lawful(standing.kind, standing.needs_second, standing.state)


def way(kind: RequestKind, needs_second: bool) -> tuple[Step, ...]:
    """The straight way through, for the trail on the page."""
    if kind is not RequestKind.PAYMENT:
        return (Step.REQUESTED, Step.APPROVED)
    return (Step.REQUESTED, Step.APPROVED, *([Step.SECONDED] if needs_second else []), Step.PAID, Step.RECONCILED)


def posting_step(kind: RequestKind) -> Step:
    """The step at which the money moves in the books."""
    return Step.PAID if kind is RequestKind.PAYMENT else Step.APPROVED


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
    """`project_id` None: for the fund as a whole. `public_name` is empty without the donor's consent."""

    project_id: int | None
    fen: int
    donor: str
    public_name: str
    purpose: str
    receipt: str
    arrived_on: date
    form_key: str | None = None


@dataclass(frozen=True)
class GrantAsked:
    project_id: int
    fen: int
    purpose: str
    form_key: str | None = None


def headline(fen: int) -> tuple[str, str]:
    """A big amount for a headline, cut and never rounded up: ("1.39", "亿元"). The exact one stands beside it."""
    for unit, per in (("亿元", 10_000_000_000), ("万元", 1_000_000)):
        if fen >= per:
            whole, rest = divmod(fen * 100 // per, 100)
            return f"{whole:,}.{rest:02d}".rstrip("0").rstrip("."), unit
    return f"{fen // 100:,}" + (f".{fen % 100:02d}" if fen % 100 else ""), "元"
