"""What one credit is: the only door through which hours and points come into the ledgers."""

from dataclasses import dataclass
from datetime import date

from app.activities.rules import ActivityKind
from app.hours.rules import HourClass, HourKind, SourceKind

HOUR_KIND = {ActivityKind.SERVICE: HourKind.SERVICE, ActivityKind.STUDY: HourKind.STUDY}


@dataclass(frozen=True)
class Credit:
    """Somebody was somewhere for so many whole minutes.

    Whether that is service, study or neither follows from the activity's kind: 组织生活 and 其他 give no hours, though
    they may give points. `rule_version` names the rules that counted the minutes.
    """

    person_id: int
    activity_id: int | None  # None: hours from before this system
    activity_kind: ActivityKind
    organising_unit_id: int
    served_on: date
    minutes: int
    hour_class: HourClass
    source_id: int
    rule_version: str
    source_kind: SourceKind = SourceKind.ATTENDANCE
    batch_id: int | None = None
    made_by_id: int | None = None
    approved_by_id: int | None = None
    reason: str = ""
