"""flask --app app roster import FILE [--apply] [--cards] [--units] [--json]: the same preview and the same writing as in the browser."""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.errors import DomainError
from app.core.pacing import at_leisure
from app.imports import running, service
from app.imports.planning import Ask, Field, Plan, Verdict
from app.imports.reading import Remark
from app.people import queries as people
from app.people.rules import UNIT_KIND_NAMES
from app.sheets.reading import read

roster = AppGroup("roster", help="Rosters of people and branches.")
COMMANDS = [roster]


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", is_flag=True, help="Write it: all or nothing, reversible for 30 days.")
@click.option("--move-dates", is_flag=True, help="Also change the dates of stages on record; this moves the window of 双50.")
@click.option("--cards", is_flag=True, help="Also take in new people who have no phone (持卡人员).")
@click.option("--units", is_flag=True, help="Also make new units whose names are nearly those of others (else their rows wait).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def import_roster(file: Path, apply: bool, move_dates: bool, cards: bool, units: bool, as_json: bool) -> None:
    """Show what FILE would change; with --apply, change it."""
    now = clock.now()
    root = people.root_unit()
    try:
        day, root_id = clock.local_date(now), root.id if root else None
        plan = at_leisure(lambda: service.plan_file(read(file.read_bytes(), file.name), root_id, True, day))
        shown = plan.with_cards() if cards else plan
        click.echo(json.dumps(figures(shown), ensure_ascii=False) if as_json else words(shown))
        moves = move_dates and any(change.field is Field.STAGE_DATE for one in plan.decisions for change in one.changes)
        if not apply:
            return
        if not (shown.count(Verdict.NEW) or shown.count(Verdict.CHANGED) or moves):
            click.echo("没有要写入的。", err=True)
            return
        batch_id = running.stage(plan, root_id, file.name, None, now)
        make = {unit.key for unit in plan.units} if units else None
        running.write(batch_id, None, now, move_dates=move_dates, take_cards=cards, make=make)
        click.echo(f"已写入，批次 {batch_id}，30 天内可以在“名册”页整批退回。", err=True)
    except DomainError as error:
        raise click.ClickException(error.message) from error


def figures(plan: Plan) -> dict[str, Any]:
    """The preview as data; a refused row stands once, with its first fault as the column."""
    return {
        "new": plan.count(Verdict.NEW),
        "changed": plan.count(Verdict.CHANGED),
        "unchanged": plan.count(Verdict.UNCHANGED),
        "blank": plan.blank,
        "refused": [_refusal(one.faults) for one in plan.decisions if one.verdict is Verdict.REFUSED],
        "warnings": [
            {"row": remark.row, "column": remark.column, "reason": remark.reason}
            for one in plan.decisions
            if one.verdict is not Verdict.REFUSED
            for remark in one.warnings
        ],
        "new_units": [
            {
                "name": unit.name,
                "kind": UNIT_KIND_NAMES[unit.kind],
                "parent": plan.units[unit.parent].name if unit.parent is not None else None,
                "people": unit.people,
            }
            for unit in plan.new_units()
        ],
    }


def _refusal(faults: tuple[Remark, ...]) -> dict[str, Any]:
    first, *more = faults
    also = "".join(f"；另外，{fault.column}：{fault.reason}" for fault in more)
    return {"row": first.row, "column": first.column, "reason": first.reason + also}


def _left_out(plan: Plan) -> int:
    return sum(one.asks is Ask.CARD and one.verdict is Verdict.REFUSED for one in plan.decisions)


def words(plan: Plan) -> str:
    found = figures(plan)
    lines = [
        f"新增 {found['new']:,}，有变动 {found['changed']:,}，没变 {found['unchanged']:,}，"
        f"空行 {found['blank']:,}，不收 {len(found['refused']):,}，提醒 {len(found['warnings']):,}，新单位 {len(found['new_units']):,}",
        *([f"不收的里面，没有手机的 {cards:,} 人可以按持卡人员收下（--cards）。"] if (cards := _left_out(plan)) else []),
        *([f"疑似换号 {asked:,} 人，没有改动；请在“名册”页里逐个决定。"] if (asked := plan.asking(Ask.PHONE)) else []),
        *([f"合用号码 {shared:,} 人，没有收；请在“名册”页里逐个决定。"] if (shared := plan.asking(Ask.SHARE)) else []),
        *plan.notes,
    ]
    lines += [f"  不收 第 {one['row']} 行 {one['column']}：{one['reason']}" for one in found["refused"]]
    lines += [f"  新建 {one['parent'] or '—'} › {one['name']}，{one['people']} 人" for one in found["new_units"]]
    lines += [
        f"  先不建 {unit.name}（{unit.people} 人先等着）：是不是“{unit.like}”？确实要建，加 --units"
        for unit in plan.new_units()
        if unit.like
    ]
    return "\n".join(lines)
