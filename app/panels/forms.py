"""The forms of calls and panels → commands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.fund.rules import ProjectKind
from app.fund.stage_rules import CRITERION_NAMES, Criterion
from app.panels.rules import LONGEST_REASON, LONGEST_WORDS, CallDraft, Sheet
from app.webkit.forms import Form, clean

ROWS = 3  # of people who never reviewed before
Values = MultiDict[str, str]


def call(values: Values) -> CallDraft:
    form = Form(values)
    kind = form.choice("kind", "项目类型", ProjectKind)
    title = form.text("title", "标题", longest=60)
    words = form.text("words", "要求", longest=2000)
    opens_on, closes_on = form.day("opens_on", "开始收的日子"), form.day("closes_on", "截止的日子")
    cap = form.fen("cap", "每个项目最多", required=False)
    weights = {one: form.whole(one.value, CRITERION_NAMES[one], most=100) for one in Criterion}
    form.done()
    if kind is None or opens_on is None or closes_on is None:
        raise Invalid({})
    return CallDraft(kind, title, words, opens_on, closes_on, cap, {one: weight or 0 for one, weight in weights.items()})


def longer(values: Values) -> tuple[date, str]:
    """The new last day of a call, and why."""
    form = Form(values)
    closes_on, words = form.day("closes_on", "新的截止日子"), form.text("reason", "为什么延长", longest=200)
    form.done()
    if closes_on is None:
        raise Invalid({})
    return closes_on, words


def taken_back(values: Values) -> str:
    form = Form(values)
    words = form.text("why", "为什么撤回", longest=200)
    form.done()
    return words


def sheet(values: Values) -> Sheet:
    form = Form(values)
    scores = {one: form.whole(one.value, CRITERION_NAMES[one], most=100) for one in Criterion}
    words = form.text("words", "评语", longest=LONGEST_WORDS)
    form.done()
    return Sheet({one: score or 0 for one, score in scores.items()}, words)


def reason(values: Values) -> str:
    form = Form(values)
    words = form.text("reason", "为什么回避", longest=LONGEST_REASON)
    form.done()
    return words


@dataclass(frozen=True)
class Named:
    """Reviewers: `chosen` among those known, `called` by name and number with the row they stand in; `whole_call` for all of the call."""

    chosen: frozenset[int]
    called: tuple[tuple[int, str, str], ...]
    whole_call: bool


def named(values: Values, known: Collection[int]) -> Named:
    form = Form(values)
    chosen = frozenset(person for person in known if str(person) in values.getlist("person"))
    called = []
    for row in range(1, ROWS + 1):
        if form.raw(f"name_{row}").strip() or form.raw(f"phone_{row}").strip():
            name = form.text(f"name_{row}", "姓名", longest=40)
            phone = clean(form.text(f"phone_{row}", "手机号", longest=20)).replace(" ", "")
            called.append((row, name, phone))
    if not chosen and not called and not form.faults:
        form.fault("name_1", "请选人，或者填姓名和手机号")
    form.done()
    return Named(chosen, tuple(called), form.raw("whole_call") == "1")
