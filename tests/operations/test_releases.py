"""Every earlier version's database comes to today's schema with all that was in it, its ledgers agree, and the way back holds.

The dumps are those of tests/releases: made by the programs of then, with invented people. Its README says how one is added.
"""

import re

import pytest
from sqlalchemy import inspect, text

from app.core.db import db
from app.web import revisions
from app.web.backups import updating
from app.web.commands.ledger import CHECKS
from tests import releases
from tests.architecture import schemas

DUMPS = list(releases.kept())
MOST = 300_000  # bytes of one


@pytest.fixture
def site(engine, tmp_path, request):
    """An empty database of this engine, and its application."""
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    url = schemas.empty_url(engine, tmp_path, server)
    with schemas.unmigrated(url, tmp_path) as app:
        yield app, url


def counted() -> dict[str, int]:
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: int(connection.scalar(text(f'SELECT count(*) FROM "{name}"'))) for name in names}


def run(app, *args: object):
    db.session.remove()
    return app.test_cli_runner().invoke(args=[str(arg) for arg in args])


def faults() -> list[str]:
    """What `ledger verify` finds, but for files of papers: those are not in the dumps."""
    return [fault for name, check in CHECKS for fault in check() if (name, fault[-5:]) != ("凭证文件", "文件不见了")]


def versions() -> list[str]:
    return list(dict.fromkeys(f"{dump.version}-{dump.revision}" for dump in DUMPS))


@pytest.mark.parametrize("version", versions())
def test_the_database_of_an_earlier_version_is_brought_up_and_can_go_back(version, engine, site, tmp_path):
    dump = next(one for one in DUMPS if (f"{one.version}-{one.revision}", one.engine) == (version, engine))
    app, url = site
    releases.loaded(dump, url)
    before = counted()
    assert revisions.current() == dump.revision
    assert before["person"] > 100
    assert before["hour_entry"] > 100, "a database with something in it"
    assert set(db.session.scalars(text("SELECT substr(number, 1, 4) FROM phone"))) == {"1380", "1390", "1990"}, "invented people only"

    (tmp_path / "kept").mkdir()
    updated = run(app, "update", "--backup-to", tmp_path / "kept")
    assert f"升级好了：{dump.revision} → {revisions.newest()}" in updated.output, updated.output
    assert "注意：" not in updated.output, "no table has fewer rows than it had"
    assert faults() == [], "the ledgers agree"
    assert revisions.current() == revisions.newest()
    after = counted()
    gone = {name for name in before.keys() - after.keys() if not updating.DERIVED(name)}
    assert gone == set(), "no table went without saying"
    assert {name: rows for name, rows in before.items() if name in after and not updating.DERIVED(name) and after[name] < rows} == {}
    described = schemas.described()

    (file,) = (tmp_path / "kept").iterdir()
    back = run(app, "restore", file, "--force")
    assert back.exit_code == 0, back.output
    assert revisions.current() == dump.revision
    assert counted() == before
    assert "升级好了" in run(app, "update", "--backup-to", tmp_path).output
    assert schemas.described() == described
    assert faults() == []


def test_both_engines_have_each_version():
    of = {name: {dump.engine for dump in DUMPS if f"{dump.version}-{dump.revision}" == name} for name in versions()}
    assert {name: engines for name, engines in of.items() if engines != {"sqlite", "postgresql"}} == {}


def test_the_released_version_is_among_them():
    """A section of the changelog with a number is a release; what is next has none."""
    released = re.findall(r"^## (\d+\.\d+\.\d+)", (releases.FOLDER.parents[1] / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert released
    missing = set(released) - {dump.version for dump in DUMPS}
    assert missing == set(), "`python -m tests.releases.make` once, before a release is tagged, and commit what it makes"


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.file.name)
def test_a_dump_is_small(dump):
    assert dump.file.stat().st_size < MOST
