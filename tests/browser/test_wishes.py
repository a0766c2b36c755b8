"""微心愿 on phones, from the word to the thanks: a resident without an account, two who handle it, a volunteer."""

import pytest
from playwright.sync_api import expect

from app.core.permissions import Role
from tests.wishes.test_pages import picture

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]

TITLE, NAME, PHONE = "厨房的灯亮起来", "卢桂芳", "13800139999"


def tells(phones, community):
    """Somebody without an account says it on the form; what is missing is said first."""
    resident = phones().open("/fund/wishes")
    resident.title("街坊的心愿，等您来圆")
    resident.check()
    resident.follows("说一个心愿")
    resident.taps("说出来")
    resident.sees("处要改")
    resident.forgive(422)
    resident.check(looks=("", "big"))
    resident.fill(words=f"我是{NAME}，住 3 栋 502，厨房的灯坏了半年。", name=NAME, phone=PHONE, cost="120")
    resident.page.get_by_label("修理").check()
    resident.page.get_by_label("长者").check()
    resident.page.get_by_label("哪个社区").select_option(str(community))
    resident.taps("说出来")
    resident.title("记下了，谢谢您说出来")
    resident.check()
    return resident


def test_a_wish_is_told_verified_published_claimed_connected_fulfilled_and_thanked(town, phones):
    community = town.community
    secretary = phones(town.official("李丽华", Role.SECRETARY, community))
    deputy = phones(town.official("张文辉", Role.DEPUTY, community))
    volunteer = phones(town.resident("何嘉怡"))
    resident = tells(phones, community)

    secretary.open("/work").sees("要核实", "本人在网上说的")
    secretary.sees_nothing_of(NAME, PHONE)
    secretary.check(looks=("", "dark"))
    secretary.follows("去核实")
    secretary.sees(NAME, PHONE, "3 栋 502")
    secretary.check()
    secretary.fill(title=TITLE, words=f"{NAME}的灯坏了")
    secretary.taps("核实了，这样公开")
    secretary.sees("里面有姓名")
    secretary.forgive(422)
    secretary.fill(words="独自住的长者，厨房的灯坏了半年，想换一盏亮的。")
    secretary.taps("核实了，这样公开")
    secretary.sees("核实好了，等另一位公开", "这是您核实的")

    deputy.open("/work").follows("去看，公开")
    deputy.check(looks=("", "big"))
    deputy.taps("公开")
    deputy.sees("公开了，等人认领")

    volunteer.open("/fund/wishes")
    volunteer.page.get_by_role("link", name=TITLE).click()
    volunteer.title(TITLE)
    volunteer.check()
    volunteer.taps("我来圆这个心愿")
    volunteer.sees("您认领了，谢谢您", "社区会在")
    volunteer.check()

    deputy.open("/work").follows("去联系")
    deputy.sees(PHONE, "何嘉怡")
    deputy.check(looks=("",))
    deputy.taps("联系上了")
    deputy.sees("记下了：两边联系上了")

    volunteer.open("/me/wishes").check()
    volunteer.follows(TITLE)
    photo, _ = picture()
    volunteer.page.locator("[name=file]").set_input_files({"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()})
    volunteer.fill(alt="厨房的新灯亮着")
    volunteer.page.get_by_label("照片里能认出的人都同意公开").check()
    volunteer.taps("放上去")
    volunteer.sees("放好了")
    volunteer.check()
    volunteer.fill(note="换了一盏亮的灯，装了好按的开关。")
    volunteer.taps("办成了")
    volunteer.sees("记好了，谢谢您", "办成了，等回访")

    secretary.open("/work").follows("去回访")
    secretary.page.get_by_label("愿意", exact=True).check()
    secretary.page.get_by_label("心愿的人怎么说").fill("灯亮了，做饭不用摸黑了。")
    secretary.taps("回访过了")
    secretary.sees("心愿圆了")
    secretary.check(looks=("",))

    resident.open(f"/fund/wishes?show=full&unit={community}")
    resident.page.get_by_role("link", name=TITLE).click()
    resident.sees("换了一盏亮的灯", "灯亮了，做饭不用摸黑了", "圆了")
    expect(resident.page.get_by_role("img", name="厨房的新灯亮着")).to_be_visible()
    resident.sees_nothing_of(NAME, PHONE, "502", "何嘉怡", "李丽华", "张文辉")
    resident.check()
    volunteer.open("/notices").sees("回访过了，谢谢您")
    for path in ("figures", "poster"):
        resident.open(f"/fund/wishes/{path}").sees_nothing_of(NAME, PHONE)
    resident.open("/fund/wishes/figures").check()


def test_the_desk_and_its_forms(town, phones):
    secretary = phones(town.official("李丽华", Role.SECRETARY, town.community))
    for path in ("desk", "desk/new", "rounds"):
        secretary.open(f"/fund/wishes/{path}").check(looks=("", "big"))
    secretary.open("/fund/wishes/desk/new").taps("记下")
    secretary.sees("处要改")
    secretary.forgive(422)
    secretary.check(looks=("",))
    desk = phones(town.official("张文辉", Role.DEPUTY, town.community), desk=True)
    desk.open("/fund/wishes/desk").check(looks=("",), narrow=False)
    desk.open("/fund/wishes").check(looks=("", "dark"), narrow=False)


def test_a_donor_without_an_account_and_without_script_claims(town, phones):
    community = town.community
    secretary, deputy = (town.official(name, role, community) for name, role in (("李丽华", Role.SECRETARY), ("张文辉", Role.DEPUTY)))
    wish = published(community, secretary, deputy)
    donor = phones(java_script_enabled=False).open(f"/fund/wishes/{wish}")
    donor.follows("我来圆这个心愿")
    donor.fill(name="梁先生", phone="13900001111")
    donor.taps("我来圆")
    donor.sees("认领好了，谢谢您", "一位爱心街坊认领了")
    donor.sees_nothing_of("梁先生", "13900001111")


def published(community, maker, other):
    from app.core import clock
    from app.core.db import in_transaction
    from app.wishes.rules import Contact, Step, Telling, Way
    from app.wishes.service import steps, telling
    from tests.wishes.houses import PUBLIC

    now = clock.now()
    told = Telling(community, PUBLIC.kind, PUBLIC.whom, Way.VISIT, "灯坏了", Contact("卢婆婆", "", "楼下"), None, maker)

    def work():
        wish = telling.tell(told, None, None, now)
        telling.verify(wish, PUBLIC, other, True, now)
        steps.take(wish, Step.PUBLISHED, maker, True, now)
        return wish

    return in_transaction(work)
