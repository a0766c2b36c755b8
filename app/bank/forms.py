"""Forms of the bank → commands; all faults of a form at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.bank.rules import MOST_PAIRS, MOST_TOGETHER
from app.core.errors import Invalid
from app.fund.money_rules import Verdict
from app.webkit.forms import Form, clean, one_text

Values = MultiDict[str, str]


@dataclass(frozen=True)
class StatementSent:
    """For which account, a new one by its name; the period where it was stated."""

    account_id: int | None
    name: str
    tail: str
    first_on: date | None
    last_on: date | None


def statement(values: Values, accounts: Iterable[int]) -> StatementSent:
    form, known = Form(values), list(accounts)
    account_id = form.one_of("account_id", "哪个账户", [0, *known]) if known else 0
    name, tail = "", ""
    if account_id == 0:
        name = form.text("name", "账户的名字", longest=40)
        tail = form.text("tail", "账号末四位", longest=4)
        if tail and not (tail.isascii() and tail.isdigit() and len(tail) == 4):
            form.fault("tail", "账号末四位请填四个数字")
    first_on = form.day("first_on", "第一天", required=False)
    last_on = form.day("last_on", "最后一天", required=False)
    if first_on and last_on and last_on < first_on:
        form.fault("last_on", "最后一天早于第一天")
    form.done()
    return StatementSent(account_id or None, name, tail, first_on, last_on)


def pairs(values: Values) -> list[tuple[int, int]]:
    """Ticked pairs, each "line-request". Raises Invalid for none, or for too many."""
    found = []
    for text in values.getlist("pair"):
        line, _, asked = text.partition("-")
        if line.isascii() and line.isdigit() and asked.isascii() and asked.isdigit():
            found.append((int(line), int(asked)))
    if not found:
        raise Invalid({"pair": "请先勾选要确认的"}, "请先勾选要确认的。")
    if len(found) > MOST_PAIRS:
        raise Invalid({"pair": f"一次最多 {MOST_PAIRS} 笔"}, f"一次最多 {MOST_PAIRS} 笔。")
    return found


def group(values: Values) -> tuple[list[int], list[int]]:
    """Ticked lines and requests, each once; what is no number is nothing."""

    def ticked(name: str) -> list[int]:
        sent = [text for text in values.getlist(name) if text.isascii() and text.isdigit() and len(text) < 10]
        return list(dict.fromkeys(map(int, sent)))[: MOST_TOGETHER + 1]

    return ticked("line"), ticked("request")


def words(values: Values) -> str:
    """What is looked for among what can be ticked."""
    return clean(values.get("q", ""))[:60]


def reason(values: Values) -> str:
    return one_text(values, "reason", "原因", longest=200)


def decision(values: Values) -> tuple[Verdict, str]:
    form = Form(values)
    verdict = form.choice("verdict", "怎么办", Verdict)
    answer = form.text("answer", "原因", longest=200, required=verdict is Verdict.RETURNED)
    form.done()
    if verdict is None:
        raise Invalid({})
    return verdict, answer
