"""One series and one own template of a unit, for tests that walk every route."""

from datetime import date

from app.activities.models import ActivitySeries, ActivityTemplate
from app.activities.series_rules import Every
from app.core import clock
from tests.factories import Factory


def planned(make: Factory, unit: int, by: int, activity: int) -> dict[str, int]:
    now = clock.now()
    series = make._add(
        ActivitySeries,
        unit_id=unit,
        title="每周值守",
        every=Every.WEEK,
        first_on=date(2026, 11, 28),
        until_on=date(2026, 12, 26),
        form_id="3f0c1c1e-0000-4000-8000-00000000000a",
        made_at=now,
        made_by_id=by,
    )
    own = make._add(ActivityTemplate, unit_id=unit, name="值守", shape={"shifts": "1"}, activity_id=activity, made_at=now, made_by_id=by)
    return {"series_id": series, "template_id": own}
