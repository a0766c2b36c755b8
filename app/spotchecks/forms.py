"""The forms of spot checks → commands; all faults of a form at once."""

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.spotchecks.rules import MOST, SEED, Announced, Finding
from app.webkit.forms import Form

Values = MultiDict[str, str]


def announcement(values: Values) -> Announced:
    form = Form(values)
    first, last = form.day("first_on", "从哪天起"), form.day("last_on", "到哪天止")
    size = form.whole("size", "抽几笔", least=1, most=MOST)
    seed = form.text("seed", "种子", longest=40, numbers=True)
    source = form.text("source", "种子从哪里来", longest=80)
    if seed and not SEED.fullmatch(seed):
        form.fault("seed", "种子写 4 到 40 个数字或字母，可以用 - 隔开，不要空格")
    if first and last and last < first:
        form.fault("last_on", "要在开始那天以后")
    form.done()
    if first is None or last is None or size is None:
        raise Invalid({})
    return Announced(first, last, size, seed, source)


def finding(values: Values) -> tuple[Finding, str]:
    """Whether words are needed, the service knows."""
    form = Form(values)
    found = form.choice("finding", "查下来怎样", Finding)
    words = form.text("words", "审计意见", longest=500, required=False)
    form.done()
    if found is None:
        raise Invalid({})
    return found, words


def answer(values: Values) -> str:
    form = Form(values)
    words = form.text("words", "答复", longest=500)
    form.done()
    return words
