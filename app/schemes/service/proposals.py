"""What two people decide by hand about one person's points. Called inside a write transaction."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from app.audit import service as audit
from app.checkin.queries.deciding import relatives_among
from app.claims.queries.deciders import deciders, nearest
from app.core import clock
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import full_day
from app.crediting import occasions
from app.crediting import service as crediting
from app.crediting.occasions import Occasion, rule_of
from app.hours.rules import SourceKind
from app.people import queries as people
from app.people.rules import PARTY_MEMBERS
from app.people.service import lock_persons
from app.points import queries as points
from app.points.rules import SCHEME_NAMES, SchemeKind
from app.schemes.models import OPEN_ENTRY, OPEN_REVOCATION, PointProposal
from app.schemes.queries import proposals as queries
from app.schemes.queries.drafts import first_open
from app.schemes.queries.proposals import ProposalRow
from app.schemes.rules import PointVerdict, Proposal, decision_fault, exemption_fault
from app.worklist.service import notify, notify_all


def propose(proposal: Proposal, by_id: int, work_url: str, now: datetime) -> int:
    """It waits for another person. The same entry proposed twice is one. Raises Invalid with the field at fault, Refused about oneself."""
    writing()
    today = clock.local_date(now)
    if proposal.person_id == by_id:
        raise Refused("不能给自己加分、扣分、免考核。")
    if proposal.revokes_id is None:
        _sound(proposal, today)
    unit_id = people.home_unit_on(proposal.person_id, today)
    if unit_id is None:
        raise Invalid({"rule": "他现在没有组织关系，先登记组织关系"})
    row = {**asdict(proposal), "unit_id": unit_id, "made_by_id": by_id, "made_at": now}
    adding = upsert(PointProposal).values(**row)
    if proposal.rule_code is not None:
        once = [PointProposal.person_id, PointProposal.scheme_kind, PointProposal.rule_code, PointProposal.happened_on]
        adding = adding.on_conflict_do_nothing(index_elements=once, index_where=OPEN_ENTRY)
    elif proposal.revokes_id is not None:
        adding = adding.on_conflict_do_nothing(index_elements=[PointProposal.revokes_id], index_where=OPEN_REVOCATION)
    made = db.session.execute(adding.returning(PointProposal.id)).scalar_one_or_none()
    if made is None:
        return queries.open_revocation(proposal.revokes_id) if proposal.revokes_id else queries.open_entry(proposal)
    audit.record(by_id, "point_proposal", "point_proposal", made, person=proposal.person_id, reason=proposal.reason)
    who = nearest(deciders(unit_id, Action.POINTS_DECIDE, today, [by_id], [proposal.person_id]))
    notify_all({one.person_id: "有一条积分的事等您确认" for one in who}, work_url, proposal.person_id)
    return int(made)


def _sound(proposal: Proposal, today: date) -> None:
    if proposal.rule_code is not None:
        if proposal.happened_on > today:
            raise Invalid({"happened_on": "不能是以后的日期"})
        scheme = points.schemes_on(proposal.happened_on).get(proposal.scheme_kind)
        if scheme is None or rule_of(scheme.rules, proposal.rule_code, SourceKind.MANUAL) is None:
            raise Invalid({"rule": f"{full_day(proposal.happened_on)}的方案里没有这一条"})
    if proposal.exempts and (fault := exemption_fault(proposal.happened_on, first_open(today), today)):
        raise Invalid({"happened_on": fault})
    stage = people.stage_on(proposal.person_id, min(proposal.happened_on, today))
    if proposal.scheme_kind is SchemeKind.MEMBER and (stage is None or stage.kind not in PARTY_MEMBERS):
        raise Invalid({"happened_on": "他那一天还不是党员，不参加党员积分考核"})


def revoke(proposal_id: int, reason: str, on: date, by_id: int, work_url: str, now: datetime) -> int:
    """Propose to take back what was approved: an entry by its reversal, an exemption by an end from `on`."""
    row = queries.proposal(proposal_id)
    if row is None:
        raise NotFound
    if row.verdict is not PointVerdict.APPROVED or row.revokes_id is not None or row.revoked_on:
        raise Conflict("这一条现在不能撤销：还没有生效，或者已经撤销了。")
    if row.exempts and not row.happened_on <= on:
        raise Invalid({"happened_on": f"不能早于开始的那天（{full_day(row.happened_on)}）"})
    today = clock.local_date(now)
    if row.exempts and (fault := exemption_fault(on, first_open(today), today)):
        raise Invalid({"happened_on": fault})
    return propose(Proposal(row.person_id, row.scheme_kind, on, reason, revokes_id=proposal_id), by_id, work_url, now)


def approve(proposal_id: int, by_id: int, urls: Mapping[str, str], now: datetime) -> int | None:
    """What it came to in hundredths; None where it is no entry, or was approved already. `urls`: the page of it, and one's own points."""
    row = _deciding(proposal_id, by_id)
    if row.verdict is PointVerdict.APPROVED:
        return None
    if row.verdict is not None:
        raise Conflict("这一条已经退回或撤回了，不能再确认。")
    _check_still(row, clock.local_date(now))
    _decide(proposal_id, by_id, PointVerdict.APPROVED, "", now)
    given = _carry_out(row, by_id, now)
    audit.record(by_id, "point_proposal.approval", "point_proposal", proposal_id, person=row.person_id)
    notify(row.maker_id, "您提出的一条积分的事确认了", urls["show"])
    notify(row.person_id, f"您的{SCHEME_NAMES[row.scheme_kind]}有一条新的记录：{row.title}", urls["own"])
    return given


def _check_still(row: ProposalRow, today: date) -> None:
    """What was sound when it was proposed, and may not be any more."""
    if row.of is not None and row.of.revoked_on:
        raise Conflict("这一条已经撤销过了，不用再确认。请退回，写明原因。")
    if (row.exempts or (row.of and row.of.exempts)) and (fault := exemption_fault(row.happened_on, first_open(today), today)):
        raise Conflict(f"{fault}。请退回，请提出的人改了日期再提。")


def _carry_out(row: ProposalRow, by_id: int, now: datetime) -> int | None:
    if row.rule_code is not None:
        one = Occasion(
            row.person_id,
            row.scheme_kind,
            row.rule_code,
            row.happened_on,
            SourceKind.MANUAL,
            row.id,
            row.made_unit_id,
            row.maker_id,
            by_id,
            row.reason,
        )
        (given,) = occasions.give([one], now)
        if given is None:
            raise Conflict("那一天的方案里没有这一条，或者他那天不是党员。请退回，写明原因。")
        return given
    of = queries.proposal(row.revokes_id) if row.revokes_id else None
    if of is not None and of.rule_code is not None:
        crediting.reverse(SourceKind.MANUAL, [of.id], row.reason, now, made_by_id=row.maker_id, approved_by_id=by_id)
    return None


def give_back(proposal_id: int, by_id: int, reason: str, url: str, now: datetime) -> None:
    """退回，请写明原因. Returning again changes nothing."""
    row = _deciding(proposal_id, by_id)
    if row.verdict is PointVerdict.RETURNED:
        return
    if row.verdict is not None:
        raise Conflict("这一条已经确认了，不能退回。要改请提出撤销。")
    _decide(proposal_id, by_id, PointVerdict.RETURNED, reason, now)
    audit.record(by_id, "point_proposal.return", "point_proposal", proposal_id, person=row.person_id, reason=reason)
    notify(row.maker_id, "您提出的一条积分的事退回了，请看原因", url)


def withdraw(proposal_id: int, by_id: int, now: datetime) -> None:
    row = _locked(proposal_id)
    if row.maker_id != by_id:
        raise NotFound
    if row.verdict is PointVerdict.WITHDRAWN:
        return
    if row.verdict is not None:
        raise Conflict("已经有人决定了，不能收回。")
    _decide(proposal_id, by_id, PointVerdict.WITHDRAWN, "", now)
    audit.record(by_id, "point_proposal.withdrawal", "point_proposal", proposal_id, person=row.person_id)


def _locked(proposal_id: int) -> ProposalRow:
    """The proposal, its row locked so that two decisions queue up; its person before it, as everywhere that points are given."""
    writing()
    person_id = db.session.scalar(select(PointProposal.person_id).where(PointProposal.id == proposal_id))
    if person_id is None:
        raise NotFound
    lock_persons([person_id])
    db.session.execute(select(PointProposal.id).where(PointProposal.id == proposal_id).with_for_update())
    row = queries.proposal(proposal_id)
    if row is None:
        raise NotFound
    return row


def _deciding(proposal_id: int, by_id: int) -> ProposalRow:
    row = _locked(proposal_id)
    if fault := decision_fault(by_id, row.maker_id, row.person_id, kin=bool(relatives_among(by_id, [row.person_id]))):
        raise Refused(fault)
    return row


def _decide(proposal_id: int, by_id: int, verdict: PointVerdict, answer: str, now: datetime) -> None:
    values: dict[str, Any] = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    db.session.execute(update(PointProposal).where(PointProposal.id == proposal_id).values(**values))
