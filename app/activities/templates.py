"""The templates that come with the site: what an organiser picks in one tap, so that only day and place are left to say. Pure data.

`Activity.template` keeps the key, also of what was held again or copied; `Template.outcomes` are what is asked at closing.
A unit's own templates are rows (ActivityTemplate) and keep the key of the one they began with.
"""

from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from app.activities.position_rules import PositionDraft
from app.activities.rules import ActivityKind, CodeWay
from app.people.rules import PARTY_MEMBERS, StageKind


class Outcome(StrEnum):
    """What is counted at closing, as the subdistrict counts it."""

    HYGIENE = "hygiene"
    FACILITIES = "facilities"
    DISPUTES = "disputes"
    PUBLIC_SAFETY = "public_safety"
    HAZARDS = "hazards"
    PARKING = "parking"
    LIFTS = "lifts"


OUTCOME_NAMES = {
    Outcome.HYGIENE: "卫生问题",
    Outcome.FACILITIES: "公共设施",
    Outcome.DISPUTES: "邻里矛盾",
    Outcome.PUBLIC_SAFETY: "治安",
    Outcome.HAZARDS: "安全隐患",
    Outcome.PARKING: "停车",
    Outcome.LIFTS: "加装电梯",
}


@dataclass(frozen=True)
class TemplateShift:
    """Times on Guicheng's clock. `positions` add up to the capacity; none where all do the same, or where anyone may come."""

    name: str
    begins: time
    ends: time
    break_minutes: int = 0
    capacity: int | None = None
    positions: tuple[PositionDraft, ...] = ()


@dataclass(frozen=True)
class Template:
    """`title` may hold {unit}, and {where}: its community, or the unit where it has none. `weekday` is the usual one, Monday 0."""

    key: str
    name: str
    kind: ActivityKind
    title: str
    description: str
    shifts: tuple[TemplateShift, ...]
    weekday: int
    risk_note: str = ""
    insurance_note: str = ""
    code_way: CodeWay | None = None
    stages: frozenset[StageKind] = field(default=frozenset())
    outcomes: tuple[Outcome, ...] = ()


def _at(**seats: int) -> tuple[PositionDraft, ...]:
    return tuple(PositionDraft(name, number) for name, number in seats.items())


_INSURED = "参加的志愿者由主办单位统一买当天的志愿者意外险。"
_DEVELOPING = frozenset({StageKind.ACTIVIST, StageKind.CANDIDATE})

TEMPLATES: dict[str, Template] = {
    one.key: one
    for one in (
        Template(
            "festival",
            "邻里节",
            ActivityKind.SERVICE,
            "{where}邻里节",
            "街坊带上用不着的玩具和书来换，孩子们玩老游戏。需要帮手看摊位、引导和收场。",
            (
                TemplateShift("摊位组", time(14), time(17), 15, 30, _at(摊位=20, 引导=6, 签到台=4)),
                TemplateShift("清场组", time(17), time(18, 30), 0, 12, _at(收摊架=8, 垃圾分类=4)),
            ),
            5,
            "户外站立约 3 小时，请带水和帽子。搬摊架两人一组。心脏不适、孕期请选坐着的岗位。",
            _INSURED,
            CodeWay.POSTER,
        ),
        Template(
            "sorting",
            "垃圾分类",
            ActivityKind.SERVICE,
            "{where} 垃圾分类值守",
            "在投放点帮街坊分好垃圾，记下常见的错投。手套和夹子由社区准备。",
            (
                TemplateShift("早班", time(7), time(9), 0, 6),
                TemplateShift("晚班", time(18, 30), time(20, 30), 0, 6),
            ),
            5,
            "请穿不怕脏的鞋，戴手套。碎玻璃、针头不要用手捡，叫保洁员来。",
            outcomes=(Outcome.HYGIENE,),
        ),
        Template(
            "patrol",
            "主题巡查",
            ActivityKind.SERVICE,
            "{where} 主题巡查",
            "两人一组走一圈，看消防通道、充电、堆放和路灯。发现问题拍照记下，不和人争执。",
            (TemplateShift("巡查组", time(19, 30), time(21), 0, 10, _at(带队=2, 记录=2, 巡查=6)),),
            3,
            "夜间请穿亮色衣服、平底鞋，两人一组不落单。发现险情先走开，再打 110 或 119。",
            _INSURED,
            CodeWay.ROTATING,
            outcomes=(Outcome.HAZARDS, Outcome.FACILITIES, Outcome.PUBLIC_SAFETY, Outcome.PARKING, Outcome.HYGIENE),
        ),
        Template(
            "visit",
            "探访独居老人",
            ActivityKind.SERVICE,
            "{where} 探访独居老人",
            "两人一组，每组走访三户，聊聊近况，看看灶具、药和扶手。不收礼，不谈钱，不代管存折。",
            (TemplateShift("走访组", time(9), time(11), 0, 12, _at(走访=10, 司机=2)),),
            5,
            "有感冒发烧请改天。老人不便时不久坐。听到的家里事不外传，照片先问过老人。",
            _INSURED,
            CodeWay.ROTATING,
            outcomes=(Outcome.HAZARDS, Outcome.FACILITIES, Outcome.DISPUTES, Outcome.LIFTS),
        ),
        Template(
            "traffic",
            "文明交通",
            ActivityKind.SERVICE,
            "{where} 文明交通劝导",
            "早晚高峰在路口劝导，扶老人孩子过街。马甲和小旗由社区准备。",
            (
                TemplateShift("早高峰", time(7, 30), time(9), 0, 8),
                TemplateShift("晚高峰", time(17, 30), time(19), 0, 8),
            ),
            4,
            "站在人行道或安全岛上，听交警安排，不进机动车道，不拦车。未满 18 岁请由大人陪着。",
            _INSURED,
            CodeWay.ROTATING,
            outcomes=(Outcome.PARKING, Outcome.PUBLIC_SAFETY),
        ),
        Template(
            "study",
            "学习会",
            ActivityKind.STUDY,
            "{unit}学习会",
            "一起读一篇，聊一聊怎么用到身边的事上。带上笔和水杯。",
            (TemplateShift("全程", time(19, 30), time(21), 0, 40, _at(主持=1, 签到台=2, 参加=37)),),
            2,
            code_way=CodeWay.ROTATING,
        ),
        Template(
            "party_day",
            "主题党日",
            ActivityKind.PARTY_LIFE,
            "{unit}主题党日",
            "按支部安排。请提前十分钟到，带上党徽。",
            (TemplateShift("全程", time(9), time(11), 0, None),),
            5,
            code_way=CodeWay.ROTATING,
            stages=PARTY_MEMBERS | _DEVELOPING,
        ),
    )
}


def outcomes_of(key: str | None) -> tuple[Outcome, ...]:
    """What closing asks for: the template's own, all of them where the activity had none."""
    known = TEMPLATES.get(key or "")
    return known.outcomes if known else tuple(Outcome)
