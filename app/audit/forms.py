"""What an auditor searches for, read from the address. Only ids stand there: no name, no number of anybody's."""

from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from app.audit.details import SUBJECTS
from app.audit.queries import Search
from app.audit.vocabulary import Group
from app.core.clock import at_local
from app.core.trace import ALPHABET
from app.webkit.forms import Form, clean

LARGEST = 2**31 - 1
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 30)


def parse(values: "MultiDict[str, str]") -> tuple[Search, dict[str, str]]:
    """The search, and what could not be read of it (which does not narrow then)."""
    form = Form(values)
    since = form.day("from", "从哪天", required=False)
    until = form.day("to", "到哪天", required=False)
    for field, given in (("from", since), ("to", until)):
        if given and not FIRST_DAY <= given <= LAST_DAY:
            form.fault(field, "请核对年份")
            since = until = None
    if since and until and until < since:
        form.fault("to", "到哪天早于从哪天")
        since = until = None
    kind = values.get("kind") if values.get("kind") in SUBJECTS else None
    subject_id = form.whole("subject", "编号", most=LARGEST, required=False)
    if kind and subject_id is None and "subject" not in form.faults:
        form.fault("subject", "选了哪一类，请再填它的编号")
    if subject_id is not None and kind is None:
        form.fault("kind", "填了编号，请再选是哪一类")
    both = kind is not None and subject_id is not None
    request_id = "".join(letter for letter in clean(form.raw("request")).upper() if letter in ALPHABET)[:12]
    group = values.get("group", "")
    return (
        Search(
            actor_id=form.whole("who", "志愿者编号", most=LARGEST, required=False),
            group=Group(group) if group in set(Group) else None,
            subject=kind if both else None,
            subject_id=subject_id if both else None,
            since=at_local(since) if since else None,
            until=at_local(until + timedelta(days=1)) if until else None,
            request_id=request_id or None,
        ),
        form.faults,
    )
