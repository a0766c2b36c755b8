"""The bank's pages: a statement from the file to the last line, by the people whose it is."""

import io
from datetime import timedelta
from time import monotonic

import openpyxl
import pytest
from sqlalchemy import func, select

from app.bank.models import BankLineEntry, BankPreview, BankStatement
from app.bank.queries import lines as seen
from app.bank.queries import statements as found
from app.core import clock
from app.core.db import db
from app.core.errors import Conflict
from app.core.permissions import Role
from app.fund.queries.requests import standing
from app.fund.rules import Step
from tests.bank.examples import bring, csv_of, line_ids, previewed
from tests.conftest import statements as sql
from tests.fund.houses import YUAN, House

sqlite_only = True


@pytest.fixture
def approver(as_person, house):
    return as_person(house.approver)


def sent(client, data: bytes, name: str = "三月流水.csv", **values: str):
    known = found.accounts()
    given = {"account_id": str(known[0][0])} if known else {"name": "基金专户", "tail": "6688"}
    return client.post("/fund/bank/previews", data=given | values | {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


def test_a_file_is_previewed_then_brought_in_once(approver, house: House):
    data = csv_of(0, (clock.today(), 500, "何先生", "A1", "捐"), (clock.today(), -200, "五金店", "A2", ""))
    answer = sent(approver, data)
    assert answer.status_code == 303
    page = approver.get(answer.location).text
    assert "导入 2 笔流水" in page
    assert count(BankLineEntry) == 0
    answer = approver.post(f"{answer.location}/statement")
    assert "已导入 2 笔流水" in approver.get(answer.location).text
    assert (count(BankLineEntry), count(BankPreview)) == (2, 0)
    again = sent(approver, data)
    assert "已经导入过" in approver.get(again.location).text
    assert approver.post(f"{again.location}/statement").status_code == 303
    assert count(BankStatement) == 1


def test_ten_thousand_malformed_rows_are_told_on_a_page_and_in_a_sheet_with_only_those_cells_red(approver, house: House):
    good = "".join(f"2026-03-02,1,,{row + 1},何先生\n" for row in range(5))
    bad = "".join(f"2026-13-{row % 40},{row}x,3,abc,=cmd|calc\n" for row in range(10_000))
    answer = sent(approver, f"交易日期,收入,支出,余额,对方户名\n{good}{bad}".encode("gb18030"))
    page = approver.get(answer.location).text
    assert "有 10,000 行读不懂或对不上" in page
    assert "第 7 行" in page
    assert "读到“2026-13-0”，应是日期" in page
    approver.post(f"{answer.location}/statement")
    assert (count(BankStatement), count(BankLineEntry)) == (0, 0)
    sheet = openpyxl.load_workbook(io.BytesIO(approver.get(f"{answer.location}/corrections.xlsx").data)).active
    assert sheet.max_row == 10_003
    reds = {cell.column for cell in sheet[4] if cell.fill.fill_type}
    assert reds == {1, 2, 4}
    assert sheet.cell(4, 5).data_type == "s"
    assert "读到abc" in sheet.cell(4, 7).value.replace(" ", "")


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("流水")
    for row in rows:
        sheet.append(row)
    sent_as = io.BytesIO()
    book.save(sent_as)
    return sent_as.getvalue()


def test_ten_thousand_malformed_rows_of_a_workbook_are_told_page_by_page_and_none_comes_in(approver, house: House):
    wrong = (["2026-02-30", 12, None, "九千", "甲"], [None, "1.234", 5, 7, "乙"], ["2026-03-02", None, None, "", "丙"])
    rows = [
        ["某银行", None, None, None, None],
        ["交易日期", "支出", "收入", "余额", "对方户名"],
        *[wrong[row % 3] for row in range(10_000)],
    ]
    started = monotonic()
    answer = sent(approver, workbook(rows), "流水.xlsx")
    page = approver.get(answer.location).text
    assert monotonic() - started < 20
    assert "有 10,000 行读不懂或对不上" in page
    assert "第 3 行" in page
    assert "支出：读到“1.234”，应是到分为止" in page
    assert "支出：读到“（空）”，应是借方、贷方填一边" in page
    assert "第 1 页，共 100 页" in page
    assert len(page) < 100_000
    last = approver.get(f"{answer.location}?page=100").text
    assert "第 10002 行" in last
    assert approver.get(f"{answer.location}?page=-7").status_code == approver.get(f"{answer.location}?page=x").status_code == 200
    approver.post(f"{answer.location}/statement")
    assert (count(BankStatement), count(BankLineEntry)) == (0, 0)
    sheet = openpyxl.load_workbook(io.BytesIO(approver.get(f"{answer.location}/corrections.xlsx").data)).active
    assert sheet.max_row == 10_003
    assert {cell.column for cell in sheet[4] if cell.fill.fill_type} == {1, 4}


def test_what_is_no_statement_is_said_beside_the_field(approver, house: House):
    answer = sent(approver, "姓名,电话\n张三,1\n".encode())
    assert answer.status_code == 422
    assert "没有认出表头" in answer.text
    assert "基金专户" in answer.text


def test_periods_do_not_overlap_and_the_balance_goes_on(app, house: House):
    today = clock.today()
    bring(house.approver, 0, (today - timedelta(9), 500, "", "", ""))
    with pytest.raises(Conflict, match="接不上"):
        bring(house.approver, 400, (today - timedelta(5), 1, "", "", ""))
    with pytest.raises(Conflict, match="重叠"):
        bring(house.approver, 500, (today - timedelta(9), 1, "", "", ""))
    bring(house.approver, 500, (today - timedelta(5), 1, "", "", ""))
    (hole,) = found.holes(found.statements())
    assert (hole.first_on, hole.last_on) == (today - timedelta(8), today - timedelta(6))
    bring(house.approver, 0, (today, 1, "", "", ""), name="另一个账户")  # another account, another chain


def test_a_preview_is_brought_in_by_its_reader_alone(as_person, house: House):
    preview = previewed(csv_of(0, (clock.today(), 500, "", "", "")), house.approver)
    second = as_person(house.second)
    assert "导入 1 笔流水" not in second.get(f"/fund/bank/previews/{preview}").text
    second.post(f"/fund/bank/previews/{preview}/statement")
    assert count(BankStatement) == 0
    assert as_person(house.approver).post(f"/fund/bank/previews/{preview}/removal").status_code == 303
    assert found.preview(preview) is None


def test_many_pairs_are_confirmed_at_once_and_ones_own_is_not(as_person, house: House):
    house.donate(1_000)
    project = house.project()
    house.grant(project, 1_000)
    first, second = house.pay(project, 200), house.pay(project, 30)
    statement = bring(
        house.administrator,
        0,
        (clock.today(), 500 * YUAN, "", "", ""),
        (clock.today(), -200 * YUAN, "", "", ""),
        (clock.today(), -30 * YUAN, "", "", ""),
    )
    _, one, other = line_ids(statement)
    approver = as_person(house.approver)
    assert f'value="{one}-{first}"' in approver.get("/fund/bank").text
    answer = approver.post("/fund/bank/matches", data={"pair": [f"{one}-{first}", f"{other}-{second}", f"{other}-{first}"]})
    page = approver.get(answer.location).text
    assert "对上了 2 笔" in page
    assert "有 1 笔没有对" in page
    assert standing(first).state is standing(second).state is Step.RECONCILED
    assert as_person(house.officer).post("/fund/bank/matches", data={"pair": f"{one}-{first}"}).status_code in (403, 404)


def test_what_waits_to_be_set_aside_is_in_the_work_list_of_another(as_person, house: House):
    (line,) = line_ids(bring(house.approver, 0, (clock.today(), 186, "", "", "结息")))
    approver, second = as_person(house.approver), as_person(house.second)
    approver.post(f"/fund/bank/lines/{line}/asides", data={"reason": "账户利息"})
    assert "同意另列" in second.get("/work").text
    (aside,) = seen.asides()
    assert approver.post(f"/fund/bank/asides/{aside.id}/decision", data={"verdict": "approved"}).status_code in (303, 403)
    assert second.post(f"/fund/bank/asides/{aside.id}/decision", data={"verdict": "approved"}).status_code == 303
    assert seen.line(line).state == "aside"
    assert "账户利息" in second.get("/fund/bank/balance").text


def test_both_sides_that_are_open_stand_on_a_page_and_in_a_sheet(as_person, house: House):
    house.donate(1_000)
    bring(house.approver, 0, (clock.today() - timedelta(2), 186, "=cmd", "", "结息"))
    auditor = as_person(house.auditor)
    page = auditor.get("/fund/bank/open").text
    assert "2 天了" in page
    assert "街坊捐赠" in page
    book = openpyxl.load_workbook(io.BytesIO(auditor.get("/fund/bank/open.xlsx").data))
    assert [sheet.title for sheet in book] == ["银行有、账上没有", "账上有、银行没有"]
    assert book.worksheets[0].cell(2, 6).data_type == "s"
    assert auditor.get("/fund/bank/balance.xlsx").status_code == auditor.get("/fund/bank/balance/printed").status_code == 200
    assert "导入对账单" not in auditor.get("/fund/bank").text


def test_how_many_are_open_is_told_however_few_are_shown(approver, house: House, monkeypatch):
    monkeypatch.setattr("app.bank.views.pairs.MOST", 2)
    lines = line_ids(bring(house.approver, 0, *[(clock.today(), 100 + number, "", "", "") for number in range(5)]))
    approver.post(f"/fund/bank/lines/{lines[0]}/asides", data={"reason": "利息"})  # waits: still open
    page = approver.get("/fund/bank/open").text
    assert "银行有，账上没有 5 笔" in page
    assert "还有 3 笔，在 xlsx 里" in page
    assert "<dt>流水没对上</dt><dd>5 笔" in approver.get("/fund/bank").text


def test_a_long_statement_takes_as_many_queries_as_a_short_one(approver, house: House):
    today = clock.today()
    bring(house.approver, 0, *[(today, number + 1, "何先生", "", "") for number in range(3)])
    counted = []
    for more in (0, 90):
        if more:
            bring(house.approver, 0, *[(today, number + 1, "何先生", "", "") for number in range(more)], name="另一个")
        with sql() as sent_sql:
            approver.get("/fund/bank")
        counted.append(len(sent_sql))
    assert counted[0] == counted[1]


def test_who_counts_for_one_unit_only_sees_no_bank(as_person, house: House, make):
    local = make.person("邻居")
    make.grant(local, Role.FUND_APPROVER, house.community)
    assert as_person(local).get("/fund/bank").status_code == 404
