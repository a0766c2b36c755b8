"""The forms of results → commands; all faults of a form at once."""

from collections.abc import Iterable

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.results.rules import Asked, FileKind, PhotoSent, ReportDraft, Side
from app.webkit.forms import Form

Values = MultiDict[str, str]
AGREED, UNSEEN, LATER = "agreed", "unseen", "later"
CONSENT = ((AGREED, "问过，都同意公开"), (UNSEEN, "认不出是谁"), (LATER, "还没问，先不公开"))


def paper(values: Values) -> tuple[FileKind, str]:
    """What it is, and what it says on the list; without words its kind will do."""
    form = Form(values)
    kind = form.choice("kind", "是什么", FileKind)
    title = form.text("title", "名称", longest=80, required=False)
    form.done()
    if kind is None:
        raise Invalid({})
    return kind, title


def opening(values: Values) -> None:
    form = Form(values)
    if form.raw("clean") != "yes":
        form.fault("clean", "请看过以后打勾：姓名、账号、电话、地址都已涂黑")
    form.done()


def note(values: Values) -> str:
    form = Form(values)
    text = form.text("note", "原因", longest=200)
    form.done()
    return text


def photo(values: Values) -> tuple[str, PhotoSent]:
    """The pair's caption, and the photo; the caption is empty where the pair is there already."""
    form = Form(values)
    caption = form.text("caption", "这组照片说的是什么", longest=80, required=not form.raw("pair"))
    side = form.choice("side", "之前还是之后", Side)
    alt = form.text("alt", "照片里是什么", longest=80)
    taken_on = form.day("taken_on", "拍照日期")
    said = form.raw("consent")
    if said not in {key for key, _ in CONSENT}:
        form.fault("consent", "请选照片里的人同意了没有")
    asked = _asked(form) if said == AGREED else None
    form.done()
    if side is None or taken_on is None:
        raise Invalid({})
    return caption, PhotoSent(side, alt, taken_on, said == UNSEEN, asked)


def _asked(form: Form) -> Asked | None:
    by, on = form.text("asked_by", "谁问的", longest=40), form.day("asked_on", "哪天问的")
    return Asked(by, on) if by and on else None


def consent(values: Values) -> Asked | None:
    """None: nobody on it can be made out."""
    form = Form(values)
    said = form.raw("consent")
    if said not in (AGREED, UNSEEN):
        form.fault("consent", "请选照片里的人同意了没有")
    asked = _asked(form) if said == AGREED else None
    form.done()
    return asked


def activity(values: Values, known: Iterable[int]) -> int:
    form = Form(values)
    chosen = form.one_of("activity_id", "活动", known)
    form.done()
    if chosen is None:
        raise Invalid({})
    return chosen


def report(values: Values) -> ReportDraft:
    form = Form(values)
    done = form.text("done", "做成了什么", longest=2000)
    people = form.text("people", "帮到了谁", longest=500)
    leftovers = form.text("leftovers", "剩余的钱怎么安排", longest=500)
    changed = form.text("changed", "和上一份有什么不同", longest=200, required=False)
    form.done()
    return ReportDraft(done, people, leftovers, changed)


def days(values: Values) -> int:
    form = Form(values)
    number = form.whole("days", "天数", least=1, most=365)
    form.done()
    return number or 0
