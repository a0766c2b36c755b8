"""`flask attendance reminders`: once an hour or a day, by cron or a timer."""

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from app.checkin import service
from app.core import clock
from app.core.db import in_transaction

attendance = AppGroup("attendance", help="考勤")


@attendance.command("reminders")
def reminders() -> None:
    """提醒还没核实的时长：等了三天的，告诉轮到的人。每一条只提醒一次，可以每小时跑。"""
    now = clock.now()
    with current_app.test_request_context():
        work_url = url_for("worklist.index")
    told = in_transaction(lambda: service.remind(work_url, now))
    click.echo(f"提醒了 {told} 位")


COMMANDS = (attendance,)
