"""flask --app app register import KIND FILE [--apply] and register export KIND FILE: the same plan and the same files as in the browser."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.accounts import queries as accounts
from app.core import clock
from app.core.errors import DomainError
from app.core.pacing import at_leisure
from app.core.permissions import ALLOWED, Action
from app.registers import exports, running, service
from app.registers.rules import RegisterKind, RowVerdict
from app.registers.scope import whole_scope
from app.registers.service import Plan
from app.sheets.reading import read

register = AppGroup("register", help="Registers of units, places, posts and past hours; files out.")
COMMANDS = [register]
SHOWN = 200  # refused rows in words


@register.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in RegisterKind]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", is_flag=True, help="Write it: all or nothing, reversible for 30 days.")
@click.option("--approved-by", metavar="PHONE", help="Past hours: the login phone of the administrator who approves them.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def import_register(kind: str, file: Path, apply: bool, approved_by: str | None, as_json: bool) -> None:
    """Show what FILE would change; with --apply, change it."""
    now = clock.now()
    scope = whole_scope(clock.local_date(now))
    try:
        plan = at_leisure(lambda: service.plan_file(RegisterKind(kind), read(file.read_bytes(), file.name), scope))
        click.echo(json.dumps(figures(plan), ensure_ascii=False) if as_json else words(plan))
        if not apply:
            return
        approver = administrator(approved_by, scope.root_id) if plan.kind is RegisterKind.HOURS else None
        if not plan.writes:
            click.echo("没有要写入的。", err=True)
            return
        batch_id = running.stage(plan, scope.root_id, file.name, None, now)
        running.write(batch_id, None, now, approved_by_id=approver)
        click.echo(f"已写入，批次 {batch_id}，30 天内可以在“导入登记表”页整批退回。", err=True)
    except DomainError as error:
        raise click.ClickException(error.message) from error


def administrator(phone: str | None, root_id: int | None) -> int:
    """The person who approves, by login phone; must hold the right for the whole subdistrict."""
    if phone is None:
        raise click.UsageError("历史时长要有人核准：--approved-by 写一位管理员的登录手机号。")
    owner = accounts.owner_of(phone)
    held = accounts.roles_held(owner.person_id, clock.today()) if owner else []
    if owner is None or not any(grant.unit_id == root_id and grant.role in ALLOWED[Action.ROSTER_IMPORT] for grant in held):
        raise click.ClickException("核准的人要是这个街道的管理员。")
    return owner.person_id


def figures(plan: Plan) -> dict[str, Any]:
    """The preview as data; a refused row stands once, with all its faults."""
    return {
        "kind": plan.kind.value,
        "new": plan.count(RowVerdict.NEW),
        "changed": plan.count(RowVerdict.CHANGED),
        "unchanged": plan.count(RowVerdict.UNCHANGED),
        "blank": plan.blank,
        "refused": [
            {"row": one.number, "faults": [{"column": column, "value": value, "reason": reason} for column, value, reason in one.faults]}
            for one in plan.decisions
            if one.verdict is RowVerdict.REFUSED
        ],
        "changes": [
            {"row": one.number, "subject": one.subject, "changes": [list(change) for change in one.changes]}
            for one in plan.decisions
            if one.verdict is RowVerdict.CHANGED
        ],
    }


def words(plan: Plan) -> str:
    found = figures(plan)
    lines = [
        f"新增 {found['new']:,}，有变动 {found['changed']:,}，没变 {found['unchanged']:,}，"
        f"空行 {found['blank']:,}，不收 {len(found['refused']):,}"
    ]
    for one in islice(found["refused"], SHOWN):
        lines += [f"  不收 第 {one['row']} 行 {fault['column']}：{fault['reason']}" for fault in one["faults"][:1]]
    for one in islice(found["changes"], SHOWN):
        lines += [
            f"  改动 第 {one['row']} 行 {one['subject']}：{column} {before or '（空）'} → {after}"
            for column, before, after in one["changes"]
        ]
    return "\n".join(lines)


@register.command("export")
@click.argument("kind", type=click.Choice(list(exports.EXPORTS)))
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--year", type=int, help="Hours of one year only.")
def export_register(kind: str, file: Path, year: int | None) -> None:
    """Write everything of a KIND to FILE: .xlsx, or .csv for any number of rows."""
    which, scope = exports.EXPORTS[kind], whole_scope(clock.today())
    if file.suffix.lower() == ".xlsx":
        try:
            file.write_bytes(exports.sheet(which, scope, year, None))
        except DomainError as error:
            raise click.ClickException(error.message) from error
    elif file.suffix.lower() == ".csv":
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(exports.lines(which, scope, year, None))
    else:
        raise click.UsageError("FILE 要以 .xlsx 或 .csv 结尾。")
    click.echo(f"已写到 {file}", err=True)
