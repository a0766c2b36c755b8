"""Certificates of 锦园第二党支部: one issued and shown, one that waits, one revoked, and a batch of the year for the second person."""

from datetime import date, datetime, timedelta

from app.certificates import queries, service
from app.certificates.rules import Asking, Verdict
from app.core import clock
from app.core.db import in_transaction
from app.demo.people import Cast

CONTACT = "0757-8630 0000"


def _request(request_id: int) -> str:
    return f"/certificates/requests/{request_id}"


def _paper(certificate_id: int) -> str:
    return f"/certificates/{certificate_id}"


def _batch(batch_id: int) -> str:
    return f"/certificates/batches/{batch_id}"


def _publicity(publicity_id: int) -> str:
    return f"/publicity/{publicity_id}"


def load(cast: Cast, now: datetime) -> None:
    """The secretary accepts, the deputy issues; 何嘉怡 has one, asks for another for this year."""
    unit = cast.branches["锦园第二党支部"]
    today = clock.local_date(now)
    first = Asking(cast.volunteer, unit, today - timedelta(days=900), today - timedelta(days=30), "评选年度优秀志愿者")
    served = [row.person_id for row in queries.members_with_hours(unit, date(today.year, 1, 1), today, today)]
    others = [one for one in served if one not in (cast.volunteer, cast.secretary, cast.deputy)]
    _issue(cast, first, now - timedelta(days=20))
    _issue(
        cast, Asking(others[0], unit, date(today.year, 1, 1), today - timedelta(days=60), "入职"), now - timedelta(days=12), revoked=True
    )
    asking = Asking(cast.volunteer, unit, date(today.year, 1, 1), today, "子女入学积分")
    in_transaction(lambda: service.apply(asking, cast.volunteer, _request, now - timedelta(hours=5)))
    year = Asking(others[1], unit, date(today.year, 1, 1), today - timedelta(days=1), f"{today.year} 年度评优")
    chosen = others[1:7]
    in_transaction(lambda: service.accept_batch(year, chosen, CONTACT, "", cast.secretary, _batch, now - timedelta(hours=3)))


def _issue(cast: Cast, asking: Asking, at: datetime, *, revoked: bool = False) -> None:
    with clock.frozen_at(at):

        def issue() -> int:
            request = service.apply(asking, asking.person_id, _request, at)
            service.accept(request, cast.secretary, CONTACT, "", _request, at)
            return service.issue([request], cast.deputy, _paper, _publicity, at)[0]

        made = in_transaction(issue)
        if not revoked:
            return

        def revoke() -> None:
            service.ask_revocation(made, cast.secretary, "有两次签到记在了别人名下，已经更正", _paper, at)
            waiting = queries.revocation_waiting(made)
            if waiting:
                service.decide_revocation(waiting.id, cast.deputy, Verdict.CONFIRMED, "", _paper, at)

        in_transaction(revoke)
