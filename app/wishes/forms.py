"""What is filled in about wishes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.people.naming import name_fault, phone_fault, tidy_phone
from app.webkit.forms import Form, clean, one_text
from app.wishes.rules import (
    KEYED_IN,
    LONGEST_NAME,
    LONGEST_PUBLIC,
    LONGEST_REASON,
    LONGEST_TITLE,
    LONGEST_TOLD,
    Claimer,
    ClaimKind,
    Contact,
    ForWhom,
    PublicWords,
    Rule,
    Telling,
    Way,
    WishKind,
)

Values = MultiDict[str, str]
TRAP = "website"  # people do not see it; what fills it in is a machine
MOST_COST = 10_000_00


def key(values: Values) -> str | None:
    """Of the page that the form was on."""
    given = values.get("form_key", "")
    return given if len(given) == 32 and given.isascii() and given.isalnum() else None


def trapped(values: Values) -> bool:
    return bool(values.get(TRAP, ""))


def _contact(form: Form, *, phone_needed: bool) -> Contact:
    name = form.text("name", "怎么称呼", longest=LONGEST_NAME)
    if fault := name_fault(name):
        form.fault("name", fault)
    phone = tidy_phone(clean(form.raw("phone")))
    landline = phone.isascii() and phone.isdigit() and 7 <= len(phone) <= 12 and not phone.startswith("1")
    if phone and not landline and (fault := phone_fault(phone)):
        form.fault("phone", fault)
    if not phone and phone_needed:
        form.fault("phone", "请填写电话，社区要联系得上")
    return Contact(name, phone, form.text("where", "住在哪里", longest=120, required=False))


def _cost(form: Form) -> int | None:
    return form.fen("cost", "大约多少钱", most=MOST_COST, required=False)


def telling(values: Values, communities: Collection[int], by_id: int | None) -> Telling:
    """By oneself, signed in or not. Raises Invalid."""
    form = Form(values)
    unit_id = form.one_of("unit", "社区", communities)
    kind, whom = form.choice("kind", "是哪一类", WishKind), form.choice("whom", "是谁的心愿", ForWhom)
    words = form.text("words", "心愿", longest=LONGEST_TOLD)
    contact, cost = _contact(form, phone_needed=True), _cost(form)
    form.done()
    if unit_id is None or kind is None or whom is None:
        raise Invalid({})
    way = Way.FORM if by_id is None else Way.SIGNED
    return Telling(unit_id, kind, whom, way, words, contact, cost, by_id, own_id=by_id, form_key=key(values))


@dataclass(frozen=True)
class KeyedIn:
    telling: Telling
    words: PublicWords | None


def keyed_in(values: Values, communities: Collection[int], units: Collection[int], by_id: int) -> KeyedIn:
    """By somebody who handles wishes, as it was heard: on the phone, on paper, at the door, from a unit."""
    form = Form(values)
    unit_id = form.one_of("unit", "社区", communities)
    kind, whom = form.choice("kind", "是哪一类", WishKind), form.choice("whom", "是谁的心愿", ForWhom)
    way = form.choice("way", "怎么说的", Way)
    if way is not None and way not in KEYED_IN:
        form.fault("way", "请选择怎么说的")
    source = form.one_of("source", "提出的组织", units) if way is Way.UNIT else None
    told = form.text("words", "心愿", longest=LONGEST_TOLD)
    contact, cost = _contact(form, phone_needed=False), _cost(form)
    if not contact.phone and not contact.where:
        form.fault("phone", "电话和住处，至少填一样，才联系得上")
    title = form.text("title", "公开的标题", longest=LONGEST_TITLE, required=False)
    public = form.text("public", "公开的话", longest=LONGEST_PUBLIC, required=False)
    form.done()
    if unit_id is None or kind is None or whom is None or way is None:
        raise Invalid({})
    words = PublicWords(title, public, kind, whom, cost) if title or public else None
    made = Telling(unit_id, kind, whom, way, told, contact, cost, by_id, source_unit_id=source, form_key=key(values))
    return KeyedIn(made, words)


def public_words(values: Values) -> PublicWords:
    """What everybody will read; `forms` sees to its length, the service to what must not stand in it."""
    form = Form(values)
    kind, whom = form.choice("kind", "是哪一类", WishKind), form.choice("whom", "是谁的心愿", ForWhom)
    title = form.text("title", "公开的标题", longest=LONGEST_TITLE)
    words, cost = form.text("words", "公开的话", longest=LONGEST_PUBLIC), _cost(form)
    form.done()
    if kind is None or whom is None:
        raise Invalid({})
    return PublicWords(title, words, kind, whom, cost)


def told_again(values: Values) -> str:
    form = Form(values)
    words = form.text("told", "补充以后的心愿", longest=LONGEST_TOLD)
    form.done()
    return words


def reason(values: Values, field: str = "note") -> str:
    form = Form(values)
    words = form.text(field, "原因", longest=LONGEST_REASON)
    form.done()
    return words


def words(values: Values) -> str:
    """A reason that is not always needed; the service says when it is missing."""
    return one_text(values, "note", "原因", longest=LONGEST_REASON, required=False)


@dataclass(frozen=True)
class Thanks:
    """`agreed`: the wisher said that photos and words may be shown. `seen` marks which."""

    note: str
    agreed: bool
    seen: str


class Shown(StrEnum):
    YES = "yes"
    NO = "no"


def thanks(values: Values) -> Thanks:
    form = Form(values)
    words = form.text("note", "怎么说的", longest=LONGEST_REASON, required=False)
    shown = form.choice("shown", "可不可以公开", Shown)
    form.done()
    return Thanks(words, shown is Shown.YES, seen(values))


def seen(values: Values) -> str:
    return values.get("seen", "")[:60]


@dataclass(frozen=True)
class Proof:
    words: str
    receipt: str


def proof(values: Values, photos: int) -> Proof:
    """What was done; a receipt's number, unless a photo stands that may be shown."""
    form = Form(values)
    words = form.text("note", "怎么圆的", longest=LONGEST_REASON)
    receipt = form.text("reference", "收据或发票号", longest=60, required=False)
    if not photos and not receipt:
        form.fault("reference", "没有放公开的照片，请写收据、发票或签收单的编号")
    form.done()
    return Proof(words, receipt)


def donor(values: Values, by_id: int | None) -> Claimer:
    """Name and phone of who has no account, by themselves or noted for them."""
    form = Form(values)
    name = form.text("name", "怎么称呼", longest=LONGEST_NAME)
    if fault := name_fault(name):
        form.fault("name", fault)
    phone = tidy_phone(clean(form.raw("phone")))
    if fault := phone_fault(phone):
        form.fault("phone", fault)
    form.done()
    return Claimer(ClaimKind.DONOR, by_id, name=name, phone=phone, form_key=key(values))


def claimer(values: Values, by_id: int, units: Collection[int]) -> Claimer:
    """For oneself, or for a unit that one leads."""
    form = Form(values)
    if not form.raw("for"):
        return Claimer(ClaimKind.PERSON, by_id, form_key=key(values))
    unit_id = form.one_of("for", "为哪个组织", units)
    form.done()
    return Claimer(ClaimKind.UNIT, by_id, unit_id=unit_id, form_key=key(values))


@dataclass(frozen=True)
class NewRound:
    unit_id: int
    name: str
    opens_on: date
    closes_on: date


def new_round(values: Values, units: Collection[int]) -> NewRound:
    form = Form(values)
    unit_id = form.one_of("unit", "哪里的", units)
    name = form.text("name", "名称", longest=40)
    opens_on, closes_on = form.day("opens", "第一天"), form.day("closes", "最后一天")
    form.done()
    if unit_id is None or opens_on is None or closes_on is None:
        raise Invalid({})
    return NewRound(unit_id, name, opens_on, closes_on)


def last_day(values: Values) -> date:
    form = Form(values)
    day = form.day("closes", "最后一天")
    form.done()
    if day is None:
        raise Invalid({})
    return day


def rule(values: Values) -> Rule:
    form = Form(values)
    connect = form.whole("connect_days", "几天内联系上", least=1, most=30)
    erase = form.whole("erase_after", "几天后抹去", least=0, most=365)
    form.done()
    return Rule(connect or 0, erase or 0)


def chosen(values: Values, field: str, called: str, allowed: Collection[int]) -> int:
    form = Form(values)
    found = form.one_of(field, called, allowed)
    form.done()
    if found is None:
        raise Invalid({})
    return found
