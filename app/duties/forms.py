"""What is filled in about posts, terms and households."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.duties import queries
from app.duties.queries import PlaceChoice, PostRow
from app.duties.rules import HEADS, LONGEST_DUTIES, LONGEST_HOUSEHOLD, LONGEST_NOTE, LONGEST_TITLE, MOST_SEATS, PostDraft, PostKind
from app.webkit.forms import Form, clean, one_text


def draft(values: "MultiDict[str, str]", places: Collection[PlaceChoice], kind: PostKind | None = None) -> PostDraft:
    """Raises Invalid. `kind` is that of a post that exists: it does not change."""
    form = Form(values)
    kind = kind or form.choice("kind", "是哪一类", PostKind)
    title = form.text("title", "岗位名称", longest=LONGEST_TITLE)
    duties = form.text("duties", "职责", longest=LONGEST_DUTIES, required=False)
    seats = form.whole("seats", "名额", least=1, most=MOST_SEATS)
    place_id = None
    if form.raw("place"):
        place_id = form.one_of("place", "地点", [one.id for one in places])
    elif kind is PostKind.BUILDING_HEAD:
        form.fault("place", "楼长要写明是哪一栋")
    form.done()
    if kind is None or seats is None:
        raise Invalid({})
    return PostDraft(kind, title, duties, seats, place_id)


@dataclass(frozen=True)
class Appointment:
    person_id: int
    since: date
    due_on: date | None


def appointment(values: "MultiDict[str, str]", post: PostRow, today: date) -> Appointment:
    """Who, since when, until when. Raises Invalid; nobody is found without the whole name."""
    form = Form(values)
    person_id = _who(form, post, today)
    since = form.day("since", "从哪天起") if "since" in values else today
    due_on = form.day("due", "任期到", required=False)
    form.done()
    if person_id is None or since is None:
        raise Invalid({})
    return Appointment(person_id, since, due_on)


def _who(form: Form, post: PostRow, today: date) -> int | None:
    name, tail = form.text("name", "姓名", longest=40).replace(" ", ""), clean(form.raw("tail"))
    if tail and not (tail.isascii() and tail.isdigit() and len(tail) == 4):
        form.fault("tail", "请填写手机后四位数字")
    if not name or form.faults:
        return None
    found = queries.who_may_hold(post.kind, post.unit_id, name, tail, today)
    if len(found) > 1:
        form.fault("tail", "有几位同名同尾号，请先在名册里改清楚" if tail else "有几位同名，请再填手机后四位")
    elif not found and post.kind in HEADS:
        form.fault(
            "name", "没找到核实过的这位，请核对姓名和后四位" if tail else f"“{post.unit_name}”里没有这位。住在别处的，请再填手机后四位"
        )
    elif not found:
        form.fault("name", f"“{post.unit_name}”的成员里没有这位")
    return found[0] if len(found) == 1 else None


def note(values: "MultiDict[str, str]") -> str:
    return one_text(values, "note", "说明", longest=LONGEST_NOTE, required=False)


def due(values: "MultiDict[str, str]") -> date:
    form = Form(values)
    day = form.day("due", "任期到哪天")
    form.done()
    if day is None:
        raise Invalid({})
    return day


@dataclass(frozen=True)
class Household:
    place_id: int
    words: str


def household(values: "MultiDict[str, str]", places: Collection[PlaceChoice]) -> Household:
    """A place from the list and words such as 3栋502."""
    form = Form(values)
    place_id = form.one_of("place", "小区或楼栋", [one.id for one in places])
    words = form.text("household", "哪一户", longest=LONGEST_HOUSEHOLD)
    form.done()
    if place_id is None:
        raise Invalid({})
    return Household(place_id, words)


def member(values: "MultiDict[str, str]", names: Collection[int]) -> int:
    """Whose household contact it is, one of the unit's members. Raises Invalid with the other faults of the form left for later."""
    form = Form(values)
    person_id = form.one_of("person", "是谁联系", names)
    form.done()
    if person_id is None:
        raise Invalid({})
    return person_id
