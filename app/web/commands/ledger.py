"""`flask ledger verify` proves that everything derived agrees with the ledgers; `flask totals rebuild` makes it agree."""

import sys
from collections.abc import Callable
from functools import partial

import click
from flask import current_app
from flask.cli import AppGroup

from app.checkin import agreement
from app.core.config import Settings
from app.core.db import in_transaction
from app.fund import queries as fund
from app.hours import totals as hours
from app.hours import verifying
from app.people.queries import trees
from app.points import totals as points
from app.reports import queries as reports
from app.results import paper_files
from app.results.queries import papers
from app.results.rules import FILE_KIND_NAMES
from app.web import revisions, sealing

ledger = AppGroup("ledger", help="流水账：核对")
totals = AppGroup("totals", help="汇总数：重算")
COMMANDS: list[click.Command] = [ledger, totals]


TOTALS = (("个人时长", hours.PERSON_TOTALS), ("单位时长", hours.UNIT_TOTALS), ("个人积分", points.PERSON_TOTALS))


def doubt() -> None:
    """Where anything is wrong, a ledger may be: the next rebuild reads all of it."""
    for _, kept in TOTALS:
        kept.forget()


def papers_on_disk() -> list[str]:
    """Each paper behind the books is on disk, and is the one that was added. Struck ones too: they stay."""
    settings: Settings = current_app.config["SETTINGS"]
    faults = []
    for row in papers.kept():
        fault = paper_files.fault(settings.uploads_dir, row.name, row.form, row.digest)
        if fault:
            faults.append(f"{row.request_number or row.project} 的{FILE_KIND_NAMES[row.kind]}（文件 {row.id}，{row.name}）：{fault}")
    return faults


CHECKS: tuple[tuple[str, Callable[[], list[str]]], ...] = (
    ("时长", verifying.disagreements),
    ("积分", points.disagreements),
    ("考勤与时长", agreement.disagreements),
    ("关爱基金", fund.disagreements),
    ("组织树", trees.disagreements),
    ("上报快照", reports.disagreements),
    ("凭证文件", papers_on_disk),
    ("封存", sealing.disagreements),
)


KEPT_SEAL = "保管的封存"
HINTS = {
    "凭证文件": "凭证文件不符：从备份里找回 uploads/papers 下同名的那一份。",
    "封存": "封存不符，是有人绕过网站直接改了数据库，或者恢复过旧的备份：先不要改任何东西，留一份备份，拿在别处保管的封存核对"
    "（flask --app app seal check），查清是谁、什么时候改的。",
    KEPT_SEAL: "和保管的不符，是封存被从头重做过，或者保管以后恢复过更早的备份：先不要改任何东西，留一份备份，请保管的人一起查。",
}
"""What to do besides, by the name of the check."""
REBUILD = "汇总数不符可用 flask --app app totals rebuild 重算；流水本身不符请先查清原因。"
NOT_YET = "封存也不符，先不要重算汇总数：它会把改过的流水当成对的。"


@ledger.command("verify")
@click.option("--against", "kept", metavar="文件或摘要", help="再拿在别处保管的一份封存核对：保管的文件，或纸上的 64 位摘要")
def verify(kept: str | None) -> None:
    """从流水重新推算每个汇总数并核对，凭证文件逐份核对在不在、有没有变；有不符就逐条列出，退出码为 1。网站运行时也可以执行。"""
    refuse_pending_migrations()
    wrong: dict[str, int] = {}
    checks: list[tuple[str, Callable[[], list[str]]]] = [*CHECKS]
    if kept:
        checks.append((KEPT_SEAL, partial(sealing.against, kept)))
    for name, disagreements in checks:
        faults = disagreements()
        if faults:
            wrong[name] = len(faults)
        print(f"{name}：" + (f"{len(faults)} 处不符" if faults else "相符"))
        for fault in faults:
            print(f"  {fault}")
    if wrong:
        in_transaction(doubt)
        print(f"共 {sum(wrong.values())} 处不符。{NOT_YET if wrong.keys() & {'封存', KEPT_SEAL} else REBUILD}")
        for name, hint in HINTS.items():
            if name in wrong:
                print(hint)
        sys.exit(1)
    print("全部相符。")


@totals.command("rebuild")
def rebuild() -> None:
    """把与流水不符的汇总数按流水重算。一次只锁少数人，网站不用停。"""
    refuse_pending_migrations()
    for name, kept in TOTALS:
        owners = 0
        in_transaction(kept.note)
        for chunk in kept.stale():
            in_transaction(partial(kept.rebuild, chunk))
            owners += len(chunk)
        print(f"{name}：" + (f"重算了 {owners} 个" if owners else "本来就相符"))


def refuse_pending_migrations() -> None:
    if revisions.current() != revisions.newest():
        sys.exit("数据库还没升级，请先执行：flask --app app update")
