"""粘贴接龙: the text of a WeChat group, read, asked about, then signed up. No name stands in an address; nothing is stored before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request
from werkzeug.wrappers import Response

from app.activities import queries
from app.activities.chain_lines import Line, LineKind
from app.activities.chain_matching import match, wanted, wish
from app.activities.chain_rules import length_fault, read_chain
from app.activities.chain_words import Turn, turn
from app.activities.queries import ActivityRow, ShiftRow
from app.activities.queries import chain as reach
from app.activities.rules import ActivityState
from app.activities.service import Taken, chain
from app.activities.views.chain_sheet import alike, by_line, by_person, decisions, shown_once, ticked
from app.activities.views.common import bp
from app.core import clock
from app.core.errors import DomainError, Invalid
from app.core.pacing import in_steps
from app.core.permissions import Action
from app.webkit.forms import Form
from app.webkit.guards import current_actor, requires
from app.webkit.htmx import render

A_STEP = 20  # people in one transaction


@dataclass(frozen=True)
class Done:
    """What became of one line. `tone`: yes, warn (waits), info (stood before), empty: left out."""

    line: Line
    name: str
    tone: str
    words: str


@dataclass(frozen=True)
class Asked:
    """What was sent: the text as typed and the shift. `read_at`: when the names were matched first."""

    text: str
    shift: ShiftRow
    read_at: datetime


def _open_shifts(row: ActivityRow) -> list[ShiftRow]:
    """Those that still take people; none where the activity takes no one."""
    now = clock.now()
    return [shift for shift in queries.shifts_of(row.id) if shift.last_end > now] if row.state(now) is ActivityState.OPEN else []


@bp.get("/activities/<int:activity_id>/chain")
@requires(Action.ACTIVITY_MANAGE)
def paste_chain(activity_id: int) -> Response:
    row = queries.to_manage(current_actor(), activity_id)
    return _form(row, _open_shifts(row), "")


def _form(
    row: ActivityRow, shifts: list[ShiftRow], text: str, faults: dict[str, str] | None = None, decided: Iterable[str] = ()
) -> Response:
    """The text area, with what was typed; `decided` waits there for lines that stay as they are."""
    wanted_shift = request.values.get("shift", type=int)
    chosen = next((shift.id for shift in shifts if shift.id == wanted_shift), shifts[0].id if len(shifts) == 1 else None)
    return render(
        "activities/chain.html",
        status=422 if faults else 200,
        row=row,
        shifts=shifts,
        text=text,
        chosen=chosen,
        faults=faults or {},
        decided=decided,
    )


@bp.post("/activities/<int:activity_id>/chain")
@requires(Action.ACTIVITY_MANAGE)
def read_matches(activity_id: int) -> Response:
    """Who is meant, line by line; `again` goes back to the text with what was ticked, `turn` on to another shift. Reads only: it is
    posted so that no name stands in an address.
    """
    row = queries.to_manage(current_actor(), activity_id)
    shifts = _open_shifts(row)
    try:
        asked = _asked(shifts)
    except Invalid as error:
        return _form(row, shifts, request.form.get("text", ""), {} if "again" in request.form else error.fields)
    lines = _matched(row, asked)
    if "again" in request.form:
        return _form(row, shifts, asked.text, decided=decisions(lines, request.form, asked.shift.id))
    if not any(line.kind is not LineKind.NOTE for line in lines):
        return _form(row, shifts, asked.text, {"text": "没读到一行名字。一行一位，前面的编号可有可无"})
    return _preview(row, asked, lines, decided=request.form.getlist("decided"))


def _asked(shifts: Sequence[ShiftRow]) -> Asked:
    """Raises Invalid with the faults of the text and the shift."""
    form, text = Form(request.form), request.form.get("text", "").replace("\r\n", "\n")
    shift_id = form.one_of("turn" if "turn" in request.form else "shift", "哪一班", [shift.id for shift in shifts])
    if fault := length_fault(text):
        form.fault("text", fault)
    form.done()
    shift = next(shift for shift in shifts if shift.id == shift_id)
    return Asked(text, shift, _read_at())


def _read_at() -> datetime:
    """As the form sends it back; now for a form that does not, or says a time that can not be."""
    now = clock.now()
    try:
        said = datetime.fromisoformat(request.form.get("read_at", ""))
    except ValueError:
        return now
    return said if said.tzinfo is not None and said < now else now


def _matched(row: ActivityRow, asked: Asked) -> tuple[Line, ...]:
    entries = read_chain(asked.text)
    names, told = wanted(entries)
    known = reach.known(row, asked.shift.id, names, told, current_actor())
    ids = [one.id for one in known]
    barred, busy = chain.barred(row, ids, clock.now()), reach.busy(row, asked.shift, ids, current_actor())
    known = [replace(one, barred=barred.get(one.id, ""), busy=busy.get(one.id, "")) for one in known]
    chosen = _turn(asked.shift)
    others = [_turn(shift) for shift in queries.shifts_of(row.id) if shift.id != asked.shift.id]
    return match(entries, known, chosen, others, [one.name for one in asked.shift.positions])


def _turn(shift: ShiftRow) -> Turn:
    begin, end = clock.local(shift.starts_at), clock.local(shift.last_end)
    return turn(shift.id, shift.name, begin.hour, 24 if end.date() > begin.date() else end.hour + bool(end.minute))


def _preview(row: ActivityRow, asked: Asked, lines: Sequence[Line], fault: str = "", decided: Sequence[str] = ()) -> Response:
    kinds = {kind.value: [line for line in lines if line.kind is kind] for kind in LineKind}
    return render(
        "activities/chain_read.html",
        status=422 if fault else 200,
        row=row,
        asked=asked,
        positions={line.key: wish(line.entry, [one.name for one in asked.shift.positions]) for line in lines},
        kinds=kinds,
        questions=by_line(kinds["ask"]),
        twice=by_person(kinds["twice"]),
        other=by_person(kinds["other"]),
        nobody=alike(kinds["nobody"]),
        turns=_turns(row, lines),
        ticked=ticked(lines, decided, asked.shift.id),
        untold=_untold(row),
        faults={"lines": fault} if fault else {},
    )


def _turns(row: ActivityRow, lines: Sequence[Line]) -> list[Turn]:
    """The other shifts that lines belong to, those that still take people."""
    found = {line.turn.id: line.turn for line in lines if line.turn}
    return [found[shift.id] for shift in _open_shifts(row) if shift.id in found] if found else []


def _untold(row: ActivityRow) -> list[str]:
    """Conditions that are not checked name by name, in words."""
    party = ["党员和支部的条件"] if row.who != reach.open_part(row) else []
    return [*party, "没登记出生日期的人的年龄"] if row.who.age_from or row.who.age_to else party


@bp.post("/activities/<int:activity_id>/chain/signups")
@requires(Action.ACTIVITY_MANAGE)
def sign_up_listed(activity_id: int) -> Response:
    """Everybody picked is signed up, and what became of each line is said. The text is read anew, so only who is within reach can be
    picked; sending it again changes nothing, and brings nobody back who has withdrawn since.
    """
    row = queries.to_manage(current_actor(), activity_id)
    shifts = _open_shifts(row)
    try:
        asked = _asked(shifts)
    except Invalid as error:
        return _form(row, shifts, request.form.get("text", ""), error.fields)
    lines = _matched(row, asked)
    picked = {line.key: one.id for line in lines if (one := line.picked(request.form.get(f"l-{line.key}", "")))}
    if not picked:
        return _preview(row, asked, lines, "还没勾选一位", decisions(lines, request.form, asked.shift.id))
    gone = reach.withdrawn_since(asked.shift.id, set(picked.values()), asked.read_at)
    wishes: dict[int, int | None] = {}
    for line in lines:
        if line.key in picked and picked[line.key] not in gone:
            wishes.setdefault(picked[line.key], _position(asked.shift, line))
    taken, stopped = _write(asked.shift.id, list(wishes.items()))
    done = [_done(line, picked.get(line.key), taken, gone, stopped) for line in shown_once(lines)]
    return render(
        "activities/chain_done.html",
        row=row,
        asked=asked,
        shift=asked.shift,
        groups=_groups(done),
        stopped=stopped,
        turns=_turns(row, lines),
    )


def _write(shift_id: int, wishes: Sequence[tuple[int, int | None]]) -> tuple[dict[int, Taken], str]:
    """Who has what now, by person, and why it ended before everybody had; empty where nothing went wrong."""
    taken: dict[int, Taken] = {}
    by_id = current_actor().person_id

    def step(part: Sequence[tuple[int, int | None]]) -> None:
        taken.update({one.signup.person_id: one for one in chain.seat_listed(shift_id, part, by_id, clock.now())})

    try:
        in_steps(wishes, step, most=A_STEP)
    except DomainError as error:
        return taken, "；".join(error.fields.values()) if isinstance(error, Invalid) else error.message
    return taken, ""


def _position(shift: ShiftRow, line: Line) -> int | None:
    """The position that the organiser chose, else the one that the line names."""
    said = request.form.get(f"p-{line.key}", "")
    name = wish(line.entry, [one.name for one in shift.positions])
    chosen = next((one.id for one in shift.positions if str(one.id) == said), None)
    return chosen or next((one.id for one in shift.positions if one.name == name), None)


def _done(line: Line, person_id: int | None, taken: dict[int, Taken], gone: set[int], stopped: str) -> Done:
    name = next((one.name for one in line.options if one.id == person_id), line.options[0].name if line.options else line.entry.said)
    if person_id is None:
        stands = line.kind in (LineKind.STANDS, LineKind.TWICE)
        unticked = line.kind in (LineKind.SURE, LineKind.ASK)
        return Done(line, name, "info" if stands else "", "没有勾选" if unticked else line.why)
    if person_id in gone:
        return Done(line, name, "", "刚刚自己退出了，没有再报")
    one = taken.get(person_id)
    if one is None:
        return Done(line, name, "", stopped or "没有报上")
    if not one.fresh:
        return Done(line, name, "info", "原来就报上了" if one.signup.seated else f"原来就在候补，第 {one.signup.position} 位")
    if one.signup.seated:
        return Done(line, name, "yes", one.signup.position_name or "报上了")
    return Done(line, name, "warn", f"候补第 {one.signup.position} 位")


def _groups(done: Sequence[Done]) -> list[tuple[str, str, list[Done]]]:
    """(tone, heading, lines), those that are empty left out."""
    headings = (("yes", "报上了"), ("warn", "满员了，排了候补"), ("info", "原来就报了，或是重复的"), ("", "没有报"))
    found = [(tone, words, [one for one in done if one.tone == tone]) for tone, words in headings]
    return [group for group in found if group[2]]
