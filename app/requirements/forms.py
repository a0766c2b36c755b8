"""What is filled in: a version of the rule, from when it holds, and words."""

from datetime import date

from werkzeug.datastructures import MultiDict

from app.hours.rules import KIND_NAMES, HourKind
from app.people.rules import STAGE_NAMES, StageKind
from app.requirements.rules import ASKABLE, Need, NeedDraft, SetDraft
from app.webkit.forms import Form, one_text

MOST_HOURS, MOST_DAYS = 1000, 3650


def names(stage: StageKind, kind: HourKind) -> tuple[str, str, str]:
    """The fields of one line: hours needed, made-up hours that may count, days."""
    return f"hours-{stage.value}-{kind.value}", f"honour-{stage.value}-{kind.value}", f"days-{stage.value}-{kind.value}"


def filled(needs: list[Need]) -> dict[str, str]:
    """What stands in the fields of a version."""
    found: dict[str, str] = {}
    for need in needs:
        hours, honour, days = names(need.stage, need.kind)
        found |= {hours: str(need.minutes_needed // 60), honour: str(need.honour_minutes // 60), days: str(need.window_days or "")}
    return found


def parse_set(values: "MultiDict[str, str]") -> SetDraft:
    """A line without hours asks nothing. Raises Invalid."""
    form = Form(values)
    name, note = form.text("name", "名称", longest=40), form.text("note", "一句话说明", longest=200)
    needs = []
    for stage in ASKABLE:
        for kind in HourKind:
            fields, said = names(stage, kind), f"{STAGE_NAMES[stage]}的{KIND_NAMES[kind]}"
            hours = form.whole(fields[0], f"{said}小时", least=1, most=MOST_HOURS, required=False)
            honour = form.whole(fields[1], f"{said}里补录最多计几小时", most=MOST_HOURS, required=False)
            days = form.whole(fields[2], f"{said}的期限", least=1, most=MOST_DAYS, required=False)
            if hours is None:
                if (honour or days) and fields[0] not in form.faults:
                    form.fault(fields[0], f"请填写{said}要多少小时，不要求就三格都空着")
                continue
            if honour is not None and honour > hours:
                form.fault(fields[1], f"{said}里补录最多 {hours} 小时，不能比要求的还多")
            needs.append(NeedDraft(stage, kind, hours * 60, (honour or 0) * 60, days))
    if not needs and not form.faults:
        form.fault(names(ASKABLE[1], HourKind.SERVICE)[0], "至少要求一项")
    form.done()
    return SetDraft(name, note, tuple(needs))


def parse_since(values: "MultiDict[str, str]") -> date:
    form = Form(values)
    since = form.day("valid_from", "从哪天起用")
    form.done()
    return since or date.max


def parse_reason(values: "MultiDict[str, str]") -> str:
    return one_text(values, "reason", "原因", longest=200)


def parse_confirmation(values: "MultiDict[str, str]") -> tuple[StageKind, date, str]:
    """Which stage is confirmed, and a remark."""
    form = Form(values)
    stage, began_on = form.choice("stage", "阶段", StageKind), form.day("began_on", "开始的日子")
    note = form.text("note", "备注", longest=200, required=False)
    form.done()
    return stage or StageKind.MASSES, began_on or date.max, note
