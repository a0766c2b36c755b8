"""A draft of the points' scheme → what it would change → sent → published by another administrator → read by a member, point by point."""

import pytest

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.people.rules import StageKind

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
sqlite_only = True


def test_a_draft_is_tried_and_published(town, phones):
    make, today = town.make, clock.today()
    branch = make.unit("锦园第二十党支部", parent=town.community)
    member = make.person("何嘉怡", home=branch, stage=StageKind.MEMBER)
    writer, second = (town.official(name, Role.ADMINISTRATOR, town.server.root) for name in ("霍静雯", "黎国强"))
    activity = make.activity(branch, writer)
    one = Credit(member, activity, ActivityKind.SERVICE, branch, today, 600, HourClass.CREDIT, 900_001, "1")
    in_transaction(lambda: crediting.credit([one], clock.now()))

    desk = phones(writer, desk=True)
    desk.open("/schemes")
    desk.check(looks=("dark",))
    desk.taps("照这一版改党员积分")
    desk.follows("服务，每小时")
    desk.fill(amount="1.5", cap="30")
    desk.taps("记下")
    desk.sees("原来每小时 1.0 分，每年最多 25.0 分")
    desk.page.locator("a", has_text="日期、等次").click()
    desk.fill(version="试一版", valid_from=today.replace(day=1).isoformat(), source="街道党工委会议")
    desk.check(looks=("dark",))
    desk.taps("记下")
    desk.check(looks=("dark", "big"))
    desk.follows("先算一算")
    desk.sees("人会变", "何嘉怡", "70.0 → 75.0")
    desk.check(looks=("dark", "big"))
    desk.follows("返回")
    desk.taps("请另一位发布")
    desk.sees("等另一位管理员发布")

    phone = phones(second)
    phone.open("/work?group=积分方案")
    phone.sees("党员积分 试一版")
    phone.follows("看谁会变")
    phone.title("人会变")
    phone.follows("返回")
    phone.taps("发布")
    phone.sees("已发布", "试一版", "正在用")

    own = phones(member)
    own.open("/me/points/member")
    own.sees("75.0", "底分 60.0 + 得分 15.0 = 75.0")
    own.page.locator("summary").first.click()
    own.sees("每小时 1.5 分，每年最多 30.0 分（党员积分 试一版）", "没有超过")
    own.check()
