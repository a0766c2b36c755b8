"""Figures from before the site, as the newspaper of October 2022 had them, and last month's report, frozen and half of it sent."""

from datetime import date, datetime, timedelta

from app.core import clock
from app.core.db import in_transaction
from app.demo.people import Cast
from app.hours.rules import PeriodKind, period
from app.reports import service
from app.reports.figure_rules import Figure, smallest

PRINTED, PAPER = date(2022, 9, 30), "珠江时报 2022 年 10 月的报道，各处不尽一致，未作核对"
OPENINGS = {
    Figure.ORGANISATIONS: 663,
    Figure.MEMBERS: 13_728,
    Figure.TEAMS: 549,
    Figure.NEIGHBOURS: 51,
    Figure.SELF_GOVERNANCE: 58,
    Figure.SOCIETIES: 233,
    Figure.OWNERS_COMMITTEES: 7,
    Figure.HEADS: 2_186,
    Figure.ACTIVITIES: 57_000,
    Figure.SERVED: 3_500_000,
    Figure.HYGIENE: 1_247,
    Figure.FACILITIES: 1_839,
    Figure.DISPUTES: 1_463,
    Figure.PUBLIC_SAFETY: 185,
    Figure.HAZARDS: 368,
    Figure.PARKING: 536,
    Figure.LIFTS: 139,
    Figure.FUND_SPENT: 139_000_000,
    Figure.FUND_PROJECTS: 418,
    Figure.FUND_PEOPLE: 14_310_000,
}


def load(cast: Cast, now: datetime) -> None:
    """Recorded by the secretary, who stands in for a second administrator that the demo does not have; confirmed by the first."""

    def openings() -> None:
        for figure, number in OPENINGS.items():
            amount = smallest(figure, number)
            made = service.record_opening(figure, amount, PRINTED, PAPER, cast.secretary, cast.root, now)
            service.decide_opening(made, True, cast.administrator, cast.root, now)

    in_transaction(openings)
    last = period(PeriodKind.MONTH, clock.local_date(now).replace(day=1) - timedelta(days=1))

    def report() -> None:
        made = service.freeze(cast.communities["灯湖"], last, cast.secretary, now)
        service.send(made, cast.administrator, "", now, lambda report_id: f"/reports/{report_id}")
        service.freeze(cast.branches["锦园第二党支部"], last, cast.deputy, now)

    in_transaction(report)
