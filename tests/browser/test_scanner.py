"""The organiser's scanner, through a make-believe camera: one after another without a touch, and every other way when there is none."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app.activities.models import Activity
from app.activities.queries import shifts_of
from app.activities.rules import CodeWay
from app.cards import service as cards
from app.cards.rules import card_token
from app.checkin import service as checkin
from app.core import clock
from app.core.db import db, in_transaction
from tests.browser.conftest import PHONE, QUIET, session_of
from tests.browser.film import camera, film_of, photo_of
from tests.browser.phone import Phone
from tests.browser.server import SECRET_KEY
from tests.machine import chromium

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50 "
    "NetType/4G Language/zh_CN"
)
OLD_CAMERA = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined })"  # what WeChat's own view often is


@pytest.fixture
def festival(town):
    return town.festival()


@pytest.fixture
def elder(town, server):
    """`elder(name)`: somebody without a phone of their own; the address on their card."""

    def one(name):
        person = town.make.person(name, home=town.branch, phone=town.phone())
        card = in_transaction(lambda: cards.issue([person], town.organiser, clock.now()))[person]
        return f"{server.address}/p/{card_token(SECRET_KEY, card)}"

    return one


@pytest.fixture
def lens(browser_type, browser_context_args, server, tmp_path):
    """`lens(person, codes)`: a phone, signed in, whose camera is shown the codes one second each; None: a phone without a camera."""
    opened = []

    def one(person, codes, *, look="", **options):
        film = None if codes is None else film_of(codes, tmp_path / f"{len(opened)}.mjpeg")
        browser = browser_type.launch(executable_path=chromium(), args=[*QUIET, *camera(film)])
        opened.append(browser)
        settings = {**browser_context_args, **PHONE, "permissions": ["camera"], "service_workers": "block"} | options
        context = browser.new_context(**settings)
        context.add_cookies([{"name": "shulin", "value": session_of(server, person), "url": server.address}])
        if look:
            context.add_cookies([{"name": "look", "value": f'"{look}"', "url": server.address}])
        return Phone(context, server.address)

    yield one
    for browser in opened:
        browser.close()


def counted(phone, name, number):
    expect(phone.page.locator(f'[data-count="{name}"]')).to_have_text(str(number))


def lines(phone):
    return phone.page.get_by_role("region", name="刚才").get_by_role("listitem")


def forget_lost_signal(phone):
    """What the browser itself says in its console about a request that found no signal; everything else stays a fault."""
    phone.faults = [one for one in phone.faults if "ERR_INTERNET_DISCONNECTED" not in one and "ERR_FAILED" not in one]


def waits(phone, number, *words):
    """How many are not sent yet, in big words; 0: nothing is said."""
    note = phone.page.locator(".note[data-queue]")
    if not number:
        expect(note).to_be_hidden()
        return
    expect(note).to_be_visible()
    for one in (f"{number} 位还没上传", *words):
        expect(note).to_contain_text(one)


def by_name(phone, name, tail):
    if not phone.page.locator("#typed").is_visible():
        phone.taps("按姓名")
    phone.fill(name=name, tail=tail)
    phone.page.locator("#typed").get_by_role("button", name="签到").click()


def test_one_after_another_is_checked_in_without_a_touch(town, festival, elder, lens):
    names = ("陈婆婆", "李伯", "黄姨", "何叔")
    phone = lens(town.organiser, [elder(name) for name in names]).open(f"/activities/{festival}/scanner")
    for name in names:
        expect(lines(phone).filter(has_text=name)).to_contain_text("签到成功")
    counted(phone, "arrived", 4)
    assert (town.spells(festival), town.scans(festival)) == (4, 4)
    times = sorted(lines(phone).evaluate_all("all => all.map(one => Date.parse(one.dataset.at))"))
    assert times[-1] - times[0] < 4000  # one a second, or faster
    expect(phone.page.locator("[data-flash]")).to_be_hidden()
    phone.check(looks=("dark", "big dark"))


def test_the_whole_screen_says_what_came_of_it(town, festival, elder, lens):
    address = elder("陈婆婆")
    phone = lens(town.organiser, [address]).open(f"/activities/{festival}/scanner")
    flash = phone.page.locator("[data-flash]")
    expect(flash).to_be_visible()
    expect(flash).to_contain_text("签到成功")
    expect(flash).to_have_class(re.compile("is-yes"))
    box = flash.bounding_box()
    assert (box["width"], box["height"]) == (390, 844)
    expect(phone.page.get_by_role("status").filter(has_text="签到成功")).to_contain_text("陈婆婆")


def test_a_code_held_still_is_one_scan_and_a_bad_one_stops_nobody(town, festival, elder, lens):
    first, second = elder("陈婆婆"), elder("李伯")
    forged = first[:-3] + "AAA"
    shown = [first, first, "wxp://f2f0PAYMENTCODE", forged, None, forged, second]
    sent = []
    phone = lens(town.organiser, shown)
    phone.page.on("request", lambda one: sent.append(one.post_data) if one.url.endswith("/uploads") else None)
    phone.open(f"/activities/{festival}/scanner")
    expect(lines(phone).filter(has_text="李伯")).to_contain_text("签到成功")
    expect(lines(phone).filter(has_text="认不出这个码")).to_have_count(1)
    assert (town.spells(festival), town.scans(festival)) == (2, 2)
    assert not [body for body in sent if "wxp" in body]  # somebody's code to pay with goes nowhere
    phone.check(looks=("dark",))


def test_the_second_scan_says_already_in(town, festival, elder, lens):
    address = elder("陈婆婆")
    phone = lens(town.organiser, [address, *[None] * 7, address]).open(f"/activities/{festival}/scanner")
    said = phone.page.locator("[data-verdict]")
    expect(said).to_contain_text("签到成功")
    expect(said).to_contain_text("已经签到了")
    expect(said).to_have_class(re.compile("is-warn"))
    assert (town.spells(festival), town.scans(festival)) == (1, 2)


def test_who_shows_a_card_and_leaves_early_is_signed_out_and_that_can_be_undone(town, festival, elder, lens):
    address = elder("陈婆婆")
    phone = lens(town.organiser, [address, *[None] * 7, address]).open(f"/activities/{festival}/scanner")
    leave = phone.page.get_by_role("button", name="要先走，现在签退")
    expect(lines(phone).get_by_role("button", name="现在签退 陈婆婆")).to_have_count(1)
    expect(leave).to_be_visible()
    phone.page.locator("[data-flash]").wait_for(state="hidden")
    phone.check(looks=("dark", "big dark"))
    leave.click()
    expect(phone.page.locator("[data-verdict]")).to_contain_text("已签退")
    expect(leave).to_be_hidden()
    counted(phone, "inside", 0)
    lines(phone).filter(has_text="已签退").get_by_role("button", name="撤销 陈婆婆").click()
    expect(lines(phone).filter(has_text="已撤销")).to_have_count(1)
    counted(phone, "inside", 1)


def test_a_line_says_the_time_once(town, festival, elder, lens):
    phone = lens(town.organiser, [elder("陈婆婆")]).open(f"/activities/{festival}/scanner")
    expect(lines(phone).locator(".fine")).to_have_text(re.compile(r"^\d\d:\d\d，签到成功，[^\d:]+$"))


def test_a_closed_activity_has_no_camera(town, festival, lens):
    now = clock.now()
    db.session.execute(update(Activity).where(Activity.id == festival).values(closed_at=now, closed_by_id=town.organiser, served_count=3))
    db.session.commit()
    phone = lens(town.organiser, []).open(f"/activities/{festival}/scanner")
    phone.sees("已经收场，不能再签到")
    expect(phone.page.locator("video")).to_be_hidden()
    expect(phone.page.get_by_role("button", name="按姓名")).to_be_hidden()
    expect(phone.page.get_by_text("测一测")).to_have_count(0)
    phone.check(looks=("dark",))


def test_undoing_keeps_the_history(town, festival, elder, lens):
    phone = lens(town.organiser, [elder("陈婆婆")]).open(f"/activities/{festival}/scanner")
    lines(phone).get_by_role("button", name="撤销 陈婆婆").click()
    expect(lines(phone).filter(has_text="已撤销")).to_have_count(1)
    counted(phone, "arrived", 0)
    assert town.scans(festival) == 2  # nothing was taken away: the undoing is a record of its own
    phone.page.reload()
    expect(lines(phone).filter(has_text="已撤销")).to_have_count(1)


def test_without_signal_each_is_kept_and_sent_exactly_once(town, festival, elder, lens):
    names = ("陈婆婆", "李伯", "黄姨")
    phone = lens(town.organiser, [*[None] * 4, *[elder(name) for name in names]]).open(f"/activities/{festival}/scanner")
    counted(phone, "arrived", 0)
    phone.context.set_offline(True)
    waits(phone, 3, "没信号也没关系，已存在本机，联网后自动上传")
    forget_lost_signal(phone)
    phone.check(looks=("dark", "big dark"))
    assert town.scans(festival) == 0
    other = phone.context.new_page()  # a second tab of the same scanner, opened with the signal
    phone.context.set_offline(False)
    other.goto(f"{phone.address}/activities/{festival}/scanner")
    counted(phone, "arrived", 3)
    waits(phone, 0)
    assert (town.spells(festival), town.scans(festival)) == (3, 3)


def test_a_closed_page_sends_at_the_next_opening_and_a_lost_answer_changes_nothing(town, festival, elder, phones):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    phone = phones(town.organiser).open(f"/activities/{festival}/scanner")
    answers = []

    def answer_is_lost(route):
        answers.append(route.fetch().status)
        route.abort()

    phone.context.route("**/uploads", answer_is_lost)
    by_name(phone, "陈大明", "1234")
    waits(phone, 1)
    assert answers[:1] == [200]
    assert town.scans(festival) == 1
    phone.page.close()
    phone.context.unroute("**/uploads")
    phone.page = phone.context.new_page()
    phone.open(f"/activities/{festival}/scanner")
    expect(lines(phone).filter(has_text="陈大明")).to_contain_text("签到成功")
    waits(phone, 0)
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_a_lost_session_keeps_what_waits(town, festival, server, phones):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    phone = phones(town.organiser).open(f"/activities/{festival}/scanner")
    phone.context.clear_cookies()
    by_name(phone, "陈大明", "1234")
    waits(phone, 1, "请先登录")
    expect(phone.page.get_by_role("link", name="去登录")).to_have_attribute("href", re.compile(r"/sign-in\?next="))
    phone.forgive(401)
    phone.check(looks=("dark",))
    phone.context.add_cookies([{"name": "shulin", "value": session_of(server, town.organiser), "url": server.address}])
    phone.page.reload()
    expect(lines(phone).filter(has_text="陈大明")).to_contain_text("签到成功")
    waits(phone, 0)
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_in_wechat_without_a_camera_there_are_the_photo_and_the_name(town, festival, elder, lens, tmp_path):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    phone = lens(town.organiser, None, user_agent=WECHAT)
    phone.context.add_init_script(OLD_CAMERA)
    phone.open(f"/activities/{festival}/scanner")
    phone.sees("这里打不开相机", "在浏览器打开")
    expect(phone.page.get_by_label("手机后四位")).to_be_visible()
    phone.check(looks=("dark", "big dark"))
    photo = phone.page.locator("[data-photo]")
    photo.set_input_files(photo_of(None, tmp_path / "empty.jpg"))
    phone.sees("照片里没认出码")
    photo.set_input_files(photo_of(elder("陈婆婆"), tmp_path / "card.jpg"))
    expect(lines(phone).filter(has_text="陈婆婆")).to_contain_text("签到成功")
    by_name(phone, "陈大明", "12")
    phone.sees("请填手机号的后四位数字")
    by_name(phone, "陈大明", "1234")
    expect(lines(phone).filter(has_text="陈大明")).to_contain_text("签到成功")
    by_name(phone, "没有这人", "0000")
    phone.sees("没找到这位")
    assert (town.spells(festival), town.scans(festival)) == (2, 2)
    phone.check(looks=("dark",))


def test_a_camera_that_is_not_allowed_is_said_in_plain_words(town, festival, phones):
    phone = phones(town.organiser).open(f"/activities/{festival}/scanner")
    phone.taps("打开相机")
    expect(phone.page.locator("[data-fault]")).not_to_be_empty()
    expect(phone.page.get_by_label("手机后四位")).to_be_visible()


def test_a_helper_takes_over(town, festival, elder, lens, phones):
    helper = town.resident("何嘉怡")
    town.came_an_hour_ago(festival, helper)
    shifts = [shift.id for shift in shifts_of(festival)]
    where = f"/activities/{festival}/door"
    in_transaction(lambda: checkin.appoint_helper(shifts, helper, town.organiser, "灯湖邻里节", where, clock.now()))
    phone = lens(helper, [*[None] * 3, elder("陈婆婆")]).open(where)
    phone.follows("扫码")
    expect(lines(phone).filter(has_text="陈婆婆")).to_contain_text("签到成功")
    assert town.spells(festival) == 2
    stranger = phones(town.resident("路人甲")).open(f"/activities/{festival}/scanner")
    stranger.title("没有找到")
    stranger.forgive(404)


def test_a_volunteer_opens_the_camera_on_the_tab(town, lens, server):
    festival = town.festival(way=CodeWay.POSTER)
    shown = ["https://milk.example/box", f"{server.address}/c/{town.code(festival)}"]
    phone = lens(town.resident("林月娥"), [None, None, *shown, *shown]).open("/check-in")
    phone.check(looks=("", "big"))
    phone.taps("在这里打开相机")
    phone.title("签到成功")
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_by_keyboard_alone(town, festival, phones):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    desk = phones(town.organiser, desk=True).open(f"/activities/{festival}/scanner")
    keys = desk.page.keyboard

    def walk_to(name):
        for _ in range(20):
            keys.press("Tab")
            if desk.page.evaluate("name => (document.activeElement.innerText || '').trim() === name", name):
                return
        pytest.fail(f"{name} can not be reached by Tab")

    walk_to("按姓名")
    keys.press("Enter")
    expect(desk.page.get_by_label("姓名", exact=True)).to_be_focused()
    keys.type("陈大明")
    keys.press("Tab")
    keys.type("1234")
    keys.press("Enter")
    expect(lines(desk).filter(has_text="陈大明")).to_contain_text("签到成功")
    expect(desk.page.get_by_label("姓名", exact=True)).to_be_focused()  # ready for the next one
    walk_to("撤销")
    keys.press("Enter")
    expect(lines(desk).filter(has_text="已撤销")).to_have_count(1)
    desk.check(narrow=False, looks=("dark",))


def test_the_rehearsal_before_the_event(town, festival, lens):
    phone = lens(town.organiser, ["https://milk.example/box"], service_workers="allow").open(f"/activities/{festival}/scanner")
    phone.page.locator("[data-rehearsal] summary").click()
    phone.page.get_by_label("练习，不上传").check()
    phone.taps("全部测一遍")
    for key, said in (("camera", "能用"), ("sound", "响了"), ("store", "能存"), ("signal", "好"), ("clock", "准")):
        expect(phone.page.locator(f'[data-check="{key}"] [data-tag]')).to_have_text(said)
    phone.taps("静音")
    phone.taps("全部测一遍")
    expect(phone.page.locator('[data-check="sound"] [data-tag]')).to_have_text("静音了")
    phone.check(looks=("dark", "big dark"))
    assert town.scans(festival) == 0


def test_without_scripts_the_page_says_what_else_works(town, festival, phones):
    phone = phones(town.organiser, java_script_enabled=False).open(f"/activities/{festival}/scanner")
    said = phone.page.locator("noscript")  # Chromium without scripts keeps it as text here
    expect(said).to_have_count(1)
    assert "不用它也能签到" in said.inner_html()
    assert f"/activities/{festival}/door" in said.inner_html()
    expect(phone.page.locator("[data-scanner]")).to_be_hidden()
    phone.open(f"/activities/{festival}/door").follows("扫码")


def test_only_the_scanner_loads_the_scanner_and_first_views_stay_small(town, festival, phones):
    sizes = {}
    for path in ("/check-in", "/me/code", f"/activities/{festival}/scanner"):
        phone = phones(town.organiser)
        asked = []
        phone.page.on("response", lambda one, asked=asked: asked.append(one))
        phone.open(path)
        phone.page.wait_for_load_state("load")
        first = [one for one in asked if one.url.startswith(phone.address) and "vendor/htmx" not in one.url]
        sizes[path] = (sum(one.request.sizes()["responseBodySize"] for one in first), [one.url for one in first])
    for path, (size, urls) in sizes.items():
        most = 45_000 if path.endswith("/scanner") else 43_000  # and htmx, 17 KB, which the scanner does without
        assert size < most, (path, size, urls)
        assert any("qr-scanner" in url for url in urls) == path.endswith("/scanner")
