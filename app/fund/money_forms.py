"""Forms of the rarer ways of money and of the fund's office → commands; all faults of a form at once."""

from collections.abc import Iterable

from app.core.errors import Invalid
from app.fund.forms import Values, key_of
from app.fund.money_rules import Away, OpeningNoted, PolicyWanted, RefundNoted, ReturnAsked, TransferAsked, Verdict
from app.webkit.forms import Form


def opening(values: Values, purposes: Iterable[int]) -> OpeningNoted:
    """`purpose_id` 0 is the fund as a whole."""
    form = Form(values)
    purpose_id = form.one_of("purpose_id", "哪个账户", [0, *purposes])
    fen = form.fen("fen", "金额")
    as_of = form.day("as_of", "哪一天的结余")
    reference = form.text("reference", "凭据", longest=60, numbers=True)
    form.done()
    if purpose_id is None or fen is None or as_of is None:
        raise Invalid({})
    return OpeningNoted(purpose_id or None, fen, as_of, reference, form_key=key_of(form))


def refund(values: Values, payment_id: int) -> RefundNoted:
    form = Form(values)
    fen = form.fen("fen", "退回的金额")
    reason = form.text("purpose", "为什么退回", longest=80)
    receipt = form.text("receipt", "银行回单号", longest=60, numbers=True)
    arrived_on = form.day("arrived_on", "到账日期")
    form.done()
    if fen is None or arrived_on is None:
        raise Invalid({})
    return RefundNoted(payment_id, fen, reason, receipt, arrived_on, key_of(form))


def giving_back(values: Values, project_id: int, sources: Iterable[int]) -> ReturnAsked:
    """`purpose_id` 0 is the fund as a whole (or the source of other money)."""
    form = Form(values)
    purpose_id = form.one_of("purpose_id", "交回到哪里", sources)
    fen = form.fen("fen", "金额")
    reason = form.text("purpose", "说明", longest=80)
    form.done()
    if purpose_id is None or fen is None:
        raise Invalid({})
    return ReturnAsked(project_id, purpose_id or None, fen, reason, key_of(form))


def transfer(values: Values, projects: Iterable[int], purposes: Iterable[int]) -> TransferAsked:
    """`project_id` 0 is the fund as a whole."""
    form = Form(values)
    project_id = form.one_of("project_id", "从哪里转", [0, *projects])
    purpose_id = form.one_of("purpose_id", "限定用途", purposes)
    fen = form.fen("fen", "金额")
    explanation = form.text("explanation", "公开说明", longest=300)
    minute_ref = form.text("minute_ref", "会议纪要编号", longest=60, numbers=True)
    form.done()
    if project_id is None or purpose_id is None or fen is None:
        raise Invalid({})
    return TransferAsked(project_id or None, purpose_id, fen, explanation, minute_ref, key_of(form))


def purpose(values: Values) -> tuple[str, str]:
    """Name, and what the money may be used for."""
    form = Form(values)
    name = form.text("name", "名称", longest=40)
    words = form.text("words", "用在哪里", longest=300)
    form.done()
    return name, words


def turn(values: Values) -> tuple[bool, str]:
    """Whether a purpose is to be closed (else opened again), and why."""
    form = Form(values)
    closes = form.one_of("closes", "关闭还是重新开立", [0, 1])
    reason = form.text("reason", "原因", longest=200)
    form.done()
    return closes == 1, reason


def decision(values: Values) -> tuple[Verdict, str]:
    form = Form(values)
    verdict = form.choice("verdict", "同意还是退回", Verdict)
    answer = form.text("answer", "原因", longest=200, required=verdict is Verdict.RETURNED)
    form.done()
    if verdict is None:
        raise Invalid({})
    return verdict, answer


def limits(values: Values) -> PolicyWanted:
    form = Form(values)
    valid_from = form.day("valid_from", "从哪天起")
    second_above = form.fen("second_above", "加一位核准的金额", least=0)
    minute_above = form.fen("minute_above", "要会议纪要的金额", least=0)
    how_to_give = form.text("how_to_give", "怎么捐", longest=1000, numbers=True)
    reason = form.text("reason", "为什么改", longest=200)
    sum_days = form.whole("sum_days", "几天内合起来算", least=0, most=366)
    form.done()
    if valid_from is None or second_above is None or minute_above is None or sum_days is None:
        raise Invalid({})
    return PolicyWanted(valid_from, second_above, minute_above, how_to_give, reason, sum_days, form.raw("sum_lines") == "1")


def away(values: Values, people: Iterable[int], from_id: int | None) -> Away:
    """`from_id`: who is away, where that is not the form's to say."""
    form = Form(values)
    known = list(people)
    who = from_id if from_id is not None else form.one_of("from_id", "谁请假", known)
    to_id = form.one_of("to_id", "谁来代办", known)
    first_on, last_on = form.day("first_on", "第一天"), form.day("last_on", "最后一天")
    reason = form.text("reason", "原因", longest=200)
    form.done()
    if who is None or to_id is None or first_on is None or last_on is None:
        raise Invalid({})
    return Away(who, to_id, first_on, last_on, reason)
