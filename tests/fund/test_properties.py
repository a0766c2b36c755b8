"""Random lawful and unlawful sequences by several people and their deputies: the books always balance, nobody moves a yuan alone, money
with a purpose goes nowhere else, none moves while a project stands still or a purpose is closed, and limits hold for what is split."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.core.permissions import Action
from app.fund import queries, rules
from app.fund.models import FundAccount, FundMovementEntry, FundProject, FundRequest, FundServiceEntry, FundStageEntry, FundStepEntry
from app.fund.models_office import FundPurpose
from app.fund.money_rules import Verdict
from app.fund.queries import office
from app.fund.queries import requests as asked
from app.fund.queries.deputies import hats
from app.fund.rules import OWN, AccountKind, MovementKind, RequestKind, Stage, Step
from app.fund.service import closing, projects, requests, steps
from app.fund.stage_rules import MONEY_STAGES
from app.fund.step_rules import lawful, open_to
from app.people.queries import is_below

PEOPLE = ("officer", "approver", "second", "administrator", "neighbour")
AWAY = (("approver", "officer"), ("administrator", "second"), ("officer", "administrator"))  # who is away, who stands in
YUAN = st.one_of(st.integers(1, 900), st.integers(1, 9_000))
KNOWN = st.integers(0, 40)
ACTS = st.one_of(
    st.tuples(st.just("donate"), YUAN, st.integers(0, 4)),
    st.tuples(st.just("grant"), YUAN, st.integers(0, 3)),
    st.tuples(st.just("ask"), YUAN, st.integers(0, 2)),
    st.tuples(st.just("opening"), YUAN, st.integers(0, 1)),
    st.tuples(st.just("return"), YUAN, st.integers(0, 3)),
    st.tuples(st.just("transfer"), YUAN, st.integers(0, 3)),
    st.tuples(st.just("refund"), KNOWN, YUAN),
    st.tuples(st.just("step"), KNOWN, st.sampled_from([step for step in Step if step is not Step.CORRECTED])),
    st.tuples(st.just("step"), KNOWN, st.sampled_from([Step.APPROVED, Step.PAID, Step.RECONCILED])),
    st.tuples(st.just("deputy"), KNOWN, st.sampled_from([Step.APPROVED, Step.SECONDED, Step.PAID, Step.RECONCILED, Step.RETURNED])),
    st.tuples(st.just("correct"), KNOWN, st.just(0)),
    st.tuples(st.just("stage"), st.integers(0, 2), st.sampled_from([Stage.PAUSED, Stage.RUNNING] * 2 + [Stage.STOPPED])),
    st.tuples(st.just("stage for"), st.integers(0, 2), st.sampled_from([Stage.PAUSED, Stage.RUNNING])),
    st.tuples(st.just("turn"), st.integers(0, 1), st.sampled_from([True, False])),
    st.tuples(st.just("figure"), KNOWN, st.integers(0, 2)),
    *[st.tuples(st.just("through"), KNOWN, st.just(0))] * 4,
)
APPROVED_BELOW_THE_LIMIT = [  # once the other approver could still return it, though it is the payer's turn
    (("donate", 1, 0), "officer"),
    (("donate", 1, 0), "officer"),
    (("ask", 1, 0), "officer"),
    (("step", 4, Step.APPROVED), "approver"),
    (("correct", 0, 0), "officer"),
]
ASKED_BY_AN_APPROVER = [  # once the applicant could return it between the two approvals
    (("ask", 6_000, 0), "approver"),
    (("step", 2, Step.APPROVED), "second"),
    (("donate", 1, 0), "officer"),
]
RESTS_ON = [  # what came back, went back and was set aside, and then what they rest on is reversed
    (("ask", 500, 0), "officer"),
    (("through", 40, 0), "officer"),
    (("refund", 40, 200), "officer"),
    (("through", 40, 0), "officer"),
    (("grant", 1_000, 0), "officer"),
    (("through", 40, 0), "officer"),
    (("return", 600, 0), "officer"),
    (("through", 40, 0), "officer"),
    (("transfer", 900, 1), "officer"),
    (("through", 40, 0), "officer"),
    *[pair for known in range(12) for pair in (((("correct", known, 0)), "officer"), ((("through", 40, 0)), "officer"))],
]
STANDS_STILL = [  # asked for and approved, then paused: neither paid nor granted until it goes on
    (("ask", 500, 0), "officer"),
    (("step", 40, Step.APPROVED), "approver"),
    (("grant", 500, 0), "officer"),
    (("stage", 0, Stage.PAUSED), "approver"),
    *[(("step", known, step), by) for known in range(3) for step, by in ((Step.PAID, "officer"), (Step.APPROVED, "second"))],
    (("stage", 0, Stage.RUNNING), "second"),
    (("through", 0, 0), "officer"),
    (("through", 1, 0), "officer"),
]
SPLIT_IN_THREE = [*[(("ask", 2_400, 0), "officer")] * 3, *[(("through", known, 0), "officer") for known in range(3)]]
SHUT = [  # closed, refused a gift, opened again
    (("turn", 1, True), "officer"),
    (("turn", 1, True), "approver"),
    (("transfer", 100, 2), "officer"),
    (("through", 40, 0), "officer"),
    (("turn", 1, False), "officer"),
    (("turn", 1, False), "second"),
    (("transfer", 100, 2), "officer"),
    (("through", 40, 0), "officer"),
]
RUN = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)


class Town:
    """A house with a purpose, a project of it, a plain one and one with other money, and with people away."""

    def __init__(self, house, ways):
        self.house, self.ways = house, ways
        self.purpose, self.other = ways.purpose(), ways.purpose("长者助浴")
        self.plain, self.mine, self.foreign = house.project(), ways.project(self.purpose), ways.project(source_name="区残联")
        for away, deputy in AWAY:
            ways.stand_in(getattr(house, away), getattr(house, deputy))
        house.donate(6_000)
        for project in self.projects:
            house.donate(3_000, project)
        ways.donate(3_000, self.purpose)

    @property
    def projects(self):
        return (self.plain, self.mine, self.foreign)

    def known(self, place, is_open=False):
        """A request, the newest for the highest place; where `is_open`, of those that are underway."""
        query = select(FundRequest.id).order_by(FundRequest.id)
        ids = list(db.session.execute(query.where(queries.unfinished()) if is_open else query).scalars())
        ids = ids or list(db.session.execute(query).scalars())
        return ids[place % len(ids)] if is_open else ids[min(place, len(ids) - 1)]

    def act(self, kind, amount, extra, by):
        """One act by somebody; the domain may refuse it. What stands still or is closed has moved no money meanwhile."""
        still, shut = self.moved_while_still(), self.moved_while_shut()
        try:
            self._act(kind, amount, extra, by)
        finally:
            db.session.rollback()
            for before, after in ((still, self.moved_while_still()), (shut, self.moved_while_shut())):
                assert {one: count for one, count in before.items() if one in after} == {one: after[one] for one in before if one in after}

    def moved_while_still(self):
        """Project → its grants and payments so far, of those that stand still."""
        entry = FundMovementEntry
        mine = entry.kind.in_((MovementKind.GRANT, MovementKind.SPENDING)), entry.reverses_id.is_(None)
        counted = select(func.count(entry.id)).where(FundAccount.id.in_((entry.from_account_id, entry.to_account_id)), *mine)
        count = counted.correlate(FundAccount).scalar_subquery()
        found = select(FundProject.id, count).join(FundAccount, FundAccount.project_id == FundProject.id)
        return dict(db.session.execute(found.where(FundProject.stage.not_in(MONEY_STAGES))).all())

    def moved_while_shut(self):
        """Purpose → its entries so far, of those that are closed."""
        entry = FundMovementEntry
        count = select(func.count(entry.id)).where(FundAccount.id.in_((entry.from_account_id, entry.to_account_id)))
        found = select(FundPurpose.id, count.correlate(FundAccount).scalar_subquery())
        of = found.join(FundAccount, FundAccount.purpose_id == FundPurpose.id)
        return dict(db.session.execute(of.where(FundPurpose.closed_on.is_not(None))).all())

    def _act(self, kind, amount, extra, by):
        person, now = getattr(self.house, by), clock.now()
        if kind == "donate":
            project = self.projects[extra - 1] if 1 <= extra <= 3 else None
            purpose = self.purpose if extra == 4 else None
            noted = rules.DonationNoted(project, amount * 100, "街坊", "", "捐赠", "回单", clock.today(), None, purpose)
            in_transaction(lambda: requests.note_donation(noted, person, now))
        elif kind == "grant":
            project, purpose = ((self.plain, None), (self.mine, self.purpose), (self.mine, None), (self.plain, self.purpose))[extra]
            in_transaction(lambda: requests.ask_grant(rules.GrantAsked(project, amount * 100, "拨付", None, purpose), person, now))
        elif kind == "ask":
            self.house.ask(self.projects[extra], amount, by=person)
        elif kind == "opening":
            self.ways.note_opening(amount, self.purpose if extra else None, by=person)
        elif kind == "return":
            project, purpose = ((self.plain, None), (self.mine, self.purpose), (self.mine, None), (self.foreign, None))[extra]
            self.ways.ask_return(project, amount, purpose, by=person)
        elif kind == "transfer":
            target, project = ((self.purpose, None), (self.purpose, self.plain), (self.other, self.mine), (self.other, self.foreign))[extra]
            self.ways.minute(self.ways.ask_transfer(target, amount, project, by=person))
        elif kind == "refund":
            self.ways.note_refund(self.known(amount), extra, by=person)
        elif kind == "step":
            self.house.step(self.known(amount, True), extra, person, "原因")
        elif kind == "deputy":
            self.deputise(self.known(amount, True), extra, by)
        elif kind == "correct":
            in_transaction(lambda: requests.ask_correction(self.known(amount), "记错了", person, now))
        elif kind == "stage":
            self.go(self.projects[amount], extra, person)
        elif kind == "stage for":
            away, deputy = AWAY[amount]
            self.go(self.projects[amount], extra, getattr(self.house, deputy), getattr(self.house, away))
        elif kind == "turn":
            self.turn((self.purpose, self.other)[amount], extra, person)
        elif kind == "figure":
            self.figure(amount, extra, person)
        else:
            self.through(self.known(amount, True))

    def go(self, project, stage, person, away=None):
        """Since yesterday: what was paid by the day on which it came to stand still would be true."""
        at = clock.now() - timedelta(days=1)
        if away is not None:
            at = clock.now()  # a deputy stands in from today on
        in_transaction(lambda: projects.advance(project, stage, person, at, "原因", for_id=away))

    def turn(self, purpose, closes, person):
        """Asked for, or decided by whoever comes next."""
        waits = next((row for row in office.turns() if row.purpose_id == purpose and row.verdict is None), None)
        if waits is None:
            in_transaction(lambda: closing.ask(purpose, closes, "原因", person, clock.now()))
        else:
            in_transaction(lambda: closing.decide(waits.id, Verdict.APPROVED, "", person, clock.now()))

    def figure(self, place, project, person):
        """A published 服务人次, or asking that one be taken back."""
        known = db.session.scalars(select(FundServiceEntry.id).order_by(FundServiceEntry.id)).all()
        if len(known) < 3:
            in_transaction(lambda: projects.add_service(self.projects[project], clock.today(), 7, "上门", None, person, clock.now()))
        else:
            in_transaction(lambda: requests.ask_figure_correction(known[place % len(known)], "重复了", person, clock.now()))

    def deputise(self, request, step, by):
        """By whoever stands in for somebody and may; one who stands in for nobody tries first."""
        pairs = [("second", by), *AWAY]
        for away, deputy in pairs:
            try:
                self.as_deputy(request, step, getattr(self.house, deputy), getattr(self.house, away))
            except DomainError:
                db.session.rollback()
            else:
                assert (away, deputy) in AWAY
                return

    def as_deputy(self, request, step, by, away):
        paid = step is Step.PAID
        day, reference = (clock.today(), "0619") if paid else (None, "")
        in_transaction(lambda: steps.take(request, step, by, clock.now(), note="原因", reference=reference, happened_on=day, for_id=away))

    def through(self, request):
        """The straight way, as far as it goes."""
        for step, by in ((Step.APPROVED, "approver"), (Step.SECONDED, "second"), (Step.PAID, "officer"), (Step.RECONCILED, "second")):
            if step in lawful(*self.standing(request)):
                self.house.step(request, step, getattr(self.house, by))

    def standing(self, request):
        found = queries.standing(request)
        return found.kind, found.needs_second, found.state


def hold(town):
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
        taken = db.session.execute(
            select(FundStepEntry.step, FundStepEntry.by_id, FundStepEntry.for_id)
            .where(FundStepEntry.request_id == request_id)
            .order_by(FundStepEntry.seq)
        ).all()
        walked(kind, needs_second, [(step, {by, for_id} - {None}) for step, by, for_id in taken])
    flows(town)
    limits()
    stages_by_two(town)
    assert totals.people >= 0


def limits():
    """However it is split: above the limit together, the second approver is needed. By what was never given up, so rather too few."""
    payments = FundRequest.kind == RequestKind.PAYMENT, FundRequest.state.not_in((Step.RETURNED, Step.WITHDRAWN, Step.CORRECTED))
    sums = Counter()
    columns = FundRequest.project_id, FundRequest.fen, FundRequest.needs_second
    for project, fen, needs_second in db.session.execute(select(*columns).where(*payments).order_by(FundRequest.id)):
        sums[project] += fen
        assert needs_second or sums[project] <= 500_000


def stages_by_two(town):
    """Who stood in for somebody counts as both, and nobody of them ever sent what they decided about."""
    for project in town.projects:
        found = select(FundStageEntry.stage, FundStageEntry.by_id, FundStageEntry.for_id).where(FundStageEntry.project_id == project)
        rows = db.session.execute(found).all()
        senders = {row.by_id for row in rows if row.stage in (Stage.DRAFT, Stage.APPLIED)}
        deciders = {hand for row in rows if row.stage not in (Stage.DRAFT, Stage.APPLIED) for hand in (row.by_id, row.for_id)}
        assert not senders & deciders


def walked(kind, needs_second, taken):
    """The steps taken are a lawful walk by people who may; who stood in for somebody counts as both."""
    by = {}
    for place, (step, people) in enumerate(taken):
        state = taken[place - 1][0] if place else None
        assert step in lawful(kind, needs_second, state)
        if place and step not in (Step.WITHDRAWN, Step.CORRECTED):
            assert not people & taken[place - 1][1], "two steps in a row by one person"
        by.setdefault(step, set()).update(people)
    none = set()
    requested, approved, seconded = by.get(Step.REQUESTED, none), by.get(Step.APPROVED, none), by.get(Step.SECONDED, none)
    assert not requested & (approved | seconded)
    assert not approved & seconded
    assert not by.get(Step.PAID, none) & by.get(Step.RECONCILED, none)
    if kind is RequestKind.PAYMENT and needs_second and Step.PAID in by:
        assert len(approved | seconded | requested) >= 3


def flows(town):
    """The ways of money, net of what was reversed, and the public figures: added up here from nothing but the ledger's rows."""
    accounts = {row.id: row for row in db.session.execute(select(FundAccount)).scalars()}
    purposes = dict(db.session.execute(select(FundProject.id, FundProject.purpose_id)).all())
    net, spent, income, refunds = Counter(), Counter(), 0, Counter()
    rows = db.session.execute(
        select(FundMovementEntry, FundRequest).join(FundRequest, FundRequest.id == FundMovementEntry.request_id)
    ).all()
    by_id = {entry.id: request for entry, request in rows}
    for entry, request in rows:
        back = entry.reverses_id is not None
        source, target = (accounts[id_] for id_ in (entry.from_account_id, entry.to_account_id)[:: -1 if back else 1])
        fen = -entry.fen if back else entry.fen
        net[entry.kind, source.id, target.id] += fen
        own = AccountKind.OTHER not in (source.kind, target.kind)
        if entry.kind in (MovementKind.SPENDING, MovementKind.REFUND):
            project = source.project_id or target.project_id
            spent[project] += fen if entry.kind is MovementKind.SPENDING else -fen
        elif own and entry.kind in (MovementKind.DONATION, MovementKind.OPENING):
            income += fen
        origin = by_id[entry.reverses_id] if back else request
        if entry.kind is MovementKind.REFUND:
            refunds[origin.refunds_id] += fen
        elif entry.kind is MovementKind.SPENDING:
            refunds[origin.id] -= fen
    assert all(left <= 0 for left in refunds.values()), "more came back than was paid"
    for (kind, source, target), fen in net.items():
        assert fen >= 0, (kind, accounts[source].name, accounts[target].name)
        lawful_way(kind, accounts[source], accounts[target], purposes)
    for account in accounts.values():
        backs(account, net, accounts)
    own = {project: fen for project, fen in spent.items() if project != town.foreign}
    totals = queries.totals()
    assert (totals.spent, totals.income) == (sum(own.values()), income)
    assert queries.year_figures(2026).spent + queries.year_figures(2025).spent == totals.spent
    for project in town.projects:
        figures = queries.figures_of(project)
        assert figures.spent == spent[project] == sum(line.spent for line in queries.page(project).lines)
        assert figures.balance == next(account.balance for account in accounts.values() if account.project_id == project)


def lawful_way(kind, source, target, purposes):
    """Money with a purpose leaves its account only for the projects of that purpose, and nothing goes from there to the fund at large."""
    if source.kind is AccountKind.RESTRICTED:
        assert (kind, target.kind) == (MovementKind.GRANT, AccountKind.PROJECT)
        assert purposes[target.project_id] == source.purpose_id
    if target.kind is AccountKind.GENERAL:
        assert kind in (MovementKind.DONATION, MovementKind.OPENING, MovementKind.RETURN)
    if AccountKind.OTHER in (source.kind, target.kind):
        assert AccountKind.OUTSIDE in (source.kind, target.kind)


def backs(account, net, accounts):
    """No account gets back more than it granted; no gift goes anywhere but to what it was given for, or to a purpose by a minute."""
    if account.project_id is None:
        return
    for other in accounts.values():
        assert net[MovementKind.RETURN, account.id, other.id] <= max(
            net[MovementKind.GRANT, other.id, account.id], net[MovementKind.DONATION, other.id, account.id]
        )
    given = sum(fen for (kind, _, target), fen in net.items() if (kind, target) == (MovementKind.DONATION, account.id))
    aside = sum(fen for (kind, source, _), fen in net.items() if (kind, source) == (MovementKind.TRANSFER, account.id))
    assert aside <= given


@given(acts=st.lists(st.tuples(ACTS, st.sampled_from(PEOPLE)), min_size=20, max_size=50))
@example(acts=APPROVED_BELOW_THE_LIMIT)
@example(acts=ASKED_BY_AN_APPROVER)
@example(acts=RESTS_ON)
@example(acts=STANDS_STILL)
@example(acts=SPLIT_IN_THREE)
@example(acts=SHUT)
@RUN
def test_whatever_they_try_the_books_balance(site, acts):
    from tests.factories import Factory
    from tests.fund.houses import build
    from tests.fund.ways import Ways

    site.fresh()
    with site.app.app_context():
        house = build(Factory())
        town = Town(house, Ways(house))
        for (kind, amount, extra), by in acts:
            try:
                town.act(kind, amount, extra, by)
            except DomainError:
                db.session.rollback()
        db.session.expire_all()
        hold(town)
        agree(house)
        db.session.remove()
        db.engine.dispose()


def agree(house):
    """The one-query work list is the rule `open_to` in each capacity, for everyone and every request."""
    now, day = clock.now(), clock.today()
    for name in PEOPLE:
        actor: Actor = house.make.actor(getattr(house, name))
        waiting = {row.id for row in asked.rows(queries.waiting(actor, now))}
        capacities = [
            (hat, {action: {unit for unit in (house.root, house.community) if is_below(unit, hat.roots(action), day)} for action in Action})
            for hat in hats(actor, now)
        ]
        for request_id, unit_id in db.session.execute(select(FundRequest.id, FundRequest.unit_id)).all():
            standing = queries.standing(request_id)
            found = set()
            for hat, reach in capacities:
                own = any(unit_id in queries.own_units(person, day) for person in hat.people)
                may = lambda action, unit_id=unit_id, reach=reach: unit_id in reach[action]  # noqa: E731 (one of many, made in a loop)
                found |= set(open_to(standing, actor.person_id, own, may, hat.for_id))
            assert (request_id in waiting) == bool(found - {Step.WITHDRAWN}), (name, request_id, found)


AMOUNTS = st.integers(0, 10**13)


@given(fen=AMOUNTS)
@settings(database=None)
def test_a_headline_is_never_rounded_up(fen):
    number, unit = rules.headline(fen)
    per = {"元": 100, "万元": 1_000_000, "亿元": 10_000_000_000}[unit]
    whole, _, rest = number.replace(",", "").partition(".")
    shown = int(whole) * per + int(rest.ljust(2, "0") or 0) * per // 100
    assert shown <= fen < shown + max(1, per // 100)
