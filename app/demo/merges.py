"""Pairs of records that are likely one person, so that the page of duplicates has something to show. Everything is invented."""

from datetime import date, datetime, timedelta
from itertools import combinations

from app.core.clock import local_date
from app.core.db import in_transaction
from app.demo.people import Cast
from app.merges.own_rules import Pair
from app.merges.queries.faults import faults
from app.merges.queries.pairs import weights
from app.merges.queries.rows import plan
from app.people import queries
from app.people import service as people
from app.people.rules import Gender, MembershipKind, Origin


def load(cast: Cast, now: datetime) -> None:
    """A member who stands in a branch twice, with hours in both records; one who registered again on their phone; one put down again at
    the desk; a neighbour written two ways."""
    today = local_date(now)

    def work() -> None:
        _registered_again(cast.members[cast.branches["锦园第二党支部"]][9], now)
        _put_down_again(cast.members[cast.branches["翠苑党支部"]][11], cast.communities["桂雅"], today, now)
        _written_two_ways(cast.communities["桂花"], today, now)

    in_transaction(work)
    branch = cast.members[cast.branches["锦园第二党支部"]]
    fitting = (pair for pair in combinations(branch[12:24], 2) if _fit(*pair, cast, now))
    found = next(fitting, None)
    if found:
        in_transaction(lambda: _one_of_two(*found, cast.deputy))


def _fit(one: int, other: int, cast: Cast, now: datetime) -> bool:
    """Both have served, seldom at the same time, and nothing stands in the way of merging them."""
    if len(weights([one, other])) < 2 or {one, other} & {cast.volunteer, cast.organiser, cast.secretary, cast.deputy}:
        return False
    pair = Pair(one, other, cast.secretary, now, local_date(now))
    planned = plan(pair)
    return len(planned.overlapping) <= 1 and not planned.refusals and not faults(pair)


def _one_of_two(one: int, other: int, by_id: int) -> None:
    """The roster had 陈洁华, the list of the year after it 陳潔華."""
    born = min(person.birth_date for person in map(queries.profile, (one, other)) if person and person.birth_date)
    for person_id, name in ((one, "陈洁华"), (other, "陳潔華")):
        people.edit_profile(person_id, name, Gender.FEMALE, born, "", by_id)


def _registered_again(person_id: int, now: datetime) -> None:
    """With the same number, before anybody told them that the roster has them."""
    person = queries.person(person_id, local_date(now))
    phone = next(iter(queries.phones(person_id, local_date(now))), None)
    if person is not None:
        people.record_person(person.name, Origin.SELF, now - timedelta(days=4), phone=phone)


def _put_down_again(person_id: int, community_id: int, today: date, now: datetime) -> None:
    """As a resident, under a new number: name and birth date tell."""
    person = queries.person(person_id, today)
    if person is None:
        return
    again = people.record_person(
        person.name,
        Origin.STAFF,
        now - timedelta(days=20),
        phone="19900000021",
        gender=person.gender,
        birth_date=person.birth_date,
        confirmed=True,
    )
    people.join(again, community_id, MembershipKind.RESIDENT, today - timedelta(days=20))


def _written_two_ways(community_id: int, today: date, now: datetime) -> None:
    for name, origin, days in (("黎婉仪", Origin.ROSTER, 300), ("黎婉儀", Origin.STAFF, 12)):
        one = people.record_person(name, origin, now - timedelta(days=days), phone="19900000022", gender=Gender.FEMALE, confirmed=True)
        people.join(one, community_id, MembershipKind.RESIDENT, today - timedelta(days=days))
