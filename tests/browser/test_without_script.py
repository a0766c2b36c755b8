"""Every flow works without JavaScript: plain links and forms."""

from datetime import timedelta

import pytest

from app.activities.rules import CodeWay
from app.core import clock
from tests.browser.town import PASSWORD

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


def test_signing_in_scanning_and_signing_out(town, phones):
    number, festival = town.phone(), town.festival(way=CodeWay.POSTER)
    town.resident("林月娥", phone=number)
    phone = phones(java_script_enabled=False).open(f"/c/{town.code(festival)}")
    phone.follows("以前登录过？")
    phone.sign_in(number, PASSWORD)
    phone.sees("码已认出，点一下就签到")
    assert town.scans(festival) == 0
    phone.taps("签到")
    phone.title("签到成功")
    assert (town.scans(festival), town.spells(festival)) == (1, 1)
    phone.page.reload()
    phone.title("签到成功")
    phone.open(f"/c/{town.code(festival)}").taps("签到")
    phone.title("您已签到")
    phone.taps("现在签退")
    phone.title("已签退，时间太短")


def test_signing_up_and_out_again(town, phones):
    activity = town.make.activity(town.community, town.organiser, title="千灯湖旧物市集")
    town.make.shift(activity, clock.now() + timedelta(days=2), 3, capacity=5, name="上午组")
    town.make.shift(activity, clock.now() + timedelta(days=2, hours=4), 3, capacity=5, name="下午组")
    phone = phones(town.resident("林月娥"), java_script_enabled=False).open(f"/activities/{activity}")
    phone.page.get_by_label("下午组").check()
    phone.taps("报名")
    phone.sees("报上了", "下午组", "已报名")
    phone.taps("来不了，退出")
    phone.sees_nothing_of("已报名")


def test_the_look_is_switched_and_kept(phones):
    phone = phones(java_script_enabled=False).open("/")
    phone.taps("大字版")
    assert phone.page.locator("html.big").count() == 1
    phone.open("/fund")
    assert phone.page.locator("html.big").count() == 1
