"""A real backup from before an erasure comes back: `restore` erases again; where nobody asked it, `doctor` complains until a replay."""

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from app.audit import service as audit
from app.audit.keys import keys_of, open_details
from app.audit.models import AuditEvent
from app.audit.personal import ERASED
from app.core import clock
from app.core.db import db, in_transaction
from app.people.models import Person
from app.people.service import become
from app.rights import register
from app.rights.policies import NAME
from app.seals import checking, service
from app.web.backups import making
from app.web.doctor import Level, site
from tests.conftest import NOON
from tests.rights.conftest import everywhere, given_everything
from tests.seals.conftest import DAY

NAME_BEFORE, FORMER = "欧阳敏仪", "歐陽敏儀"


@pytest.fixture
def settings(app, tmp_path, monkeypatch):
    found = replace(app.config["SETTINGS"], data_dir=tmp_path / "data", backups_dir=tmp_path / "backups")
    found.data_dir.mkdir()
    found.backups_dir.mkdir()
    monkeypatch.setitem(app.config, "SETTINGS", found)
    return found


@pytest.fixture
def run(app):
    def command(*args: object, at=NOON + 2 * DAY) -> tuple[int, str]:
        db.session.remove()
        beside = ["--while-serving"] if args[0] == "restore" else []  # what renews the database between two tests
        with clock.frozen_at(at):
            result = app.test_cli_runner().invoke(args=[*(str(arg) for arg in args), *beside])
        db.session.remove()
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return command


@pytest.fixture
def before(place, settings, run):
    """Somebody with two records that became one, with words in sealed audit rows; a backup of that, beside the others."""
    given_everything(place)
    former = place.make.person(FORMER, phone="13899990000")
    for one, reason in ((place.person, "家里老人要照顾"), (former, "摔伤了腿")):
        in_transaction(lambda one=one, reason=reason: audit.record(None, "signup.removal", "signup", 1, person=one, reason=reason))
    in_transaction(lambda: become(former, place.person))
    list(service.seal_days(NOON + DAY))
    code, said = run("backup", settings.backups_dir / "before.tar.gz")
    assert code == 0, said
    place.former = former
    return settings.backups_dir / "before.tar.gz"


def erased(place, settings) -> None:
    with clock.frozen_at(NOON + DAY):
        place.erase()
    register.keep(settings)


def nothing_is_readable(place) -> None:
    db.session.expire_all()
    for words in (NAME_BEFORE, FORMER, "13822223333", "13899990000", "会粤剧", "家里老人", "摔伤"):
        assert everywhere(words) == {}, words
    assert set(db.session.scalars(select(Person.name).where(Person.id.in_([place.person, place.former])))) == {NAME}
    assert keys_of([place.person, place.former]) == {place.person: None, place.former: None}
    told = db.session.execute(select(AuditEvent.action, AuditEvent.at, AuditEvent.detail).where(AuditEvent.action == "signup.removal"))
    assert [detail["reason"] for detail in open_details([tuple(row) for row in told])] == [ERASED, ERASED]
    assert checking.disagreements(NOON + 2 * DAY) == []


def test_restoring_a_backup_from_before_erases_again_at_once(place, settings, run, before):
    erased(place, settings)
    code, said = run("restore", before, "--force")
    assert code == 0, said
    assert "恢复以后又出现的 2 人已再删一遍，他们的密钥也再次销毁" in said
    nothing_is_readable(place)
    assert "封存：相符" in run("ledger", "verify")[1]
    assert [one.level for one in site.erased()] == [Level.GOOD]


def test_a_database_put_back_by_other_means_is_found_by_the_doctor_and_erased_by_replay(place, settings, run, before):
    """As when a copy of the database was put in place by hand: no command of ours was asked."""
    erased(place, settings)
    kept = settings.data_dir / register.FILE
    aside = kept.rename(kept.with_suffix(".aside"))
    (settings.backups_dir / register.FILE).unlink()
    db.session.remove()
    with clock.frozen_at(NOON + 2 * DAY):
        making.bring_back(before, force=True)
    db.session.remove()
    aside.rename(kept)
    (finding,) = site.erased()
    assert (finding.level, "2 人随旧备份又回来了" in finding.said, "rights replay" in finding.todo) == (Level.BAD, True, True)
    assert everywhere(NAME_BEFORE)
    assert keys_of([place.person])[place.person]
    assert run("doctor")[0] == 1
    code, said = run("rights", "replay")
    assert (code, "又出现的 2 人" in said) == (0, True), said
    nothing_is_readable(place)
    assert [one.level for one in site.erased()] == [Level.GOOD]
    assert "又出现的 0 人" in run("rights", "replay")[1]


def test_the_database_that_is_overwritten_is_asked_whom_it_knows(place, settings, run, before):
    """The list was never written, as after a crash between the erasure and the file: the last chance is before it is overwritten."""
    with clock.frozen_at(NOON + DAY):
        place.erase()
    for file in register.files(settings):
        file.unlink(missing_ok=True)
    code, said = run("restore", before, "--force")
    assert (code, "又出现的 2 人已再删一遍" in said) == (0, True), said
    nothing_is_readable(place)


def test_on_a_new_machine_the_list_beside_the_backup_is_read(place, settings, run, before, tmp_path, app, monkeypatch):
    erased(place, settings)
    carried = tmp_path / "usb"
    carried.mkdir()
    for name in ("before.tar.gz", register.FILE):
        shutil.copy(settings.backups_dir / name, carried / name)
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, data_dir=tmp_path / "fresh", backups_dir=None))
    (tmp_path / "fresh").mkdir()
    _forgotten(place)
    code, said = run("restore", carried / "before.tar.gz", "--force")
    assert (code, "又出现的 2 人已再删一遍" in said) == (0, True), said
    nothing_is_readable(place)
    assert (tmp_path / "fresh" / register.FILE).exists()


def _forgotten(place) -> None:
    """A database that knows of no erasure."""

    def work() -> None:
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("DROP TRIGGER erasure_entry_no_delete"))
        else:
            db.session.execute(text("ALTER TABLE erasure_entry DISABLE TRIGGER USER"))
        db.session.execute(text("DELETE FROM erasure_entry"))

    in_transaction(work)


def test_without_any_list_it_says_so(place, settings, run, before):
    code, said = run("restore", before, "--force")
    assert code == 0
    assert "没有找到注销名单（erased.list）" in said
    assert list(site.erased()) == []


def test_a_list_that_can_not_be_read_stops_nothing_and_is_said(place, settings, run, before):
    (settings.data_dir / register.FILE).write_text("17 yesterday\n")
    code, said = run("restore", before, "--force")
    assert (code, "注销名单读不了" in said) == (1, True)
    (finding,) = site.erased()
    assert (finding.level, "第 1 行看不懂" in finding.said) == (Level.BAD, True)


def test_a_backup_carries_the_list_along(place, settings, run, tmp_path):
    erased(place, settings)
    usb = tmp_path / "usb"
    usb.mkdir()
    assert run("backup", usb / "x.tar.gz")[0] == 0
    assert [line.person_id for line in register.read(usb / register.FILE)] == [place.person]
    assert run("backup", "--keep", settings.backups_dir)[0] == 0
    assert {line.person_id for line in register.read(settings.backups_dir / register.FILE)} == {place.person}


def test_two_who_had_the_same_number_in_turn_are_both_on_the_list(place, settings):
    """After a restoration a number is given again; the list knows both, by when each was recorded."""
    recorded = db.session.scalar(select(Person.recorded_at).where(Person.id == place.clerk))
    lines = [register.Line(place.clerk, recorded, NOON), register.Line(place.clerk, recorded + DAY, NOON + DAY)]
    assert register.back_again(lines) == lines[:1]
    assert register.back_again(lines[::-1]) == lines[:1]


def test_a_list_that_lacks_somebody_is_made_whole(place, settings, run):
    erased(place, settings)
    (settings.backups_dir / register.FILE).unlink()
    (finding,) = site.erased()
    assert (finding.level, "不全" in finding.said) == (Level.NOTE, True)
    assert run("rights", "replay")[0] == 0
    assert [one.level for one in site.erased()] == [Level.GOOD]


@pytest.mark.parametrize("command", [("rights", "replay"), ("rights", "list")])
def test_a_database_that_waits_for_an_update_is_left_alone(place, settings, run, monkeypatch, command):
    from app.web import revisions

    monkeypatch.setattr(revisions, "current", lambda: "0001")
    code, said = run(*command)
    assert (code, "flask --app app update" in said) == (1, True)
