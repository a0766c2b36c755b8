"""Proposing, approving, granting and taking back honours. Each is called inside a write transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert, select, update

from app.accounts.deciders import Decider, deciders, nearest
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import full_day
from app.crediting import occasions
from app.crediting import service as crediting
from app.crediting.occasions import Occasion
from app.honours import queries
from app.honours.models import Honour, HonourConsent, HonourKind, HonourRevocation
from app.honours.queries import HonourRow, KindRow, RevocationRow
from app.honours.rules import KindDraft, State, Verdict, decision_fault, reach_fault
from app.hours.rules import SourceKind
from app.people import service as people
from app.people.queries import home_unit_on
from app.publicity import service as publicity
from app.publicity.rules import Line, Notice, Reach, Subject, SubjectKind
from app.worklist.service import notify, notify_all

NOBODY = "还没有别的人能同意。请先请街道管理员给这个组织设一位书记或副书记"
Address = Callable[[int], str]


def keep_kind(draft: KindDraft, kind_id: int | None, by_id: int) -> int:
    """A new kind, or a change of one; what was granted keeps its title.

    Raises Invalid where the name is taken, or what tells of the party, or was given as not public, would become public.
    """
    writing()
    values = {
        "name": draft.name,
        "words": draft.words,
        "giver": draft.giver,
        "reach": draft.reach,
        "scheme_kind": draft.scheme_kind,
        "rule_code": draft.rule_code,
    }
    known = queries.kinds()
    if any(one.name == draft.name and one.id != kind_id for one in known):
        raise Invalid({"name": "已经有这种荣誉了"})
    before = next((one for one in known if one.id == kind_id), None)
    given = before is not None and queries.was_given(before.id)
    if fault := reach_fault(draft.name, draft.reach, draft.scheme_kind, before.reach if before else None, given=given):
        raise Invalid({"reach": fault})
    if kind_id is None:
        made = int(db.session.execute(insert(HonourKind).values(**values).returning(HonourKind.id)).scalar_one())
        audit.record(by_id, "honour_kind", "honour_kind", made, name=draft.name)
        return made
    db.session.execute(update(HonourKind).where(HonourKind.id == kind_id).values(**values))
    audit.record(by_id, "honour_kind.revision", "honour_kind", kind_id, name=draft.name)
    return kind_id


def retire_kind(kind_id: int, by_id: int, now: datetime, *, again: bool = False) -> None:
    """It is proposed no more, or is in use `again`; what was granted stands."""
    writing()
    db.session.execute(update(HonourKind).where(HonourKind.id == kind_id).values(retired_on=None if again else local_date(now)))
    audit.record(by_id, "honour_kind.revision", "honour_kind", kind_id)


def propose(kind: KindRow, person_id: int, reason: str, maker_id: int, url_of: Address, now: datetime) -> int:
    """Propose somebody; returns the id. Those of their home unit who may decide are told.

    Raises Refused for oneself, Invalid where nobody else could decide, Conflict where they wait for this honour already.
    That the maker may propose this kind for this person is for the caller to see to.
    """
    writing()
    if maker_id == person_id:
        raise Refused("不能推荐自己。")
    if kind.retired_on is not None:
        raise Conflict("这种荣誉已经停用了。")
    people.lock_persons([person_id])
    home = home_unit_on(person_id, local_date(now))
    if home is None:
        raise Invalid({"kind": "这位现在没有组织关系，不知道在哪里公示"})
    others = deciders(home, Action.HONOUR_GIVE, local_date(now), {maker_id, person_id})
    if not others:
        raise Invalid({"kind": NOBODY})
    row = {"kind_id": kind.id, "title": kind.name, "person_id": person_id, "unit_id": home, "reason": reason, "answer": ""}
    adding = upsert(Honour.__table__).values(**row, made_by_id=maker_id, made_at=now).on_conflict_do_nothing().returning(Honour.id)
    made = db.session.execute(adding).scalar_one_or_none()
    if made is None:
        raise Conflict("已经推荐过这位，还没有结果。")
    audit.record(maker_id, "honour", "honour", made, title=kind.name)
    _tell(others, f"推荐授予“{kind.name}”，等您定", url_of(made))
    return int(made)


def _tell(others: list[Decider], words: str, url: str) -> None:
    notify_all({one.person_id: words for one in nearest(others)}, url)


def _locked(honour_id: int) -> HonourRow:
    """The honour, its row locked so that two decisions queue up; its person before it, as everywhere."""
    writing()
    person_id = db.session.scalar(select(Honour.person_id).where(Honour.id == honour_id))
    if person_id is None:
        raise NotFound
    people.lock_persons([person_id])
    db.session.execute(select(Honour.id).where(Honour.id == honour_id).with_for_update())
    row = queries.honour(honour_id)
    if row is None:
        raise NotFound
    return row


def _check(decider_id: int, maker_id: int, person_id: int) -> None:
    if fault := decision_fault(decider_id, maker_id, person_id):
        raise Refused(f"{fault}。")


def _decide(row: HonourRow, by_id: int, verdict: Verdict, answer: str, now: datetime) -> None:
    deciding = update(Honour).where(Honour.id == row.id, Honour.decided_at.is_(None))
    ended = None if verdict is Verdict.APPROVED else now
    values = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer, "ended_at": ended}
    if db.session.execute(deciding.values(**values).returning(Honour.id)).scalar_one_or_none() is None:
        raise Conflict(f"这条推荐已经由{row.decider_name or '另一位'}定了。")


def approve(honour_id: int, by_id: int, shown_url: Address, url_of: Address, now: datetime) -> None:
    """同意推荐: it is publicised from today, to the members of their unit. Raises Refused for the maker and the person."""
    row = _locked(honour_id)
    _check(by_id, row.maker_id, row.person_id)
    _decide(row, by_id, Verdict.APPROVED, "", now)
    notice = Notice(
        Subject(SubjectKind.HONOUR, row.id),
        row.unit_id,
        Reach.BRANCH,
        f"拟授予“{row.title}”",
        (Line(row.person_id, f"拟授予“{row.title}”"),),
        row.reason,
        makers=frozenset({row.maker_id}),
    )
    publicity.publish(notice, by_id, shown_url, now)
    audit.record(by_id, "honour.approval", "honour", honour_id, title=row.title)
    notify(row.maker_id, f"您推荐的“{row.title}”同意了，开始公示", url_of(honour_id))


def refuse(honour_id: int, by_id: int, answer: str, url_of: Address, now: datetime) -> None:
    row = _locked(honour_id)
    _check(by_id, row.maker_id, row.person_id)
    _decide(row, by_id, Verdict.REFUSED, answer, now)
    audit.record(by_id, "honour.refusal", "honour", honour_id, title=row.title)
    notify(row.maker_id, f"您推荐的“{row.title}”没有同意，请看原因", url_of(honour_id))


def withdraw(honour_id: int, maker_id: int, now: datetime) -> None:
    """Its maker takes it back before anybody has decided."""
    row = _locked(honour_id)
    if row.maker_id != maker_id:
        raise NotFound
    _decide(row, maker_id, Verdict.WITHDRAWN, "", now)
    audit.record(maker_id, "honour.withdrawal", "honour", honour_id, title=row.title)


def settle(honour_id: int, own_url: str, url_of: Address, now: datetime, by_id: int | None = None) -> State:
    """The publicity has ended and every objection is answered: granted, or stopped by an objection that was upheld.

    Settling again changes nothing. Raises Conflict while it is publicised or an objection is open, Refused for the person. What it
    comes to.
    """
    row, today = _locked(honour_id), local_date(now)
    if by_id == row.person_id:
        raise Refused("这说的是您自己，要由另一位来办。")
    if row.ended_at is not None:
        return row.state(today)
    if row.shown is None:
        raise Conflict("还没有公示，不能授予。")
    publicity.conclude(row.shown.id, now, by_id)
    ending = update(Honour).where(Honour.id == honour_id)
    if row.shown.upheld:
        db.session.execute(ending.values(ended_at=now))
        audit.record(by_id, "honour.objection_upheld", "honour", honour_id, title=row.title)
        notify(row.maker_id, f"您推荐的“{row.title}”有异议成立，没有授予", url_of(honour_id))
        return State.STOPPED
    db.session.execute(ending.values(ended_at=now, granted_on=today))
    _give_points(row, now)
    audit.record(by_id, "honour.grant", "honour", honour_id, title=row.title)
    notify(row.person_id, f"公示期满，授予您“{row.title}”，{full_day(today)}", own_url)
    notify(row.maker_id, f"您推荐的“{row.title}”公示期满，已授予", url_of(honour_id))
    return State.GRANTED


def _give_points(row: HonourRow, now: datetime) -> None:
    kind = queries.kind(row.kind_id)
    if kind is None or kind.scheme_kind is None or kind.rule_code is None or row.decider_id is None:
        return
    occasion = Occasion(
        person_id=row.person_id,
        scheme_kind=kind.scheme_kind,
        rule_code=kind.rule_code,
        happened_on=local_date(now),
        source_kind=SourceKind.HONOUR,
        source_id=row.id,
        organising_unit_id=row.unit_id,
        made_by_id=row.maker_id,
        approved_by_id=row.decider_id,
        reason=f"授予“{row.title}”",
    )
    occasions.give([occasion], now)


def ask_revocation(honour_id: int, reason: str, maker_id: int, url_of: Address, now: datetime) -> int:
    """Ask that a granted honour be taken back; another decides. Raises Conflict where it does not stand, or is asked already."""
    row = _locked(honour_id)
    if row.person_id == maker_id:
        raise Refused("这是您自己的荣誉，要由另一位来办。")
    if row.state(local_date(now)) is not State.GRANTED:
        raise Conflict("这项荣誉没有授予，或已经撤销了。")
    others = deciders(row.unit_id, Action.HONOUR_GIVE, local_date(now), {maker_id, row.person_id})
    if not others:
        raise Invalid({"reason": NOBODY})
    values = {"honour_id": honour_id, "person_id": row.record_id, "reason": reason, "made_by_id": maker_id, "made_at": now, "answer": ""}
    adding = upsert(HonourRevocation.__table__).values(**values).on_conflict_do_nothing().returning(HonourRevocation.id)
    made = db.session.execute(adding).scalar_one_or_none()
    if made is None:
        raise Conflict("已经有人提出撤销，等另一位定。")
    audit.record(maker_id, "honour.revocation_request", "honour", honour_id, title=row.title)
    _tell(others, f"有人提出撤销“{row.title}”，等您定", url_of(honour_id))
    return int(made)


def decide_revocation(revocation_id: int, by_id: int, verdict: Verdict, answer: str, own_url: str, now: datetime) -> None:
    """Approved, the honour stands no more and its points are reversed; it stays on record with the reason."""
    asked, row = _revocation(revocation_id)
    _locked(row.id)
    _check(by_id, asked.maker_id, row.person_id)
    deciding = update(HonourRevocation).where(HonourRevocation.id == revocation_id, HonourRevocation.decided_at.is_(None))
    values = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer}
    if db.session.execute(deciding.values(**values).returning(HonourRevocation.id)).scalar_one_or_none() is None:
        raise Conflict("已经由另一位定了。")
    if verdict is not Verdict.APPROVED:
        audit.record(by_id, "honour.revocation_refusal", "honour", row.id, title=row.title)
        return
    db.session.execute(update(Honour).where(Honour.id == row.id).values(revoked_on=local_date(now)))
    reason = f"撤销“{row.title}”：{asked.reason}"[:200]
    crediting.reverse(SourceKind.HONOUR, [row.id], reason, now, made_by_id=asked.maker_id, approved_by_id=by_id)
    audit.record(by_id, "honour.revocation", "honour", row.id, title=row.title)
    notify(row.person_id, f"您的“{row.title}”撤销了：{asked.reason}", own_url)


def _revocation(revocation_id: int) -> tuple[RevocationRow, HonourRow]:
    writing()
    found = queries.revocation_of(revocation_id)
    if found is None:
        raise NotFound
    return found


def agree(honour_id: int, person_id: int, now: datetime, *, public: bool) -> None:
    """Their own yes, or no longer, to this honour on the public page. Saying the same again changes nothing."""
    row = _locked(honour_id)
    if row.person_id != person_id or row.granted_on is None:
        raise NotFound
    if public and row.reach is not Reach.PUBLIC:
        raise Refused("这项荣誉不在网上公开。")
    stands = HonourConsent.honour_id == honour_id, HonourConsent.withdrawn_at.is_(None)
    if public and row.agreed_at is None:
        db.session.execute(insert(HonourConsent).values(honour_id=honour_id, given_at=now))
        audit.record(person_id, "consent", "honour", honour_id, title=row.title)
    elif not public and row.agreed_at is not None:
        db.session.execute(update(HonourConsent).where(*stands).values(withdrawn_at=now))
        audit.record(person_id, "consent.withdrawal", "honour", honour_id, title=row.title)
