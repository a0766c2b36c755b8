"""Who may join, as the form asks it: read, and filled again."""

from collections.abc import Collection

from app.activities.joining_rules import Who
from app.people.rules import StageKind
from app.webkit.forms import Form

FIELDS = ("for_unit", "age_from", "age_to", "asks_training", "training_months", *(f"stage-{kind.value}" for kind in StageKind))


def read(form: Form, units: Collection[int]) -> Who:
    """Faults are recorded in the form. `units`: those that may be chosen."""
    unit_id = form.one_of("for_unit", "给哪个组织的人", units) if form.raw("for_unit") else None
    age_from = form.whole("age_from", "最小年龄", least=1, most=120, required=False)
    age_to = form.whole("age_to", "最大年龄", least=1, most=120, required=False)
    if age_from and age_to and age_from > age_to:
        form.fault("age_to", "最大年龄不能比最小年龄还小")
    training = form.text("asks_training", "要先参加的培训", longest=40, required=False)
    months = form.whole("training_months", "几个月内有效", least=1, most=120, required=False)
    if months and not training:
        form.fault("asks_training", "填了几个月，还要写是什么培训")
    stages = frozenset(kind for kind in StageKind if form.raw(f"stage-{kind.value}"))
    return Who(unit_id, age_from, age_to, stages, training, months if training else None)


def filled(who: Who) -> dict[str, str]:
    kept = {
        "for_unit": str(who.unit_id or ""),
        "age_from": str(who.age_from or ""),
        "age_to": str(who.age_to or ""),
        "asks_training": who.training,
        "training_months": str(who.training_months or ""),
    }
    return kept | {f"stage-{kind.value}": "1" for kind in who.stages}
