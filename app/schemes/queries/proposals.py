"""Reading what is proposed and was decided about people's points."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.checkin.queries.kin import kin
from app.core import clock
from app.core.actor import Actor
from app.core.db import db
from app.core.permissions import Action
from app.core.words import full_day, points_words
from app.people.models import Membership, Person, Unit
from app.people.queries import below, holds_on
from app.people.rules import MembershipKind
from app.points.rules import SCHEME_NAMES, Rule, SchemeKind
from app.points.standing_queries import rules_by_code
from app.points.standings import EXEMPTION_NAMES, Exemption, rule_words
from app.schemes.models import PointProposal
from app.schemes.rules import Exempts, PointVerdict, Proposal

PAGE = 20


@dataclass(frozen=True)
class ProposalRow:
    """`rule`: the one of the version of that day. `of`: what a revocation takes back.

    `unit_id` is the home branch of today, whose secretary decides and reads; `made_unit_id` that of the day it was proposed.
    """

    id: int
    person_id: int
    person_name: str
    unit_id: int
    unit_name: str
    scheme_kind: SchemeKind
    rule_code: str | None
    exempts: Exempts | None
    revokes_id: int | None
    happened_on: date
    until: date | None
    reason: str
    maker_id: int
    maker_name: str
    made_at: datetime
    decided_at: datetime | None
    decider_name: str | None
    verdict: PointVerdict | None
    answer: str
    revoked_on: date | None  # by a revocation that was approved
    made_unit_id: int
    rule: Rule | None = None
    of: "ProposalRow | None" = None

    @property
    def title(self) -> str:
        """加 2.0 分：突出表现; 免考核：生病; 撤销：…"""
        if self.of is not None:
            return f"撤销“{self.of.title}”"
        if self.exempts:
            return f"不参加考核：{EXEMPTION_NAMES[Exemption(self.exempts.value)]}"
        if self.rule is None:
            return self.rule_code or ""
        amount = self.rule.amount
        did = "一票否决" if not amount else f"{'加' if amount > 0 else '扣'} {points_words(abs(amount))} 分"
        return f"{did}：{self.rule.name.removesuffix('，每次')}"

    @property
    def days(self) -> str:
        if not self.exempts:
            return full_day(self.happened_on)
        return f"{full_day(self.happened_on)}起" + (f"，到{full_day(self.until)}" if self.until else "，没有定到哪天")

    @property
    def scheme_name(self) -> str:
        return SCHEME_NAMES[self.scheme_kind]

    @property
    def said(self) -> str:
        return rule_words(self.rule) if self.rule else ""

    @property
    def concerned(self) -> frozenset[int]:
        return frozenset({self.person_id, self.maker_id})


_home = aliased(Membership)
UNIT: ColumnElement[int] = func.coalesce(_home.unit_id, PointProposal.unit_id)  # who has gone from every branch stays with the last one


def _at_home(query: Any) -> Any:
    """With UNIT: the home branch of today. What is known about somebody goes with them when they are transferred."""
    there = _home.person_id == PointProposal.person_id, _home.kind == MembershipKind.HOME, holds_on(_home, clock.today())
    return query.outerjoin(_home, and_(*there))


def _select() -> Select[*tuple[Any, ...]]:
    p, maker, decider, person, lifted = PointProposal, aliased(Person), aliased(Person), aliased(Person), aliased(PointProposal)
    columns = (
        *(p.id, p.person_id, person.name, UNIT, Unit.name, p.scheme_kind, p.rule_code, p.exempts, p.revokes_id, p.happened_on, p.until),
        *(p.reason, p.made_by_id, maker.name, p.made_at, p.decided_at, decider.name, p.verdict, p.answer, lifted.happened_on, p.unit_id),
    )
    found: Select[*tuple[Any, ...]] = (
        _at_home(select(*columns).select_from(p))
        .join(person, person.id == p.person_id)
        .join(Unit, Unit.id == UNIT)
        .join(maker, maker.id == p.made_by_id)
        .outerjoin(decider, decider.id == p.decided_by_id)
        .outerjoin(lifted, and_(lifted.revokes_id == p.id, lifted.verdict == PointVerdict.APPROVED))
    )
    return found


def _rows(query: Select[*tuple[Any, ...]]) -> list[ProposalRow]:
    """With the rules of their days, and what a revocation takes back; three queries."""
    found = [ProposalRow(*tuple(row)) for row in db.session.execute(query)]
    rules = rules_by_code() if any(row.rule_code or row.revokes_id for row in found) else {}
    revoked = {row.revokes_id for row in found if row.revokes_id}
    others = [ProposalRow(*tuple(row)) for row in db.session.execute(_select().where(PointProposal.id.in_(revoked)))] if revoked else []
    of = {row.id: _ruled(row, rules) for row in others}
    return [replace(_ruled(row, rules), of=of.get(row.revokes_id or 0)) for row in found]


def _ruled(row: ProposalRow, rules: dict[tuple[SchemeKind, str], list[tuple[date, Rule]]]) -> ProposalRow:
    known = rules.get((row.scheme_kind, row.rule_code or ""), [])
    return replace(row, rule=next((rule for since, rule in known if since <= row.happened_on), None))


def proposal(proposal_id: int) -> ProposalRow | None:
    return next(iter(_rows(_select().where(PointProposal.id == proposal_id))), None)


def open_entry(of: Proposal) -> int:
    """The one that waits already with the same person, rule and day."""
    p = PointProposal
    same = (p.person_id == of.person_id, p.scheme_kind == of.scheme_kind, p.rule_code == of.rule_code, p.happened_on == of.happened_on)
    return db.session.scalars(select(p.id).where(*same, p.decided_at.is_(None))).one()


def open_revocation(proposal_id: int) -> int:
    """The one that waits already to take the same back."""
    p = PointProposal
    return db.session.scalars(select(p.id).where(p.revokes_id == proposal_id, p.decided_at.is_(None))).one()


def of_person(person_id: int, *, approved: bool = False) -> list[ProposalRow]:
    """All about one person, the newest first; `approved`: what holds, for the person's own page."""
    query = _select().where(PointProposal.person_id == person_id).order_by(PointProposal.id.desc())
    if approved:
        query = query.where(PointProposal.verdict == PointVerdict.APPROVED)
    return _rows(query)


def of_units(roots: Collection[int], day: date, before: int | None = None) -> list[ProposalRow]:
    """A page of what concerns the units below, the newest first; one more than PAGE where there are more."""
    query = _select().where(UNIT.in_(below(roots, day))).order_by(PointProposal.id.desc()).limit(PAGE + 1)
    return _rows(query.where(PointProposal.id < before) if before else query)


def _waits_for(actor: Actor, now: datetime) -> ColumnElement[bool]:
    p = PointProposal
    concerned = or_(RoleGrant.person_id == p.made_by_id, RoleGrant.person_id == p.person_id, kin(RoleGrant.person_id, p.person_id))
    turn = turn_of(UNIT, p.made_at, actor.roots(Action.POINTS_DECIDE), Action.POINTS_DECIDE, now, concerned, (p, _home))
    return and_(
        p.decided_at.is_(None), p.made_by_id != actor.person_id, p.person_id != actor.person_id, ~kin(actor.person_id, p.person_id), turn
    )


def waiting_count(actor: Actor, now: datetime) -> Select[int] | None:
    """What waits for this actor: neither their own proposals nor any about them or a relative."""
    if not actor.roots(Action.POINTS_DECIDE):
        return None
    counted: Select[int] = _at_home(select(func.count()).select_from(PointProposal)).where(_waits_for(actor, now))
    return counted


def waiting(actor: Actor, now: datetime) -> Sequence[ProposalRow]:
    if not actor.roots(Action.POINTS_DECIDE):
        return []
    return _rows(_select().where(_waits_for(actor, now)).order_by(PointProposal.made_at))
