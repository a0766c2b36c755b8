"""The words of a plan: what would happen to each row, and what is known of people on record. Pure; `deciding` makes the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.imports.reading import Remark, RosterRow
from app.imports.rules import Heading
from app.imports.units import PlannedUnit
from app.people.rules import Gender, Origin, StageKind

SHARED = "两个人合用这个号码，照收"
NEW_CARD = "没有手机号码，按持卡人员收下，用纸质卡签到"


class Verdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Ask(StrEnum):
    """What somebody decides before a row is written: take in who has no phone; whether a person changed their number; whether
    two people share one."""

    CARD = "card"
    PHONE = "phone"
    SHARE = "share"


class Answer(StrEnum):
    """To 疑似换号: the same person with a new number, or somebody else. To 合用一个号码 only the latter: two people."""

    SAME = "same"
    OTHER = "other"


class Field(StrEnum):
    """What an import may change about a person. STAGE_DATE only where it is ticked: it moves the 双50 window."""

    GENDER = "gender"
    BIRTH = "birth"
    NOTE = "note"
    HOME = "home"
    REPORTED = "reported"
    STAGE = "stage"
    STAGE_DATE = "stage_date"
    PHONE = "phone"


FIELD_NAMES = {
    Field.GENDER: "性别",
    Field.BIRTH: "出生日期",
    Field.NOTE: "备注",
    Field.HOME: "党支部",
    Field.REPORTED: "报到社区",
    Field.STAGE: "发展阶段",
    Field.STAGE_DATE: "阶段日期",
    Field.PHONE: "手机号码",
}


@dataclass(frozen=True)
class Tie:
    """An open membership: its own id and its unit."""

    id: int
    unit_id: int


@dataclass(frozen=True)
class KnownStage:
    id: int
    kind: StageKind
    began_on: date


@dataclass(frozen=True)
class Known:
    """A person on record who may be the one in a row."""

    id: int
    name: str
    confirmed: bool
    origin: Origin
    gender: Gender | None
    birth_date: date | None
    note: str
    phones: Mapping[str, int]  # number → id of its row; the open ones
    home: Tie | None
    reported: Tie | None
    stages: tuple[KnownStage, ...]


@dataclass(frozen=True)
class Change:
    """`before` and `after` are words; days stand in `before_on`/`after_on`. `target_id` is the row that ends or moves."""

    field: Field
    before: str = ""
    after: str = ""
    before_on: date | None = None
    after_on: date | None = None
    target_id: int | None = None


@dataclass(frozen=True)
class Decision:
    row: RosterRow
    verdict: Verdict
    person_id: int | None = None
    changes: tuple[Change, ...] = ()
    faults: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    home: int | None = None  # keys of the unit plan
    reported: int | None = None
    asks: Ask | None = None  # CARD, SHARE: refused unless somebody takes it in; PHONE: left alone unless somebody decides
    holder_id: int | None = None  # SHARE: whose number it is, where they are on record


@dataclass(frozen=True)
class Plan:
    heading: Heading
    decisions: tuple[Decision, ...]
    units: tuple[PlannedUnit, ...]
    blank: int
    notes: tuple[str, ...] = ()  # about the file as a whole

    def count(self, verdict: Verdict) -> int:
        return sum(decision.verdict is verdict for decision in self.decisions)

    def asking(self, ask: Ask) -> int:
        return sum(decision.asks is ask for decision in self.decisions)

    def new_units(self) -> list[PlannedUnit]:
        """Units to create: what the rows that will be written need, parents first, with those people counted."""
        people: dict[int, int] = {}
        for one in self.decisions:
            if one.verdict is not Verdict.REFUSED and one.asks is not Ask.PHONE:
                for key, number in ((one.home, 1), (one.reported, 0)):
                    step = key
                    while step is not None:
                        people[step] = people.get(step, 0) + (number if step == key else 0)
                        step = self.units[step].parent
        return [replace(unit, people=people[unit.key]) for unit in self.units if unit.unit_id is None and unit.key in people]

    def with_cards(self) -> "Plan":
        """As if somebody had said that all who have no phone are taken in."""
        return replace(self, decisions=tuple(_taken_in(one) if one.asks is Ask.CARD else one for one in self.decisions))


def _taken_in(decision: Decision) -> Decision:
    said = (*decision.warnings, replace(decision.faults[0], reason=NEW_CARD))
    return replace(decision, verdict=Verdict.NEW, faults=(), warnings=said)
