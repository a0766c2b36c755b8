"""Who may join an activity: its condition, what is known of a person, and the reasons in kind words. Pure.

Asked when somebody signs up, never at the door: who stands there is let in.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from app.people.rules import STAGE_NAMES, STAGE_ORDER, StageKind, UnitKind

PARTY_UNITS = frozenset({UnitKind.GENERAL_BRANCH, UnitKind.BRANCH, UnitKind.GROUP})


@dataclass(frozen=True)
class Who:
    """The condition. All that is set must hold; nothing set means anyone.

    `training` must have been within `training_months`; None: whenever it was.
    """

    unit_id: int | None = None
    age_from: int | None = None
    age_to: int | None = None
    stages: frozenset[StageKind] = frozenset()
    training: str = ""
    training_months: int | None = None

    @property
    def anyone(self) -> bool:
        return self == ANYONE


ANYONE = Who()


@dataclass(frozen=True)
class Joiner:
    """What is known of a person on the day of the shift. `age` None: no birth date is known, `under` that they are said to be under 14.

    `units`: every unit that they belong to, and those above.
    """

    units: Set[int]
    age: int | None = None
    under: bool = False
    stage: StageKind = StageKind.MASSES
    trained: bool = False


def short_name(unit_name: str) -> str:
    """灯湖社区党委 → 灯湖社区: as people say it. Others keep their name."""
    return unit_name.removesuffix("党委") if unit_name.endswith("社区党委") else unit_name


def age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_before(day: date, months: int) -> date:
    """The same day that many months ago; the month's last where it is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(years, month + 1, last)
        except ValueError:
            continue
    return date(years, month + 1, day.day)


def may_join(who: Who, person: Joiner, unit_name: str = "") -> tuple[str, ...]:
    """Why not, for the person's own eyes; empty: they may."""
    reasons: list[str] = []
    if who.unit_id is not None and who.unit_id not in person.units:
        reasons.append(f"这场先请{short_name(unit_name) or '本单位'}的人，您的记录还不在这里")
    if (who.age_from or who.age_to) and not (fits := _age(who, person)):
        words = age_words(who)
        reasons.append(f"这场请{words}的街坊" if fits is False else f"这场请{words}的街坊，您的出生日期还没登记，请支部或组织者补上")
    if who.stages and person.stage not in who.stages:
        reasons.append(f"这场请{stage_words(who.stages)}参加")
    if who.training and not person.trained:
        within = f"（{who.training_months} 个月内的才算）" if who.training_months else ""
        reasons.append(f"要先参加过“{who.training}”{within}")
    return tuple(reasons)


def _age(who: Who, person: Joiner) -> bool | None:
    """None when it can not be said."""
    if person.age is None:
        return False if person.under and who.age_from and who.age_from >= 14 else None
    return (who.age_from or 0) <= person.age <= (who.age_to or 200)


def age_words(who: Who) -> str:
    if who.age_from and who.age_to:
        return f" {who.age_from} 到 {who.age_to} 岁"
    return f" {who.age_from} 岁以上" if who.age_from else f" {who.age_to} 岁以下"


def stage_words(stages: frozenset[StageKind]) -> str:
    """党员和入党积极分子: both kinds of members are 党员."""
    members = {StageKind.MEMBER, StageKind.PROBATIONARY}
    names = ["党员"] if members <= stages else []
    rest = stages - members if names else stages
    names += [STAGE_NAMES[kind] for kind in sorted(rest, key=lambda kind: -STAGE_ORDER[kind])]
    return names[0] if len(names) == 1 else "、".join(names[:-1]) + f"和{names[-1]}"


def condition_words(who: Who, unit_name: str = "") -> tuple[str, ...]:
    """The condition as the page shows it to anyone, before they sign up; empty for anyone."""
    lines: list[str] = []
    if who.unit_id is not None:
        lines.append(f"{short_name(unit_name)}的人")
    if who.age_from or who.age_to:
        lines.append(age_words(who).strip())
    if who.stages:
        lines.append(stage_words(who.stages))
    if who.training:
        within = f"，{who.training_months} 个月内" if who.training_months else ""
        lines.append(f"参加过“{who.training}”{within}")
    return tuple(lines)


def own_only(who: Who, unit_kind: UnitKind | None) -> bool:
    """Whether only the person may ask: an answer to somebody who acts for them would tell of their party status."""
    return bool(who.stages) or unit_kind in PARTY_UNITS


def needs_second(organised_by: UnitKind, who: Who, for_kind: UnitKind | None) -> bool:
    """全街道: what the 街道 organises for more than a unit below it is published by a second person."""
    return organised_by is UnitKind.SUBDISTRICT and (who.unit_id is None or for_kind is UnitKind.SUBDISTRICT)
