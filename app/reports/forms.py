"""What is filled in for reports: a note with a sending, and figures from before this site."""

from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.reports.figure_rules import Figure, smallest
from app.webkit.forms import Form, clean, one_text

LONGEST_NOTE, LONGEST_SOURCE = 200, 120


@dataclass(frozen=True)
class OpeningDraft:
    """`amount` in the smallest unit; None takes back what stands."""

    figure: Figure
    amount: int | None
    as_of: date
    source: str


def opening(values: "MultiDict[str, str]") -> OpeningDraft:
    """Raises Invalid. An empty number takes the figure back, where that is ticked."""
    form = Form(values)
    figure = form.choice("figure", "是哪个数字", Figure)
    away = clean(form.raw("away")) == "yes"
    number = None if away else form.whole("number", "数字", most=10_000_000_000)
    as_of = form.day("as_of", "截至哪一天")
    source = form.text("source", "出处", longest=LONGEST_SOURCE)
    form.done()
    if figure is None or as_of is None:
        raise Invalid({})  # done() said so already
    return OpeningDraft(figure, None if number is None else smallest(figure, number), as_of, source)


def note(values: "MultiDict[str, str]") -> str:
    return one_text(values, "note", "说明", longest=LONGEST_NOTE, required=False)
