"""双50 in the secretary's branch: one who is full and waits for the branch, one confirmed, one whose earlier stage stays sealed."""

from datetime import date, datetime, timedelta

from app.activities.rules import ActivityKind
from app.core.clock import local_date
from app.core.db import in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.demo.people import Cast
from app.hours.rules import HourClass, SourceKind
from app.people import queries as people
from app.people.rules import StageFact, StageKind
from app.requirements import service

FIRST_SOURCE = 1_000_000_000  # of imported rows: far from those of any register and of the twelve years (see years.SOURCE_ROOM)
TIMES, MINUTES = 13, 4 * 60  # 52 hours of each kind
OWN_PAGE = "/me/double50"


def load(cast: Cast, now: datetime) -> None:
    """Hours from before this system, as a register would have brought them, and the branch's confirmations."""
    branch, today = cast.branches["锦园第二党支部"], local_date(now)
    stages = people.stages_of(cast.members[branch], today)
    of = {kind: [one for one, stage in stages.items() if stage.kind is kind] for kind in StageKind}
    activists = [one for one in of[StageKind.ACTIVIST] if one != cast.volunteer]
    chosen = [(one, stages[one]) for one in [*activists[:2], *of[StageKind.PROBATIONARY][:1]]]
    credits_ = [
        Credit(
            person,
            None,
            kind,
            branch,
            served,
            MINUTES,
            HourClass.CREDIT,
            FIRST_SOURCE + nth * 100 + at * TIMES + place,
            "",
            SourceKind.IMPORT,
        )
        for nth, (person, stage) in enumerate(chosen)
        for at, kind in enumerate((ActivityKind.SERVICE, ActivityKind.STUDY))
        for place, served in enumerate(_days(stage, today))
    ]
    in_transaction(lambda: crediting.credit(credits_, now))
    for person, stage in chosen[1:]:
        in_transaction(lambda p=person, s=stage: service.confirm(p, s.kind, s.began_on, cast.secretary, "", OWN_PAGE, now))  # type: ignore[misc]


def _days(stage: StageFact, today: date) -> list[date]:
    """As many days since the stage began, the last one a week ago."""
    length = max(TIMES, (today - stage.began_on).days - 7)
    return [stage.began_on + timedelta(days=place * length // TIMES) for place in range(TIMES)]
