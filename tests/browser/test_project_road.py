"""A project from the call to the archive, all of it on the pages, on phones, with days passing in between.

Seven people sign in with their own passwords: the community's organiser, the fund's officer and its approver, three reviewers, and at
the end a resident without any looks at what is public.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.factors import code_at
from app.core import clock
from app.core.permissions import Role
from app.people.rules import UnitKind
from tests.browser import later
from tests.browser.phone import Phone
from tests.browser.server import Server, copy_of, serving
from tests.browser.town import PASSWORD
from tests.factories import FACTOR_KEY
from tests.results.examples import pdf, picture

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
SHOWN_FOR = 21  # days; a 公示 has ended by then, whatever holidays lie in it
ONCE = ("",)
CRITERIA = ("need", "fit", "participation", "feasibility", "novelty", "durability", "budget")
STAFF = ("邓淑芬", "罗国栋")
REVIEWERS = {"陈国强": 86, "黄丽芳": 80, "冯志远": 80}
NAME = "楼下共享工具角"


@pytest.fixture(scope="module")
def server(site: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One of its own: its clock goes forward, and with it the test's."""
    folder = tmp_path_factory.mktemp("later")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: later.now_in(folder))
        with serving(copy_of(site.template_file, site.server_url, folder), folder, factory="tests.browser.later:create_app") as running:
            yield running


@dataclass
class Walk:
    """Who walks it, each with a phone in their hand."""

    phones: Any
    server: Server
    numbers: dict[str, str]
    held: dict[str, Phone] = field(default_factory=dict)
    project: int = 0

    def by(self, name: str, path: str = "") -> Phone:
        """This person's phone, at a page; first they sign in."""
        path = path or f"/fund/projects/{self.project}"
        if name in self.held:
            return self.held[name].open(path)
        phone: Phone = self.phones().open("/sign-in")
        phone.sign_in(self.numbers[name], PASSWORD)
        if name in STAFF:
            phone.title("还差一个验证码")
            phone.fill(code=code_at(FACTOR_KEY, clock.now()))
            phone.taps("继续")
        phone.page.wait_for_url(lambda url: "/sign-in" not in url)
        self.held[name] = phone
        return phone.open(path)

    def days_pass(self, days: int) -> None:
        """Everybody signs in again, as after a night."""
        later.let_pass(self.server.app.config["SETTINGS"].data_dir, days)
        for phone in self.held.values():
            phone.context.close()
        self.held.clear()

    def nobody(self) -> Phone:
        return self.phones().open(f"/fund/projects/{self.project}")  # type: ignore[no-any-return]


@pytest.fixture
def walk(town: Any, phones: Any) -> Walk:
    numbers = {name: town.phone() for name in ("霍静雯", "邓淑芬", "罗国栋", *REVIEWERS)}
    town.official("霍静雯", Role.ORGANISER, town.community, numbers["霍静雯"])
    town.official("邓淑芬", Role.FUND_OFFICER, town.server.root, numbers["邓淑芬"])
    town.official("罗国栋", Role.FUND_APPROVER, town.server.root, numbers["罗国栋"])
    office = town.make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=town.server.root)
    for name in REVIEWERS:
        town.resident(name, office, numbers[name])
    return Walk(phones, town.server, numbers)


def a_file(name: str, kind: str, data: bytes) -> Any:
    return {"name": name, "mimeType": kind, "buffer": data}


def test_a_project_from_call_to_archive(walk):
    a_call_is_published(walk)
    the_community_applies(walk)
    three_review_it(walk)
    it_is_shown_and_approved(walk)
    the_contract_is_checked_by_another(walk)
    money_comes_and_is_paid(walk)
    it_is_told_and_looked_at(walk)
    it_ends_with_a_report(walk)
    anybody_reads_it(walk)


def a_call_is_published(walk):
    officer = walk.by("邓淑芬", "/fund/calls")
    officer.follows("起草一次征集")
    last = (clock.today() + timedelta(days=20)).isoformat()
    officer.fill(title="第四期微创熟", words="给小区里的街坊办一件小事", closes_on=last, cap="15000")
    officer.taps("存下，请另一位发布")
    officer.sees("等另一位发布", "起草的人自己不能发布")
    officer.check(looks=ONCE)
    approver = walk.by("罗国栋", "/work")
    approver.sees("第四期微创熟")
    approver.follows("看了再定")
    approver.taps("发布")
    approver.sees("正在收", "怎么评")


def the_community_applies(walk):
    unit = walk.by("霍静雯", "/fund/calls")
    unit.sees("第四期微创熟", "正在收")
    unit.follows("第四期微创熟")
    unit.follows("报一个项目")
    unit.check(looks=ONCE)
    begins = clock.today() + timedelta(days=30)
    unit.fill(name=NAME, summary="工具登记借用", area="灯湖社区", beneficiaries="本小区街坊")
    unit.fill(starts_on=begins.isoformat(), ends_on=(begins + timedelta(days=60)).isoformat(), line_1="用具", fen_1="4800")
    unit.taps("存为草稿")
    unit.sees("草稿，还没有送出")
    unit.taps("送出")
    unit.sees("已送出，等初审")
    walk.project = int(unit.page.url.rsplit("/", 1)[1])
    officer = walk.by("邓淑芬", "/work")
    officer.sees(NAME, "初审")
    walk.by("邓淑芬").taps("初审通过")
    officer.follows("请评审人")
    for row, name in enumerate(REVIEWERS, 1):
        officer.fill(**{f"name_{row}": name, f"phone_{row}": walk.numbers[name]})
    officer.taps("请他们评审")
    officer.sees("已交 0／3")


def three_review_it(walk):
    for place, (name, mark) in enumerate(REVIEWERS.items(), 1):
        reviewer = walk.by(name, "/work")
        reviewer.sees(NAME, "请您打分")
        reviewer.follows("看了打分")
        reviewer.sees_nothing_of("街坊等了很久")
        reviewer.fill(words="街坊等了很久" if place == 1 else "值得做", **dict.fromkeys(CRITERIA, str(mark)))
        reviewer.taps("交评分")
        reviewer.sees("评分交了" if place < 3 else "82.0")
        if place < 3:
            officer = walk.by("邓淑芬", f"/fund/projects/{walk.project}/panel")
            officer.sees(f"已交 {place}／3")
            officer.sees_nothing_of("86.0", "街坊等了很久")
    officer = walk.by("邓淑芬", f"/fund/projects/{walk.project}/panel")
    officer.sees("街坊等了很久", "82.0")
    officer.check(looks=ONCE)
    officer.taps("记为已评审")
    officer.sees("评审完成", "贴出公示")


def it_is_shown_and_approved(walk):
    officer = walk.by("邓淑芬")
    officer.fill(phone="0757-86230000", place="党群服务中心")
    officer.taps("贴出公示")
    officer.sees("公示贴出去了")
    resident = walk.nobody()
    resident.sees("公示中", "82.0 分")
    resident.sees_nothing_of("陈国强", "霍静雯")
    resident.check(looks=ONCE)
    approver = walk.by("罗国栋")
    approver.sees("过了那天才能决定")
    assert not approver.page.get_by_role("button", name="同意立项").count()
    walk.days_pass(SHOWN_FOR)
    approver = walk.by("罗国栋", "/work")
    approver.sees(NAME, "公示到期，立项")
    approver = walk.by("罗国栋")
    approver.taps("同意立项")
    approver.sees("已立项")


def the_contract_is_checked_by_another(walk):
    officer = walk.by("邓淑芬")
    officer.follows("登记协议")
    today = clock.today()
    officer.fill(number=f"GAXY-{walk.project}", party="灯湖社区居民委员会", fen="4800", part_1="3000", part_2="1800")
    officer.fill(due_1=today.isoformat(), due_2=(today + timedelta(days=45)).isoformat())
    officer.page.locator("[name=after_2]").select_option("midterm")
    officer.taps("记下协议")
    officer.sees("请另一位核对")
    approver = walk.by("罗国栋")
    approver.sees("第 2 期")
    approver.taps("协议核对无误，开始")
    approver.sees("进行中")


def money_comes_and_is_paid(walk):
    officer = walk.by("邓淑芬", "/fund/donations/new")
    officer.fill(fen="6000", donor="何先生", receipt="回单 77")
    officer.taps("记下，等核对")
    approved(walk, "已到账，入账")
    granted(walk, "3000")
    officer = walk.by("邓淑芬")
    officer.follows("申请用款")
    officer.fill(fen="2900", purpose="货架和工具", payee="南庄顺达五金店", invoice="发票 2416")
    officer.taps("提交申请")
    officer.sees("用款申请已提交")
    paid = officer.page.url
    walk.by("罗国栋", paid).taps("核准")
    officer = walk.by("邓淑芬", paid)
    officer.fill(reference="0619 2284 7731")
    officer.taps("记为已付")
    officer.sees("已记为付款")
    officer.follows("上传一份")
    officer.page.set_input_files("[name=file]", a_file("发票.pdf", "application/pdf", pdf(1)))
    officer.taps("上传")
    officer.sees("已收好，只有基金的人看得到")
    approver = walk.by("罗国栋", paid)
    approver.sees("0619 2284 7731")
    approver.taps("核对无误")
    approver.sees("已核对，这一笔办完了")


def approved(walk, button):
    """What the officer has just asked for, by the approver, on the page of that request."""
    asked = walk.held["邓淑芬"].page
    asked.wait_for_url("**/fund/requests/*")
    walk.by("罗国栋", asked.url).page.get_by_role("button", name=button, exact=True).click()


def granted(walk, yuan):
    officer = walk.by("邓淑芬")
    officer.follows("从基金拨付")
    officer.fill(fen=yuan)
    officer.taps("提交，等核准")
    approved(walk, "核准")
    walk.held["罗国栋"].sees("这一笔办完了")


def it_is_told_and_looked_at(walk):
    walk.days_pass(15)
    officer = walk.by("邓淑芬")
    officer.follows("公开进展")
    officer.fill(body="货架到了，第一批工具上架")
    officer.taps("公开")
    officer.sees("货架到了，第一批工具上架")
    officer.follows("记服务人次")
    officer.fill(people="30", what="借用工具")
    officer.taps("公开")
    officer.sees("借用工具")
    walk.days_pass(20)
    approver = walk.by("罗国栋")
    approver.page.get_by_text("中期检查通过", exact=True).first.click()
    approver.fill(note_midterm="货架到位，用款清楚")
    approver.taps("中期检查通过")
    approver.sees("中期已查", "货架到位")
    granted(walk, "1800")


def it_ends_with_a_report(walk):
    officer = walk.by("邓淑芬")
    officer.follows("管理照片")
    officer.follows("放一组照片")
    before_and_after(officer)
    officer = walk.by("邓淑芬", f"/fund/projects/{walk.project}/files")
    officer.follows("上传项目的文件")
    officer.page.get_by_label("报告").check()
    officer.page.set_input_files("[name=file]", a_file("验收.jpg", "image/jpeg", picture("gray")))
    officer.taps("上传")
    officer.sees("已收好")
    walk.days_pass(40)
    unit = walk.by("霍静雯")
    unit.page.get_by_text("申请结项", exact=True).first.click()
    unit.fill(note_final="工具角开了，每周借出三十次")
    unit.page.get_by_role("button", name="申请结项").click()
    unit.sees("待结项")
    the_rest_goes_back(walk)
    officer = walk.by("邓淑芬")
    officer.follows("写结项报告")
    officer.fill(done="工具角开了，每周借出三十次", people="本小区街坊", leftovers="1,900 元交回基金")
    officer.taps("写好了，交另一位公开")
    officer.sees("等另一位公开")
    approver = walk.by("罗国栋", f"/fund/projects/{walk.project}/report")
    approver.taps("公开")
    approver.sees("已公开，数字按现在的账定下来了")
    approver = walk.by("罗国栋")
    approver.fill(note_closed="做成了，余款已交回")
    approver.check(looks=ONCE)
    approver.taps("同意结项")
    approver.sees("已结项")
    approver.page.get_by_text("归档", exact=True).first.click()
    approver.taps("归档")
    approver.sees("已归档")


def before_and_after(officer):
    officer.fill(caption="架空层的角落", alt="空着的架空层")
    officer.page.set_input_files("[name=file]", a_file("前.jpg", "image/jpeg", picture("gray")))
    officer.page.get_by_label("认不出是谁").check()
    officer.taps("放上去")
    officer.follows("放“之后”")
    officer.fill(alt="摆好的工具架，一位街坊在登记")
    officer.page.set_input_files("[name=file]", a_file("后.jpg", "image/jpeg", picture("teal")))
    officer.page.get_by_label("问过，都同意公开").check()
    officer.taps("放上去")
    officer.sees("照片里的人同意公开")


def the_rest_goes_back(walk):
    approver = walk.by("罗国栋")
    approver.sees("账上还有余款")
    officer = walk.by("邓淑芬")
    officer.follows("剩余交回")
    officer.fill(fen="1900", purpose="结项余款")
    officer.page.get_by_role("main").locator("button[type=submit]").last.click()
    approved(walk, "核准")


def anybody_reads_it(walk):
    resident = walk.nobody()
    resident.sees("已归档", "82.0 分", "工具角开了", "货架到了", "分期拨付", "3,000.00", "2,900.00", "借用工具", "架空层的角落", "结项报告")
    resident.sees_nothing_of("邓淑芬", "罗国栋", "霍静雯", "陈国强", "居民委员会", "南庄顺达五金店", "何先生")
    assert resident.page.locator(".photo-pair img").count() == 2
    resident.check()
    resident.follows("看全文")
    resident.sees("每周借出三十次", "1,900.00")
    resident.sees_nothing_of("邓淑芬", "罗国栋")
    resident.check(looks=ONCE)
    resident.open("/fund/projects").sees(NAME)
