"""Row after row: new, changed, unchanged or refused, and what has to be asked. Pure: what is known comes in as frozen facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.core.words import full_day
from app.imports.identity import NO_PHONE, Found, Identity, look_alikes
from app.imports.planning import Ask, Change, Decision, Field, Known, Verdict
from app.imports.reading import Remark, RosterRow, Unless
from app.imports.rules import Column, Heading
from app.imports.units import UnitPlan
from app.people.rules import STAGE_NAMES, STAGE_ORDER, StageFact, StageKind, current_stage
from app.sheets.cells import folded

BY_OTHERS = {Field.HOME: Column.BRANCH, Field.STAGE: Column.STAGE, Field.STAGE_DATE: Column.STAGE_ON}
OWN = "自己的支部和阶段要由别人来改，这几格没有动"


class Planner:
    """Decides row after row; `reach` are the units the importer may touch, None for all (the command line).

    `own` is the importer's own person: nobody sets their own branch or stage.
    """

    def __init__(self, heading: Heading, units: UnitPlan, reach: frozenset[int] | None, own: int | None = None) -> None:
        self.heading, self.units, self.own = heading, units, own
        self.identity = Identity(heading, reach)

    def decide_all(self, rows: Iterable[RosterRow], known: Mapping[int, Sequence[Known]]) -> tuple[Decision, ...]:
        """`known` gives the candidates of each row by its number."""
        rows = tuple(rows)
        self.units.learn((row.community, row.branch) for row in rows if row.readable)
        self.identity.learn(rows, known, lambda row: self.units.home(row.community, row.branch)[0])
        return tuple(self.decide(row, known.get(row.row, ())) for row in rows)

    def decide(self, row: RosterRow, candidates: Sequence[Known]) -> Decision:
        if not row.readable:
            there = next((one for one in candidates if one.confirmed and one.name == row.name and row.phone in one.phones), None)
            return Decision(row, Verdict.REFUSED, there.id if there else None, faults=row.faults, warnings=row.warnings)
        home, unlike = self.units.home(row.community, row.branch)
        if home is None:
            fault = self._remark(row, Column.COMMUNITY, "不在您管的范围内，请交给管这个社区的人导入", row.community)
            return Decision(row, Verdict.REFUSED, faults=(fault,), warnings=row.warnings)
        reported = self.units.community(row.reported) if row.reported else None
        found = self.identity.find(row, home, self.units.units[home].unit_id, candidates)
        warnings = (*self._about_units(row, home, unlike, reported), *look_alikes(self.heading, row, found, candidates))
        undated = row.fault(Unless.KNOWN)
        if undated and (found.fault or found.person is None or not _reached(row.stage, found.person)):
            whose = found.person.id if found.person else None
            return Decision(row, Verdict.REFUSED, whose, faults=(*((found.fault,) if found.fault else ()), undated), warnings=warnings)
        if found.shares and found.fault:
            faults = (found.fault,)
            return Decision(row, Verdict.REFUSED, None, (), faults, warnings, home, reported, Ask.SHARE, found.holder_id)
        if found.fault:
            return Decision(row, Verdict.REFUSED, faults=(found.fault,), warnings=warnings)
        if found.person is None and not row.phone and not row.masked:
            fault = self._remark(row, Column.PHONE, NO_PHONE)
            return Decision(row, Verdict.REFUSED, faults=(fault,), warnings=warnings, home=home, reported=reported, asks=Ask.CARD)
        if found.person is None:
            return Decision(row, Verdict.NEW, warnings=warnings, home=home, reported=reported)
        return self._known(row, found, found.person, home, reported, warnings)

    def _known(
        self, row: RosterRow, found: Found, person: Known, home: int | None, reported: int | None, warnings: tuple[Remark, ...]
    ) -> Decision:
        changes, said = self._compare(row, person, home, reported)
        if said and changes is None:
            return Decision(row, Verdict.REFUSED, person.id, faults=(said,), warnings=warnings)
        changes = changes or []
        if person.id == self.own and (others := [change for change in changes if change.field in BY_OTHERS]):
            changes = [change for change in changes if change.field not in BY_OTHERS]
            said = self._remark(row, BY_OTHERS[others[0].field], OWN)
            home = None if any(change.field is Field.HOME for change in others) else home
        warnings += (said,) if said else ()
        if found.asks:
            changes = _new_number(row, person) + changes
            return Decision(row, Verdict.UNCHANGED, person.id, tuple(changes), (), warnings, home, reported, Ask.PHONE)
        verdict = Verdict.CHANGED if any(change.field is not Field.STAGE_DATE for change in changes) else Verdict.UNCHANGED
        return Decision(row, verdict, person.id, tuple(changes), (), warnings, home, reported)

    def _remark(self, row: RosterRow, column: Column, reason: str, value: str = "") -> Remark:
        return Remark(row.row, self.heading.title(column), reason, value)

    def _about_units(self, row: RosterRow, home: int, unlike: str, reported: int | None) -> list[Remark]:
        said = list(row.warnings)
        if row.reported and reported is None:
            said.append(self._remark(row, Column.REPORTED, "不在您管的范围内，报到没有记；请由街道导入", row.reported))
        if unlike:
            said.append(self._remark(row, Column.COMMUNITY, unlike, row.community))
        if like := self.units.units[home].like:
            said.append(self._remark(row, Column.BRANCH, f"系统里没有这个支部，是不是“{like}”？另外勾选了新建才收", row.branch))
        return said

    def _compare(self, row: RosterRow, known: Known, home: int | None, reported: int | None) -> tuple[list[Change] | None, Remark | None]:
        """What would change; an empty cell changes nothing. (None, remark) refuses the row."""
        changes = []
        if row.gender and row.gender is not known.gender:
            changes.append(Change(Field.GENDER, known.gender.value if known.gender else "", row.gender.value))
        if row.birth_date and row.birth_date != known.birth_date:
            changes.append(Change(Field.BIRTH, before_on=known.birth_date, after_on=row.birth_date))
        if row.note and row.note != folded(known.note):
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


def _reached(stage: StageKind | None, known: Known) -> bool:
    """The stage or a later one is on record, so that its date is not needed."""
    return stage is not None and any(STAGE_ORDER[one.kind] >= STAGE_ORDER[stage] for one in known.stages)


def _new_number(row: RosterRow, person: Known) -> list[Change]:
    """The old numbers end, the new one begins; the first change carries it."""
    old: list[tuple[str, int | None]] = [*sorted(person.phones.items())] or [("", None)]
    return [Change(Field.PHONE, number, "" if nth else row.phone, target_id=phone_id) for nth, (number, phone_id) in enumerate(old)]
