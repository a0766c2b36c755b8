"""A report: frozen by the secretary, sent by the deputy, and what came later beside it; 数读 opened by somebody passing by."""

import re
from datetime import timedelta
from itertools import count

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.hours import service as hours
from app.hours.rules import HourClass, HourKind, HourPosting, SourceKind

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
_sources = count(900_001)


def serves(town, person, minutes):
    posting = HourPosting(
        person_id=person,
        home_unit_id=town.branch,
        organising_unit_id=town.branch,
        activity_id=None,
        served_on=clock.today(),
        hour_class=HourClass.CREDIT,
        kind=HourKind.SERVICE,
        minutes=minutes,
        source_kind=SourceKind.IMPORT,
        source_id=next(_sources),
    )
    in_transaction(lambda: hours.post([posting], clock.now()))


def test_a_report_is_frozen_sent_by_another_and_says_later_what_is_different(town, phones):
    neighbour = town.resident("林月娥")
    serves(town, neighbour, 90)
    deputy = phones(town.deputy)
    secretary = phones(town.secretary).open("/branch")
    secretary.follows("报表和小结")
    secretary.sees("谁参加了", "每个数字怎么算的")
    secretary.check()
    secretary.taps("冻结现在的数字")
    secretary.sees("冻结好了", "请另一位看过再上报", "今天再算，和冻结时一样")
    secretary.check()

    deputy.open("/work?group=报表")
    deputy.sees("1 人参加", "扫码 1.5 小时")
    deputy.check()
    deputy.follows("先看看")
    deputy.fill(note="请查收")
    deputy.taps("上报")
    deputy.sees("已上报", "请查收")

    serves(town, neighbour, 35)
    secretary.page.reload()
    secretary.sees("冻结以后有变化", "1 小时 30 分", "2 小时 5 分", "多 35 分")
    secretary.check()


def test_whoever_passes_by_opens_a_figure_and_sees_what_is_behind_it(town, phones):
    activity = town.make.activity(town.community, town.organiser, title="旧物换新街市")
    town.make.shift(activity, clock.now() - timedelta(hours=5), 2)
    passing = phones().open("/")
    passing.follows("数读")
    passing.title("数读")
    passing.sees("志愿服务", "街坊的事，办成多少", "算到")
    passing.check()
    passing.page.get_by_role("link", name=re.compile(r"^活动\s*\d")).click()
    passing.sees("已发布、没取消、已经结束的活动", "旧物换新街市")
    passing.check()
    passing.open("/figures/volunteers")
    passing.sees_nothing_of("林月娥")
    passing.check()
