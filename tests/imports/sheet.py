"""Small rosters for tests: rows as dictionaries over a plain one, and the file that they make."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from app.core import clock
from app.core.db import in_transaction
from app.imports import answers, running, service
from app.imports.planning import Answer, Plan, Verdict
from app.people import queries as people
from app.sheets.reading import read

SAMPLE = Path(__file__).parents[1] / "data" / "roster-sample.xlsx"
HEADING = ("姓名", "性别", "出生日期", "手机号码", "所在社区", "所属党支部", "政治面貌", "进入当前阶段日期", "入党日期", "报到社区", "备注")
PLAIN: dict[str, Any] = {
    "姓名": "何嘉怡",
    "性别": "女",
    "出生日期": "1990-01-02",
    "手机号码": "13800138000",
    "所在社区": "灯湖社区",
    "所属党支部": "灯湖社区第一党支部",
    "政治面貌": "入党积极分子",
    "进入当前阶段日期": "2026-03-01",
}


def file(*rows: dict[str, Any], heading: Sequence[str] = HEADING, title: str = "桂城街道花名册") -> bytes:
    """An xlsx with a title, the heading in row 2 and `rows` from row 3 on."""
    book = openpyxl.Workbook()
    book.active.append([title])
    book.active.append(list(heading))
    for row in rows:
        book.active.append([(PLAIN | row).get(word) for word in heading])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plan(data: bytes, name: str = "名册.xlsx", root: int | None = None) -> Plan:
    """As the command sees it: below `root`, or the subdistrict, or nothing."""
    top = people.root_unit()
    return service.plan_file(read(data, name), root or (top.id if top else None), root is None, clock.today())


def stage(data: bytes, *, root: int | None = None, by: int | None = None) -> int:
    """Plan and stage; the batch's id."""
    top = people.root_unit()
    place = root or (top.id if top else None)
    return running.stage(plan(data, root=root), place, "名册.xlsx", by, clock.now())


def write(
    data: bytes,
    *,
    root: int | None = None,
    by: int | None = None,
    move_dates: bool = False,
    take_cards: bool = False,
    decided: dict[int, Answer | None] | None = None,
) -> int:
    """Plan, stage, decide and write; the batch's id."""
    batch_id = stage(data, root=root, by=by)
    if decided:
        in_transaction(lambda: answers.record(batch_id, decided, by, clock.now()))
    running.write(batch_id, by, clock.now(), move_dates=move_dates, take_cards=take_cards)
    return batch_id


def counts(found: Plan) -> tuple[int, int, int, int]:
    """(new, changed, unchanged, refused)."""
    return tuple(found.count(verdict) for verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED, Verdict.REFUSED))  # type: ignore[return-value]


def warnings(found: Plan) -> list[tuple[str, str]]:
    return [(remark.column, remark.reason) for one in found.decisions for remark in one.warnings]


def refusals(found: Plan) -> list[tuple[int, str, str]]:
    return [(one.faults[0].row, one.faults[0].column, one.faults[0].reason) for one in found.decisions if one.faults]


DAY = date(2026, 11, 21)
