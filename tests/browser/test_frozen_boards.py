"""Days of one's own → the table → 定榜 → published by another administrator → seen by who is not signed in."""

from datetime import timedelta

import pytest

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


@pytest.fixture
def spring(town):
    """The first and the last day of a spell that was over, and closed, long ago; three branches of five served in it."""
    first = (clock.today() - timedelta(days=200)).replace(day=4)
    last = first + timedelta(days=40)
    activity, numbers = town.festival(), iter(range(700_000, 700_100))
    for name, minutes in (("桂园苑党支部", 600), ("翠苑党支部", 480), ("金地党支部", 480)):
        unit = town.make.unit(name, parent=town.community)
        everybody = [town.make.person("何嘉怡", home=unit) for _ in range(5)]
        with clock.frozen_at(clock.at_local(first + timedelta(days=3))):
            day = clock.today()
            given = [Credit(everybody[0], activity, ActivityKind.SERVICE, unit, day, minutes, HourClass.CREDIT, next(numbers), "test")]
            in_transaction(lambda given=given: crediting.credit(given, clock.now()))
    return first, last


def test_from_days_of_ones_own_to_a_board_that_everybody_sees(town, phones, spring):
    first, last = spring
    maker, second = (town.official(name, Role.ADMINISTRATOR, town.server.root) for name in ("霍静雯", "黎国强"))
    desk = phones(maker, desk=True).open("/boards")
    desk.follows("自选")
    desk.title("从哪天到哪天")
    desk.fill(**{"from": last.isoformat(), "to": first.isoformat()})
    desk.taps("看这段时间的排行")
    desk.sees("结束的日子在开始以前")
    desk.forgive(422)
    desk.check(looks=("",))
    desk.fill(**{"from": first.isoformat(), "to": last.isoformat()})
    desk.taps("看这段时间的排行")
    desk.title("排行")
    desk.sees("桂园苑党支部", "2.00", "并列")
    desk.follows("更多口径")
    desk.follows("参加率")
    desk.sees("20.0")
    desk.check(looks=("",))
    desk.follows("全部口径并排看")
    desk.sees("中位数", "这一期已经结账，可以定榜")
    desk.check(narrow=False)
    desk.taps("定榜")
    desk.sees("定好了", "请另一位管理员来发布")
    frozen = desk.page.url.removeprefix(town.server.address)
    desk.open("/boards/frozen")
    desk.title("定榜和发布")
    desk.sees("等发布", "霍静雯定榜")
    desk.check(looks=("",))

    stranger = phones().open(frozen)
    stranger.sees("没有找到这一页")
    stranger.forgive(404)
    other = phones(second).open("/work")
    other.sees("定好等发布")
    other.follows("看过再发布")
    other.taps("发布这一期")
    other.sees("发布了，人人看得到")
    other.check()

    stranger.open("/boards/published")
    stranger.title("历期定榜")
    stranger.taps("支部", "link")
    stranger.sees("桂园苑党支部", "翠苑党支部", "并列", "定榜以后没有变化")
    stranger.sees_nothing_of("何嘉怡")
    stranger.check()
