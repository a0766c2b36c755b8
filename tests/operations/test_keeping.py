"""`flask backup --keep` and `flask rehearse`: old ones go by rule, and what is kept is proven to come back."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.models import HourPersonTotal
from app.hours.rules import HourClass, SourceKind
from app.people.rules import UnitKind
from app.seals import service as seals
from app.web.backups import archive, keeping, rehearsing
from tests.operations.test_backup import rewrite, run, uploads  # noqa: F401 (fixtures)

NOON = datetime(2026, 11, 21, 12, tzinfo=clock.SHANGHAI)
MOMENTS = st.sets(st.integers(0, 5000).map(lambda hours: NOON - timedelta(hours=hours)), max_size=60)


def test_a_year_of_nights_leaves_days_weeks_months():
    nights = [NOON - timedelta(days=days) for days in range(800)]
    stay = sorted(keeping.kept(nights, keeping.Rules(7, 5, 12, 3)), reverse=True)
    assert stay[:7] == nights[:7]
    assert len({at.isocalendar()[:2] for at in stay}) >= 5
    assert {(at.year, at.month) for at in stay} >= {(2026, month) for month in range(1, 12)} | {(2025, 12)}
    assert {at.year for at in stay} == {2024, 2025, 2026}
    assert len(stay) < 25


@given(MOMENTS)
def test_the_newest_stays_and_thinning_twice_is_thinning_once(moments):
    stay = keeping.kept(moments, keeping.Rules())
    assert stay <= moments
    assert keeping.kept(stay, keeping.Rules()) == stay
    assert not moments or max(moments) in stay


def test_a_site_that_stood_still_for_years_loses_nothing_by_it(tmp_path):
    for days in range(3):
        (tmp_path / keeping.name_at(NOON - timedelta(days=2000 + days))).touch()
    assert keeping.thin(tmp_path, keeping.Rules()) == []


def test_only_files_that_we_named_are_ever_deleted(tmp_path):
    others = ["shulin-2020-01-01-000000.tar.gz.part", "before-upgrade-2026.tar.gz", "shulin-2020-99-99-000000.tar.gz", "notes.txt"]
    for name in [*others, *(keeping.name_at(NOON - timedelta(days=days)) for days in range(40))]:
        (tmp_path / name).touch()
    (tmp_path / "shulin-2020-01-02-000000.tar.gz").symlink_to(tmp_path / "notes.txt")
    assert keeping.thin(tmp_path, keeping.Rules(1, 0, 0, 0))
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {*others, keeping.name_at(NOON), "shulin-2020-01-02-000000.tar.gz"}


def test_each_night_makes_one_reads_it_back_and_thins(run, make, uploads, tmp_path):  # noqa: F811
    make.person("何嘉怡")
    for days in range(4):
        with clock.frozen_at(clock.now() + timedelta(days=days)):
            code, said = run("backup", "--keep", tmp_path, "--daily", "2", "--weekly", "0", "--monthly", "0", "--yearly", "0")
            assert (code, "读回核对过" in said) == (0, True), said
    files = sorted(file.name for file in tmp_path.iterdir())
    assert len(files) == 2
    assert all(archive.read_through(tmp_path / name).rows["person"] == 1 for name in files)
    assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for name in files), "only its owner may read it"


def test_what_was_just_made_stays_though_the_clock_was_ahead_when_another_was(run, make, uploads, tmp_path):  # noqa: F811
    make.person("何嘉怡")
    ahead = tmp_path / keeping.name_at(clock.now() + timedelta(hours=2))
    ahead.touch()
    code, said = run("backup", "--keep", tmp_path, "--daily", "1", "--weekly", "0", "--monthly", "0", "--yearly", "0")
    assert (code, "读回核对过" in said) == (0, True), said
    assert sorted(tmp_path.iterdir()) == sorted([ahead, tmp_path / keeping.name_at(clock.now())])


def test_one_that_does_not_read_back_is_put_aside_and_deletes_nothing(run, make, uploads, tmp_path, monkeypatch):  # noqa: F811
    (tmp_path / keeping.name_at(clock.now() - timedelta(days=400))).touch()
    (tmp_path / keeping.name_at(clock.now() - timedelta(days=401))).touch()

    def broken(file: Path) -> None:
        raise archive.BackupError("读不到头")

    monkeypatch.setattr(archive, "read_through", broken)
    code, said = run("backup", "--keep", tmp_path, "--daily", "1", "--weekly", "0", "--monthly", "0", "--yearly", "0")
    assert (code, "读不到头" in said) == (1, True)
    assert len(list(tmp_path.glob("shulin-*.tar.gz"))) == 2
    assert len(list(tmp_path.glob("*.broken"))) == 1


@pytest.mark.parametrize("given", [(), ("x.tar.gz", "--keep", ".")])
def test_a_file_or_a_folder_and_not_both(run, given):  # noqa: F811
    code, said = run("backup", *given)
    assert (code, "只写一样" in said) == (1, True)


@pytest.fixture
def ledger(make):
    """Somebody with ninety minutes in the ledger, and their totals."""
    branch = make.unit(parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    person = make.person("何嘉怡", home=branch)
    activity = make.activity(branch, person)
    one = Credit(person, activity, ActivityKind.SERVICE, branch, clock.today(), 90, HourClass.CREDIT, 7, "2026.1", SourceKind.CORRECTION)
    in_transaction(lambda: crediting.credit([one], clock.now()))
    return person


def lying(folder: Path) -> list[Path]:
    """What lies in a folder, but where locks are: that stays once there was one."""
    return sorted(one for one in folder.iterdir() if not one.name.endswith("-locks"))


def databases() -> set[str]:
    if db.engine.dialect.name == "sqlite":
        return set()
    with db.engine.connect() as connection:
        return set(connection.scalars(text("SELECT datname FROM pg_database")))


def test_a_rehearsal_brings_it_back_beside_verifies_it_and_leaves_nothing(run, ledger, make, uploads, tmp_path):  # noqa: F811
    (uploads / "photo.jpg").write_bytes(b"a picture")
    run("backup", tmp_path / "one.tar.gz")
    make.person("后来的人")
    before, kept, people = databases(), lying(uploads.parent), db.session.execute(text("SELECT count(*) FROM person")).scalar()
    code, said = run("rehearse", tmp_path / "one.tar.gz")
    assert (code, "账目全部相符" in said) == (0, True), said
    assert databases() == before
    assert lying(uploads.parent) == kept
    assert db.session.execute(text("SELECT count(*) FROM person")).scalar() == people, "the site itself was not touched"
    assert (uploads / "photo.jpg").read_bytes() == b"a picture"


def test_a_backup_whose_totals_are_wrong_is_found_by_the_rehearsal(run, ledger, uploads, tmp_path):  # noqa: F811
    in_transaction(lambda: db.session.execute(update(HourPersonTotal).values(minutes=HourPersonTotal.minutes + 1)))
    run("backup", tmp_path / "one.tar.gz")
    code, said = run("rehearse", tmp_path / "one.tar.gz")
    assert (code, "个人时长" in said or "时长：" in said) == (1, True), said


def test_a_damaged_backup_fails_the_rehearsal_in_words(run, ledger, uploads, tmp_path):  # noqa: F811
    (uploads / "photo.jpg").write_bytes(b"a picture")
    run("backup", tmp_path / "one.tar.gz")
    changed = rewrite(tmp_path / "one.tar.gz", lambda name, content: content + b"!" if name.endswith("photo.jpg") else content)
    code, said = run("rehearse", changed)
    assert (code, "校验值不一致" in said) == (1, True)


def test_the_newest_of_the_folder_is_rehearsed(run, app, ledger, uploads, tmp_path, monkeypatch):  # noqa: F811
    from dataclasses import replace

    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], backups_dir=tmp_path))
    code, said = run("rehearse", "--newest")
    assert (code, "还没有备份" in said) == (1, True)
    run("backup", "--keep", tmp_path)
    assert run("rehearse", "--newest")[0] == 0


def test_what_a_killed_rehearsal_left_is_swept_by_the_next(run, ledger, uploads, tmp_path):  # noqa: F811
    run("backup", tmp_path / "one.tar.gz")
    if db.engine.dialect.name == "postgresql":
        left = f"{db.engine.url.database}{rehearsing.LEFT}1"
        with db.engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{left}"'))
    assert run("rehearse", tmp_path / "one.tar.gz")[0] == 0
    assert not {name for name in databases() if rehearsing.LEFT in name}


def test_an_old_backup_comes_back_without_fault(run, ledger, uploads, tmp_path):  # noqa: F811
    """That nothing was sealed since is none of it."""
    list(seals.seal_days(clock.now()))
    run("backup", tmp_path / "one.tar.gz")
    with clock.frozen_at(clock.now() + timedelta(days=400)):
        code, said = run("rehearse", tmp_path / "one.tar.gz")
    assert (code, "账目全部相符" in said) == (0, True), said
