"""What there is to do by the clock. Each is a command that may run twice; a new feature adds a line.

Times are spread over the night, when few are about. What this site has no use for (no folder for backups) is left out.
"""

from collections.abc import Iterator
from datetime import time

import click
from flask import Flask, current_app

from app.web.jobs.rules import Every, Job

JOBS = (
    Job("reminders", "提醒没核实的时长", ("attendance", "reminders"), Every.HOUR),
    Job("merges", "重复档案没并完的接着做完", ("merges", "finish"), Every.HOUR),
    Job("seal", "封存前一天的记录", ("seal", "day"), Every.DAY, time(0, 20)),
    Job("close-overdue", "到期的活动收场", ("activity", "close-overdue"), Every.DAY, time(2, 10)),
    Job("honours", "公示期满的荣誉", ("honours", "settle"), Every.DAY, time(2, 20)),
    Job("certificates", "公示期满的证明", ("certificates", "settle"), Every.DAY, time(2, 20)),
    Job("wishes", "微心愿：到期的认领，够日子的抹去", ("wishes", "tidy"), Every.DAY, time(2, 30)),
    Job("schemes", "积分方案没算完的接着算", ("schemes", "book"), Every.DAY, time(2, 40)),
    Job("photos", "删掉撤下满 30 天的照片", ("activity", "sweep-photos"), Every.DAY, time(2, 50)),
    Job("backup", "备份", ("backup", "--keep"), Every.DAY, time(3, 10)),
    Job("verify", "核对账目", ("ledger", "verify"), Every.DAY, time(3, 40)),
    Job("reports", "结账后的月报", ("reports", "monthly"), Every.DAY, time(4, 10)),
    Job("boards", "结账后的定榜", ("boards", "freeze"), Every.DAY, time(4, 30)),
    Job("boards-verify", "核对定榜", ("boards", "verify"), Every.WEEK, time(4, 40)),
    Job("rehearse", "恢复演练", ("rehearse", "--newest"), Every.MONTH, time(5, 0)),
    Job("doctor", "体检", ("doctor",), Every.DAY, time(6, 30)),
    Job("duties", "告诉任期快到的人", ("duties", "notices"), Every.DAY, time(7, 30)),
    Job("jobs-tidy", "清理很久以前的运行记录", ("jobs", "tidy"), Every.MONTH, time(5, 30)),
)
NEED_BACKUPS = {"backup", "rehearse"}


def jobs() -> tuple[Job, ...]:
    """Those of this site, in the order in which they run."""
    return tuple(_here(current_app._get_current_object()))  # type: ignore[attr-defined]  # the proxy has it, its type does not declare it


def _here(app: Flask) -> Iterator[Job]:
    with_backups = app.config["SETTINGS"].backups_dir is not None
    for job in JOBS:
        if (with_backups or job.name not in NEED_BACKUPS) and command_of(app, job) is not None:
            yield job


def command_of(app: Flask, job: Job) -> click.Command | None:
    """The command that a job names; None where this version has none of that name."""
    found: click.Command | None = app.cli.commands.get(job.command[0])
    rest = job.command[1:]
    if isinstance(found, click.Group):
        found = found.commands.get(rest[0]) if rest else None
    return found


def arguments_of(job: Job) -> list[str]:
    """What follows the command's own name."""
    first = current_app.cli.commands[job.command[0]]
    return list(job.command[2:] if isinstance(first, click.Group) else job.command[1:])
