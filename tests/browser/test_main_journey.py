"""The whole way of one record, on phones: the picture of the screen → checked in → signed out → hours, points, 双50, board."""

import re

import pytest
from playwright.sync_api import expect

from app.people.rules import StageKind
from tests.browser.phone import amount, code_in
from tests.browser.town import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


@pytest.fixture
def festival(town):
    return town.festival()


@pytest.fixture
def screen(festival, town, phones):
    """The screen at the venue. `screen()` is the address that a camera reads from a picture of it, taken now."""
    at_the_venue = phones(town.organiser, desk=True)

    def read():
        at_the_venue.open(f"/activities/{festival}/screen")
        at_the_venue.title("灯湖邻里节")
        return code_in(at_the_venue.page.screenshot())

    read.browser = at_the_venue
    return read


def test_the_screen_shows_a_code_that_a_camera_reads(screen, server, town, festival):
    address = screen()
    assert address.startswith(f"{server.address}/c/{town.code(festival)}-")
    screen.browser.check(looks=("",), narrow=False)


def test_a_volunteer_who_is_signed_out_scans_signs_in_and_is_checked_in(screen, town, festival, phones):
    number = town.phone()
    town.resident("林月娥", phone=number)
    phone = phones().open(screen())
    phone.title("欢迎来到灯湖邻里节")
    phone.check()
    phone.follows("以前登录过？")
    phone.title("街坊，请进")
    phone.check()
    phone.sign_in(number, PASSWORD)
    phone.title("签到成功")  # no tap after signing in
    phone.sees("辛苦您了", "再扫同一个码签退")
    phone.check()
    before = (town.spells(festival), town.scans(festival))
    assert before == (1, 1)
    phone.page.reload()
    phone.title("签到成功")
    phone.page.go_back()
    phone.page.go_forward()
    phone.title("签到成功")
    assert (town.spells(festival), town.scans(festival)) == before

    phone.open(screen())
    phone.title("您已签到")
    phone.check()
    phone.taps("现在签退")
    phone.title("已签退，时间太短")
    phone.check()


def test_who_came_an_hour_ago_signs_out_takes_it_back_and_finds_hours_points_and_place(screen, town, festival, phones):
    volunteer = town.resident("林月娥", stage=StageKind.ACTIVIST)
    town.came_an_hour_ago(festival, volunteer)
    phone = phones(volunteer).open(screen())
    phone.title("您已签到")
    phone.taps("现在签退")
    phone.title("已签退")
    phone.sees("谢谢您，林月娥", "扫码时长")
    expect(phone.page.get_by_role("status")).to_contain_text(re.compile(r"本次\s*1\s*小时\s*\d\s*分"))
    phone.check()
    phone.taps("撤销签退")
    phone.title("已撤销签退")
    phone.check()

    phone.open(screen())
    phone.title("您已签到")
    phone.taps("现在签退")
    phone.title("已签退")
    phone.follows("看我的时长")
    expect(phone.part("服务时长")).to_contain_text(amount("扫码时长 1 小时"))
    expect(phone.part("双50小时，还差")).to_contain_text(re.compile(r"48\s*小时\s*5\d\s*分"))
    phone.check()

    phone.follows("志愿积分")
    phone.title("志愿积分")
    phone.page.get_by_text("灯湖邻里节").first.click()
    phone.sees("本人扫码", "志愿服务，每小时")
    phone.check()

    phone.open("/boards")
    expect(phone.part("您所在的支部")).to_contain_text("锦园")
    expect(phone.part("您所在的支部").locator(".place-rank")).to_have_text(re.compile(r"^\d+"))
    phone.check()
