"""The pages of spot checks as everybody, the auditor and the fund meet them; and the workbook."""

import io
import re

import openpyxl
import pytest

from app.core.permissions import Role
from app.spotchecks.queries import checks
from app.spotchecks.rules import Finding, fingerprint
from tests.conftest import statements
from tests.spotchecks.examples import SEED

FORM = {"first_on": "2026-01-01", "last_on": "2026-11-21", "size": "3", "seed": SEED, "source": "双色球第 2026134 期"}


@pytest.fixture
def auditor(books, as_person):
    return as_person(books.house.auditor)


@pytest.fixture
def officer(books, as_person):
    return as_person(books.house.officer)


def test_the_auditor_announces_draws_and_writes_and_the_fund_answers(books, auditor, officer, client):
    asked = auditor.post("/fund/checks", data=FORM)
    assert asked.status_code == 303
    address = asked.location
    assert "按种子抽 3 笔" in auditor.get(address).text
    assert "按种子抽" not in client.get(address).text
    assert auditor.post(f"{address}/drawing").status_code == 303
    first, second, third = checks.of_check(int(address.rsplit("/", 1)[1]))
    entry = f"/fund/checks/entries/{first.id}"
    page = auditor.get(entry).text
    assert ("每一步" in page and "南庄顺达五金店" in page) or first.kind.value != "spending"
    assert auditor.post(f"{entry}/findings", data={"finding": "question", "words": "发票金额是 580 元"}).status_code == 303
    assert auditor.post(f"/fund/checks/entries/{second.id}/findings", data={"finding": "fine"}).status_code == 303
    assert "发票金额是 580 元" in officer.get("/work").text
    assert "您来答复" in officer.get(entry).text
    assert officer.post(f"{entry}/answers", data={"words": "另有一张 20 元的运费发票，补传了"}).status_code == 303
    assert "另有一张 20 元的运费发票" in auditor.get(entry).text
    assert auditor.post(f"{entry}/findings", data={"finding": "fine", "words": "补齐了"}).status_code == 303
    assert "查了 2 笔，无误 2" in re.sub(r"\s+", " ", client.get("/fund/checks").text)
    assert "待查" in client.get(address).text
    assert third.voucher_no


def test_everybody_reads_what_came_of_it_without_a_name_or_a_word_of_it(books, client):
    pick = books.pick()
    books.find(pick.id, Finding.FAULT, "付给了顺达五金店两次")
    books.answer(pick.id, "邓淑芬记错了")
    for address in ("/fund/checks", f"/fund/checks/{pick.check_id}", "/fund"):
        page = client.get(address).text
        assert "有错" in page
        for name in ("区慧敏", "邓淑芬", "罗国栋", "顺达", "记错了"):
            assert name not in page
    assert client.get(f"/fund/checks/entries/{pick.id}").status_code == 302
    assert client.get(f"/fund/checks/{pick.check_id}.xlsx").status_code == 302


def test_the_page_reckons_again_and_says_so(books, client):
    page = client.get(f"/fund/checks/{books.drawn()}").text
    assert "账目和抽中的都和公布的一致" in page
    assert "不一致" not in page
    assert SEED in page


def test_a_form_with_faults_keeps_what_was_typed(books, auditor):
    page = auditor.post("/fund/checks", data=FORM | {"size": "99", "source": "期号我写了"})
    assert page.status_code == 422
    assert "一共只有 8 笔" in page.text
    assert "期号我写了" in page.text
    assert auditor.post("/fund/checks", data=FORM | {"seed": "有 空格"}).status_code == 422
    pick = books.pick()
    page = auditor.post(f"/fund/checks/entries/{pick.id}/findings", data={"finding": "fault"})
    assert page.status_code == 422
    assert "请写明看到了什么" in page.text


def test_only_the_auditor_checks_and_only_the_fund_answers(books, as_person, auditor, officer):
    pick = books.pick()
    books.find(pick.id, Finding.QUESTION)
    for other in (officer, as_person(books.house.approver), as_person(books.house.administrator)):
        assert other.get("/fund/checks/new").status_code == 404
        assert other.post("/fund/checks", data=FORM).status_code == 404
        assert other.post(f"/fund/checks/{pick.check_id}/drawing").status_code == 404
        assert other.post(f"/fund/checks/entries/{pick.id}/findings", data={"finding": "fine"}).status_code == 404
        assert other.get(f"/fund/checks/entries/{pick.id}").status_code == 200
    assert auditor.post(f"/fund/checks/entries/{pick.id}/answers", data={"words": "x"}).status_code == 404


def test_an_auditor_of_one_community_does_not_check_the_whole_fund(books, as_person):
    make = books.house.make
    person = make.person("社区审计")
    make.grant(person, Role.AUDITOR, books.house.community)
    browser, pick = as_person(person), books.pick()
    for address in ("/fund/checks/new", f"/fund/checks/entries/{pick.id}", f"/fund/checks/{pick.check_id}.xlsx"):
        assert browser.get(address).status_code == 404
    assert browser.post("/fund/checks", data=FORM).status_code == 404


def test_beside_the_request_stands_what_was_said(books, officer):
    pick = books.pick()
    books.find(pick.id, Finding.QUESTION, "缺一张发票")
    page = officer.get(f"/fund/requests/{pick.request_id}").text
    assert "缺一张发票" in page
    assert f"/fund/checks/entries/{pick.id}" in page


def test_the_workbook_holds_the_balances_every_movement_and_the_sample(books, auditor):
    check_id = books.drawn(3)
    picks = checks.of_check(check_id)
    books.find(picks[0].id, Finding.FAULT, "金额不对")
    books.answer(picks[0].id, "确实多付了")
    answer = auditor.get(f"/fund/checks/{check_id}.xlsx")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    facts = dict(row[:2] for row in book["说明"].iter_rows(values_only=True))
    assert facts["期初结余（元）"] + facts["收入（元）"] - facts["支出（元）"] == facts["期末结余（元）"] == 47_900
    assert facts["种子"] == SEED
    lines = list(book["每一笔"].iter_rows(min_row=4, values_only=True))
    assert [line[1] for line in lines] == list(range(1, 9))
    assert all(line[12] == fingerprint(SEED, line[1]) for line in lines)
    marked = {line[1]: line[0] for line in lines if line[0]}
    assert marked == {pick.voucher_no: f"第 {pick.place} 笔" for pick in picks}
    assert marked.keys() == {line[1] for line in sorted(lines, key=lambda line: line[12])[:3]}
    accounts = list(book["账户"].iter_rows(min_row=4, values_only=True))
    assert accounts[-1][2:] == (0, 90_000, 42_100, 47_900)
    said = [cell for row in book["意见和答复"].iter_rows(values_only=True) for cell in row]
    assert {"金额不对", "确实多付了", "有错"} <= set(said)


def test_no_page_asks_more_for_more_entries(books, client):
    few = books.drawn(2)
    many = books.drawn(8, "another-seed")
    asked = []
    for check_id in (few, many):
        client.get(f"/fund/checks/{check_id}")
        with statements() as sent:
            client.get(f"/fund/checks/{check_id}")
        asked.append(len(sent))
    assert asked[0] == asked[1]
