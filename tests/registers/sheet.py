"""Small registers for tests: rows as dictionaries, the file that they make, and what planning and writing them says."""

from datetime import date
from typing import Any

from app.core import clock
from app.registers import running, service
from app.registers.rules import COLUMNS, RegisterKind, RowVerdict
from app.registers.scope import scope_of, whole_scope
from app.registers.service import Plan
from app.sheets.reading import read
from app.sheets.writing import Table, xlsx

DAY = date(2026, 11, 21)


def file(kind: RegisterKind, *rows: dict[str, Any], title: str = "") -> bytes:
    """An xlsx with the register's own heading, under a title where one is given."""
    titles = [column.title for column in COLUMNS[kind]]
    assert all(set(row) <= set(titles) for row in rows), rows
    return xlsx(Table("表", titles, [[row.get(word) for word in titles] for row in rows], title=title))


def plan(kind: RegisterKind, *rows: dict[str, Any], roots: set[int] | None = None) -> Plan:
    return plan_data(kind, file(kind, *rows), roots=roots)


def plan_data(kind: RegisterKind, data: bytes, name: str = "a.xlsx", roots: set[int] | None = None) -> Plan:
    """As the command sees it, or (with `roots`) as somebody with rights there does."""
    scope = whole_scope(clock.today()) if roots is None else scope_of(roots, clock.today())
    return service.plan_file(kind, read(data, name), scope)


def write(
    kind: RegisterKind, *rows: dict[str, Any], by: int | None = None, approved_by: int | None = None, roots: set[int] | None = None
) -> int:
    """Plan, stage and write; the batch's id."""
    found = plan(kind, *rows, roots=roots)
    assert not refusals(found), refusals(found)
    return write_plan(found, by=by, approved_by=approved_by)


def write_plan(found: Plan, *, by: int | None = None, approved_by: int | None = None) -> int:
    root = whole_scope(clock.today()).root_id
    batch_id = running.stage(found, root, "a.xlsx", by, clock.now())
    running.write(batch_id, approved_by or by, clock.now(), approved_by_id=approved_by)
    return batch_id


def undo(batch_id: int, by: int | None = None) -> None:
    running.undo(batch_id, by, clock.now())


def counts(found: Plan) -> tuple[int, int, int, int]:
    """(new, changed, unchanged, refused)."""
    return tuple(found.count(verdict) for verdict in RowVerdict)  # type: ignore[return-value]


def refusals(found: Plan) -> list[tuple[int, str, str]]:
    return [(one.number, column, reason) for one in found.decisions for column, _, reason in one.faults]


def changes(found: Plan) -> list[tuple[str, str, str]]:
    return [change for one in found.decisions for change in one.changes]
