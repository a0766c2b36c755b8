"""On phones: 这条记录不对, a correction out of it, a second person approves with its effect in view, and the person reads the outcome."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity
from app.checkin import service as checkin
from app.checkin.models import Attendance
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.words import time_words
from app.hours import queries as hours

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
sqlite_only = True


def test_a_wrong_record_is_said_corrected_by_two_and_read(town, phones):
    """Over midnight, left too early by the phone: an hour and a half instead of two."""
    member, begins = town.resident("何嘉怡"), clock.at_local(clock.today()) - timedelta(hours=25)
    activity = town.make.activity(town.branch, town.organiser, title="长者饭堂帮厨")
    town.make.shift(activity, begins, 2)
    for minutes in (0, 90):
        shown = ShownCode(uuid4(), activity, Way.POSTER, begins + timedelta(minutes=minutes))
        in_transaction(lambda shown=shown: checkin.record_scan(shown, member, shown.opened_at))
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(closed_at=clock.now())))
    record = db.session.scalars(select(Attendance.id).where(Attendance.person_id == member)).one()
    own, secretary, deputy = phones(member), phones(town.secretary), phones(town.deputy)

    own.open("/me/records").follows("这条不对？")
    own.fill(said="我做到收摊才走，手机没电")
    own.taps("请组织查实")
    own.sees("最晚", "答复")
    own.check()

    secretary.open("/work?group=这条记录不对")
    secretary.sees("我做到收摊才走，手机没电", "待受理")
    secretary.check()
    secretary.open("/disputes")
    secretary.sees("待答复 1")
    secretary.check()
    secretary.page.get_by_role("link", name="何嘉怡，长者饭堂帮厨").click()
    secretary.check()
    secretary.follows("更正这条")
    secretary.check()
    secretary.fill(out=time_words(begins + timedelta(hours=2)), reason="饭堂组长作证，做到收摊")
    secretary.taps("提出更正")
    secretary.sees("要由另一位来确认", "原来", "1 小时 30 分，扫码时长")
    secretary.check()

    deputy.open("/work?group=更正")
    deputy.check()
    deputy.page.get_by_role("link", name="看看改了以后").click()
    deputy.sees("2 小时，补录时长")
    deputy.check()
    deputy.taps("确认更正")
    deputy.sees("已更正：何嘉怡")

    own.open("/me/records")
    own.sees("原来 1 小时 30 分，扫码时长 → 更正为 2 小时，补录时长", "答复：已更正")
    own.check()
    own.open(f"/attendances/{record}/disputes")
    own.sees("饭堂组长作证，做到收摊", "已更正")
    own.check()
    assert (hours.sums(member).service_credit, hours.sums(member).service_honour) == (0, 120)
