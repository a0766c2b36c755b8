"""`flask update`: after a new version of the program was put in place. `flask db upgrade` is what it uses inside."""

import sys
from pathlib import Path

import click

from app.web import revisions
from app.web.backups import erasures, making, updating
from app.web.backups.archive import BackupError
from app.web.commands.ledger import CHECKS

WAY_BACK = """退回的办法：
  1. 停网站
  2. 把程序换回原来的版本，make setup
  3. flask --app app restore {file} --force
  4. 启动网站
升级以后新记的内容会没有，所以先看看这期间有没有人用过。"""


@click.command("update")
@click.option(
    "--backup-to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="升级前的备份放在哪个文件夹；不写就用 SHULIN_BACKUPS，都没有就用数据目录",
)
@click.option("--while-serving", is_flag=True, help="网站没停也升级（几台机器、容器里另有安排时）")
def update(folder: Path | None, while_serving: bool) -> None:
    """换上新版本的程序以后：先备份，再升级数据库，再核对账目；升级不成就恢复原样。数据库是空的，就是建库。"""
    try:
        updating.refuse_strangers()
        before = revisions.current()
        if before == revisions.newest():
            print(f"数据库已经是最新的（{before}），不用升级。")
            return
        if before and not while_serving and (who := updating.running()):
            sys.exit(f"{who}，没有升级。请先停网站（systemctl stop shulin），再执行一次。")
        settings = making.settings()
        done = updating.update(folder or settings.backups_dir or settings.data_dir)
    except BackupError as error:
        sys.exit(error.message)
    if done.backup is None:
        print(f"数据库建好了（{done.after}）。")
        return
    print(f"升级好了：{done.before} → {done.after}。升级前的备份：{done.backup}")
    for table, (had, has) in done.fewer.items():
        print(f"注意：{table} 原来 {had} 条，现在 {has} 条。升级说明里没有写的话，请先退回。")
    _erased_again()
    _verify(done.backup)


def _erased_again() -> None:
    """A backup that came back with an older schema could not be held against the list before."""
    try:
        if erasures.back_again():
            print(erasures.replay().words)
    except ValueError as error:
        print(f"注销名单读不了：{error}。请改好，再执行 {erasures.REPLAY}。")


def _verify(backup: Path) -> None:
    wrong = {name: found for name, check in CHECKS if (found := list(check()))}
    for name, faults in wrong.items():
        print(f"{name}：{len(faults)} 处不符")
        for fault in faults:
            print(f"  {fault}")
    if wrong:
        print(WAY_BACK.format(file=backup))
        sys.exit("升级好了，但账目核对有不符，请先不要启动网站。")
    print("账目核对：全部相符。可以启动网站了。")


COMMANDS = (update,)
