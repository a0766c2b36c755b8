"""`flask backup`, `restore` and `rehearse`: everything that can not be had again, in one file, and the proof that it comes back."""

import sys
from pathlib import Path

import click

from app.core import clock
from app.web import revisions
from app.web.backups import archive, erasures, keeping, making, rehearsing, updating
from app.web.backups.archive import BackupError
from app.web.backups.making import make
from app.web.jobs import locks

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
RULES = keeping.Rules()


@click.command("backup")
@click.argument("file", type=FILE, required=False)
@click.option("--keep", "folder", type=FOLDER, help="备份到这个文件夹里，名字自己取，并按下面的规则删掉旧的")
@click.option("--daily", default=RULES.days, show_default=True, type=click.IntRange(1), help="最近几天，每天留一份")
@click.option("--weekly", default=RULES.weeks, show_default=True, type=click.IntRange(0), help="最近几周，每周留一份")
@click.option("--monthly", default=RULES.months, show_default=True, type=click.IntRange(0), help="最近几个月，每月留一份")
@click.option("--yearly", default=RULES.years, show_default=True, type=click.IntRange(0), help="最近几年，每年留一份")
def backup(file: Path | None, folder: Path | None, daily: int, weekly: int, monthly: int, yearly: int) -> None:
    """把数据库和上传的文件备份到 FILE（.tar.gz），或用 --keep 备份到文件夹里。网站不用停。"""
    if (file is None) == (folder is None):
        sys.exit("写一个文件名，或者用 --keep 写一个文件夹，两样只写一样。")
    try:
        if folder:
            print(keep(folder, keeping.Rules(daily, weekly, monthly, yearly)))
            return
        manifest = make(file := _given(file))
        erasures.note(file.parent)
    except BackupError as error:
        sys.exit(error.message)
    print(f"已备份到 {file}：{sum(manifest.rows.values())} 条记录，{len(manifest.sha256) - 1} 个上传文件。")


def keep(folder: Path, rules: keeping.Rules) -> str:
    """A new backup, read through once it is written; only then do old ones go. What to say about it."""
    from app.core.db import db

    with locks.held(db.engine, "backup-keep") as free:
        if not free:
            raise BackupError("另一次备份还没结束，这次没有做。")
        file = folder / keeping.name_at(clock.now())
        manifest = make(file)
        erasures.note(folder)
        try:
            archive.read_through(file)
        except BackupError:
            file.rename(file.with_suffix(".broken"))
            raise
        gone = keeping.thin(folder, rules, file)
    size = f"{file.stat().st_size / 1e6:,.1f} MB"
    return f"已备份到 {file.name}，{size}，{sum(manifest.rows.values())} 条记录，读回核对过；按规则删掉 {len(gone)} 份旧的。"


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="数据库里已有内容也照样覆盖（先自动备份一份）")
@click.option("--while-serving", is_flag=True, help="网站没停也恢复（几台机器、容器里另有安排时）")
def restore(file: Path, force: bool, while_serving: bool) -> None:
    """从 FILE 恢复数据库和上传的文件：要么全部恢复，要么一点不动。备份以后注销的人，按注销名单再删一遍。"""
    if not while_serving and (who := updating.running()):
        sys.exit(f"{who}，没有恢复。请先停网站（systemctl stop shulin shulin-jobs.timer），再执行一次。")
    erasures.note(file.parent)
    try:
        manifest = making.bring_back(file, force=force, kept_in=lambda kept: print(f"原来的数据先备份到了 {kept}"))
    except BackupError as error:
        sys.exit(error.message)
    print(f"已恢复 {manifest.when} 的备份：{sum(manifest.rows.values())} 条记录。")
    if manifest.revision != revisions.newest():
        print("备份来自旧版本，请接着执行：flask --app app update")
        print(f"再执行 {erasures.REPLAY}：备份以后注销的人，按注销名单再删一遍。")
        return
    try:
        again = erasures.replay(file.parent)
    except ValueError as error:
        sys.exit(f"注销名单读不了，备份以后注销的人没有再删：{error}。请改好名单，执行 {erasures.REPLAY}。")
    print(again.words)
    if again.failed:
        sys.exit(1)


@click.command("rehearse")
@click.argument("file", type=FILE, required=False)
@click.option("--newest", is_flag=True, help="SHULIN_BACKUPS 里最新的一份")
def rehearse(file: Path | None, newest: bool) -> None:
    """恢复演练：把 FILE 恢复到旁边一个临时的数据库，升级到现在的版本，核对账目，再扔掉。网站不用停，也不会动。"""
    try:
        done = rehearsing.rehearse(_newest() if newest else _given(file))
    except BackupError as error:
        sys.exit(f"演练没有成功：{error.message}")
    for name, faults in done.faults.items():
        print(f"{name}：{len(faults)} 处不符")
        for fault in faults:
            print(f"  {fault}")
    if done.faults:
        sys.exit(f"{done.manifest.when} 的备份恢复得了，但账目有不符。")
    print(f"{done.manifest.when} 的备份恢复得了：{done.rows} 条记录，账目全部相符，用了 {done.seconds:.0f} 秒。")


def _given(file: Path | None) -> Path:
    if file is None:
        raise BackupError("写一个备份文件，或者加 --newest。")
    return file


def _newest() -> Path:
    folder = making.settings().backups_dir
    if folder is None or not folder.is_dir():
        raise BackupError("没有设 SHULIN_BACKUPS，或者没有那个文件夹。")
    files = keeping.kept_here(folder)
    if not files:
        raise BackupError(f"{folder} 里还没有备份。")
    return files[0][1]


COMMANDS: list[click.Command] = [backup, restore, rehearse]
