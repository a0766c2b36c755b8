"""An import whose process died: noticed within seconds, said where people look, and gone on with or taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.imports import running, status, writing
from app.people.rules import UnitKind
from app.worklist.models import Notice
from tests.conftest import statements
from tests.imports.sheet import file, stage

ROWS = [{"姓名": f"何{char}", "手机号码": f"1390000000{n}"} for n, char in enumerate("甲乙丙丁戊")]
LATER = timedelta(seconds=25)


@pytest.fixture
def clerk(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    make.unit("灯湖社区第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))
    person = make.person("周敏", phone="13800000004")
    make.grant(person, Role.ADMINISTRATOR, top)
    return person


def dies(monkeypatch, name, work):
    """The process is gone in the third step."""
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 1)
    real, calls = getattr(writing, name), []

    def step(*args):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(writing, name, step)
        with pytest.raises(KeyboardInterrupt):
            work()


def notices():
    return db.session.scalars(select(Notice.text).order_by(Notice.id)).all()


def test_what_died_stands_in_the_work_list_and_among_the_notices_until_it_is_done(clerk, as_person, monkeypatch):
    browser = as_person(clerk)
    assert "停下了" not in browser.get("/work").text
    batch_id = stage(file(*ROWS), by=clerk)
    dies(monkeypatch, "write_rows", lambda: running.write(batch_id, clerk, clock.now()))
    assert notices() == [running.BEGUN]
    page = browser.get(f"/imports/{batch_id}").text
    assert "正在写入" in page
    with clock.frozen_at(clock.now() + timedelta(seconds=8)):
        assert "已经 8 秒没有动静" in browser.get(f"/imports/{batch_id}/progress").text
    with clock.frozen_at(clock.now() + LATER):
        found = status.batch(batch_id)
        assert (found.running, found.stopped, found.is_half) == (False, True, True)
        assert "写到一半停下了" in browser.get(f"/imports/{batch_id}").text
        listed = browser.get("/work").text
        assert "名册写到一半停下了" in listed
        assert f"/imports/{batch_id}" in listed
        running.write(batch_id, clerk, clock.now())
        assert notices() == ["名册已写入：新增 5 人，改动 0 人"]
        assert "停下了" not in browser.get("/work").text


def test_a_reversal_that_died_is_gone_on_with(clerk, as_person, monkeypatch):
    browser = as_person(clerk)
    batch_id = stage(file(*ROWS), by=clerk)
    running.write(batch_id, clerk, clock.now())
    dies(monkeypatch, "erase_rows", lambda: running.undo(batch_id, clerk, clock.now()))
    with clock.frozen_at(clock.now() + LATER):
        assert "名册退回到一半停下了" in browser.get("/work").text
        page = browser.get(f"/imports/{batch_id}").text
        assert "退回到一半停下了" in page
        assert "接着退完，还有 3 行" in page
        running.undo(batch_id, clerk, clock.now())
        assert status.batch(batch_id).undone_at is not None
        assert running.BEGUN not in notices()
        assert "停下了" not in browser.get("/work").text


def test_it_waits_for_nobody_elsewhere_and_the_list_asks_no_more_for_it(clerk, as_person, make, monkeypatch):
    batch_id = stage(file(*ROWS), by=clerk)
    elsewhere = make.person("别处")
    make.grant(elsewhere, Role.ADMINISTRATOR, make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=1))
    browser = as_person(clerk)
    with statements() as before:
        browser.get("/imports")
    dies(monkeypatch, "write_rows", lambda: running.write(batch_id, clerk, clock.now()))
    with clock.frozen_at(clock.now() + LATER):
        assert "停下了" not in as_person(elsewhere).get("/work").text
        with statements() as after:
            browser.get("/imports")
    assert len(after) == len(before)
