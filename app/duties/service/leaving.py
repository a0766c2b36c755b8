"""Posts and household contacts of somebody who leaves a branch: they end with the transfer, unless who transfers lets them stand."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Date, case, literal, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.words import full_day
from app.duties.models import HouseholdContact, Post, PostTerm
from app.people import service as people
from app.people.models import Place, Unit
from app.people.service import Held, Holding, Leaving
from app.worklist.service import notify

MINE = "/me/duties"
NOTE = "组织关系转走"


def _posts_in(person_id: int, unit_ids: Collection[int], _day: date) -> list[Held]:
    held = (
        select(PostTerm.id, Post.title, Unit.name, PostTerm.valid_from, PostTerm.due_on)
        .join(Post, Post.id == PostTerm.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(PostTerm.person_id == person_id, PostTerm.valid_to.is_(None), Post.unit_id.in_(unit_ids))
        .order_by(PostTerm.id)
    )
    return [
        Held(f"term-{row.id}", row.id, row.title, _since(row.name, row.valid_from, row.due_on), may_stay=True)
        for row in db.session.execute(held)
    ]


def _since(where: str, since: date, due_on: date | None) -> str:
    return f"{where}，{full_day(since)}起{f'，任期到 {full_day(due_on)}' if due_on else ''}"


def _end_terms(leaving: Leaving, term_ids: Collection[int]) -> None:
    """Posts before terms, each in ascending order, as everywhere."""
    posts = select(PostTerm.post_id).where(PostTerm.id.in_(term_ids))
    db.session.execute(select(Post.id).where(Post.id.in_(posts)).order_by(Post.id).with_for_update())
    last = case((PostTerm.valid_from > leaving.on, PostTerm.valid_from), else_=literal(leaving.on, Date))
    ending = update(PostTerm).where(PostTerm.id.in_(term_ids), PostTerm.valid_to.is_(None)).values(valid_to=last, handover_note=NOTE)
    rows = db.session.execute(ending.returning(PostTerm.id, PostTerm.post_id), execution_options={"synchronize_session": False}).all()
    audit.record_all(
        leaving.by_id,
        [("post_term.end", "post", row.post_id, {"term": row.id, "person": leaving.person_id, "note": NOTE}) for row in rows],
    )
    titles = db.session.scalars(select(Post.title).where(Post.id.in_([row.post_id for row in rows])).order_by(Post.id))
    if rows:
        notify(leaving.person_id, f"您的组织关系转走了，{'、'.join(f'“{title}”' for title in titles)[:120]}同时卸任，谢谢您这一任", MINE)


def _contacts_of(person_id: int, _unit_ids: Collection[int], _day: date) -> list[Held]:
    """All of them: a household belongs to no branch, but it was the branch that asked."""
    contact = HouseholdContact
    held = (
        select(contact.id, contact.household, Place.name, contact.valid_from)
        .join(Place, Place.id == contact.place_id)
        .where(contact.person_id == person_id, contact.valid_to.is_(None))
        .order_by(contact.id)
    )
    return [
        Held(f"contact-{row.id}", row.id, f"户联系：{row.household}", _since(row.name, row.valid_from, None), may_stay=True)
        for row in db.session.execute(held)
    ]


def _end_contacts(leaving: Leaving, contact_ids: Collection[int]) -> None:
    contact = HouseholdContact
    last = case((contact.valid_from > leaving.on, contact.valid_from), else_=literal(leaving.on, Date))
    ending = update(contact).where(contact.id.in_(contact_ids), contact.valid_to.is_(None)).values(valid_to=last)
    ids = db.session.scalars(ending.returning(contact.id), execution_options={"synchronize_session": False}).all()
    audit.record_all(leaving.by_id, [("household_contact.end", "person", leaving.person_id, {"contact": one}) for one in sorted(ids)])


people.when_leaving(Holding("term", _posts_in, _end_terms))
people.when_leaving(Holding("contact", _contacts_of, _end_contacts))
