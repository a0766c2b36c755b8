"""Files out: figures as numbers, dates as dates, words that begin with = + - @ as words. Who took what is written down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.audit import service as audit
from app.core.db import in_transaction
from app.registers import past, places, posts, projects, roster, units
from app.registers.rules import KIND_NAMES, RegisterKind
from app.registers.scope import Scope
from app.registers.staged import Listing
from app.sheets.writing import Counted, Table, csv_lines, xlsx


class FileType(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True)
class Export:
    """`key` stands in the address and the audit; `listing` takes a scope and (hours only) a year."""

    key: str
    name: str
    said: str
    listing: Callable[[Scope, int | None], Listing]


EXPORTS = {
    one.key: one
    for one in (
        Export("people", "人员", "姓名、手机、支部、阶段，和导入名册同样的列", lambda scope, _: roster.listing(scope)),
        Export("units", KIND_NAMES[RegisterKind.UNITS], "名称、类别、上级、日期、对应地点", lambda scope, _: units.listing(scope)),
        Export("places", KIND_NAMES[RegisterKind.PLACES], "社区到楼道，对应哪个组织", lambda scope, _: places.listing(scope)),
        Export("posts", KIND_NAMES[RegisterKind.POSTS], "岗位、名额、任职人和任期", lambda scope, _: posts.listing(scope)),
        Export("hours", "时长", "每人每天每项一行，信用和荣誉分开", past.listing),
        Export(
            "projects", KIND_NAMES[RegisterKind.PROJECTS], "导入的历史项目：年份、支出、服务人次", lambda scope, _: projects.listing(scope)
        ),
    )
}


def sheet(export: Export, scope: Scope, year: int | None, actor_id: int | None) -> bytes:
    """The workbook. Raises Conflict where it would be too large."""
    found = export.listing(scope, year)
    rows = Counted(found.rows)
    made = xlsx(Table(export.name, found.heading, rows, note=found.note))
    _note(export, FileType.XLSX, scope, year, actor_id, rows.count)
    return made


def lines(export: Export, scope: Scope, year: int | None, actor_id: int | None) -> Iterator[str]:
    """The csv line by line; it is written down when the last one has gone, with how many there were."""
    found = export.listing(scope, year)
    count = -1
    try:
        for line in csv_lines(found.heading, found.rows):
            count += 1
            yield line
    finally:
        _note(export, FileType.CSV, scope, year, actor_id, max(count, 0))


def _note(export: Export, file_type: FileType, scope: Scope, year: int | None, actor_id: int | None, rows: int) -> None:
    told = {"what": export.key, "file": file_type.value, "year": year, "rows": rows}
    in_transaction(lambda: audit.record(actor_id, "register.export", "unit", scope.root_id, **told))
