"""导出: what goes out comes in again unchanged, of every kind, with whatever names people have; who took it is written down."""

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest
from sqlalchemy import insert, select, update

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.duties.models import Post, PostTerm
from app.duties.rules import PostKind
from app.imports import service as rosters
from app.imports.planning import Verdict
from app.people import queries as people
from app.people.models import Membership, Person
from app.people.rules import Gender, MembershipKind, PlaceKind, StageKind, UnitKind
from app.people.service import close_unit, create_place, tie_place
from app.registers import exports
from app.registers.exports import EXPORTS
from app.registers.rules import RegisterKind, RowVerdict
from app.registers.scope import scope_of, whole_scope
from app.sheets import writing
from app.sheets.reading import read
from tests.conftest import statements
from tests.registers import sheet

LONG = "千灯湖创投小镇非公有制经济组织和社会组织联合党支部委员会第二十三活动小组暨志愿服务"
EVERY = [*EXPORTS]


@pytest.fixture
def town(make):
    """Two communities, awkward names, a closed branch, posts, hours of all three sources."""
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    lake = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top)
    hill = make.unit("怡海（东）社区党委", UnitKind.COMMUNITY, parent=top)
    first = make.unit("第一党支部", parent=lake)
    make.unit("第一党支部", parent=hill)
    odd = make.unit("=1+1", parent=lake)
    gone = make.unit("＠旧支部", parent=hill)
    long = make.unit(LONG, parent=hill)
    make.unit("A／B党支部", parent=lake)
    make.unit("3/4党支部", parent=lake)
    in_transaction(lambda: close_unit(gone, date(2026, 10, 1), None))
    today = clock.today()

    def places():
        street = create_place(PlaceKind.COMMUNITY, "灯湖社区", None, today, None)
        estate = create_place(PlaceKind.ESTATE, "-中海（万锦）豪园", street, today, None)
        tower = create_place(PlaceKind.BUILDING, "1/2座", estate, today, None)
        create_place(PlaceKind.STAIRWELL, "+1单元", tower, today, None)
        create_place(PlaceKind.BUILDING, "1/2座", create_place(PlaceKind.ESTATE, "海琴湾", street, today, None), today, None)
        tie_place(street, lake, today, None)
        tie_place(estate, first, today, None)
        tie_place(estate, odd, today, None)
        return tower

    tower = in_transaction(places)
    one = make.person("欧阳·买买提", home=first, phone="13800138000", stage=StageKind.MEMBER)
    two = make.person("欧阳·买买提", home=odd, phone="13900138000", stage=StageKind.ACTIVIST)
    bare = make.person("Ｍａｒｙ Lee".translate({0xFEE0 + c: c for c in range(0x21, 0x7F)}), home=long)
    note = "=HYPERLINK(退休，行动不便（需上门）)"
    values = {"note": note, "gender": Gender.FEMALE, "birth_date": date(1950, 3, 4)}
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == bare).values(values)))
    reported = {"person_id": one, "unit_id": hill, "kind": MembershipKind.REPORTED, "valid_from": date(2025, 1, 1)}
    in_transaction(lambda: db.session.execute(insert(Membership).values(reported)))
    head = make._add(
        Post, unit_id=first, place_id=tower, kind=PostKind.BUILDING_HEAD, title="=楼长（代）", seats=2, duties="", opened_on=today
    )
    make._add(Post, unit_id=odd, kind=PostKind.DUTY, title="@宣传岗", seats=1, duties="", opened_on=today)
    for person in (one, two):
        term = {"post_id": head, "person_id": person, "valid_from": date(2026, 1, 1), "due_on": date(2028, 1, 1)}
        make._add(PostTerm, **term, handover_note="", made_at=clock.now())
    clerk, boss = make.person("周敏", home=first), make.person("霍静雯", home=first)
    for person in (clerk, boss):
        make.grant(person, Role.ADMINISTRATOR, top)
        in_transaction(
            lambda person=person: db.session.execute(update(Person).where(Person.id == person).values(birth_date=date(1980, 1, person)))
        )
    past = {
        "姓名": "欧阳·买买提",
        "手机号码": "13800138000",
        "服务日期": "2024-03-05",
        "活动或内容": "=1+1，清洁",
        "时长": 7 / 60,
        "来源": "+纸质台账",
    }
    sheet.write(RegisterKind.HOURS, past, past | {"服务日期": "2024-03-06", "类别": "学习"}, by=clerk, approved_by=boss)
    old = {"项目名称": "=1+1，敬老", "负责组织": "灯湖社区党委", "开始日期": "2016-03-01", "支出": "35,880.50", "服务人次": 4200}
    others = old | {"项目名称": "楼道灯", "类别": "微创熟", "资金来源": "+街坊自筹", "结束日期": "2016-05-06"}
    sheet.write(RegisterKind.PROJECTS, old, others, by=clerk, approved_by=boss)
    return {"top": top, "lake": lake, "hill": hill, "clerk": clerk, "first": first, "one": one, "boss": boss}


def out(key, file_type):
    scope = whole_scope(clock.today())
    if file_type == "xlsx":
        return exports.sheet(EXPORTS[key], scope, None, None)
    return "".join(exports.lines(EXPORTS[key], scope, None, None)).encode()


@pytest.mark.parametrize("file_type", ["xlsx", "csv"])
@pytest.mark.parametrize("key", EVERY)
def test_what_is_exported_comes_in_again_unchanged(town, key, file_type):
    data = out(key, file_type)
    if key == "people":
        root = people.root_unit().id
        plan = rosters.plan_file(read(data, f"a.{file_type}"), root, True, clock.today())
        said = [(one.row.name, one.verdict, one.changes, one.faults) for one in plan.decisions if one.verdict is not Verdict.UNCHANGED]
        assert (said, len(plan.decisions)) == ([], 5)
    else:
        plan = sheet.plan_data(RegisterKind(key), data, f"a.{file_type}")
        said = [(one.subject, one.verdict, one.changes, one.faults) for one in plan.decisions if one.verdict is not RowVerdict.UNCHANGED]
        assert said == []
        assert len(plan.decisions) == {"units": 10, "places": 6, "posts": 3, "hours": 2, "projects": 2}[key]


def test_after_it_came_in_again_nothing_is_to_be_written(town):
    plan = sheet.plan_data(RegisterKind.HOURS, out("hours", "csv"), "a.csv", roots={town["lake"]})
    assert plan.writes == 0


def cells(data):
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]


def test_figures_are_numbers_dates_are_dates_and_nothing_is_a_formula(town):
    for key in EVERY:
        for row in cells(out(key, "xlsx"))[1:]:
            assert not [cell.value for cell in row if cell.data_type == "f"]
    heading, first, *_ = cells(out("hours", "xlsx"))
    row = dict(zip((cell.value for cell in heading), (cell.value for cell in first), strict=True))
    assert row["时长"] == 0.12, "two decimals, and seven minutes when it is read again"
    assert row["服务日期"] == datetime(2024, 3, 5)  # noqa: DTZ001
    assert (row["手机号码"], row["时数类别"], row["来源"]) == ("13800138000", "荣誉时数", "+纸质台账")


def test_csv_has_a_byte_order_mark_and_no_cell_that_computes(town):
    for key in EVERY:
        data = out(key, "csv")
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@")]


def test_a_secretary_takes_out_their_own_subtree_only(make, town, as_person):
    secretary = make.person("书记")
    make.grant(secretary, Role.SECRETARY, town["lake"])
    browser = as_person(secretary)
    text = {key: browser.get(f"/exports/{key}.csv").text for key in EVERY}
    assert "欧阳·买买提" in text["people"]
    assert "Mary Lee" not in text["people"]
    assert "怡海（东）社区党委,社区党委" not in text["units"]
    assert "'=1+1" in text["units"]
    assert "海琴湾" in text["places"]
    assert "=楼长" in text["posts"]
    assert "清洁" in text["hours"]
    other = make.person("别处")
    make.grant(other, Role.SECRETARY, town["hill"])
    elsewhere = {key: as_person(other).get(f"/exports/{key}.csv").text for key in EVERY}
    assert "欧阳·买买提" not in elsewhere["people"]
    assert [len(elsewhere[key].splitlines()) for key in ("places", "posts", "hours")] == [1, 1, 1]


def test_an_export_is_written_down_who_what_how_many(town, as_person):
    browser = as_person(town["clerk"])
    browser.get("/exports/people.xlsx")
    browser.get("/exports/hours.csv?year=2024").get_data()
    rows = select(AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.detail).where(AuditEvent.action == "register.export")
    assert [tuple(row) for row in db.session.execute(rows.order_by(AuditEvent.id))] == [
        (town["clerk"], town["top"], {"what": "people", "file": "xlsx", "year": None, "rows": 5}),
        (town["clerk"], town["top"], {"what": "hours", "file": "csv", "year": 2024, "rows": 2}),
    ]


def test_hours_of_a_year(town, as_person):
    browser = as_person(town["clerk"])
    assert len(browser.get("/exports/hours.csv?year=2023").text.splitlines()) == 1
    assert browser.get("/exports/hours.csv?year=1900").status_code == 404


def test_what_is_too_large_for_a_sheet_is_said(town, as_person, monkeypatch):
    monkeypatch.setattr(writing, "MOST_IN_A_SHEET", 3)
    browser = as_person(town["clerk"])
    answer = browser.get("/exports/people.xlsx", follow_redirects=True)
    assert "请改下 csv" in answer.text


@pytest.mark.parametrize("key", EVERY)
def test_an_export_asks_as_much_for_many_as_for_few(make, town, key):
    def asked():
        with statements() as sent:
            out(key, "csv")
        return len(sent)

    before = asked()
    for number in range(6):
        make.unit(f"新{number}支部", parent=town["lake"])
        make.person(f"新人{'甲乙丙丁戊己'[number]}", home=town["first"], phone=f"1370000000{number}")
        make._add(Post, unit_id=town["first"], kind=PostKind.DUTY, title=f"岗{number}", seats=1, duties="", opened_on=clock.today())
    assert asked() == before


def test_the_page_of_exports(town, as_person):
    page = as_person(town["clerk"]).get("/exports").text
    for key in EVERY:
        assert f"/exports/{key}.csv" in page


def test_scope_of_nothing_is_nothing(town):
    scope = scope_of(set(), clock.today())
    assert all(list(one.listing(scope, None).rows) == [] for one in EXPORTS.values())


def test_who_may_not_edit_people_gets_masked_phones_and_years(make, town, as_person):
    auditor, secretary = make.person("审计"), make.person("书记")
    make.grant(auditor, Role.AUDITOR, town["top"])
    make.grant(secretary, Role.SECRETARY, town["lake"])
    browser = as_person(auditor)
    note, *rows = cells(browser.get("/exports/people.xlsx").data)
    assert "这份表不能再导入" in note[0].value
    assert {row[3].value for row in rows[1:]} >= {"138****8000", "139****8000"}
    assert {row[2].value for row in rows[1:]} == {None, "1950 年", "1980 年"}
    assert "13800138000" not in browser.get("/exports/people.csv").text + browser.get("/exports/hours.csv").text
    whole = as_person(secretary).get("/exports/people.csv").text
    assert "13800138000" in whole
    assert "1980-01-" in whole
