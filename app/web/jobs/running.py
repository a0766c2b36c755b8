"""Runs what is due, each under its lock, and writes how it went. A run that was killed is found by the next one."""

import io
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from datetime import datetime, timedelta

import click
from flask import current_app
from sqlalchemy import delete, func, insert, select, update

from app.core import clock, trace
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.web.jobs import locks, plan
from app.web.jobs.models import JobRun
from app.web.jobs.rules import NEVER, SKEW, Job, Outcome, Past, is_due
from app.web.logs import without_values

log = logging.getLogger("shulin.jobs")
KEPT = timedelta(days=400)
SAID = 400  # letters of the last line that are kept

Ran = tuple[Job, Outcome | None, str]  # None: somebody else is at it


def pasts(now: datetime) -> dict[str, Past]:
    """What is known of each job by its name; those that never ran are absent. Runs of days to come had a wrong clock and do not count."""
    real = JobRun.started_at <= now + SKEW
    done = select(JobRun.name, func.max(JobRun.started_at).label("at")).where(JobRun.outcome == Outcome.DONE, real).group_by(JobRun.name)
    done_at = {row.name: row.at for row in db.session.execute(done)}
    newest = select(func.max(JobRun.id)).where(real).group_by(JobRun.name)
    last = db.session.scalars(select(JobRun).where(JobRun.id.in_(newest)).execution_options(populate_existing=True))
    return {run.name: Past(done_at.get(run.name), run.started_at, run.ended_at, run.outcome, run.said, run.host) for run in last}


def run_due(now: Callable[[], datetime] = clock.now) -> Iterator[Ran]:
    """One after the other, each told when it is over; whether it is due is asked again once its lock is held."""
    for job in plan.jobs():
        if is_due(job, pasts(now()).get(job.name, NEVER), now()):
            ran = run_one(job, only_if_due=True, now=now)
            if ran is not None:
                yield ran


def run_one(job: Job, *, only_if_due: bool = False, now: Callable[[], datetime] = clock.now) -> Ran | None:
    """None where it is done already by the time the lock is held."""
    with locks.held(db.engine, job.name) as free:
        if not free:
            return job, None, "正在别处运行"
        in_transaction(lambda: _give_up_lost(job.name, now()))
        if only_if_due and not is_due(job, pasts(now()).get(job.name, NEVER), now()):
            return None
        begun = now()
        run_id = in_transaction(lambda: _begin(job.name, begun))
        try:
            outcome, said = _do(job)
        except BaseException:
            db.session.remove()
            in_transaction(lambda: _end(run_id, Outcome.FAILED, "中途被停下", now()))
            raise
        db.session.remove()
        in_transaction(lambda: _end(run_id, outcome, said, now()))
        return job, outcome, said


def tidy(now: datetime) -> int:
    """Old runs go; each job's last ones stay."""
    newest = select(func.max(JobRun.id)).group_by(JobRun.name)
    last_done = select(func.max(JobRun.id)).where(JobRun.outcome == Outcome.DONE).group_by(JobRun.name)
    old = delete(JobRun).where(
        JobRun.ended_at < now - KEPT, JobRun.id.not_in(newest.scalar_subquery()), JobRun.id.not_in(last_done.scalar_subquery())
    )
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]


def _begin(name: str, now: datetime) -> int:
    values = {"name": name, "host": socket.gethostname()[:80], "started_at": now, "said": ""}
    return int(db.session.execute(insert(JobRun).values(**values).returning(JobRun.id)).scalar_one())


def _end(run_id: int, outcome: Outcome, said: str, now: datetime) -> None:
    db.session.execute(update(JobRun).where(JobRun.id == run_id).values(outcome=outcome, said=said[:SAID], ended_at=now))


def _give_up_lost(name: str, now: datetime) -> None:
    """Whoever holds the lock is alone: a run that is still open was killed."""
    lost = update(JobRun).where(JobRun.name == name, JobRun.ended_at.is_(None))
    db.session.execute(lost.values(outcome=Outcome.LOST, said="运行到一半，进程没了", ended_at=now))


def _do(job: Job) -> tuple[Outcome, str]:
    command = plan.command_of(current_app._get_current_object(), job)  # type: ignore[attr-defined]
    if command is None:
        return Outcome.FAILED, "这个版本没有这条命令"
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            command.main(args=_arguments(job), prog_name=" ".join(job.command[:2]), standalone_mode=False)
    except SystemExit as ended:
        if ended.code not in (None, 0):
            said = ended.code if isinstance(ended.code, str) else _last_line(printed.getvalue())
            return Outcome.FAILED, without_values(str(said))
    except click.ClickException as error:
        return Outcome.FAILED, without_values(error.format_message())
    except DomainError as error:
        return Outcome.FAILED, without_values(error.message)
    except Exception as error:
        code = trace.new_code(6)
        log.error("job %s failed, %s", job.name, code, exc_info=error)
        return Outcome.FAILED, f"出错了（{type(error).__name__}），日志里的编号 {code}"
    return Outcome.DONE, without_values(_last_line(printed.getvalue()))


def _arguments(job: Job) -> Sequence[str]:
    given = plan.arguments_of(job)
    if job.name == "backup":
        given.append(str(current_app.config["SETTINGS"].backups_dir))
    return given


def _last_line(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return lines[-1] if lines else ""
