"""Versions of the rule: copied, edited while they are drafts, put into force by two people."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select, update

from app.accounts.deciders import deciders
from app.audit import service as audit
from app.core import trace
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.people.queries import root_unit
from app.requirements import queries
from app.requirements.models import Requirement, RequirementChoice, RequirementSet
from app.requirements.queries import ChoiceRow
from app.requirements.rules import ChoiceVerdict, Need, NeedDraft, SetDraft
from app.worklist.service import notify, notify_all

NOT_A_DRAFT = "这一版已经发布过，不会再变。要改，请做一个新版本。"
WAITS = "这一版正在等另一位管理员确认。要改，请先撤回。"


def copy(set_id: int, by_id: int, now: datetime, *, next_version: bool) -> int:
    """A draft with all that a version asks: the next version of it, or the first of a local one. Returns its id."""
    writing()
    source = queries.version(set_id, local_date(now))
    if source is None:
        raise NotFound
    family, number, name = None, 1, f"{source.name}（本地）"
    if next_version:
        family, name = source.family_id, source.name
        newest = select(func.max(RequirementSet.version)).where(
            (RequirementSet.family_id == source.family_id) | (RequirementSet.id == source.family_id)
        )
        number = (db.session.scalar(newest) or 0) + 1
    values = {"name": name[:40], "note": source.note, "family_id": family, "version": number, "based_on_id": set_id}
    adding = insert(RequirementSet).values(code=f"L{trace.new_code(8)}", made_by_id=by_id, made_at=now, **values)
    made: int = db.session.execute(adding.returning(RequirementSet.id)).scalar_one()
    _write_needs(made, queries.needs_of(set_id))
    audit.record(by_id, "requirement_set", "requirement_set", made, version=number)
    return made


def _write_needs(set_id: int, needs: Sequence[Need | NeedDraft]) -> None:
    rows = [
        {
            "set_id": set_id,
            "stage": need.stage,
            "kind": need.kind,
            "minutes_needed": need.minutes_needed,
            "honour_minutes": need.honour_minutes,
            "window_days": need.window_days,
        }
        for need in needs
    ]
    if rows:
        db.session.execute(insert(Requirement), rows)


def revise(set_id: int, draft: SetDraft, by_id: int) -> None:
    """What a draft says and asks. Raises Conflict once it was published, or while somebody is asked to confirm it."""
    _draft(set_id)
    before = {f"{need.stage.value}.{need.kind.value}": need.minutes_needed for need in queries.needs_of(set_id)}
    db.session.execute(update(RequirementSet).where(RequirementSet.id == set_id).values(name=draft.name, note=draft.note))
    db.session.execute(delete(Requirement).where(Requirement.set_id == set_id))
    _write_needs(set_id, draft.needs)
    after = {f"{need.stage.value}.{need.kind.value}": need.minutes_needed for need in draft.needs}
    audit.record(by_id, "requirement_set.revision", "requirement_set", set_id, needs=len(after), was=len(before))


def drop(set_id: int, by_id: int, now: datetime) -> None:
    """A draft that nobody wants leaves the lists."""
    _draft(set_id)
    db.session.execute(update(RequirementSet).where(RequirementSet.id == set_id).values(dropped_at=now))
    audit.record(by_id, "requirement_set.removal", "requirement_set", set_id)


def _draft(set_id: int) -> None:
    """Its row is locked, so that editing and asking queue up."""
    version = _locked(set_id)
    if version.published_at is not None:
        raise Conflict(NOT_A_DRAFT)
    open_choice = select(RequirementChoice.id).where(RequirementChoice.set_id == set_id, RequirementChoice.decided_at.is_(None))
    if db.session.scalar(open_choice) is not None:
        raise Conflict(WAITS)


def _locked(set_id: int) -> RequirementSet:
    writing()
    held = select(RequirementSet).where(RequirementSet.id == set_id, RequirementSet.dropped_at.is_(None)).with_for_update()
    version = db.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if version is None:
        raise NotFound
    return version


def ask_for(set_id: int, valid_from: date, by_id: int, url: str, now: datetime) -> int:
    """That a version hold from a day, for another administrator to confirm; returns the choice's id.

    While one waits, asking again changes nothing. Raises Invalid for a day that is over, for a version that asks nothing, and where
    there is nobody else.
    """
    version, today = _locked(set_id), local_date(now)
    if valid_from < today:
        raise Invalid({"valid_from": "不能早于今天：以前的日子按那时的口径算"})
    if not queries.needs_of(set_id):
        raise Invalid({"valid_from": "这一版什么也没有要求，请先填写至少一项"})
    others = _others(by_id, today)
    if not others:
        raise Invalid({"valid_from": "还没有第二位管理员能确认。请先给另一位同志街道管理员的职责"})
    adding = upsert(RequirementChoice).values(set_id=set_id, valid_from=valid_from, asked_at=now, asked_by_id=by_id, answer="")
    made = db.session.execute(adding.on_conflict_do_nothing().returning(RequirementChoice.id)).scalar_one_or_none()
    if made is None:
        return int(
            db.session.scalars(
                select(RequirementChoice.id).where(RequirementChoice.set_id == set_id, RequirementChoice.decided_at.is_(None))
            ).one()
        )
    audit.record(by_id, "requirement_set.publication_request", "requirement_set", set_id, on=valid_from.isoformat())
    notify_all(dict.fromkeys(others, f"“{version.name}”双50口径等您确认，确认后按它算"), url)
    return int(made)


def _others(but: int, today: date) -> list[int]:
    root = root_unit()
    return [one.person_id for one in deciders(root.id, Action.UNIT_MANAGE, today, {but}) if one.depth == 0] if root else []


def answer_choice(choice_id: int, by_id: int, verdict: ChoiceVerdict, answer: str, url: str, now: datetime) -> ChoiceRow:
    """Confirmed, or returned with a reason, by somebody else than who asked. Who asked is told.

    A confirmed version holds from its day, from today where that is over. Raises Refused for the asker, Conflict when it was decided.
    """
    row = _open(choice_id)
    if row.asked_by_id == by_id:
        raise Refused("这是您自己请求的，要由另一位管理员来确认。")
    version = _locked(row.set_id)
    since = max(row.valid_from, local_date(now))
    if verdict is ChoiceVerdict.CONFIRMED and version.published_at is None:
        db.session.execute(update(RequirementSet).where(RequirementSet.id == row.set_id).values(published_at=now))
    _decide(choice_id, by_id, verdict, answer, now, since if verdict is ChoiceVerdict.CONFIRMED else row.valid_from)
    if verdict is ChoiceVerdict.CONFIRMED:
        audit.record(by_id, "requirement_set.activation", "requirement_set", row.set_id, on=since.isoformat())
    else:
        audit.record(by_id, "requirement_set.return", "requirement_set", row.set_id)
    if row.asked_by_id is not None:
        said = "已确认" if verdict is ChoiceVerdict.CONFIRMED else "退回了，请看原因"
        notify(row.asked_by_id, f"“{row.name}”双50口径{said}", url)
    return row


def take_back_choice(choice_id: int, by_id: int, now: datetime) -> ChoiceRow:
    """Whoever asked asks no more. Raises Refused for anybody else."""
    row = _open(choice_id)
    if row.asked_by_id != by_id:
        raise Refused("是别人请求的，可以退回，不能撤回。")
    _decide(choice_id, by_id, ChoiceVerdict.WITHDRAWN, "", now, row.valid_from)
    audit.record(by_id, "requirement_set.request_withdrawal", "requirement_set", row.set_id)
    return row


def _open(choice_id: int) -> ChoiceRow:
    writing()
    db.session.execute(select(RequirementChoice.id).where(RequirementChoice.id == choice_id).with_for_update())
    row = queries.choice(choice_id)
    if row is None:
        raise NotFound
    if row.decided_at is not None:
        raise Conflict("这一条已经办过了。请再看一遍。")
    return row


def _decide(choice_id: int, by_id: int, verdict: ChoiceVerdict, answer: str, now: datetime, valid_from: date) -> None:
    deciding = update(RequirementChoice).where(RequirementChoice.id == choice_id, RequirementChoice.decided_at.is_(None))
    decided = {"decided_at": now, "decided_by_id": by_id, "verdict": verdict, "answer": answer, "valid_from": valid_from}
    db.session.execute(deciding.values(**decided))
