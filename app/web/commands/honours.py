"""`flask honours settle`: once a day, by cron or a timer."""

from functools import partial

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import in_transaction
from app.honours import queries, service

honours = AppGroup("honours", help="荣誉")


@honours.command("settle")
def settle() -> None:
    """公示期满、异议都答复了的，没有异议成立就授予。可以每天跑，多跑几次也一样。"""
    now = clock.now()
    found = queries.due(clock.local_date(now))
    for honour_id in found:
        in_transaction(partial(service.settle, honour_id, "/me/honours", "/honours/{}".format, now))
    click.echo(f"办了 {len(found)} 项")


COMMANDS = (honours,)
