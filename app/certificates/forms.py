"""Forms of certificates → what is asked, or faults beside the fields."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.certificates.queries import UnitChoice
from app.certificates.rules import (
    AT_ONCE,
    LONGEST_CONTACT,
    LONGEST_NOTES,
    LONGEST_PURPOSE,
    LONGEST_REASON,
    Asking,
    DocumentKind,
    document_fault,
    mask_document,
    period_fault,
    tidy_document,
)
from app.core.errors import Invalid
from app.core.identity import holds_id_number
from app.webkit.forms import Form

NO_ID = "这里不要写证件号码"


def _period(form: Form, today: date) -> tuple[date, date] | None:
    since, until = form.day("since", "开始的日子"), form.day("until", "结束的日子")
    if since and until and (fault := period_fault(since, until, today)):
        form.fault("until", fault)
    return (since, until) if since and until else None


def _text(form: Form, field: str, label: str, longest: int, *, required: bool = True) -> str:
    value = form.text(field, label, longest=longest, required=required)
    if holds_id_number(value):
        form.fault(field, NO_ID)
    return value


def parse_asking(
    values: "MultiDict[str, str]", person_id: int, choices: list[UnitChoice], keyed: Callable[[str], str], today: date
) -> Asking:
    """What the person asks for. `keyed` makes of a document's number what is kept instead of it."""
    form = Form(values)
    period = _period(form, today)
    purpose = _text(form, "purpose", "用途", LONGEST_PURPOSE)
    unit_id = form.one_of("unit", "出具单位", [choice.id for choice in choices])
    kind, masked, hashed = None, "", ""
    if form.raw("document_kind"):
        kind = form.choice("document_kind", "证件", DocumentKind)
        number = tidy_document(form.raw("document_number"))
        if kind and (fault := document_fault(kind, number)):
            form.fault("document_number", fault)
        elif kind:
            masked, hashed = mask_document(number), keyed(document_words(person_id, kind, number))
    form.done()
    if period is None or unit_id is None:
        raise Invalid(form.faults)
    return Asking(person_id, unit_id, *period, purpose, kind, masked, hashed)


def document_words(person_id: int, kind: DocumentKind, number: str) -> str:
    """What is keyed: bound to the person, so that another's digest can not be put in its place."""
    return f"certificate document {person_id} {kind.value} {number}"


@dataclass(frozen=True)
class Accepting:
    contact: str
    notes: str


def parse_accepting(values: "MultiDict[str, str]") -> Accepting:
    form = Form(values)
    accepting = Accepting(_text(form, "contact", "联系电话", LONGEST_CONTACT), _text(form, "notes", "备注", LONGEST_NOTES, required=False))
    form.done()
    return accepting


def parse_reason(values: "MultiDict[str, str]", *, label: str = "原因") -> str:
    form = Form(values)
    reason = _text(form, "reason", label, LONGEST_REASON)
    form.done()
    return reason


def parse_reissue(values: "MultiDict[str, str]") -> str:
    """Why a new one is wanted; it becomes its purpose."""
    form = Form(values)
    reason = _text(form, "reason", "换发原因", LONGEST_PURPOSE)
    form.done()
    return reason


@dataclass(frozen=True)
class Batch:
    asking: Asking
    person_ids: list[int]
    accepting: Accepting


def parse_period(values: "MultiDict[str, str]", today: date) -> tuple[date, date]:
    """For choosing members; this year where nothing, or nothing right, is given."""
    form = Form(values)
    period = _period(form, today)
    return period if period and not form.faults else (date(today.year, 1, 1), today)


def parse_batch(values: "MultiDict[str, str]", unit_id: int, today: date) -> Batch:
    form = Form(values)
    period = _period(form, today)
    purpose = _text(form, "purpose", "用途", LONGEST_PURPOSE)
    contact, notes = _text(form, "contact", "联系电话", LONGEST_CONTACT), _text(form, "notes", "备注", LONGEST_NOTES, required=False)
    people = sorted({int(raw) for raw in values.getlist("person") if raw.isascii() and raw.isdigit() and len(raw) < 10})
    if not people:
        form.fault("person", "请至少勾一位")
    elif len(people) > AT_ONCE:
        form.fault("person", f"一次最多 {AT_ONCE} 位，请分两次")
    form.done()
    if period is None:
        raise Invalid(form.faults)
    return Batch(Asking(people[0], unit_id, *period, purpose), people, Accepting(contact, notes))
