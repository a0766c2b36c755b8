"""304: only while nothing that this reader would see has changed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts import sessions
from app.accounts.models import AccountSession
from app.core import clock
from app.core.db import db, in_transaction
from app.leaderboards import stamps
from app.leaderboards.unchanged import known
from app.leaderboards.views import board as views
from app.people import service as people
from app.worklist import service as worklist
from tests.conftest import NOON
from tests.leaderboards.conftest import say_no, say_yes


@pytest.fixture
def reader(branch, members, give):
    person = members(branch, 5)[0]
    give(person, 300)
    return person


def tag_of(browser, path="/boards"):
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.vary
    return answer.headers["ETag"]


def again(browser, tag, path="/boards"):
    return browser.get(path, headers={"If-None-Match": tag}).status_code


def test_unchanged_is_answered_without_a_body(as_person, client, reader):
    for browser in (as_person(reader), client):
        tag = tag_of(browser)
        for _ in range(2):
            answer = browser.get("/boards", headers={"If-None-Match": tag})
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "Cookie" in answer.headers["Vary"]
        assert again(browser, '"another"') == 200


def test_a_credit_changes_it(as_person, reader, give):
    browser = as_person(reader)
    tag = tag_of(browser)
    give(reader, 60)
    assert again(browser, tag) == 200


def test_hours_of_another_period_leave_it_as_it_is(as_person, reader, give):
    browser = as_person(reader)
    tag = tag_of(browser, "/boards?period=month")
    give(reader, 60, clock.today() - timedelta(days=60))
    assert again(browser, tag, "/boards?period=month") == 304


def test_consent_changes_the_personal_board_both_ways(as_person, client, reader):
    say_yes(reader)
    mine, public = as_person(reader), client
    tags = [tag_of(browser, "/boards?kind=person") for browser in (mine, public)]
    say_no(reader)
    assert [again(browser, tag, "/boards?kind=person") for browser, tag in zip((mine, public), tags, strict=True)] == [200, 200]


def test_a_unit_renamed_and_a_member_joining_change_it(client, reader, branch, make):
    tag = tag_of(client)
    in_transaction(lambda: people.rename_unit(branch, "锦园第九党支部", clock.today(), reader))
    assert again(client, tag) == 200
    tag = tag_of(client)
    make.person(home=branch)
    assert again(client, tag) == 200


def test_a_notice_changes_it_for_its_reader_only(as_person, client, reader):
    browser = as_person(reader)
    mine, public = tag_of(browser), tag_of(client)
    in_transaction(lambda: worklist.notify(reader, "您的补录通过了", "/me"))
    assert again(browser, mine) == 200
    assert again(client, public) == 304
    with_one = tag_of(browser)
    in_transaction(lambda: worklist.read_all(reader))
    assert again(browser, with_one) == 200


def test_two_readers_never_share_a_page(as_person, client, reader, branch, make):
    one, other = as_person(reader), as_person(make.person(home=branch))
    tags = {tag_of(one), tag_of(other), tag_of(client)}
    assert len(tags) == 3
    assert again(other, tag_of(one)) == 200


def test_another_look_is_another_page(as_person, reader):
    browser = as_person(reader)
    tag = tag_of(browser)
    browser.set_cookie("look", "big")
    assert again(browser, tag) == 200
    assert 'class="big"' in browser.get("/boards").get_data(as_text=True)


def test_an_ended_session_is_a_stranger(as_person, reader):
    browser = as_person(reader)
    tag = tag_of(browser)
    session_id = db.session.scalar(db.text("SELECT max(id) FROM account_session"))
    in_transaction(lambda: sessions.end_session(session_id, clock.now()))
    answer = browser.get("/boards", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "登录" in answer.get_data(as_text=True)


def test_the_day_changes_it(client, reader):
    tag = tag_of(client)
    with clock.frozen_at(NOON + timedelta(days=1)):
        assert again(client, tag) in (200, 304)
    with clock.frozen_at(NOON + timedelta(days=60)):
        assert again(client, tag) == 200


def test_a_message_shown_once_is_not_kept(as_person, reader):
    browser = as_person(reader)
    tag_of(browser)
    with browser.session_transaction() as cookie:
        cookie["_flashes"] = [("yes", "已经好了")]
    answer = browser.get("/boards")
    assert "已经好了" in answer.get_data(as_text=True)
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "已经好了" not in browser.get("/boards").get_data(as_text=True)


def test_nothing_of_a_reader_is_in_what_is_kept(as_person, branch, members, give, make):
    reader = make.person("轩辕不二", home=branch)
    members(branch, 5)
    give(reader, 300)
    for path in ("/boards", "/boards?kind=person"):
        assert "您的" in as_person(reader).get(path).get_data(as_text=True)
    kept = [str(part) for shelf in (views.html_kept, views.frames_kept) for _, parts in shelf._held.values() for part in parts]
    assert len(kept) == 8
    for part in kept:
        for word in ("轩辕", "轩*", "您的支部", "您的名次", "board-own", "退出"):
            assert word not in part


def test_an_equal_stamp_is_the_same_state(app, reader, give):
    asked = stamps.stamp(db.engine, None, clock.now())
    assert asked == stamps.stamp(db.engine, None, clock.now())
    give(reader, 15)
    assert asked != stamps.stamp(db.engine, None, clock.now())


def test_who_has_a_role_is_not_answered_from_the_stamp(as_person, reader, branch, make):
    from app.core.permissions import Role

    make.grant(reader, Role.SECRETARY, branch)
    browser = as_person(reader)
    before = len(known._held)
    tag = tag_of(browser)
    assert again(browser, tag) == 304
    assert len(known._held) == before


def test_a_reader_whose_session_runs_out_is_a_stranger_though_nothing_changed(as_person, reader):
    browser = as_person(reader)
    tag_of(browser)
    with browser.session_transaction() as held:
        token = held["_user_id"]
    ends = db.session.scalar(select(func.max(AccountSession.expires_at)))
    known = [stamps.stamp(db.engine, token, at).reader for at in (clock.now(), ends - timedelta(seconds=1), ends + timedelta(seconds=1))]
    assert known[0] == known[1] is not None
    assert known[2] is None
