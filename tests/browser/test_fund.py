"""关爱基金, from a request to the public figure: four people, each signed in with a password of their own."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from app.core.permissions import Role
from tests.browser.phone import amount
from tests.browser.town import PASSWORD
from tests.fund.houses import House

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


@dataclass
class Office:
    project: int
    phones: dict[str, str]


@pytest.fixture
def office(town):
    """A running project with 60,000 yuan, and the four who handle a payment."""
    people, numbers = {}, {}
    for name, role in (
        ("邓淑芬", Role.FUND_OFFICER),
        ("罗国栋", Role.FUND_APPROVER),
        ("曾国华", Role.FUND_OFFICER),
        ("关绮华", Role.FUND_APPROVER),
    ):
        numbers[name] = town.phone()
        people[name] = town.official(name, role, town.server.root, numbers[name])
    officer, approver, _, second = people.values()
    house = House(town.make, town.server.root, town.community, officer, approver, second, second, second)
    project = house.project()
    house.donate(100_000)
    house.grant(project, 60_000)
    return Office(project, numbers)


def signed_in(phones, office, name, path):
    phone = phones().open(f"/sign-in?next={path}")
    phone.sign_in(office.phones[name], PASSWORD)
    phone.give_code()
    return phone


def test_a_payment_is_asked_approved_paid_checked_and_public(office, phones):
    officer = signed_in(phones, office, "邓淑芬", f"/fund/projects/{office.project}")
    officer.title("独居长者家里修一修")
    officer.check()
    officer.follows("申请用款")
    officer.taps("提交申请")
    officer.sees("处要改")
    officer.forgive(422)
    officer.check()
    officer.page.get_by_label("材料").check()
    officer.fill(fen="3860.50", purpose="扶手和防滑垫", payee="南庄顺达五金店", invoice="发票 2416")
    officer.taps("提交申请")
    officer.sees("用款申请已提交", "现在不用您办")
    officer.check()

    approver = signed_in(phones, office, "罗国栋", "/work")
    approver.sees("扶手和防滑垫", "3,860.50 元")
    approver.check()
    approver.taps("核准")
    approver.sees("已核准")

    payer = signed_in(phones, office, "曾国华", "/work")
    payer.follows("去付款")
    payer.sees("系统只记账，钱请在网银里付")
    payer.check()
    payer.fill(reference="0619 2284 7731")
    payer.taps("记为已付")
    payer.sees("已记为付款", "等付款人以外的一位对银行回单")

    reconciler = signed_in(phones, office, "关绮华", "/work")
    reconciler.follows("去核对")
    reconciler.sees("对一下银行回单", "0619 2284 7731", "曾国华")
    reconciler.check()
    reconciler.taps("核对无误")
    reconciler.sees("已核对，这一笔办完了")
    reconciler.check()

    resident = phones().open("/fund")
    expect(resident.part("累计支出")).to_contain_text(amount("累计支出 3,860.50 元"))
    resident.sees("− 支出 3,860.50 = 结余")
    resident.check()
    resident.follows("元的每一笔")
    resident.title("每一笔，都在这里")
    resident.sees("扶手和防滑垫", "3,860.50")
    resident.sees_nothing_of("南庄顺达五金店", "邓淑芬", "罗国栋")
    resident.check()
    resident.open(f"/fund/projects/{office.project}")
    expect(resident.part("预算 70,000 元")).to_contain_text(amount("已支出 3,860.50 元"))
    resident.check()


def test_the_desk_and_the_forms_of_the_fund(office, phones):
    officer = signed_in(phones, office, "邓淑芬", "/fund/desk")
    officer.title("基金经办")
    officer.check()
    for path in (
        "projects/new",
        "donations/new",
        *(f"projects/{office.project}/{what}/new" for what in ("grants", "progress", "services")),
    ):
        officer.open(f"/fund/{path}").check(looks=("", "big"))
