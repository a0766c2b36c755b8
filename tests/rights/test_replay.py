"""An older backup comes back: who was erased since is erased again, by the list beside the database."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text

from app.core import clock
from app.core.db import db, in_transaction, is_sqlite
from app.people.models import Person
from app.rights import register
from app.rights.models import Erasure
from app.rights.policies import NAME


@pytest.fixture
def settings(app, tmp_path, monkeypatch):
    found = replace(app.config["SETTINGS"], data_dir=tmp_path / "data", backups_dir=tmp_path / "backups")
    monkeypatch.setitem(app.config, "SETTINGS", found)
    return found


def came_back(person_id: int) -> None:
    """As if the database were the one from before: the name stands again, and nobody is noted."""

    def work() -> None:
        run = db.session.connection().exec_driver_sql
        if is_sqlite():
            names = ["erasure_entry_no_delete", "person_erased_stays"]
            kept = [run("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar_one() for name in names]
            for name in names:
                run(f"DROP TRIGGER {name}")
        else:
            run("ALTER TABLE erasure_entry DISABLE TRIGGER USER")
            run("ALTER TABLE person DISABLE TRIGGER USER")
        db.session.execute(text("DELETE FROM erasure_entry"))
        db.session.execute(text(f"UPDATE person SET name = '欧阳敏仪', erased_at = NULL WHERE id = {person_id}"))
        if is_sqlite():
            for sql in kept:
                run(sql)
        else:
            run("ALTER TABLE erasure_entry ENABLE TRIGGER USER")
            run("ALTER TABLE person ENABLE TRIGGER USER")

    in_transaction(work)
    db.session.expire_all()


def replay(app, *more: str) -> str:
    result = app.test_cli_runner().invoke(args=["rights", "replay", *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_stands_beside_the_database_and_beside_the_backups(place, settings):
    place.erase()
    assert register.keep(settings) == 1
    for file in register.files(settings):
        (line,) = register.read(file)
        assert line.person_id == place.person
        assert "欧阳敏仪" not in file.read_text()


def test_who_came_back_is_erased_again(app, place, settings):
    place.erase()
    register.keep(settings)
    came_back(place.person)
    assert "又出现的 1 人" in replay(app)
    assert db.session.scalar(select(Person.name).where(Person.id == place.person)) == NAME
    assert db.session.scalar(select(Erasure.person_id)) == place.person
    assert "又出现的 0 人" in replay(app)


def test_a_list_kept_elsewhere_does_too(app, place, settings, tmp_path):
    place.erase()
    file = tmp_path / "elsewhere.list"
    file.write_text(app.test_cli_runner().invoke(args=["rights", "list"]).output)
    came_back(place.person)
    assert "又出现的 1 人" in replay(app, str(file))


def test_somebody_else_with_the_same_number_is_left_alone(app, place, settings):
    other = register.Line(place.clerk, clock.now().replace(year=2020), clock.now())
    settings.data_dir.mkdir()
    (settings.data_dir / register.FILE).write_text(other.written())
    assert "又出现的 0 人" in replay(app)
    assert db.session.scalar(select(Person.name).where(Person.id == place.clerk)) == "周组织"


def test_a_line_that_is_none_stops_it(app, place, settings):
    settings.data_dir.mkdir()
    (settings.data_dir / register.FILE).write_text("17 yesterday\n")
    result = app.test_cli_runner().invoke(args=["rights", "replay"])
    assert result.exit_code == 1
    assert "第 1 行看不懂" in result.output


def test_a_server_that_may_not_write_where_backups_lie_keeps_its_own_list(place, settings, as_person):
    """As deploy/systemd says. What was done is told as done; the next backup makes the other list whole."""
    settings.data_dir.mkdir()
    settings.backups_dir.write_text("no folder, and nothing can be put into it")
    request_id = place.ask()
    answer = as_person(place.administrator).post(f"/rights/{request_id}/approval")
    assert answer.status_code == 303
    assert db.session.get(Person, place.person, populate_existing=True).name == NAME
    assert [line.person_id for line in register.read(settings.data_dir / register.FILE)] == [place.person]
    settings.backups_dir.unlink()
    assert register.keep(settings) == 1
    assert len(register.read(settings.backups_dir / register.FILE)) == 1


def test_a_list_that_can_not_be_read_does_not_say_that_nothing_was_done(place, settings, as_person):
    settings.data_dir.mkdir()
    (settings.data_dir / register.FILE).write_text("not a line\n")
    answer = as_person(place.administrator).post(f"/rights/{place.ask()}/approval")
    assert answer.status_code == 303
    assert db.session.get(Person, place.person, populate_existing=True).name == NAME


def test_two_who_keep_the_list_at_once_lose_nobody(place, settings, at_once):
    now = clock.now()
    lines = [register.Line(number, now, now) for number in range(1000, 1016)]
    at_once([lambda some=lines[at::4]: [register.keep(settings, None, [one]) for one in some] for at in range(4)])
    assert register.listed(settings) == set(lines)
