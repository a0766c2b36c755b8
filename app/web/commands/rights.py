"""`flask rights`: the list of who was erased, and erasing them again after an older backup came back."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app.rights import register
from app.web.backups import erasures
from app.web.commands.ledger import refuse_pending_migrations

rights = AppGroup("rights", help="个人对自己资料的权利：注销名单")


@rights.command("list")
def show() -> None:
    """打印已注销的人（只有编号和时间），可以存到别处：flask rights list > erased.list。"""
    refuse_pending_migrations()
    click.echo(register.HEAD, nl=False)
    for line in register.known():
        click.echo(line.written(), nl=False)


@rights.command("replay")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay(file: Path | None) -> None:
    """恢复旧备份以后运行：名单上的人如果又回来了，按名单再删一遍。FILE 是另存的名单，不写就读数据文件夹和备份文件夹里的。可以重复执行。"""
    refuse_pending_migrations()
    try:
        again = erasures.replay(None, *([file] if file else []))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(again.words)
    if again.failed:
        sys.exit(1)


COMMANDS = (rights,)
