"""How one person stands in a scheme: base + carried + earned − deducted, zero after a veto, and the words for every step. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.words import points_words
from app.points.rules import CapPeriod, Per, Rule, SchemeKind

CAP_PERIOD_NAMES = {CapPeriod.MONTH: "每月", CapPeriod.QUARTER: "每季", CapPeriod.YEAR: "每年"}
THAT_PERIOD = {CapPeriod.MONTH: "那个月", CapPeriod.QUARTER: "那一季", CapPeriod.YEAR: "那一年"}


class Exemption(StrEnum):
    """Why somebody is not assessed. They keep what they earned, and are welcome."""

    AGE = "age"  # computed from the date of birth
    ILL = "ill"  # given with dates, by two people
    AWAY = "away"


EXEMPTION_NAMES = {Exemption.AGE: "年龄", Exemption.ILL: "生病", Exemption.AWAY: "长期外出"}


@dataclass(frozen=True)
class Band:
    """等次: from `least` hundredths on."""

    least: int
    name: str


DEFAULT_BANDS = (Band(9000, "优秀"), Band(8000, "合格"), Band(6000, "基本合格"), Band(0, "不合格"))


@dataclass(frozen=True)
class Version:
    """One published version of a scheme, or a draft of one (`id` 0)."""

    id: int
    kind: SchemeKind
    version: str
    rules: tuple[Rule, ...]
    bands: tuple[Band, ...] = ()
    exempt_age: int | None = None

    @property
    def base(self) -> int:
        return sum(rule.amount for rule in self.rules if rule.per is Per.BASE)

    @property
    def carry(self) -> Rule | None:
        return next((rule for rule in self.rules if rule.per is Per.CARRY), None)


@dataclass(frozen=True)
class Score:
    """Hundredths. `deducted` is what was taken off, not below zero. `exempt`: no grade, whatever the total."""

    person_id: int
    base: int
    earned: int
    deducted: int
    carried: int
    vetoed: bool
    exempt: Exemption | None
    total: int
    grade: str
    by_rule: dict[str, int] = field(default_factory=dict, compare=False)  # rule code → hundredths


def carried(rule: Rule | None, last_year: int) -> int:
    """The share of last year's total, its cap at most; cut, never rounded up. Nothing of a total below zero."""
    if rule is None or last_year <= 0:
        return 0
    share = last_year * rule.amount // 10_000
    return share if rule.cap is None else min(share, rule.cap)


def grade_of(bands: Sequence[Band], total: int) -> str:
    """The band with the highest `least` that the total reaches; the lowest one below all of them."""
    ordered = sorted(bands, key=lambda band: band.least, reverse=True)
    return next((band.name for band in ordered if total >= band.least), ordered[-1].name if ordered else "")


def standing(
    version: Version,
    person_id: int,
    given: Sequence[tuple[str, Per, int]],
    *,
    last_year: int = 0,
    vetoed: bool = False,
    exempt: Exemption | None = None,
) -> Score:
    """Where somebody stands. `given`: the ledger's sums by rule (code, what it is about, hundredths).

    `last_year` is last year's total, without what that year itself had carried over: else a point would be carried for ever.
    """
    earned = sum(points for _, per, points in given if per is not Per.DEDUCTION)
    deducted = -sum(points for _, per, points in given if per is Per.DEDUCTION)
    brought = carried(version.carry, last_year)
    total = 0 if vetoed else version.base + brought + earned - deducted
    by_rule: dict[str, int] = {}
    for code, _, points in given:
        by_rule[code] = by_rule.get(code, 0) + points
    grade = "" if exempt else grade_of(version.bands, total)
    return Score(person_id, version.base, earned, deducted, brought, vetoed, exempt, total, grade, by_rule)


def sum_words(score: Score) -> str:
    """底分 60.0 + 得分 27.5 − 扣分 2.0 = 85.5."""
    parts = [f"底分 {points_words(score.base)}"] if score.base else []
    parts += [f"上年结转 {points_words(score.carried)}"] if score.carried else []
    parts += [f"得分 {points_words(score.earned)}"]
    said = " + ".join(parts) + (f" − 扣分 {points_words(score.deducted)}" if score.deducted else "")
    if score.vetoed:
        return f"{said}，一票否决，当年计 0.0"
    return f"{said} = {points_words(score.total)}"


def grade_words(score: Score) -> str:
    """优秀; 不参加考核（年龄）; nothing where the scheme has no grades."""
    return f"不参加考核（{EXEMPTION_NAMES[score.exempt]}）" if score.exempt else score.grade


def rule_words(rule: Rule) -> str:
    """每小时 1.0 分，每年最多 25.0 分."""
    cap = f"，{CAP_PERIOD_NAMES[rule.cap_period]}最多 {points_words(rule.cap)} 分" if rule.cap is not None and rule.cap_period else ""
    if rule.per is Per.BASE:
        return f"参加考核的每年都有 {points_words(rule.amount)} 分"
    if rule.per is Per.CARRY:
        return f"上年总分的 {points_words(rule.amount)}%{cap.replace('每年', '')}"
    if rule.per is Per.VETO:
        return "有这一条，当年总分为 0"
    if rule.per is Per.DEDUCTION:
        return f"每次扣 {points_words(-rule.amount)} 分{cap.replace('最多', '最多扣')}"
    how = {Per.HOUR: "每小时", Per.OCCURRENCE: "每次", Per.HONOUR: "每次", Per.MANUAL: "每次"}[rule.per]
    only = "" if rule.counts_honour or rule.per not in (Per.HOUR, Per.OCCURRENCE) else "，只算扫码的"
    return f"{how} {points_words(rule.amount)} 分{only}{cap}"


def cap_words(rule: Rule, wanted: int, given: int) -> str:
    """What the cap did to one entry; nothing where there is none."""
    if rule.cap is None or rule.cap_period is None:
        return ""
    most = f"{CAP_PERIOD_NAMES[rule.cap_period]}最多{'扣' if rule.amount < 0 else ''} {points_words(rule.cap)} 分"
    if wanted == 0 and given:  # room came free, or is gone
        return f"{most}，别的记录有变，{'补上' if given > 0 else '减去'} {points_words(abs(given))}"
    if wanted == given:
        return f"{most}，没有超过"
    if given == 0:
        return f"{most}，已经满了，按规则 {points_words(abs(wanted))}，这次不再{'扣' if rule.amount < 0 else '加'}"
    return f"{most}，按规则 {points_words(abs(wanted))}，只记到满：{points_words(abs(given))}"
