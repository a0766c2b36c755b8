"""When a piece of scheduled work is due, and how it stands. Pure; instants are UTC, days and hours those of Guicheng."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.core import clock

RETRY_AFTER = timedelta(hours=1)  # what failed is tried again, and does not keep the machine busy
TOO_LONG = timedelta(hours=6)
SKEW = timedelta(minutes=5)  # what the clocks of two machines may differ by; a run of later than that had a wrong clock and is none
LONG_PAUSE = timedelta(days=45)


class Every(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # on Sundays
    MONTH = "month"  # on the second, when the first is over and backed up


EVERY_WORDS = {Every.HOUR: "每小时", Every.DAY: "每天", Every.WEEK: "每周日", Every.MONTH: "每月 2 日"}


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"  # its process was killed: nobody wrote how it ended


class State(StrEnum):
    OK = "ok"
    WAITING = "waiting"  # never ran, its time has not come twice
    RUNNING = "running"
    FAILED = "failed"
    LATE = "late"  # missed its time twice


@dataclass(frozen=True)
class Job:
    """`command` is one of ours, as typed after `flask --app app`; running it again must change nothing."""

    name: str
    title: str
    command: tuple[str, ...]
    every: Every
    at: time = time()

    @property
    def when(self) -> str:
        return EVERY_WORDS[self.every] if self.every is Every.HOUR else f"{EVERY_WORDS[self.every]} {self.at:%H:%M}"


@dataclass(frozen=True)
class Past:
    """What is known about the runs of one job: when the last that was done began, and the last of any kind."""

    done_at: datetime | None = None
    last_at: datetime | None = None
    last_ended_at: datetime | None = None
    last_outcome: Outcome | None = None
    last_said: str = ""
    last_host: str = ""

    @property
    def runs(self) -> bool:
        return self.last_at is not None and self.last_ended_at is None


NEVER = Past()


def latest(job: Job, now: datetime) -> datetime:
    """The last moment, now at the latest, at which `job` was to run."""
    here = clock.local(now)
    if job.every is Every.HOUR:
        return clock.at_local(here.date(), time(here.hour))
    day = here.date()
    if job.every is Every.WEEK:
        day -= timedelta(days=(day.weekday() + 1) % 7)
    elif job.every is Every.MONTH:
        day = day.replace(day=2) if day.day >= 2 else (day.replace(day=1) - timedelta(days=1)).replace(day=2)
    moment = clock.at_local(day, job.at)
    if moment <= now:
        return moment
    return latest(job, moment - timedelta(days=1) if job.every is Every.DAY else clock.at_local(day) - timedelta(seconds=1))


def following(job: Job, now: datetime) -> datetime:
    """The first moment after `now` at which `job` is to run."""
    moment = latest(job, now)
    step = timedelta(minutes=15) if job.every is Every.HOUR else timedelta(hours=6)
    later = now
    while latest(job, later) <= moment:
        later += step
    return latest(job, later)


def is_due(job: Job, past: Past, now: datetime) -> bool:
    """Its moment passed and it was not done since; after a failure in that time an hour goes by first."""
    moment = latest(job, now)
    if past.done_at is not None and past.done_at >= moment:
        return False
    failed_since = past.last_outcome in {Outcome.FAILED, Outcome.LOST} and past.last_at is not None and past.last_at >= moment
    return not (failed_since and past.last_at is not None and now - past.last_at < RETRY_AFTER)


def doubtful(pasts: Iterable[Past], now: datetime) -> timedelta | None:
    """How long nothing ran, where that is so long that the clock is rather wrong: what waits for a day would all be done at once."""
    last = max((past.last_at for past in pasts if past.last_at is not None), default=None)
    return now - last if last is not None and now - last > LONG_PAUSE else None


def state(job: Job, past: Past, now: datetime) -> State:
    before = latest(job, latest(job, now) - timedelta(seconds=1))
    if past.runs and past.last_at is not None and now - past.last_at < TOO_LONG:
        return State.RUNNING
    if past.last_outcome in {Outcome.FAILED, Outcome.LOST}:
        return State.FAILED
    if past.done_at is None:
        return State.LATE if past.last_at is not None else State.WAITING
    return State.LATE if past.done_at < before else State.OK
