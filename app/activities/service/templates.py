"""A unit's own templates: kept from an activity of its own, withdrawn by a date. Called inside a write transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update

from app.activities.models import ActivityTemplate
from app.activities.queries import ActivityRow
from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.core.errors import Invalid, NotFound


def keep_template(row: ActivityRow, name: str, shape: Mapping[str, str], by_id: int, now: datetime) -> int:
    """Raises Invalid (`name`) when the unit has one of that name. A changed one is withdrawn and kept anew."""
    writing()
    values = {"unit_id": row.unit_id, "name": name, "template": row.template, "shape": dict(shape), "activity_id": row.id}
    made = upsert(ActivityTemplate).values(made_at=now, made_by_id=by_id, **values).on_conflict_do_nothing()
    template_id: int | None = db.session.execute(made.returning(ActivityTemplate.id)).scalar_one_or_none()
    if template_id is None:
        raise Invalid({"name": "已经有一个叫这个名字的模板，换个名字，或先把旧的收起"})
    audit.record(by_id, "activity_template", "activity_template", template_id, unit=row.unit_id, name=name)
    return template_id


def withdraw_template(template_id: int, by_id: int, now: datetime) -> None:
    """It is offered no more; what was made from it stays. Raises NotFound for one withdrawn before."""
    writing()
    gone = update(ActivityTemplate).where(ActivityTemplate.id == template_id, ActivityTemplate.withdrawn_at.is_(None))
    done = db.session.execute(gone.values(withdrawn_at=now, withdrawn_by_id=by_id).returning(ActivityTemplate.id))
    if done.scalar_one_or_none() is None:
        raise NotFound("这个模板已经收起了。")
    audit.record(by_id, "activity_template.withdrawal", "activity_template", template_id)
