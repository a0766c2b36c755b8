"""`flask boards freeze`: once a day, by cron or a timer. Running it again changes nothing. `flask boards verify` proves the frozen ones."""

import sys
from functools import partial

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import in_transaction
from app.leaderboards import frozen, service

boards = AppGroup("boards", help="排行榜：定榜")


@boards.command("freeze")
def freeze() -> None:
    """最后一个月已经结账的月、季、年，把当时的榜存下来。还要有人在网站上发布，才出现在公开页。"""
    now, made = clock.now(), 0
    for kind, span in service.due(clock.local_date(now)):
        settled = service.settle(kind, span, clock.local_date(now))
        made += in_transaction(partial(service.freeze, settled, None, now)) is not None
    click.echo(f"定榜 {made} 张")


@boards.command("verify")
def verify() -> None:
    """核对存下来的榜是不是定榜时的样子；不符就逐条列出，退出码为 1。"""
    faults = frozen.faults()
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo("定榜：相符")


COMMANDS = (boards,)
