"""Twenty worked cases of the shapes that point schemes have: what was done in a year, and what comes of it, in figures and words."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.activities.rules import ActivityKind
from app.points.rules import CapPeriod, Earned, Per, Rule, fair, wanted
from app.points.standings import Exemption
from tests.schemes.versions import rule

BASE = rule("base", "base", 6000)
SERVICE = rule("service", "hour", 100, cap=2500)
STUDY = rule("study", "hour", 50, hour_kind="study", cap=700)
MEETING = rule("meeting", "occurrence", 100, activity_kind="party_life", cap=800)
HONOUR = rule("honour", "honour", 300, cap=500)
BONUS = rule("bonus", "manual", 200)
ABSENCE = rule("absence", "deduction", -200)
VETO = rule("veto", "veto", 0)
BANDS = ((9000, "优秀"), (8000, "合格"), (6000, "基本合格"), (0, "不合格"))


@dataclass(frozen=True)
class Done:
    """`what`: served, made_up, studied (minutes), met, or the code of a rule for an honour or something by hand. `day`: month, day."""

    what: str
    minutes: int = 0
    day: tuple[int, int] = (3, 5)
    taken_back: bool = False


@dataclass(frozen=True)
class Case:
    """`words`: for each rule code what its entries say of their cap, in the order they were made."""

    name: str
    rules: tuple[dict[str, Any], ...]
    done: tuple[Done, ...]
    total: int
    said: str
    grade: str = ""
    last_year: tuple[Done, ...] = ()
    exempt: Exemption | None = None
    bands: tuple[tuple[int, str], ...] = BANDS
    words: dict[str, list[str]] = field(default_factory=dict)


def served(minutes: int, month: int = 3, day: int = 5, **values: Any) -> Done:
    return Done("served", minutes, (month, day), **values)


YEAR_25 = "每年最多 25.0 分"
CASES = (
    Case("只有底分", (BASE,), (), 6000, "底分 60.0 + 得分 0.0 = 60.0", "基本合格"),
    Case("按分钟计，只舍不入", (BASE, SERVICE), (served(155),), 6258, "底分 60.0 + 得分 2.58 = 62.58", "基本合格"),
    Case("87.5 是怎么来的", (BASE, SERVICE, STUDY, MEETING), (served(1350), Done("studied", 360), Done("met"), Done("met", day=(4, 5))),
         8750, "底分 60.0 + 得分 27.5 = 87.5", "合格", words={"service": [f"{YEAR_25}，没有超过"]}),
    Case("年度封顶，只加到满", (BASE, SERVICE), (served(1200), served(480, 5), served(60, 6)), 8500, "底分 60.0 + 得分 25.0 = 85.0", "合格",
         words={"service": [f"{YEAR_25}，没有超过", f"{YEAR_25}，按规则 8.0，只记到满：5.0",
                            f"{YEAR_25}，已经满了，按规则 1.0，这次不再加"]}),
    Case("每月封顶，到下个月重新算", (BASE, rule("service", "hour", 100, cap=800, cap_period="month")),
         (served(600), served(60), served(600, 4)), 7600, "底分 60.0 + 得分 16.0 = 76.0", "基本合格",
         words={"service": ["每月最多 8.0 分，按规则 10.0，只记到满：8.0", "每月最多 8.0 分，已经满了，按规则 1.0，这次不再加",
                            "每月最多 8.0 分，按规则 10.0，只记到满：8.0"]}),
    Case("每季封顶", (BASE, rule("meeting", "occurrence", 100, activity_kind="party_life", cap=200, cap_period="quarter")),
         (Done("met"), Done("met", day=(2, 5)), Done("met", day=(1, 5)), Done("met", day=(4, 1))), 6300, "底分 60.0 + 得分 3.0 = 63.0",
         "基本合格", words={"meeting": ["每季最多 2.0 分，没有超过"] * 2 + ["每季最多 2.0 分，已经满了，按规则 1.0，这次不再加"]
                            + ["每季最多 2.0 分，没有超过"]}),
    Case("按次计，不管多久", (BASE, MEETING), (Done("met", 30), Done("met", 300, (4, 5))), 6200, "底分 60.0 + 得分 2.0 = 62.0", "基本合格"),
    Case("按学习计，不算服务", (BASE, STUDY), (served(600), Done("studied", 90)), 6075, "底分 60.0 + 得分 0.75 = 60.75", "基本合格"),
    Case("组织生活不是服务时长", (BASE, rule("any", "hour", 100, hour_kind=None)), (Done("met", 120), served(60)), 6100,
         "底分 60.0 + 得分 1.0 = 61.0", "基本合格"),
    Case("补录的不计", (BASE, rule("service", "hour", 100, counts_honour=False)), (Done("made_up", 300), served(60)), 6100,
         "底分 60.0 + 得分 1.0 = 61.0", "基本合格"),
    Case("荣誉，一年最多 5 分", (BASE, HONOUR), (Done("honour"), Done("honour", day=(8, 1))), 6500,
         "底分 60.0 + 得分 5.0 = 65.0", "基本合格",
         words={"honour": ["每年最多 5.0 分，没有超过", "每年最多 5.0 分，按规则 3.0，只记到满：2.0"]}),
    Case("两个人确认的加分", (BASE, BONUS), (Done("bonus"),), 6200, "底分 60.0 + 得分 2.0 = 62.0", "基本合格"),
    Case("扣分", (BASE, SERVICE, ABSENCE), (served(600), Done("absence"), Done("absence", day=(9, 1))), 6600,
         "底分 60.0 + 得分 10.0 − 扣分 4.0 = 66.0", "基本合格"),
    Case("扣分也有上限", (BASE, rule("absence", "deduction", -200, cap=300)), (Done("absence"), Done("absence"), Done("absence")), 5700,
         "底分 60.0 + 得分 0.0 − 扣分 3.0 = 57.0", "不合格",
         words={"absence": ["每年最多扣 3.0 分，没有超过", "每年最多扣 3.0 分，按规则 2.0，只记到满：1.0",
                            "每年最多扣 3.0 分，已经满了，按规则 2.0，这次不再扣"]}),
    Case("一票否决", (BASE, SERVICE, VETO), (served(1500), Done("veto", day=(10, 1))), 0,
         "底分 60.0 + 得分 25.0，一票否决，当年计 0.0", "不合格"),
    Case("否决撤销了", (BASE, SERVICE, VETO), (served(1500), Done("veto", taken_back=True)), 8500, "底分 60.0 + 得分 25.0 = 85.0", "合格"),
    Case("结转上年总分的 10%", (BASE, SERVICE, rule("carry", "carry", 1000, cap=1000)), (served(60),), 6950,
         "底分 60.0 + 上年结转 8.5 + 得分 1.0 = 69.5", "基本合格", last_year=(served(1500),)),
    Case("结转有上限，上年被否决就没有", (BASE, SERVICE, VETO, rule("carry", "carry", 5000, cap=500)), (served(1800),), 8500,
         "底分 60.0 + 得分 25.0 = 85.0", "合格", last_year=(served(1500), Done("veto"))),
    Case("年满 70 周岁，不参加考核，得的照样是他的", (BASE, SERVICE), (served(1800),), 8500, "底分 60.0 + 得分 25.0 = 85.0",
         "不参加考核（年龄）", exempt=Exemption.AGE),
    Case("撤回一条，封顶让出来的补上；长期外出不参加考核", (BASE, SERVICE), (served(1200, taken_back=True), served(900, 5)), 7500,
         "底分 60.0 + 得分 15.0 = 75.0", "不参加考核（长期外出）", exempt=Exemption.AWAY,
         words={"service": [f"{YEAR_25}，没有超过", f"{YEAR_25}，按规则 15.0，只记到满：5.0", f"{YEAR_25}，别的记录有变，补上 10.0"]}),
)  # fmt: skip


def as_rule(number: int, row: dict[str, Any]) -> Rule:
    period = CapPeriod(row["cap_period"]) if row["cap_period"] else None
    return Rule(
        number,
        Per(row["per"]),
        row["amount"],
        row["activity_kind"],
        row["hour_kind"],
        row["counts_honour"],
        row["cap"],
        period,
        row["code"],
        row["name"],
        row["note"],
    )


KINDS = {
    "served": (ActivityKind.SERVICE, "service"),
    "made_up": (ActivityKind.SERVICE, "service"),
    "studied": (ActivityKind.STUDY, "study"),
    "met": (ActivityKind.PARTY_LIFE, ""),
}


def wants(one: Rule, done: Done) -> int:
    if done.what not in KINDS:
        return one.amount if one.code == done.what else 0
    kind, hour_kind = KINDS[done.what]
    return wanted(one, Earned(done.minutes or 60, hour_kind, kind, done.what == "made_up"))


def given(rules: tuple[Rule, ...], year: tuple[Done, ...]) -> list[tuple[str, Per, int]]:
    """What each rule gives for what stands of a year: all that is wanted in each of its cap periods, the cap at most."""
    found = []
    for one in rules:
        periods: dict[int, int] = {}
        for done in year:
            if not done.taken_back:
                month = done.day[0]
                key = {CapPeriod.MONTH: month, CapPeriod.QUARTER: (month + 2) // 3}.get(one.cap_period or CapPeriod.YEAR, 0)
                periods[key] = periods.get(key, 0) + wants(one, done)
        found.append((one.code, one.per, sum(fair(one, want) for want in periods.values())))
    return [part for part in found if part[1] not in (Per.BASE, Per.CARRY, Per.VETO)]


def vetoed(rules: tuple[Rule, ...], year: tuple[Done, ...]) -> bool:
    codes = {one.code for one in rules if one.per is Per.VETO}
    return any(done.what in codes and not done.taken_back for done in year)


def on(year: int, done: Done) -> date:
    return date(year, *done.day)
