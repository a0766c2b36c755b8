"""A donor who no longer wants to be named is named nowhere from that moment: on no page, in no file, in no answer kept by a browser."""

import json

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.fund.models import FundRequest
from app.fund.open_data import Form
from app.fund.queries import donors
from app.fund.rules import DonationNoted, Step
from app.fund.service import naming, requests
from tests.fund.houses import YUAN

NAME = "灯湖陈记糖水"


def gift(house, yuan, donor="陈先生", name=NAME):
    noted = DonationNoted(None, yuan * YUAN, donor, name, "街坊捐赠", "回单 1", clock.today())
    request_id = in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now()))
    house.step(request_id, Step.APPROVED, house.approver)
    return request_id


def take_back(house, request_id):
    return in_transaction(lambda: naming.take_name_back(request_id, house.officer))


def everywhere(client):
    """Whatever everybody can read about gifts."""
    pages = ["/fund", "/fund/donors", "/fund/entries", "/fund/entries?way=in", "/fund/corrections"]
    pages += [f"/fund/vouchers/{number}" for number in (1, 2)]
    pages += [f"/fund/data/{name}" for name in ("entries.csv", "entries.json", "projects.json")]
    return {page: read(client, page)[0] for page in pages}


def read(client, page, etag=""):
    """Its text and its mark; a file is read to its end before the next is asked for."""
    answer = client.get(page, headers={"If-None-Match": etag})
    assert answer.status_code in (200, 304), page
    text = "" if page.endswith("xlsx") else answer.text
    return text, answer.headers.get("ETag"), answer.status_code


def test_the_name_goes_at_once_from_every_page_and_file_and_the_sums_stay(client, house):
    first = gift(house, 100)
    gift(house, 50)
    before, etag, _ = read(client, "/fund/data/entries.csv")
    assert NAME in before
    assert NAME in client.get("/fund/donors").text
    assert take_back(house, first) == 2, "of the same donor under the same name"
    for address, text in everywhere(client).items():
        assert NAME not in text, address
    found = donors.donors()
    assert (found.named, found.unnamed.gifts, found.fen) == ([], 2, 150 * YUAN)
    told = json.loads(read(client, "/fund/data/entries.json")[0])["transactions"]
    assert [entry["shulin"]["donor"] for entry in told] == ["爱心人士", "爱心人士"]
    assert read(client, "/fund/data/entries.csv", etag)[2] == 200, "what a browser kept is not good any more"


@pytest.mark.parametrize("form", list(Form))
def test_a_name_taken_back_while_another_is_noted_is_another_version(client, house, form):
    first = gift(house, 100)
    _, etag, _ = read(client, f"/fund/data/entries.{form}")
    assert read(client, f"/fund/data/entries.{form}", etag)[2] == 304
    noted = DonationNoted(None, 100, "何先生", "别人", "街坊捐赠", "回单 2", clock.today())
    in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now()))
    take_back(house, first)
    assert read(client, f"/fund/data/entries.{form}", etag)[2] == 200


def test_another_donor_of_the_same_name_keeps_theirs(house):
    first = gift(house, 100)
    gift(house, 70, donor="陈女士")
    assert take_back(house, first) == 1
    assert [(one.name, one.fen) for one in donors.donors().named] == [(NAME, 70 * YUAN)]


def test_a_correction_of_a_gift_names_nobody_either(client, house):
    first = gift(house, 100)
    house.correct(first)
    take_back(house, first)
    assert not any(NAME in text for text in everywhere(client).values())


def test_twice_is_once_and_only_gifts_have_a_name(house):
    first = gift(house, 100)
    assert [take_back(house, first), take_back(house, first)] == [1, 0]
    asked = house.ask(house.project(), 10)
    with pytest.raises(Conflict):
        take_back(house, asked)


def test_the_database_takes_a_name_back_and_gives_none(house):
    first = gift(house, 100, name="")
    for values in ({"public_name": NAME}, {"public_name": "", "counterparty": "别人"}, {"fen": 1}, {"counterparty": ""}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda values=values: db.session.execute(update(FundRequest).where(FundRequest.id == first).values(**values)))
    assert db.session.scalar(select(FundRequest.counterparty).where(FundRequest.id == first)) == "陈先生"


def test_on_the_gifts_page_by_who_handles_the_fund_and_nobody_else(client, house, as_person):
    first = gift(house, 100)
    address = f"/fund/requests/{first}"
    officer = as_person(house.officer)
    assert "不再署名" in officer.get(address).text
    for other in (house.auditor, house.approver):
        browser = as_person(other)
        assert "不再署名" not in browser.get(address).text
        assert browser.post(f"{address}/public-name/removal").status_code in (403, 404)
    assert NAME in client.get("/fund/donors").text
    assert officer.post(f"{address}/public-name/removal").status_code == 303
    assert "不署名" in officer.get(address).text
    assert NAME not in client.get("/fund/donors").text
