"""A forgotten scan becomes a signed paper: claim with a photo, approval in 待办, 双50 full, confirmed by the branch, PDF and sheet."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from PIL import Image

from app.core import clock
from app.core.db import in_transaction
from app.hours import service as hours
from app.hours.rules import HourClass, HourKind, HourPosting, SourceKind
from app.people.rules import StageKind
from tests import pdf_reading

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]
HOUR = 60


def test_a_forgotten_evening_is_claimed_approved_and_fills_the_double50(town, phones, tmp_path):
    volunteer = two_hours_short(town)
    activity = town.make.activity(town.branch, town.secretary, title="台风后清障")
    town.make.signup(town.make.shift(activity, clock.now() - timedelta(hours=26), 2), volunteer)
    own, secretary = phones(volunteer), phones(town.secretary)

    own.open("/me/double50").sees("还差 2 小时")
    claims_with_a_photo(own)
    approves_in_the_work_list(secretary)
    reads_that_it_counts(own)
    confirms_what_is_full(secretary)
    downloads_the_pack(own, tmp_path)


def two_hours_short(town):
    """Somebody with 48 scanned hours of service and 50 of study in the stage."""
    began = clock.today() - timedelta(days=90)
    person = town.make.person("林月娥", home=town.branch, stage=StageKind.ACTIVIST, stage_since=began)
    town.make.account(person)
    spells = [(HourKind.SERVICE, 4 * HOUR)] * 12 + [(HourKind.STUDY, 5 * HOUR)] * 10

    def entry(nth, kind, long):
        day, source = began + timedelta(days=nth), 10**6 + nth
        return HourPosting(person, town.branch, town.branch, None, day, HourClass.CREDIT, kind, long, SourceKind.IMPORT, source)

    entries = [entry(nth, *one) for nth, one in enumerate(spells)]
    in_transaction(lambda: hours.post(entries, clock.now()))
    return person


def claims_with_a_photo(own):
    own.open("/me/records").follows("忘了扫码？补一条")
    own.sees("您报了名的", "台风后清障")
    own.check()
    own.follows("台风后清障")
    own.taps("交给")
    own.sees("有 2 处要改", "请填写做了什么", "或者传一张现场照片")
    own.forgive(422)
    own.check()
    own.fill(did="搬开断枝，清理通道")
    own.page.set_input_files("[name=file]", a_photo())  # type: ignore[arg-type]
    own.taps("交给")
    own.sees("交上去了", "等李丽华确认")
    own.check()


def approves_in_the_work_list(secretary):
    secretary.open("/work").sees("台风后清障，2 小时", "搬开断枝", "报了名，那天没有扫过码", "近 90 天第一次补录")
    picture = secretary.page.get_by_role("img", name="传的现场照片")
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    secretary.check()
    secretary.follows("退回")
    secretary.title("台风后清障，2 小时")
    secretary.check()
    secretary.taps("同意")
    secretary.sees("已确认 1 位，都记上了")


def reads_that_it_counts(own):
    own.open("/me/records").sees("已确认，计入 2 小时")
    own.check()
    own.open("/me")
    assert own.part("服务时长").locator(".num").all_inner_texts() == ["48小时", "2小时"]  # scanned and made up, apart
    own.open("/me/double50").sees("服务满了", "都满了，支部确认以后就封存", "台风后清障", "补录时长 2 小时")
    own.check()


def confirms_what_is_full(secretary):
    secretary.open("/work").sees("林月娥的双50满了")
    secretary.follows("看每一条，再确认")
    secretary.title("林月娥")
    secretary.check()
    secretary.taps("支部确认，封存凭证")
    secretary.sees("支部已确认", "扫码 48 小时，补录 2 小时", "下载 PDF")
    secretary.check()
    secretary.open("/double50?state=confirmed").sees("林月娥", "已确认")
    secretary.check()
    secretary.open("/claims/share").sees("偏高不等于有错")
    secretary.check()


def downloads_the_pack(own, folder):
    own.open("/me/double50").sees("已封存", "李丽华")
    own.check()
    own.follows("看凭证")
    written = downloaded(own, "下载 PDF", folder / "pack.pdf").read_bytes()
    assert written.startswith(b"%PDF")
    read = pdf_reading.text(written)
    assert "林月娥" in read
    assert "台风后清障" in read
    assert load_workbook(downloaded(own, "下载 Excel", folder / "pack.xlsx"))["逐条"].max_row == 1 + 12 + 10 + 1


def downloaded(phone, link, file):
    with phone.page.expect_download() as started:
        phone.follows(link)
    started.value.save_as(file)
    return file


def a_photo():
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a8f6a").save(out, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
