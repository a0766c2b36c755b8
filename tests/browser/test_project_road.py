"""A project from the call to the archive, on phones: the community's organiser, the fund's officer and its approver; and a reviewer."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.fund.rules import Stage, Step
from app.fund.service import projects
from app.fund.stage_rules import Criterion
from app.panels import service as panels
from app.panels.rules import Sheet
from app.people.rules import UnitKind
from tests.fund.houses import House

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]
LATER = timedelta(days=21)  # a 公示 has ended by then, whatever holidays lie in it
NAMED = ("陈国强", "黄丽芳", "冯志远")


def test_a_project_from_call_to_archive(town, phones):
    root, make = town.server.root, town.make
    people = {name: town.official(name, role, root) for name, role in (("邓淑芬", Role.FUND_OFFICER), ("罗国栋", Role.FUND_APPROVER))}
    office = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=root)
    numbers = [town.phone() for _ in NAMED]
    reviewers = [town.resident(name, office, number) for name, number in zip(NAMED, numbers, strict=True)]
    officer, approver = phones(people["邓淑芬"]), phones(people["罗国栋"])

    officer.open("/fund/calls").follows("起草一次征集")
    officer.fill(
        title="第四期微创熟", words="给小区里的街坊办一件小事", closes_on=(clock.today() + timedelta(days=20)).isoformat(), cap="15000"
    )
    officer.taps("存下，请另一位发布")
    officer.sees("等另一位发布", "起草的人自己不能发布")
    officer.check()
    approver.open("/work").sees("第四期微创熟")
    approver.follows("看了再定")
    approver.taps("发布")
    approver.sees("正在收", "怎么评")

    unit = phones(town.organiser).open("/fund/calls")
    unit.sees("第四期微创熟", "正在收")
    unit.check()
    unit.follows("第四期微创熟")
    unit.follows("报一个项目")
    unit.check(looks=("",))
    began = clock.today() + timedelta(days=40)
    unit.fill(name="楼下共享工具角", summary="工具登记借用", area="灯湖社区", beneficiaries="本小区街坊")
    unit.fill(starts_on=began.isoformat(), ends_on=(began + timedelta(days=200)).isoformat(), line_1="用具", fen_1="4800")
    unit.taps("存为草稿")
    unit.sees("草稿，还没有送出")
    unit.taps("送出")
    unit.sees("已送出，等初审")
    unit.check()
    project = int(unit.page.url.rsplit("/", 1)[1])

    officer.open("/work").sees("楼下共享工具角", "初审")
    officer.open(f"/fund/projects/{project}").check()
    officer.taps("初审通过")
    officer.follows("请评审人")
    for row, (name, number) in enumerate(zip(NAMED, numbers, strict=True), 1):
        officer.fill(**{f"name_{row}": name, f"phone_{row}": number})
    officer.taps("请他们评审")
    officer.sees("已交 0／3")
    officer.check()

    marks = dict.fromkeys(("need", "fit", "participation", "feasibility", "novelty", "durability", "budget"), "86")
    reviewer = phones(reviewers[0]).open("/work")
    reviewer.sees("楼下共享工具角", "请您打分")
    reviewer.follows("看了打分")
    reviewer.check()
    reviewer.fill(words="街坊等了很久", **marks)
    reviewer.taps("交评分")
    reviewer.sees("您的评分交了", "86.0 分")
    officer.open(f"/fund/projects/{project}/panel").sees("已交 1／3")
    officer.sees_nothing_of("86.0", "街坊等了很久")
    for one in reviewers[1:]:
        sheet = Sheet(dict.fromkeys(Criterion, 80), "好")
        in_transaction(lambda one=one, sheet=sheet: panels.score(project, one, sheet, clock.now()))
    officer.open(f"/fund/projects/{project}/panel").sees("街坊等了很久", "82.0")
    officer.check()
    officer.taps("记为已评审")
    officer.sees("评审完成", "贴出公示")
    officer.check(looks=("",))
    _shown_and_over(project, people["邓淑芬"])

    resident = phones().open(f"/fund/projects/{project}")
    resident.sees("公示中", "82.0 分")
    resident.sees_nothing_of("陈国强", "霍静雯")
    resident.check()
    approver.open("/work").sees("楼下共享工具角", "公示到期，立项")
    approver.open(f"/fund/projects/{project}").check()
    approver.taps("同意立项")
    approver.sees("已立项")

    officer.open(f"/fund/projects/{project}").follows("登记协议")
    today = clock.today()
    officer.fill(number=f"GAXY-{project}", party="灯湖社区居民委员会", fen="4800", part_1="3000", part_2="1800")
    officer.fill(due_1=today.isoformat(), due_2=(today + timedelta(days=90)).isoformat())
    officer.page.locator("[name=after_2]").select_option("midterm")
    officer.check()
    officer.taps("记下协议")
    officer.sees("请另一位核对")
    approver.open(f"/fund/projects/{project}").sees("第 2 期")
    approver.check()
    approver.taps("协议核对无误，开始")
    approver.sees("进行中")
    _paid(town, people, project)

    approver.open(f"/fund/projects/{project}").page.get_by_text("中期检查通过", exact=True).first.click()
    approver.fill(note_midterm="货架到位，用款清楚")
    approver.page.get_by_role("button", name="中期检查通过").click()
    approver.sees("中期已查", "货架到位")
    unit.open(f"/fund/projects/{project}").page.get_by_text("申请结项", exact=True).first.click()
    unit.fill(note_final="工具角开了，每周借出三十次")
    unit.page.get_by_role("button", name="申请结项").click()
    unit.sees("待结项")
    approver.open(f"/fund/projects/{project}").fill(note_closed="做成了，没有余款")
    approver.check()
    approver.taps("同意结项")
    approver.sees("已结项")
    approver.page.get_by_text("归档", exact=True).first.click()
    approver.page.get_by_role("button", name="归档").click()
    approver.sees("已归档")
    resident.open(f"/fund/projects/{project}").sees("已归档", "工具角开了", "分期拨付", "3,000.00")
    resident.sees_nothing_of("邓淑芬", "罗国栋", "居民委员会")
    resident.check()


def _shown_and_over(project: int, by: int) -> None:
    """The 公示 is put up as if three weeks ago; nothing else can make time pass."""
    then = clock.now() - LATER
    in_transaction(lambda: projects.advance(project, Stage.PUBLICISED, by, then, phone="0757-86230000", place="党群服务中心"))


def _paid(town, people, project: int) -> None:
    """Granted, spent to the last yuan, and found in the bank: test_fund walks that on its own."""
    officer, approver = people["邓淑芬"], people["罗国栋"]
    house = House(town.make, town.server.root, town.community, officer, approver, approver, approver, approver)
    house.donate(5_000)
    house.grant(project, 3_000)
    request = house.pay(project, 3_000)
    house.step(request, Step.RECONCILED, approver)
