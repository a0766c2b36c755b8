"""One of each for the walk of routes: a publicity with an objection, and an assessment of the same branch."""

from typing import Any

from app.assessments import service
from app.core import clock
from app.core.db import in_transaction
from app.publicity import service as publicities
from app.publicity.rules import Line, Notice, Reach, Said, Subject, SubjectKind


def examples(unit_id: int, member: int, by: int) -> dict[str, Any]:
    now = clock.now()
    notice = Notice(Subject(SubjectKind.HONOUR, 1_000_000), unit_id, Reach.BRANCH, "创熟标兵", (Line(member, "创熟标兵"),))
    shown = in_transaction(lambda: publicities.publish(notice, by, lambda one: f"/publicity/{one}", now))
    said = Said(member, "不是他做的", by_id=by)
    return {
        "publicity_id": shown,
        "objection_id": in_transaction(lambda: publicities.object_to(shown, said, None, "/work", now)),
        "assessment_id": in_transaction(lambda: service.start([unit_id], "2026-Q3", by, "/work", now))[0],
    }
