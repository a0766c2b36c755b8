"""The register of places. The whole way to a place is its identity: 灯湖社区/中海万锦豪园/银杏一座. Nothing is renamed or moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.people import service as people
from app.people.queries.trees import PLACES
from app.people.rules import PlaceKind, UnitKind
from app.people.tree_rules import PLACE_KIND_NAMES, place_fault, tie_fault
from app.registers import trees
from app.registers.rules import COLUMNS, Decision, RegisterKind, Row, RowVerdict, refusal
from app.registers.scope import Scope, place_tree, placed_in_reach, ties, unit_tree
from app.registers.staged import Job, Listing, Register, Staged
from app.registers.tree import Node, Tree, why_lost
from app.sheets.cells import BadCell, folded, line_of, several, text_of
from app.sheets.reading import Cell
from app.sheets.writing import Value

SYNONYMS = {
    "党群服务中心": PlaceKind.SERVICE_CENTRE, "党群服务站": PlaceKind.SERVICE_CENTRE, "初心驿站": PlaceKind.STATION,
    "组织生活馆": PlaceKind.STATION, "创熟加油站": PlaceKind.STATION, "驿站": PlaceKind.STATION,
}  # fmt: skip
WORDS = {folded(name): kind for kind, name in PLACE_KIND_NAMES.items()} | SYNONYMS


def _kind(cell: Cell) -> PlaceKind:
    word = folded(text_of(cell))
    if not word:
        raise BadCell("没有填类别")
    if word not in WORDS:
        raise BadCell(f"只能填{'、'.join(PLACE_KIND_NAMES.values())}")
    return WORDS[word]


@dataclass
class _Planner:
    """Decides row after row; a row waits until the place that it lies in is known."""

    scope: Scope
    places: Tree
    units: Tree
    tied: set[tuple[int, int]]
    reach: frozenset[int] | None
    taken: dict[int, int] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)

    def decide_all(self, rows: list[Row]) -> list[Decision]:
        waiting = rows
        while waiting:
            left = [row for row in waiting if not self._decide(row)]
            if len(left) == len(waiting):
                above = {row.line("name"): row.line("parent", 400) for row in left}
                inside = {line_of(row.cells.get("name")) for row in rows}
                for row in left:
                    row.fault("parent", why_lost(row.line("name"), row.line("parent", 400), above, inside))
                    self._refuse(row, row.line("name"))
                break
            waiting = left
        return self.decisions

    def _refuse(self, row: Row, name: str) -> None:
        self.decisions.append(refusal(row, name or "（没有名称）"))

    def _decide(self, row: Row) -> bool:
        """False while the place that it lies in is not known."""
        parent: Node | None = None
        words = line_of(row.cells.get("parent"))
        if words:
            found = self.places.find(words)
            if not found:
                return False
            parent, why = self.places.the_one(words, "地点")
            if parent is None:
                row.fault("parent", why)
        name, kind = row.line("name"), row.read("kind", _kind, None)
        if not row.refused and kind is not None:
            same = [one for one in self.places.named(name) if one.parent == (parent.id if parent else None)]
            same = [one for one in same if one.closed is None] or same
            self._compare(row, name, kind, parent, same[0] if same else None)
        else:
            self._refuse(row, name)
        return True

    def _compare(self, row: Row, name: str, kind: PlaceKind, parent: Node | None, known: Node | None) -> None:
        tied_to = self._ties(row, kind, known.id if known else -row.number)
        if known is None:
            self._may_begin(row, kind, parent, tied_to)
        elif (first := self.taken.setdefault(known.id, row.number)) != row.number:
            row.fault("name", f"与第 {first} 行重复：名称和上级都相同")
        elif known.kind != kind:
            row.fault("kind", f"系统里是{PLACE_KIND_NAMES[PlaceKind(known.kind)]}，类别不能改")
        elif known.closed:
            row.fault("name", f"这个地点已在 {known.closed} 停用")
        elif self.reach is not None and known.id not in self.reach and known.id > 0:
            row.fault("name", f"“{name}”不在您管的范围内，请交给管它的人")
        if row.refused:
            self._refuse(row, name)
            return
        changes = [(row.title("units"), "", "；".join(self.units.label(unit) for unit in tied_to))] if tied_to else []
        values: dict[str, object] = {"units": tied_to} if tied_to else {}
        if known is None:
            self.places.add(Node(-row.number, name, kind, parent.id if parent else None, self.scope.today))
            self.taken[-row.number] = row.number
            values |= {"name": name, "kind": kind, "parent": parent.id if parent else None}
            changes.insert(0, (row.title("parent"), "", self.places.whole(parent.id) if parent else "最上面一级"))
        verdict = RowVerdict.NEW if known is None else RowVerdict.CHANGED if tied_to else RowVerdict.UNCHANGED
        self.decisions.append(Decision(row.number, verdict, name[:120], values, tuple(changes), target_id=known.id if known else None))

    def _may_begin(self, row: Row, kind: PlaceKind, parent: Node | None, tied_to: list[int]) -> None:
        if fault := place_fault(kind, PlaceKind(parent.kind) if parent else None):
            row.fault("parent", fault)
        if parent and parent.closed:
            row.fault("parent", f"“{parent.name}”已经停用")
        if self.reach is None:
            return
        if parent is None and not tied_to:
            row.fault("units", "新的社区请写上对应的组织，才知道归谁管")
        elif parent is not None and parent.id > 0 and parent.id not in self.reach:
            row.fault("parent", f"“{parent.name}”不在您管的范围内，请交给管它的人")

    def _ties(self, row: Row, kind: PlaceKind, place_id: int) -> list[int]:
        found: list[int] = []
        for words in several(row.cells.get("units")):
            unit, why = self.units.the_one(words, "组织")
            if unit is None:
                row.fault("units", why)
            elif (place_id, unit.id) not in self.tied and unit.id not in found:
                if not self.scope.holds(unit.id):
                    row.fault("units", f"“{unit.name}”不在您管的范围内，请交给管它的人")
                elif unit.closed:
                    row.fault("units", f"“{unit.name}”已经关闭")
                elif fault := tie_fault(UnitKind(unit.kind), kind):
                    row.fault("units", fault)
                found.append(unit.id)
        return found


def plan(rows: list[Row], scope: Scope) -> list[Decision]:
    tied, places = ties(), place_tree()
    return _Planner(scope, places, unit_tree(), tied, placed_in_reach(scope, tied, places)).decide_all(rows)


def write(job: Job, rows: Sequence[Staged]) -> None:
    made = trees.made_by(job.batch_id, [row.values.get("parent") for row in rows])
    for row in rows:
        values = row.values
        if row.verdict is RowVerdict.NEW:
            parent = trees.resolved(values["parent"], made)
            row.target_id = people.create_place(PlaceKind(values["kind"]), values["name"], parent, job.day, job.actor_id)
            made[-row.number] = row.target_id
        for unit in values.get("units", ()):
            people.tie_place(row.target, unit, job.day, job.actor_id)


def undo(job: Job, rows: Sequence[Staged]) -> None:
    for row in reversed(rows):
        trees.untie([(row.target, unit) for unit in row.values.get("units", ())])
        if row.verdict is RowVerdict.NEW:
            trees.erase(PLACES, row.target, job)
            row.target_id = None


def rests(batch_id: int) -> list[str]:
    return trees.rests(PLACES, batch_id)


def listing(scope: Scope) -> Listing:
    """Every open place in the scope, the outer before the inner."""
    places, units, tied = place_tree(), unit_tree(), ties()
    reach = placed_in_reach(scope, tied, places)
    of_place: dict[int, list[int]] = {}
    for place, unit in sorted(tied):
        of_place.setdefault(place, []).append(unit)

    def rows() -> Iterator[Sequence[Value]]:
        for node in sorted(places.nodes.values(), key=lambda node: (len(places.path(node.id)), node.id)):
            if node.closed is None and (reach is None or node.id in reach):
                tied_to = "；".join(units.label(unit) for unit in of_place.get(node.id, ()))
                yield (node.name, PLACE_KIND_NAMES[PlaceKind(node.kind)], places.whole(node.parent), tied_to)

    return Listing(tuple(column.title for column in COLUMNS[RegisterKind.PLACES]), rows())


REGISTER = Register(RegisterKind.PLACES, plan, write, undo, rests, listing)
