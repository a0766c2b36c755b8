"""Numbers of identity documents are kept nowhere: not from a roster or a register, in whatever column they stand, nor beside it."""

import io
from datetime import date

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from app.activities.forms import blank
from app.bank.reading import read_statement
from app.core import clock
from app.core.db import db
from app.core.identity import without_id_number
from app.core.permissions import Role
from app.imports import corrections, status
from app.people.models import Person, Unit
from app.people.rules import UnitKind
from app.registers import running
from app.registers.rules import RegisterKind
from app.sheets.reading import read
from app.webkit.files import upload
from tests.imports import sheet as rosters
from tests.registers import sheet as registers
from tests.rights.conftest import everywhere

NUMBER = "440682198005010028"
WITH_X = "44068219800501003X"
WIDE = "４４０６８２１９８００５０１００２８"
OLD = "440682800501002"
FORMS = (NUMBER, int(NUMBER), WITH_X, WITH_X.lower(), WIDE, "440682 19800501 0028", OLD)


@pytest.fixture
def clerk(make, as_person):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    person = make.person("周敏", phone="13800000004")
    make.grant(person, Role.ADMINISTRATOR, top)
    return as_person(person)


def kept(app) -> dict[str, int]:
    """Where a number stands in the database, or in a file of the data folder."""
    found = {}
    for number in (NUMBER, WITH_X, WITH_X.lower(), WIDE, "440682 19800501 0028", OLD):
        found |= everywhere(number)
        for file in app.config["SETTINGS"].uploads_dir.rglob("*"):
            if file.is_file() and number.encode() in file.read_bytes():
                found[str(file)] = 1
    return found


@pytest.mark.parametrize("column", ["身份证号", "证件", "备注", "姓名", "手机号码", "性别", "所属党支部", "政治面貌", "出生日期"])
def test_a_roster_with_them_in_any_column_leaves_none_behind(app, clerk, column):
    heading = (*rosters.HEADING, *([] if column in rosters.HEADING else [column]))
    rows = [{"姓名": f"何嘉{'怡敏仪欣文丽芳'[n]}", "手机号码": f"1380013800{n}", column: form} for n, form in enumerate(FORMS)]
    refused = [{"姓名": "李大文", "手机号码": "1380", column: form} for form in FORMS]
    data = rosters.file(*rows, *refused, heading=heading, title=f"花名册 {NUMBER}" if column == "证件" else "花名册")
    sent = clerk.post("/imports", data={"file": (io.BytesIO(data), "名册.xlsx")}, content_type="multipart/form-data")
    assert sent.status_code == 303
    assert kept(app) == {}
    assert clerk.get(sent.location).status_code == 200
    clerk.post(f"{sent.location}/application", data={"make_units": "1"})
    assert kept(app) == {}
    assert "身份证号没有记下" not in " ".join([*db.session.scalars(select(Person.name)), *db.session.scalars(select(Unit.name))])
    batch_id = int(sent.location.rsplit("/", 1)[-1])
    back = read(corrections.refused(status.batch(batch_id)), "退回.xlsx")
    told = " ".join(str(cell) for one in back for row in one.rows for cell in row)
    assert not any(str(form) in told for form in FORMS)


@pytest.mark.parametrize("column", ["做了什么", "姓名", "依据"])
def test_a_register_of_past_hours_leaves_none_behind(app, make, column):
    branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    make.person("何嘉怡", home=branch, phone="13800138000")
    titles = [one.title for one in registers.COLUMNS[RegisterKind.HOURS]]
    place = column if column in titles else titles[-1]
    whole = {"姓名": "何嘉怡", "手机号码": "13800138000"}
    row = {title: value for title, value in whole.items() if title in titles} | {place: f"来源 {NUMBER}"}
    found = registers.plan(RegisterKind.HOURS, row, row | {place: WITH_X})
    running.stage(found, registers.whole_scope(clock.today()).root_id, "a.xlsx", None, clock.now())
    assert kept(app) == {}


def test_long_numbers_of_vouchers_stay_in_registers():
    assert without_id_number("凭证 202611220000123456", dated=True) == "凭证 202611220000123456"
    assert without_id_number(f"证件 {NUMBER}", dated=True) == "证件 （身份证号没有记下）"


def test_what_is_sent_by_hand_is_refused_and_not_kept(app, clerk, make):
    from app.people import queries as people

    person = make.person("何嘉怡", home=people.root_unit().id, phone="13800138000")
    for address, form in (
        (f"/people/{person}/rights", {"kind": "erasure", "shown": "yes", "words": f"身份证 {NUMBER}"}),
        (f"/people/{person}/rights", {"kind": "correction", "shown": "yes", "name": "何嘉仪", "words": WITH_X}),
        ("/me/data/correction", {"name": "周敏仪", "words": f"证号{NUMBER}"}),
    ):
        answer = clerk.post(address, data=form)
        assert answer.status_code == 422
        assert "证件号码" in answer.text
    db.session.expire_all()
    assert kept(app) == {}
    assert date(2026, 11, 21) == clock.today()


WORDS = ("title", "place", "description", "risk_note", "insurance_note", "gives_training", "asks_training", "s0-name", "s0-positions")


@pytest.mark.parametrize("field", WORDS)
def test_words_of_an_activity_are_refused_and_stay_in_the_form(app, clerk, make, field):
    unit = make.unit("灯湖社区党委", UnitKind.COMMUNITY, db.session.scalar(select(Unit.id)))
    typed = blank(unit) | {"title": "清扫", "day": "2026-11-22", "place": "灯湖", "description": "带水", "code_way": "poster"}
    typed |= {"s0-name": "上午", "s0-start": "09:00", "s0-end": "11:00", "do": "draft"}
    value = f"{NUMBER[:6]} {NUMBER[6:]} 2" if field == "s0-positions" else f"请何嘉怡 {NUMBER}"
    answer = clerk.post("/activities", data=typed | {field: value})
    assert answer.status_code == 422
    assert "里有身份证号" in answer.text
    assert value in answer.text
    assert kept(app) == {}
    assert clerk.post("/activities", data=typed).status_code == 303


def test_a_bank_s_table_leaves_none_behind():
    heading = "交易日期,借方发生额,贷方发生额,余额,对方户名,交易流水号,摘要"
    table = f"{heading}\n2026-11-20,,10.00,10.00,何嘉怡{NUMBER},{'6' * 18},捐款 440682 19800501 0028"
    found = read_statement(read(table.encode(), "流水.csv"))
    (row,) = found.rows
    assert (row.party, row.memo, row.reference) == ("何嘉怡（身份证号没有记下）", "捐款（身份证号没有记下）", "6" * 18)
    assert NUMBER not in str(row.cells)


def test_the_name_of_a_file_leaves_none_behind():
    sent = MultiDict({"file": FileStorage(io.BytesIO(b"x"), filename=f"何嘉怡{NUMBER}.xlsx")})
    assert upload(ImmutableMultiDict(sent), 10, called="名册", missing="请选一个文件").name == "何嘉怡（身份证号没有记下）.xlsx"
