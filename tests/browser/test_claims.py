"""补录: somebody who forgot to scan claims with a photo, the secretary confirms with it in view, and the hours stand apart as 补录时长."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from app.core import clock

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


def a_photo() -> dict[str, object]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a8f6a").save(out, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_claim_with_a_photo_is_confirmed_and_stands_apart(town, phones):
    volunteer, activity = town.resident("陈志远"), town.make.activity(town.branch, town.secretary, title="台风后清障")
    shift = town.make.shift(activity, clock.now() - timedelta(hours=26), 2)
    town.make.signup(shift, volunteer)

    phone = phones(volunteer).open("/me/records")
    phone.follows("忘了扫码？补一条")
    phone.sees("您报了名的", "台风后清障")
    phone.check()
    phone.follows("台风后清障")
    phone.taps("交给")
    phone.sees("有 2 处要改", "请填写做了什么", "或者传一张现场照片")
    phone.forgive(422)
    phone.check()
    phone.fill(did="搬开断枝，清理通道")
    phone.page.set_input_files("[name=file]", a_photo())  # type: ignore[arg-type]
    phone.taps("交给")
    phone.sees("交上去了", "等李丽华确认")
    phone.check()

    desk = phones(town.secretary, desk=True).open("/work")
    desk.sees("台风后清障，2 小时", "搬开断枝", "报了名，那天没有扫过码", "近 90 天第一次补录")
    assert desk.page.get_by_role("img", name="传的现场照片").evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    desk.check(narrow=False)
    desk.follows("退回")
    desk.title("台风后清障，2 小时")
    desk.check(narrow=False)
    desk.taps("同意")
    desk.sees("已确认 1 位，都记上了")

    phone.open("/me/records").sees("已确认，计入 2 小时")
    phone.check()
    phone.open("/me")
    phone.sees("补录时长")
    assert phone.part("服务时长").locator(".num").all_inner_texts() == ["0小时", "2小时"]

    desk.open("/claims/share").sees("偏高不等于有错", "100.0%")
    desk.check()
