"""`flask jobs run`: everything that is due, by one timer. Two machines may both have that timer."""

import json
import signal
import sys
from dataclasses import dataclass
from typing import NoReturn

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.db import in_transaction
from app.web import revisions
from app.web.backups import making
from app.web.jobs import plan, running
from app.web.jobs.rules import NEVER, Outcome, State, doubtful, following, state

jobs = AppGroup("jobs", help="定时任务")

STATES = {State.OK: "好", State.WAITING: "还没到时候", State.RUNNING: "正在运行", State.FAILED: "没办成", State.LATE: "晚了"}


class Stopped(BaseException):
    """The machine asks this process to end: what runs is rolled back, nothing more is begun."""


@dataclass(frozen=True)
class Line:
    name: str
    title: str
    when: str
    state: State
    done_at: str | None
    next_at: str
    said: str


@jobs.command("run")
@click.argument("name", required=False)
@click.option("--clock-is-right", is_flag=True, help="停了一个半月以上再开，先看过服务器的钟，再加这个")
def run(name: str | None, clock_is_right: bool) -> None:
    """到时候的都办一遍，每 15 分钟跑一次就行；写 NAME 就只办这一项，不管到没到时候。几台机器同时跑也只办一次。"""
    if revisions.current() != revisions.newest():
        sys.exit("数据库还没升级，这次什么也没办。请先执行：flask --app app update")
    if half := making.unfinished():
        sys.exit(f"恢复（{half}）做到一半停了，这次什么也没办。请先执行：flask --app app restore 文件 --force")
    now = clock.now()
    if not name and not clock_is_right and (pause := doubtful(running.pasts(now).values(), now)):
        sys.exit(
            f"现在的钟是 {clock.local(now):%Y-%m-%d %H:%M}，离上次运行有 {pause.days} 天，这次什么也没办。"
            "钟不对，请先对时（timedatectl）；网站真的停了这么久，请执行一次：flask --app app jobs run --clock-is-right"
        )
    signal.signal(signal.SIGTERM, _stop)
    failed = False
    try:
        for job, outcome, said in _asked(name) if name else running.run_due():
            word = {Outcome.DONE: "办好了", Outcome.FAILED: "没办成", None: "跳过"}[outcome]
            click.echo(f"{clock.local(clock.now()):%m-%d %H:%M} {job.title}：{word}{'，' if said else ''}{said}")
            failed = failed or outcome is Outcome.FAILED
    except Stopped:
        sys.exit("被停下了，办到一半的没有算数，下次接着办。")
    if failed:
        sys.exit(1)


@jobs.command("list")
@click.option("--json", "as_json", is_flag=True, help="给监控程序读")
def show(as_json: bool) -> None:
    """有哪些定时任务，上次什么时候办成，下次什么时候。"""
    lines = standings()
    if as_json:
        click.echo(json.dumps([line.__dict__ for line in lines], ensure_ascii=False, indent=1))
        return
    for line in lines:
        last = f"上次办成 {line.done_at}" if line.done_at else "还没办过"
        said = f"；{line.said}" if line.said else ""
        click.echo(f"{STATES[line.state]}　{line.title}（{line.name}，{line.when}）：{last}，下次 {line.next_at}{said}")


@jobs.command("tidy")
def tidy() -> None:
    """删掉 400 天以前的运行记录；每一项最近的都留着。"""
    gone = in_transaction(lambda: running.tidy(clock.now()))
    click.echo(f"删掉 {gone} 条")


COMMANDS = (jobs,)


def standings() -> list[Line]:
    now = clock.now()
    pasts = running.pasts(now)
    found = []
    for job in plan.jobs():
        past = pasts.get(job.name, NEVER)
        done = f"{clock.local(past.done_at):%Y-%m-%d %H:%M}" if past.done_at else None
        upcoming = f"{clock.local(following(job, now)):%Y-%m-%d %H:%M}"
        found.append(Line(job.name, job.title, job.when, state(job, past, now), done, upcoming, past.last_said))
    return found


def _asked(name: str) -> list[running.Ran]:
    job = next((one for one in plan.jobs() if one.name == name), None)
    if job is None:
        known = "、".join(one.name for one in plan.jobs())
        raise click.ClickException(f"没有叫 {name} 的定时任务。有的是：{known}")
    ran = running.run_one(job)
    return [ran] if ran else []


def _stop(_number: int, _frame: object) -> NoReturn:
    raise Stopped
