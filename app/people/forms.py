"""What is filled in about a person, read into plain values; all faults together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.core.identity import holds_id_number
from app.people.naming import name_fault, phone_fault, tidy_phone
from app.people.rules import ADULT_ENOUGH, DepartureReason, Gender, GivenHow, MembershipKind, Relation, StageKind
from app.webkit.forms import Form, clean, one_text

FIRST_YEAR = 1900


@dataclass(frozen=True)
class Profile:
    name: str
    gender: Gender | None
    birth_date: date | None
    note: str


def profile(values: "MultiDict[str, str]", today: date) -> Profile:
    form = Form(values)
    name = form.text("name", "姓名", longest=40)
    if fault := name_fault(name):
        form.fault("name", fault)
    gender = form.choice("gender", "性别", Gender) if form.raw("gender") else None
    born = form.day("birth_date", "出生日期", required=False)
    if born and not date(FIRST_YEAR, 1, 1) <= born <= today:
        form.fault("birth_date", "出生日期不像是对的，请核对年份")
    note = form.text("note", "备注", longest=200, required=False)
    if holds_id_number(clean(note)):
        form.fault("note", "备注里有身份证号。这里不存身份证号，请删掉再保存")
    form.done()
    return Profile(name, gender, born, note)


def number(values: "MultiDict[str, str]") -> str:
    """A mainland mobile number."""
    found = tidy_phone(clean(values.get("phone", "")))
    fault = phone_fault(found)
    if fault:
        raise Invalid({"phone": fault})
    return found


@dataclass(frozen=True)
class Move:
    unit_id: int
    on: date


def move(values: "MultiDict[str, str]", allowed: Collection[int]) -> Move:
    """A unit out of those allowed, and a day."""
    form = Form(values)
    unit_id, on = form.one_of("unit", "组织", allowed), form.day("on", "哪一天")
    form.done()
    if unit_id is None or on is None:
        raise Invalid(form.faults)
    return Move(unit_id, on)


@dataclass(frozen=True)
class Departure:
    reason: DepartureReason
    note: str
    on: date


def departure(values: "MultiDict[str, str]") -> Departure:
    form = Form(values)
    why, note = form.choice("reason", "原因", DepartureReason), form.text("note", "说明", longest=100, required=False)
    if holds_id_number(clean(note)):
        form.fault("note", "这里有身份证号。请删掉再保存")
    on = form.day("on", "哪一天")
    form.done()
    if why is None or on is None:
        raise Invalid(form.faults)
    return Departure(why, note, on)


def to_keep(values: "MultiDict[str, str]") -> frozenset[str]:
    """What the page listed as ending with a transfer and somebody unticked; what came up since then was not listed, so it ends."""
    return frozenset(values.getlist("listed")) - frozenset(values.getlist("end"))


def membership_kind(text: str) -> MembershipKind | None:
    """A kind that is joined, not transferred to."""
    joined = {kind.value: kind for kind in MembershipKind if kind is not MembershipKind.HOME}
    return joined.get(text)


def day(values: "MultiDict[str, str]") -> date:
    form = Form(values)
    on = form.day("on", "哪一天")
    form.done()
    if on is None:
        raise Invalid(form.faults)
    return on


@dataclass(frozen=True)
class NewStage:
    kind: StageKind
    began_on: date
    sure: bool


def stage(values: "MultiDict[str, str]") -> NewStage:
    form = Form(values)
    kind, began_on = form.choice("kind", "发展阶段", StageKind), form.day("began_on", "哪一天开始的")
    form.done()
    if kind is None or began_on is None:
        raise Invalid(form.faults)
    return NewStage(kind, began_on, form.raw("sure") == "1")


@dataclass(frozen=True)
class Correction:
    began_on: date
    reason: str


def correction(values: "MultiDict[str, str]") -> Correction:
    form = Form(values)
    began_on, reason = form.day("began_on", "改成哪一天"), form.text("reason", "为什么改", longest=100)
    form.done()
    if began_on is None:
        raise Invalid(form.faults)
    return Correction(began_on, reason)


def reason(values: "MultiDict[str, str]") -> str:
    return one_text(values, "reason", "原因", longest=100)


@dataclass(frozen=True)
class Guardian:
    name: str
    phone: str
    relation: Relation
    given_how: GivenHow


def guardian(values: "MultiDict[str, str]") -> Guardian:
    """What an organiser or a secretary writes down while the guardian stands there."""
    form = Form(values)
    name = form.text("guardian_name", "监护人姓名", longest=40)
    if fault := name_fault(name):
        form.fault("guardian_name", fault)
    phone = tidy_phone(clean(form.raw("guardian_phone")))
    fault = phone_fault(phone)
    if fault:
        form.fault("guardian_phone", fault)
    relation, how = form.choice("relation", "是孩子的谁", Relation), form.choice("given_how", "怎么同意的", GivenHow)
    if how is GivenHow.BY_ACCOUNT:
        form.fault("given_how", "请选择怎么同意的")
    form.done()
    if relation is None or how is None:
        raise Invalid(form.faults)
    return Guardian(name, phone, relation, how)


def birth_year(form: Form, today: date) -> int | None:
    """The year of birth of somebody who is said to be under 14; faults go to the form."""
    year = form.whole("birth_year", "出生年份", least=FIRST_YEAR, most=today.year)
    if year is not None and today.year - year > ADULT_ENOUGH:
        form.fault("birth_year", "这一年出生的已经满 14 周岁，不用勾选“未满14周岁”")
        return None
    return year
