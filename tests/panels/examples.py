"""A published call for the walk of routes."""

from datetime import timedelta

from app.core import clock
from app.core.db import in_transaction
from app.fund.rules import ProjectKind
from app.fund.stage_rules import DEFAULT_WEIGHTS
from app.panels import call_changes
from app.panels import service as panels
from app.panels.rules import CallDraft


def a_call(by: int, other: int) -> dict[str, int]:
    today, now = clock.today(), clock.now()
    closes = today + timedelta(days=9)
    wanted = CallDraft(ProjectKind.MICRO, "第四期微创熟", "办一件小事", today, closes, None, dict(DEFAULT_WEIGHTS))
    call_id = in_transaction(lambda: panels.draft_call(wanted, by, now))
    in_transaction(lambda: panels.publish_call(call_id, other, now))
    change = in_transaction(lambda: call_changes.ask(call_id, closes + timedelta(days=7), "来不及", by, now))
    return {"call_id": call_id, "change_id": change}
