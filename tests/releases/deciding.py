"""What the demo leaves open, decided: merges, an erasure, sealed days and a run of a job leave rows that nothing else makes.

Beside a merge that is done stand one that was undone and one that was stopped half way, which the version after must be able to end.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select

from app.accounts.models import RoleGrant
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.merges import service as merges
from app.merges.own_rules import Pair
from app.merges.queries.digest import digest
from app.merges.queries.faults import faults
from app.merges.queries.pairs import likely
from app.merges.queries.rows import plan
from app.people import queries
from app.people import service as people
from app.people.models import Unit
from app.people.rules import UnitKind
from app.rights import service as rights
from app.rights.models import RightsRequest
from app.rights.rules import Kind
from app.web.jobs import running
from app.web.jobs.plan import JOBS

SINCE = timedelta(days=2)  # from what the demo makes to now; decisions are of the day between, so that their day is sealed as well
HALF = 1  # entries of the one that stops half way


def decided(begun: datetime) -> None:
    """`begun`: the moment of the demo. The days up to now are sealed afterwards."""
    with clock.frozen_at(begun + SINCE / 2):
        root = db.session.scalars(select(Unit.id).where(Unit.kind == UnitKind.SUBDISTRICT)).one()
        holding = select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.unit_id == root)
        maker, checker = db.session.scalars(holding.order_by(RoleGrant.id).limit(2))
        _two_are_one(root, maker, checker)
        _erased(checker)
    with clock.frozen_at(begun + SINCE):
        for job in JOBS:
            if job.name in {"seal", "verify"}:
                running.run_one(job)


def _two_are_one(root: int, maker: int, checker: int) -> None:
    fitting = _fitting(checker)
    _merge(next(fitting), maker, checker)
    undone = _merge(next(fitting), maker, checker)
    in_transaction(lambda: merges.undo(undone, checker, "是两个人", clock.now()))
    while in_transaction(lambda: merges.go_back(undone, clock.now())):
        pass
    _merge(next(fitting), maker, checker, to_the_end=False)
    others = next(iter(likely([root], clock.today())))
    in_transaction(lambda: merges.say_different(others.first.id, others.second.id, "父子同名", checker, clock.now()))


def _fitting(by_id: int) -> Iterator[Pair]:
    """Two who have served and hold no role, where nothing stands in the way."""
    served = select(HourEntry.person_id).group_by(HourEntry.person_id).having(func.count() > 2 * HALF)
    plain = served.where(HourEntry.person_id.not_in(select(RoleGrant.person_id))).order_by(HourEntry.person_id)
    used: set[int] = set()
    for stays_id, goes_id in pairwise(db.session.scalars(plain).all()):
        pair = Pair(stays_id, goes_id, by_id, clock.now(), clock.today())
        if not used & {stays_id, goes_id} and not faults(pair) and not plan(pair).refusals:
            used |= {stays_id, goes_id}
            yield pair


def _merge(pair: Pair, maker: int, checker: int, *, to_the_end: bool = True) -> int:
    proposal = merges.Proposal(pair.stays_id, pair.goes_id, "两次登记的是同一个人", digest(pair))
    merge_id = in_transaction(lambda: merges.propose(proposal, maker, clock.now()))
    seen = digest(pair)
    in_transaction(lambda: merges.approve(merge_id, checker, seen, clock.now()))
    while to_the_end and in_transaction(lambda: merges.advance(merge_id, clock.now())):
        pass
    if not to_the_end:
        in_transaction(lambda: merges.advance(merge_id, clock.now(), HALF))
    return merge_id


def _erased(checker: int) -> None:
    """The one who asked for it in the demo; what the audit says of them is read by nobody any more."""
    asked = select(RightsRequest.id, RightsRequest.person_id).where(RightsRequest.kind == Kind.ERASURE, RightsRequest.verdict.is_(None))
    request_id, person_id = db.session.execute(asked.order_by(RightsRequest.id).limit(1)).one()
    known = queries.profile(person_id)
    if known:
        in_transaction(
            lambda: people.edit_profile(person_id, known.name, known.gender, known.birth_date, "住在三楼，上门请先打电话", checker)
        )
    in_transaction(lambda: rights.approve(request_id, checker, clock.now()))
