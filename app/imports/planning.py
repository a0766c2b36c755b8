"""What would happen to each row: new, changed, unchanged or refused. Pure: what is known comes in as frozen facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.core.words import full_day
from app.imports.reading import Remark, RosterRow
from app.imports.rules import Column, Heading, fits_mask
from app.imports.units import PlannedUnit, UnitPlan
from app.people.rules import STAGE_NAMES, STAGE_ORDER, Gender, Origin, StageFact, StageKind, current_stage


class Verdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Ask(StrEnum):
    """What somebody decides before a row is written: take in who has no phone; whether a person changed their number."""

    CARD = "card"
    PHONE = "phone"


class Answer(StrEnum):
    """To 疑似换号: the same person with a new number, or somebody else."""

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
    phones: frozenset[str]
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


@dataclass(frozen=True)
class Plan:
    heading: Heading
    decisions: tuple[Decision, ...]
    units: tuple[PlannedUnit, ...]
    blank: int
    notes: tuple[str, ...] = ()  # about the file as a whole

    def count(self, verdict: Verdict) -> int:
        return sum(decision.verdict is verdict for decision in self.decisions)


@dataclass
class Planner:
    """Decides row after row; `reach` are the units the importer may touch, None for all (the command line)."""

    heading: Heading
    units: UnitPlan
    reach: frozenset[int] | None
    taken: dict[int, int] = field(default_factory=dict)

    def decide_all(self, rows: Iterable[RosterRow], known: Mapping[int, Sequence[Known]]) -> tuple[Decision, ...]:
        """`known` gives the candidates of each row by its number."""
        rows = tuple(rows)
        self.units.learn((row.community, row.branch) for row in rows if not row.faults)
        return tuple(self.decide(row, known.get(row.row, ())) for row in rows)

    def decide(self, row: RosterRow, candidates: Sequence[Known]) -> Decision:
        if row.faults:
            there = next((one for one in candidates if one.confirmed and one.name == row.name and row.phone in one.phones), None)
            return Decision(row, Verdict.REFUSED, there.id if there else None, faults=row.faults, warnings=row.warnings)
        home, unlike = self.units.home(row.community, row.branch)
        if home is None:
            return self._refused(row, Column.COMMUNITY, "不在您管的范围内，请交给管这个社区的人导入", row.community)
        reported = self.units.community(row.reported) if row.reported else None
        warnings = list(row.warnings)
        if row.reported and reported is None:
            warnings.append(self._remark(row, Column.REPORTED, "不在您管的范围内，报到没有记；请由街道导入", row.reported))
        if unlike:
            warnings.append(self._remark(row, Column.COMMUNITY, unlike, row.community))
        if like := self.units.units[home].like:
            warnings.append(self._remark(row, Column.BRANCH, f"系统里没有这个支部，是不是“{like}”？照收会新建", row.branch))
        found, fault = self._who(row, candidates)
        if fault:
            self.units.units[home].people -= 1
            return Decision(row, Verdict.REFUSED, faults=(fault,), warnings=tuple(warnings))
        warnings += self._look_alikes(row, found, candidates)
        if found is None:
            return Decision(row, Verdict.NEW, None, (), (), tuple(warnings), home, reported)
        changes, said = self._compare(row, found, home, reported)
        if isinstance(said, Remark) and changes is None:
            self.units.units[home].people -= 1
            return Decision(row, Verdict.REFUSED, found.id, faults=(said,), warnings=tuple(warnings))
        warnings += [said] if said else []
        verdict = Verdict.CHANGED if any(change.field is not Field.STAGE_DATE for change in changes or ()) else Verdict.UNCHANGED
        return Decision(row, verdict, found.id, tuple(changes or ()), (), tuple(warnings), home, reported)

    def _remark(self, row: RosterRow, column: Column, reason: str, value: str = "") -> Remark:
        return Remark(row.row, self.heading.title(column), reason, value)

    def _refused(self, row: RosterRow, column: Column, reason: str, value: str) -> Decision:
        return Decision(row, Verdict.REFUSED, faults=(self._remark(row, column, reason, value),), warnings=row.warnings)

    def _who(self, row: RosterRow, candidates: Sequence[Known]) -> tuple[Known | None, Remark | None]:
        """The person on record, or why the row can not be taken. Unverified people are nobody here: never merged, never in the way."""
        sure = sorted((one for one in candidates if one.confirmed), key=lambda one: (one.origin is not Origin.ROSTER, one.id))
        if row.phone:
            holders = [one for one in sure if row.phone in one.phones]
            same = [one for one in holders if one.name == row.name]
            if holders and not same:
                return None, self._remark(row, Column.PHONE, f"这个号码已登记，姓名不同（{holders[0].name[:1]}某），请先核对", row.phone)
        else:
            same = [one for one in sure if one.name == row.name and one.birth_date == row.birth_date]
            if row.masked:
                same = [one for one in same if not one.phones or any(fits_mask(phone, row.masked) for phone in one.phones)]
            if len(same) > 1:
                return None, self._remark(row, Column.PHONE, f"在册有 {len(same)} 位同名同生日，请填手机号码来区分")
        if not same:
            return None, None
        found = same[0]
        if found.home and self.reach is not None and found.home.unit_id not in self.reach:
            return None, self._remark(row, Column.NAME, "这个人的组织关系不在您管的范围内，请先办转接", row.name)
        if (first := self.taken.setdefault(found.id, row.row)) != row.row:
            return None, self._remark(row, Column.NAME, f"与第 {first} 行重复：是系统里的同一个人", row.name)
        return found, None

    def _look_alikes(self, row: RosterRow, found: Known | None, candidates: Sequence[Known]) -> list[Remark]:
        said = []
        if row.phone and any(not one.confirmed and one.name == row.name and row.phone in one.phones for one in candidates):
            said.append(
                self._remark(row, Column.PHONE, "有人用这个姓名和号码自己注册过，还没核实；不接到那个账号上，本人用激活码认领", row.phone)
            )
        twins = [one for one in candidates if one.confirmed and one.name == row.name and one.birth_date == row.birth_date]
        if found is None and row.birth_date and twins:
            said.append(self._remark(row, Column.BIRTH, "在册已有同名同生日的人，手机不同；当作不同的人，请核对", full_day(row.birth_date)))
        return said

    def _compare(self, row: RosterRow, known: Known, home: int, reported: int | None) -> tuple[list[Change] | None, Remark | None]:
        """What would change; an empty cell changes nothing. (None, remark) refuses the row."""
        changes = []
        if row.gender and row.gender is not known.gender:
            changes.append(Change(Field.GENDER, known.gender.value if known.gender else "", row.gender.value))
        if row.birth_date and row.birth_date != known.birth_date:
            changes.append(Change(Field.BIRTH, before_on=known.birth_date, after_on=row.birth_date))
        if row.note and row.note != known.note:
            changes.append(Change(Field.NOTE, known.note, row.note))
        for which, tie, key in ((Field.HOME, known.home, home), (Field.REPORTED, known.reported, reported)):
            if key is not None and (tie is None or tie.unit_id != self.units.units[key].unit_id):
                changes.append(Change(which, after=self.units.units[key].name, target_id=tie.id if tie else None))
        change, said, refused = self._compare_stage(row, known)
        if refused:
            return None, said
        return changes + ([change] if change else []), said

    def _compare_stage(self, row: RosterRow, known: Known) -> tuple[Change | None, Remark | None, bool]:
        """A later stage is a new dated one; the date of a recorded one moves only where that is ticked."""
        if row.stage is None or row.stage_on is None or any((one.kind, one.began_on) == (row.stage, row.stage_on) for one in known.stages):
            return None, None, False
        same = max((one for one in known.stages if one.kind is row.stage), key=lambda one: one.began_on, default=None)
        if same:
            words = f"系统里是 {full_day(same.began_on)}，表里是 {full_day(row.stage_on)}；改它会移动双50的起算日，要改请另外勾选"
            moved = Change(Field.STAGE_DATE, STAGE_NAMES[same.kind], STAGE_NAMES[same.kind], same.began_on, row.stage_on, same.id)
            return moved, self._remark(row, Column.STAGE_ON, words, row.stage_on.isoformat()), False
        now = current_stage([StageFact(one.kind, one.began_on) for one in known.stages], date.max)
        if now is None:
            return Change(Field.STAGE, "", row.stage.value, after_on=row.stage_on), None, False
        if STAGE_ORDER[row.stage] < STAGE_ORDER[now.kind]:
            return (
                None,
                self._remark(row, Column.STAGE, f"系统里已是{STAGE_NAMES[now.kind]}，比表里靠后，没有改", STAGE_NAMES[row.stage]),
                False,
            )
        if row.stage_on < now.began_on:
            early = f"早于系统里成为{STAGE_NAMES[now.kind]}的 {full_day(now.began_on)}"
            return None, self._remark(row, Column.STAGE_ON, early, row.stage_on.isoformat()), True
        return Change(Field.STAGE, now.kind.value, row.stage.value, now.began_on, row.stage_on), None, False
