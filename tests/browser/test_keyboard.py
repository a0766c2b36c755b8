"""By keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.town import PASSWORD

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


def test_the_first_stop_skips_to_the_text(phones):
    desk = phones(desk=True).open("/")
    desk.page.keyboard.press("Tab")
    skip = desk.page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#main")).to_be_focused()


def test_signing_in_by_keyboard(town, phones):
    number = town.phone()
    town.resident("林月娥", phone=number)
    desk = phones(desk=True).open("/sign-in")
    keys = desk.page.keyboard
    for _ in range(12):
        keys.press("Tab")
        if desk.page.get_by_label("手机号").evaluate("one => one === document.activeElement"):
            break
    expect(desk.page.get_by_label("手机号")).to_be_focused()
    keys.type(number)
    keys.press("Tab")
    keys.type("wrong password")
    keys.press("Enter")
    expect(desk.page.locator("#faults")).to_be_focused()  # a screen reader begins there
    expect(desk.page.get_by_label("手机号")).to_have_value(number)
    desk.forgive(422)
    desk.check(looks=("",), narrow=False)
    keys.press("Tab")
    keys.press("Enter")  # the summary leads to the field
    expect(desk.page.locator("#f-password")).to_be_focused()
    keys.type(PASSWORD)
    keys.press("Enter")
    desk.title("我的")
