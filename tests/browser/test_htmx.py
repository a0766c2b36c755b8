"""htmx from the local copy: the CDN answers nothing here, and nobody notices."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.core import clock

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


def test_the_screen_lights_a_window_for_who_comes_without_a_reload(town, phones):
    festival = town.festival()
    screen = phones(town.organiser, desk=True).open(f"/activities/{festival}/screen")
    arrived = screen.page.locator(".venue-count .num")
    expect(arrived).to_have_text("0")
    expect(screen.page.locator('script[src*="/static/vendor/htmx.min.js"]')).to_be_attached()
    town.came_an_hour_ago(festival, town.resident("林月娥"))
    loads = []
    screen.page.on("load", lambda _: loads.append(1))
    expect(arrived).to_have_text("1")
    assert loads == []
    screen.check(looks=("",), narrow=False)


def test_the_dock_follows_the_shift_that_is_picked(town, phones):
    activity = town.make.activity(town.community, town.organiser, title="千灯湖旧物市集")
    town.make.shift(activity, clock.now() + timedelta(days=2), 3, capacity=5, name="上午组")
    town.make.shift(activity, clock.now() + timedelta(days=2, hours=4), 3, capacity=5, name="下午组")
    phone = phones(town.resident("林月娥")).open(f"/activities/{activity}")
    expect(phone.page.locator('script[src*="/static/vendor/htmx.min.js"]')).to_be_attached()
    phone.check()
    phone.page.get_by_text("下午组").first.click()
    expect(phone.part("报名")).to_contain_text("下午组")
    phone.check(looks=("",))
    phone.taps("报名")
    phone.sees("报上了", "下午组")
    phone.check()
