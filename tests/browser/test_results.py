"""What became of the money, on a phone: an invoice behind a payment, a pair of photos with consent, and what everybody sees of both."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from app.core.db import db
from app.core.permissions import Role
from app.fund.models import FundMovementEntry
from app.fund.rules import Step
from tests.browser.town import PASSWORD
from tests.fund.houses import House
from tests.results.examples import pdf, picture

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


@dataclass
class Office:
    project: int
    request: int
    voucher: int
    phone: str


@pytest.fixture
def office(town):
    """A running project with a payment that was made, and its officer."""
    people, numbers = {}, {}
    for name, role in (("邓淑芬", Role.FUND_OFFICER), ("罗国栋", Role.FUND_APPROVER), ("关绮华", Role.FUND_APPROVER)):
        numbers[name] = town.phone()
        people[name] = town.official(name, role, town.server.root, numbers[name])
    officer, approver, second = people.values()
    house = House(town.make, town.server.root, town.community, officer, approver, second, second, second)
    project = house.project()
    house.donate(20_000)
    house.grant(project, 9_000)
    request = house.ask(project, 860)
    house.step(request, Step.APPROVED, approver)
    house.step(request, Step.PAID, officer)
    voucher = db.session.scalar(select(FundMovementEntry.voucher_no).where(FundMovementEntry.request_id == request))
    return Office(project, request, voucher, numbers["邓淑芬"])


def a_file(name, kind, data):
    return {"name": name, "mimeType": kind, "buffer": data}


def test_an_invoice_and_two_photos_reach_the_public_page(office, phones):
    officer = phones().open(f"/sign-in?next=/fund/requests/{office.request}")
    officer.sign_in(office.phone, PASSWORD)
    officer.give_code()
    an_invoice_behind_the_payment(officer)
    before_and_after(officer, office)
    what_everybody_sees(phones().open(f"/fund/projects/{office.project}"), office.voucher)
    consent_taken_back(officer, phones, office)


def an_invoice_behind_the_payment(officer):
    officer.sees("还没有上传文件")
    officer.follows("上传一份")
    officer.check()
    officer.page.set_input_files("[name=file]", a_file("合同.docx", "application/zip", b"PK\x03\x04 not a document"))
    officer.taps("上传")
    officer.sees("Word、Excel、OFD 请先另存为 PDF")
    officer.forgive(422)
    officer.check()
    officer.page.set_input_files("[name=file]", a_file("发票.pdf", "application/pdf", pdf(2, text="6222 0000")))
    officer.taps("上传")
    officer.sees("已收好，只有基金的人看得到", "PDF，2 页")
    officer.follows("管理")
    officer.sees("这份不能公开", "盖的黑块挡不住")
    officer.check()
    officer.page.go_back()
    officer.follows("上传一份")
    officer.page.set_input_files("[name=file]", a_file("涂黑.jpg", "image/jpeg", picture("black")))
    officer.taps("上传")
    officer.sees("照片")
    officer.page.get_by_role("link", name="管理").nth(1).click()
    officer.taps("设为公开件")
    officer.sees("请看过以后打勾")
    officer.forgive(422)
    officer.page.get_by_label("我逐页看过").check()
    officer.taps("设为公开件")
    officer.sees("已设为公开件")
    officer.check()


def before_and_after(officer, office):
    officer.open(f"/fund/projects/{office.project}")
    officer.follows("管理照片")
    officer.sees("动手之前先拍一张")
    officer.check()
    officer.follows("放一组照片")
    officer.check()
    officer.fill(caption="三楼转角加了扶手", alt="楼梯转角，没有扶手")
    officer.page.set_input_files("[name=file]", a_file("前.jpg", "image/jpeg", picture("gray")))
    officer.page.get_by_label("认不出是谁").check()
    officer.taps("放上去")
    officer.sees("放好了", "三楼转角加了扶手")
    officer.follows("放“之后”")
    officer.fill(alt="楼梯转角，装了扶手，一位街坊扶着")
    officer.page.set_input_files("[name=file]", a_file("后.jpg", "image/jpeg", picture("teal")))
    officer.page.get_by_label("问过，都同意公开").check()
    officer.taps("放上去")
    officer.sees("照片里的人同意公开", "邓淑芬")
    officer.check()


def what_everybody_sees(anyone, voucher):
    anyone.sees("之前和之后", "三楼转角加了扶手", "公开件")
    anyone.sees_nothing_of("邓淑芬", "涂黑.jpg", "管理照片")
    pictures = anyone.page.locator(".photo-pair img")
    assert pictures.count() == 2
    anyone.check()
    anyone.open(f"/fund/vouchers/{voucher}")
    anyone.sees("860.00", "公开件", "另有 1 份")
    anyone.check()
    answer = anyone.page.request.get(anyone.address + anyone.page.locator("a[href$='/content']").get_attribute("href"))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")


def consent_taken_back(officer, phones, office):
    officer.page.get_by_text("撤下“之后”").click()
    details = officer.page.locator("details[open]")
    details.get_by_label("原因").fill("本人不想公开了")
    details.get_by_role("button", name="照片里的人不同意了").click()
    officer.sees("撤下了，谁也看不到了")
    anyone = phones().open(f"/fund/projects/{office.project}")
    anyone.sees("三楼转角加了扶手")
    assert anyone.page.locator(".photo-pair img").count() == 1
