"""The form of an activity: what was typed → a draft with its shifts, or every fault beside its field.

Shifts are flat fields `s0-name`, `s0-start` …; `shifts` says how many there are, so that one can be added or dropped without script.
`s0-summed`: the form showed the sum of its positions in place of a number to type.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from app.activities import joining_forms
from app.activities.position_rules import ReadPositions, lines_of, read_positions
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.rules import (
    MAX_SHIFTS,
    ActivityDraft,
    ActivityKind,
    CodeWay,
    ShiftDraft,
    default_code_way,
    runs_past_midnight,
    shift_fault,
    shift_minutes,
)
from app.activities.templates import TEMPLATES
from app.core.clock import at_local, local
from app.core.errors import Invalid
from app.webkit.forms import Form, tidy

FIELDS = ("id", "name", "day", "start", "end", "break", "capacity", "positions")
Kept = dict[str, str]
LONGEST_POSITIONS = 1000


def shift_count(values: Kept | MultiDict[str, str]) -> int:
    given = values.get("shifts", "")
    return max(1, min(MAX_SHIFTS, int(given))) if given.isascii() and given.isdigit() and len(given) < 4 else 1


def read(
    values: MultiDict[str, str], *, units: list[int], earliest: date, reach: Collection[int] = (), known: ActivityRow | None = None
) -> ActivityDraft:
    """Raises Invalid with all faults. Of a published activity (`known`) kind and unit are taken as they are.

    `reach`: the units, beside `units`, that it may be said to be for.
    """
    form = Form(values)
    fixed = known if known and known.public else None
    kind = fixed.kind if fixed else form.choice("kind", "是哪一类活动", ActivityKind)
    title = form.text("title", "活动的名字", longest=60)
    day = form.day("day", "哪一天")
    if day and day < earliest:
        form.fault("day", "这一天已经过去了")
    place = form.text("place", "在哪里", longest=80)
    unit_id = fixed.unit_id if fixed else form.one_of("unit_id", "哪个组织主办", units)
    description = form.text("description", "做什么", longest=1000, required=False)
    risk_note = form.text("risk_note", "出门前要知道的", longest=300, required=False)
    insurance_note = form.text("insurance_note", "保险", longest=300, required=False)
    chosen_before = {known.who.unit_id} if known and known.who.unit_id else set()
    who = joining_forms.read(form, {*units, *reach, *chosen_before})
    gives_training = form.text("gives_training", "培训的名字", longest=40, required=False)
    template = known.template if known else form.raw("template") if form.raw("template") in TEMPLATES else None
    shifts = tuple(shift for place_ in range(shift_count(values)) if (shift := _shift(form, place_, day)))
    way = form.choice("code_way", "签到码怎么出", CodeWay) if form.raw("code_way") else default_code_way(shifts)
    if form.faults or kind is None or unit_id is None or way is None:
        raise Invalid(form.faults)
    return ActivityDraft(title, kind, unit_id, place, description, risk_note, way, shifts, insurance_note, who, gives_training, template)


def _shift(form: Form, place: int, day: date | None) -> ShiftDraft | None:
    """One shift, or None with its faults recorded."""
    name = form.text(f"s{place}-name", "班次的名字", longest=30)
    begins, ends = form.clock_time(f"s{place}-start", "开始时间"), form.clock_time(f"s{place}-end", "结束时间")
    pause = form.whole(f"s{place}-break", "休息分钟", most=720, required=False) or 0
    form.text(f"s{place}-positions", "岗位", longest=LONGEST_POSITIONS, required=False)
    positions = positions_of(form.values, place)
    if positions.fault:
        form.fault(f"s{place}-positions", positions.fault)
    typed = form.whole(f"s{place}-capacity", "人数", least=1, most=20_000, required=False) if not positions.capacity else None
    capacity = positions.capacity or typed
    if form.raw(f"s{place}-summed") and not positions.positions and not positions.fault and typed is None:
        form.fault(f"s{place}-capacity", "岗位都去掉了，要几个人？不限就空着，再存一次")
    own_day = form.day(f"s{place}-day", "这一班是哪一天", required=False) or day
    given = form.raw(f"s{place}-id")
    if not (begins and ends):
        return None
    on = own_day or date(2000, 1, 1)  # without a day the times are judged all the same; the missing day stops the form
    ends_at = at_local(on + timedelta(days=runs_past_midnight(begins, ends)), ends)
    known = int(given) if given.isascii() and given.isdigit() else None
    draft = ShiftDraft(name, at_local(on, begins), ends_at, pause, capacity, known, () if positions.fault else positions.positions)
    if fault := shift_fault(draft):
        form.fault(f"s{place}-break" if "休息" in fault else f"s{place}-end", fault)
    return draft


def positions_of(values: Kept | MultiDict[str, str], place: int) -> ReadPositions:
    """What is typed in the box of one shift. Where it can be read, the shift's number of people is its sum."""
    return read_positions(tidy(values.get(f"s{place}-positions", "")))


def summed(values: MultiDict[str, str]) -> str | None:
    """Said when another number of people was typed than the positions add up to."""
    found = []
    for place in range(shift_count(values)):
        whole, typed = positions_of(values, place).capacity, tidy(values.get(f"s{place}-capacity", ""))
        if whole and typed and typed != str(whole):
            found.append(f"{tidy(values.get(f's{place}-name', ''))} {whole} 人")
    return f"人数按岗位加起来算：{'，'.join(found)}。" if found else None


def blank(unit_id: int | None) -> Kept:
    """A new form: one shift, nothing decided for anyone but what most activities are."""
    return {"kind": ActivityKind.SERVICE.value, "unit_id": str(unit_id or ""), "shifts": "1", "s0-break": "0"}


def filled(row: ActivityRow, shifts: list[ShiftRow], *, day: date | None = None) -> Kept:
    """What stands, as a form. With `day` it is for a new activity on that day: same shifts, no ids."""
    first = local(shifts[0].starts_at).date() if shifts else None
    base = day or first
    kept = {
        "kind": row.kind.value,
        "title": row.title,
        "day": base.isoformat() if base else "",
        "place": row.place_text,
        "unit_id": str(row.unit_id),
        "description": row.description,
        "risk_note": row.risk_note,
        "code_way": row.code_way.value,
        "insurance_note": row.insurance_note,
        "gives_training": row.gives_training,
        "template": row.template or "",
        "shifts": str(max(1, len(shifts))),
    } | joining_forms.filled(row.who)
    for place, shift in enumerate(shifts):
        begins = local(shift.starts_at)
        kept |= {
            f"s{place}-name": shift.name,
            f"s{place}-start": f"{begins:%H:%M}",
            f"s{place}-end": f"{local(shift.ends_at):%H:%M}",
            f"s{place}-break": str(shift.break_minutes),
            f"s{place}-capacity": "" if shift.capacity is None or shift.positions else str(shift.capacity),
        }
        if shift.positions:  # their sum is not what anybody typed
            kept[f"s{place}-positions"] = lines_of(shift.draft().positions)
        if day is None:
            kept[f"s{place}-id"] = str(shift.id)
        if first and begins.date() != first:
            own = begins.date() if day is None else day + (begins.date() - first)
            kept[f"s{place}-day"] = own.isoformat()
    return kept


def next_like(first: datetime, today: date) -> date:
    """The coming day of the same weekday, for an activity that is held again: after today, and after that one itself."""
    day = local(first).date()
    begin = max(day, today)
    return begin + timedelta(days=(day.weekday() - begin.weekday()) % 7 or 7)


def reshaped(values: Kept, asked: str) -> Kept:
    """The same input with one shift more ("add") or without one ("drop-2"); the last one stays."""
    count, kept = shift_count(values), dict(values)
    if asked == "add" and count < MAX_SHIFTS:
        kept |= {f"s{count}-start": kept.get(f"s{count - 1}-end", ""), f"s{count}-break": "0", "shifts": str(count + 1)}
    elif asked.startswith("drop-") and count > 1 and asked[5:] in {str(place) for place in range(count)}:
        for place in range(int(asked[5:]), count):
            for field in FIELDS:
                kept.pop(f"s{place}-{field}", None)
                if f"s{place + 1}-{field}" in values:
                    kept[f"s{place}-{field}"] = values[f"s{place + 1}-{field}"]
        kept["shifts"] = str(count - 1)
    return kept


def counted(kept: Kept) -> list[int | None]:
    """What each shift would count in minutes, as far as it can be read; for the heads of the cards."""
    found: list[int | None] = []
    for place in range(shift_count(kept)):
        try:
            begins, ends = time.fromisoformat(kept[f"s{place}-start"]), time.fromisoformat(kept[f"s{place}-end"])
            pause = int(kept.get(f"s{place}-break") or 0)
        except (KeyError, ValueError):
            found.append(None)
            continue
        day = date(2000, 1, 1)
        ends_at = at_local(day + timedelta(days=runs_past_midnight(begins, ends)), ends)
        found.append(shift_minutes(at_local(day, begins), ends_at, pause) or None)
    return found


def places(kept: Kept) -> int | None:
    """How many people the typed shifts ask for; None where one has no limit."""
    whole = [positions_of(kept, place).capacity for place in range(shift_count(kept))]
    given = [str(number) if number else kept.get(f"s{place}-capacity", "") for place, number in enumerate(whole)]
    return sum(map(int, given)) if all(number.isascii() and number.isdigit() and len(number) < 7 for number in given) else None


def end_time(values: MultiDict[str, str], shift: ShiftRow) -> datetime:
    """`until` of an extension as an instant after the shift's end: past midnight where the clock says so. Raises Invalid."""
    form = Form(values)
    given = form.clock_time("until", "延长到几点")
    if given is None:
        raise Invalid(form.faults)
    end = local(shift.last_end)
    late = given < end.time() and runs_past_midnight(end.time(), given)
    return at_local(end.date() + timedelta(days=late), given)
