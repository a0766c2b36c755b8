"""Numbers of identity documents are kept nowhere: not from a roster or a register, in whatever column they stand, nor beside it."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db
from app.core.permissions import Role
from app.imports import corrections, status
from app.people.models import Person, Unit
from app.people.naming import without_id_number
from app.people.rules import UnitKind
from app.registers import running
from app.registers.rules import RegisterKind
from app.sheets.reading import read
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
