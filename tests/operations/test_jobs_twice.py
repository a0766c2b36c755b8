"""Each job of the plan is run twice by its name on a site with everything in it: the second time changes no row.

The site is one of tests/releases, some weeks later: its month is closed, terms run out, a merge stands half way.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask_migrate import upgrade
from sqlalchemy import insert, inspect, select, text

from app.accounts.models import RoleGrant
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.points.rules import Per, SchemeKind
from app.schemes.rules import DraftRule
from app.schemes.service import drafts
from app.seals import queries as seals
from app.web.jobs import plan
from app.web.jobs.models import JobRun
from app.web.jobs.rules import Outcome
from tests import releases
from tests.architecture import schemas

SOON, LATER = timedelta(days=1, hours=10), timedelta(days=17, hours=10)  # after the last seal: its month is open, and is closed
OF_RUNS = {"job_run"}
APPENDS = {"verify": {"seal_check"}}
NOT_WELL = {"doctor": "不行", "verify": "凭证文件不符", "rehearse": "账目有不符"}  # no HTTPS here, and the dumps have no files of papers
HAD_WORK = {
    "reminders", "merges", "seal", "close-overdue", "certificates", "wishes", "schemes", "reports", "boards", "duties", "jobs-tidy",
}  # fmt: skip
EARLIER = {"schemes"}  # what is booked anew belongs to a month that is open
LONG_AGO = timedelta(days=800)


@pytest.fixture
def filled(engine, tmp_path, request) -> Iterator[object]:
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    url = schemas.empty_url(engine, tmp_path, server)
    dump = next(one for one in releases.kept() if (one.revision, one.engine) == ("0068", engine))
    with schemas.unmigrated(url, tmp_path) as app:
        (tmp_path / "backups").mkdir()
        known = {"secret_key": releases.SECRET, "keys": releases.KEYS, "backups_dir": tmp_path / "backups"}
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], **known)
        releases.loaded(dump, url)
        upgrade()
        yield app


def rows() -> dict[str, set[str]]:
    """Of each table what stands in it."""
    with db.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - OF_RUNS
        return {name: {repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"'))} for name in names}


def run(app, job) -> str:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["jobs", "run", job.name])
    db.session.remove()
    (outcome, said) = db.session.execute(select(JobRun.outcome, JobRun.said).order_by(JobRun.id.desc()).limit(1)).one()
    assert outcome is Outcome.DONE or (job.name in NOT_WELL and NOT_WELL[job.name] in said), (job.name, result.output)
    return said


def published_and_not_booked() -> None:
    """A scheme from the first day of the month, as one leaves it who closes the page too early."""
    holding = select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMINISTRATOR).order_by(RoleGrant.id).limit(2)
    writer, second = db.session.scalars(holding)
    draft = in_transaction(lambda: drafts.begin(SchemeKind.VOLUNTEER, writer, clock.now()))
    row = drafts.queries.draft(draft)
    hour = next(one for one in row.version.rules if one.per is Per.HOUR)
    basics = drafts.DraftBasics("2026.9", "会议", clock.today().replace(day=1), None, row.version.bands)
    in_transaction(lambda: drafts.edit(draft, basics, writer))
    in_transaction(lambda: drafts.put_rule(draft, hour.id, DraftRule("服务，每小时", Per.HOUR, 130), writer))
    in_transaction(lambda: drafts.send(draft, writer, [], "/", clock.now()))
    in_transaction(lambda: drafts.publish(draft, second, "/", clock.now()))


def old_traces() -> None:
    began = clock.now() - LONG_AGO
    for place in range(3):
        at = began + timedelta(days=place)
        values = {"name": "boards", "host": "a", "said": "", "outcome": Outcome.DONE, "started_at": at, "ended_at": at}
        in_transaction(lambda v=values: db.session.execute(insert(JobRun).values(**v)))


def test_the_second_time_no_row_is_another(filled):
    sealed = clock.at_local(seals.last_seal().day)
    with clock.frozen_at(sealed + SOON):
        published_and_not_booked()
        old_traces()
    wrote, again = set(), {}
    for job in sorted(plan.jobs(), key=lambda job: job.name not in EARLIER):
        at = sealed + (SOON if job.name in EARLIER else LATER)
        with clock.frozen_at(at):
            before, said, once = rows(), run(filled, job), rows()
        with clock.frozen_at(at + timedelta(minutes=1)):
            said_again, twice = run(filled, job), rows()
        changed = {name for name in once if once[name] != twice[name]}
        if changed - APPENDS.get(job.name, set()) or any(once[name] - twice[name] for name in changed):
            again[job.name] = changed
        if once != before or said != said_again:
            wrote.add(job.name)
    assert again == {}
    assert wrote >= HAD_WORK, "there was something to do"
