"""What somebody types who claims for themselves, and the photos that come with it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from app.activities import photo_files
from app.activities.photo_files import Picture
from app.claims import queries
from app.claims.queries import Choice
from app.claims.rules import LONGEST_NOTE, MOST_PHOTOS, LocalRules, OwnClaim, moments, own_fault
from app.core.clock import local_date
from app.core.errors import Invalid
from app.webkit.forms import Form, clean

Named = list[tuple[str, Picture]]
AGAIN = "照片请再选一次，别的都还在"


def parse_own(values: "MultiDict[str, str]", chosen: Choice, person_id: int, *, sent: bool, now: datetime) -> OwnClaim:
    """Raises Invalid. `sent`: there are photos, so that no witness is needed."""
    form = Form(values)
    shift = chosen.shift
    came, left = form.clock_time("in", "开始时间"), form.clock_time("out", "结束时间")
    did = form.text("did", "做了什么", longest=LONGEST_NOTE)
    spell = (shift.starts_at, shift.last_end)
    if came and left:
        spell = exact(shift.starts_at, shift.last_end, *moments(shift.starts_at, shift.last_end, came, left))
        if fault := own_fault(shift, *spell, now):
            form.fault("out", fault)
    witness = _witness(form, chosen.activity_id, person_id, now)
    if not sent and witness is None:
        form.fault("witness", "请写一位当时在场的人，或者传一张现场照片")
    if sent and form.faults:
        form.fault("file", AGAIN)
    form.done()
    return OwnClaim(chosen.activity_id, shift.id, *spell, did, witness)


def exact(starts_at: datetime, last_end: datetime, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Whole minutes of the wall clock; what is the shift's own start or end is exactly that."""
    near = timedelta(minutes=1)
    return (starts_at if abs(start - starts_at) < near else start, last_end if abs(end - last_end) < near else end)


def _witness(form: Form, activity_id: int, person_id: int, now: datetime) -> int | None:
    name, tail = clean(form.raw("witness")).replace(" ", ""), clean(form.raw("tail"))
    if not name:
        return None
    if tail and not (tail.isascii() and tail.isdigit() and len(tail) == 4):
        form.fault("tail", "请填写手机后四位数字")
        return None
    found = queries.find_witness(activity_id, name, tail, local_date(now))
    if person_id in dict(found):
        form.fault("witness", "不能请自己作证，换一位在场的街坊")
    elif not found:
        form.fault("witness", f"这一场没找到{name}。请写报了名或到过场的人的全名")
    elif len(found) > 1:
        form.fault("tail", f"这一场有几位叫{name}，请再填他的手机后四位")
    elif not found[0][1]:
        form.fault("witness", f"{name}还没有账号，收不到消息。换一位，或者传一张照片")
    else:
        return found[0][0]
    return None


def read_photos(files: "ImmutableMultiDict[str, FileStorage]") -> Named:
    """The pictures of the field `file`, made anew, each with a name for its files. Raises Invalid (`file`)."""
    sent = [one for one in files.getlist("file") if one.filename]
    if len(sent) > MOST_PHOTOS:
        raise Invalid({"file": f"最多 {MOST_PHOTOS} 张照片"})
    return [(photo_files.new_name(), photo_files.read(raw)) for raw in _bytes(sent)]


def _bytes(sent: Iterable[FileStorage]) -> Iterable[bytes]:
    for file in sent:
        with file.stream as stream:
            yield stream.read(photo_files.MAX_BYTES + 1)


def parse_rules(values: "MultiDict[str, str]") -> LocalRules:
    form = Form(values)
    within = form.whole("within_days", "天数", least=1, most=366)
    share = form.whole("share_percent", "比例", least=1, most=100)
    form.done()
    return LocalRules(within or 0, share or 0)


def parse_partly(values: "MultiDict[str, str]", named: Iterable[int]) -> tuple[frozenset[int], str]:
    """Who was not ticked on a page that shows ticks (`some`), and the reason; nobody elsewhere."""
    if "some" not in values:
        return frozenset(), ""
    form = Form(values)
    ticked = {int(raw) for raw in values.getlist("person") if raw.isascii() and raw.isdigit()}
    reason = form.text("why", "退回的原因", longest=LONGEST_NOTE, required=False)
    form.done()
    return frozenset(named) - ticked, reason
