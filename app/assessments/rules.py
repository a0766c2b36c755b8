"""党员积分考核: one branch and one year (or quarter), from the figures to the lock. Pure.

collected → branch review → committee review → 公示 → objections answered → locked. Every step is a dated fact with somebody behind it;
nobody does two in a row, and whoever decides for the committee has no line of their own in it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.core.words import points_words
from app.hours.rules import Period, PeriodKind, period

LONGEST_REASON, LONGEST_REMARK = 300, 100


class Step(StrEnum):
    COLLECTED = "collected"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLICISED = "publicised"
    RETRACTED = "retracted"
    LOCKED = "locked"


STEP_NAMES = {
    Step.COLLECTED: "取数",
    Step.REVIEWED: "支部审核",
    Step.RETURNED: "退回支部",
    Step.APPROVED: "党委审核",
    Step.PUBLICISED: "公示",
    Step.RETRACTED: "撤回公示",
    Step.LOCKED: "锁定",
}
WAITS_FOR = {
    Step.COLLECTED: "等支部审核",
    Step.REVIEWED: "等党委审核",
    Step.RETURNED: "退回了，等支部再审",
    Step.APPROVED: "等公示",
    Step.PUBLICISED: "公示中",
    Step.RETRACTED: "公示撤回了，等支部再审",
    Step.LOCKED: "已锁定",
}
FOLLOWS: dict[Step, frozenset[Step | None]] = {
    Step.COLLECTED: frozenset({None}),
    Step.REVIEWED: frozenset({Step.COLLECTED, Step.RETURNED, Step.RETRACTED}),
    Step.RETURNED: frozenset({Step.REVIEWED, Step.APPROVED}),
    Step.APPROVED: frozenset({Step.REVIEWED}),
    Step.PUBLICISED: frozenset({Step.APPROVED}),
    Step.RETRACTED: frozenset({Step.PUBLICISED}),
    Step.LOCKED: frozenset({Step.PUBLICISED}),
}
OF_THE_COMMITTEE = frozenset({Step.APPROVED, Step.RETURNED, Step.LOCKED})  # by somebody of a unit above, not among the assessed
WITH_A_REASON = frozenset({Step.RETURNED, Step.RETRACTED})
BEFORE_REVIEW = frozenset({Step.COLLECTED, Step.RETURNED, Step.RETRACTED})  # figures may be taken again


def step_fault(step: Step, now_at: Step | None, last_actor_id: int | None, actor_id: int, assessed: Iterable[int]) -> str | None:
    """Why this person can not take the step now; None when they can. Whether they have the right, the caller sees to."""
    if now_at not in FOLLOWS[step]:
        return f"这份考核现在{WAITS_FOR[now_at] if now_at else '还没开始'}，不能{STEP_NAMES[step]}"
    if actor_id == last_actor_id:
        return f"上一步（{STEP_NAMES[now_at] if now_at else ''}）是您办的，这一步要由另一位来办"
    if step in OF_THE_COMMITTEE and actor_id in set(assessed):
        return "名单里有您自己，这一步要由另一位来办"
    return None


@dataclass(frozen=True)
class Seen:
    """What somebody had before them when they decided: the number of the last step, and which taking of the figures."""

    seq: int
    revision: int


@dataclass(frozen=True)
class Address:
    """Where objections are taken, as the notice says it."""

    phone: str
    place: str


@dataclass(frozen=True)
class Line:
    """One person's result as it was taken, in hundredths. `late` came, or was taken back, after the period's books were closed.

    `entries` are the ids of the entries behind it, which never change; `late_entries` those of `late`.
    """

    person_id: int
    base: int
    earned: int
    deducted: int
    carried: int
    late: int
    vetoed: bool
    exempt: str | None
    total: int
    grade: str
    by_rule: dict[str, int]
    entries: tuple[int, ...]
    late_entries: tuple[int, ...]

    @property
    def sum_words(self) -> str:
        """底分 60.0 + 得分 27.5 − 扣分 2.0 = 85.5."""
        said = f"底分 {points_words(self.base)}"
        for amount, name in ((self.carried, "上年结转"), (self.earned, "得分")):
            said += f" + {name} {points_words(amount)}" if amount or name == "得分" else ""
        said += f" − 扣分 {points_words(self.deducted)}" if self.deducted else ""
        if self.late:
            said += f" {'+' if self.late > 0 else '−'} 结账后补记 {points_words(abs(self.late))}"
        return f"{said}，一票否决，计 0.0" if self.vetoed else f"{said} = {points_words(self.total)}"


EXEMPT_NAMES = {"age": "年龄", "ill": "生病", "away": "长期外出"}


def result_words(total: int, grade: str, exempt: str | None) -> str:
    """86.5 分，合格; 不参加考核（年龄）."""
    return f"不参加考核（{EXEMPT_NAMES.get(exempt, exempt)}）" if exempt else shown_words(total, grade, exempt)


def shown_words(total: int, grade: str, exempt: str | None) -> str:
    """The same for others to read: why somebody is not assessed may be their health, and is nobody else's business."""
    return "不参加考核" if exempt else f"{points_words(total)} 分，{grade}"


def digest(unit_id: int, span: str, version: str, bands: Sequence[tuple[int, str]], lines: Iterable[Line]) -> str:
    """What was taken, as one number: whoever changes a row of it changes this."""
    rows = [_plain(asdict(line)) for line in sorted(lines, key=lambda line: line.person_id)]
    said = {"unit": unit_id, "span": span, "version": version, "bands": [list(band) for band in bands], "lines": rows}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"entries": list(line["entries"]), "late_entries": list(line["late_entries"])}


@dataclass(frozen=True)
class Change:
    """One person's difference between what was taken and today, in hundredths."""

    person_id: int
    before: Line | None
    after: Line | None

    @property
    def by(self) -> int:
        return (self.after.total if self.after else 0) - (self.before.total if self.before else 0)

    @property
    def came(self) -> int:
        """How many entries stand behind it that did not then."""
        then = {*self.before.entries, *self.before.late_entries} if self.before else set()
        return len({*self.after.entries, *self.after.late_entries} - then) if self.after else 0


def changes(before: Iterable[Line], after: Iterable[Line]) -> list[Change]:
    """Who stands otherwise today than then: in points, in grade, in being assessed at all. The largest difference first."""
    then, now = {line.person_id: line for line in before}, {line.person_id: line for line in after}
    found = [Change(one, then.get(one), now.get(one)) for one in sorted({*then, *now})]
    return sorted((one for one in found if _unlike(one)), key=lambda one: (-abs(one.by), one.person_id))


def _unlike(one: Change) -> bool:
    if one.before is None or one.after is None:
        return True
    return (one.before.total, one.before.grade, one.before.exempt) != (one.after.total, one.after.grade, one.after.exempt)


def span_of(key: str) -> Period:
    """2025 or 2025-Q3; raises ValueError for anything else."""
    year, _, quarter = key.partition("-Q")
    if len(year) != 4 or not year.isdigit() or not 2000 <= int(year) <= 2999 or (quarter and quarter not in "1234") or key.endswith("-Q"):
        raise ValueError(key)
    if quarter:
        return period(PeriodKind.QUARTER, date(int(year), int(quarter) * 3 - 1, 1))
    return period(PeriodKind.YEAR, date(int(year), 7, 1))


def span_words(key: str) -> str:
    """2025年; 2025年第三季度."""
    year, _, quarter = key.partition("-Q")
    return f"{year}年第{'一二三四'[int(quarter) - 1]}季度" if quarter else f"{year}年"
