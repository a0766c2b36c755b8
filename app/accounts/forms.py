"""What people type when they sign in, register or set a secret."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.accounts.rules import secret_fault, tidy_phone
from app.people.rules import phone_fault
from app.webkit.forms import Form, clean

SIGN_IN_FAULT = "手机号或密码不对。忘了密码，可以请支部书记或现场人员当面给一个新码。"


def read_phone(form: Form, field: str = "phone") -> str:
    phone = tidy_phone(clean(form.raw(field)))
    if fault := phone_fault(phone):
        form.fault(field, fault)
    return phone


def read_new_secret(form: Form, phone: str, *, has_role: bool, field: str = "password") -> str:
    secret = form.raw(field).strip()
    if not secret:
        form.fault(field, "请设一个密码" if has_role else "请设 6 位数字，或至少 8 位的密码")
    elif fault := secret_fault(secret, phone, has_role=has_role):
        form.fault(field, fault)
    return secret


@dataclass(frozen=True)
class SignIn:
    phone: str
    secret: str


def sign_in(values: "MultiDict[str, str]") -> SignIn:
    """Raises Invalid. The secret is taken as typed, blanks at its ends aside."""
    form = Form(values)
    phone, secret = read_phone(form), form.raw("password").strip()[:200]
    if not secret:
        form.fault("password", "请填写密码")
    form.done()
    return SignIn(phone, secret)
