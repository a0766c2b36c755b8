"""Forms about points → commands; all faults of a form at once. Points are typed with up to two places."""

from collections.abc import Iterable
from datetime import date

from werkzeug.datastructures import MultiDict

from app.activities.rules import ActivityKind
from app.core.errors import Invalid
from app.core.words import points_words
from app.hours.rules import HourKind
from app.points.rules import PER_NAMES, CapPeriod, Per, SchemeKind
from app.points.standings import Band
from app.schemes.rules import DraftBasics, DraftRule, Exempts, Proposal
from app.webkit.forms import Form, clean, one_text

Values = MultiDict[str, str]
LONGEST_REASON = 200
MOST = 1_000_000  # hundredths
BANDS = 6  # rows on the form
EXEMPT = "exempt-"


def points(form: Form, field: str, label: str, *, required: bool = True, least: int = 1, most: int = MOST) -> int | None:
    """1.5 → 150."""
    value = clean(form.raw(field)).removesuffix("分").removesuffix("%").strip()
    if not value:
        if required:
            form.fault(field, f"请填写{label}")
        return None
    whole, _, part = value.partition(".")
    digits = (whole + part).isascii() and whole.isdigit() and (part == "" or part.isdigit())
    if not digits or len(part) > 2:
        form.fault(field, f"{label}请填数字，最多两位小数")
        return None
    amount = int(whole[:9]) * 100 + int(part.ljust(2, "0") or "0")
    if not least <= amount <= most:
        form.fault(field, f"{label}要在 {points_words(least)} 到 {points_words(most)} 之间")
        return None
    return amount


def rule(values: Values) -> DraftRule:
    form = Form(values)
    name = form.text("name", "名称", longest=60)
    per = form.choice("per", "怎么算", Per)
    note = form.text("note", "说明", longest=120, required=False)
    amount: int | None = 0
    if per is Per.CARRY:
        amount = points(form, "amount", "百分之几", most=10_000)
    elif per is not Per.VETO:
        amount = points(form, "amount", "分值", least=0 if per is Per.BASE else 1)
    cap, cap_period = None, None
    if per not in (Per.BASE, Per.VETO):
        cap = points(form, "cap", "最多多少分", required=per is Per.CARRY)
        if cap is not None:
            cap_period = CapPeriod.YEAR if per is Per.CARRY else form.choice("cap_period", "按什么封顶", CapPeriod)
    activity = form.choice("activity_kind", "哪一类活动", ActivityKind) if per is Per.OCCURRENCE and form.raw("activity_kind") else None
    hours = form.choice("hour_kind", "哪一类时长", HourKind) if per is Per.HOUR and form.raw("hour_kind") else None
    form.done()
    if per is None or amount is None:
        raise Invalid({})
    scanned = per in (Per.HOUR, Per.OCCURRENCE) and form.raw("scanned") == "1"
    signed = -amount if per is Per.DEDUCTION else amount
    return DraftRule(name, per, signed, activity, hours, not scanned, cap, cap_period, note)


def basics(values: Values) -> DraftBasics:
    form = Form(values)
    version = form.text("version", "版本号", longest=20)
    source = form.text("source", "依据", longest=120)
    valid_from = form.day("valid_from", "从哪天起")
    age = form.whole("exempt_age", "年龄", least=18, most=120, required=False)
    bands: list[Band] = []
    for number in range(1, BANDS + 1):
        if not form.raw(f"band_{number}").strip() and not form.raw(f"least_{number}").strip():
            continue
        name = form.text(f"band_{number}", f"第 {number} 档的名称", longest=20)
        least = points(form, f"least_{number}", f"第 {number} 档的分数", least=0)
        if least is not None and least in {band.least for band in bands}:
            form.fault(f"least_{number}", "这个分数写了两次")
        if name in {band.name for band in bands}:
            form.fault(f"band_{number}", f"“{name}”写了两次")
        if name and least is not None:
            bands.append(Band(least, name))
    form.done()
    if valid_from is None:
        raise Invalid({})
    return DraftBasics(version, source, valid_from, age, tuple(sorted(bands, key=lambda band: -band.least)))


def proposal(values: Values, person_id: int, kind: SchemeKind, codes: Iterable[str]) -> Proposal:
    """`rule` is the code of a rule, or what an exemption is for."""
    form = Form(values)
    what = form.raw("rule")
    exempts = next((one for one in Exempts if what == f"{EXEMPT}{one}"), None)
    if exempts is None and what not in set(codes):
        form.fault("rule", "请选是哪一条")
    happened_on = form.day("happened_on", "日期")
    until = form.day("until", "到哪天", required=False) if exempts else None
    if happened_on and until and until < happened_on:
        form.fault("until", "不能早于开始的那天")
    reason = form.text("reason", "原因", longest=LONGEST_REASON)
    form.done()
    if happened_on is None:
        raise Invalid({})
    return Proposal(person_id, kind, happened_on, reason, rule_code=None if exempts else what, exempts=exempts, until=until)


def reason(values: Values) -> str:
    return one_text(values, "reason", "原因", longest=LONGEST_REASON)


def revocation(values: Values) -> tuple[str, date]:
    form = Form(values)
    said, on = form.text("reason", "原因", longest=LONGEST_REASON), form.day("happened_on", "日期")
    form.done()
    if on is None:
        raise Invalid({})
    return said, on


PER_CHOICES = [(per.value, name) for per, name in PER_NAMES.items()]
