"""Without signal: a volunteer's own scan is kept and sent once, 我的码 goes on, and the phone keeps nobody's pages."""

import io
import re
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts import sessions
from app.accounts.models import Account
from app.activities.rules import CodeWay
from app.checkin.models import Scan
from app.core import clock
from app.core.db import db, in_transaction
from tests.browser.conftest import session_of
from tests.browser.town import PASSWORD

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]

KEPT = """async () => {
  const found = []
  for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) {
    const held = await caches.match(one)
    found.push([new URL(one.url).pathname, await held.text()])
  }
  return found
}"""
SHELF = """name => new Promise((done, fail) => {
  const asked = indexedDB.open('shulin')
  asked.onerror = fail
  asked.onsuccess = () => {
    if (!asked.result.objectStoreNames.contains(name)) { asked.result.close(); done([]); return }
    const all = asked.result.transaction(name).objectStore(name).getAll()
    all.onsuccess = () => { asked.result.close(); done(all.result.map(one => one.name || one.id)) }
  }
})"""


@pytest.fixture
def festival(town):
    return town.festival(way=CodeWay.POSTER)


@pytest.fixture
def volunteer(town):
    return town.resident("林月娥")


@pytest.fixture
def installed(phones):
    """`installed(person)`: a phone that has opened the site before and keeps its shell."""

    def one(person, **options):
        phone = phones(person, service_workers="allow", **options).open("/check-in")
        phone.page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
        phone.page.evaluate(f"async () => {{ while (!(await ({SHELF})('kept')).length) await new Promise(done => setTimeout(done, 50)) }}")
        return phone

    return one


def no_signal(phone, *, off=True):
    phone.context.set_offline(off)
    phone.faults = [one for one in phone.faults if "ERR_INTERNET_DISCONNECTED" not in one and "ERR_FAILED" not in one]


def calm(phone):
    """Without what the browser itself says in its console about requests that found no signal."""
    phone.faults = [one for one in phone.faults if "net::ERR" not in one]
    phone.check(narrow=True)


def code_shown(phone):
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(phone.page.locator("[data-my-code]").screenshot())))
    return str(code.text)


def is_kept(phone):
    """The page itself says so: its hidden sentence for later has the same words from the start."""
    expect(phone.page.locator("[data-say]")).to_have_text("已存在本机")


def waits(phone):
    return phone.page.evaluate(SHELF, "out")


def test_the_open_page_keeps_the_scan_and_shows_the_verdict_when_the_signal_is_back(town, festival, volunteer, phones):
    phone = phones(volunteer)  # no service worker, as in WeChat on iOS
    for address in ("**/scans", "**/late-scans"):
        phone.context.route(address, lambda route: route.abort())
    phone.open(f"/c/{town.code(festival)}")
    is_kept(phone)
    phone.sees("没信号也没关系，已存在本机，联网后自动上传")
    assert len(waits(phone)) == 1
    calm(phone)
    assert town.scans(festival) == 0
    phone.context.unroute("**/scans")
    phone.context.unroute("**/late-scans")
    phone.page.evaluate("() => window.dispatchEvent(new Event('online'))")
    phone.title("签到成功")
    assert re.search(r"/scans/[0-9a-f-]{36}$", phone.page.url)
    assert waits(phone) == []
    assert (town.spells(festival), town.scans(festival)) == (1, 1)
    calm(phone)


def test_a_page_that_was_closed_sends_at_the_next_opening_of_any_page(town, festival, volunteer, phones):
    phone = phones(volunteer)
    for address in ("**/scans", "**/late-scans"):
        phone.context.route(address, lambda route: route.abort())
    phone.open(f"/c/{town.code(festival)}")
    is_kept(phone)
    phone.page.close()
    phone.context.unroute("**/scans")
    phone.context.unroute("**/late-scans")
    phone.page = phone.context.new_page()
    phone.open("/fund")
    note = phone.page.locator("#late-note")
    expect(note).to_contain_text("的扫码上传了：签到成功")
    calm(phone)
    assert (town.spells(festival), town.scans(festival)) == (1, 1)
    note.get_by_role("link").click()
    phone.title("签到成功")
    phone.open("/fund")
    expect(note).to_have_count(0)
    assert town.scans(festival) == 1


def test_an_answer_that_was_lost_is_no_second_scan(town, festival, volunteer, phones):
    phone = phones(volunteer)

    def answer_is_lost(route):
        route.fetch()
        route.abort()

    phone.context.route("**/scans", answer_is_lost)
    phone.open(f"/c/{town.code(festival)}")
    phone.title("签到成功")
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_an_installed_phone_opens_a_code_without_signal_and_the_scan_counts_from_then(town, festival, volunteer, installed):
    phone = installed(volunteer)
    no_signal(phone)
    before = clock.now()
    phone.open(f"/c/{town.code(festival)}")
    phone.title("扫码存下了")
    phone.sees("没信号也没关系，已存在本机，联网后自动上传")
    phone.page.reload()  # is no second scan
    phone.title("扫码存下了")
    assert len(waits(phone)) == 1
    calm(phone)
    no_signal(phone, off=False)
    phone.title("签到成功")
    assert waits(phone) == []
    scan = db.session.scalars(select(Scan).where(Scan.activity_id == festival)).one()
    assert scan.person_id == volunteer
    assert before <= scan.at <= scan.received_at
    calm(phone)
    phone.follows("看详情")
    phone.title("签到成功")


def test_a_refusal_that_comes_late_is_told_with_its_reason(town, volunteer, installed):
    festival = town.festival()  # its screen shows codes that change
    phone = installed(volunteer)
    no_signal(phone)
    phone.open(f"/c/{town.code(festival)}-0000")
    phone.title("扫码存下了")
    no_signal(phone, off=False)
    phone.title("没签上")
    phone.sees("这个码已更新，请扫屏幕上的新码")
    assert town.spells(festival) == 0


def test_my_code_goes_on_without_signal_and_is_good_at_the_door(town, festival, volunteer, installed, phones):
    phone = installed(volunteer)
    no_signal(phone)
    phone.open("/me/code")
    expect(phone.page.get_by_role("img", name="我的码")).to_be_visible()
    address = code_shown(phone)
    assert address.startswith(f"{phone.address}/p/T")
    calm(phone)
    assert volunteer == scanned(town, festival, address, phones)["person"]


def test_the_code_is_another_each_minute_also_without_signal(volunteer, installed):
    phone = installed(volunteer)
    phone.page.clock.install()
    no_signal(phone)
    phone.open("/me/code")
    expect(phone.page.get_by_role("img", name="我的码")).to_be_visible()
    shown = [code_shown(phone)]
    for _ in range(2):
        dots = phone.page.locator("[data-my-code] path")
        before = dots.get_attribute("d")
        phone.page.clock.fast_forward(60_000)
        expect(dots).not_to_have_attribute("d", before)
        shown.append(code_shown(phone))
    assert len(set(shown)) == 3


def test_a_code_of_a_session_that_was_ended_is_refused(town, festival, volunteer, installed, phones):
    phone = installed(volunteer)
    no_signal(phone)
    phone.open("/me/code")
    expect(phone.page.get_by_role("img", name="我的码")).to_be_visible()
    address = code_shown(phone)
    in_transaction(lambda: sessions.revoke_all(volunteer, clock.now()))
    assert scanned(town, festival, address, phones)["outcome"] == "revoked"


def scanned(town, festival, address, phones):
    """What an organiser's scanner is answered for this code, and who was checked in."""
    desk = phones(town.organiser).open(f"/activities/{festival}/scanner")
    answer = desk.page.evaluate(
        """([activity, code]) => {
          const at = new Date().toISOString(), body = JSON.stringify({ sent_at: at, scans: [{ id: crypto.randomUUID(), at, code }] })
          const headers = { 'Content-Type': 'application/json' }
          return fetch(`/activities/${activity}/uploads`, { method: 'POST', headers, body }).then(answer => answer.json())
        }""",
        [festival, address],
    )
    (result,) = answer["results"]
    person = db.session.scalars(select(Scan.person_id).where(Scan.activity_id == festival)).first()
    return {**result, "person": person}


def test_the_phone_keeps_the_shell_and_nobodys_page(town, festival, volunteer, installed):
    phone = installed(volunteer)
    for path in ("/me", "/check-in", "/me/code", "/notices", f"/activities/{festival}", f"/c/{town.code(festival)}"):
        phone.open(path)
    phone.title("签到成功")
    kept = phone.page.evaluate(KEPT)
    assert {path for path, _ in kept if not path.startswith("/static/")} == {"/offline"}
    assert not [path for path, text in kept if "林月娥" in text or 'data-who="' in text]
    no_signal(phone)
    phone.open("/me")
    phone.title("现在没有信号")
    phone.sees_nothing_of("林月娥")
    calm(phone)


def test_signing_out_wipes_the_phone(town, volunteer, installed):
    phone = installed(volunteer)
    assert phone.page.evaluate(SHELF, "kept") == ["my-code"]
    phone.open("/me/settings").taps("退出登录")
    phone.sees("已退出")
    assert phone.page.evaluate(SHELF, "kept") == []
    no_signal(phone)
    phone.open("/me/code")
    phone.title("现在没有信号")
    expect(phone.page.locator("[data-own]")).to_be_hidden()


def test_who_signs_out_with_a_scan_that_waits_is_asked_first(town, festival, volunteer, phones):
    phone = phones(volunteer)
    for address in ("**/scans", "**/late-scans"):
        phone.context.route(address, lambda route: route.abort())
    phone.open(f"/c/{town.code(festival)}")
    is_kept(phone)
    phone.open("/me/settings")
    asked = []
    phone.page.once("dialog", lambda one: (asked.append(one.message), one.dismiss()))
    phone.taps("退出登录")
    assert "还有扫码没上传" in asked[0]
    expect(phone.page.get_by_role("button", name="退出登录")).to_be_visible()
    assert len(waits(phone)) == 1


LATE_CAME = """() => new Promise((yes, no) => {
  const asked = () => performance.getEntriesByType('resource').some(one => one.name.includes('/js/late.js')) && yes()
  setInterval(asked, 50)
  setTimeout(() => no(new Error('late.js never came')), 30000)
})"""  # from the cache as well as from the site


def test_a_scan_of_one_person_is_never_sent_as_anothers(town, festival, volunteer, server, phones):
    phone = phones(volunteer)
    for address in ("**/scans", "**/late-scans"):
        phone.context.route(address, lambda route: route.abort())
    phone.open(f"/c/{town.code(festival)}")
    is_kept(phone)
    phone.page.goto("about:blank")  # or that page sends it, once it may
    phone.context.unroute("**/scans")
    phone.context.unroute("**/late-scans")
    other = town.resident("何嘉怡")
    phone.context.add_cookies([{"name": "shulin", "value": session_of(server, other), "url": server.address}])
    phone.open("/fund")
    phone.page.evaluate(LATE_CAME)
    phone.page.wait_for_load_state("networkidle")
    assert len(waits(phone)) == 1
    assert town.scans(festival) == 0
    phone.context.add_cookies([{"name": "shulin", "value": again(server, volunteer), "url": server.address}])
    phone.open("/fund")
    expect(phone.page.locator("#late-note")).to_contain_text("签到成功")
    scan = db.session.scalars(select(Scan).where(Scan.activity_id == festival)).one()
    assert scan.person_id == volunteer


def again(server, person):
    """A new session of an account that stands."""
    account = db.session.scalars(select(Account.id).where(Account.person_id == person)).one()
    token = in_transaction(lambda: sessions.open_session(account, "test", clock.now(), staff=False, factor=True))
    serializer = server.app.session_interface.get_signing_serializer(server.app)
    return str(serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True}))


def test_whose_scan_it_was_is_asked_when_nobody_was_signed_in(town, festival, installed):
    number = town.phone()
    owner = town.resident("林月娥", phone=number)
    phone = installed(owner)
    phone.open("/me/settings").taps("退出登录")
    phone.sees("已退出")
    no_signal(phone)
    phone.open(f"/c/{town.code(festival)}")
    phone.title("扫码存下了")
    phone.sees("请登录熟邻")
    no_signal(phone, off=False)
    phone.follows("去登录")
    phone.sign_in(number, PASSWORD)
    phone.sees("当时没登录。是您扫的吗")
    calm(phone)
    phone.taps("是我，上传")
    expect(phone.page.locator("#late-note")).to_contain_text("签到成功")
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_the_scanner_opens_without_signal_and_what_it_keeps_is_sent_once(town, festival, phones):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    phone = phones(town.organiser, service_workers="allow").open(f"/activities/{festival}/scanner")
    phone.page.evaluate("async () => { while (!await caches.match('/offline/scanner')) await new Promise(done => setTimeout(done, 50)) }")
    phone.page.locator("[data-rehearsal] summary").click()
    phone.taps("全部测一遍")
    expect(phone.page.locator('[data-check="shell"] [data-tag]')).to_have_text("打得开")
    no_signal(phone)
    phone.page.close()
    phone.page = phone.context.new_page()
    phone.open(f"/activities/{festival}/scanner")
    expect(phone.page.locator("[data-title]")).to_have_text("灯湖邻里节")
    phone.taps("按姓名")
    phone.fill(name="陈大明", tail="1234")
    phone.page.locator("#typed").get_by_role("button", name="签到").click()
    expect(phone.page.locator(".note[data-queue]")).to_contain_text("1 位还没上传")
    assert town.scans(festival) == 0
    no_signal(phone, off=False)
    expect(phone.page.locator("[data-last]")).to_contain_text("签到成功")
    expect(phone.page.locator(".note[data-queue]")).to_be_hidden()
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_what_a_closed_scanner_left_behind_is_sent_by_the_next_page(town, festival, phones):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    phone = phones(town.organiser).open(f"/activities/{festival}/scanner")
    no_signal(phone)
    phone.taps("按姓名")
    phone.fill(name="陈大明", tail="1234")
    phone.page.locator("#typed").get_by_role("button", name="签到").click()
    expect(phone.page.locator(".note[data-queue]")).to_contain_text("1 位还没上传")
    phone.page.close()
    no_signal(phone, off=False)
    phone.page = phone.context.new_page()
    phone.open("/fund")
    note = phone.page.locator("#late-note")
    expect(note).to_contain_text("补传了 1 位，1 位成了")
    calm(phone)
    note.get_by_role("link").click()
    expect(phone.page.locator("[data-last]")).to_contain_text("陈大明")
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_names_that_are_not_found_later_stay_to_be_corrected(town, festival, phones):
    """Typed without signal; the one who typed reads whom, and corrects it. It counts from when it was typed first."""
    town.make.person("徐婉华", home=town.branch, phone="13712341234")
    phone = phones(town.organiser).open(f"/activities/{festival}/scanner")
    no_signal(phone)
    phone.taps("按姓名")
    before = clock.now()
    for name, tail in (("徐婉华", "4321"), ("陈大明", "0001"), ("李美玲", "0002"), ("何志强", "0003")):
        phone.fill(name=name, tail=tail)
        phone.page.locator("#typed").get_by_role("button", name="签到").click()
    expect(phone.page.locator(".note[data-queue]")).to_contain_text("4 位还没上传")
    typed = clock.now()
    no_signal(phone, off=False)
    expect(phone.page.locator("[data-verdict]")).to_contain_text("补传了 4 位")
    expect(phone.page.locator("[data-verdict]")).to_contain_text("4 位要看一下")
    lines = phone.page.get_by_role("region", name="刚才").get_by_role("listitem")
    for words in ("徐婉华，尾号 4321", "陈大明，尾号 0001", "李美玲，尾号 0002", "何志强，尾号 0003"):
        expect(lines.filter(has_text=words)).to_contain_text("没找到这位")
    phone.page.reload()
    calm(phone)
    lines.filter(has_text="徐婉华").get_by_role("button", name="改一改再试").click()
    form = phone.page.locator("#typed")
    expect(form.get_by_label("姓名")).to_have_value("徐婉华")
    expect(form).to_contain_text("还从那时算起")
    calm(phone)
    phone.fill(tail="1234")
    form.get_by_role("button", name="签到").click()
    expect(lines.filter(has_text="徐婉华")).to_contain_text("签到成功")
    expect(lines.filter(has_text="没找到这位")).to_have_count(3)
    expect(form.locator("[data-again]")).to_be_hidden()
    scan = db.session.scalars(select(Scan).where(Scan.activity_id == festival)).one()
    assert before - timedelta(seconds=2) <= scan.at <= typed + timedelta(seconds=2)


def test_verdicts_that_come_late_are_summed_up_and_listed(town, festival, phones):
    town.make.person("陈大明", home=town.branch, phone="13712341234")
    phone = phones(town.organiser)
    phone.page.clock.install()
    phone.open(f"/activities/{festival}/scanner")
    no_signal(phone)
    phone.taps("按姓名")
    phone.fill(name="陈大明", tail="1234")
    phone.page.locator("#typed").get_by_role("button", name="签到").click()
    phone.page.clock.fast_forward(20 * 60_000)
    expect(phone.page.locator(".note[data-queue]")).to_contain_text("1 位还没上传")
    no_signal(phone, off=False)
    phone.page.clock.fast_forward(60_000)
    expect(phone.page.locator("[data-verdict]")).to_contain_text("补传了 1 位")
    expect(phone.page.locator("[data-last]")).to_contain_text("陈大明")
    scan = db.session.scalars(select(Scan).where(Scan.activity_id == festival)).one()
    assert (scan.received_at - scan.at).total_seconds() > 15 * 60  # counts from then, and is known to be late


def test_the_worker_and_the_manifest_are_asked_for_anew_each_time(server):
    client = server.app.test_client()
    first = client.get("/sw.js")
    assert first.content_type.startswith("text/javascript")
    assert first.headers["Cache-Control"] == "no-cache"
    assert "self.SHELL = {" in first.text
    assert client.get("/manifest.webmanifest").json["display"] == "standalone"


SLOW_TO_STORE = """
Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set: function (told) {
  const step = this;
  step.addEventListener('complete', function () {
    if (step.mode === 'readonly') { told(); return; }
    const wait = setInterval(function () { if (window.mayBeStored) { clearInterval(wait); told(); } }, 20);
  });
} });
"""


def test_a_scan_without_signal_is_said_to_be_kept_once_it_is(town, festival, volunteer, installed):
    phone = installed(volunteer)
    no_signal(phone)
    phone.page.add_init_script(SLOW_TO_STORE)
    phone.open(f"/c/{town.code(festival)}")
    phone.title("正在存…")
    phone.sees("先别关掉这一页")
    expect(phone.page.get_by_text("这一页可以关掉")).to_be_hidden()
    phone.page.evaluate("window.mayBeStored = true")
    phone.title("扫码存下了")
    expect(phone.page.get_by_text("这一页可以关掉")).to_be_visible()
    calm(phone)


def test_what_waits_is_told_on_every_page_without_signal_and_its_verdict_on_the_next_one_with(town, festival, volunteer, installed):
    phone = installed(volunteer)
    no_signal(phone)
    phone.open(f"/c/{town.code(festival)}")
    phone.title("扫码存下了")
    for address in ("/check-in", "/me/code", "/"):
        phone.open(address)
        expect(phone.page.locator("[data-waits]")).to_contain_text("1 次扫码等着上传")
    calm(phone)
    no_signal(phone, off=False)
    expect(phone.page.locator("#late-note")).to_contain_text("的扫码上传了：签到成功", timeout=60000)
    assert waits(phone) == []
    assert (town.spells(festival), town.scans(festival)) == (1, 1)


def test_the_way_back_shows_the_state_then(town, festival, volunteer, phones):
    phone = phones(volunteer).open(f"/c/{town.code(festival)}")
    phone.title("签到成功")
    phone.open(f"/c/{town.code(festival)}")
    phone.title("您已签到")
    phone.page.get_by_role("button", name="现在签退").click()
    phone.page.get_by_text("已签退").first.wait_for()
    phone.page.go_back()
    expect(phone.page.locator("h1.serif")).to_contain_text("已签退")
    expect(phone.page.get_by_text("不用再扫")).to_have_count(0)
