"""docs/fund-data.md says what stands in the files: they hold exactly these fields, in the forms that the standard asks for."""

import json
import re
from datetime import date, datetime

import pytest

from app.core.config import ROOT
from app.fund.open_data import Table, heading

DOCS = (ROOT / "docs" / "fund-data.md").read_text(encoding="utf-8")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def documented() -> set[str]:
    """The names in the first column of the table."""
    cells = re.findall(r"^\| (`[^|]+) \|", DOCS, re.M)
    return {name.removesuffix("[0]") for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@pytest.fixture
def files(client, house, ways):
    """The three JSON files of a small year, other money and a restricted purpose with it."""
    house.donate(3_000, public_name="灯湖商会")
    project = house.project()
    house.donate(500, project)
    house.grant(project, 1_000)
    house.correct(house.pay(project, 77))
    ways.project(source_name="街坊会自筹")
    ways.project(ways.purpose())
    return {table: json.loads(client.get(f"/fund/data/{table}.json").text) for table in Table}


def test_a_grant_has_the_documented_fields_and_no_others(files):
    for grant in files[Table.PROJECTS]["grants"]:
        assert set(grant) == documented()
        told = DOCS.split("| `shulin` |")[1].split("\n")[0]
        assert set(grant["shulin"]) == set(re.findall(r"`(\w+)`", told))


def test_days_amounts_and_codes_have_the_forms_of_the_standard(files):
    for grant in files[Table.PROJECTS]["grants"]:
        assert re.fullmatch(r"SHULIN-[\w-]+", grant["id"])
        assert (grant["currency"], grant["fromOpenCall"] in {"Yes", "No"}) == ("CNY", True)
        for day in (grant["awardDate"], *grant["plannedDates"][0].values()):
            assert DAY.fullmatch(day)
            date.fromisoformat(day)
        assert grant["dateModified"].endswith("Z")
        datetime.fromisoformat(grant["dateModified"])
        for name in ("amountAppliedFor", "amountAwarded", "amountDisbursed"):
            assert type(grant[name]) in (int, float)
            assert grant[name] >= 0
        for name in ("recipientOrganization", "fundingOrganization"):
            assert [set(one) for one in grant[name]] == [{"id", "name"}]
            assert all(grant[name][0].values())
        assert [set(one) for one in grant["beneficiaryLocation"]] == [{"name", "countryCode"}]
        assert grant["beneficiaryLocation"][0]["countryCode"] == "CN"
        assert [set(one) for one in grant["grantProgramme"]] == [{"code", "title"}]


def test_what_came_is_what_went_and_what_is_left_in_each_grant(files):
    for grant in files[Table.PROJECTS]["grants"]:
        own = grant["shulin"]
        assert own["opening"] + own["donated"] + own["granted"] == own["spent"] + own["returned"] + own["setAside"] + own["balance"]
        assert grant["amountDisbursed"] == own["opening"] + own["donated"] + own["granted"]


def test_whose_money_it_is_stands_in_the_funding_organisation(files):
    funders = [grant["fundingOrganization"][0]["id"] for grant in files[Table.PROJECTS]["grants"]]
    assert sorted(funders) == ["SHULIN-FUND", "SHULIN-FUND", "SHULIN-OTHER"]
    for grant in files[Table.PROJECTS]["grants"]:
        assert grant["shulin"]["fundMoney"] == (grant["fundingOrganization"][0]["id"] == "SHULIN-FUND")


def test_transactions_and_services_have_the_documented_fields(files):
    told = DOCS.split("## entries.json, services.json")[1]
    transactions, services = told.split("服务人次 have no place")
    for one in files[Table.ENTRIES]["transactions"]:
        names = set(one) - {"shulin"} | set(one["shulin"])
        assert names <= set(re.findall(r"`(\w+)`", transactions)), names
        assert DAY.fullmatch(one["transactionDate"])
    for one in files[Table.SERVICES]["services"]:
        assert set(one) <= set(re.findall(r"`(\w+)`", services))


@pytest.mark.parametrize("table", list(Table))
def test_no_column_is_there_twice(table):
    assert len(set(heading(table))) == len(heading(table))
