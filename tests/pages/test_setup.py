"""/setup: the first day of a new site."""

import pytest

from app.core.permissions import Role
from app.pages.setup_queries import UNNAMED, progress
from app.pages.setup_rules import Community, read_units
from app.people.rules import UnitKind


@pytest.fixture
def admin(make, as_person):
    """The administrator of a site that has nothing but a nameless subdistrict."""
    person = make.person("区美玲")
    make.grant(person, Role.ADMINISTRATOR, make.unit(UNNAMED, UnitKind.SUBDISTRICT))
    return as_person(person)


def test_a_new_site_shows_four_steps_and_none_done(admin):
    page = admin.get("/setup").text
    assert page.count("还没有</span>") == 4
    assert page.count("btn-main") == 1, "one red button: the next step"


def test_the_subdistrict_gets_its_name(admin):
    assert admin.post("/setup/name", data={"name": "桂城街道党工委"}).status_code == 303
    assert progress().root.name == "桂城街道党工委"
    assert progress().named
    refused = admin.post("/setup/name", data={"name": " "})
    assert refused.status_code == 422
    assert "请填写街道的名字" in refused.text


def test_communities_and_branches_are_built_once(admin):
    lines = "灯湖社区：锦园第一党支部、锦园第二党支部\n平洲社区"
    assert admin.post("/setup/units", data={"units": lines}).status_code == 303
    assert (progress().communities, progress().branches) == (2, 2)
    admin.post("/setup/units", data={"units": "灯湖社区：锦园第二党支部，锦园第三党支部"})
    assert (progress().communities, progress().branches) == (2, 3)
    assert "锦园第一党支部、锦园第二党支部、锦园第三党支部" in admin.get("/setup").text


def test_a_line_that_can_not_be_read_is_named_and_everything_is_kept(admin):
    refused = admin.post("/setup/units", data={"units": "灯湖社区：第一党支部\n：第二党支部"})
    assert refused.status_code == 422
    assert "第 2 行冒号前面要写社区的名字" in refused.text
    assert "灯湖社区：第一党支部" in refused.text
    assert progress().communities == 0


def test_nobody_else_sees_it(as_person, make):
    unit = make.unit(UNNAMED, UnitKind.SUBDISTRICT)
    secretary = make.person()
    make.grant(secretary, Role.SECRETARY, unit)
    assert as_person(secretary).get("/setup").status_code == 404
    below = make.person()
    make.grant(below, Role.ADMINISTRATOR, make.unit(parent=unit))
    assert as_person(below).get("/setup").status_code == 404


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("灯湖社区", [Community("灯湖社区", ())]),
        ("灯湖社区:一、二;三,四", [Community("灯湖社区", ("一", "二", "三", "四"))]),
        ("灯湖社区:一、一\n\n灯湖社区:二", [Community("灯湖社区", ("一", "二"))]),
    ],
)
def test_lines_are_read_as_people_write_them(text, plan):
    assert read_units(text) == (plan, None)


@pytest.mark.parametrize("text", ["", "\n\n", ":一", "甲:乙:丙", "社" * 81, "\n".join(f"社区{n}" for n in range(301))])
def test_what_can_not_be_read_says_why(text):
    plan, fault = read_units(text)
    assert plan == []
    assert fault


def test_the_home_page_names_what_is_still_missing_to_the_administrator_only(admin, as_person, make):
    assert "街道的名字、社区和支部、名册、第一场活动" in admin.get("/").text
    assert "还差几步" not in as_person(make.person()).get("/").text
