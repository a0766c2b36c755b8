"""`flask certificates settle`: once a day, by cron or a timer."""

from functools import partial

import click
from flask.cli import AppGroup

from app.certificates import service
from app.core import clock
from app.core.db import in_transaction

certificates = AppGroup("certificates", help="志愿服务记录证明")


@certificates.command("settle")
def settle() -> None:
    """公示期满、异议都答复了、补登的日子也过了的，公示到此结束。可以每天跑，多跑几次也一样。"""
    now = clock.now()
    found = service.due(clock.local_date(now))
    for publicity_id in found:
        in_transaction(partial(service.conclude, publicity_id, now))
    click.echo(f"结束了 {len(found)} 次公示")


COMMANDS = (certificates,)
