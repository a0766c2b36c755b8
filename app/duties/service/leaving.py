"""Posts and household contacts of somebody who leaves a branch: they end with the transfer, unless who transfers lets them stand."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Date, Update, case, literal, or_, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.words import full_day
from app.duties.models import HouseholdContact, Post, PostTerm
from app.people.models import Place, Unit
from app.people.service.leaving import Held, Holding, Leaving, People, when_leaving
from app.worklist.service import notify_all

MINE = "/me/duties"
NOTE = "组织关系转走"


def _posts_of(persons: People, _day: date) -> list[Held]:
    held = (
        select(PostTerm.id, PostTerm.person_id, Post.unit_id, Post.title, Unit.name, PostTerm.valid_from, PostTerm.due_on)
        .join(Post, Post.id == PostTerm.post_id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(PostTerm.person_id.in_(persons), PostTerm.valid_to.is_(None))
        .order_by(PostTerm.id)
    )
    return [
        Held("term", row.id, row.person_id, row.unit_id, None, row.title, _since(row.name, row.valid_from, row.due_on), may_stay=True)
        for row in db.session.execute(held)
    ]


def _since(where: str, since: date, due_on: date | None) -> str:
    return f"{where}，{full_day(since)}起{f'，任期到 {full_day(due_on)}' if due_on else ''}"


def _end_terms(leaving: Leaving, term_ids: Collection[int]) -> None:
    last = case((PostTerm.valid_from > leaving.on, PostTerm.valid_from), else_=literal(leaving.on, Date))
    ending = update(PostTerm).where(PostTerm.id.in_(term_ids), PostTerm.valid_to.is_(None)).values(valid_to=last, handover_note=NOTE)
    titles = _told(term_ids, ending, "post_term.end", leaving)
    notify_all({who: f"您的组织关系转走了，{_listed(names)}同时卸任，谢谢您这一任" for who, names in titles.items()}, MINE)


def _give_terms_back(leaving: Leaving, until: Mapping[int, date | None]) -> int:
    """The database refuses a seat that somebody else has by now."""
    untouched = or_(PostTerm.valid_to == leaving.on, PostTerm.valid_to == PostTerm.valid_from)
    reopening = update(PostTerm).where(PostTerm.id.in_(until), untouched, PostTerm.handover_note == NOTE)
    titles = _told(until, reopening.values(valid_to=None, handover_note=""), "post_term.end_undo", leaving)
    notify_all({who: f"组织关系的改动退回了，{_listed(names)}您接着任" for who, names in titles.items()}, MINE)
    return sum(len(names) for names in titles.values())


def _told(term_ids: Collection[int], change: Update, action: str, leaving: Leaving) -> dict[int, list[str]]:
    """Posts before terms, each in ascending order, as everywhere. The titles by person, in the order of the posts."""
    posts = select(PostTerm.post_id).where(PostTerm.id.in_(term_ids))
    locked = db.session.execute(select(Post.id, Post.title).where(Post.id.in_(posts)).order_by(Post.id).with_for_update())
    names: dict[int, str] = dict(locked.all())
    returning = change.returning(PostTerm.id, PostTerm.post_id, PostTerm.person_id)
    rows = db.session.execute(returning, execution_options={"synchronize_session": False}).all()
    audit.record_all(
        leaving.by_id, [(action, "post", row.post_id, {"term": row.id, "person": row.person_id, "note": NOTE}) for row in rows]
    )
    titles: dict[int, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.post_id):
        titles.setdefault(row.person_id, []).append(names[row.post_id])
    return titles


def _listed(titles: Collection[str]) -> str:
    return "、".join(f"“{title}”" for title in titles)[:120]


def _contacts_of(persons: People, _day: date) -> list[Held]:
    """All of them: a household belongs to no branch, but it was the branch that asked."""
    contact = HouseholdContact
    held = (
        select(contact.id, contact.person_id, contact.household, Place.name, contact.valid_from)
        .join(Place, Place.id == contact.place_id)
        .where(contact.person_id.in_(persons), contact.valid_to.is_(None))
        .order_by(contact.id)
    )
    return [
        Held(
            "contact", row.id, row.person_id, None, None, f"户联系：{row.household}", _since(row.name, row.valid_from, None), may_stay=True
        )
        for row in db.session.execute(held)
    ]


def _end_contacts(leaving: Leaving, contact_ids: Collection[int]) -> None:
    contact = HouseholdContact
    last = case((contact.valid_from > leaving.on, contact.valid_from), else_=literal(leaving.on, Date))
    ending = update(contact).where(contact.id.in_(contact_ids), contact.valid_to.is_(None)).values(valid_to=last)
    _kept_of_contacts(ending, "household_contact.end", leaving)


def _give_contacts_back(leaving: Leaving, until: Mapping[int, date | None]) -> int:
    contact = HouseholdContact
    untouched = or_(contact.valid_to == leaving.on, contact.valid_to == contact.valid_from)
    reopening = update(contact).where(contact.id.in_(until), untouched).values(valid_to=None)
    return _kept_of_contacts(reopening, "household_contact.end_undo", leaving)


def _kept_of_contacts(change: Update, action: str, leaving: Leaving) -> int:
    returning = change.returning(HouseholdContact.id, HouseholdContact.person_id)
    rows = db.session.execute(returning, execution_options={"synchronize_session": False}).all()
    audit.record_all(leaving.by_id, [(action, "person", row.person_id, {"contact": row.id}) for row in sorted(rows)])
    return len(rows)


when_leaving(Holding("term", _posts_of, _end_terms, _give_terms_back))
when_leaving(Holding("contact", _contacts_of, _end_contacts, _give_contacts_back))
