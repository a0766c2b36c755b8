"""What is filled in about honours."""

from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.honours.queries import KindRow
from app.honours.rules import LONGEST_ANSWER, LONGEST_NAME, LONGEST_REASON, LONGEST_WORDS, Giver, KindDraft
from app.points.rules import SchemeKind
from app.publicity.rules import Reach
from app.webkit.forms import Form, one_text


def parse_kind(values: "MultiDict[str, str]", rules: Collection[tuple[SchemeKind, str, str]]) -> KindDraft:
    """Raises Invalid. `rule` is empty for no points, else scheme:code of one of the rules."""
    form = Form(values)
    name = form.text("name", "名称", longest=LONGEST_NAME)
    words = form.text("words", "说明", longest=LONGEST_WORDS, required=False)
    giver, reach = form.choice("giver", "谁可以推荐", Giver), form.choice("reach", "能不能在网上公开", Reach)
    rule = form.raw("rule")
    chosen = next(((scheme, code) for scheme, code, _ in rules if f"{scheme}:{code}" == rule), None)
    if rule and chosen is None:
        form.fault("rule", "请选择一条积分规则，或者不计积分")
    form.done()
    if giver is None or reach is None:
        raise Invalid(form.faults)
    return KindDraft(name, words, giver, reach, *(chosen or (None, None)))


def parse_proposal(values: "MultiDict[str, str]", kinds: Collection[KindRow]) -> tuple[KindRow, str]:
    form = Form(values)
    kind_id = form.one_of("kind", "荣誉", [one.id for one in kinds])
    reason = form.text("reason", "事迹", longest=LONGEST_REASON)
    form.done()
    return next(one for one in kinds if one.id == kind_id), reason


def parse_answer(values: "MultiDict[str, str]") -> str:
    return one_text(values, "answer", "原因", longest=LONGEST_ANSWER)


def parse_reason(values: "MultiDict[str, str]") -> str:
    return one_text(values, "reason", "为什么撤销", longest=LONGEST_REASON)
