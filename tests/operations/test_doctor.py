"""`flask doctor`: plain words, what to do, an exit code; and each fault is found."""

import json
import os
import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from app.audit import keys
from app.audit import service as audit
from app.core import clock
from app.core.config import Env
from app.core.db import db, in_transaction
from app.seals import service as sealing
from app.web import revisions
from app.web.backups import keeping, making
from app.web.commands import doctor as command
from app.web.doctor import Finding, Level, examine, machine, site
from app.web.jobs.models import JobRun
from app.web.jobs.rules import Outcome


@pytest.fixture
def told(app, monkeypatch, tmp_path):
    """`told(env=…)`: the site with another configuration."""

    def change(**values: object) -> None:
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **values))

    change(secret_key="0123456789abcdefghijklmnopqrstuvwxyz")
    return change


def worst(check) -> Level:
    levels = [one.level for one in check()]
    return Level.BAD if Level.BAD in levels else Level.NOTE if Level.NOTE in levels else Level.GOOD


def said(check) -> str:
    return " ".join(command.line(one) for one in check())


def test_every_line_is_a_word_a_name_and_what_to_do(app, told, monkeypatch):
    monkeypatch.setitem(command.CHECKS, "HTTPS", lambda: iter(()))
    result = app.test_cli_runner().invoke(args=["doctor"])
    *lines, last = result.output.splitlines()
    assert lines
    assert all(line.startswith(("好　", "注意　", "不行　")) for line in lines)
    assert all("→" in line for line in lines if line.startswith("不行"))
    assert "。。" not in result.output
    assert last.endswith("。")
    assert result.exit_code == ("不行" in last)


def test_the_same_is_read_by_machines(app, told, monkeypatch):
    monkeypatch.setattr(command, "CHECKS", {"甲": lambda: iter([Finding("甲", Level.BAD, "坏了", "修")])})
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    assert json.loads(result.output) == [{"name": "甲", "level": "bad", "said": "坏了", "todo": "修"}]
    assert result.exit_code == 1


def test_a_check_that_breaks_is_a_finding_without_its_details():
    def broken():
        raise ValueError("13800138000")

    (one,) = examine({"甲": broken})
    assert (one.level, "13800138000" in one.said) == (Level.BAD, False)


def test_what_the_database_did_not_answer_leads_to_the_database():
    def unanswered():
        raise OperationalError("SELECT 13800138000", {}, Exception("13800138000"))

    (one,) = examine({"时钟": unanswered})
    assert (one.level, one.said) == (Level.BAD, "没查成：数据库没有回答")
    assert "先看“数据库”那一项" in one.todo


def test_an_address_that_phones_can_not_open_is_said(told):
    told(env=Env.PRODUCTION, public_url="http://127.0.0.1:5000")
    assert worst(site.public_url) is Level.BAD
    told(public_url="https://shulin.example", proxied=True)
    assert worst(site.public_url) is Level.GOOD
    told(proxied=False)
    assert "SHULIN_PROXY" in said(site.public_url)


def test_a_secret_that_is_easily_guessed_is_refused(told):
    told(secret_key="a" * 40)
    assert worst(site.configuration) is Level.BAD


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (timedelta(days=60), Level.GOOD),
        (timedelta(days=5), Level.NOTE),
        (ssl.SSLCertVerificationError("expired"), Level.BAD),
        (ConnectionRefusedError(), Level.NOTE),
    ],
)
def test_the_certificate_is_looked_at_and_an_unreachable_one_is_no_fault(told, monkeypatch, answer, level):
    def asked(_host, _port):
        if isinstance(answer, Exception):
            answer.verify_message = "certificate has expired"
            raise answer
        return clock.now() + answer

    monkeypatch.setattr(site, "certificate_until", asked)
    assert worst(site.https) is level


def test_pending_migrations_and_an_older_program_are_said(app, monkeypatch):
    assert worst(site.migrations) is Level.GOOD
    monkeypatch.setattr(revisions, "newest", lambda: "9999")
    assert "app update" in said(site.migrations)
    monkeypatch.setattr(revisions, "known", lambda: {"0001"})
    assert "比程序" in said(site.migrations)


def test_an_empty_database_may_be_a_disk_that_is_not_there(app, monkeypatch):
    monkeypatch.setattr(revisions, "current", lambda: None)
    (empty,) = site.migrations()
    assert (empty.level, "看数据盘挂上没有" in empty.todo) == (Level.BAD, True)


def test_the_database_answers(app):
    findings = list(site.database())
    assert {one.name for one in findings} == {"数据库"}
    if db.engine.dialect.name == "sqlite":
        assert worst(site.database) is Level.GOOD
    else:
        assert "fsync" in said(site.database), "the throw-away server of the tests is not durable, and that is found"


def test_no_backup_an_old_one_and_a_broken_one_are_said(app, make, told, tmp_path):
    make.person()
    assert "SHULIN_BACKUPS" in said(site.backups)
    told(backups_dir=tmp_path)
    assert worst(site.backups) is Level.BAD
    file = tmp_path / keeping.name_at(clock.now())
    making.make(file)
    assert worst(site.backups) is Level.GOOD
    with clock.frozen_at(clock.now() + timedelta(hours=40)):
        assert worst(site.backups) is Level.NOTE
    with clock.frozen_at(clock.now() + timedelta(days=4)):
        assert worst(site.backups) is Level.BAD
        assert worst(site.backups_age) is Level.BAD
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    assert worst(site.backups) is Level.BAD
    file.write_bytes(content[: len(content) // 2])
    assert worst(site.backups) is Level.BAD


def test_work_that_failed_or_never_ran_is_said(app):
    assert "一次也没有跑过" in said(site.scheduled)
    at = clock.now()
    values = {"host": "a", "started_at": at, "ended_at": at}
    in_transaction(lambda: db.session.execute(insert(JobRun).values(name="verify", outcome=Outcome.DONE, said="相符", **values)))
    assert worst(site.scheduled) is Level.GOOD
    in_transaction(lambda: db.session.execute(insert(JobRun).values(name="verify", outcome=Outcome.FAILED, said="3 处不符", **values)))
    assert "3 处不符" in said(site.scheduled)
    assert worst(site.scheduled) is Level.BAD


def test_a_clock_that_went_back_is_found(app, monkeypatch):
    monkeypatch.setattr(machine, "is_synchronised", lambda: True)
    monkeypatch.setattr(machine, "_behind", lambda _now: 0.0)
    assert worst(machine.time) is Level.GOOD
    monkeypatch.setattr(machine, "is_synchronised", lambda: False)
    assert worst(machine.time) is Level.NOTE
    in_transaction(lambda: audit.record(None, "setting", "setting", None))
    with clock.frozen_at(clock.now() - timedelta(hours=2)):
        assert worst(machine.time) is Level.BAD


def test_little_disk_is_said(app, monkeypatch, tmp_path):
    for free, level in ((200 << 30, Level.GOOD), (3 << 30, Level.NOTE), (1 << 29, Level.BAD)):
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder, free=free: (400 << 30, 0, free))
        assert machine.disk_of("数据", tmp_path).level is level


def test_a_file_that_a_command_as_root_left_is_named(tmp_path, monkeypatch):
    """The site can not write a lock file of root's, nor read a backup of root's."""
    for name in ("shulin.db", "shulin.db.lock", "uploads/photo.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    roots: tuple[str, ...] = ()
    lstat = Path.lstat
    monkeypatch.setattr(Path, "lstat", lambda one: os.stat_result((*lstat(one)[:4], 0 if one.name in roots else 998, *lstat(one)[5:10])))
    assert list(machine.of_somebody_else(tmp_path, None, tmp_path / "gone")) == []
    roots = ("shulin.db.lock", "photo.jpg")
    (finding,) = machine.of_somebody_else(tmp_path)
    assert (finding.level, "photo.jpg、shulin.db.lock" in finding.said, "chown" in finding.todo) == (Level.BAD, True, True)


@pytest.mark.parametrize(("available", "limit", "free"), [(2048, None, 2048), (2048, "max", 2048), (2048, 512, 412), (None, None, None)])
def test_memory_is_that_of_the_machine_or_of_the_container(tmp_path, available, limit, free):
    meminfo, mb = tmp_path / "meminfo", 1 << 20
    if available:
        meminfo.write_text(f"MemTotal: 9 kB\nMemAvailable:  {available * 1024} kB\n")
    if limit:
        (tmp_path / "memory.max").write_text(str(limit if limit == "max" else limit * mb))
        (tmp_path / "memory.current").write_text(str(100 * mb))
    assert machine.memory_free(meminfo, tmp_path) == (free * mb if free else None)


def test_what_is_installed_is_what_was_locked(app, monkeypatch):
    assert worst(site.packages) is Level.GOOD
    monkeypatch.setattr(site.importlib.metadata, "version", lambda _name: "0")
    assert "make setup" in said(site.packages)


def test_days_that_were_not_sealed_are_said(app, make):
    make.person()
    (never,) = site.seals()
    assert (never.level, never.said, "jobs run seal" in never.todo) == (Level.NOTE, "还没有封存过一天", True)
    in_transaction(lambda: audit.record(None, "setting", "setting", None))
    last = list(sealing.seal_days(clock.now() + timedelta(days=1)))[-1]
    with clock.frozen_at(clock.now() + timedelta(days=2)):
        (kept,) = site.seals()
    assert (kept.level, kept.said, kept.todo) == (Level.GOOD, f"封存到 {last.day}", "")
    with clock.frozen_at(clock.now() + timedelta(days=3)):
        (old,) = site.seals()
    assert (old.level, old.said, "jobs run seal" in old.todo) == (Level.NOTE, f"封存到 {last.day}", True)


def test_each_step_of_changing_the_key_of_persons_is_told_by_the_doctor(app, make, told):
    """As docs/operations.md goes: two keys, `keys rotate`, then the old one may go; gone too early, it is missed."""
    old, new = "a1" * 32, "b2" * 32
    assert said(site.keys_of_persons) == ""
    told(keys=(old,))
    for name in ("何嘉怡", "李伯"):
        person = make.person(name)
        in_transaction(lambda person=person: audit.record(None, "person.phone", "person", person, phone=3, tail="6789"))
    people = sum(count for _, count in keys.wrapped_by())
    assert people >= 2
    (own,) = site.keys_of_persons()
    assert (own.level, f"{people} 人的，都用正在用的一把包着" in own.said) == (Level.GOOD, True)
    told(keys=(new, old))
    (turning,) = site.keys_of_persons()
    assert (turning.level, f"{people} 人的还用旧的一把" in turning.said, turning.todo) == (Level.NOTE, True, "flask --app app keys rotate")
    told(keys=(new,))
    (lost,) = site.keys_of_persons()
    assert (lost.level, f"{people} 人的密钥打不开" in lost.said, "SHULIN_KEYS" in lost.todo) == (Level.BAD, True, True)
    told(keys=(new, old))
    assert app.test_cli_runner().invoke(args=["keys", "rotate"]).exit_code == 0
    told(keys=(new,))
    assert worst(site.keys_of_persons) is Level.GOOD


def test_production_without_a_key_of_its_own_for_persons_is_told(app, told):
    told(env=Env.PRODUCTION)
    assert "没有设 SHULIN_KEYS" in said(site.keys_of_persons)
    told(keys=("a1" * 32,))
    assert said(site.keys_of_persons) == ""


def test_that_there_is_no_mail_to_set_up_is_said(app, told, monkeypatch):
    monkeypatch.setitem(command.CHECKS, "HTTPS", lambda: iter(()))
    assert "好　邮件：本站不发邮件，不用设置" in app.test_cli_runner().invoke(args=["doctor"]).output.splitlines()


def test_nothing_secret_is_printed(app, told, monkeypatch):
    monkeypatch.setitem(command.CHECKS, "HTTPS", lambda: iter(()))
    output = app.test_cli_runner().invoke(args=["doctor"]).output
    assert app.config["SETTINGS"].secret_key not in output
    assert os.environ.get("PGPASSWORD", "no password at all") not in output
