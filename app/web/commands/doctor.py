"""`flask doctor`: one line a check, and what to do."""

import json
import sys
from dataclasses import asdict

import click

from app.web.doctor import LEVEL_WORDS, Check, Finding, Level, examine, machine, site

CHECKS: dict[str, Check] = {
    "配置": site.configuration,
    "网址": site.public_url,
    "HTTPS": site.https,
    "数据库": site.database,
    "版本": site.migrations,
    "程序": site.packages,
    "备份": site.backups,
    "定时任务": site.scheduled,
    "封存": site.seals,
    "恢复": site.restoration,
    "注销名单": site.erased,
    "个人密钥": site.keys_of_persons,
    "时钟": machine.time,
    "磁盘": machine.disk,
    "内存": machine.memory,
    "邮件": machine.mail,
    "PDF": machine.fonts,
}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="给监控程序读")
def doctor(as_json: bool) -> None:
    """体检：一样一行，好、注意或不行，后面写着怎么办。有“不行”的，退出码为 1。"""
    found = examine(CHECKS)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(line(one))
        click.echo(summary(found))
    if any(one.level is Level.BAD for one in found):
        sys.exit(1)


def line(one: Finding) -> str:
    return f"{LEVEL_WORDS[one.level]}　{one.name}：{one.said.rstrip('。')}" + (f"。→ {one.todo}" if one.todo else "")


def summary(found: list[Finding]) -> str:
    bad, notes = (sum(one.level is level for one in found) for level in (Level.BAD, Level.NOTE))
    if not bad and not notes:
        return "都好。"
    return "、".join(f"{number} 处{word}" for number, word in ((bad, "不行"), (notes, "注意")) if number) + "。"


COMMANDS = (doctor,)
