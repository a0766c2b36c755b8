"""/units, /places and /manage: what is shown to whom, and changing the trees by forms."""

from datetime import date

import pytest
from sqlalchemy import insert, select

from app.audit.models import AuditEvent
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people import service
from app.people.models import Membership, Place, PlaceUnit, Unit
from app.people.rules import MembershipKind, PlaceKind, UnitKind
from tests.conftest import statements
from tests.people.town import BEGAN, MARCH, TODAY, close, create, move, names, rename

sqlite_only = True


@pytest.fixture
def admin(town, make, as_person):
    person = make.person("冼柏豪", home=town["branch"])
    make.grant(person, Role.ADMINISTRATOR, town["root"])
    return as_person(person)


@pytest.fixture
def secretary(town, make, as_person):
    person = make.person("霍静雯", home=town["branch"])
    make.grant(person, Role.SECRETARY, town["branch"])
    return as_person(person)


def test_the_tree_begins_with_the_subdistrict_and_counts_everybody_below(admin, town, make):
    make.person(home=town["groups"][0])
    page = admin.get("/units").text
    assert "灯湖社区党委" in page
    assert "2 人·下面 1 个" in page
    assert "第一党小组" not in page  # opened on demand
    inside = admin.get(f"/units/{town['branch']}", headers={"HX-Request": "true"}).text
    assert "第一党小组" in inside
    assert "<html" not in inside


def test_a_secretary_sees_the_own_subtree_and_nothing_beside_it(secretary, town):
    page = secretary.get("/units").text
    assert "锦园第一党支部" in page
    assert "桂南社区党委" not in page
    assert secretary.get(f"/units/{town['groups'][0]}").status_code == 200
    assert secretary.get(f"/units/{town['south']}").status_code == 404
    assert "没有找到" in secretary.get("/units?q=桂南").text
    assert "改动" not in secretary.get(f"/units/{town['branch']}").text
    assert secretary.get(f"/units/{town['branch']}/name/form").status_code == 404


def test_a_volunteer_finds_neither_tree_but_an_empty_list_of_what_to_manage(town, make, as_person):
    browser = as_person(make.person("何嘉怡", home=town["branch"]))
    assert [browser.get(path).status_code for path in ("/units", "/places")] == [404, 404]
    assert "没有要您管的事" in browser.get("/manage").text


def test_everybody_with_a_role_finds_what_it_lets_them_manage(admin, secretary):
    assert "开通" in admin.get("/manage").text
    assert "开通" not in secretary.get("/manage").text
    for browser in (admin, secretary):
        assert "/units" in browser.get("/manage").text
        assert "/manage" in browser.get("/me").text


def test_the_page_of_a_unit_tells_its_history_in_plain_words(admin, town):
    rename(town["branch"], "锦园苑党支部", MARCH)
    move(town["branch"], town["south"], date(2026, 4, 1))
    page = admin.get(f"/units/{town['branch']}").text
    told = ["从灯湖社区党委转到桂南社区党委", "“锦园第一党支部”改名为“锦园苑党支部”", "成立，属于灯湖社区党委"]
    assert [page.index(words) for words in told] == sorted(page.index(words) for words in told)
    then = admin.get(f"/units/{town['branch']}?on=2026-02-01").text
    assert "2026年2月1日，属于<b>桂城街道党工委</b>、<b>灯湖社区党委</b>，叫“锦园第一党支部”" in then
    assert "还没到那一天" in admin.get(f"/units/{town['branch']}?on=2027-01-01").text
    assert "2026-03-01 这样" in admin.get(f"/units/{town['branch']}?on=spring").text


def test_a_unit_is_found_by_a_part_of_its_name_and_by_an_earlier_name(admin, town):
    rename(town["branch"], "锦苑党支部")
    for words in ("锦苑", "锦园第一"):
        assert "锦苑党支部" in admin.get(f"/units?q={words}").text
    assert "没有找到" in admin.get("/units?q=%25").text


def test_an_administrator_creates_renames_moves_and_closes_by_forms(admin, town):
    made = admin.post(f"/units/{town['lake']}/children", data={"kind": "branch", "name": "锦园第三党支部", "opened_on": "2026-03-01"})
    assert made.status_code == 303
    unit = db.session.scalars(select(Unit.id).where(Unit.name == "锦园第三党支部")).one()
    assert admin.post(f"/units/{unit}/name", data={"name": "锦园湖畔党支部"}).status_code == 303
    assert admin.post(f"/units/{unit}/parent", data={"parent": town["south"], "on": "2026-11-01"}).status_code == 303
    assert names(unit, date(2026, 10, 31))[1] == "灯湖社区党委"
    assert names(unit, TODAY) == ["桂城街道党工委", "桂南社区党委", "锦园湖畔党支部"]
    assert admin.post(f"/units/{unit}/closing").status_code == 303
    page = admin.get(f"/units/{unit}")
    assert page.status_code == 200
    assert "2026年11月21日撤销" in page.text
    assert admin.post(f"/units/{unit}/name", data={"name": "又一个"}).status_code == 422


@pytest.mark.parametrize(
    ("page", "data", "words"),
    [
        ("children", {"kind": "group", "name": "小组", "opened_on": "2026-11-21"}, "请选择类别"),
        ("children", {"kind": "branch", "name": "", "opened_on": "2026-11-21"}, "请填写名称"),
        ("children", {"kind": "branch", "name": "锦园第一党支部", "opened_on": "2026-11-21"}, "这里已经有“锦园第一党支部”了"),
        ("children", {"kind": "branch", "name": "新支部", "opened_on": "2026-11-22"}, "不能写今天以后的日子"),
        ("children", {"kind": "branch", "name": "新支部", "opened_on": "2019-01-01"}, "日子不能写得更早"),
        ("name", {"name": ""}, "请填写名称"),
        ("name", {"name": "桂南社区党委"}, "这里已经有“桂南社区党委”了"),
        ("parent", {"parent": "", "on": "2026-11-21"}, "请选择移到哪里"),
        ("parent", {"parent": "999999", "on": "2026-11-21"}, "请选择移到哪里"),
        ("closing", {}, "下面还有 1 个组织"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_what_was_typed_stays(admin, town, page, data, words):
    answer = admin.post(f"/units/{town['lake']}/{page}", data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert data.get("name", "") in answer.text


def test_a_subtree_is_not_moved_below_itself_by_a_form_left_open(admin, town):
    team = create(UnitKind.TEAM, "服务队", town["lake"])
    part = create(UnitKind.TEAM, "第一分队", team)
    answer = admin.post(f"/units/{team}/parent", data={"parent": part, "on": "2026-11-21"})
    assert answer.status_code == 422
    assert "不能反过来" in answer.text


def test_what_other_features_still_have_there_stands_in_the_way_of_closing(admin, town, make):
    organiser = make.person(home=town["branch"])
    make.grant(organiser, Role.ORGANISER, town["south"])
    make.activity(town["south"], organiser)
    page = admin.get(f"/units/{town['south']}/closing").text
    assert "还有 1 个职责是给这里的" in page
    assert "还有 1 场活动没收场" in page
    assert "从今天起</button>" not in page
    assert admin.post(f"/units/{town['south']}/closing").status_code == 422


def test_the_page_of_a_unit_leads_to_what_else_is_known_of_it(admin, secretary, town):
    def leads(browser, unit):
        page = browser.get(f"/units/{unit}").text
        return [words for words in ("/people?unit=", "/branch?unit=", "/duties?unit=", "/cards/units/") if words in page]

    assert leads(admin, town["lake"]) == ["/people?unit=", "/duties?unit=", "/cards/units/"]
    assert leads(secretary, town["branch"]) == ["/people?unit=", "/branch?unit=", "/duties?unit=", "/cards/units/"]
    for address in (f"/people?unit={town['lake']}", f"/duties?unit={town['lake']}", f"/cards/units/{town['lake']}"):
        assert admin.get(address).status_code == 200


def test_places_are_registered_and_tied_by_forms(admin, secretary, town):
    assert "还没有登记地点" in secretary.get("/places").text
    admin.post("/places", data={"kind": "community", "name": "灯湖社区", "opened_on": "2020-01-01"})
    community = db.session.scalars(select(Place.id)).one()
    assert "小区" in admin.get(f"/places/{community}/children/new").text
    admin.post(f"/places/{community}/children", data={"kind": "estate", "name": "中海万锦豪园", "opened_on": "2020-01-01"})
    estate = db.session.scalars(select(Place.id).where(Place.kind == PlaceKind.ESTATE)).one()
    assert secretary.get(f"/places/{estate}").status_code == 404
    assert admin.post(f"/units/{town['branch']}/places", data={"place": estate}).status_code == 303
    assert "中海万锦豪园" in secretary.get("/places").text
    assert "锦园第一党支部" in secretary.get(f"/places/{estate}").text
    assert admin.post(f"/units/{town['branch']}/places", data={"place": community}).status_code == 422
    assert admin.post(f"/units/{town['branch']}/places/{estate}/end").status_code == 303
    assert db.session.scalars(select(PlaceUnit.valid_to)).one() == TODAY
    assert secretary.post("/places", data={"kind": "community", "name": "自己的社区", "opened_on": "2020-01-01"}).status_code == 404
    admin.post(f"/places/{estate}/name", data={"name": "万锦豪园"})
    assert admin.post(f"/places/{community}/closing").status_code == 422
    assert admin.post(f"/places/{estate}/closing").status_code == 303


def test_the_pages_stay_light_and_ask_as_many_questions_with_600_branches_as_with_one(admin, town, make):
    pages = ("/units", f"/units/{town['root']}", f"/units/{town['south']}", "/units?q=支部", "/places", "/manage")

    def counted():
        counts = []
        for page in pages:
            with statements() as sent:
                assert admin.get(page).status_code == 200
            counts.append(len(sent))
        return counts

    before = counted()

    def grow():
        for number in range(600):
            parent = town["south"] if number % 2 else town["root"]
            unit = service.create_unit(UnitKind.BRANCH, f"第{number}党支部", parent, BEGAN, None)
            person = {"person_id": 1, "unit_id": unit, "kind": MembershipKind.TEAM, "valid_from": BEGAN}
            db.session.execute(insert(Membership).values(person))

    in_transaction(grow)
    assert counted() == before
    assert max(before) < 32  # what waits for an administrator is counted on every page: a statement for each kind of thing
    page = admin.get("/units")
    assert len(page.data) < 60_000
    assert f"/units?under={town['root']}&amp;kind=branch" in page.text
    assert "下一页" in admin.get(f"/units?under={town['root']}&kind=branch").text


def test_what_is_closed_is_found_again_by_either_name_by_who_saw_it_before(admin, secretary, town, make, as_person):
    group = town["groups"][1]
    rename(group, "银杏党小组", MARCH)
    close(group)
    for words in ("银杏", "第二党"):
        for browser in (admin, secretary):
            page = browser.get(f"/units?q={words}").text
            assert "银杏党小组" in page
            assert "已撤销" in page
    assert secretary.get(f"/units/{group}").status_code == 200
    other = make.person("梁凤珍", home=town["south"])
    make.grant(other, Role.SECRETARY, town["south"])
    assert "银杏党小组" not in as_person(other).get("/units?q=银杏").text
    assert "银杏党小组" not in admin.get("/units?kind=group").text, "a list of what stands"


def test_a_place_that_is_closed_is_found_again(admin, secretary, town):
    community = in_transaction(lambda: service.create_place(PlaceKind.COMMUNITY, "灯湖社区", None, BEGAN, None))
    estate = in_transaction(lambda: service.create_place(PlaceKind.ESTATE, "怡翠花园", community, BEGAN, None))
    in_transaction(lambda: service.tie_place(estate, town["branch"], BEGAN, None))
    in_transaction(lambda: service.close_place(estate, TODAY, None))
    for browser in (admin, secretary):
        page = browser.get("/places?q=怡翠").text
        assert "怡翠花园" in page
        assert "已停用" in page


def test_two_names_of_one_day_are_both_told_and_found(admin, town):
    rename(town["branch"], "锦园苑党支部")
    rename(town["branch"], "锦苑党支部")
    assert "锦苑党支部" in admin.get("/units?q=锦园苑").text
    page = admin.get(f"/units/{town['branch']}").text
    told = ["“锦园苑党支部”改名为“锦苑党支部”", "“锦园第一党支部”改名为“锦园苑党支部”"]
    assert [page.index(words) for words in told] == sorted(page.index(words) for words in told)


def test_a_renaming_has_a_day_of_its_own_and_no_earlier_than_the_name_before(admin, town):
    where = f"/units/{town['branch']}"
    said = admin.post(f"{where}/name", data={"name": "锦园苑党支部", "on": "2026-03-01"}, follow_redirects=True)
    assert "从2026年3月1日起叫“锦园苑党支部”" in said.text
    assert [names(town["branch"], day)[-1] for day in (date(2026, 2, 28), MARCH)] == ["锦园第一党支部", "锦园苑党支部"]
    for day, words in (("2026-02-01", "日子最早写这一天"), ("2026-12-01", "不能写今天以后的日子")):
        refused = admin.post(f"{where}/name", data={"name": "又一个名字", "on": day})
        assert (refused.status_code, words in refused.text, "又一个名字" in refused.text) == (422, True, True)


def test_a_name_that_was_written_wrongly_leaves_no_trace_in_the_history(admin, town):
    branch = town["branch"]
    admin.post(f"/units/{branch}/name", data={"name": "锦圆苑党支部", "on": "2026-03-01"})
    right = {"right": "锦园苑党支部", "since": "2026-02-01"}
    assert admin.post(f"/units/{branch}/name/correction", data=right).status_code == 303
    page = admin.get(f"/units/{branch}").text
    assert "改名为“锦圆苑" not in page
    assert "“锦园第一党支部”改名为“锦园苑党支部”" in page
    assert [names(branch, day)[-1] for day in (date(2026, 1, 31), date(2026, 2, 1))] == ["锦园第一党支部", "锦园苑党支部"]
    early = admin.post(f"/units/{branch}/name/correction", data={"right": "锦园苑党支部", "since": "2019-01-01"})
    assert early.status_code == 422
    assert 'id="f-since-e"' in early.text


def test_a_renaming_that_never_was_is_taken_back_and_audited(admin, town):
    branch = town["branch"]
    rename(branch, "锦苑党支部", MARCH)
    assert admin.post(f"/units/{branch}/name/correction", data={"right": "锦园第一党支部"}).status_code == 303
    page = admin.get(f"/units/{branch}").text
    assert "改名为" not in page
    assert names(branch, TODAY)[-1] == "锦园第一党支部"
    (detail,) = db.session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "unit.name_correction"))
    assert (detail["before"], detail["after"]) == ("锦苑党支部", "锦园第一党支部")
    assert admin.post(f"/units/{branch}/name/correction", data={"right": "锦园第壹党支部"}).status_code == 303
    assert names(branch, BEGAN)[-1] == "锦园第壹党支部", "never renamed: it was always called so"


@pytest.mark.parametrize("name", ["<b>x</b>", "锦园党支部🏮", "……", "12345"])
def test_a_name_is_made_of_letters(admin, town, name):
    for path, field in (("name", "name"), ("name/correction", "right")):
        refused = admin.post(f"/units/{town['branch']}/{path}", data={field: name})
        assert refused.status_code == 422
        assert f'id="f-{field}-e"' in refused.text
    new = {"kind": "group", "name": name, "opened_on": "2026-03-01"}
    assert admin.post(f"/units/{town['branch']}/children", data=new).status_code == 422


@pytest.mark.parametrize("name", ["万科·金域蓝湾（二期）党支部", "3M公司党支部", "一、二号楼党小组", "A-1栋党小组"])
def test_names_with_the_usual_signs_are_names(admin, town, name):
    assert admin.post(f"/units/{town['branch']}/name", data={"name": name}).status_code == 303


def test_moving_to_where_it_is_says_so(admin, town):
    refused = admin.post(f"/units/{town['branch']}/parent", data={"parent": town["lake"], "on": "2026-11-21"})
    assert refused.status_code == 422
    assert "它现在就在“灯湖社区党委”下面" in refused.text


def test_a_move_that_was_undone_the_same_day_is_no_move(admin, town):
    move(town["branch"], town["south"])
    move(town["branch"], town["lake"])
    assert "从灯湖社区党委转到灯湖社区党委" not in admin.get(f"/units/{town['branch']}").text


def test_the_form_of_what_was_closed_meanwhile_says_so_and_keeps_what_was_typed(admin, town):
    close(town["groups"][0])
    answer = admin.post(f"/units/{town['groups'][0]}/name", data={"name": "银杏党小组"})
    assert answer.status_code == 422
    assert "已经撤销，不能再改" in answer.text
    assert 'value="银杏党小组"' in answer.text


def test_a_new_unit_has_no_kind_until_somebody_chooses_one(admin, town):
    form = admin.get(f"/units/{town['lake']}/children/new").text.split("<form")[1]
    assert "checked" not in form
    assert form.count(" required") >= 2
