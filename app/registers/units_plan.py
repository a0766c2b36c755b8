"""What a register of units would do, row by row. Name and parent together are the identity; another parent is a move, shown as such."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.core.words import full_day
from app.people.rules import UNIT_KIND_NAMES, PlaceKind, UnitKind
from app.people.tree_rules import tie_fault, unit_fault
from app.registers.cells import named
from app.registers.rules import Decision, Row, RowVerdict, refusal
from app.registers.scope import Scope, place_tree, placed_in_reach, ties, unit_tree
from app.registers.tree import Node, Tree, why_lost
from app.sheets.cells import folded, line_of, several

KIND = named(UNIT_KIND_NAMES)


@dataclass
class _Read:
    row: Row
    name: str
    kind: UnitKind  # 党支部 where the cell was bad: the row is refused
    parent: str
    opened: date | None
    closed: date | None
    places: list[str]


def _read(row: Row, today: date) -> _Read:
    name, parent = row.line("name"), row.line("parent", 400)
    kind = row.read("kind", KIND, None)
    if kind is None and not any(title == row.title("kind") for title, _, _ in row.faults):
        row.fault("kind", "没有填类别")
    opened, closed = row.day("opened"), row.day("closed")
    for key, day in (("opened", opened), ("closed", closed)):
        if day and day > today:
            row.fault(key, "不能写今天以后的日子")
    if opened and closed and closed < opened:
        row.fault("closed", "关闭日期早于成立日期")
    return _Read(row, name, kind or UnitKind.BRANCH, parent, opened, closed, several(row.cells.get("places")))


@dataclass
class _Planner:
    """Decides row after row; a row waits until its parent is known."""

    scope: Scope
    units: Tree
    places: Tree
    tied: set[tuple[int, int]]
    place_reach: frozenset[int] | None
    taken: dict[int, int] = field(default_factory=dict)  # unit → the row that it stands in
    decisions: list[Decision] = field(default_factory=list)
    inside: frozenset[str] = frozenset()  # the names in the file

    def decide_all(self, rows: list[Row]) -> list[Decision]:
        waiting = []
        self.inside = frozenset(line_of(row.cells.get("name")) for row in rows)
        for read in (_read(row, self.scope.today) for row in rows):
            if read.row.refused:
                self.refuse(read)
            else:
                waiting.append(read)
        waiting = [read for read in waiting if not self._stands(read)]
        while waiting:
            left = [read for read in waiting if not self._place(read)]
            if len(left) == len(waiting):
                above = {read.name: read.parent for read in left}
                for read in left:
                    read.row.fault("parent", self._why_not(read, above))
                    self.refuse(read)
                break
            waiting = left
        return self.decisions

    def refuse(self, read: _Read) -> None:
        self.decisions.append(refusal(read.row, read.name or "（没有名称）"))

    def _parents(self, read: _Read) -> list[Node]:
        return self.units.find(read.parent) if read.parent else []

    def _stands(self, read: _Read) -> bool:
        """The unit stands just there already; True when that decides the row."""
        same = [node for node in self.units.named(read.name) if node.id > 0 and self._is_under(node, read.parent)]
        same = [node for node in same if node.closed == read.closed] or [node for node in same if node.closed is None] or same
        if len(same) != 1:
            return False
        self._known(read, same[0], None)
        return True

    def _is_under(self, node: Node, parent: str) -> bool:
        if node.parent is None or not parent:
            return node.parent is None and not parent
        return any(above.id == node.parent for above in self.units.find(parent))

    def _place(self, read: _Read) -> bool:
        """Find or plan the unit now that more parents are known; False while its parent is not."""
        if not read.parent:
            return self._top(read)
        parents = self._parents(read)
        if len(parents) > 1:
            read.row.fault("parent", self.units.the_one(read.parent, "组织")[1])
            self.refuse(read)
            return True
        if not parents:
            return False
        parent = parents[0]
        elsewhere = [node for node in self.units.named(read.name) if node.id > 0 and node.closed is None and node.id not in self.taken]
        elsewhere = [node for node in elsewhere if node.kind == read.kind]
        if len(elsewhere) == 1 and elsewhere[0].parent is not None:
            if self.units.above(parent.id, elsewhere[0].id):
                return False
            self._known(read, elsewhere[0], parent)
        else:
            self._new(read, parent)
        return True

    def _top(self, read: _Read) -> bool:
        if (
            any(node.parent is None for node in self.units.nodes.values())
            or read.kind is not UnitKind.SUBDISTRICT
            or self.scope.reach is not None
        ):
            read.row.fault("parent", "没有填上级；只有街道没有上级")
            self.refuse(read)
        else:
            self._new(read, None)
        return True

    def _why_not(self, read: _Read, above: dict[str, str]) -> str:
        if any(folded(parent.name) != folded(read.name) for parent in self._parents(read)):
            return f"“{read.parent}”就在“{read.name}”下面，不能反过来"
        return why_lost(read.name, read.parent, above, self.inside)

    def _known(self, read: _Read, unit: Node, new_parent: Node | None) -> None:
        """A row about a unit on record: what it would change."""
        row = read.row
        changes: list[tuple[str, str, str]] = []
        values: dict[str, Any] = {}
        if (first := self.taken.setdefault(unit.id, row.number)) != row.number:
            row.fault("name", f"与第 {first} 行重复：名称和上级都相同")
        if not self.scope.holds(unit.id):
            row.fault("name", f"“{read.name}”不在您管的范围内，请交给管它的人")
        if unit.kind != read.kind:
            row.fault("kind", f"系统里是{UNIT_KIND_NAMES[UnitKind(unit.kind)]}，类别不能改")
        if unit.closed and read.closed != unit.closed:
            row.fault("closed", f"这个组织已在 {unit.closed} 关闭，不会再打开或改日子")
        if new_parent is not None:
            self._check_under(read, new_parent)
            if unit.id in self.scope.tops:
                row.fault("parent", f"“{read.name}”是您权限的最上一级，要由上级来移动")
            changes.append(("移动", self.units.whole(unit.parent), self.units.whole(new_parent.id)))
            values["parent"] = new_parent.id
        if read.opened and read.opened > unit.opened:
            row.fault("opened", f"系统里是 {unit.opened}，只能改得更早")
        elif read.opened and read.opened < unit.opened:
            changes.append((row.title("opened"), full_day(unit.opened), full_day(read.opened)))
            values["opened"] = read.opened.isoformat()
        if read.closed and unit.closed is None:
            changes.append((row.title("closed"), "", full_day(read.closed)))
            values["closed"] = read.closed.isoformat()
        new_ties = self._ties(read, unit.id)
        if new_ties and not unit.closed:
            values["places"] = new_ties
            changes.append((row.title("places"), "", "；".join(self.places.label(place) for place in new_ties)))
        if row.refused:
            self.refuse(read)
            return
        if new_parent is not None:
            self.units.move(unit.id, new_parent.id)
        verdict = RowVerdict.CHANGED if values else RowVerdict.UNCHANGED
        subject = self.units.label(unit.id)
        self.decisions.append(Decision(row.number, verdict, subject[:120], values, tuple(changes), target_id=unit.id))

    def _new(self, read: _Read, parent: Node | None) -> None:
        row = read.row
        if read.closed:
            row.fault("closed", "系统里没有这个组织，已关闭的不必再导入")
        if parent is not None:
            self._check_under(read, parent)
        twins = [node for node in self.units.named(read.name) if node.parent == (parent.id if parent else None) and node.closed is None]
        if any(node.id < 0 for node in twins):
            row.fault("name", f"与第 {-twins[0].id} 行重复：名称和上级都相同")
        new_ties = self._ties(read, -row.number)
        if row.refused:
            self.refuse(read)
            return
        opened = read.opened or self.scope.today
        self.units.add(Node(-row.number, read.name, read.kind, parent.id if parent else None, opened))
        values: dict[str, Any] = {
            "name": read.name,
            "kind": read.kind,
            "parent": parent.id if parent else None,
            "opened": opened.isoformat(),
        }
        if new_ties:
            values["places"] = new_ties
        where = (row.title("parent"), "", self.units.whole(parent.id)) if parent else (row.title("parent"), "", "最上面一级")
        self.decisions.append(Decision(row.number, RowVerdict.NEW, read.name, values, (where,)))

    def _check_under(self, read: _Read, parent: Node) -> None:
        if not self.scope.holds(parent.id):
            read.row.fault("parent", f"“{parent.name}”不在您管的范围内，请交给管它的人")
        if parent.closed:
            read.row.fault("parent", f"“{parent.name}”已经关闭")
        if fault := unit_fault(read.kind, UnitKind(parent.kind)):
            read.row.fault("parent", fault)

    def _ties(self, read: _Read, unit_id: int) -> list[int]:
        """Places that the row names and the unit is not tied to yet."""
        found = []
        for words in read.places:
            place, why = self.places.the_one(words, "地点")
            if place is None:
                read.row.fault("places", why)
            elif self.place_reach is not None and place.id not in self.place_reach and (place.id, unit_id) not in self.tied:
                read.row.fault("places", f"地点“{place.name}”不在您管的范围内")
            elif (place.id, unit_id) not in self.tied and place.id not in found:
                if fault := tie_fault(read.kind, PlaceKind(place.kind)):
                    read.row.fault("places", fault)
                if place.closed:
                    read.row.fault("places", f"地点“{place.name}”已经停用")
                found.append(place.id)
        return found


def plan(rows: list[Row], scope: Scope) -> list[Decision]:
    tied, places = ties(), place_tree()
    return _Planner(scope, unit_tree(), places, tied, placed_in_reach(scope, tied, places)).decide_all(rows)
