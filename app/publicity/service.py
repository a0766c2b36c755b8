"""Putting up a 公示, objecting, answering, concluding. Each is called inside a write transaction.

What another feature does: `publish`, then `standing`/`settled` of queries as often as it likes, then `conclude` in the transaction in
which it acts on the outcome: from there on no objection can come. An upheld objection is its own affair: `withdraw`, or act on it.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.accounts.deciders import Decider, deciders, nearest
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Action
from app.core.words import full_day
from app.core.workdays import Holidays, working_days_after
from app.publicity import queries
from app.publicity.models import Objection, Publicity, PublicityLine, PublicityMaker
from app.publicity.queries import ObjectionRow, PublicityRow
from app.publicity.rules import (
    VERDICT_NAMES,
    Days,
    Notice,
    Said,
    State,
    Subject,
    SubjectKind,
    Verdict,
    answer_fault,
    keyed_until,
    last_day,
)
from app.settings import queries as settings
from app.settings import service as settings_service
from app.worklist.service import notify, notify_all


def publish(notice: Notice, by_id: int, url_of: Callable[[int], str], now: datetime) -> int:
    """Put it up from today for the days that the local rule says; returns its id. Whoever stands in it is told, with `url_of(id)`.

    Raises Conflict when the same thing is publicised already, or its last day lies in a year whose holidays nobody has written down.
    What tells that somebody is a party member must not be Reach.PUBLIC.
    """
    writing()
    if notice.subject.id in queries.standing(notice.subject.kind, [notice.subject.id]):
        raise Conflict("这一件已经在公示了，不用再公示一次。")
    if not notice.lines and notice.subject.kind is not SubjectKind.PROJECT:
        raise Invalid({"lines": "名单是空的，没有可以公示的人"})
    starts_on = local_date(now)
    ends_on = _last_day(starts_on)
    publicity_id: int = db.session.execute(
        insert(Publicity)
        .values(
            subject_kind=notice.subject.kind,
            subject_id=notice.subject.id,
            unit_id=notice.unit_id,
            reach=notice.reach,
            title=notice.title,
            words=notice.words,
            phone=notice.phone,
            place=notice.place,
            people=len(notice.lines),
            starts_on=starts_on,
            ends_on=ends_on,
            published_at=now,
            published_by_id=by_id,
            reason="",
        )
        .returning(Publicity.id)
    ).scalar_one()
    lines = [
        {"publicity_id": publicity_id, "person_id": line.person_id, "seq": seq, "words": line.words}
        for seq, line in enumerate(notice.lines, 1)
    ]
    if lines:
        db.session.execute(insert(PublicityLine), lines)
    makers = [{"publicity_id": publicity_id, "person_id": one} for one in sorted({*notice.makers, by_id})]
    db.session.execute(insert(PublicityMaker), makers)
    audit.record(by_id, "publicity", "publicity", publicity_id, title=notice.title, unit=notice.unit_id, members=len(notice.lines))
    said = f"“{notice.title}”开始公示，到{full_day(ends_on)}，里面有您。可以看，也可以提异议"
    notify_all({line.person_id: said for line in notice.lines if line.person_id != by_id}, url_of(publicity_id))
    return publicity_id


def _last_day(starts_on: date) -> date:
    holidays = settings.holidays()
    ends_on = last_day(starts_on, queries.days().shown, holidays)
    if year := holidays.unknown(starts_on, ends_on):
        raise Conflict(f"{year}年的放假安排还没有录，算不出公示到哪天。请街道管理员在“公示和工作日”里补上，再来公示。")
    return ends_on


def locked(publicity_id: int) -> PublicityRow:
    """The row, locked, so that an objection comes either before a conclusion or not at all."""
    writing()
    db.session.execute(select(Publicity.id).where(Publicity.id == publicity_id).with_for_update())
    row = queries.publicity(publicity_id)
    if row is None:
        raise NotFound
    return row


def conclude(publicity_id: int, now: datetime, by_id: int | None = None) -> PublicityRow:
    """It has ended and every objection is answered: no more can come. Doing it again changes nothing. Raises Conflict before that."""
    row, today = locked(publicity_id), local_date(now)
    state = row.state(today)
    if state is State.CONCLUDED:
        return row
    if state is State.RUNNING:
        raise Conflict(f"还在公示，到{full_day(row.ends_on)}。")
    if state is State.HEARING:
        raise Conflict(f"还有 {row.open} 条异议没有答复，答复以后再办。")
    if state is State.WITHDRAWN:
        raise Conflict("这次公示已经撤回了。")
    db.session.execute(update(Publicity).where(Publicity.id == publicity_id).values(concluded_on=today))
    audit.record(by_id, "publicity.conclusion", "publicity", publicity_id, title=row.title)
    return row


def withdraw(publicity_id: int, by_id: int, reason: str, now: datetime) -> None:
    """Taken down with a reason, so that another can be put up. Objections that are open still get their answer."""
    row = locked(publicity_id)
    if row.withdrawn_at is not None:
        return
    if row.concluded_on is not None:
        raise Conflict("公示已经结束，不能再撤回。")
    if not reason:
        raise Invalid({"reason": "请写明为什么撤回"})
    taken = update(Publicity).where(Publicity.id == publicity_id)
    db.session.execute(taken.values(withdrawn_at=now, withdrawn_by_id=by_id, reason=reason))
    audit.record(by_id, "publicity.withdrawal", "publicity", publicity_id, title=row.title)


def withdraw_subject(subject: Subject, by_id: int, reason: str, now: datetime) -> None:
    """`withdraw` whatever stands of a thing; nothing where nothing does."""
    row = queries.standing(subject.kind, [subject.id]).get(subject.id)
    if row:
        withdraw(row.id, by_id, reason, now)


def object_to(publicity_id: int, said: Said, keyed_by_id: int | None, work_url: str, now: datetime) -> int:
    """Record an objection; returns its id. Those who are to answer are told. The same said again by the same person is the one there is.

    `said.received_on` None is today; what came on paper on the last day may be keyed in for some working days, until it is concluded.
    Raises Conflict afterwards, Invalid where the day does not lie in it, or nobody could answer.
    """
    row, today, rule, holidays = locked(publicity_id), local_date(now), queries.days(), settings.holidays()
    received = said.received_on or today
    if row.withdrawn_at is not None or row.concluded_on is not None:
        raise Conflict("这次公示已经结束，不能再提异议。有情况请直接找组织反映。")
    if keyed_by_id is None and today > row.ends_on:
        raise Conflict(f"公示到{full_day(row.ends_on)}为止，已经过了。有情况请直接找组织反映。")
    if today > (until := keyed_until(row.ends_on, rule.acknowledge, holidays)):
        raise Conflict(f"公示到{full_day(row.ends_on)}为止，{full_day(until)}以后不再补登。有情况请直接找组织反映。")
    if not row.starts_on <= received <= min(row.ends_on, today):
        raise Invalid({"received_on": f"要在公示的日子里：{full_day(row.starts_on)}到{full_day(min(row.ends_on, today))}"})
    if said.about_id is not None and said.about_id not in {line.person_id for line in queries.lines(publicity_id)}:
        raise Invalid({"about": "名单里没有这个人"})
    if said.by_id is not None and (known := _said_before(publicity_id, said)):
        return known
    objection_id: int = db.session.execute(
        insert(Objection)
        .values(
            publicity_id=publicity_id,
            unit_id=row.unit_id,
            about_id=said.about_id,
            way=said.way,
            by_id=said.by_id,
            by_name=said.by_name,
            by_phone=said.by_phone,
            said=said.words,
            received_on=received,
            received_at=now,
            keyed_by_id=keyed_by_id,
            acknowledge_by=working_days_after(received, rule.acknowledge, holidays),
            answer_by=working_days_after(received, rule.answer, holidays),
            answer="",
        )
        .returning(Objection.id)
    ).scalar_one()
    audit.record(keyed_by_id or said.by_id, "objection", "objection", objection_id, title=row.title)
    _tell_answerers(objection_id, row, today, work_url)
    return objection_id


def _said_before(publicity_id: int, said: Said) -> int | None:
    same = select(Objection.id).where(
        Objection.publicity_id == publicity_id, Objection.by_id == said.by_id, Objection.said == said.words, Objection.answered_at.is_(None)
    )
    about = Objection.about_id.is_(None) if said.about_id is None else Objection.about_id == said.about_id
    return db.session.scalar(same.where(about).limit(1))


def answerers(row: ObjectionRow, day: date) -> list[str]:
    """The names of those whose turn it is."""
    return [one.name for one in nearest(_others(row, day))]


def _others(row: ObjectionRow, day: date) -> list[Decider]:
    aside = {one for one in (row.by_id, row.keyed_by_id) if one is not None} | queries.concerned(row) | queries.makers(row.publicity_id)
    return deciders(row.unit_id, Action.DISPUTE_ANSWER, day, aside)


def _tell_answerers(objection_id: int, row: PublicityRow, today: date, work_url: str) -> None:
    objection = queries.objection(objection_id)
    others = _others(objection, today) if objection else []
    if not others:
        raise Invalid({"said": "还没有人能答复这条异议：管这里的人要么在名单里，要么经手过。请找街道管理员"})
    notify_all({one.person_id: f"“{row.title}”收到一条异议，等您答复" for one in nearest(others)}, work_url)


def acknowledge(objection_id: int, by_id: int, own_url: str, now: datetime) -> None:
    """收到了: it is looked into. Whoever objected is told. Doing it again changes nothing."""
    row = _answerable(objection_id, by_id)
    if row.acknowledged_at is None:
        got = update(Objection).where(Objection.id == objection_id, Objection.acknowledged_at.is_(None))
        db.session.execute(got.values(acknowledged_at=now, acknowledged_by_id=by_id))
        audit.record(by_id, "objection.acknowledgement", "objection", objection_id, title=row.title)
        if row.by_id is not None:
            notify(row.by_id, f"您对“{row.title}”的异议收到了，{full_day(row.answer_by)}以前答复您", own_url)


Follow = Callable[[PublicityRow, ObjectionRow, str, int, datetime], None]  # …, the answer, who gave it, when
_following: dict[SubjectKind, Follow] = {}


def when_upheld(kind: SubjectKind, follow: Follow) -> None:
    """What a feature does about its own things in the transaction in which an objection to one of them is found right."""
    _following[kind] = follow


def answer(objection_id: int, by_id: int, verdict: Verdict, words: str, own_url: str, now: datetime) -> None:
    """Once, in words, by somebody else than who objected, keyed it in, is concerned, or had a hand in what is publicised.

    Whoever objected and whoever published are told. Raises Refused for those, Conflict when somebody has answered meanwhile. That the
    answerer may decide for this unit, the caller sees to.
    """
    row = _answerable(objection_id, by_id)
    if row.answered_at is not None:
        raise Conflict(f"这条已经答复了，{row.answerer_name}答复的。")
    values = {"answered_at": now, "answered_by_id": by_id, "verdict": verdict, "answer": words}
    if row.acknowledged_at is None:
        values |= {"acknowledged_at": now, "acknowledged_by_id": by_id}
    db.session.execute(update(Objection).where(Objection.id == objection_id, Objection.answered_at.is_(None)).values(**values))
    audit.record(by_id, "objection.answer", "objection", objection_id, title=row.title, verdict=verdict)
    if row.by_id is not None:
        notify(row.by_id, f"您对“{row.title}”的异议有答复了", own_url)
    shown = queries.publicity(row.publicity_id)
    if shown and verdict is Verdict.UPHELD and (follow := _following.get(shown.subject_kind)):
        follow(shown, row, words, by_id, now)
    if shown and shown.publisher_id not in {by_id, row.by_id}:
        notify(shown.publisher_id, f"“{row.title}”的一条异议答复了：{VERDICT_NAMES[verdict]}", own_url)


def _answerable(objection_id: int, by_id: int) -> ObjectionRow:
    """The objection, its publicity locked (always first), so that two answers queue up."""
    writing()
    publicity_id = db.session.scalar(select(Objection.publicity_id).where(Objection.id == objection_id))
    if publicity_id is None:
        raise NotFound
    locked(publicity_id)
    row = queries.objection(objection_id)
    if row is None:
        raise NotFound
    if fault := answer_fault(by_id, row.by_id, row.keyed_by_id, queries.concerned(row), queries.makers(row.publicity_id)):
        raise Refused(f"{fault}。")
    return row


def set_days(rule: Days, by_id: int, now: datetime) -> None:
    value = {"shown": rule.shown, "acknowledge": rule.acknowledge, "answer": rule.answer}
    settings_service.put(queries.SETTING, value, by_id, now)


def set_holidays(off: Collection[date], worked: Collection[date], by_id: int, now: datetime) -> None:
    settings_service.put(settings.HOLIDAYS, Holidays(frozenset(off), frozenset(worked)).stored(), by_id, now)
