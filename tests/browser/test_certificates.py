"""A certificate from the application to the stranger who scans it: applied for, accepted, issued, the code opened."""

import io

import pytest
import zxingcpp
from PIL import Image

from app.activities.rules import ActivityKind
from app.certificates import queries
from app.core import clock
from app.core.db import in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from tests import pdf_reading

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


def served(town) -> int:
    """Somebody with two hours at the festival."""
    person, festival = town.resident("何嘉怡"), town.festival()
    one = Credit(
        person_id=person,
        activity_id=festival,
        activity_kind=ActivityKind.SERVICE,
        organising_unit_id=town.community,
        served_on=clock.today(),
        minutes=120,
        hour_class=HourClass.CREDIT,
        source_id=town.make.number() + 1_000_000,
        rule_version="1",
    )
    in_transaction(lambda: crediting.credit([one], clock.now()))
    return person


def branch_name(town) -> str:
    return queries.issuers(town.branch, clock.today())[0].name


def test_applied_accepted_issued_and_verified_by_a_stranger(town, phones, tmp_path):
    secretary, deputy, person = town.secretary, town.deputy, served(town)
    mine = phones(person).open("/me")
    mine.follows("证明")
    mine.title("志愿服务记录证明")
    mine.follows("申请证明")
    mine.check()
    mine.fill(purpose="入职")
    mine.page.get_by_label("请谁出具").select_option(label=branch_name(town))
    mine.taps("交申请")
    mine.sees("等受理")
    address = mine.page.url

    desk = phones(secretary, desk=True).open(address)
    desk.fill(contact="0757-0000 0000")
    desk.check()
    desk.taps("核对过了，受理")
    desk.sees("您受理的")

    second = phones(deputy).open(address)
    second.taps("出具证明")
    second.sees("出具了", "志愿服务记录证明", "何嘉怡")
    second.check(looks=("",))
    (made,) = queries.certificates_of(person)

    mine.open(f"/certificates/{made.id}")
    with mine.page.expect_download() as file:
        mine.follows("下载 PDF")
    assert made.number in pdf_reading.text(file.value.path().read_bytes())
    picture = phones(person, desk=True).open(f"/certificates/{made.id}").page.locator(".sheet.cert").screenshot()
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    path = code.text.split("/verify/", 1)[1]

    stranger = phones(None).open(f"/verify/{path}")
    stranger.sees("有效", "何嘉怡", "灯湖邻里节")
    stranger.check()
    stranger.open("/verify")
    stranger.fill(number=made.number.lower())
    stranger.taps("查验")
    stranger.sees("有效", "何*怡")
    stranger.sees_nothing_of("何嘉怡", branch_name(town))
    stranger.check()
