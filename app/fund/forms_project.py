"""A project's forms → commands: the draft with its budget, its contract with the instalments, the reason of a change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.fund.amendment_rules import PARTS as MOST_PARTS
from app.fund.amendment_rules import AmendmentDraft
from app.fund.rules import BudgetLine, MoneySource, ProjectDraft, ProjectKind, Stage
from app.fund.stage_rules import After, ContractDraft, Instalment
from app.webkit.forms import Form

LINES = 6  # rows of the budget on the form
PARTS = 4  # rows of instalments on the form
Values = MultiDict[str, str]


@dataclass(frozen=True)
class Choices:
    """What may be chosen on the form: units, calls with their kind, restricted purposes; `sources` for the fund's own people only."""

    units: Iterable[int]
    calls: Mapping[int, ProjectKind]
    purposes: Iterable[int] = ()
    sources: bool = False


def project(values: Values, choices: Choices) -> tuple[ProjectDraft, int | None]:
    """The draft, and the call that it answers."""
    form = Form(values)
    call_id = form.one_of("call_id", "征集", [0, *choices.calls]) if form.raw("call_id") else 0
    kind = form.choice("kind", "项目类型", ProjectKind)
    if call_id and kind and choices.calls[call_id] is not kind:
        form.fault("kind", "这次征集收的不是这一类项目")
    name = form.text("name", "项目名称", longest=60)
    summary = form.text("summary", "做什么", longest=400)
    area = form.text("area", "地点", longest=60)
    beneficiaries = form.text("beneficiaries", "受益的人", longest=120)
    unit_id = form.one_of("unit_id", "负责的组织", choices.units)
    starts_on, ends_on = form.day("starts_on", "开始日期"), form.day("ends_on", "结束日期")
    if starts_on and ends_on and ends_on <= starts_on:
        form.fault("ends_on", "结束日期应在开始日期之后")
    if starts_on and not 2009 <= starts_on.year <= 2100:
        form.fault("starts_on", "开始日期应在 2009 年以后")
    source, source_name, purpose_id = _source(form, choices)
    lines = _lines(form)
    form.done()
    if kind is None or unit_id is None or starts_on is None or ends_on is None:
        raise Invalid({})
    draft = ProjectDraft(
        kind, name, summary, area, beneficiaries, unit_id, starts_on, ends_on, lines, source, source_name, purpose_id or None
    )
    return draft, call_id or None


def _source(form: Form, choices: Choices) -> tuple[MoneySource, str, int | None]:
    if not choices.sources or form.raw("source") != MoneySource.OTHER.value:
        asked = form.raw("purpose_id") if choices.sources else ""
        return MoneySource.FUND, "", form.one_of("purpose_id", "限定用途", [0, *choices.purposes]) if asked else None
    return MoneySource.OTHER, form.text("source_name", "资金从哪里来", longest=60), None


def _lines(form: Form) -> tuple[BudgetLine, ...]:
    lines: list[BudgetLine] = []
    for row in range(1, LINES + 1):
        if not form.raw(f"line_{row}").strip() and not form.raw(f"fen_{row}").strip():
            continue
        name = form.text(f"line_{row}", f"第 {row} 项的名称", longest=40)
        fen = form.fen(f"fen_{row}", f"第 {row} 项的金额")
        if name in {line.name for line in lines}:
            form.fault(f"line_{row}", f"“{name}”写了两次")
        if name and fen:
            lines.append(BudgetLine(name, fen))
    if not lines:
        form.fault("line_1", "预算至少要有一项")
    return tuple(lines)


def applicant(values: Values) -> str:
    """The name of whom it is keyed in for; "" for nobody."""
    form = Form(values)
    name = form.text("applicant", "替谁报的", longest=30, required=False)
    form.done()
    return name.replace(" ", "")


def contract(values: Values) -> ContractDraft:
    form = Form(values)
    number = form.text("number", "协议编号", longest=40, numbers=True)
    party = form.text("party", "和谁签的", longest=80)
    signed_on = form.day("signed_on", "签订日期")
    fen = form.fen("fen", "协议金额")
    parts = [_part(form, row) for row in range(1, PARTS + 1) if form.raw(f"part_{row}").strip() or row == 1]
    form.done()
    known = tuple(part for part in parts if part is not None)
    if signed_on is None or fen is None or len(known) < len(parts):
        raise Invalid({})
    return ContractDraft(number, signed_on, party, fen, known)


def amendment(values: Values) -> AmendmentDraft:
    """What is typed per place; a place that stays empty is left out."""
    form = Form(values)
    number = form.text("number", "补充协议编号", longest=40, numbers=True)
    signed_on = form.day("signed_on", "签订日期")
    fen = form.fen("fen", "改后的总金额")
    reason = form.text("reason", "为什么改", longest=200)
    typed = {place: _part(form, place) for place in range(1, MOST_PARTS + 1) if form.raw(f"part_{place}").strip()}
    if not typed:
        form.fault("part_1", "至少留一期")
    form.done()
    parts = {place: part for place, part in typed.items() if part is not None}
    if signed_on is None or fen is None or len(parts) < len(typed):
        raise Invalid({})
    return AmendmentDraft(number, signed_on, fen, reason, parts)


def _part(form: Form, row: int) -> Instalment | None:
    fen = form.fen(f"part_{row}", f"第 {row} 期的金额")
    due_on: date | None = form.day(f"due_{row}", f"第 {row} 期的日期")
    after = form.choice(f"after_{row}", f"第 {row} 期什么时候拨", After)
    words = form.text(f"words_{row}", f"第 {row} 期的条件", longest=120, required=False)
    return Instalment(fen, due_on, after, words) if fen and due_on and after else None


def change(values: Values) -> tuple[Stage, str]:
    """The stage to go to, and the reason, which stands in a field of that stage's own."""
    form = Form(values)
    stage = form.choice("stage", "要办的事", Stage)
    note = form.text(f"note_{form.raw('stage')}", "说明", longest=400, required=False)
    form.done()
    if stage is None:
        raise Invalid({})
    return stage, note


def objections_to(values: Values) -> tuple[str, str]:
    """The phone and the place that take objections to a 公示."""
    form = Form(values)
    phone = form.text("phone", "电话", longest=40)
    place = form.text("place", "地点", longest=80)
    form.done()
    return phone, place
