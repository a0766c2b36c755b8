"""Requests about one's own data: two that wait for the secretary, one of a child's guardian, one that was not done and says why."""

from datetime import date, datetime, timedelta

from app.core import clock
from app.core.db import in_transaction
from app.demo.people import Cast
from app.people import service as people
from app.people.rules import GivenHow, MembershipKind, Origin, Relation
from app.rights import service
from app.rights.rules import How, Kind

NOT_THE_SAME = "证件上的日期和登记的一样，没有登记错。要是证件改过，请带来支部看一下，再提一次"


def load(cast: Cast, now: datetime) -> None:
    """何嘉怡 asks for another birth date; an old member, in person, to be erased, nearly due; a guardian for her son."""
    members = [one for one in cast.members[cast.branches["锦园第二党支部"]] if one not in (cast.volunteer, cast.secretary, cast.deputy)]
    refused, leaving = members[2], members[3]
    asking = service.Asking(refused, Kind.CORRECTION, How.OWN, "应该是晚一年", {"birth_date": "1961-02-03"})
    first = _ask(asking, refused, now - timedelta(days=30))
    asking = service.Asking(leaving, Kind.ERASURE, How.IN_PERSON, "搬回老家了，不再参加")
    _ask(asking, cast.organiser, now - timedelta(days=18))
    wanted: dict[str, str | int | None] = {"birth_date": "1988-06-11"}
    asking = service.Asking(cast.volunteer, Kind.CORRECTION, How.OWN, "出生日期登记成了 6 月 1 日，应是 6 月 11 日", wanted)
    _ask(asking, cast.volunteer, now - timedelta(hours=7))
    _guardian(cast, now)
    answered = now - timedelta(days=25)
    with clock.frozen_at(answered):
        in_transaction(lambda: service.refuse(first, cast.secretary, NOT_THE_SAME, answered))


def _ask(asking: service.Asking, by: int, at: datetime) -> int:
    with clock.frozen_at(at):
        return in_transaction(lambda: service.ask(asking, by, at))


def _guardian(cast: Cast, now: datetime) -> None:
    """Of twelve years; his mother agreed when he joined the neighbours' association."""
    today = clock.local_date(now)
    joined, asked = now - timedelta(days=120), now - timedelta(days=4)

    def join() -> int:
        child = people.record_person("何子轩", Origin.STAFF, joined, birth_date=date(today.year - 12, 3, 1), confirmed=True)
        people.join(child, cast.teams["灯湖街坊会"], MembershipKind.TEAM, clock.local_date(joined))
        people.record_guardian(child, "何嘉怡", "13800000001", Relation.MOTHER, GivenHow.IN_PERSON, cast.organiser, joined)
        return child

    with clock.frozen_at(joined):
        child = in_transaction(join)
    _ask(service.Asking(child, Kind.CORRECTION, How.GUARDIAN, "名字里是“轩”", {"name": "何梓轩"}, "何嘉怡"), cast.organiser, asked)
