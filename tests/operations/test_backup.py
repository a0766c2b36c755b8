"""`flask backup` and `flask restore`: one moment, whole, and only into the right place."""

import errno
import io
import json
import re
import shutil
import tarfile
import threading
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from app.audit import service as audit
from app.audit.models import AuditEvent
from app.core.db import db, in_transaction
from app.people.models import Person
from app.people.rules import UnitKind
from app.web.backups import archive, postgresql
from tests.architecture import schemas
from tests.architecture.test_ledgers import LEDGERS, demanded, guards


@pytest.fixture
def run(app, monkeypatch):
    """`run("backup", file)` is (exit code, what it said). Beside the command stands what renews the database between two tests."""

    def command(*args: object) -> tuple[int, str]:
        db.session.remove()
        beside = ["--while-serving"] if args[0] == "restore" else []
        result = app.test_cli_runner().invoke(args=[*(str(arg) for arg in args), *beside])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return command


@pytest.fixture
def uploads(app):
    """The uploads folder, emptied before and after."""
    folder = app.config["SETTINGS"].uploads_dir
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    yield folder
    for left in folder.parent.glob("*before-restore*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def names() -> list[str]:
    db.session.remove()
    return sorted(db.session.scalars(select(Person.name)))


def plain(schema: str) -> str:
    """PostgreSQL writes the casts of a check anew when it reads them back."""
    return re.sub(r"::character varying|::text(\[\])?|[()]", "", schema)


def rewrite(file: Path, change) -> Path:
    """The archive again with `change(name, content)` applied; None leaves a member out."""
    changed = file.with_name("changed.tar.gz")
    with tarfile.open(file) as old, tarfile.open(changed, "w:gz") as new:
        for member in old:
            content = change(member.name, old.extractfile(member).read())
            if content is not None:
                info = tarfile.TarInfo(member.name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return changed


def test_what_was_backed_up_comes_back_with_its_uploads(run, make, uploads, tmp_path):
    branch = make.unit(parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    make.person("何嘉怡", home=branch)
    (uploads / "2026").mkdir()
    (uploads / "2026" / "photo.jpg").write_bytes(b"a picture")
    assert run("backup", tmp_path / "one.tar.gz")[0] == 0
    make.person("后来的人")
    (uploads / "2026" / "photo.jpg").write_bytes(b"another picture")
    (uploads / "later.jpg").write_bytes(b"later")
    code, said = run("restore", tmp_path / "one.tar.gz", "--force")
    assert (code, "已恢复" in said) == (0, True), said
    assert names() == ["何嘉怡"]
    assert (uploads / "2026" / "photo.jpg").read_bytes() == b"a picture"
    assert not (uploads / "later.jpg").exists()
    assert make.unit() > branch, "numbers go on where they were"


def test_a_restored_database_has_the_same_schema_and_its_guards(run, make, uploads, tmp_path):
    make.person()
    before = plain(schemas.described())
    run("backup", tmp_path / "one.tar.gz")
    assert run("restore", tmp_path / "one.tar.gz", "--force")[0] == 0
    assert plain(schemas.described()) == before
    with db.engine.connect() as connection:
        assert all(guards(connection, name) == demanded(connection) for name in LEDGERS)


def test_the_restoration_is_written_down(run, make, uploads, tmp_path):
    make.person()
    run("backup", tmp_path / "one.tar.gz")
    run("restore", tmp_path / "one.tar.gz", "--force")
    assert "backup.restoration" in db.session.scalars(select(AuditEvent.action)).all()


def test_a_database_with_content_is_not_overwritten_without_force(run, make, uploads, tmp_path):
    make.person("何嘉怡")
    run("backup", tmp_path / "one.tar.gz")
    make.person("后来的人")
    code, said = run("restore", tmp_path / "one.tar.gz")
    assert (code, "--force" in said) == (1, True)
    assert names() == ["何嘉怡", "后来的人"]


def test_what_force_replaces_is_backed_up_first(run, make, uploads, tmp_path):
    make.person("何嘉怡")
    run("backup", tmp_path / "one.tar.gz")
    make.person("后来的人")
    (uploads / "later.jpg").write_bytes(b"later")
    run("restore", tmp_path / "one.tar.gz", "--force")
    kept = next(uploads.parent.glob("database-before-restore-*.tar.gz"))
    assert run("restore", kept, "--force")[0] == 0
    assert names() == ["何嘉怡", "后来的人"]
    assert (uploads / "later.jpg").read_bytes() == b"later"


def test_it_comes_back_into_an_empty_place(run, make, uploads, tmp_path, engine, request):
    make.person("何嘉怡")
    run("backup", tmp_path / "one.tar.gz")
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with schemas.unmigrated(schemas.empty_url(engine, elsewhere, server), elsewhere) as other:
        result = other.test_cli_runner().invoke(args=["restore", str(tmp_path / "one.tar.gz")])
        assert result.exit_code == 0, result.output
        assert names() == ["何嘉怡"]


def test_a_backup_is_one_moment_while_the_site_is_writing(run, app, make, tmp_path, uploads):
    """Every write makes two audit rows; a backup that holds half of one would show an odd number."""
    stop, written = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                in_transaction(lambda: [audit.record(None, "load", "pair", len(written), half=half) for half in (1, 2)])
                written.append(1)
            db.session.remove()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        files = [tmp_path / f"{number}.tar.gz" for number in range(3)]
        results = [run("backup", file) for file in files]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert [code for code, _ in results] == [0, 0, 0], results
    assert len(written) > 3
    for file in files:
        assert run("restore", file, "--force")[0] == 0
        pairs = db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.subject == "pair"))
        with tarfile.open(file) as tar:
            manifest = json.load(tar.extractfile(archive.MANIFEST))
        assert pairs % 2 == 0
        assert manifest["rows"]["audit_event"] == pairs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name, content: content[:-1] + bytes([content[-1] ^ 1]) if name.startswith("database") else content, "校验值不一致"),
        (lambda name, content: None if name == "uploads/photo.jpg" else content, "与清单对不上"),
        (lambda _, content: content.replace(b'"format": 1', b'"format": 2'), "更新的版本"),
        (lambda _, content: content.replace(b'"revision": "00', b'"revision": "99'), "请先升级程序"),
        (
            lambda _, content: content.replace(b'"engine": "sqlite"', b'"engine": "oracle"').replace(
                b'"engine": "postgresql"', b'"engine": "oracle"'
            ),
            "oracle",
        ),
        (lambda name, content: None if name == "manifest.json" else content, "不是熟邻的备份"),
    ],
)
def test_a_damaged_or_foreign_backup_changes_nothing(run, make, uploads, tmp_path, change, said):
    make.person("何嘉怡")
    (uploads / "photo.jpg").write_bytes(b"a picture")
    run("backup", tmp_path / "one.tar.gz")
    make.person("后来的人")
    code, answer = run("restore", rewrite(tmp_path / "one.tar.gz", change), "--force")
    assert (code, said in answer) == (1, True), answer
    assert names() == ["何嘉怡", "后来的人"]
    assert (uploads / "photo.jpg").read_bytes() == b"a picture"


def test_a_restoration_that_breaks_off_leaves_everything_as_it_was(run, make, uploads, tmp_path, engine, monkeypatch):
    make.person("何嘉怡")
    run("backup", tmp_path / "one.tar.gz")
    make.person("后来的人")
    if engine == "sqlite":

        def rows_of_another(name: str, content: bytes) -> bytes:
            return content.replace(b'"person": 1', b'"person": 7') if name == archive.MANIFEST else content

        file = rewrite(tmp_path / "one.tar.gz", rows_of_another)
    else:
        file, real = tmp_path / "one.tar.gz", postgresql.feed

        def breaking(engine, clear, script):
            script.write_text(script.read_text() + "\nSELECT 1/0;\n")
            real(engine, clear, script)

        monkeypatch.setattr(postgresql, "feed", breaking)
    assert run("restore", file, "--force")[0] == 1
    assert names() == ["何嘉怡", "后来的人"]


def test_names_that_lead_outside_are_refused(run, make, uploads, tmp_path):
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        info = tarfile.TarInfo("../outside")
        info.size = 4
        tar.addfile(info, io.BytesIO(b"evil"))
    assert run("restore", file)[0] == 1
    assert not (uploads.parent / "outside").exists()


def test_a_backup_never_replaces_a_file_and_only_its_owner_reads_it(run, make, uploads, tmp_path):
    make.person()
    file = tmp_path / "one.tar.gz"
    run("backup", file)
    first = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    code, said = run("backup", file)
    assert (code, "没有覆盖" in said) == (1, True)
    assert file.read_bytes() == first
    assert list(tmp_path.glob(".*part")) == []


def test_without_the_programs_of_postgresql_it_says_what_to_install(run, engine, monkeypatch, tmp_path):
    if engine == "sqlite":
        return
    monkeypatch.setattr(postgresql.shutil, "which", lambda _: None)
    monkeypatch.setattr(postgresql.glob, "glob", lambda _: [])
    code, said = run("backup", tmp_path / "one.tar.gz")
    assert (code, "postgresql-client" in said) == (1, True)


def test_another_programs_tables_are_never_dropped(run, make, uploads, engine, tmp_path):
    if engine == "sqlite":
        return
    make.person()
    run("backup", tmp_path / "one.tar.gz")
    in_transaction(lambda: db.session.execute(text("CREATE TABLE somebody_elses (id int)")))
    code, said = run("restore", tmp_path / "one.tar.gz", "--force")
    assert (code, "somebody_elses" in said) == (1, True)


def test_an_older_backup_is_upgraded_afterwards(run, make, uploads, tmp_path, engine, request):
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path) as old:
        upgrade(revision="0009")
        assert old.test_cli_runner().invoke(args=["backup", str(tmp_path / "old.tar.gz")]).exit_code == 0
    make.person()
    code, said = run("restore", tmp_path / "old.tar.gz", "--force")
    assert (code, "app update" in said) == (0, True), said


def test_there_is_nothing_to_back_up_before_the_first_migration(tmp_path, engine, request):
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path) as fresh:
        for command in (["backup", str(tmp_path / "one.tar.gz")], ["ledger", "verify"]):
            result = fresh.test_cli_runner().invoke(args=command)
            assert (result.exit_code, type(result.exception)) == (1, SystemExit), command


def test_on_a_full_disk_no_backup_is_made_nothing_half_stays_and_it_is_said(app, tmp_path, monkeypatch):
    def full(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive, "pack", full)
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "b.tar.gz")])
    assert result.exit_code == 1
    assert "硬盘满了" in result.output
    assert "以前的备份都还在" in result.output
    assert list(tmp_path.glob("*.tar.gz*")) == []
