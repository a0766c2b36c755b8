"""重复的档案 on screen: found, compared, proposed, decided, undone; scope; who looked."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts import helping
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.merges.models import Merge
from app.rights import service as rights
from app.rights.rules import How, Kind
from app.worklist.models import Notice
from tests.conftest import statements

sqlite_only = True


@pytest.fixture
def maker(two, as_person):
    return as_person(two.maker)


@pytest.fixture
def checker(two, as_person):
    return as_person(two.checker)


def seen_of(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def propose(two, maker) -> int:
    page = maker.get(f"/merges/of/{two.old}/and/{two.new}").text
    sent = maker.post(f"/merges/of/{two.old}/and/{two.new}", data={"reason": "当面问过", "seen": seen_of(page)})
    assert sent.status_code == 303
    return int(sent.location.rsplit("/", 1)[1])


def test_a_likely_pair_is_listed_with_its_reasons(two, maker):
    page = maker.get("/merges").text
    assert "陈志强" in page
    assert "手机号码相同" in page
    assert "繁体" in page
    assert "13800001111" not in page


def test_a_name_alone_lists_nobody(make, two, maker):
    make.person("周海生", home=make.unit("别的支部", parent=two.root))
    make.person("周海生", home=make.unit("另一个支部", parent=two.root))
    assert "周海生" not in maker.get("/merges").text


def test_a_secretary_sees_pairs_of_the_own_branch_only(make, two, as_person):
    stranger = make.person("何书记", home=make.unit("别的支部", parent=two.root))
    make.grant(stranger, Role.SECRETARY, make.unit("第三支部", parent=two.root))
    browser = as_person(stranger)
    assert "陈志强" not in browser.get("/merges").text
    assert browser.get(f"/merges/of/{two.old}/and/{two.new}").status_code == 404
    assert browser.post("/merges/differences", data={"one": two.old, "other": two.new}).status_code == 404


def test_a_volunteer_has_no_such_page(make, two, as_person):
    assert as_person(make.person("何嘉怡", home=two.branch)).get("/merges").status_code == 404


def test_both_stand_side_by_side_with_what_stands_afterwards(two, maker):
    two.serve(two.old, 120)
    two.serve(two.new, 90)
    page = maker.get(f"/merges/of/{two.old}/and/{two.new}").text
    for words in ("2 小时", "1 小时 30 分", "3 小时 30 分", "合并以后"):
        assert words in page
    assert db.session.scalar(select(func.count()).select_from(Merge)) == 0


def test_looking_at_both_is_logged(two, maker):
    maker.get(f"/merges/of/{two.old}/and/{two.new}")
    looks = select(AuditEvent.subject_id).where(AuditEvent.action == "person.view", AuditEvent.actor_id == two.maker)
    assert set(db.session.scalars(looks)) == {two.old, two.new}


def test_proposed_decided_and_undone(two, maker, checker):
    two.serve(two.new, 90)
    merge_id = propose(two, maker)
    assert "对照两份再定" in checker.get("/work").text
    page = checker.get(f"/merges/{merge_id}").text
    assert checker.post(f"/merges/{merge_id}/approval", data={"seen": seen_of(page)}).status_code == 303
    page = checker.get(f"/merges/{merge_id}").text
    assert "已合并" in page
    assert checker.post(f"/merges/{merge_id}/undoing", data={"undo_reason": "认错人了"}).status_code == 303
    assert "合并已撤销" in checker.get(f"/merges/{merge_id}").text


def test_a_merged_record_leads_to_the_one_that_stays(two, maker, checker):
    two.merge()
    for browser in (maker, checker):
        answer = browser.get(f"/branch/people/{two.new}")
        assert (answer.status_code, answer.location) == (302, f"/branch/people/{two.old}")


@pytest.mark.parametrize("page", ["code", "roles", "guardian", "proxies", "rights"])
def test_nobody_opens_an_account_for_a_merged_record_or_decides_about_it(two, checker, page):
    """It is in no organisation, as somebody new is whom everybody may help."""
    two.merge()
    shown = checker.get(f"/people/{two.new}/{page}")
    assert (shown.status_code, shown.headers.get("Location")) == (302, f"/people/{two.old}/{page}")
    assert checker.post(f"/people/{two.new}/{page}").status_code == 404
    assert [row.id for row in helping.find_helpable("陳志強", [two.root], clock.today())] == []


def test_the_proposer_has_no_button_to_decide(two, maker):
    page = maker.get(f"/merges/{propose(two, maker)}").text
    assert "确认合并" not in page
    assert "撤回这次合并" in page


def test_a_reason_is_asked_for_and_what_was_typed_is_kept(two, maker):
    sent = maker.post(f"/merges/of/{two.old}/and/{two.new}", data={"reason": " ", "seen": "x"})
    assert sent.status_code == 422
    assert "写一句凭什么" in sent.text


def test_what_changed_meanwhile_is_shown_again(two, maker):
    page = maker.get(f"/merges/of/{two.old}/and/{two.new}").text
    two.serve(two.new, 90)
    sent = maker.post(f"/merges/of/{two.old}/and/{two.new}", data={"reason": "当面问过", "seen": seen_of(page)})
    assert sent.status_code == 422
    assert "有了变化" in sent.text
    assert "当面问过" in sent.text


def test_sent_back_with_a_reason(two, maker, checker):
    merge_id = propose(two, maker)
    assert checker.post(f"/merges/{merge_id}/return", data={"answer": ""}).status_code == 422
    assert checker.post(f"/merges/{merge_id}/return", data={"answer": "是父子", "different": "yes"}).status_code == 303
    assert "是父子" in maker.get(f"/merges/{merge_id}").text
    assert "没有看出重复的" in maker.get("/merges").text


def test_two_people_are_not_listed_again_until_that_ends(two, maker):
    maker.post("/merges/differences", data={"one": two.new, "other": two.old, "why": "是父子"})
    assert "没有看出重复的" in maker.get("/merges").text
    page = maker.get("/merges?show=different").text
    assert "是父子" in page
    difference = page.split("/merges/differences/")[1].split("/")[0]
    assert maker.post(f"/merges/differences/{difference}/end").status_code == 303
    assert "陈志强" in maker.get("/merges").text


def test_another_record_is_found_by_a_name_that_stands_in_no_address(make, two, maker):
    other = make.person("陈治强", home=two.branch)
    page = maker.post(f"/merges/of/{two.old}", data={"words": "陈治强"}).text
    assert f"/merges/of/{two.old}/and/{other}" in page


def test_on_the_thirtieth_day_it_can_be_undone_and_afterwards_the_page_says_why_not(two, as_person):
    merge_id = two.merge()
    last = clock.now() + timedelta(days=30)
    with clock.frozen_at(last - timedelta(minutes=1)):
        checker = as_person(two.checker)  # has just signed in, which undoing asks for
    with clock.frozen_at(last):
        assert "以前可以撤销" in checker.get(f"/merges/{merge_id}").text
    with clock.frozen_at(last + timedelta(seconds=1)):
        page = checker.get(f"/merges/{merge_id}").text
        assert "合并满 30 天，不能撤销了；个别记录不对，请用更正。" in page
        assert "以前可以撤销" not in page
        assert f"/merges/{merge_id}/undoing" not in page
        late = checker.post(f"/merges/{merge_id}/undoing", data={"undo_reason": "认错人了"})
        assert late.status_code == 303
        assert "不能撤销了" in checker.get(late.location).text
    with clock.frozen_at(last):
        assert checker.post(f"/merges/{merge_id}/undoing", data={"undo_reason": "认错人了"}).status_code == 303
    assert db.session.scalar(select(Merge.undone_at)) is not None


def test_an_interrupted_merge_is_done_to_its_end(two, checker, app):
    two.serve(two.new, 90)
    merge_id = two.propose()
    two.approve(merge_id)
    assert "接着做完" in checker.get(f"/merges/{merge_id}").text
    done = app.test_cli_runner().invoke(args=["merges", "finish"])
    assert "做完了 1 次" in done.output
    assert "已合并" in checker.get(f"/merges/{merge_id}").text
    assert "没有中断" in app.test_cli_runner().invoke(args=["merges", "finish"]).output


def test_the_list_asks_the_same_however_many_there_are(make, two, maker):
    def asked() -> int:
        with statements() as sent:
            assert maker.get("/merges").status_code == 200
        return len(sent)

    maker.get("/merges")
    few = asked()
    for nth in range(12):
        for _ in range(2):
            make.person(f"黄国栋{'甲乙丙丁戊己庚辛壬癸子丑'[nth]}", home=two.branch, phone=f"1380000{nth:04d}")
    assert asked() == few


def test_who_withdraws_is_who_proposed(two, maker, checker):
    merge_id = propose(two, maker)
    assert checker.post(f"/merges/{merge_id}/withdrawal").status_code == 404
    assert maker.post(f"/merges/{merge_id}/withdrawal").status_code == 303
    assert "撤回了" in maker.get(f"/merges/{merge_id}").text


def test_the_merge_of_somebody_is_told_on_their_page(two, maker):
    merge_id = two.merge()
    assert f"/merges/{merge_id}" in maker.get(f"/merges/of/{two.old}").text


def test_on_the_first_day_one_administrator_sees_what_a_merge_would_do(make, as_person):
    """Nobody else is there yet to decide."""
    root = make.unit("桂城街道党工委")
    one, other, only = make.person("陈志强", home=root), make.person("陳志強", home=root), make.person("王管理", home=root)
    make.grant(only, Role.ADMINISTRATOR, root)
    page = as_person(only).get(f"/merges/of/{one}/and/{other}")
    assert page.status_code == 200
    assert "两份对照" in page.text
    assert "现在没有另一位能确认" in page.text


def test_who_could_confirm_is_named_and_who_could_not_is_not(make, two, maker, checker):
    """A secretary sees who is of the branch, and not a record of no branch: with one administrator nobody is left for that."""
    for one in (two.maker, two.checker):
        make.account(one)
    assert "王管理确认以后才合并" in maker.get(f"/merges/of/{two.old}/and/{two.new}").text
    assert "李书记确认以后才合并" in checker.get(f"/merges/of/{make.person('陈志强', home=two.branch)}/and/{two.old}").text
    assert "等王管理确认" in maker.get(f"/merges/{propose(two, maker)}").text
    page = checker.get(f"/merges/of/{make.person('陈志强', home=two.branch)}/and/{make.person('陈志强')}")
    assert page.status_code == 200
    assert "现在没有另一位能确认" in page.text


def test_who_proposes_twice_is_led_to_what_waits(make, two, maker):
    address = f"/merges/of/{two.old}/and/{two.new}"
    seen = seen_of(maker.get(address).text)
    merge_id = propose(two, maker)
    again = maker.post(address, data={"reason": "又按了一次", "seen": seen})
    assert again.status_code == 422
    assert "已经有一次合并在等确认" in again.text
    page = maker.get(address)
    assert page.status_code == 200
    assert f'href="/merges/{merge_id}"' in page.text
    assert 'name="seen"' not in page.text
    third = maker.get(f"/merges/of/{make.person('陈志强', home=two.branch)}/and/{two.new}")
    assert third.status_code == 200
    assert "已经提出并到别的档案里" in third.text


def test_who_decides_second_is_told_what_stands_now(two, maker, checker):
    merge_id = propose(two, maker)
    seen = seen_of(checker.get(f"/merges/{merge_id}").text)
    assert checker.post(f"/merges/{merge_id}/approval", data={"seen": seen}).status_code == 303
    late = checker.post(f"/merges/{merge_id}/approval", data={"seen": seen}, follow_redirects=True)
    assert late.status_code == 200
    assert "已经有人处理过了" in late.text
    assert "已合并" in late.text
    assert "处要改" not in late.text
    assert "等另一位确认" not in late.text
    assert "请退回" not in late.text


def test_undone_a_second_time_is_told_that_it_is_undone(two, maker, checker):
    merge_id = propose(two, maker)
    assert checker.post(f"/merges/{merge_id}/approval", data={"seen": seen_of(checker.get(f"/merges/{merge_id}").text)}).status_code == 303
    for said in ("两份档案都回到合并以前", "已经撤销了"):
        page = checker.post(f"/merges/{merge_id}/undoing", data={"undo_reason": "不是同一个人"}, follow_redirects=True)
        assert page.status_code == 200
        assert said in page.text
        assert "合并已撤销" in page.text


@pytest.mark.parametrize("act", ["return", "withdrawal"])
def test_what_was_merged_is_not_sent_back_and_says_so(two, maker, checker, act):
    merge_id = propose(two, maker)
    assert checker.post(f"/merges/{merge_id}/approval", data={"seen": seen_of(checker.get(f"/merges/{merge_id}").text)}).status_code == 303
    late = {"return": checker, "withdrawal": maker}[act].post(f"/merges/{merge_id}/{act}", data={"answer": "不对"}, follow_redirects=True)
    assert late.status_code == 200
    assert "已合并" in late.text
    assert "没有合并。" not in late.text


def test_the_organisation_afterwards_is_the_one_that_remains(make, two, checker):
    """Two homes are not both kept: the table says which is, and the notes what becomes of the other."""
    elsewhere = make.unit("千灯湖社区第二支部", parent=two.root)
    other = make.person("陈志强", home=elsewhere, phone="13800001111")
    page = checker.get(f"/merges/of/{two.old}/and/{other}").text
    row = page.split('<th scope="row">组织</th>')[1].split("</tr>")[0]
    afterwards = row.split('data-label="合并以后">')[1].split("<")[0]
    assert afterwards == "灯湖第一党支部"
    assert "仍在灯湖第一党支部；另一份在千灯湖社区第二支部的今天起结束" in page


def test_the_organisation_of_the_other_goes_over_where_there_is_none(make, two, checker):
    nowhere = make.person("陈志强", phone="13800001111")
    page = checker.get(f"/merges/of/{nowhere}/and/{two.new}").text
    row = page.split('<th scope="row">组织</th>')[1].split("</tr>")[0]
    assert row.split('data-label="合并以后">')[1].split("<")[0] == "灯湖第一党支部"


def test_who_proposed_the_opposite_is_told_that_it_ended(make, two, maker, checker, as_person):
    """Without a decision of its own: what they proposed is about two records that are one by now."""
    merge_id = propose(two, maker)
    third = make.person("陈管理", home=two.root)
    make.grant(third, Role.ADMINISTRATOR, two.root)
    two.maker = third
    opposite = two.propose(stays=two.new, goes=two.old)
    page = checker.get(f"/merges/{merge_id}").text
    assert checker.post(f"/merges/{merge_id}/approval", data={"seen": seen_of(page)}).status_code == 303
    told = as_person(third).get(f"/merges/{opposite}").text
    assert "没有合并" in told
    assert "已经反过来合并了" in told
    assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.person_id == third)) == 1


def test_a_merge_of_somebody_erased_is_listed_and_leads_nowhere(two, checker):
    merge_id = two.merge()
    assert f'href="/merges/{merge_id}"' in checker.get("/merges?show=done").text
    request = in_transaction(lambda: rights.ask(rights.Asking(two.old, Kind.ERASURE, How.IN_PERSON, "不再参加了"), two.maker, clock.now()))
    in_transaction(lambda: rights.approve(request, two.checker, clock.now()))
    page = checker.get("/merges?show=done").text
    assert "已注销" in page
    assert f"/merges/{merge_id}" not in page
