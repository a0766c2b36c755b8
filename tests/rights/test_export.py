"""What somebody takes with them: whole, readable by people, and nothing that would be computed or is somebody else's."""

import io
import json
import re
import zipfile
from datetime import date

import openpyxl
import pytest
from sqlalchemy import Enum, update

from app.accounts import service as accounts
from app.accounts.models import Account
from app.audit import service as audit
from app.core import clock
from app.core.db import Base, db, in_transaction
from app.people import service as people
from app.people.models import Person
from app.people.rules import GivenHow, Relation
from app.rights import export, told
from app.rights.policies import Fate, policies
from app.rights.rules import Kind
from app.rights.sections import SECTIONS
from app.rights.vocabulary import NAMES, SAID
from app.web import (
    tables,  # noqa: F401 (so that the metadata is whole)
    turns,
)
from app.worklist.service import notify
from tests.conftest import statements
from tests.imports import sheet as rosters
from tests.rights.conftest import given_everything

SECRET = "a long password of theirs"
CHINESE = re.compile("[\u4e00-\u9fff]")
NOT_TAKEN = {
    "person.initials": "follows from the name",
    "account.secret_hash": "of no use but to guess it",
    "account_session.token_hash": "would let a thief of the file in",
    "activation_code.code_hash": "the same",
    "recovery_code.code_hash": "the same",
    "second_factor.sealed": "the same",
    "second_factor.pending": "the same",
    "certificate_request.document_hash": "a keyed digest, not a word of theirs",
    "import_row.initials": "follows from the name",
    "import_ending.holding": "a word of the program; `words` says it",
    "notice.url": "an address of this site",
    "claim_photo.name": "the name of a file of this site",
    "claim_photo.digest": "a digest",
}


@pytest.fixture
def own(place, as_person):
    browser = as_person(place.person)
    return with_secret(browser, place.person)


def with_secret(browser, person: int):
    hashed = accounts.hash_secret(SECRET)
    in_transaction(lambda: db.session.execute(update(Account).where(Account.person_id == person).values(secret_hash=hashed)))
    return browser


def taken(browser, **more: str) -> dict[str, bytes]:
    answer = browser.post("/me/data/export", data={"password": SECRET, **more})
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def rows_of(parts: dict[str, bytes], title: str) -> list[dict]:
    return next(part["rows"] for part in json.loads(parts["我的资料.json"])["parts"] if part["title"] == title)


def test_every_word_that_is_erased_with_them_can_be_taken_with_them():
    """What is personal enough to be blanked or removed is theirs to have, but for what is no word of theirs."""
    shown = {f"{section.table}.{column}" for section in SECTIONS for column in section.fields}
    personal = {name for name, fate in policies().items() if fate in (Fate.BLANKED, Fate.REMOVED)}
    assert sorted(personal - shown - set(NOT_TAKEN)) == []
    assert sorted(set(NOT_TAKEN) & shown) == []


def test_every_heading_and_every_word_of_a_vocabulary_is_chinese():
    for section in SECTIONS:
        assert CHINESE.search(section.title)
        for column, heading in section.fields.items():
            assert CHINESE.search(heading), f"{section.table}.{column}"
            kind = Base.metadata.tables[section.table].c[column].type
            for value in kind.enums if isinstance(kind, Enum) else ():
                said = NAMES.get(f"{section.table}.{column}", {}).get(value) or SAID.get(value, value)
                assert CHINESE.search(said), f"{section.table}.{column}: {value}"


def test_each_title_is_one_sheet():
    titles = [section.title for section in SECTIONS]
    assert len(titles) == len(set(titles))
    assert all(len(title) <= 31 for title in titles)


def test_words_that_a_spreadsheet_would_compute_stay_words(own, place):
    given_everything(place)
    evil = '=HYPERLINK("http://evil.example","点我")'
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == place.person).values(note=evil)))
    for words in ("+1+1", "-2+3", "@SUM(A1)", "=1+1", "\t=1+1"):
        in_transaction(lambda words=words: notify(place.person, words, "/me"))
    book = openpyxl.load_workbook(io.BytesIO(taken(own)["我的资料.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert evil in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)


def test_workbook_and_json_say_the_same(own, place):
    given_everything(place)
    parts = taken(own)
    said = json.loads(parts["我的资料.json"])["parts"]
    book = openpyxl.load_workbook(io.BytesIO(parts["我的资料.xlsx"]))
    assert book.sheetnames == ["目录", *(part["title"] for part in said if part["rows"])]
    for part in said:
        if part["rows"]:
            heading, *rows = book[part["title"]].iter_rows(values_only=True)
            assert list(heading) == list(part["columns"].values())
            assert len(rows) == len(part["rows"])


def test_nothing_of_anybody_else_stands_in_it(own, place, make):
    """Who served beside them, whose record they looked after: neither names nor numbers. Who looked at them is told by name."""
    given_everything(place)
    beside = make.person("冼桂芳", home=place.branch, phone="13877776666")
    place.two.serve(beside, 60)

    def done() -> None:
        audit.record(place.person, "signup.removal", "signup", 1, person=beside, reason="冼桂芳身体不好")
        audit.record(place.secretary, "signup.removal", "signup", 2, person=place.person, reason="自己说不来了")
        audit.record(place.secretary, "person.edit", "person", place.person, changes={"note": ["", "会粤剧"]})

    in_transaction(done)
    parts = taken(own)
    whole = parts["我的资料.json"].decode()
    for words in ("冼桂芳", "13877776666", "身体不好", "王管理", "周组织"):
        assert words not in whole, words
    assert "会粤剧" in whole
    contents = [row["detail"] for row in rows_of(parts, "办过的事和改过的资料")]
    assert not any(re.search("[{}]|\\bperson\\b|_", words) for words in contents), contents


def test_what_a_request_wants_is_said_in_words(own, place):
    place.ask(Kind.CORRECTION, name="欧阳敏怡", gender="female", birth_date="1980-05-01")
    (row,) = rows_of(taken(own), "更正和注销的请求")
    assert row["wanted"] == "姓名：欧阳敏怡；性别：女；出生日期：1980-05-01"
    page = own.get("/me/data").text
    assert "要改成" in page
    assert "1980年5月1日" in page


def test_a_staged_row_of_a_roster_is_theirs_too(own, place):
    rosters.stage(rosters.file({"姓名": "欧阳敏仪", "手机号码": "13822223333", "备注": "夜里值班"}))
    (row,) = rows_of(taken(own), "名册导入的底稿")
    assert (row["name"], row["note"]) == ("欧阳敏仪", "夜里值班")


@pytest.fixture
def child(place, make, as_person):
    """Eleven years old, with a guardian on record and a browser of its own."""
    person = make.person("小明", home=place.branch)
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == person).values(birth_date=date(2015, 1, 1))))
    said = ("何妈妈", "13811112222", Relation.MOTHER, GivenHow.IN_PERSON, place.clerk, clock.now())
    in_transaction(lambda: people.record_guardian(person, *said))
    return with_secret(as_person(person), person)


@pytest.mark.parametrize("phone", ["", "13811112223", "何妈妈", "1381111222"])
def test_a_childs_data_goes_to_nobody_without_the_guardians_number(child, phone):
    answer = child.post("/me/data/export", data={"password": SECRET, "guardian_phone": phone})
    assert answer.status_code == 422
    assert "和记下的监护人号码不一样" in answer.text
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("phone", ["13811112222", "138 1111 2222", "+86 138-1111-2222"])
def test_with_the_guardians_number_it_does(child, phone):
    parts = taken(child, guardian_phone=phone)
    assert rows_of(parts, "监护人的同意")[0]["guardian_phone"] == "13811112222"


def test_the_number_alone_is_not_enough(child):
    answer = child.post("/me/data/export", data={"password": "wrong", "guardian_phone": "13811112222"})
    assert (answer.status_code, "密码不对" in answer.text) == (422, True)


def test_a_child_without_a_guardian_on_record_is_told_what_to_do(place, make, as_person):
    person = make.person("小明", home=place.branch)
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == person).values(birth_date=date(2015, 1, 1))))
    answer = with_secret(as_person(person), person).post("/me/data/export", data={"password": SECRET, "guardian_phone": "13811112222"})
    assert (answer.status_code, "还没有记下监护人的同意" in answer.text) == (422, True)


def deeds(place, number: int) -> None:
    """As of somebody who decides much."""
    in_transaction(lambda: [audit.record(place.person, "signup.removal", "signup", one, reason=f"第{one}次") for one in range(number)])


def test_what_somebody_did_is_read_page_by_page_and_all_of_it_is_there_in_order(own, place, monkeypatch):
    monkeypatch.setattr(told, "PAGE", 3)
    deeds(place, 10)
    with statements() as ran:
        parts = taken(own)
    rows = [row for row in rows_of(parts, "办过的事和改过的资料") if "次" in row["detail"]]
    assert [row["detail"].rsplit("第")[-1] for row in rows] == [f"{one}次" for one in range(10)]
    assert sum("audit_event.detail" in one for one in ran) >= 2 * 10 // 3


def test_a_workbook_says_where_the_rest_is(own, place, monkeypatch):
    monkeypatch.setattr(export, "MOST_ROWS", 5)
    deeds(place, 10)
    parts = taken(own)
    note, _heading, *rows = openpyxl.load_workbook(io.BytesIO(parts["我的资料.xlsx"]))["办过的事和改过的资料"].iter_rows(values_only=True)
    assert "全部在 我的资料.json 里" in note[0]
    assert len(rows) == 5
    assert len(rows_of(parts, "办过的事和改过的资料")) >= 10


def test_it_is_made_in_turn_like_other_large_files(own):
    for _ in range(turns.AT_ONCE):
        turns._places.acquire()
    try:
        answer = own.post("/me/data/export", data={"password": SECRET})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    finally:
        for _ in range(turns.AT_ONCE):
            turns._places.release()
    assert taken(own)
    assert turns._places._value == turns.AT_ONCE
