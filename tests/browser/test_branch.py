"""我的支部: the secretary's page on a phone and at a desk, one member, the sheet, and the names of a 组织生活 approved by another."""

from datetime import time, timedelta

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from app.activities.rules import ActivityKind
from app.core import clock
from app.people.rules import StageKind

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


@pytest.fixture
def meeting(town):
    """Yesterday evening; its list may be confirmed now."""
    activity = town.make.activity(town.branch, town.secretary, title="十一月组织生活会", kind=ActivityKind.PARTY_LIFE)
    town.make.shift(activity, clock.at_local(clock.today() - timedelta(days=1), time(19)), 2, name="全程")
    return activity


def test_the_secretary_sees_all_members_on_a_phone_and_at_a_desk(town, phones):
    activist = town.resident("林月娥", stage=StageKind.ACTIVIST)
    festival = town.festival()
    town.came_an_hour_ago(festival, activist)
    phone = phones(town.secretary).open("/branch")
    phone.title("我的支部")
    phone.sees("林月娥", "党员积分", "陈志明", "双50")
    phone.check()
    desk = phones(town.secretary, desk=True).open("/branch")
    desk.title("我的支部")
    expect(desk.page.get_by_role("columnheader", name="为什么")).to_be_visible()
    desk.sees("底分", "不参加考核")
    desk.check(narrow=False)

    phone.follows("林月娥")
    phone.title("林月娥")
    phone.sees("入党积极分子", "双50小时", "您的这次查看已记录")
    phone.check()


def test_the_sheet_opens_in_excel_with_every_member(town, phones, tmp_path):
    desk = phones(town.secretary, desk=True).open("/branch")
    with desk.page.expect_download() as started:
        desk.follows("导出")
    started.value.save_as(tmp_path / "branch.xlsx")
    rows = list(load_workbook(tmp_path / "branch.xlsx").active.iter_rows(values_only=True))
    heading = next(row for row in rows if "姓名" in row)
    names = {row[heading.index("姓名")] for row in rows[rows.index(heading) + 1 :]}
    assert {"陈志明", "李秀英", "李丽华"} <= names
    assert {"扫码时长", "补录时长", "党员积分", "为什么"} <= set(heading)


def test_names_are_ticked_once_and_a_deputy_confirms_the_list_in_one_tap(town, meeting, phones):
    for nth in range(20):
        town.make.person(f"何家{'一二三四五六七八九十'[nth % 10]}{'明英'[nth // 10]}", home=town.branch, stage=StageKind.MEMBER)
    deputy = phones(town.deputy)
    secretary = phones(town.secretary).open(f"/activities/{meeting}/naming")
    secretary.title("十一月组织生活会")
    secretary.follows("全勾")
    secretary.page.get_by_label("张文辉").uncheck()  # the deputy confirms, so not on the list
    secretary.page.get_by_label("找人").fill("家十")
    expect(secretary.page.get_by_label("何家十明")).to_be_visible()
    expect(secretary.page.get_by_label("陈志明")).to_be_hidden()
    secretary.page.get_by_label("找人").fill("")
    secretary.check()
    secretary.taps("报上去")
    secretary.sees("已报上去，27 位")
    secretary.check()

    deputy.open("/work")
    deputy.title("待我处理")
    deputy.sees("十一月组织生活会，27 位", "李丽华")
    deputy.check()
    deputy.taps("确认")
    deputy.sees("已确认 27 位，都记上了")
    expect(deputy.page.get_by_text("十一月组织生活会，27 位")).to_be_hidden()
    deputy.check()
    secretary.page.reload()
    secretary.sees("已确认", "记上 27 位")
