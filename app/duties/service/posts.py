"""Posts: created, changed, closed; their terms: begun, handed over, ended. Called inside a write transaction.

Whoever changes a post or its terms takes the post's row first, so two people at once queue up; the checks on the table, kept by
triggers, have the last word about seats.
"""

from datetime import date, datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, is_sqlite, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound
from app.core.words import full_day
from app.duties import queries
from app.duties.models import Post, PostTerm
from app.duties.queries import PostRow, TermRow
from app.duties.rules import HEADS, PostDraft, most_at_once
from app.people import service as people
from app.worklist.service import notify, notify_all

MINE = "/me/duties"


def create_post(unit_id: int, draft: PostDraft, by_id: int, now: datetime) -> int:
    """Raises Invalid where the unit has an open post of the same kind, title and place."""
    writing()
    adding = upsert(Post.__table__).values(
        unit_id=unit_id,
        kind=draft.kind,
        title=draft.title,
        duties=draft.duties,
        seats=draft.seats,
        place_id=draft.place_id,
        opened_on=local_date(now),
    )
    made = db.session.execute(adding.on_conflict_do_nothing().returning(Post.id)).scalar_one_or_none()
    if made is None:
        raise Invalid({"title": f"这里已经有“{draft.title}”了"})
    audit.record(by_id, "post", "post", made, unit=unit_id, kind=draft.kind.value, title=draft.title, seats=draft.seats)
    return int(made)


def _locked(post_id: int) -> PostRow:
    """The open post, its row taken. Raises NotFound, or Conflict when it was closed."""
    writing()
    if not is_sqlite():
        db.session.execute(select(Post.id).where(Post.id == post_id).with_for_update())
    found = queries.post(post_id)
    if found is None:
        raise NotFound
    if found.closed_on:
        raise Conflict("这个岗位已经撤销了。")
    return found


def revise_post(post_id: int, draft: PostDraft, by_id: int) -> None:
    """Title, duties, seats and place; the kind stays. Raises Invalid for fewer seats than holders or a title that is taken."""
    before = _locked(post_id)
    if draft.seats < before.held:
        raise Invalid({"seats": f"现在有 {before.held} 人在岗，名额不能少于这个数"})
    twin = select(Post.id).where(
        Post.unit_id == before.unit_id,
        Post.kind == before.kind,
        Post.title == draft.title,
        Post.place_id.is_not_distinct_from(draft.place_id),
        Post.closed_on.is_(None),
        Post.id != post_id,
    )
    if db.session.scalar(twin) is not None:
        raise Invalid({"title": f"这里已经有“{draft.title}”了"})
    after = {"title": draft.title, "duties": draft.duties, "seats": draft.seats, "place_id": draft.place_id}
    was = {"title": before.title, "duties": before.duties, "seats": before.seats, "place_id": before.place_id}
    if after != was:
        db.session.execute(update(Post).where(Post.id == post_id).values(**after))
        audit.record(by_id, "post.revision", "post", post_id, before=was, after=after)


def close_post(post_id: int, by_id: int, now: datetime) -> int:
    """撤销: the terms that are open end today, their holders are told. Returns how many there were."""
    post, today = _locked(post_id), local_date(now)
    holding = queries.holders([post_id]).get(post_id, [])
    for one in holding:
        _close(one, today, "岗位撤销", by_id, "post_term.end")
    db.session.execute(update(Post).where(Post.id == post_id).values(closed_on=today))
    audit.record(by_id, "post.closing", "post", post_id, title=post.title, holders=len(holding))
    notify_all({one.person_id: f"“{post.title}”这个岗位撤销了，谢谢您这一任" for one in holding}, MINE)
    return len(holding)


def appoint(post_id: int, person_id: int, since: date, due_on: date | None, by_id: int, now: datetime) -> int:
    """Somebody begins to hold a post, today or on a day before; returns the term's id.

    Raises Invalid for whom it can not be given to, Conflict when no seat is free from that day on.
    """
    people.lock_person(person_id)
    post = _locked(post_id)
    _check(post, person_id, since, due_on, local_date(now))
    if most_at_once(queries.spans_of(post_id), since) >= post.seats:
        seats = "只有一个名额" if post.seats == 1 else f"的 {post.seats} 个名额"
        raise Conflict(f"“{post.title}”{seats}，{full_day(since)}起已经有人了。要换人请用交接。")
    made = _begin(post, person_id, since, due_on, by_id, now)
    audit.record(by_id, "post_term", "post", post_id, term=made, person=person_id, since=since.isoformat())
    notify(person_id, f"您担任了“{post.title}”（{post.unit_name}）", MINE)
    return made


def hand_over(term_id: int, person_id: int, due_on: date | None, note: str, by_id: int, now: datetime) -> int:
    """One step: this term ends today, the successor's begins today. Returns the new term's id."""
    writing()
    people.lock_persons([person_id])
    term = _open_term(term_id)
    post, today = _locked(term.post_id), local_date(now)
    term = _open_term(term_id)
    if person_id == term.person_id:
        raise Invalid({"name": "接任的要是另一位"})
    _check(post, person_id, today, due_on, today)
    _close(term, today, note, by_id, "post_term.end")
    made = _begin(post, person_id, today, due_on, by_id, now)
    audit.record(by_id, "post_term.handover", "post", post.id, of=term_id, term=made, person=person_id)
    notify(term.person_id, f"“{post.title}”已交接给下一任，谢谢您这一任", MINE)
    notify(person_id, f"您接任了“{post.title}”（{post.unit_name}）", MINE)
    return made


def end_term(term_id: int, note: str, by_id: int, now: datetime) -> None:
    """卸任, today, with nobody after. Raises Conflict when it has ended before."""
    writing()
    post = _locked(_open_term(term_id).post_id)
    term = _open_term(term_id)
    _close(term, local_date(now), note, by_id, "post_term.end")
    notify(term.person_id, f"您卸任了“{post.title}”，谢谢您这一任", MINE)


def extend_term(term_id: int, due_on: date, by_id: int, now: datetime) -> None:
    """续任 until another day; its end will be told anew."""
    writing()
    post = _locked(_open_term(term_id).post_id)
    term = _open_term(term_id)
    if due_on <= local_date(now):
        raise Invalid({"due": "任期要到今天以后"})
    db.session.execute(update(PostTerm).where(PostTerm.id == term_id).values(due_on=due_on, noticed_on=None))
    before = term.due_on.isoformat() if term.due_on else None
    audit.record(by_id, "post_term.extension", "post", post.id, term=term_id, before=before, after=due_on.isoformat())
    notify(term.person_id, f"“{post.title}”续任到 {due_on.year}年{due_on.month}月{due_on.day}日", MINE)


def tell_holders(now: datetime) -> int:
    """Tell everybody whose term ends within 30 days, once a term. For a command that runs daily; returns how many."""
    writing()
    today = local_date(now)
    found = queries.untold(today)
    for one in found:
        words = f"{one.due_on.month}月{one.due_on.day}日"
        notify(
            one.person_id,
            f"“{one.title}”的任期{'在 ' + words + ' 满了' if one.due_on < today else '到 ' + words + ' 满'}，支部会和您商量续任或交接",
            MINE,
        )
    ids = [one.term_id for one in found]
    db.session.execute(update(PostTerm).where(PostTerm.id.in_(ids)).values(noticed_on=today))
    return len(found)


def _open_term(term_id: int) -> TermRow:
    term = queries.term(term_id)
    if term is None:
        raise NotFound
    if term.ended:
        raise Conflict(f"{term.name}这一任已经结束了。")
    return term


def _check(post: PostRow, person_id: int, since: date, due_on: date | None, today: date) -> None:
    """Raises Invalid with the field that is wrong."""
    if since > today:
        raise Invalid({"since": "还没到这一天，请到那天再办"})
    if due_on is not None and due_on <= today:
        raise Invalid({"due": "任期要到今天以后"})
    if not queries.may_hold(post.kind, post.unit_id, person_id, today):
        raise Invalid({"name": "还没有核实这位是谁" if post.kind in HEADS else f"党员岗位要由“{post.unit_name}”的成员担任"})
    if any(one.person_id == person_id for one in queries.holders([post.id]).get(post.id, [])):
        raise Invalid({"name": "这位已经在岗了"})


def _begin(post: PostRow, person_id: int, since: date, due_on: date | None, by_id: int, now: datetime) -> int:
    if since < post.opened_on:  # a post that was there before it was recorded here
        db.session.execute(update(Post).where(Post.id == post.id).values(opened_on=since))
    values = {"post_id": post.id, "person_id": person_id, "valid_from": since, "due_on": due_on, "made_by_id": by_id, "made_at": now}
    return int(db.session.execute(insert(PostTerm).values(**values).returning(PostTerm.id)).scalar_one())


def _close(term: TermRow, day: date, note: str, by_id: int, action: str) -> None:
    db.session.execute(update(PostTerm).where(PostTerm.id == term.id).values(valid_to=day, handover_note=note))
    audit.record(by_id, action, "post", term.post_id, term=term.id, person=term.person_id, note=note)
