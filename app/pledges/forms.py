"""What is filled in about offers, reporting in and feedback."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.pledges import queries
from app.pledges.rules import LONGEST_FEEDBACK, LONGEST_TITLE, LONGEST_WORDS, TWO, FeedbackLine, Grade, OfferDraft, OfferKind
from app.webkit.forms import Form, clean

NOBODY = "没有找到可以登记报到的人，请核对姓名和后四位"


def offer(values: "MultiDict[str, str]", unit_id: int, kind: OfferKind | None = None) -> OfferDraft:
    """Raises Invalid. `kind` is that of an offer that exists: it does not change."""
    form = Form(values)
    kind = kind or form.choice("kind", "是哪一类", OfferKind)
    title = form.text("title", "名称", longest=LONGEST_TITLE)
    words = form.text("words", "说明", longest=LONGEST_WORDS, required=False)
    seats = form.whole("seats", "名额", least=1, most=10_000, required=False)
    opens_on = form.day("opens", "从哪天开放")
    last_day = form.day("last", "最后一天", required=False)
    if opens_on and last_day and last_day < opens_on:
        form.fault("last", "最后一天不能在开放以前")
    form.done()
    if kind is None or opens_on is None:
        raise Invalid({})
    return OfferDraft(unit_id, kind, title, words, seats, opens_on, last_day)


def community(values: "MultiDict[str, str]", allowed: Collection[int]) -> int:
    form = Form(values)
    unit_id = form.one_of("unit", "社区", allowed)
    form.done()
    if unit_id is None:
        raise Invalid({})
    return unit_id


def somebody(values: "MultiDict[str, str]", day: date) -> int:
    """A party member by whole name and the last four digits. Raises Invalid, in the same words whoever else bears the name."""
    form = Form(values)
    name, tail = form.text("name", "姓名", longest=40).replace(" ", ""), clean(form.raw("tail"))
    if not (tail.isascii() and tail.isdigit() and len(tail) == 4):
        form.fault("tail", "请填写手机后四位数字")
    found = [] if form.faults else [one for one in queries.find_member(name, tail, day) if queries.is_party_member(one, day)]
    if not form.faults and len(found) != 1:
        form.fault("name", NOBODY)
    form.done()
    return found[0]


def one_of_those(values: "MultiDict[str, str]", allowed: Collection[int]) -> int:
    form = Form(values)
    person_id = form.one_of("person", "是谁认领", allowed)
    form.done()
    if person_id is None:
        raise Invalid({})
    return person_id


@dataclass(frozen=True)
class Sheet:
    """The filled-in table of feedback: lines with a grade; `faults` by field, `raw` what was typed stands in the request."""

    lines: list[FeedbackLine]


def feedback(values: "MultiDict[str, str]", person_ids: Collection[int]) -> Sheet:
    """`grade-<id>` and `words-<id>` of each; a line without a grade is left for later, words without a grade are a fault."""
    form = Form(values)
    lines = []
    for person_id in person_ids:
        words = form.text(f"words-{person_id}", "反馈", longest=LONGEST_FEEDBACK, required=False)
        if form.raw(f"grade-{person_id}"):
            grade = form.choice(f"grade-{person_id}", "好、较好还是一般", Grade)
            if grade:
                lines.append(FeedbackLine(person_id, grade, words))
        elif words:
            form.fault(f"grade-{person_id}", "写了话，请再选好、较好还是一般")
    if not lines and not form.faults:
        form.fault("list", "还没有选，选几位写几位")
    form.done()
    return Sheet(lines)


def filled_in(values: "MultiDict[str, str]") -> set[int]:
    """Those about whom something was filled in, right or wrong."""
    named = (name.partition("-")[2] for name, value in values.items() if value and name.startswith(("grade-", "words-")))
    return {int(person) for person in named if person.isascii() and person.isdigit()}


def written_words(fresh: int, known: int) -> str:
    """What is said after a sheet was sent: how many were written, and who was not because somebody else just had."""
    if not fresh:
        return f"没有写：{'这位' if known == 1 else f'这 {known} 位'}刚刚有人写过，没有覆盖。"
    rest = f"另有 {known} 位刚刚有人写过，没有覆盖。" if known else ""
    return f"写好了 {fresh} 位，本人和他们的支部都收到了。{rest}"


@dataclass(frozen=True)
class Correction:
    grade: Grade
    words: str
    reason: str


def correction(values: "MultiDict[str, str]") -> Correction:
    form = Form(values)
    grade = form.choice("grade", "好、较好还是一般", Grade)
    words = form.text("words", "反馈", longest=LONGEST_FEEDBACK, required=False)
    reason = form.text("reason", "更正的原因", longest=LONGEST_FEEDBACK)
    form.done()
    if grade is None:
        raise Invalid({})
    return Correction(grade, words, reason)


def two_kinds(values: "MultiDict[str, str]") -> tuple[OfferKind, ...]:
    form = Form(values)
    chosen = tuple(kind for kind in OfferKind if kind.value in values.getlist("kinds"))
    if len(chosen) != TWO:
        form.fault("kinds", f"请正好选两类，现在选了 {len(chosen)} 类")
    form.done()
    return chosen
