"""`flask schemes book`: goes on with what a publication left to be booked anew. Running it again changes nothing."""

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import in_transaction
from app.schemes.service import drafts

schemes = AppGroup("schemes", help="积分方案")


@schemes.command("book")
def book() -> None:
    """从已经过去的日子算起的新方案，把还没重算的人算完；没有就什么也不做。"""
    steps = 0
    for draft_id in drafts.unfinished():
        while in_transaction(lambda one=draft_id: drafts.book_anew(one, clock.now())):  # type: ignore[misc]
            steps += 1
    click.echo(f"重算了 {steps} 批" if steps else "没有要重算的")


COMMANDS = (schemes,)
