"""What people type when they sign in, register, activate or set a secret."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from app.accounts.rules import secret_fault, tidy_code
from app.core.errors import Invalid
from app.core.permissions import ALWAYS_DATED, ROLE_NAMES, Role
from app.people.forms import birth_year
from app.people.naming import name_fault, phone_fault, tidy_phone
from app.people.rules import ConsentKind, Relation, minor_until
from app.webkit.forms import Form, clean

SIGN_IN_FAULT = "手机号或密码不对。忘了密码，可以请支部书记或现场人员当面给一个新码。"
TAKEN_FAULT = "用这个手机号登录的另一个账号也是这个密码，分不清是谁。请换一个。"


def _phone(form: Form) -> str:
    phone = tidy_phone(clean(form.raw("phone")))
    if fault := phone_fault(phone):
        form.fault("phone", fault)
    return phone


def _new_secret(form: Form, phone: str, *, has_role: bool) -> str:
    secret = form.raw("password").strip()
    if not secret:
        form.fault("password", "请设一个密码，至少 8 位" if has_role else "请设 6 位数字，或至少 8 位的密码")
    elif fault := secret_fault(secret, phone, has_role=has_role):
        form.fault("password", fault)
    return secret


@dataclass(frozen=True)
class SignIn:
    phone: str
    secret: str


def sign_in(values: "MultiDict[str, str]") -> SignIn:
    """Raises Invalid. The secret is taken as typed, blanks at its ends aside."""
    form = Form(values)
    phone, secret = _phone(form), form.raw("password").strip()[:200]
    if not secret:
        form.fault("password", "请填写密码")
    form.done()
    return SignIn(phone, secret)


@dataclass(frozen=True)
class Registration:
    """`minor_until` for somebody under 14; `relation` where the guardian, signed in, agrees at once."""

    name: str
    phone: str
    secret: str
    minor_until: date | None = None
    relation: Relation | None = None


def registration(values: "MultiDict[str, str]", today: date, *, by_adult: bool) -> Registration:
    """Who says that the volunteer is under 14 is asked for the year of birth; an adult who is signed in, for consent."""
    form = Form(values)
    name, phone = form.text("name", "姓名", longest=20), _phone(form)
    if fault := name_fault(name):
        form.fault("name", fault)
    secret = _new_secret(form, phone, has_role=False)
    minor = form.raw("minor") == "1"
    year = birth_year(form, today) if minor else None
    relation = form.choice("relation", "您是孩子的谁", Relation) if minor and by_adult else None
    if minor and by_adult and form.raw("agrees") != "1":
        form.fault("agrees", "请监护人看过以后勾选")
    form.done()
    return Registration(name, phone, secret, minor_until(year) if year else None, relation)


def code(values: "MultiDict[str, str]") -> str:
    form = Form(values)
    typed = tidy_code(clean(form.raw("code")))
    if not typed:
        form.fault("code", "激活码不对，应是 8 位字母和数字，请对着纸条再看一遍" if form.raw("code").strip() else "请填写激活码")
    form.done()
    return typed[:20]


@dataclass(frozen=True)
class Activation:
    phone: str
    secret: str
    consents: tuple[ConsentKind, ...]


def activation(values: "MultiDict[str, str]", on_record: str | None, *, has_account: bool, has_role: bool) -> Activation:
    """Without another number typed, the one on record stays the one to sign in with."""
    form = Form(values)
    phone = on_record or ""
    if not has_account and (form.raw("phone").strip() or not on_record):
        phone = _phone(form)
    secret = _new_secret(form, phone, has_role=has_role)
    form.done()
    return Activation(phone, secret, tuple(kind for kind in ConsentKind if form.raw(kind.value) == "yes"))


@dataclass(frozen=True)
class Change:
    current: str
    secret: str


def change(values: "MultiDict[str, str]", phone: str, *, has_role: bool) -> Change:
    form = Form(values)
    current = form.raw("current_password").strip()[:200]
    if not current:
        form.fault("current_password", "请填写现在的密码")
    secret = _new_secret(form, phone, has_role=has_role)
    if current and secret == current:
        form.fault("password", "新密码和现在的一样，请换一个")
    form.done()
    return Change(current, secret)


@dataclass(frozen=True)
class Appointment:
    """`last_day` is the last one with the role; None: until somebody ends it."""

    role: Role
    unit_id: int
    from_day: date
    last_day: date | None


def appointment(values: "MultiDict[str, str]", unit_ids: Collection[int], roles: Collection[Role], today: date) -> Appointment:
    """One of the roles that the giver may give, in one of their units, from today or later."""
    form = Form(values)
    role, unit_id = form.choice("role", "职责", Role), form.one_of("unit", "管哪里", unit_ids)
    from_day = form.day("since", "从哪天起", required=False) or today
    last_day = form.day("until", "到哪天为止", required=False)
    if role is not None and role not in roles:
        form.fault("role", f"{ROLE_NAMES[role]}要由街道管理员来给")
    if from_day < today:
        form.fault("since", "从今天或以后的日子算起")
    if last_day is not None and not from_day <= last_day <= today + timedelta(days=3660):
        form.fault("until", "要在开始那天以后，十年以内")
    if role in ALWAYS_DATED and last_day is None:
        form.fault("until", f"{ROLE_NAMES[role]}要写到哪天为止")
    form.done()
    if role is None or unit_id is None:
        raise Invalid(form.faults)
    return Appointment(role, unit_id, from_day, last_day)
