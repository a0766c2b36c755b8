"""`flask seal`: sealing the days that are over, handing seals out, and holding a kept one against the database."""

import os
import sys
from datetime import datetime
from pathlib import Path

import click
from flask import current_app, render_template
from flask.cli import AppGroup

from app.core import clock
from app.core.config import Settings
from app.core.errors import Conflict
from app.core.words import full_day
from app.seals import checking, exports, queries, service
from app.seals.queries import SealRow
from app.web import sealing
from app.web.commands.ledger import refuse_pending_migrations
from app.webkit.pdf import render_pdf

seal = AppGroup("seal", help="封存：每天的流水、扫码、操作记录")
COMMANDS: list[click.Command] = [seal]


@seal.command("day")
@click.option("--clock-is-right", is_flag=True, help="停了一个半月以上再开，先看过服务器的钟，再加这个")
def day(clock_is_right: bool) -> None:
    """封存每一个已经过去、还没封存的日子。每天夜里跑一次；中途断电、重复跑、两个同时跑都没关系。有迟到的行就说出来，退出码为 1。"""
    refuse_pending_migrations()
    try:
        made = list(service.seal_days(clock.now(), clock_is_right=clock_is_right))
    except Conflict as error:
        sys.exit(error.message)
    for one in made:
        print(f"封存了{full_day(one.day)}：{one.rows} 行，摘要 {' '.join(one.groups[:4])} …")
    if not made:
        print("没有要封存的日子。")
    late = checking.late_rows(made)
    for said in late:
        print(f"  {said}")
    if late:
        sys.exit(1)


@seal.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--day", "of", type=click.DateTime(["%Y-%m-%d"]), help="哪一天的，不写就是最近一份")
@click.option("--no-pdf", is_flag=True, help="只要数据文件，不要打印页")
def export(folder: Path, of: datetime | None, no_pdf: bool) -> None:
    """把一份封存交出来保管：数据文件和一页打印用的 PDF，里面没有个人信息。放到别人手里、别的机器上才有用。"""
    refuse_pending_migrations()
    found = queries.seal_of(of.date()) if of else queries.last_seal()
    if found is None:
        sys.exit("没有这一天的封存。" if of else "还没有封存，请先执行：flask --app app seal day")
    settings: Settings = current_app.config["SETTINGS"]
    folder.mkdir(parents=True, exist_ok=True)
    files = {".json": exports.as_json(found, settings.public_url).encode()}
    if not no_pdf:
        with current_app.test_request_context(base_url=settings.public_url):
            files[".pdf"] = render_pdf(render_template("seals/paper_pdf.html", **paper(found)))
    for suffix, content in files.items():
        file = folder / (exports.file_name(found.day) + suffix)
        whole(file, content)
        print(file)


def whole(file: Path, content: bytes) -> None:
    """Written beside and put in place, so that a half file is never taken for a seal."""
    half = file.with_name(f".{file.name}.{os.getpid()}")
    with half.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    half.replace(file)


def paper(found: SealRow) -> dict[str, object]:
    return {"seal": found, "qr_text": exports.qr_text(found)}


@seal.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--day", "of", type=click.DateTime(["%Y-%m-%d"]), help="用纸上的摘要核对：哪一天")
@click.option("--digest", help="纸上的 64 位摘要，空格随意")
def check(file: Path | None, of: datetime | None, digest: str | None) -> None:
    """拿在别处保管的一份封存（文件，或纸上的摘要）核对数据库：连整条封存都被重新做过也看得出来。不符就逐条列出，退出码为 1。"""
    refuse_pending_migrations()
    if file is not None:
        faults = sealing.against(str(file))
    elif of and digest:
        fault = exports.compared(of.date(), digest)
        faults = [fault] if fault else []
    else:
        raise click.UsageError("请给保管的文件，或 --day 和 --digest。")
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print("与保管的一致。现在再执行 flask --app app ledger verify，核对每一行与封存相符。")
