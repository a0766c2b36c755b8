"""Every earlier version's database comes to today's schema with all that was in it, its ledgers agree, and the way back holds.

The dumps are those of tests/releases: made by the programs of then, with invented people. Its README says how one is added.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask_migrate import downgrade
from sqlalchemy import inspect, select, text

from app.audit import queries as audits
from app.audit.models import AuditEvent
from app.audit.personal import ERASED, LOST, is_closed
from app.core import clock
from app.core.db import db, in_transaction
from app.merges import service as merges
from app.merges.models import Merge
from app.seals import queries as seals
from app.web import revisions
from app.web.backups import updating
from app.web.commands.ledger import CHECKS
from tests import releases
from tests.architecture import schemas

DUMPS = list(releases.kept())
MOST = 300_000  # bytes of one
DECIDED = "0068"  # from here on the dumps hold merges, seals, erasures, keys of persons and jobs
SAME_TABLES = "0065"  # the first schema with all tables of what was decided


@pytest.fixture
def site(engine, tmp_path, request):
    """An empty database of this engine, and its application."""
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    url = schemas.empty_url(engine, tmp_path, server)
    with schemas.unmigrated(url, tmp_path) as app:
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], secret_key=releases.SECRET, keys=releases.KEYS)
        yield app, url


def loaded(dump: releases.Dump, url: str) -> str:
    """The revision it begins from: what this version itself made goes back a little, so that there is something to bring up."""
    releases.loaded(dump, url)
    assert revisions.current() == dump.revision
    if dump.revision == revisions.newest():
        downgrade(revision=SAME_TABLES)
        db.session.remove()
    return str(revisions.current())


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
    began_at = loaded(dump, url)
    before = counted()
    assert before["person"] > 100
    assert before["hour_entry"] > 100, "a database with something in it"
    assert set(db.session.scalars(text("SELECT substr(number, 1, 4) FROM phone"))) == {"1380", "1390", "1990"}, "invented people only"

    (tmp_path / "kept").mkdir()
    updated = run(app, "update", "--backup-to", tmp_path / "kept")
    assert f"升级好了：{began_at} → {revisions.newest()}" in updated.output, updated.output
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
    assert revisions.current() == began_at
    assert counted() == before
    assert "升级好了" in run(app, "update", "--backup-to", tmp_path).output
    assert schemas.described() == described
    assert faults() == []


@pytest.mark.parametrize("version", [one for one in versions() if one.rpartition("-")[2] >= DECIDED])
def test_what_was_decided_before_still_holds_and_can_be_gone_on_with(version, engine, site, tmp_path):
    app, url = site
    loaded(next(one for one in DUMPS if (f"{one.version}-{one.revision}", one.engine) == (version, engine)), url)
    told = personal()
    assert ERASED in told, "of who was erased"
    assert LOST not in told
    sealed = [(one.day, one.digest) for one in seals.seals()]
    assert len(sealed) >= 3
    assert "升级好了" in run(app, "update", "--backup-to", tmp_path).output

    assert personal() == told, "what is personal in the audit opens with the key from outside, and with no other"
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, keys=("77" * 32,))
    assert set(personal()) == {ERASED, LOST}
    app.config["SETTINGS"] = settings
    assert [(one.day, one.digest) for one in seals.seals()] == sealed
    with clock.frozen_at(clock.at_local(sealed[0][0] + timedelta(days=2, hours=1))):
        assert "做完了 1 次合并" in run(app, "merges", "finish").output
        assert faults() == []
        assert run(app, "seal", "day").exit_code == 0
        for merge_id in db.session.scalars(select(Merge.id).where(Merge.merged_at.is_not(None), Merge.undo_at.is_(None))).all():
            undone(merge_id)
        assert faults() == []


def personal() -> list[str]:
    """What stands encrypted in the audit, as it reads now."""
    found = db.session.execute(select(AuditEvent.id, AuditEvent.detail)).all()
    closed = {one.id: [name for name, value in one.detail.items() if is_closed(value)] for one in found}
    read = [str(row.detail[name]) for row in audits.events(audits.Search(), len(found)) for name in closed[row.id]]
    assert read
    return read


def undone(merge_id: int) -> None:
    by_id = db.session.get_one(Merge, merge_id).decided_by_id
    in_transaction(lambda: merges.undo(merge_id, by_id, "弄错了", clock.now()))
    while in_transaction(lambda: merges.go_back(merge_id, clock.now())):
        pass


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
