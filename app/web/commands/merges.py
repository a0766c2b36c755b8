"""`flask merges finish`: what was interrupted between two steps is done to its end."""

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.merges import service
from app.merges.queries.listing import unfinished

merges = AppGroup("merges", help="重复档案的合并")


@merges.command("finish")
def finish() -> None:
    """把中断了的合并、撤销做完；没有中断的就什么都不做，可以重复执行。"""
    found, failed = list(db.session.scalars(unfinished())), []
    for merge_id in found:
        try:
            end(merge_id)
        except DomainError as error:  # the others are done all the same; this one is tried again
            failed.append(f"第 {merge_id} 次没做完：{error.message}")
    if failed:
        raise click.ClickException("；".join(failed))
    click.echo(f"做完了 {len(found)} 次合并或撤销。" if found else "没有中断的合并。")


def end(merge_id: int) -> None:
    """Step by step, each in a transaction of its own."""
    while in_transaction(lambda: service.advance(merge_id, clock.now())):
        pass
    while in_transaction(lambda: service.go_back(merge_id, clock.now())):
        pass


COMMANDS = (merges,)
