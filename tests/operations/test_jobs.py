"""Scheduled work: done once when its time has come, by one process at a time, with a trace that says how it went."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta

import click
import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.config import ROOT
from app.core.db import db, in_transaction
from app.web.jobs import locks, plan, running
from app.web.jobs.models import JobRun
from app.web.jobs.rules import NEVER, Every, Job, Outcome, Past, State, following, is_due, latest, state

NIGHTLY = Job("nightly", "夜里的事", ("trial", "work"), Every.DAY, time(3, 10))
HOURLY = Job("hourly", "每小时的事", ("trial", "work"), Every.HOUR)
HOLDER = """
import sys, time
from app import create_app
from app.core.db import db
from app.web.jobs import locks
with create_app().app_context(), locks.held(db.engine, "nightly") as got:
    print(got, flush=True)
    time.sleep(600)
"""


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI).astimezone(UTC)


@pytest.fixture
def work(app, monkeypatch):
    """The one job of the plan. `work.does` is what its command does, `work.count` how often it did."""

    class Work:
        count = 0
        does = staticmethod(lambda: click.echo("都好"))

    def command() -> None:
        Work.count += 1
        Work.does()

    group = click.Group("trial", commands={"work": click.Command("work", callback=command)})
    monkeypatch.setitem(app.cli.commands, "trial", group)
    monkeypatch.setattr(plan, "JOBS", (NIGHTLY,))
    return Work


def run(app) -> click.testing.Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=["jobs", "run"])


def trace() -> list[tuple[Outcome | None, str]]:
    db.session.remove()
    return [(run.outcome, run.said) for run in db.session.scalars(select(JobRun).order_by(JobRun.id))]


@pytest.mark.parametrize(
    ("every", "at", "now", "moment"),
    [
        (Every.HOUR, time(), "2026-11-21T12:34", "2026-11-21T12:00"),
        (Every.DAY, time(3, 10), "2026-11-21T03:10", "2026-11-21T03:10"),
        (Every.DAY, time(3, 10), "2026-11-21T03:09", "2026-11-20T03:10"),
        (Every.WEEK, time(4, 40), "2026-11-21T12:00", "2026-11-15T04:40"),
        (Every.WEEK, time(4, 40), "2026-11-22T04:39", "2026-11-15T04:40"),
        (Every.WEEK, time(4, 40), "2026-11-22T04:40", "2026-11-22T04:40"),
        (Every.MONTH, time(5), "2026-11-02T05:00", "2026-11-02T05:00"),
        (Every.MONTH, time(5), "2026-11-02T04:59", "2026-10-02T05:00"),
        (Every.MONTH, time(5), "2027-01-01T23:00", "2026-12-02T05:00"),
    ],
)
def test_the_last_moment_is_that_of_guicheng(every, at, now, moment):
    assert latest(Job("x", "x", ("x",), every, at), here(now)) == here(moment)


@pytest.mark.parametrize("job", [NIGHTLY, HOURLY, Job("w", "w", ("w",), Every.WEEK, time(4)), Job("m", "m", ("m",), Every.MONTH, time(5))])
def test_the_next_moment_comes_after_now_and_is_one_of_its_own(job):
    for hours in range(0, 24 * 40, 7):
        now = here("2026-11-21T12:34") + timedelta(hours=hours)
        upcoming = following(job, now)
        assert upcoming > now
        assert latest(job, upcoming) == upcoming
        assert latest(job, upcoming - timedelta(seconds=1)) <= now


def test_what_was_done_since_its_time_is_not_due_again():
    now = here("2026-11-21T12:00")
    assert is_due(NIGHTLY, NEVER, now)
    assert not is_due(NIGHTLY, Past(done_at=here("2026-11-21T03:10")), now)
    assert is_due(NIGHTLY, Past(done_at=here("2026-11-21T03:09")), now)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.LOST])
def test_what_failed_is_tried_again_after_an_hour(outcome):
    failed = Past(last_at=here("2026-11-21T03:10"), last_ended_at=here("2026-11-21T03:11"), last_outcome=outcome)
    assert not is_due(NIGHTLY, failed, here("2026-11-21T04:09"))
    assert is_due(NIGHTLY, failed, here("2026-11-21T04:10"))


def test_missing_its_time_twice_is_late_and_once_is_not():
    done = Past(done_at=here("2026-11-20T03:10"), last_outcome=Outcome.DONE)
    assert state(NIGHTLY, done, here("2026-11-21T03:15")) is State.OK
    assert state(NIGHTLY, done, here("2026-11-22T03:15")) is State.LATE
    assert state(NIGHTLY, NEVER, here("2026-11-21T03:15")) is State.WAITING


def test_it_is_done_once_when_its_time_has_come(app, work):
    first, second = run(app), run(app)
    assert (first.exit_code, second.exit_code, work.count) == (0, 0, 1)
    assert "夜里的事：办好了，都好" in first.output
    assert trace() == [(Outcome.DONE, "都好")]
    with clock.frozen_at(clock.now() + timedelta(days=1)):
        run(app)
    assert work.count == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda: sys.exit("磁盘满了"), "磁盘满了"),
        (lambda: sys.exit(1), ""),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: sys.exit("13800138000 不在"), "… 不在"),
    ],
)
def test_a_failure_is_kept_with_what_was_said_and_nothing_personal(app, work, fault, said):
    work.does = staticmethod(fault)
    result = run(app)
    assert result.exit_code == 1
    ((outcome, words),) = trace()
    assert outcome is Outcome.FAILED
    assert said in words
    assert "13800138000" not in words


def test_one_that_failed_does_not_keep_the_others_from_their_turn(app, work, monkeypatch):
    calls = []
    work.does = staticmethod(lambda: calls.append(1) or (sys.exit("不行") if len(calls) == 1 else None))
    monkeypatch.setattr(plan, "JOBS", (NIGHTLY, HOURLY))
    assert run(app).exit_code == 1
    assert [outcome for outcome, _ in trace()] == [Outcome.FAILED, Outcome.DONE]


def test_a_run_that_was_killed_is_found_and_the_work_is_done(app, work):
    begun = clock.now() - timedelta(hours=3)
    values = {"name": "nightly", "host": "another", "started_at": begun, "said": ""}
    in_transaction(lambda: db.session.execute(insert(JobRun).values(**values)))
    run(app)
    assert [outcome for outcome, _ in trace()] == [Outcome.LOST, Outcome.DONE]


def test_the_database_refuses_two_runs_of_one_job_at_once(app):
    values = {"name": "nightly", "host": "a", "started_at": clock.now(), "said": ""}
    in_transaction(lambda: db.session.execute(insert(JobRun).values(**values)))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(JobRun).values(**values)))


def test_of_many_at_once_one_does_it(app, work, at_once):
    results = at_once([lambda: list(running.run_due())] * 6)
    assert work.count == 1
    assert sum(outcome is Outcome.DONE for ran in results for _, outcome, _ in ran) == 1


def test_another_process_holds_the_lock_until_it_is_killed(app, work):
    settings = app.config["SETTINGS"]
    environment = {**os.environ, "DATABASE_URL": settings.database_url, "SHULIN_DATA": str(settings.data_dir), "SECRET_KEY": "x" * 40}
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline().strip() == "True"
        skipped = run(app)
        assert (skipped.exit_code, work.count) == (0, 0)
        assert "正在别处运行" in skipped.output
        holder.send_signal(signal.SIGKILL)
        holder.wait(20)
        for _ in range(200):  # PostgreSQL sees the end of the connection a moment later
            with locks.held(db.engine, "nightly") as free:
                if free:
                    break
        assert run(app).exit_code == 0
        assert work.count == 1
    finally:
        holder.kill()
        holder.communicate()


def test_after_a_long_pause_nothing_is_done_until_somebody_looked_at_the_clock(app, work):
    run(app)
    with clock.frozen_at(clock.now() + timedelta(days=3650)):
        asked = run(app)
        assert (asked.exit_code, work.count) == (1, 1)
        assert "离上次运行有 3650 天，这次什么也没办" in asked.output
        assert app.test_cli_runner().invoke(args=["jobs", "run", "--clock-is-right"]).exit_code == 0
    assert work.count == 2


def test_a_run_under_a_clock_that_was_years_ahead_holds_nothing_up(app, work):
    run(app)
    with clock.frozen_at(clock.now() + timedelta(days=3650)):
        app.test_cli_runner().invoke(args=["jobs", "run", "--clock-is-right"])
    with clock.frozen_at(clock.now() + timedelta(days=1)):
        assert run(app).exit_code == 0
        assert work.count == 3
        assert '"state": "ok"' in app.test_cli_runner().invoke(args=["jobs", "list", "--json"]).output
        run(app)
    assert work.count == 3


def test_a_job_by_name_runs_whether_it_is_due_or_not(app, work):
    runner = app.test_cli_runner()
    assert [runner.invoke(args=["jobs", "run", "nightly"]).exit_code for _ in range(2)] == [0, 0]
    assert work.count == 2
    unknown = runner.invoke(args=["jobs", "run", "nothing"])
    assert (unknown.exit_code, "nightly" in unknown.output) == (1, True)


def test_the_list_says_how_each_stands(app, work):
    assert "还没办过" in app.test_cli_runner().invoke(args=["jobs", "list"]).output
    run(app)
    said = app.test_cli_runner().invoke(args=["jobs", "list", "--json"]).output
    assert '"state": "ok"' in said
    assert '"next_at": "2026-11-22 03:10"' in said


def test_old_traces_go_and_the_last_of_each_job_stay(app, work):
    long_ago = clock.now() - timedelta(days=800)
    for place, outcome in enumerate([Outcome.DONE, Outcome.DONE, Outcome.FAILED]):
        values = {"name": "nightly", "host": "a", "said": "", "outcome": outcome}
        at = long_ago + timedelta(days=place)
        in_transaction(lambda v=values, t=at: db.session.execute(insert(JobRun).values(**v, started_at=t, ended_at=t)))
    assert in_transaction(lambda: running.tidy(clock.now())) == 1
    assert [outcome for outcome, _ in trace()] == [Outcome.DONE, Outcome.FAILED]


def test_every_job_of_the_plan_is_a_command_with_a_name_of_its_own(app):
    names = [job.name for job in plan.JOBS]
    assert len(set(names)) == len(names)
    assert [job.name for job in plan.JOBS if plan.command_of(app, job) is None] == []


def test_the_plan_as_it_is_runs_through_on_a_new_site_and_again(app, make, monkeypatch):
    """But for the doctor: a site without HTTPS and without a backup is not well."""
    from app.people.rules import UnitKind

    monkeypatch.setattr(plan, "JOBS", tuple(job for job in plan.JOBS if job.name != "doctor"))
    make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    first = run(app)
    assert first.exit_code == 0, first.output
    assert {outcome for outcome, _ in trace()} == {Outcome.DONE}
    number = len(trace())
    assert run(app).output == ""
    assert len(trace()) == number
