"""`flask move`: a site on SQLite comes to PostgreSQL whole."""

import os

import pytest
from sqlalchemy import func, select

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass, SourceKind
from app.people.models import Person
from app.people.rules import UnitKind
from tests import engines
from tests.architecture import schemas
from tests.architecture.test_ledgers import LEDGERS, demanded, guards

sqlite_only = True
pytestmark = pytest.mark.postgres


@pytest.fixture
def empty_server(request):
    url = request.getfixturevalue("postgres_url")
    return engines.postgres_copy(url, "template0", f"moved_{os.getpid()}")


def counts() -> dict[str, int]:
    return {name: db.session.scalar(select(func.count()).select_from(table)) for name, table in db.metadata.tables.items()}


@pytest.mark.skipif(not engines.postgres_programs() and "TEST_DATABASE_URL" not in os.environ, reason="no PostgreSQL")
def test_everything_arrives_guarded_and_goes_on(app, make, empty_server, monkeypatch, tmp_path):
    branch = make.unit(parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    person = make.person("何嘉怡", home=branch)
    make.account(person, "13800138000")
    activity = make.activity(branch, person)
    today = clock.today()
    one = Credit(person, activity, ActivityKind.SERVICE, branch, today, 90, HourClass.CREDIT, 7, "2026.1", SourceKind.CORRECTION)
    in_transaction(lambda: crediting.credit([one], clock.now()))
    in_transaction(lambda: crediting.reverse(SourceKind.CORRECTION, [7], "记错了", clock.now(), made_by_id=person))
    before = counts()
    db.session.remove()
    monkeypatch.setenv("MOVE_TO", empty_server)
    runner = app.test_cli_runner()
    result = runner.invoke(args=["move"])
    assert result.exit_code == 0, result.output
    assert "已经有内容" in runner.invoke(args=["move"]).output, "never twice into the same place"
    with schemas.unmigrated(empty_server, tmp_path) as moved:
        assert counts() == before
        assert moved.test_cli_runner().invoke(args=["ledger", "verify"]).exit_code == 0
        with db.engine.connect() as connection:
            assert all(guards(connection, name) == demanded(connection) for name in LEDGERS)
        assert make.person("后来的人") > person
        assert db.session.scalar(select(Person.name).where(Person.id == person)) == "何嘉怡"


@pytest.mark.parametrize("to", ["", "sqlite:///x.db", "mysql://a/b"])
def test_it_goes_to_postgresql_and_nowhere_else(app, monkeypatch, to):
    monkeypatch.setenv("MOVE_TO", to)
    result = app.test_cli_runner().invoke(args=["move"])
    assert (result.exit_code, "只能从 SQLite" in result.output) == (1, True)
