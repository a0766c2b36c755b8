"""The public files: the same rows as the pages, exact to the fen, safe to open, and not sent again while nothing changed."""

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.core import clock
from app.core.db import in_transaction
from app.fund import open_data, queries
from app.fund.open_data import Form, Table
from app.fund.queries import published
from app.fund.rules import DonationNoted, Step
from app.fund.service import projects, requests
from tests.conftest import statements
from tests.fund.houses import YUAN

REQUIRED = {"id", "title", "description", "currency", "amountAwarded", "awardDate", "recipientOrganization", "fundingOrganization"}


def rows_of(client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text.removeprefix("\ufeff"))))


@pytest.fixture
def books(house) -> int:
    """A project with gifts, a grant, spending, a correction and 服务人次."""
    house.donate(3_000, public_name="灯湖商会")
    project = house.project()
    house.donate(500, project)
    house.grant(project, 1_000)
    house.pay(project, 120)
    house.correct(house.pay(project, 77))
    in_transaction(lambda: projects.add_service(project, clock.today(), 64, "入户维修", None, house.officer, clock.now()))
    return project


def test_entries_as_csv_add_up_to_the_public_figures(client, books):
    rows, totals = rows_of(client, "/fund/data/entries.csv"), queries.totals()
    assert sum(Decimal(row["计入收入（元）"]) for row in rows) * 100 == totals.income
    assert sum(Decimal(row["计入支出（元）"]) for row in rows) * 100 == totals.spent == 120 * YUAN
    assert [int(row["凭证号"]) for row in rows] == list(range(1, len(rows) + 1)), "no voucher is missing"
    assert {row["捐赠人"] for row in rows} == {"灯湖商会", "爱心人士", ""}
    assert sum(int(row["服务人次"]) for row in rows_of(client, "/fund/data/services.csv")) == totals.people == 64


def test_projects_as_csv_balance_in_each_row(client, books, ways):
    ways.project(source_name="街坊会自筹")
    for row in rows_of(client, "/fund/data/projects.csv"):
        money = {name.removesuffix("（元）"): Decimal(value) for name, value in row.items() if name.endswith("（元）")}
        came = money["启用前投入"] + money["捐赠"] + money["基金拨付"]
        assert came == money["支出"] + money["交回"] + money["转作限定用途"] + money["账上剩余"]
        assert row["资金来源"] in {"桂城关爱基金", "街坊会自筹"}


def test_xlsx_holds_numbers_and_says_where_they_come_from(client, books):
    answer = client.get("/fund/data/entries.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert "未与以往公开报道核对" in rows[0][0]
    place = rows[1].index("计入支出（元）")
    assert sum(row[place] for row in rows[2:]) == 120


def test_json_has_what_360giving_requires_and_the_rest_beside_it(client, house, books):
    house.draft("草稿不公开")
    told = json.loads(client.get("/fund/data/projects.json").text)
    (grant,) = told["grants"]
    assert grant.keys() >= REQUIRED
    assert grant["title"] == "独居长者家里修一修"
    assert (grant["currency"], grant["amountAwarded"], grant["amountDisbursed"]) == ("CNY", 70_000, 1_500)
    assert grant["awardDate"] == clock.today().isoformat()
    assert grant["beneficiaryLocation"] == [{"name": "灯湖社区", "countryCode": "CN"}]
    assert grant["shulin"]["spent"] == 120
    assert client.get(grant["url"]).status_code == 200
    entries = json.loads(client.get("/fund/data/entries.json").text)["transactions"]
    assert sum(Decimal(str(entry["shulin"]["spent"])) for entry in entries) == 120


def test_no_file_names_anybody_who_did_not_agree(client, house, books):
    for table in Table:
        for form in (Form.CSV, Form.JSON):
            text = client.get(f"/fund/data/{table}.{form}").text
            for secret in ("何先生", "邓淑芬", "罗国栋", "南庄顺达五金店", "0619 2284 7731", "发票 0001"):
                assert secret not in text


@pytest.mark.parametrize("words", ["=1+1", "+86", "-2", "@SUM(A1)"])
def test_what_people_typed_is_never_a_formula(client, house, words):
    noted = DonationNoted(None, 100, "何先生", words, words, "回单 1", clock.today())
    request_id = in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now()))
    house.step(request_id, Step.APPROVED, house.approver)
    (row,) = rows_of(client, "/fund/data/entries.csv")
    assert (row["摘要"], row["捐赠人"]) == (f"'{words}", f"'{words}")
    sheet = load_workbook(io.BytesIO(client.get("/fund/data/entries.xlsx").data)).active
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_files_are_narrowed_as_their_pages_are(client, house, books):
    assert rows_of(client, "/fund/data/entries.csv?way=in&q=%E6%B2%A1%E6%9C%89") == []
    assert len(rows_of(client, f"/fund/data/entries.csv?project={books}&way=out")) == 3
    assert rows_of(client, "/fund/data/projects.csv?kind=care") == []
    assert len(rows_of(client, "/fund/data/projects.csv?year=2026&kind=wish")) == 1
    assert client.get(f"/fund/data/entries.csv?project={house.draft('草稿')}").status_code == 404


@pytest.mark.parametrize("form", list(Form))
def test_a_file_is_sent_again_only_when_something_changed(client, house, books, form):
    first = client.get(f"/fund/data/projects.{form}")
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "public, no-cache"
    asked = {"If-None-Match": etag}
    with statements() as sent:
        again = client.get(f"/fund/data/projects.{form}", headers=asked)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert len(sent) <= 5, "one of them counts the asking"
    assert client.get(f"/fund/data/projects.{form}?kind=wish", headers=asked).status_code == 200, "another question"
    house.pay(books, 10)
    assert client.get(f"/fund/data/projects.{form}", headers=asked).status_code == 200


def test_a_long_file_is_read_in_pieces_and_whole(client, house, books, monkeypatch):
    whole = client.get("/fund/data/entries.csv").text
    monkeypatch.setattr(published, "PIECE", 2)
    assert client.get("/fund/data/entries.csv").text == whole


def test_the_page_of_files_leads_to_each(client, house):
    page = client.get("/fund/data").text
    for table in Table:
        for form in Form:
            assert f"/fund/data/{table}.{form}" in page
            assert client.get(f"/fund/data/{table}.{form}").status_code == 200, "also while there is nothing"


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_amounts_in_json_are_exact(fen):
    assert Decimal(json.dumps(open_data.number(fen))) * 100 == fen
