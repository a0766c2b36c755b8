"""Fifty threads in two processes scan the same and different people at once, on both engines: nothing locked, lost or doubled."""

from sqlalchemy import func, select

from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome
from app.core.db import db
from app.hours import queries as hours
from app.hours.models import HourEntry
from tests.conftest import NOON
from tests.racing import race

PEOPLE, THREADS, ROUNDS = 12, 25, 2


def test_nothing_is_locked_lost_or_doubled(app, make, site, tmp_path):
    branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委"))
    activity = make.activity(branch, make.person("霍静雯"))
    make.shift(activity, NOON, 3)
    people = [make.person(f"街坊{number}", home=branch) for number in range(PEOPLE)]
    task = {"activity": activity, "people": people, "start": NOON.isoformat(), "threads": THREADS, "rounds": ROUNDS}
    answers = race("tests.checkin.racer", app, tmp_path, **task)
    assert not [answer for answer in answers if "Error" in answer or "lock" in answer.lower()], answers

    # Rounds are not in step between threads: a person may meet their sign-out scan before a slower thread resends the
    # check-in; every scan is one row all the same, everybody came in and went out once, and was credited once.
    rows = dict(db.session.execute(select(Scan.outcome, func.count()).group_by(Scan.outcome)).all())
    assert sum(rows.values()) == PEOPLE * ROUNDS
    assert rows[Outcome.IN] == PEOPLE
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == PEOPLE
    assert db.session.scalar(select(func.count()).select_from(HourEntry)) == rows[Outcome.OUT] == PEOPLE
    assert {hours.sums(person).service_credit for person in people} == {170}
    assert sum(answers.values()) == 2 * THREADS * PEOPLE * ROUNDS
