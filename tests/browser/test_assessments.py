"""公示 → objection → answer → lock, each by the one whose turn it is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.assessments import service
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import StageKind
from app.publicity import service as publicity

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
sqlite_only = True

TRIGGERS = ("publicity_on_update", "objection_on_update")


@pytest.fixture
def house(town):
    """A branch with a secretary and a deputy, a committee of two above it, and one more member; reviewed by both, and agreed to."""
    make, since = town.make, {"stage": StageKind.MEMBER, "stage_since": date(2020, 1, 1)}
    branch = make.unit("锦园第八党支部", parent=town.community)
    people = {
        name: make.person(name, home=home, **since)
        for name, home in (
            ("李丽华", branch),
            ("张文辉", branch),
            ("梁慧珊", town.community),
            ("吴锦荣", town.community),
            ("何嘉怡", branch),
        )
    }
    for name, role, unit in (
        ("李丽华", Role.SECRETARY, branch),
        ("张文辉", Role.DEPUTY, branch),
        ("梁慧珊", Role.SECRETARY, town.community),
        ("吴锦荣", Role.DEPUTY, town.community),
    ):
        make.grant(people[name], role, unit)
    for person in people.values():
        make.account(person)
    now, span = clock.now(), str(clock.today().year - 2)
    years = (clock.today().year, clock.today().year + 1)
    in_transaction(lambda: publicity.set_holidays([date(year, 1, 1) for year in years], [], people["梁慧珊"], now))
    one = in_transaction(lambda: service.start([branch], span, people["梁慧珊"], "/work", now))[0]
    in_transaction(lambda: service.review(one, people["李丽华"], "", {}, "/work", now))
    in_transaction(lambda: service.approve(one, people["梁慧珊"], "", "/work", now))
    return one, span, people


def a_week_passes(assessment: int) -> None:
    """What was put up today was put up ten days ago; the database would not have it otherwise."""
    past = {"one": assessment, "starts": clock.today() - timedelta(days=10), "ends": clock.today() - timedelta(days=3)}

    def work() -> None:
        kept = [db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}) for name in TRIGGERS]
        for name in TRIGGERS:
            db.session.execute(text(f"DROP TRIGGER {name}"))
        db.session.execute(text("UPDATE publicity SET starts_on = :starts, ends_on = :ends WHERE subject_id = :one"), past)
        db.session.execute(text("UPDATE objection SET received_on = :ends"), past)
        for trigger in kept:
            db.session.execute(text(trigger))

    in_transaction(work)


def test_from_the_publicity_to_the_lock(house, phones):
    one, span, people = house
    deputy = phones(people["张文辉"], desk=True)
    deputy.open("/work")
    deputy.follows("去公示")
    deputy.title("锦园第八党支部")
    deputy.check(narrow=False)
    deputy.fill(phone="0757-86230000", place="党群服务中心 201")
    deputy.taps("开始公示")
    deputy.sees("正在公示", "60.0 分，基本合格", "何嘉怡")
    deputy.follows("印公告")
    deputy.sees("何*怡", "本人签名")

    member = phones(people["何嘉怡"])
    member.open("/me/assessments")
    member.check()
    member.follows("提异议")
    member.page.get_by_label("对哪一条").select_option(label="何嘉怡，60.0 分，基本合格")
    member.fill(said="去年 8 月台风后清障，我做了一整天")
    member.taps("提交")
    member.sees("异议记下了", "以前要说收到")
    member.check()

    other = phones(people["吴锦荣"])  # those who reviewed, approved and publicised it do not answer
    other.open("/work")
    other.sees("去年 8 月台风后清障")
    other.taps("说收到")
    other.page.get_by_text("异议不成立", exact=True).click()
    other.fill(answer="查过签到，那天的记录算在 9 月，已经在里面")
    other.taps("答复")
    other.sees("异议不成立")
    other.check()

    a_week_passes(one)
    committee = phones(people["梁慧珊"])
    committee.open("/work")
    committee.follows("去锁定")
    committee.check()
    committee.taps("锁定")
    committee.sees("已锁定", "内容和锁定时一样", "与今天相比：没有变化")
    committee.check()

    member.open("/me/assessments")
    member.sees(f"{span}年：60.0 分，基本合格", "已锁定")
    member.follows(f"{span}年：60.0 分")
    member.title(f"何嘉怡，{span}年党员积分考核")
    member.check()
