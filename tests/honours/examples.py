"""One of each thing about corrections and honours that routes name, for the walk of every route × role."""

from datetime import timedelta
from typing import Any

from app.activities.rules import ActivityKind
from app.claims.correction_rules import Change, Proposal
from app.claims.queries.correctable import attendance_subject
from app.claims.service import corrections
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.honours import queries, service
from app.hours import queries as hours
from app.hours.rules import HourClass, SourceKind
from tests.factories import Factory


def examples(make: Factory, unit_id: int, person_id: int, attendance_id: int, by: tuple[int, int]) -> dict[str, Any]:
    """`by` are two who may decide in the unit; both may have had a part in the attendance."""
    maker, other = by
    third, now = make.person("梁素琴", home=unit_id), clock.now()
    make.grant(third, Role.SECRETARY, unit_id)
    make.account(third)
    return {
        "correction_id": _correction(attendance_id, maker),
        "hour_entry_id": _entry(person_id, unit_id),
        "kind_id": queries.kinds()[0].id,
        **_honour(person_id, maker, other, now + timedelta(days=20)),
    }


def _correction(attendance_id: int, maker: int) -> int:
    subject = attendance_subject(attendance_id)
    assert subject
    void = Proposal(Change.VOID, "那天没有来")
    return in_transaction(lambda: corrections.propose(subject, void, maker, "/work", clock.now()))


def _entry(person_id: int, unit_id: int) -> int:
    day, brought = clock.today(), Factory().number()
    credit = Credit(
        person_id, None, ActivityKind.SERVICE, unit_id, day, 60, HourClass.HONOUR, brought, "past-1", SourceKind.IMPORT, reason="台账"
    )
    in_transaction(lambda: crediting.credit([credit], clock.now()))
    return next(one.id for one in hours.entries(person_id) if one.source_kind is SourceKind.IMPORT)


def _honour(person_id: int, maker: int, other: int, later: Any) -> dict[str, Any]:
    url = "/honours/{}".format
    made = in_transaction(lambda: service.propose(queries.kinds()[0], person_id, "热心", maker, url, clock.now()))
    in_transaction(lambda: service.approve(made, other, "/publicity/{}".format, url, clock.now()))
    in_transaction(lambda: service.settle(made, "/me/honours", url, later))
    asked = in_transaction(lambda: service.ask_revocation(made, "事迹不实", maker, url, later))
    return {"honour_id": made, "revocation_id": asked}
