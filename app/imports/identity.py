"""Who on record a row is. Pure.

By the phone and the name; without a phone by the name, the birth date and the branch. Unverified people are nobody here: never
merged, never in the way. Where a phone changed the row is not decided here but asked about (`Found.asks`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.words import full_day
from app.imports.planning import Known
from app.imports.reading import Remark, RosterRow, Unless
from app.imports.rules import Column, Heading, fits_mask
from app.people.naming import mask_phone
from app.people.rules import Origin

NO_PHONE = "没有手机号码；确实没有的，可以按持卡人员收下"


@dataclass(frozen=True)
class Found:
    """`asks`: `person` is who the row may be, and somebody has to say so. A `fault` refuses the row.

    `shares`: the row is nobody on record, and its number is somebody else's, on record (`holder_id`) or in the sheet.
    """

    person: Known | None = None
    fault: Remark | None = None
    asks: bool = False
    shares: bool = False
    holder_id: int | None = None


@dataclass
class Identity:
    """`reach` are the units the importer may touch, None for all (the command line)."""

    heading: Heading
    reach: frozenset[int] | None
    taken: dict[int, int] = field(default_factory=dict)
    sure: set[int] = field(default_factory=set)  # stand in the sheet with the phone and the name that are on record
    alike: dict[tuple[str, int], list[int]] = field(default_factory=dict)  # rows of one name in one branch

    def learn(self, rows: Iterable[RosterRow], known: Mapping[int, Sequence[Known]], home: Callable[[RosterRow], int | None]) -> None:
        """What the sheet as a whole tells, before its rows are told apart one by one."""
        alike: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for row in rows:
            self.sure.update(one.id for one in known.get(row.row, ()) if row.phone in one.phones and one.name == row.name)
            if row.readable and (key := home(row)) is not None:
                alike[row.name, key].append(row.row)
        self.alike = dict(alike)

    def find(self, row: RosterRow, home: int, unit_id: int | None, candidates: Sequence[Known]) -> Found:
        """`home` is the key of the row's branch in the plan, `unit_id` the branch itself where it exists."""
        known = sorted((one for one in candidates if one.confirmed), key=lambda one: (one.origin is not Origin.ROSTER, one.id))
        named = [one for one in known if one.name == row.name]
        if row.phone:
            found = self._by_phone(row, unit_id, known, named)
        elif row.masked:
            found = self._by_mask(row, named)
        else:
            found = self._without_phone(row, home, unit_id, named)
        if found.person is None:
            return found
        tie = found.person.home
        if tie and self.reach is not None and tie.unit_id not in self.reach:
            return self._no(row, Column.NAME, "这个人的组织关系不在您管的范围内，请先办转接", row.name)
        if (first := self.taken.setdefault(found.person.id, row.row)) != row.row:
            return self._no(row, Column.NAME, f"与第 {first} 行重复：是系统里的同一个人", row.name)
        return found

    def _by_phone(self, row: RosterRow, unit_id: int | None, known: Sequence[Known], named: Sequence[Known]) -> Found:
        holders = [one for one in known if row.phone in one.phones]
        same = [one for one in holders if one.name == row.name]
        if same:
            return Found(same[0])
        maybe = [one for one in named if _in(one, unit_id) and one.id not in self.sure and _may_have_another_phone(row, one)]
        beside = row.fault(Unless.SHARED)
        if holders or beside:
            return self._on_anothers(row, holders, beside, maybe)
        if len(maybe) > 1:
            return self._no(row, Column.PHONE, f"在册有 {len(maybe)} 位同名同支部的人，分不清是谁换了号码，请先核对", row.phone)
        return Found(maybe[0], asks=True) if maybe else Found()

    def _on_anothers(self, row: RosterRow, holders: Sequence[Known], beside: Remark | None, maybe: Sequence[Known]) -> Found:
        """Two may share a number, as couples do; somebody has to say so. Not where the branch has one of that name already."""
        said = beside
        if holders:
            first = holders[0]
            ours = self.reach is None or (first.home is not None and first.home.unit_id in self.reach)
            whose = first.name if ours else f"{first.name[:1]}某"
            said = self._no(row, Column.PHONE, f"这个号码已登记，姓名不同（{whose}），请先核对", row.phone).fault
        if maybe:
            return Found(fault=said)
        return Found(fault=said, shares=True, holder_id=holders[0].id if holders else None)

    def _by_mask(self, row: RosterRow, named: Sequence[Known]) -> Found:
        same = [one for one in named if one.birth_date == row.birth_date]
        same = [one for one in same if not one.phones or any(fits_mask(phone, row.masked) for phone in one.phones)]
        return self._one_of(row, same, "同名同生日")

    def _without_phone(self, row: RosterRow, home: int, unit_id: int | None, named: Sequence[Known]) -> Found:
        """In the branch by the birth date where there is one; elsewhere (a move) only by it."""
        if row.birth_date is None:
            others = [other for other in self.alike.get((row.name, home), ()) if other != row.row]
            if others:
                return self._no(row, Column.PHONE, f"与第 {others[0]} 行同名同支部，没有手机号码和出生日期，分不清是不是同一人")
            return self._one_of(row, [one for one in named if _in(one, unit_id)], "同名")
        born = [one for one in named if one.birth_date == row.birth_date]
        undated = [one for one in named if one.birth_date is None and _in(one, unit_id) and one.id not in self.sure]
        here = [one for one in born if _in(one, unit_id)]
        return self._one_of(row, here or born or undated, "同名同生日" if born else "同名")

    def _one_of(self, row: RosterRow, same: Sequence[Known], how: str) -> Found:
        if len(same) > 1:
            more = "手机号码" if row.birth_date else "手机号码或出生日期"
            return self._no(row, Column.PHONE, f"在册有 {len(same)} 位{how}，请填{more}来区分")
        return Found(same[0]) if same else Found()

    def _no(self, row: RosterRow, column: Column, reason: str, value: str = "") -> Found:
        return Found(fault=Remark(row.row, self.heading.title(column), reason, value))


def _in(one: Known, unit_id: int | None) -> bool:
    return unit_id is not None and one.home is not None and one.home.unit_id == unit_id


def _may_have_another_phone(row: RosterRow, one: Known) -> bool:
    """Same birth date, or not known to be another: in one branch a second person of the name is asked about, never made in silence."""
    return not (row.birth_date and one.birth_date) or row.birth_date == one.birth_date


def look_alikes(heading: Heading, row: RosterRow, found: Found, candidates: Sequence[Known]) -> list[Remark]:
    """Warnings about others on record who resemble the row."""
    said = []
    if row.phone and any(not one.confirmed and one.name == row.name and row.phone in one.phones for one in candidates):
        words = "有人用这个姓名和号码自己注册过，还没核实；不接到那个账号上，本人用激活码认领"
        said.append(Remark(row.row, heading.title(Column.PHONE), words, row.phone))
    if found.asks and found.person:
        phones = "、".join(mask_phone(phone) for phone in sorted(found.person.phones))
        had = f"登记的是 {phones}" if phones else "还没有登记手机号码"
        alike = "同名、同生日、同支部" if row.birth_date and found.person.birth_date else "同名、同支部"
        words = f"疑似换号：在册有{alike}的人，{had}；先不改动，等人决定"
        said.append(Remark(row.row, heading.title(Column.PHONE), words, row.phone))
    twins = [one for one in candidates if one.confirmed and one.name == row.name and one.birth_date == row.birth_date]
    if found.person is None and row.birth_date and twins:
        words = "在册已有同名同生日的人，手机不同；当作不同的人，请核对"
        said.append(Remark(row.row, heading.title(Column.BIRTH), words, full_day(row.birth_date)))
    return said
