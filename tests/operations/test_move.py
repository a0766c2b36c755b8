"""`flask move`: a site on SQLite comes to PostgreSQL whole."""

import os

import pytest
from sqlalchemy import func, select, update

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass, SourceKind
from app.people.models import Person
from app.people.rules import UnitKind
from app.web.backups import comparing, moving
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


@pytest.fixture
def filled(app, make):
    """A branch with people of every kind of value: dates, documents, enums, uuids, emoji."""
    branch = make.unit(parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    people = [make.person(f"何嘉怡{n}😀", home=branch) for n in range(5)]
    make.account(people[0], "13800138000")
    activity = make.activity(branch, people[0])
    make.signup(make.shift(activity), people[1])
    one = Credit(people[0], activity, ActivityKind.SERVICE, branch, clock.today(), 90, HourClass.CREDIT, 7, "2026.1", SourceKind.CORRECTION)
    in_transaction(lambda: crediting.credit([one], clock.now()))
    db.session.remove()
    return people


def moved_to(app, url, monkeypatch, *more):
    monkeypatch.setenv("MOVE_TO", url)
    return app.test_cli_runner().invoke(args=["move", *more])


def on_the_way(monkeypatch, damage):
    """`damage` is done to the new database after the copying, before the comparing."""
    compare = comparing.differences

    def damaged(old, new, *rest):
        damage(new)
        return compare(old, new, *rest)

    monkeypatch.setattr(comparing, "differences", damaged)


DAMAGE = {
    "a value": ("UPDATE person SET name = 'x' WHERE id = (SELECT max(id) FROM person)", "name 不一样"),
    "a moment by a microsecond": (
        "UPDATE person SET recorded_at = recorded_at + interval '1 microsecond' WHERE id = (SELECT max(id) FROM person)",
        "recorded_at 不一样",
    ),
    "a row that is missing": ("ALTER TABLE signup DISABLE TRIGGER USER; DELETE FROM signup", "新库里没有"),
    "two values exchanged": ("UPDATE membership SET valid_from = valid_from - 1 WHERE id = 1", "valid_from 不一样"),
    "a counter": ("SELECT setval('person_id_seq', 1)", "编号计数"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_copy_is_named_and_not_kept(app, filled, empty_server, monkeypatch, tmp_path, kind):
    statement, said = DAMAGE[kind]
    with monkeypatch.context() as patch:
        on_the_way(patch, lambda new: new.exec_driver_sql(statement))
        result = moved_to(app, empty_server, monkeypatch)
    assert result.exit_code == 1
    assert "没有搬" in result.output
    assert said in result.output
    assert "何嘉怡" not in result.output, "what stands in a row is not told"
    again = moved_to(app, empty_server, monkeypatch)
    assert (again.exit_code, "逐行核对一致" in again.output) == (0, True), again.output


def test_what_breaks_off_leaves_nothing_and_begins_anew(app, filled, empty_server, monkeypatch, tmp_path):
    copy = moving._copy

    def interrupted(old, new, table, told):
        if table.name == "signup":
            raise KeyboardInterrupt
        return copy(old, new, table, told)

    with monkeypatch.context() as patch:
        patch.setattr(moving, "_copy", interrupted)
        assert moved_to(app, empty_server, monkeypatch).exit_code != 0
    with schemas.unmigrated(empty_server, tmp_path):
        assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    assert moved_to(app, empty_server, monkeypatch).exit_code == 0


def test_text_that_postgresql_does_not_take_is_said_with_its_table(app, filled, empty_server, monkeypatch):
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == filled[0]).values(note="a\0b")))
    db.session.remove()
    result = moved_to(app, empty_server, monkeypatch)
    assert (result.exit_code, "person 里有 PostgreSQL 不收的内容" in result.output) == (1, True), result.output


def test_both_can_be_compared_again_before_the_site_starts(app, filled, make, empty_server, monkeypatch):
    assert "没有搬过" in moved_to(app, empty_server, monkeypatch, "--check").output
    assert moved_to(app, empty_server, monkeypatch).exit_code == 0
    assert "两边一样" in moved_to(app, empty_server, monkeypatch, "--check").output
    late = make.person("搬完以后还写进旧库的人")
    db.session.remove()
    result = moved_to(app, empty_server, monkeypatch, "--check")
    assert (result.exit_code, f"{late} 新库里没有" in result.output) == (1, True), result.output


def test_a_table_is_told_from_another_whatever_the_order_of_its_rows():
    table = Person.__table__
    write = comparing.writer(table)
    rows = [(1, "a", None), (2, "b", True)]
    digest = comparing.Digest().and_rows(rows, write)
    assert digest == comparing.Digest().and_rows(rows[::-1], write)
    for other in (
        [(1, "b", None), (2, "a", True)],
        [(1, "a", None), (2, "b", 1)],
        [("1", "a", None), (2, "b", True)],
        rows[:1],
        [*rows, rows[0]],
    ):
        assert digest != comparing.Digest().and_rows(other, write)
