"""双50 of a branch, a community or the subdistrict as a table: who is on track, at risk, overdue; to filter, sort, print and export."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, request

from app.audit import service as audit
from app.core import clock
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.hours.rules import KIND_NAMES, HourKind
from app.people import queries as people
from app.people.name_rules import natural
from app.people.queries import UnitRow
from app.people.rules import STAGE_NAMES, StageKind, UnitKind
from app.requirements import queries
from app.requirements.queries import Line, Version
from app.requirements.rules import PAGE, STATE_ICONS, STATE_NAMES, STATE_TONES, URGENT, State
from app.requirements.views import bp
from app.sheets.writing import XLSX, Table, Value, xlsx
from app.webkit.files import attachment
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

BRANCHES = (UnitKind.BRANCH, UnitKind.GENERAL_BRANCH, UnitKind.GROUP)
MOST_CHOICES = 60  # units in the list; beyond, branches are reached through their community
FAR = 10**6
SORTS: dict[str, tuple[str, Callable[[Line], Any]]] = {
    "state": ("按急缓", lambda one: (URGENT.index(one.state), FAR if one.days_left is None else one.days_left, -one.missing)),
    "days": ("按剩余天数", lambda one: (FAR if one.days_left is None else one.days_left, -one.missing)),
    "missing": ("按还差多少", lambda one: -one.missing),
    "name": ("按姓名", lambda one: one.name),
}


@dataclass(frozen=True)
class Sheet:
    """The table as it was asked for: `lines` are all that fit, in order; `everyone` counts each state before the filter of states."""

    unit: UnitRow | None
    units: list[UnitRow]
    version: Version | None
    lines: list[Line]
    everyone: Counter[State]
    state: State | None
    stage: StageKind | None
    sort: str
    kinds: list[HourKind]
    today: date

    @property
    def where(self) -> str:
        only = self.unit or (self.units[0] if len(self.units) == 1 else None)
        return only.name if only else "我管的全部"

    def args(self, **other: Any) -> dict[str, Any]:
        """The choices made, for links to the same table with another one."""
        unit = self.unit.id if self.unit else None
        sort = None if self.sort == "state" else self.sort
        made = {"unit": unit, "state": self.state and self.state.value, "stage": self.stage and self.stage.value, "sort": sort}
        return {key: value for key, value in (made | other).items() if value is not None}


def asked_sheet() -> Sheet:
    """Five queries, however many people. A unit out of scope is not found, any other choice that makes no sense is none."""
    actor, today = current_actor(), clock.today()
    roots, wanted = actor.roots(Action.BRANCH_READ), request.args.get("unit", type=int)
    unit = people.unit(wanted) if wanted is not None else None
    if wanted is not None and (unit is None or not people.is_below(wanted, roots, today)):
        raise NotFound
    units = people.units_below(roots, today, [UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, *BRANCHES])
    if len(units) > MOST_CHOICES:
        units = [one for one in units if one.kind not in BRANCHES or one == unit]
    version = next((one for one in queries.versions(today) if one.holds), None)
    found = queries.lines([unit.id] if unit else roots, version.id, today) if version else []
    stage, state = _chosen("stage", StageKind), _chosen("state", State)
    of_stage = [one for one in found if stage is None or one.stage is stage]
    sort = request.args.get("sort", "state") if request.args.get("sort") in SORTS else "state"
    kinds = [kind for kind in HourKind if any(need.need.kind is kind for one in found for need in one.needs)]
    return Sheet(
        unit,
        sorted(units, key=lambda one: natural(one.name)),
        version,
        sorted((one for one in of_stage if state is None or one.state is state), key=SORTS[sort][1]),
        Counter(one.state for one in of_stage),
        state,
        stage,
        sort,
        kinds or list(HourKind),
        today,
    )


def _chosen(name: str, kind: Any) -> Any:
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return None


WORDS: dict[str, Any] = {
    "state_names": STATE_NAMES,
    "state_tones": STATE_TONES,
    "state_icons": STATE_ICONS,
    "kind_names": KIND_NAMES,
    "sorts": {key: words for key, (words, _) in SORTS.items()},
}


@bp.get("/double50")
@requires(Action.BRANCH_READ)
def table() -> Response:
    """Twenty at a time. Who looked is logged."""
    sheet = asked_sheet()
    last = max(1, -(-len(sheet.lines) // PAGE))
    page = min(last, max(1, request.args.get("page", 1, type=int)))
    _log("requirements.view", sheet)
    return render(
        "requirements/table.html", sheet=sheet, lines=sheet.lines[(page - 1) * PAGE : page * PAGE], number=page, last=last, **WORDS
    )


@bp.get("/double50/printed")
@requires(Action.BRANCH_READ)
def printed() -> Response:
    """All of it on paper, with a place to sign."""
    sheet = asked_sheet()
    _log("requirements.view", sheet)
    return render("requirements/printed.html", sheet=sheet, lines=sheet.lines, **WORDS)


@bp.get("/double50.xlsx")
@requires(Action.BRANCH_READ)
def export() -> Response:
    """The table for Excel; the export is logged."""
    sheet, now = asked_sheet(), clock.now()
    _log("requirements.export", sheet)
    each = [(f"{name}已计（小时）", f"{name}要求（小时）", f"{name}含补录（小时）") for name in (KIND_NAMES[kind] for kind in sheet.kinds)]
    heading = (
        "姓名",
        "组织",
        "发展阶段",
        "开始",
        *(one for part in each for one in part),
        "还差（小时）",
        "期限",
        "还有几天",
        "每周要（小时）",
        "状态",
    )
    made = Table(
        name="双50",
        title=f"双50小时：{sheet.where}",
        note=f"导出于 {clock.local(now):%Y-%m-%d %H:%M}，{sheet.version.title if sheet.version else ''}，时长以小时计；口径以组织部门为准",
        heading=heading,
        rows=[_row(one, sheet.kinds) for one in sheet.lines],
    )
    return attachment(xlsx(made), XLSX, f"double50-{sheet.today:%Y%m%d}.xlsx")


def _log(action: str, sheet: Sheet) -> None:
    actor, unit = current_actor(), sheet.unit.id if sheet.unit else None
    if action == "requirements.export":
        in_transaction(lambda: audit.record(actor.person_id, "requirements.export", "unit", unit, members=len(sheet.lines)))
    else:
        in_transaction(lambda: audit.record(actor.person_id, "requirements.view", "unit", unit, members=len(sheet.lines)))


def hours_cell(minutes: int) -> float:
    """Hours as a number that Excel can add up: cut to two places, never rounded up."""
    return minutes * 100 // 60 / 100


def _row(one: Line, kinds: list[HourKind]) -> list[Value]:
    cells: list[Value] = []
    for kind in kinds:
        need = one.of(kind.value)
        cells += [hours_cell(need.done), hours_cell(need.need.minutes_needed), hours_cell(need.honour)] if need else ["", "", ""]
    due = min((need.due_on for need in one.needs if need.due_on), default=None)
    weekly = hours_cell(one.weekly) if one.weekly else ""
    left: Value = one.days_left if one.days_left is not None else ""
    return [
        one.name,
        one.unit_name,
        STAGE_NAMES[one.stage],
        one.began_on,
        *cells,
        hours_cell(one.missing),
        due,
        left,
        weekly,
        STATE_NAMES[one.state],
    ]
