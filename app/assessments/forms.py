"""Reading the forms of an assessment's steps."""

from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from app.assessments.rules import LONGEST_REASON, LONGEST_REMARK, Address, Seen, span_of
from app.webkit.forms import Form, clean

LONGEST_PHONE, LONGEST_PLACE = 40, 80


def parse_seen(values: "MultiDict[str, str]") -> Seen:
    """What stood on the page that the form is of; what it does not say was never seen, and fits nothing."""
    return Seen(values.get("seq", 0, type=int), values.get("revision", 0, type=int))


def parse_reason(values: "MultiDict[str, str]", *, required: bool) -> str:
    form = Form(values)
    reason = form.text("reason", "原因" if required else "说明", longest=LONGEST_REASON, required=required)
    form.done()
    return reason


def parse_remarks(values: "MultiDict[str, str]", people: Collection[int]) -> dict[int, str]:
    """What is said of each; empty ones are left out."""
    form, found = Form(values), {}
    for person_id in people:
        if words := form.text(f"remark-{person_id}", "备注", longest=LONGEST_REMARK, required=False):
            found[person_id] = words
    form.done()
    return found


def parse_address(values: "MultiDict[str, str]") -> Address:
    """Where objections are taken: a telephone or a place, best both."""
    form = Form(values)
    phone = form.text("phone", "电话", longest=LONGEST_PHONE)
    place = form.text("place", "地点", longest=LONGEST_PLACE)
    form.done()
    return Address(phone, place)


def parse_span(text: str, default: str) -> str:
    """A period's key as it stands in an address; the default where it can not be read."""
    try:
        return span_of(clean(text)).key
    except ValueError:
        return default
