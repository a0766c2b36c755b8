"""The road of a project: which stage follows which, who may take it there, and what must be true first. Pure.

The same as the triggers of migrations 0046 and 0056, in words for people; ADR 0041 has the table, 0043 and 0050 the reasons.

A deputy decides for somebody away. Then both are asked about: what either of them wrote, sent or did, neither may decide.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.permissions import Action
from app.fund.rules import STAGE_NAMES, ProjectKind, Stage

SCORED_KINDS = frozenset({ProjectKind.CARE, ProjectKind.MICRO})  # a panel, a 公示, and a look at midterm
WORKING = frozenset({Stage.RUNNING, Stage.MIDTERM})
MONEY_STAGES = WORKING | {Stage.FINAL}  # in which the project receives and spends
OPEN_STAGES = WORKING | {Stage.PAUSED, Stage.FINAL}  # begun and not over: progress is owed, save in the last
OVER_STAGES = frozenset({Stage.STOPPED, Stage.CLOSED, Stage.ARCHIVED})
ASKS = frozenset({Stage.APPLIED, Stage.FINAL})  # asking for a decision, which is none itself
REVIEWERS = 3  # that a panel has at least
CRITERIA_TOTAL = 100


class Criterion(StrEnum):
    """What a panel looks at; each is a column of a call's weights and of a reviewer's scores."""

    NEED = "need"
    FIT = "fit"
    PARTICIPATION = "participation"
    FEASIBILITY = "feasibility"
    NOVELTY = "novelty"
    DURABILITY = "durability"
    BUDGET = "budget"


CRITERION_NAMES = {
    Criterion.NEED: "需求迫切",
    Criterion.FIT: "贴合本地",
    Criterion.PARTICIPATION: "街坊参与",
    Criterion.FEASIBILITY: "可行",
    Criterion.NOVELTY: "有新意",
    Criterion.DURABILITY: "能长久",
    Criterion.BUDGET: "预算合理",
}
DEFAULT_WEIGHTS = {
    Criterion.NEED: 20,
    Criterion.FIT: 15,
    Criterion.PARTICIPATION: 20,
    Criterion.FEASIBILITY: 15,
    Criterion.NOVELTY: 10,
    Criterion.DURABILITY: 10,
    Criterion.BUDGET: 10,
}


class After(StrEnum):
    """From which stage on an instalment may be granted."""

    START = "start"
    MIDTERM = "midterm"
    FINAL = "final"


AFTER_NAMES = {After.START: "签约以后", After.MIDTERM: "中期检查以后", After.FINAL: "申请结项以后"}
AFTER_STAGE = {After.START: Stage.RUNNING, After.MIDTERM: Stage.MIDTERM, After.FINAL: Stage.FINAL}


@dataclass(frozen=True)
class Instalment:
    fen: int
    due_on: date
    after: After
    words: str = ""


@dataclass(frozen=True)
class ContractDraft:
    number: str
    signed_on: date
    party: str
    fen: int
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True)
class Change:
    """A stage that the project was taken to, by a deputy `for_id` somebody else."""

    stage: Stage
    by_id: int
    for_id: int | None = None

    @property
    def people(self) -> frozenset[int]:
        return both(self.by_id, self.for_id)


def both(by_id: int, for_id: int | None) -> frozenset[int]:
    """Whoever stands in for somebody counts as two people at once."""
    return frozenset({by_id} if for_id is None else {by_id, for_id})


@dataclass(frozen=True)
class Road:
    """A project as far as its next stage is concerned.

    `makers` wrote or changed its draft, stand for it or sent it; `sent_as` is the record that sent it last, as it is written.
    `contract_by` recorded a contract whose instalments add up, None without one. `panel` stands named, `scored` in full. `shown`: a 公示
    stands; `cleared`: it is concluded and no objection was upheld. `idle`: no request is underway; `empty`: nothing is left on its account.
    """

    kind: ProjectKind
    past: bool
    makers: frozenset[int]
    changes: tuple[Change, ...]
    sent_as: int | None = None
    contract_by: int | None = None
    panel: bool = False
    scored: bool = False
    shown: bool = False
    cleared: bool = False
    idle: bool = True
    empty: bool = True

    @property
    def stage(self) -> Stage | None:
        return self.changes[-1].stage if self.changes else None

    @property
    def before(self) -> Stage | None:
        """Where it stood before it came to where it stands."""
        return self.changes[-2].stage if len(self.changes) > 1 else None

    def hands_of(self, stage: Stage) -> frozenset[int]:
        """Who brought it there the last time, and for whom."""
        return next((change.people for change in reversed(self.changes) if change.stage is stage), frozenset())


def lawful_stages(kind: ProjectKind, past: bool, stage: Stage | None, before: Stage | None = None) -> frozenset[Stage]:
    """The stages that may follow. `before` is where a paused project, or one that waits for its closing, goes back to."""
    if stage is None:
        return frozenset({Stage.ARCHIVED if past else Stage.DRAFT})
    scored = kind in SCORED_KINDS
    back = frozenset({before} if before else ())
    table: dict[Stage, frozenset[Stage]] = {
        Stage.DRAFT: frozenset({Stage.APPLIED}),
        Stage.APPLIED: frozenset({Stage.CHECKED, Stage.DRAFT, Stage.DECLINED}),
        Stage.CHECKED: frozenset({Stage.SCORED if scored else Stage.APPROVED, Stage.DRAFT, Stage.DECLINED}),
        Stage.SCORED: frozenset({Stage.PUBLICISED, Stage.DECLINED}),
        Stage.PUBLICISED: frozenset({Stage.APPROVED, Stage.SCORED, Stage.DECLINED}),
        Stage.APPROVED: frozenset({Stage.RUNNING, Stage.DECLINED}),
        Stage.RUNNING: frozenset({Stage.MIDTERM if scored else Stage.FINAL, Stage.PAUSED, Stage.STOPPED}),
        Stage.MIDTERM: frozenset({Stage.FINAL, Stage.PAUSED, Stage.STOPPED}),
        Stage.PAUSED: back | {Stage.STOPPED},
        Stage.FINAL: back | {Stage.CLOSED},
        Stage.STOPPED: frozenset({Stage.ARCHIVED}),
        Stage.CLOSED: frozenset({Stage.ARCHIVED}),
        Stage.ARCHIVED: frozenset({Stage.VOIDED}) if past else frozenset(),
    }
    return table.get(stage, frozenset())


def is_withdrawal(road: Road, stage: Stage, by_id: int) -> bool:
    """Whoever sent it takes it back before anybody has looked, under the same record: the database knows no other (ADR 0056)."""
    return road.stage is Stage.APPLIED and stage is Stage.DRAFT and by_id == road.sent_as


def reason_needed(road: Road, stage: Stage, by_id: int) -> bool:
    """Whether this change has to be explained: every one that is not simply the next on the way."""
    if road.stage is None or is_withdrawal(road, stage, by_id):
        return False
    always = {Stage.DRAFT, Stage.DECLINED, Stage.MIDTERM, Stage.FINAL, Stage.PAUSED, Stage.STOPPED, Stage.CLOSED, Stage.VOIDED}
    return stage in always or (road.stage, stage) == (Stage.PUBLICISED, Stage.SCORED) or road.stage in (Stage.PAUSED, Stage.FINAL)


def lawful_fault(road: Road, stage: Stage) -> str | None:
    """Why the project can not go there from where it stands, whoever asks."""
    if stage not in lawful_stages(road.kind, road.past, road.stage, road.before):
        where = STAGE_NAMES[road.stage] if road.stage else "还没建"
        return f"这个项目现在是“{where}”，办不了“{STAGE_NAMES[stage]}”。请刷新看最新情况。"
    return None


def ready_fault(road: Road, stage: Stage) -> str | None:
    """What has to happen first, whoever asks."""
    if (road.stage, stage) == (Stage.CHECKED, Stage.DRAFT) and road.panel:
        return "评审已经开始，不能再退回修改。"
    if (road.stage, stage) == (Stage.CHECKED, Stage.SCORED) and not road.scored:
        return f"评审还没有齐：至少 {REVIEWERS} 位评审人都交了分才算。"
    if (road.stage, stage) == (Stage.PUBLICISED, Stage.SCORED) and road.shown:
        return "公示还在，先撤回公示。"
    if stage is Stage.PUBLICISED and not road.shown:
        return "还没有贴出公示。"
    if (road.stage, stage) == (Stage.PUBLICISED, Stage.APPROVED) and not road.cleared:
        return "公示还没有结束，或者有异议成立，不能立项。"
    if (road.stage, stage) == (Stage.APPROVED, Stage.RUNNING) and road.contract_by is None:
        return "还没有登记协议和分期，不能开始。"
    if stage in (Stage.CLOSED, Stage.ARCHIVED) and road.changes and not road.idle:
        return "还有没办完的款项，办完再来。"
    if stage in (Stage.CLOSED, Stage.ARCHIVED, Stage.VOIDED) and road.changes and not road.empty:
        return "账上还有余款，先交回基金或转作限定用途，余额为 0 才能办。"
    return None


def person_fault(road: Road, stage: Stage, by_id: int, own_unit: bool, for_id: int | None = None) -> str | None:
    """Why this person may not. `own_unit`: it is their own unit's project, or that of `for_id`, whom they stand in for."""
    if for_id is not None and (for_id == by_id or road.stage is None or stage in ASKS):
        return "这一步不能代办。"
    if road.stage is None or stage in ASKS or (for_id is None and is_withdrawal(road, stage, by_id)):
        return None
    fault = _hands_fault(road, stage, both(by_id, for_id))
    if fault is None and own_unit:
        fault = "这是您所在组织的项目，您要回避，由别的单位的人来办。"
    return fault if fault is None or for_id is None else f"您代别人办，两个人的都算：{fault}"


def _hands_fault(road: Road, stage: Stage, hands: frozenset[int]) -> str | None:
    """What stands in the way of those who would decide it together."""
    if hands & road.makers:
        return "这是您报的项目，要由另一位来办。"
    if stage is Stage.APPROVED and hands & road.hands_of(Stage.CHECKED):
        return "初审是您做的，立项要由另一位决定。"
    if (road.stage, stage) == (Stage.APPROVED, Stage.RUNNING) and road.contract_by in hands:
        return "协议是您登记的，要由另一位核对后开始。"
    if stage is Stage.CLOSED and hands & road.hands_of(Stage.FINAL):
        return "结项是您申请的，要由另一位同意。"
    return None


def stage_fault(road: Road, stage: Stage, by_id: int, own_unit: bool = False, for_id: int | None = None) -> str | None:
    """Why the project does not go there now by this person's hand, in words for them; None when it does."""
    return lawful_fault(road, stage) or person_fault(road, stage, by_id, own_unit, for_id) or ready_fault(road, stage)


def actions_for(stage: Stage) -> frozenset[Action]:
    """Any of these permissions will do, in the project's unit or above."""
    if stage in ASKS:
        return frozenset({Action.PROJECT_PROPOSE})
    if stage in (Stage.APPROVED, Stage.DECLINED, Stage.CLOSED, Stage.STOPPED):
        return frozenset({Action.FUND_APPROVE})
    return frozenset({Action.FUND_MANAGE, Action.FUND_APPROVE})


def instalments_fault(total: int, budget: int, fens: Collection[int]) -> str | None:
    """The instalments are the sum agreed, and that is within the budget. All in fen."""
    if total > budget:
        return "协议金额超过了预算。"
    return None if fens and sum(fens) == total else "各期加起来要正好等于协议金额。"
