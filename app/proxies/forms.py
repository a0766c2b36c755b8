"""Asking somebody to act for oneself, and recording that two people agreed."""

from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.people.naming import phone_fault, tidy_phone
from app.proxies.rules import Relation
from app.webkit.forms import Form, clean


class Asked(NamedTuple):
    name: str
    phone: str
    relation: Relation


def parse(values: "MultiDict[str, str]") -> Asked:
    """The other one's name and whole number. Raises Invalid."""
    return _parse(Form(values))


def _parse(form: Form) -> Asked:
    name = form.text("name", "姓名", longest=20).replace(" ", "")
    phone = tidy_phone(clean(form.raw("phone")))
    if fault := phone_fault(phone):
        form.fault("phone", fault)
    relation = form.choice("relation", "是什么关系", Relation)
    form.done()
    if relation is None:
        raise Invalid(form.faults)
    return Asked(name, phone, relation)


def parse_in_person(values: "MultiDict[str, str]") -> Asked:
    """The same before staff, who tick that both are there and agree."""
    form = Form(values)
    for field, who in (("person_here", "本人"), ("proxy_here", "代办人")):
        if not form.raw(field):
            form.fault(field, f"请先当面问{who}，再打勾")
    return _parse(form)
