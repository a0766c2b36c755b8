"""What is filled in to propose a correction, and to answer one."""

from datetime import datetime

from werkzeug.datastructures import MultiDict

from app.checkin.queries import SpellRow
from app.claims.correction_rules import DAY_MINUTES, LONGEST_REASON, Change, Proposal
from app.claims.queries.correctable import Subject
from app.claims.rules import moments, spell_fault
from app.core.errors import Invalid
from app.core.words import time_words
from app.hours.rules import HourClass
from app.webkit.forms import Form, one_text


def choices(subject: Subject) -> list[Change]:
    """What may be changed of a record."""
    if subject.spell is None:
        return [Change.MINUTES, Change.VOID]
    found = [Change.TIMES]
    if subject.hour_class is HourClass.CREDIT:
        found.append(Change.HOUR_CLASS)
    return [*found, Change.VOID] if subject.minutes else found


def parse_proposal(values: "MultiDict[str, str]", subject: Subject) -> Proposal:
    """Raises Invalid. `in` and `out` are times of the wall clock; one that stays as it was keeps its seconds."""
    form = Form(values)
    change = form.choice("change", "怎么改", Change)
    reason = form.text("reason", "依据", longest=LONGEST_REASON)
    in_at: datetime | None = None
    out_at: datetime | None = None
    minutes = 0
    if change is not None and change not in choices(subject):
        form.fault("change", "这条不能这样改")
    elif change is Change.TIMES and subject.spell is not None:
        in_at, out_at = _times(form, subject.spell)
    elif change is Change.MINUTES:
        hours = form.whole("hours", "小时", most=24, required=False) or 0
        minutes = hours * 60 + (form.whole("minutes", "分", most=59, required=False) or 0)
        if not 0 < minutes <= DAY_MINUTES:
            form.fault("hours", "请填写时长，1 分到 24 小时")
    form.done()
    if change is None:
        raise Invalid(form.faults)
    return Proposal(change, reason, in_at, out_at, minutes)


def _times(form: Form, spell: SpellRow) -> tuple[datetime | None, datetime | None]:
    came, left = form.clock_time("in", "到场时间"), form.clock_time("out", "离开时间")
    if came is None or left is None:
        return None, None
    in_at, out_at = moments(spell.shift.starts_at, spell.shift.last_end, came, left)
    if f"{came:%H:%M}" == time_words(spell.in_at):
        in_at = spell.in_at
    if spell.out_at and f"{left:%H:%M}" == time_words(spell.out_at):
        out_at = spell.out_at
    if fault := spell_fault(spell.shift.starts_at, spell.shift.last_end, in_at, out_at):
        form.fault("out", fault)
    return in_at, out_at


def parse_answer(values: "MultiDict[str, str]") -> str:
    return one_text(values, "answer", "不同意的原因", longest=LONGEST_REASON)
