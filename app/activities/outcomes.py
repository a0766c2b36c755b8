"""What came of an activity: 服务人次, 到场人次, 办成的事. Pure, as rules.

Hours by scan and by people stand side by side, never summed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.activities.joining_rules import Who
from app.activities.rules import ActivityKind
from app.activities.templates import OUTCOME_NAMES, Outcome
from app.core.words import minutes_words

CLOSES_AFTER = timedelta(days=7)  # after its end, by itself
REMOVED_FOR = timedelta(days=30)  # then the files of a removed photo go
MOST_PHOTOS = 9
MEASURE = {Outcome.LIFTS: "部"}  # 加装电梯 2 部; all others are 件


@dataclass(frozen=True)
class Report:
    """What the organiser says at closing. `came` is None where they leave 到场人次 as it was counted."""

    served: int
    came: int | None = None
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Attended:
    """Sums over an activity, without a name: volunteers who came, and minutes in the ledger by class."""

    people: int = 0
    scanned: int = 0
    named: int = 0


@dataclass(frozen=True)
class Credits:
    """署名: masked names of those who agreed to it, in the order in which they came; `total` counts also those beyond the list."""

    names: tuple[str, ...] = ()
    total: int = 0

    def words(self, people: int) -> str:
        """陈*明、何*怡，另有 3 位没有署名; empty where nobody is named."""
        return "、".join(self.names) + self.rest(people) if self.names else ""

    def rest(self, people: int) -> str:
        """What follows the names."""
        more = f" 等 {self.total:,} 位" if self.total > len(self.names) else ""
        return more + (f"，另有 {people - self.total:,} 位没有署名" if people > self.total else "")


def may_name(kind: ActivityKind, who: Who) -> bool:
    """Names would tell party status where only members come: there nobody is named, whatever they agreed to."""
    return kind in {ActivityKind.SERVICE, ActivityKind.OTHER} and not who.stages and who.unit_id is None


@dataclass(frozen=True)
class Result:
    """What the result of a closed activity says. `served` None: it closed by itself and nobody has said yet."""

    title: str
    unit_name: str
    place: str
    starts_at: datetime | None
    attended: Attended
    served: int | None
    came: int | None
    outcomes: Mapping[Outcome, int]
    credits: Credits = Credits()

    @property
    def credit_words(self) -> str:
        return self.credits.words(self.attended.people)

    @property
    def outcome_words(self) -> list[str]:
        return outcome_words(self.outcomes)

    @property
    def hours_words(self) -> str:
        """扫码时长 21 小时 30 分，补录时长 98 小时; empty where there are none."""
        parts = [("扫码时长", self.attended.scanned), ("补录时长", self.attended.named)]
        return "，".join(f"{name} {minutes_words(minutes)}" for name, minutes in parts if minutes)


def outcome_words(outcomes: Mapping[Outcome, int]) -> list[str]:
    """邻里矛盾 2 件, 加装电梯 1 部, in the order in which they are always named."""
    return [f"{OUTCOME_NAMES[kind]} {outcomes[kind]:,} {MEASURE.get(kind, '件')}" for kind in Outcome if outcomes.get(kind)]


def group_text(result: Result, when: str, address: str) -> str:
    """What is pasted into the groups: sums, and of names only the masked ones of those who agreed."""
    lines = [f"{result.title}，办成了", f"{when}，{result.place}"]
    lines.append(f"志愿者 {result.attended.people:,} 人" + (f"，{result.hours_words}" if result.hours_words else ""))
    counted = [f"服务 {result.served:,} 人次"] if result.served else []
    counted += [f"到场约 {result.came:,} 人次"] if result.came else []
    lines += ["，".join(counted)] if counted else []
    lines += [f"办成的事：{'、'.join(result.outcome_words)}"] if result.outcome_words else []
    lines += [f"参加的街坊：{result.credit_words}"] if result.credit_words else []
    return "\n".join([*lines, f"谢谢每一位街坊。{result.unit_name}", address])
