"""Who may take which step of a request. Pure.

Nothing moves without a request, and a request goes through steps by several people: 申请 → 核准 → (加核) → 已付 → 已核对.
The applicant never approves, the payer never reconciles, nobody takes two steps in a row. The database holds the same rules.
Who decides steps aside from the projects of their own unit.

A deputy takes a step for somebody away. Then both are asked these questions: what either of them did, neither may check.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.permissions import Action
from app.fund.money_rules import ARRIVALS
from app.fund.rules import STEP_NAMES, RequestKind, Step

DEPUTISED = frozenset({Step.APPROVED, Step.SECONDED, Step.PAID, Step.RECONCILED, Step.MISMATCH, Step.ANSWERED, Step.RETURNED})


@dataclass(frozen=True)
class Taken:
    """A step that was taken, by a deputy `for_id` somebody else."""

    step: Step
    by_id: int
    for_id: int | None = None

    @property
    def people(self) -> frozenset[int]:
        return frozenset({self.by_id, self.for_id} - {None})  # type: ignore[arg-type]  # mypy does not see that None is gone


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
        """Who took this step, and for whom."""
        return frozenset(person for taken in self.steps if taken.step is step for person in taken.people)


def lawful(kind: RequestKind, needs_second: bool, state: Step | None) -> frozenset[Step]:
    """The steps that may follow `state`; the table behind every button and every refusal."""
    if state is None:
        return frozenset({Step.REQUESTED})
    if state is Step.REQUESTED:
        return frozenset({Step.APPROVED, Step.RETURNED, Step.WITHDRAWN})
    if kind is not RequestKind.PAYMENT:
        may_correct = state is Step.APPROVED and kind not in (RequestKind.CORRECTION, RequestKind.FIGURE)
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


def step_fault(standing: Standing, step: Step, by_id: int, own_unit: bool, for_id: int | None = None) -> str | None:
    """Why this person may not take this step now, in words for them; None when they may.

    `own_unit`: it is their unit's project. `for_id`: whom they stand in for, whose unit counts too.
    """
    if step not in lawful(standing.kind, standing.needs_second, standing.state):
        where = STEP_NAMES[standing.state] if standing.state else "还没申请"
        return f"这一笔现在是“{where}”，办不了“{STEP_NAMES[step]}”。请刷新看最新的一步。"
    if for_id is not None and (for_id == by_id or step not in DEPUTISED):
        return "这一步不能代办。"
    if step is Step.WITHDRAWN:
        return None if by_id in standing.by(Step.REQUESTED) else "只有申请的人能撤回。"
    if step is Step.CORRECTED:
        return None
    if own_unit and action_for(standing, step) is Action.FUND_APPROVE:
        return f"这是{'您' if for_id is None else '您或您代的人'}所在组织的项目，您要回避，由别的单位的审批人来办。"
    fault = _hands_fault(standing, step, frozenset({by_id} if for_id is None else {by_id, for_id}))
    return fault if fault is None or for_id is None else f"您代别人办，两个人经手过的都算：{fault}"


def _hands_fault(standing: Standing, step: Step, hands: frozenset[int]) -> str | None:
    """What stands in the way of those who would take it together."""
    returns = step is Step.RETURNED and not payers_turn(standing)
    if (step in (Step.APPROVED, Step.SECONDED) or returns) and hands & standing.by(Step.REQUESTED):
        return "这是您申请的，要由另一位核准。"
    if step is Step.SECONDED and hands & standing.by(Step.APPROVED):
        return "您已经核准过一次，要由第二位核准。"
    if step in (Step.RECONCILED, Step.MISMATCH) and hands & standing.by(Step.PAID):
        return "这笔是您付的，要由另一位核对。"
    if standing.steps and hands & standing.steps[-1].people:
        return "上一步是您办的，下一步要由另一位来办。"
    return None


def action_for(standing: Standing, step: Step) -> Action:
    """Which permission a step asks for. Who is to take the next step is also who may return it: the payer, once all have approved."""
    if step in (Step.REQUESTED, Step.WITHDRAWN):
        return Action.FUND_MANAGE
    if step in (Step.RECONCILED, Step.MISMATCH):
        return Action.FUND_RECONCILE
    if standing.kind in ARRIVALS and step in (Step.APPROVED, Step.RETURNED):
        return Action.FUND_RECONCILE  # against the bank's receipt
    return Action.FUND_PAY if step in (Step.PAID, Step.ANSWERED) or payers_turn(standing) else Action.FUND_APPROVE


def open_to(standing: Standing, by_id: int, own_unit: bool, may: Callable[[Action], bool], for_id: int | None = None) -> tuple[Step, ...]:
    """The steps this person may take now, in the order of `Step`. As a deputy: `may` asks for whom they stand in."""
    steps = lawful(standing.kind, standing.needs_second, standing.state) - {Step.CORRECTED}
    return tuple(
        step
        for step in Step
        if step in steps and may(action_for(standing, step)) and step_fault(standing, step, by_id, own_unit, for_id) is None
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
