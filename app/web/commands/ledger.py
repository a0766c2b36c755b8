"""`flask ledger verify` proves that everything derived agrees with the ledgers; `flask totals rebuild` makes it agree."""

import sys
from functools import partial

import click
from flask.cli import AppGroup

from app.checkin import agreement
from app.core.db import in_transaction
from app.fund import queries as fund
from app.hours import totals as hours
from app.people.queries import trees
from app.points import totals as points
from app.reports import queries as reports
from app.web import revisions

ledger = AppGroup("ledger", help="流水账：核对")
totals = AppGroup("totals", help="汇总数：重算")
COMMANDS: list[click.Command] = [ledger, totals]


CHECKS = (
    ("时长", hours.disagreements),
    ("积分", points.disagreements),
    ("考勤与时长", agreement.disagreements),
    ("关爱基金", fund.disagreements),
    ("组织树", trees.disagreements),
    ("上报快照", reports.disagreements),
)


@ledger.command("verify")
def verify() -> None:
    """从流水重新推算每个汇总数并核对；有不符就逐条列出，退出码为 1。网站运行时也可以执行。"""
    refuse_pending_migrations()
    found = 0
    for name, disagreements in CHECKS:
        faults = disagreements()
        found += len(faults)
        print(f"{name}：" + (f"{len(faults)} 处不符" if faults else "相符"))
        for fault in faults:
            print(f"  {fault}")
    if found:
        print(f"共 {found} 处不符。汇总数不符可用 flask --app app totals rebuild 重算；流水本身不符请先查清原因。")
        sys.exit(1)
    print("全部相符。")


@totals.command("rebuild")
def rebuild() -> None:
    """把与流水不符的汇总数按流水重算。一次只锁少数人，网站不用停。"""
    refuse_pending_migrations()
    for name, kept in (("个人时长", hours.PERSON_TOTALS), ("单位时长", hours.UNIT_TOTALS), ("个人积分", points.PERSON_TOTALS)):
        owners = 0
        for chunk in kept.stale():
            in_transaction(partial(kept.rebuild, chunk))
            owners += len(chunk)
        print(f"{name}：" + (f"重算了 {owners} 个" if owners else "本来就相符"))


def refuse_pending_migrations() -> None:
    if revisions.current() != revisions.newest():
        sys.exit("数据库还没升级，请先执行：flask --app app db upgrade")
