"""Demo wishes: two rounds, and a wish at every step of its road. Everything is invented; made through the services by two people."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.core.db import in_transaction
from app.demo.people import Cast
from app.wishes.queries import showing as shown
from app.wishes.rules import Claimer, ClaimKind, Contact, ForWhom, PublicWords, Step, Telling, Way, WishKind
from app.wishes.service import claims, rounds, showing, steps, telling


@dataclass(frozen=True)
class Plan:
    """A wish that was told so many days ago, and how far it came: the number of steps after it was told."""

    community: str
    kind: WishKind
    whom: ForWhom
    yuan: int
    title: str
    words: str
    told: str
    name: str
    days_ago: int
    steps: int


K, W = WishKind, ForWhom
PLANS = (
    Plan(
        "灯湖",
        K.REPAIR,
        W.ELDER,
        120,
        "厨房的灯亮起来",
        "独自住的长者，厨房的灯坏了半年，想换一盏亮的，再装个好按的开关。",
        "灯坏了，够不着，不敢自己换。",
        "卢婆婆",
        40,
        6,
    ),
    Plan(
        "灯湖",
        K.STUDY,
        W.CHILD,
        80,
        "一套新课本",
        "刚转学来的孩子，想要一套本学期的课本和一个书包。",
        "孩子说书包带子断了。",
        "阿霞",
        36,
        6,
    ),
    Plan(
        "灯湖",
        K.COMPANY,
        W.ELDER,
        0,
        "有人陪着去医院复查",
        "下个月要去医院复查，想有个人陪着排队、听医生怎么说。",
        "儿子在外地，怕听不懂。",
        "麦伯",
        20,
        4,
    ),
    Plan(
        "灯湖",
        K.THING,
        W.DISABLED,
        260,
        "一根四脚拐杖",
        "腿脚不方便，想要一根稳当的四脚拐杖，好下楼晒太阳。",
        "现在用的是扫把柄。",
        "何叔",
        5,
        3,
    ),
    Plan(
        "灯湖",
        K.HELP,
        W.ELDER,
        0,
        "教我用手机视频",
        "想学会用手机和外地的孙女视频，一次学不会，要多教几次。",
        "字太小，看不清。",
        "关姨",
        50,
        2,
    ),
    Plan(
        "灯湖",
        K.THING,
        W.FAMILY,
        300,
        "一张能写字的小桌子",
        "家里两个孩子共用饭桌写作业，想要一张折叠的小桌子。",
        "房子小，要能收起来。",
        "阿莲",
        9,
        2,
    ),
    Plan(
        "灯湖",
        K.COMPANY,
        W.ELDER,
        30,
        "过生日有人来坐坐",
        "八十岁生日那天，想有几个人来坐坐，唱唱粤曲。",
        "往年都是一个人过。",
        "区婆婆",
        7,
        2,
    ),
    Plan("同德", K.REPAIR, W.ILL, 150, "浴室装一根扶手", "刚做完手术，洗澡站不稳，想在浴室装一根扶手。", "医生说不能摔。", "杜叔", 5, 1),
    Plan("灯湖", K.HELP, W.NEWCOMER, 0, "帮忙看懂入学通知", "刚搬来，想请人帮忙看看孩子入学要准备什么。", "不知道去哪里问。", "阿珍", 2, 0),
)


def load(cast: Cast, now: datetime) -> None:
    """Needs somebody who handles wishes and a second one: the fund's officer and the administrator."""
    today = clock.local_date(now)
    _round(cast, "秋季微心愿", today - timedelta(days=60), today - timedelta(days=12))
    _round(cast, "冬季微心愿", today - timedelta(days=11), today + timedelta(days=40))
    for nth, plan in enumerate(PLANS):
        Road(cast, plan, today, nth).walk()


def _round(cast: Cast, name: str, opens_on: date, closes_on: date) -> None:
    at = clock.at_local(opens_on, time(9))
    in_transaction(lambda: rounds.announce(cast.root, name, opens_on, closes_on, cast.fund_officer, at, opens_on))


class Road:
    """One wish from its first step to as far as it came, a day or two between the steps."""

    def __init__(self, cast: Cast, plan: Plan, today: date, nth: int) -> None:
        self.cast, self.plan, self.nth = cast, plan, nth
        self.day, self.last = today - timedelta(days=plan.days_ago), today
        self.unit = cast.communities.get(plan.community) or next(iter(cast.communities.values()))

    def at(self) -> datetime:
        """The next step is on the next day, at ten."""
        moment = clock.at_local(min(self.day, self.last), time(10, self.nth))
        self.day += timedelta(days=1)
        return moment

    def walk(self) -> None:
        officer, administrator = self.cast.fund_officer, self.cast.administrator
        wish, at = self.tell(officer), clock.now
        public = PublicWords(self.plan.title, self.plan.words, self.plan.kind, self.plan.whom, self.plan.yuan * 100 or None)
        work = (
            lambda: telling.verify(wish, public, administrator, True, at()),
            lambda: steps.take(wish, Step.PUBLISHED, officer, True, at()),
            lambda: claims.claim(wish, self.claimer(), at()),
            lambda: steps.take(wish, Step.CONNECTED, officer, True, at()),
            lambda: steps.take(wish, Step.FULFILLED, officer, True, at(), note="东西送到了，也装好了，当面试过。", reference="签收单 1"),
            lambda: showing.thank(wish, administrator, True, at(), note="说谢谢街坊，日子亮堂多了。", agreed=True, seen=shown.seen(wish)),
        )
        for step in work[: self.plan.steps]:
            with clock.frozen_at(self.at()):
                in_transaction(step)

    def tell(self, by: int) -> int:
        plan, now = self.plan, self.at()
        who = Contact(plan.name, "07570000000", "")
        told = Telling(self.unit, plan.kind, plan.whom, Way.VISIT, plan.told, who, plan.yuan * 100 or None, by)
        with clock.frozen_at(now):
            return in_transaction(lambda: telling.tell(told, None, None, now))

    def claimer(self) -> Claimer:
        if self.nth % 2:
            return Claimer(ClaimKind.PERSON, self.cast.volunteer)
        branch = next(iter(self.cast.branches.values()))
        return Claimer(ClaimKind.UNIT, self.cast.secretary, unit_id=branch)
