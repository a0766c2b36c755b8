"""What people attended that gives no hours, as credits; for booking anew."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.activities.models import Activity, Shift
from app.checkin.models import Attendance
from app.checkin.rules import is_machine
from app.core.clock import at_local, local_date
from app.core.db import db
from app.crediting.rules import Credit
from app.hours.rules import HourClass
from app.schemes.queries.facts import WITHOUT_HOURS


def attended(person_ids: Collection[int], since: date, until: date) -> list[Credit]:
    """Spells that stand of the days [since, until). Their minutes give no hours, so that they are one minute here."""
    a = Attendance
    rows = db.session.execute(
        select(a.id, a.person_id, a.credited_from, a.in_way, a.out_way, Activity.id, Activity.kind, Activity.unit_id)
        .join(Shift, Shift.id == a.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(a.person_id.in_(person_ids), Activity.kind.in_(WITHOUT_HOURS))
        .where(a.credited_from >= at_local(since), a.credited_from < at_local(until))
        .order_by(a.id)
    )
    return [
        Credit(
            person_id,
            activity_id,
            kind,
            unit_id,
            local_date(came),
            1,
            HourClass.CREDIT if out_way and is_machine(in_way, out_way) else HourClass.HONOUR,
            attendance_id,
            "",
        )
        for attendance_id, person_id, came, in_way, out_way, activity_id, kind, unit_id in rows
        if came is not None
    ]
