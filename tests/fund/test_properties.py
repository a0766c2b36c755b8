"""Random lawful and unlawful sequences by several people: the books always balance, and nobody moves a yuan alone."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import Action
from app.fund import queries, rules
from app.fund.models import FundAccount, FundMovementEntry, FundRequest, FundStepEntry
from app.fund.queries import requests as asked
from app.fund.rules import OWN, AccountKind, RequestKind, Step
from app.fund.service import requests
from app.fund.step_rules import lawful, open_to
from app.people.queries import is_below

PEOPLE = ("officer", "approver", "second", "administrator", "neighbour")
ACTS = st.one_of(
    st.tuples(st.just("donate"), st.integers(1, 9_000), st.booleans()),
    st.tuples(st.just("grant"), st.integers(1, 9_000), st.booleans()),
    st.tuples(st.just("ask"), st.integers(1, 9_000), st.integers(0, 1)),
    st.tuples(st.just("step"), st.integers(0, 30), st.sampled_from([step for step in Step if step is not Step.CORRECTED])),
    st.tuples(st.just("step"), st.integers(0, 30), st.sampled_from([Step.APPROVED, Step.PAID, Step.RECONCILED])),
    st.tuples(st.just("correct"), st.integers(0, 30), st.just(0)),
)
APPROVED_BELOW_THE_LIMIT = [  # once the other approver could still return it, though it is the payer's turn
    (("donate", 1, False), "officer"),
    (("donate", 1, False), "officer"),
    (("ask", 1, 0), "officer"),
    (("step", 4, Step.APPROVED), "approver"),
    (("correct", 0, 0), "officer"),
]
ASKED_BY_AN_APPROVER = [  # once the applicant could return it between the two approvals
    (("ask", 6_000, 0), "approver"),
    (("step", 2, Step.APPROVED), "second"),
    (("donate", 1, False), "officer"),
]
RUN = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def act(house, project, kind, amount, extra, by):
    """One act by somebody; the domain may refuse it."""
    person = getattr(house, by)
    now = clock.now()
    known = list(db.session.execute(select(FundRequest.id).order_by(FundRequest.id)).scalars())
    if kind == "donate":
        noted = rules.DonationNoted(project if extra else None, amount * 100, "街坊", "", "捐赠", "回单", clock.today())
        in_transaction(lambda: requests.note_donation(noted, person, now))
    elif kind == "grant":
        in_transaction(lambda: requests.ask_grant(rules.GrantAsked(project, amount * 100, "拨付"), person, now))
    elif kind == "ask":
        house.ask(project, amount, extra, by=person)
    elif known and kind == "step":
        house.step(known[amount % len(known)], extra, person, "原因")
    elif known:
        request = known[amount % len(known)]
        in_transaction(lambda: requests.ask_correction(request, "记错了", person, now))


def hold(house):
    """What is true after any sequence."""
    balances = db.session.execute(select(FundAccount.kind, FundAccount.balance)).all()
    assert sum(row.balance for row in balances) == 0
    assert all(row.balance >= 0 for row in balances if row.kind is not AccountKind.OUTSIDE)
    totals = queries.totals()
    assert totals.income - totals.spent == totals.balance == sum(row.balance for row in balances if row.kind in OWN)
    count, highest = db.session.execute(select(func.count(), func.coalesce(func.max(FundMovementEntry.voucher_no), 0))).one()
    assert count == highest
    assert queries.disagreements() == []
    for request_id, kind, needs_second in db.session.execute(select(FundRequest.id, FundRequest.kind, FundRequest.needs_second)):
        steps = db.session.execute(
            select(FundStepEntry.step, FundStepEntry.by_id).where(FundStepEntry.request_id == request_id).order_by(FundStepEntry.seq)
        ).all()
        walked(kind, needs_second, [tuple(step) for step in steps])


def walked(kind, needs_second, steps):
    """The steps taken are a lawful walk, by people who may."""
    by = {}
    for place, (step, person) in enumerate(steps):
        state = steps[place - 1][0] if place else None
        assert step in lawful(kind, needs_second, state)
        if place and step not in (Step.WITHDRAWN, Step.CORRECTED):
            assert person != steps[place - 1][1], "two steps in a row by one person"
        by.setdefault(step, set()).add(person)
    requested = by.get(Step.REQUESTED, set())
    assert not requested & (by.get(Step.APPROVED, set()) | by.get(Step.SECONDED, set()))
    assert not by.get(Step.PAID, set()) & by.get(Step.RECONCILED, set())
    if kind is RequestKind.PAYMENT and needs_second and Step.PAID in by:
        assert len(by[Step.APPROVED] | by[Step.SECONDED] | requested) == 3


@given(acts=st.lists(st.tuples(ACTS, st.sampled_from(PEOPLE)), min_size=5, max_size=40))
@example(acts=APPROVED_BELOW_THE_LIMIT)
@example(acts=ASKED_BY_AN_APPROVER)
@RUN
def test_whatever_they_try_the_books_balance(site, acts):
    from tests.factories import Factory
    from tests.fund.houses import build

    site.fresh()
    with site.app.app_context():
        house = build(Factory())
        project = house.project()
        house.donate(6_000)
        house.donate(3_000, project)
        for (kind, amount, extra), by in acts:
            try:
                act(house, project, kind, amount, extra, by)
            except DomainError:
                db.session.rollback()
        hold(house)
        agree(house)
        db.session.remove()
        db.engine.dispose()


def agree(house):
    """The one-query work list is the rule `open_to`, for everyone and every request."""
    for name in PEOPLE:
        actor: Actor = house.make.actor(getattr(house, name))
        waiting = {row.id for row in asked.rows(queries.waiting(actor, clock.today()))}
        reach = {
            action: {unit for unit in (house.root, house.community) if is_below(unit, actor.roots(action), clock.today())}
            for action in Action
        }
        for request_id, unit_id in db.session.execute(select(FundRequest.id, FundRequest.unit_id)).all():
            standing = queries.standing(request_id)
            own = name == "neighbour" and unit_id == house.community
            steps = open_to(standing, actor.person_id, own, lambda action, unit_id=unit_id, reach=reach: unit_id in reach[action])
            assert (request_id in waiting) == bool(set(steps) - {Step.WITHDRAWN}), (name, request_id, steps)


AMOUNTS = st.integers(0, 10**13)


@given(fen=AMOUNTS)
@settings(database=None)
def test_a_headline_is_never_rounded_up(fen):
    number, unit = rules.headline(fen)
    per = {"元": 100, "万元": 1_000_000, "亿元": 10_000_000_000}[unit]
    whole, _, rest = number.replace(",", "").partition(".")
    shown = int(whole) * per + int(rest.ljust(2, "0") or 0) * per // 100
    assert shown <= fen < shown + max(1, per // 100)
