"""The pages of spot checks as everybody, the auditor and the fund meet them; and the workbook."""

import hashlib
import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.fund.models import FundAccount
from app.fund.models import FundMovementEntry as M
from app.fund.rules import AccountKind, ProjectKind
from app.fund.service import past_projects
from app.fund.service.past_projects import PastProject
from app.spotchecks import service
from app.spotchecks.queries import checks
from app.spotchecks.rules import Announced, Finding, fingerprint
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
    assert page.count("打开这一页时重算过，一致") == 2
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


def test_an_outsider_reckons_digest_and_sample_from_the_two_published_files_alone(books, client):
    check_id = books.drawn(3)
    books.house.pay(books.project, 700)  # booked after the announcement: in neither
    page = client.get(f"/fund/checks/{check_id}").text
    seed = re.search(r"<dt>种子</dt><dd class=\"code\">([^<]+)", page)[1]
    digest = re.search(r"<dt>账目指纹</dt><dd>([0-9a-f]{32})<wbr>([0-9a-f]{32})", page)
    drawn = [int(number) for number in re.findall(r"<span class=\"fine\">凭证 (\d+) 号", page)]
    frame = client.get(f"/fund/checks/{check_id}/population.csv")
    assert frame.status_code == 200
    assert hashlib.sha256(frame.data).hexdigest() == digest[1] + digest[2]
    numbers = [line.split(",")[0] for line in frame.data.decode().splitlines()]
    assert len(numbers) == 8
    by_hand = sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}{number}".encode()).hexdigest())
    assert [int(number) for number in by_hand[:3]] == drawn
    ranked = client.get(f"/fund/checks/{check_id}/ranking.csv").data.decode("utf-8-sig").splitlines()
    assert ranked[0] == "名次,凭证号,指纹,抽中"
    assert [line.split(",")[1] for line in ranked[1:]] == by_hand
    assert [line.split(",")[3] for line in ranked[1:]] == ["是"] * 3 + [""] * 5
    for name in ("何先生", "顺达", "邓淑芬"):
        assert name not in frame.text + "".join(ranked)
    assert client.get("/fund/checks/999/population.csv").status_code == client.get("/fund/checks/999/ranking.csv").status_code == 404


def test_every_figure_of_the_workbook_is_the_ledgers(books, auditor):
    """Reckoned here from the bare movements, with money of before, within and after the period, of the fund and of others."""
    house, today = books.house, clock.today()
    days = date(2024, 3, 1), date(2025, 6, 30)
    old = [
        PastProject(ProjectKind.CARE, f"历史项目{place}", "-", "-", "-", house.community, *days, source, fen, fen, 9)
        for place, (source, fen) in enumerate((("", 123_457), ("区民政局", 50_001)))
    ]
    in_transaction(lambda: past_projects.make(old, 1, house.officer, house.approver, clock.now()))
    house.correct(house.pay(books.project, 55))
    first, last = date(2025, 1, 1), today - timedelta(1)  # the openings before it, the spending in it, all else after it
    wanted = Announced(first, last, 2, "figures-1", "双色球")
    check_id = in_transaction(lambda: service.announce(wanted, house.auditor, clock.now()))
    in_transaction(lambda: service.draw(check_id, house.auditor, clock.now()))
    for number, (since, until) in {check_id: (first, last), books.drawn(3, "figures-2"): (today - timedelta(30), today)}.items():
        book = openpyxl.load_workbook(io.BytesIO(auditor.get(f"/fund/checks/{number}.xlsx").data))
        moved = db.session.execute(select(M.from_account_id, M.to_account_id, M.fen, M.booked_on, M.voucher_no)).all()
        accounts = {row.name: row for row in db.session.execute(select(FundAccount.id, FundAccount.name, FundAccount.kind))}
        told = {row[0]: row[1:] for row in book["账户"].iter_rows(min_row=4, values_only=True)}
        sums = told.pop("合计（关爱基金）")
        own = [0, 0, 0, 0]
        for name, (whose, *figures) in told.items():
            account = accounts[name]
            before = sum(fen * ((to == account.id) - (source == account.id)) for source, to, fen, day, _ in moved if day < since)
            came = sum(fen for _, to, fen, day, _ in moved if since <= day <= until and to == account.id)
            went = sum(fen for source, _, fen, day, _ in moved if since <= day <= until and source == account.id)
            assert [round(figure * 100) for figure in figures] == [before, came, went, before + came - went], name
            assert (whose == "关爱基金") == (account.kind is not AccountKind.OTHER)
            if whose == "关爱基金":
                own = [one + other for one, other in zip(own, [before, came, went, before + came - went], strict=True)]
        assert [round(figure * 100) for figure in sums[1:]] == own
        facts = dict(row[:2] for row in book["说明"].iter_rows(values_only=True))
        assert (round(facts["期初结余（元）"] * 100), round(facts["期末结余（元）"] * 100)) == (own[0], own[3])
        assert own[0] + round(facts["收入（元）"] * 100) - round(facts["支出（元）"] * 100) == own[3]
        lines = list(book["每一笔"].iter_rows(min_row=4, values_only=True))
        ledger = {voucher: fen for _, _, fen, day, voucher in moved if since <= day <= until}
        assert {line[1]: round(line[6] * 100) for line in lines} == ledger
        assert facts["期间内一共几笔"] == len(ledger)


def test_a_fault_that_stays_one_after_the_answer_waits_for_nobody_and_says_so(books, auditor):
    pick = books.pick()
    books.find(pick.id, Finding.FAULT)
    books.answer(pick.id)
    done = auditor.post(f"/fund/checks/entries/{pick.id}/findings", data={"finding": "fault", "words": "还是多付了，请更正"})
    page = auditor.get(done.location).text
    assert "记下了。" in page
    assert "等基金经办人答复" not in page
