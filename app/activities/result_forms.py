"""The report at closing, and the words of a photo."""

from werkzeug.datastructures import MultiDict

from app.activities.outcomes import Report
from app.activities.templates import OUTCOME_NAMES, Outcome
from app.webkit.forms import Form

MOST = 1_000_000


def parse_report(values: "MultiDict[str, str]") -> Report:
    """`served`, `came`, and a number for each kind of outcome. Blank is none."""
    form = Form(values)
    served = form.whole("served", "服务人次", most=MOST)
    came = form.whole("came", "到场人次", most=MOST, required=False)
    counts = {kind: form.whole(f"outcome-{kind}", OUTCOME_NAMES[kind], most=9999, required=False) for kind in Outcome}
    form.done()
    return Report(served or 0, came, {kind: count for kind, count in counts.items() if count})


def parse_photo(values: "MultiDict[str, str]") -> tuple[str, bool]:
    """What is on it, in words, and whether all who can be made out agreed to publication."""
    form = Form(values)
    alt = form.text("alt", "照片里是什么", longest=80).replace("\n", " ")
    form.done()
    return alt, values.get("agreed") == "yes"
