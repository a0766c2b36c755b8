"""`flask duties notices`: once a day, by cron or a timer."""

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import in_transaction
from app.duties import service

duties = AppGroup("duties", help="岗位和任期")


@duties.command("notices")
def notices() -> None:
    """告诉任期还剩 30 天的人。每一任只说一次，可以每天跑。"""
    now = clock.now()
    told = in_transaction(lambda: service.tell_holders(now))
    click.echo(f"告诉了 {told} 位")


COMMANDS = (duties,)
