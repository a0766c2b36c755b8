"""The fund's forms → commands; all faults of a form at once."""

from collections.abc import Iterable
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.fund.rules import DonationNoted, GrantAsked, PaymentAsked
from app.webkit.forms import Form, one_text

Values = MultiDict[str, str]


def payment(values: Values, project_id: int, lines: Iterable[int]) -> PaymentAsked:
    form = Form(values)
    line_id = form.one_of("line_id", "预算里的一项", lines)
    purpose = form.text("purpose", "用途", longest=80)
    fen = form.fen("fen", "金额")
    payee = form.text("payee", "收款人", longest=60)
    invoice = form.text("invoice", "发票或单据号", longest=60, numbers=True)
    minute_ref = form.text("minute_ref", "会议纪要编号", longest=60, required=False, numbers=True)
    form.done()
    if line_id is None or fen is None:
        raise Invalid({})
    return PaymentAsked(project_id, line_id, fen, purpose, payee, invoice, minute_ref, key_of(form))


def donation(values: Values, projects: Iterable[int], purposes: Iterable[int] = ()) -> DonationNoted:
    """`project_id` 0 is the whole fund, `purpose_id` 0 no purpose. A person who agrees is shown masked, an organisation as named."""
    form = Form(values)
    project_id = form.one_of("project_id", "给谁用", [0, *projects])
    purpose_id = form.one_of("purpose_id", "限定用途", [0, *purposes]) if form.raw("purpose_id") else 0
    if project_id and purpose_id:
        form.fault("purpose_id", "指定了项目，就不再选限定用途")
    fen = form.fen("fen", "金额")
    donor = form.text("donor", "捐赠人", longest=60)
    purpose = form.text("purpose", "说明", longest=80)
    receipt = form.text("receipt", "银行回单号", longest=60, numbers=True)
    arrived_on = form.day("arrived_on", "到账日期")
    shown = form.text("public_name", "公开署名", longest=60, required=form.raw("consent") == "1")
    form.done()
    if project_id is None or fen is None or arrived_on is None:
        raise Invalid({})
    public_name = shown if form.raw("consent") == "1" else ""
    return DonationNoted(project_id or None, fen, donor, public_name, purpose, receipt, arrived_on, key_of(form), purpose_id or None)


def grant(values: Values, project_id: int, sources: Iterable[int] = (0,)) -> GrantAsked:
    """`purpose_id` 0 is the money of the fund as a whole."""
    form = Form(values)
    purpose_id = form.one_of("purpose_id", "用哪里的钱", sources) if form.raw("purpose_id") else 0
    fen = form.fen("fen", "金额")
    purpose = form.text("purpose", "说明", longest=80)
    form.done()
    if fen is None:
        raise Invalid({})
    return GrantAsked(project_id, fen, purpose, key_of(form), purpose_id or None)


def service(values: Values, activities: Iterable[int]) -> tuple[date, int, str, int | None]:
    """Day, person-times, what was done, the activity it comes from."""
    form = Form(values)
    served_on = form.day("served_on", "日期")
    people = form.whole("people", "服务人次", least=1, most=1_000_000)
    what = form.text("what", "做了什么", longest=120)
    activity_id = form.one_of("activity_id", "活动", [0, *activities])
    form.done()
    if served_on is None or people is None:
        raise Invalid({})
    return served_on, people, what, activity_id or None


def progress(values: Values) -> tuple[date, str]:
    form = Form(values)
    happened_on = form.day("happened_on", "日期")
    body = form.text("body", "进展", longest=500)
    form.done()
    if happened_on is None:
        raise Invalid({})
    return happened_on, body


def reason(values: Values, field: str = "note", label: str = "原因") -> str:
    return one_text(values, field, label, longest=300)


def paid(values: Values) -> tuple[str, date | None]:
    """The bank's number and day."""
    form = Form(values)
    reference = form.text("reference", "银行流水号", longest=60, numbers=True)
    day = form.day("happened_on", "付款日期")
    form.done()
    return reference, day


def key_of(form: Form) -> str | None:
    """The page that it was sent from."""
    key = form.raw("form_key")
    return key if key.isascii() and key.isalnum() and 8 <= len(key) <= 32 else None
