"""What is ticked and typed when people are named, and when a list or a dispute is answered."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from app.activities.queries import ShiftRow
from app.claims import queries
from app.claims.rules import (
    LONGEST_ANSWER,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_SAID,
    BatchKind,
    NamedSpell,
    Naming,
    Says,
    moments,
    spell_fault,
)
from app.webkit.forms import Form, clean, one_text


@dataclass(frozen=True)
class Extra:
    """Somebody told by name and the last four digits; `value` is what the form sends back, to be looked up again."""

    person_id: int
    name: str
    tail: str

    @property
    def value(self) -> str:
        return f"{self.name}·{self.tail}"


@dataclass
class Roll:
    """Who is ticked so far, as it was sent. `faults` are those of the name that was added last."""

    ticked: set[int] = field(default_factory=set)
    extras: list[Extra] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def person_ids(self) -> set[int]:
        return self.ticked | {extra.person_id for extra in self.extras}


def parse_roll(values: "MultiDict[str, str]", listed: Collection[int], taken: dict[int, str], day: date) -> Roll:
    """Ticks count only for those listed; everybody else must be told by name and digits, each time anew."""
    roll = Roll({int(raw) for raw in values.getlist("person") if raw.isascii() and raw.isdigit()} & set(listed))
    for raw in values.getlist("extra"):
        name, _, tail = raw.rpartition("·")
        _add(roll, name, tail, taken, day)
        roll.faults.clear()
    name, tail = clean(values.get("name", "")), clean(values.get("tail", ""))
    if name or tail:
        _add(roll, name.replace(" ", ""), tail, taken, day)
    return roll


def _add(roll: Roll, name: str, tail: str, taken: dict[int, str], day: date) -> None:
    if not name:
        roll.faults["name"] = "请填写姓名"
    if not (tail.isascii() and tail.isdigit() and len(tail) == 4):
        roll.faults["tail"] = "请填写手机后四位数字"
    if roll.faults:
        return
    found = queries.find_person(name, tail, day)
    if len(found) != 1:
        roll.faults["name"] = "有几位同名同尾号，请到他们支部的名单里勾" if found else "没找到这位，请再核对。没登记过的，请他先登记"
    elif found[0] in taken:
        roll.faults["name"] = f"{name}这一班{taken[found[0]]}，不用再报"
    elif found[0] not in roll.person_ids:
        roll.extras.append(Extra(found[0], name, tail))


def parse_naming(values: "MultiDict[str, str]", activity_id: int, shift: ShiftRow, roll: Roll) -> Naming:
    """Raises Invalid. `in` and `out` are everybody's times; `in-<id>` and `out-<id>` one's own."""
    form = Form(values)
    form.faults.update(roll.faults)
    came, left = form.clock_time("in", "到场时间"), form.clock_time("out", "离开时间")
    note = form.text("note", "依据", longest=LONGEST_NOTE, required=False)
    spells: list[NamedSpell] = []
    if came and left:
        usual = _spell(shift, came, left)
        if fault := spell_fault(shift.starts_at, shift.last_end, *usual):
            form.fault("out", fault)
        spells = [NamedSpell(one, *(_own(form, shift, one, came, left) or usual)) for one in sorted(roll.person_ids)]
    if not roll.person_ids:
        form.fault("person", "请至少勾一位")
    form.done()
    ticked = roll.ticked and "paper" not in values  # from the paper sheet, names are ticked too
    return Naming(activity_id, shift.id, BatchKind.TICKED if ticked else BatchKind.PAPER, tuple(spells), note)


def _own(form: Form, shift: ShiftRow, person_id: int, came: time, left: time) -> tuple[datetime, datetime] | None:
    """Somebody's own times; None where there are none."""
    own_in = form.clock_time(f"in-{person_id}", "到场时间", required=False)
    own_out = form.clock_time(f"out-{person_id}", "离开时间", required=False)
    if own_in is None and own_out is None:
        return None
    spell = _spell(shift, own_in or came, own_out or left)
    if fault := spell_fault(shift.starts_at, shift.last_end, *spell):
        form.fault(f"out-{person_id}", fault)
    return spell


def _spell(shift: ShiftRow, came: time, left: time) -> tuple[datetime, datetime]:
    """Whole minutes of the wall clock; what is the shift's own start or end is exactly that."""
    start, end = moments(shift.starts_at, shift.last_end, came, left)
    near = timedelta(minutes=1)
    return (
        shift.starts_at if abs(start - shift.starts_at) < near else start,
        shift.last_end if abs(end - shift.last_end) < near else end,
    )


def parse_reason(values: "MultiDict[str, str]") -> str:
    return one_text(values, "reason", "退回的原因", longest=LONGEST_REASON)


def parse_said(values: "MultiDict[str, str]") -> str:
    return one_text(values, "said", "哪里不对", longest=LONGEST_SAID)


def parse_answer(values: "MultiDict[str, str]") -> str:
    return one_text(values, "answer", "答复", longest=LONGEST_ANSWER)


def parse_testimony(values: "MultiDict[str, str]") -> Says:
    form = Form(values)
    says = form.choice("says", "一样", Says)
    form.done()
    return says or Says.NO
