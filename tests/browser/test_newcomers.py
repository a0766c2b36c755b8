"""People whom the site does not know yet: 我来服务 is written down and counts once somebody confirms it; 我来逛逛 stores nobody."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from app.activities.rules import CodeWay
from app.checkin import service as checkin
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import in_transaction

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


@pytest.fixture
def festival(town):
    return town.festival(way=CodeWay.POSTER)


def test_a_newcomer_is_written_down_confirmed_at_the_console_and_counted(town, festival, phones):
    then = clock.now() - timedelta(minutes=65)
    shown = ShownCode(uuid4(), festival, Way.POSTER, then)
    in_transaction(lambda: checkin.take_in(shown, "冼伟文", town.phone(), then, "a phone"))

    phone = phones().open(f"/c/{town.code(festival)}")
    phone.follows("我来服务")
    phone.title("怎么称呼您")
    phone.check()
    phone.taps("记下，我来服务")
    phone.sees("有 2 处要改", "您填的内容都还在")
    expect(phone.page.locator("#faults")).to_be_focused()
    phone.forgive(422)
    phone.check()
    phone.fill(name="区慧敏", phone="137 0000 8888")
    phone.taps("记下，我来服务")
    phone.title("已记下")
    phone.sees("等工作人员核实", "从", "再扫同一个码签退")
    phone.check()

    organiser = phones(town.organiser).open(f"/activities/{festival}/door")
    organiser.sees("新来的，等您核实", "区慧敏", "尾号 8888", "冼伟文")
    organiser.check()
    organiser.taps("核实勾上的")
    organiser.sees("已核实 2 位，时长从他们扫码时算起")
    organiser.follows("全体签退")
    organiser.title("全体签退（2 人未签退）")
    organiser.sees("所以记为补录时长")
    organiser.check()
    organiser.taps("全体签退")
    organiser.sees("已为 2 位签退，共记 1 小时")
    organiser.follows("收场小结")
    organiser.sees("班次还没结束")
    organiser.check(looks=("", "dark"))


def test_an_activity_that_is_over_is_closed_with_the_people_it_served(town, phones):
    activity = town.make.activity(town.community, town.organiser, title="楼道清洁日")
    town.make.shift(activity, clock.at_local(clock.today() - timedelta(days=1), time(9)), 2)
    organiser = phones(town.organiser).open(f"/activities/{activity}/closing")
    organiser.check()
    organiser.taps("收场")
    organiser.sees("请填写服务人次")
    organiser.forgive(422)
    organiser.fill(served="180")
    organiser.taps("收场")
    organiser.title("楼道清洁日，办成了")
    organiser.sees("服务人次", "180")
    organiser.check()


def test_a_visitor_is_counted_with_one_tap_and_nobody_is_stored(town, festival, phones):
    phone = phones().open(f"/c/{town.code(festival)}")
    phone.taps("我来逛逛")
    phone.title("欢迎，请进")
    phone.sees("没有记您是谁")
    phone.check()
    assert (town.scans(festival), town.spells(festival)) == (1, 0)
    organiser = phones(town.organiser).open(f"/activities/{festival}/door")
    expect(organiser.part("到场人数").locator("div").filter(has_text="街坊约").locator("dd")).to_have_text("1")


def test_an_unknown_code_says_what_to_do(phones):
    phone = phones().open("/c/9999")
    phone.sees("认不出这个码", "请现场人员再给您看一次")
    phone.forgive(404)
    phone.check()
