"""Without a smartphone: a secretary prints cards, an organiser scans one; a neighbour checks somebody in; the picture for the album."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from app.activities.rules import CodeWay
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.proxies import service as proxies
from app.proxies.rules import Relation
from tests.browser.phone import code_in

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


@pytest.fixture
def elder(town):
    return town.make.person("陈婆婆", home=town.branch, phone=town.phone())


def codes_on(page, folder: Path) -> list[str]:
    """What a camera reads from the printed sheet, at 96 dots an inch."""
    page.emulate_media(media="print")
    file = folder / "sheet.png"
    page.locator(".sheet.cards").first.screenshot(path=file)
    page.emulate_media(media="screen")
    return [code.text for code in zxingcpp.read_barcodes(Image.open(file))]


def test_a_secretary_prints_cards_and_an_organiser_scans_one(town, elder, phones, tmp_path):
    festival = town.festival()
    desk = phones(town.secretary, desk=True).open("/cards")
    desk.title("给不用手机的街坊印卡")
    desk.sees("先别印")  # this site's address is of this machine only
    desk.check()
    desk.fill(asked="陈婆婆")
    desk.taps("找")
    desk.taps("印 1 张")
    desk.sees("陈婆婆", "捡到请交回")
    (address,) = codes_on(desk.page, tmp_path)
    assert urlsplit(address).path.startswith("/p/")
    desk.check(narrow=False, looks=("",))

    phone = phones(town.organiser).open(address)
    expect(phone.page.get_by_role("heading", name="签到成功")).to_be_visible()
    phone.sees("陈婆婆", "您扫了他的卡")
    phone.check()
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_ten_cards_fit_a_sheet_and_each_code_is_read(town, phones, tmp_path):
    for nth in range(8):
        town.make.person(f"街坊{'一二三四五六七八'[nth]}", home=town.branch)
    desk = phones(town.secretary, desk=True).open(f"/cards/units/{town.branch}")
    for box in desk.page.get_by_role("checkbox").all()[:10]:
        box.check()
    desk.check()
    desk.taps("印 10 张")
    codes = codes_on(desk.page, tmp_path)
    assert len(set(codes)) == 10
    assert desk.page.locator(".sheet.cards").count() == 1


LONG_NAMES = ("古丽巴哈尔·阿卜杜热依木·买买提江·艾合买提·吐尔逊", "阿卜杜" * 13 + "江", "买买提江·艾合买提")
OUT = """all => all.flatMap(card => [...card.querySelectorAll('svg, h2, p')].filter(part => {
  const inner = part.getBoundingClientRect(), outer = card.getBoundingClientRect();
  return inner.height && (inner.top < outer.top || inner.bottom > outer.bottom || inner.right > outer.right);
}).map(part => part.textContent))"""


def test_a_long_name_keeps_the_card_whole(town, phones, tmp_path):
    for name in LONG_NAMES:
        town.make.person(name, home=town.branch)
    desk = phones(town.secretary, desk=True).open(f"/cards/units/{town.branch}")
    for box in desk.page.get_by_role("checkbox").all():
        box.check()
    desk.page.locator("[data-ticked-button]").click()
    cards = desk.page.locator(".member-card")
    count = cards.count()
    codes = codes_on(desk.page, tmp_path)
    desk.page.emulate_media(media="print")
    assert cards.evaluate_all(OUT) == []
    assert len(set(codes)) == count
    assert desk.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_a_lost_card_is_void_and_says_what_to_do(town, elder, phones, tmp_path):
    festival = town.festival()
    desk = phones(town.secretary, desk=True)

    def printed(button: str) -> str:
        desk.open("/cards").fill(asked="陈婆婆")
        desk.taps("找")
        if button != "印 1 张":
            desk.page.get_by_text("卡丢了，怎么办").click()
        desk.taps(button)
        (address,) = codes_on(desk.page, tmp_path)
        return address

    old = printed("印 1 张")
    new = printed("作废旧卡，印新的")
    assert old != new
    phone = phones(town.organiser).open(old)
    phone.title("这张卡作废了")
    phone.sees("报姓名和手机后四位")
    phone.forgive(410)
    phone.check()
    phone.open(new)
    expect(phone.page.get_by_role("heading", name="签到成功")).to_be_visible()
    assert town.scans(festival) == 1


def test_my_code_as_a_picture(town, phones):
    phone = phones(town.resident("林月娥")).open("/me/code")
    phone.check()
    phone.taps("存成图片")
    picture = phone.page.get_by_role("img", name=re.compile("我的签到码图片"))
    expect(picture).to_be_visible()
    first = code_in(phone.page.request.get(phone.address + (picture.get_attribute("src") or "")).body())
    assert "/p/" in first
    phone.check()
    phone.page.get_by_text("图片传给了别人，或卡丢了").click()
    phone.taps("作废重做")
    phone.sees("旧图片和旧卡马上作废")
    again = code_in(phone.page.request.get(phone.address + (picture.get_attribute("src") or "")).body())
    assert again != first


def test_a_neighbour_is_asked_agrees_and_checks_somebody_in(town, phones):
    festival = town.festival(way=CodeWay.POSTER)
    number = town.phone()
    helper = town.make.person("何嘉怡", home=town.branch, phone=number)
    town.make.account(helper, number)
    old = phones(town.resident("陈伯")).open("/me/proxies")
    old.check()
    old.fill(name="何嘉怡", phone=number)
    old.page.get_by_label("邻居").check()
    old.taps("请他帮忙")
    old.sees("等对方同意")

    phone = phones(helper).open("/notices")
    phone.follows("陈伯 请您替他签到")
    phone.sees("陈伯 请您帮忙")
    phone.check()
    phone.taps("同意")
    phone.sees("您现在可以替 陈伯 签到、报名")
    phone.open(f"/c/{town.code(festival)}")
    phone.title("替谁签到")
    phone.check()
    phone.taps("陈伯")
    phone.title("签到成功")
    phone.sees("替 陈伯 扫的")
    phone.check()
    phone.follows("再替一位签")
    phone.sees("已签到")
    assert (town.spells(festival), town.scans(festival)) == (1, 1)

    phone.open("/me/proxies")
    phone.follows("陈伯")
    phone.sees("服务中", "出示他的码")
    phone.check()
    old.open("/me/records").sees("由 何嘉怡 代签")
    old.open("/me/proxies").taps("停")
    old.sees("不再替您办事了")
    phone.open(f"/c/{town.code(festival)}")
    phone.sees_nothing_of("陈伯")


def test_staff_record_an_agreement_and_the_helper_signs_up_for_the_elder(town, elder, phones):
    festival = town.festival()
    number = town.phone()
    helper = town.make.person("何嘉怡", home=town.branch, phone=number)
    town.make.account(helper, number)
    desk = phones(town.secretary).open("/proxies")
    desk.check()
    desk.fill(asked="陈婆婆")
    desk.taps("找")
    desk.follows("陈婆婆")
    desk.fill(name="何嘉怡", phone=number)
    desk.page.get_by_label("家人").check()
    desk.taps("登记")
    desk.sees("有 2 处要改")
    desk.forgive(422)
    desk.check()
    desk.page.get_by_label("陈婆婆 本人在场").check()
    desk.page.get_by_label("代办人在场").check()
    desk.taps("登记")
    desk.sees("登记好了")

    phone = phones(helper).open(f"/activities/{festival}")
    phone.follows("陈婆婆")
    phone.check()
    phone.taps("替陈婆婆报名")
    phone.sees("替 陈婆婆 报上了")


def test_the_list_in_large_print(town, phones):
    festival = town.festival(title="灯湖邻里节：童玩与旧物市集")
    town.make.shift(festival, clock.now() + timedelta(days=1), 2)  # what began two hours ago is yesterday's soon after midnight
    phone = phones().open("/activities")
    phone.follows("大字活动单")
    phone.sees("灯湖邻里节：童玩与旧物市集", "手机后四位")
    phone.check(looks=("",))
    sizes = phone.page.locator(".big-list li p").evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 20 * 96 / 72 - 0.1


def test_the_auditor_finds_who_looked_at_whom(town, elder, phones):
    auditor = town.official("梁凤珍", Role.AUDITOR, town.server.root)
    helper, secretary = town.resident("何嘉怡"), town.secretary
    in_transaction(lambda: proxies.record(elder, helper, Relation.FAMILY, secretary, clock.now()))
    phones(helper).open(f"/acting/{elder}")
    desk = phones(auditor).open("/audit")
    desk.check()
    desk.follows("谁看了谁")
    desk.sees("何嘉怡 查看了个人详情")
    desk.page.locator(".audit-line").first.click()
    desk.page.get_by_text("编号和代码").click()
    desk.sees("动作代码", "person.view")
    desk.check()
