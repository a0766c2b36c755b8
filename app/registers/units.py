"""The register of units: writing what was decided (`units_plan`), taking it back, and everything in a scope."""

from collections.abc import Iterator, Sequence
from datetime import date

from app.core import clock
from app.core.errors import Conflict
from app.people import service as people
from app.people.queries.trees import UNITS
from app.people.rules import UNIT_KIND_NAMES, UnitKind
from app.registers import trees
from app.registers.rules import COLUMNS, RegisterKind, RowVerdict
from app.registers.scope import Scope, place_tree, ties, unit_tree
from app.registers.staged import MOVED_ON, Job, Listing, Register, Staged
from app.registers.units_plan import plan
from app.sheets.writing import Value


def write(job: Job, rows: Sequence[Staged]) -> None:
    made = trees.made_by(job.batch_id, [row.values.get("parent") for row in rows])
    for row in rows:
        values, journal = row.values, row.journal
        if row.verdict is RowVerdict.NEW:
            parent = trees.resolved(values["parent"], made)
            opened = date.fromisoformat(values["opened"])
            begun = max(opened, trees.since(UNITS, parent) or opened)
            row.target_id = people.create_unit(UnitKind(values["kind"]), values["name"], parent, begun, job.actor_id)
            trees.begin_on(UNITS, row.target_id, opened)
            made[-row.number] = row.target_id
        else:
            _change(job, row, made)
        if "places" in values:
            for place in values["places"]:
                people.tie_place(place, row.target, job.day, job.actor_id)
            journal["tied"] = values["places"]
        if "closed" in values:
            people.close_unit(row.target, date.fromisoformat(values["closed"]), job.actor_id)
            journal["closed"] = values["closed"]


def _change(job: Job, row: Staged, made: dict[int, int]) -> None:
    values, journal = row.values, row.journal
    if "parent" in values:
        journal["parent"] = trees.parent_of(UNITS, row.target)
        people.move_unit(row.target, trees.the_record(values["parent"], made), job.day, job.day, job.actor_id)
    if "opened" in values:
        journal["opened"] = trees.begin_on(UNITS, row.target, date.fromisoformat(values["opened"])).isoformat()


def undo(job: Job, rows: Sequence[Staged]) -> None:
    for row in reversed(rows):
        unit_id, journal = row.target, row.journal
        if "closed" in journal:
            trees.reopen(UNITS, unit_id, date.fromisoformat(journal["closed"]), job.actor_id)
        trees.untie([(place, unit_id) for place in journal.get("tied", ())])
        if row.verdict is RowVerdict.NEW:
            trees.erase(UNITS, unit_id, job)
            row.target_id = None
        else:
            if "opened" in journal:
                trees.begin_on(UNITS, unit_id, date.fromisoformat(journal["opened"]))
            if "parent" in journal:
                if trees.parent_since(UNITS, unit_id) != job.day:
                    raise Conflict(MOVED_ON)
                people.move_unit(unit_id, journal["parent"], job.day, clock.local_date(job.now), job.actor_id)


def rests(batch_id: int) -> list[str]:
    return trees.rests(UNITS, batch_id)


def listing(scope: Scope) -> Listing:
    """Every unit in the scope, parents before children, closed ones too."""
    units, places, tied = unit_tree(), place_tree(), ties()
    of_unit: dict[int, list[int]] = {}
    for place, unit in sorted(tied):
        of_unit.setdefault(unit, []).append(place)

    def rows() -> Iterator[Sequence[Value]]:
        for node in sorted(units.nodes.values(), key=lambda node: (len(units.path(node.id)), node.id)):
            if scope.reach is None or node.id in scope.reach or any(above.id in scope.tops for above in units.path(node.id)):
                tied_to = "；".join(places.label(place) for place in of_unit.get(node.id, ()))
                yield (node.name, UNIT_KIND_NAMES[UnitKind(node.kind)], units.label(node.parent), node.opened, node.closed, tied_to)

    return Listing(tuple(column.title for column in COLUMNS[RegisterKind.UNITS]), rows())


REGISTER = Register(RegisterKind.UNITS, plan, write, undo, rests, listing)
