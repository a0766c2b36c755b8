"""Reports of a unit: which figures there are, what each means, how one is frozen and compared. Pure.

Hours by scan and by people, of service and of study, stand side by side and are never summed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from app.activities.rules import KIND_NAMES, ActivityKind
from app.activities.templates import OUTCOME_NAMES, Outcome
from app.core.words import minutes_words
from app.hours.rules import Period, PeriodKind, period
from app.people.rules import UnitKind

DEFINITION = "2"  # of the figures below; another number where one of them comes to mean something else
OLDEST = 2009  # the year in which the volunteer force was founded
UNSEEN = timedelta(days=182)
REPORTED = (
    *(UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, UnitKind.GENERAL_BRANCH, UnitKind.BRANCH, UnitKind.GROUP),
    *(UnitKind.TEAM, UnitKind.NEIGHBOURS, UnitKind.SELF_GOVERNANCE, UnitKind.SOCIETY, UnitKind.OWNERS_COMMITTEE),
)


@dataclass(frozen=True)
class Figures:
    """One unit in one period, what is below it included. Minutes are integers."""

    held: int = 0
    came: int = 0
    served: int = 0
    members: int = 0
    people: int = 0
    newcomers: int = 0
    times: int = 0
    service_credit: int = 0
    service_honour: int = 0
    study_credit: int = 0
    study_honour: int = 0
    organised_credit: int = 0
    organised_honour: int = 0

    @property
    def share(self) -> str:
        """People of the members, in per cent with one place, cut: 38.5%."""
        return share_words(self.people, self.members)


@dataclass(frozen=True)
class Meaning:
    """A figure's name, what one of it is called, and its definition as it is printed."""

    name: str
    unit: str
    words: str


MEANINGS: dict[str, Meaning] = {
    "held": Meaning("场次", "场", "本单位和下级办的活动，已发布、没取消、最后一个班次在这段时间里结束的，一场算一次。"),
    "came": Meaning("到场人次", "人次", "这些活动里已收场的，收场时记下的到场人次之和，街坊在内，是约数。"),
    "served": Meaning("服务人次", "人次", "这些活动里已收场的，收场时填报的服务人次之和；自动收场没填的不计。"),
    "members": Meaning("成员", "人", "这段时间最后一天，组织关系在本单位和下级的人；没有组织关系的已核实街坊，算住的社区。"),
    "people": Meaning("参加的人", "人", "成员里，这段时间有时长计入的，一个人只算一次。"),
    "newcomers": Meaning("新参加", "人", "参加的人里，这段时间以前从没有时长计入的。"),
    "times": Meaning("参加人次", "人次", "本单位和下级的人计入的时长笔数，作废的减去；一进一出算一次，去别处参加的也算。"),
    "service_credit": Meaning("服务扫码时长", "", "本单位和下级的人，两头都扫码的服务时长。"),
    "service_honour": Meaning("服务补录时长", "", "有一头由人记下或补录的服务时长，和扫码时长分开，不相加。"),
    "study_credit": Meaning("学习扫码时长", "", "学习和组织生活，两头都扫码的时长。"),
    "study_honour": Meaning("学习补录时长", "", "学习和组织生活，有一头由人记下或补录的时长。"),
    "organised_credit": Meaning(
        "组织的扫码时长", "", "本单位和下级组织的服务里，来的人不论是哪里的，两头都扫码的时长。和上面本单位的人的时长是两回事，不相加。"
    ),
    "organised_honour": Meaning("组织的补录时长", "", "同上，有一头由人记下或补录的时长。"),
}
SHARE_WORDS = "参加率：参加的人占成员的比例，只舍不入。"
LATE_WORDS = "时长记在计入的月份：结账以后才补的，算在补的那个月。"
ORGANISED = frozenset({"organised_credit", "organised_honour"})  # since definition 2
MINUTES = frozenset({"service_credit", "service_honour", "study_credit", "study_honour", *ORGANISED})


@dataclass(frozen=True)
class KindLine:
    """The activities of one kind."""

    kind: ActivityKind
    held: int
    came: int
    served: int


@dataclass(frozen=True)
class Below:
    """A unit one level down, with its own figures."""

    unit_id: int
    name: str
    figures: Figures


@dataclass(frozen=True)
class Month:
    """Minutes of service in one month of the chart."""

    key: str
    credit: int
    honour: int


@dataclass(frozen=True)
class Report:
    """A unit's report. `day`: whose tree and members count. `before` is the period before. `since`: from when on the unit stands.

    `organised`: hours by who organised are among its figures; one that was frozen under the first definition has none.
    """

    unit_id: int
    unit_name: str
    span: Period
    day: date
    figures: Figures
    before: Figures
    kinds: tuple[KindLine, ...] = ()
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    below: tuple[Below, ...] = ()
    months: tuple[Month, ...] = ()
    since: date | None = None
    organised: bool = True

    @property
    def names(self) -> list[str]:
        """Of the figures that it has."""
        return [one.name for one in fields(Figures) if self.organised or one.name not in ORGANISED]

    @property
    def earlier(self) -> Period | None:
        """The period before, where the unit stood at its end."""
        found = before(self.span)
        return found if self.since is not None and self.since <= found.last and found.first.year >= OLDEST else None

    @property
    def is_open(self) -> bool:
        return self.day < self.span.last


def share_words(part: int, whole: int) -> str:
    tenths = part * 1000 // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"


def span_of(key: str | None, today: date) -> Period | None:
    """The month 2026-10 or the year 2026; None for what is neither, has not begun or is too long ago."""
    text = key or ""
    year, _, month = text.partition("-")
    if not (text.isascii() and year.isdigit() and len(year) == 4 and OLDEST <= int(year) <= today.year):
        return None
    if len(text) == 4:
        return period(PeriodKind.YEAR, date(int(year), 1, 1))
    if len(text) != 7 or not month.isdigit() or not 1 <= int(month) <= 12:
        return None
    first = date(int(year), int(month), 1)
    return period(PeriodKind.MONTH, first) if first <= today else None


def before(span: Period) -> Period:
    return period(span.kind, span.first - timedelta(days=1))


def after(span: Period, today: date) -> Period | None:
    following = span.last + timedelta(days=1)
    return period(span.kind, following) if following <= today else None


def span_words(span: Period) -> str:
    return f"{span.first.year}年" if span.kind is PeriodKind.YEAR else f"{span.first.year}年{span.first.month}月"


def chart_months(span: Period) -> list[str]:
    """A year's own months; for a month the twelve that end with it."""
    if span.kind is PeriodKind.YEAR:
        return [f"{span.first.year}-{month:02d}" for month in range(1, 13)]
    last = span.first.year * 12 + span.first.month - 1
    return [f"{one // 12}-{one % 12 + 1:02d}" for one in range(last - 11, last + 1)]


def amount_words(name: str, amount: int) -> str:
    """1,234 人次; 12 小时 30 分."""
    if name in MINUTES:
        return minutes_words(amount)
    return f"{'−' if amount < 0 else ''}{abs(amount):,} {MEANINGS[name].unit}"


def change_words(name: str, now: int, then: int) -> str:
    """多 12 人, 少 3 小时, 一样."""
    if now == then:
        return "一样"
    return f"{'多' if now > then else '少'} {amount_words(name, abs(now - then))}"


@dataclass(frozen=True)
class Difference:
    """Something that is another figure now than when it was frozen."""

    name: str
    then: str
    now: str
    change: str


def differences(then: Report, now: Figures) -> list[Difference]:
    """Of the figures that were frozen."""
    found = []
    for name in then.names:
        old, new = getattr(then.figures, name), getattr(now, name)
        if old != new:
            words = amount_words(name, old), amount_words(name, new)
            found.append(Difference(MEANINGS[name].name, *words, change_words(name, new, old)))
    return found


def content_of(report: Report, cut_off: datetime, *, closed: bool) -> dict[str, Any]:
    """What is frozen: all figures as integers, and what each of them meant. No name of a person."""
    return {
        "definition": DEFINITION,
        "meanings": [[name, one.name, one.words] for name, one in MEANINGS.items()],
        "unit_id": report.unit_id,
        "unit_name": report.unit_name,
        "period": report.span.key,
        "day": report.day.isoformat(),
        "cut_off": cut_off.isoformat(),
        "closed": closed,
        "figures": asdict(report.figures),
        "before": asdict(report.before),
        "kinds": [[one.kind.value, one.held, one.came, one.served] for one in report.kinds],
        "outcomes": {kind.value: report.outcomes[kind] for kind in Outcome if report.outcomes.get(kind)},
        "below": [[one.unit_id, one.name, asdict(one.figures)] for one in report.below],
        "months": [[one.key, one.credit, one.honour] for one in report.months],
    }


def report_of(content: Mapping[str, Any]) -> Report:
    """The report that was frozen."""
    span = _span(content["period"])
    return Report(
        unit_id=content["unit_id"],
        unit_name=content["unit_name"],
        span=span,
        day=date.fromisoformat(content["day"]),
        figures=Figures(**content["figures"]),
        before=Figures(**content["before"]),
        kinds=tuple(KindLine(ActivityKind(kind), held, came, served) for kind, held, came, served in content["kinds"]),
        outcomes={Outcome(kind): many for kind, many in content["outcomes"].items()},
        below=tuple(Below(unit_id, name, Figures(**figures)) for unit_id, name, figures in content["below"]),
        months=tuple(Month(*one) for one in content["months"]),
        organised=content["figures"].keys() >= ORGANISED,
    )


def _span(key: str) -> Period:
    year, _, month = key.partition("-")
    return period(PeriodKind.MONTH, date(int(year), int(month), 1)) if month else period(PeriodKind.YEAR, date(int(year), 1, 1))


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content written in one way only."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def same_figures(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents say the same of the unit itself and of all below it, whenever each was made."""
    parts = ("definition", "figures", "before", "kinds", "outcomes", "below", "closed")
    return all(one[part] == other[part] for part in parts)


def chart_words(months: Sequence[Month]) -> str:
    """What the chart says, for those who do not see it."""
    said = [
        f"{one.key[:4]}年{int(one.key[5:])}月扫码 {minutes_words(one.credit)}"
        + (f"，补录 {minutes_words(one.honour)}" if one.honour else "")
        for one in months
        if one.credit or one.honour
    ]
    return "每月服务时长：" + ("；".join(said) or "还没有")


def pairs(months: Sequence[Month]) -> list[tuple[int, int]]:
    """For the drawing: by scan below, by people on top of it."""
    return [(max(0, one.credit), max(0, one.honour)) for one in months]


def kind_name(kind: ActivityKind) -> str:
    return KIND_NAMES[kind]


def outcome_lines(outcomes: Mapping[Outcome, int]) -> list[tuple[str, int]]:
    return [(OUTCOME_NAMES[kind], outcomes[kind]) for kind in Outcome if outcomes.get(kind)]
