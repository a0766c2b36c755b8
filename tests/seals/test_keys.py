"""`flask keys`: the key from outside is changed, the old one goes, and one that is missing is named."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit import queries as audits
from app.audit.models import PersonKey
from app.audit.personal import LOST
from app.core import keyring
from app.core.db import db
from app.web.doctor import Level, site
from tests.conftest import NOON


def test_keys_are_wrapped_anew_and_everything_stays_readable(run, days, app, monkeypatch):
    days.note(NOON, "原来的原因")
    assert "1 位的密钥" in run("keys", "status")[1]
    old = keyring.newest()[0]
    new = run("keys", "new")[1].strip()
    with_keys(app, monkeypatch, new)
    assert keyring.newest()[0] != old
    assert reason() == "原来的原因"
    assert "换了 1 位的" in run("keys", "rotate")[1]
    assert db.session.scalar(select(PersonKey.wrapped_by)) == keyring.newest()[0]
    assert reason() == "原来的原因"
    assert "都已经用最新的一把" in run("keys", "rotate")[1]


def test_after_the_rotation_the_old_key_is_needed_no_more(run, days, app, monkeypatch):
    first, second = ("ab" * 32), ("cd" * 32)
    with_keys(app, monkeypatch, first)
    days.note(NOON, "原来的原因")
    with_keys(app, monkeypatch, second, first)
    ((level, said),) = told_of_keys()
    assert (level, "旧的还不能去掉" in said) == (Level.NOTE, True)
    assert run("keys", "rotate")[0] == 0
    with_keys(app, monkeypatch, second)
    assert reason() == "原来的原因"
    days.note(NOON + timedelta(minutes=1), "后来的原因")
    assert reason() == "后来的原因"
    assert run("keys", "status")[0] == 0
    assert [level for level, _ in told_of_keys()] == [Level.GOOD]
    run("seal", "day")
    assert "全部相符" in run("ledger", "verify")[1]


def test_an_old_key_that_went_too_early_is_named_and_the_rest_stays_readable(run, days, app, monkeypatch):
    """Before `keys rotate` has been run: the fingerprint says which key is wanted, and with it nothing is lost."""
    first, second = ("ab" * 32), ("cd" * 32)
    with_keys(app, monkeypatch, first)
    name = keyring.newest()[0]
    days.note(NOON, "原来的原因")
    with_keys(app, monkeypatch, second)
    days.people[1] = days.people[0]
    days.note(NOON + timedelta(minutes=1), "后来的原因")
    assert sorted(reasons()) == sorted([LOST, "后来的原因"])
    code, said = run("keys", "status")
    assert (code, f"密钥 {name}：1 位，不在 SHULIN_KEYS 里，打不开" in said) == (1, True), said
    ((level, said),) = told_of_keys()
    assert (level, "1 人的密钥打不开" in said, "SHULIN_KEYS" in said) == (Level.BAD, True, True)
    run("seal", "day")
    assert "封存：相符" in run("ledger", "verify")[1], "what nobody can read now was not changed"
    with_keys(app, monkeypatch, second, first)
    assert run("keys", "rotate")[0] == 0
    assert sorted(reasons()) == sorted(["原来的原因", "后来的原因"])


def test_a_key_that_is_missing_is_said_and_loses_nothing(run, days, app, monkeypatch):
    first, second = ("ab" * 32), ("cd" * 32)
    with_keys(app, monkeypatch, first)
    days.note(NOON, "原来的原因")
    with_keys(app, monkeypatch, second)
    assert reason() == LOST
    code, said = run("keys", "rotate")
    assert (code, "1 位的打不开" in said) == (1, True)
    assert run("keys", "status")[0] == 1
    with pytest.raises(RuntimeError, match="SHULIN_KEYS"):
        days.note(NOON, "写不进去")
    with_keys(app, monkeypatch, second, first)
    assert reason() == "原来的原因"
    assert run("keys", "rotate")[0] == 0


def with_keys(app, monkeypatch, *keys: str) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], keys=keys))


def reason() -> str:
    return reasons()[0]


def reasons() -> list[str]:
    """The newest first."""
    return [row.detail["reason"] for row in audits.events(audits.Search(), 20) if "reason" in row.detail]


def told_of_keys() -> list[tuple[Level, str]]:
    return [(one.level, one.said + one.todo) for one in site.keys_of_persons()]
