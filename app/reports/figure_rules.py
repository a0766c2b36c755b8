"""数读: the figures that everybody sees, each with its definition; and how small groups stay hidden. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.activities.templates import Outcome
from app.hours.rules import Period, PeriodKind, period
from app.people.rules import PlaceKind, UnitKind

LEAST = 10  # people: fewer in one community are not told


class Figure(StrEnum):
    """In the order in which they stand on the page."""

    COMMUNITIES = "communities"
    ORGANISATIONS = "organisations"
    MEMBERS = "members"
    TEAMS = "teams"
    NEIGHBOURS = "neighbours"
    SELF_GOVERNANCE = "self_governance"
    SOCIETIES = "societies"
    OWNERS_COMMITTEES = "owners_committees"
    HEADS = "heads"
    STATIONS = "stations"
    ACTIVITIES = "activities"
    SERVED = "served"
    VOLUNTEERS = "volunteers"
    SCANNED = "scanned"
    NAMED = "named"
    HYGIENE = "hygiene"
    FACILITIES = "facilities"
    DISPUTES = "disputes"
    PUBLIC_SAFETY = "public_safety"
    HAZARDS = "hazards"
    PARKING = "parking"
    LIFTS = "lifts"
    FUND_SPENT = "fund_spent"
    FUND_PROJECTS = "fund_projects"
    FUND_PEOPLE = "fund_people"


class Group(StrEnum):
    SERVICE = "service"
    OUTCOMES = "outcomes"
    FUND = "fund"
    UNITS = "units"


GROUP_NAMES = {
    Group.SERVICE: "志愿服务",
    Group.OUTCOMES: "街坊的事，办成多少",
    Group.FUND: "关爱基金",
    Group.UNITS: "组织和阵地",
}
GROUP_ORDER = (Group.SERVICE, Group.OUTCOMES, Group.FUND, Group.UNITS)


class Measured(StrEnum):
    """How an amount is written."""

    COUNT = "count"
    MINUTES = "minutes"
    FEN = "fen"


@dataclass(frozen=True)
class About:
    """A figure's name, the word after its number, and its definition. `flows`: it belongs to a period; else it stands today."""

    group: Group
    name: str
    unit: str
    words: str
    flows: bool = False
    measured: Measured = Measured.COUNT


def _outcome(name: str, unit: str, what: str) -> About:
    return About(Group.OUTCOMES, name, unit, f"活动收场时填报的{what}件数之和。", flows=True)


UNIT_KINDS: dict[Figure, frozenset[UnitKind]] = {
    Figure.COMMUNITIES: frozenset({UnitKind.COMMUNITY}),
    Figure.ORGANISATIONS: frozenset({UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, UnitKind.GENERAL_BRANCH, UnitKind.BRANCH}),
    Figure.TEAMS: frozenset({UnitKind.TEAM}),
    Figure.NEIGHBOURS: frozenset({UnitKind.NEIGHBOURS}),
    Figure.SELF_GOVERNANCE: frozenset({UnitKind.SELF_GOVERNANCE}),
    Figure.SOCIETIES: frozenset({UnitKind.SOCIETY}),
    Figure.OWNERS_COMMITTEES: frozenset({UnitKind.OWNERS_COMMITTEE}),
}
PLACE_KINDS = frozenset({PlaceKind.SERVICE_CENTRE, PlaceKind.STATION})
OUTCOMES = {Figure(kind.value): kind for kind in Outcome}
ABOUT: dict[Figure, About] = {
    Figure.COMMUNITIES: About(Group.UNITS, "社区", "个", "今天在册的社区党委，一个社区一个。"),
    Figure.ORGANISATIONS: About(Group.UNITS, "党组织", "个", "今天在册的党工委、社区党委、党总支和党支部，党小组不算。"),
    Figure.MEMBERS: About(Group.UNITS, "党员", "人", "今天组织关系在册的正式党员和预备党员。只公布总数，不公布名单。"),
    Figure.TEAMS: About(Group.UNITS, "志愿服务分队", "支", "今天在册的党员志愿服务队和分队。"),
    Figure.NEIGHBOURS: About(Group.UNITS, "街坊会", "个", "今天在册的街坊志愿互助会。"),
    Figure.SELF_GOVERNANCE: About(Group.UNITS, "自治小组", "个", "今天在册的小区自治小组。"),
    Figure.SOCIETIES: About(Group.UNITS, "社团", "个", "今天在册的社团。"),
    Figure.OWNERS_COMMITTEES: About(Group.UNITS, "红色业委会", "个", "今天在册的红色业委会。"),
    Figure.HEADS: About(Group.UNITS, "楼长、巷长、街长", "人", "今天在任的，一个人有几个岗位也只算一次。"),
    Figure.STATIONS: About(Group.UNITS, "党群阵地", "处", "今天在用的党群服务中心、服务站、初心驿站、加油站。"),
    Figure.ACTIVITIES: About(Group.SERVICE, "活动", "场", "已发布、没取消、已经结束的活动，一场算一次。", flows=True),
    Figure.SERVED: About(Group.SERVICE, "服务群众", "人次", "活动收场时填报的服务人次之和。是人次，不是人数。", flows=True),
    Figure.VOLUNTEERS: About(Group.SERVICE, "出来服务的人", "人", "有服务时长计入的人，一个人只算一次。", flows=True),
    Figure.SCANNED: About(Group.SERVICE, "扫码时长", "小时", "两头都扫码的服务时长，不含学习。", flows=True, measured=Measured.MINUTES),
    Figure.NAMED: About(
        Group.SERVICE, "补录时长", "小时", "有一头由人记下或补录的服务时长，和扫码时长分开，不相加。", flows=True, measured=Measured.MINUTES
    ),
    Figure.FACILITIES: _outcome("公共设施维护", "处", "公共设施"),
    Figure.DISPUTES: _outcome("邻里矛盾调解", "宗", "邻里矛盾"),
    Figure.HYGIENE: _outcome("小区卫生", "个", "卫生问题"),
    Figure.PARKING: _outcome("停车难", "起", "停车"),
    Figure.HAZARDS: _outcome("安全隐患", "个", "安全隐患"),
    Figure.PUBLIC_SAFETY: _outcome("协助治安", "起", "治安"),
    Figure.LIFTS: _outcome("旧楼加装电梯", "台", "加装电梯"),
    Figure.FUND_SPENT: About(
        Group.FUND, "关爱基金累计投入", "元", "账上已支出的钱，更正减去。不是余额。", flows=True, measured=Measured.FEN
    ),
    Figure.FUND_PROJECTS: About(Group.FUND, "居民服务项目", "个", "公开页上进行中和已结项的项目。"),
    Figure.FUND_PEOPLE: About(Group.FUND, "惠及群众", "人次", "项目公布的服务人次，更正减去。是人次，不是人数。", flows=True),
}
SPANS = (("all", "累计"), ("year", "本年"), ("month", "本月"))


def span_of(word: str | None, today: date) -> Period:
    """What `?span=` asks for: everything, this year, or this month."""
    kinds = {"year": PeriodKind.YEAR, "month": PeriodKind.MONTH}
    return period(kinds.get(word or "", PeriodKind.ALL), today)


WHOLE = {Measured.COUNT: 1, Measured.MINUTES: 60, Measured.FEN: 100}  # of what is kept in one of what people write


def smallest(figure: Figure, number: int) -> int:
    """A number as people write it (hours, yuan) in what is kept: minutes, fen."""
    return number * WHOLE[ABOUT[figure].measured]


def written(measured: Measured, amount: int) -> str:
    """The number for a headline: whole hours and whole yuan are cut, never rounded up."""
    whole = WHOLE[measured]
    return f"{'−' if amount < 0 else ''}{abs(amount) // whole:,}"


def rounded(measured: Measured, amount: int) -> str:
    """What was told of long ago, as people say it where nothing is lost: 1.39 亿, 350 万; else all digits."""
    whole = amount // WHOLE[measured]
    if whole >= 100_000_000 and whole % 1_000_000 == 0:
        return f"{whole // 100_000_000}.{whole // 1_000_000 % 100:02d}".rstrip("0").rstrip(".") + " 亿"
    if whole >= 1_000_000 and whole % 10_000 == 0:
        return f"{whole // 10_000:,} 万"
    return written(measured, amount)


@dataclass(frozen=True)
class Opening:
    """A confirmed 历史数据. Never added to what this site counted: `overlaps` says that both know the same days."""

    figure: Figure
    amount: int
    as_of: date
    source: str
    confirmed_at: datetime


@dataclass(frozen=True)
class Shown:
    """A figure on the page: what this site knows and, beside it, what it was told of the time before."""

    figure: Figure
    about: About
    amount: int
    opening: Opening | None = None

    @property
    def number(self) -> str:
        return written(self.about.measured, self.amount)

    @property
    def opening_number(self) -> str:
        return rounded(self.about.measured, self.opening.amount) if self.opening else ""


def overlaps(opening: Opening, first_day: date | None) -> bool:
    """This site has records of days that the opening figure counts too: the two must not be added up."""
    return first_day is not None and first_day <= opening.as_of


def hidden(counts: Mapping[int, int], least: int = LEAST) -> frozenset[int]:
    """Whose count is not told, so that no small group can be read off, nor be computed from the published sum.

    All below `least` except 0; and where what they have together is below it, the next larger ones as well.
    """
    rising = sorted((many, key) for key, many in counts.items() if many > 0)
    away: list[tuple[int, int]] = [one for one in rising if one[0] < least]
    for one in rising[len(away) :]:
        if not away or (len(away) > 1 and sum(many for many, _ in away) >= least):
            break
        away.append(one)
    return frozenset(key for _, key in away)
