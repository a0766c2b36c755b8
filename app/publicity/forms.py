"""Reading the forms of objections, answers, and the local rule."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from app.core.workdays import Holidays
from app.publicity.rules import LONGEST_ANSWER, LONGEST_REASON, LONGEST_SAID, Days, Said, Verdict, Way
from app.webkit.forms import Form, clean, one_text

MOST_DAYS = 60
LONGEST_NAME, LONGEST_PHONE = 40, 20


def parse_said(values: "MultiDict[str, str]", people: Collection[int], by_id: int) -> Said:
    """One's own objection. `about` is one of the people named, or empty for the whole."""
    form = Form(values)
    about = form.one_of("about", "对谁的哪一条", people) if form.raw("about") else None
    words = form.text("said", "哪里不对", longest=LONGEST_SAID)
    form.done()
    return Said(about, words, by_id=by_id)


def parse_keyed(values: "MultiDict[str, str]", people: Collection[int]) -> Said:
    """An objection of somebody who came, called or wrote."""
    form = Form(values)
    about = form.one_of("about", "对谁的哪一条", people) if form.raw("about") else None
    words = form.text("said", "哪里不对", longest=LONGEST_SAID)
    way = form.choice("way", "怎么提的", Way)
    if way is Way.ONLINE:
        form.fault("way", "请选择怎么提的")
    name = form.text("by_name", "谁提的", longest=LONGEST_NAME)
    phone = clean(form.text("by_phone", "电话", longest=2 * LONGEST_PHONE, required=False)).replace(" ", "")[:LONGEST_PHONE]
    received = form.day("received_on", "哪天收到的")
    form.done()
    return Said(about, words, way or Way.IN_PERSON, None, name, phone, received)


def parse_answer(values: "MultiDict[str, str]") -> tuple[Verdict, str]:
    form = Form(values)
    verdict = form.choice("verdict", "异议成立还是不成立", Verdict)
    words = form.text("answer", "答复", longest=LONGEST_ANSWER)
    form.done()
    return verdict or Verdict.REJECTED, words


def parse_reason(values: "MultiDict[str, str]", field: str = "reason", label: str = "原因") -> str:
    return one_text(values, field, label, longest=LONGEST_REASON)


@dataclass(frozen=True)
class LocalRule:
    days: Days
    holidays: Holidays


def parse_rule(values: "MultiDict[str, str]") -> LocalRule:
    """The days of a publicity, and lists of days: one a line, or from–to (2026-10-01 至 2026-10-07)."""
    form = Form(values)
    shown = form.whole("shown", "公示几个工作日", least=1, most=MOST_DAYS)
    acknowledge = form.whole("acknowledge", "几个工作日内说收到", least=1, most=MOST_DAYS)
    answer = form.whole("answer", "几个工作日内答复", least=1, most=MOST_DAYS)
    if acknowledge and answer and answer < acknowledge:
        form.fault("answer", "答复的日子不能比说收到的还短")
    off, worked = _days(form, "off"), _days(form, "worked")
    if both := off & worked:
        form.fault("worked", f"{min(both).isoformat()} 两边都写了：是放假还是上班")
    form.done()
    return LocalRule(Days(shown or 1, acknowledge or 1, answer or 1), Holidays(off, worked))


def _days(form: Form, field: str) -> frozenset[date]:
    found: set[date] = set()
    for line in clean(form.raw(field)).splitlines():
        ends = [part.strip() for part in line.replace("至", " ").replace("到", " ").replace("~", " ").split()]
        try:
            first, last = date.fromisoformat(ends[0]), date.fromisoformat(ends[-1])
        except (ValueError, IndexError):
            form.fault(field, f"“{line}”看不懂，请写成 2026-10-01，或 2026-10-01 至 2026-10-07")
            continue
        if len(ends) > 2 or not 0 <= (last - first).days <= 30:
            form.fault(field, f"“{line}”不对，一行最多写一个月里的从哪天到哪天")
            continue
        found |= {first + timedelta(days=step) for step in range((last - first).days + 1)}
    return frozenset(found)


def day_lines(days: Collection[date]) -> str:
    """The same for the field: runs of days in one line."""
    lines: list[list[date]] = []
    for day in sorted(days):
        if lines and (day - lines[-1][-1]).days == 1:
            lines[-1].append(day)
        else:
            lines.append([day])
    return "\n".join(f"{run[0]} 至 {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in lines)
