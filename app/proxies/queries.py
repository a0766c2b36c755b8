"""Reading who acts for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.core.db import db, rows
from app.people import queries as people
from app.people.models import Person, Phone
from app.proxies.models import Proxy, ProxyRequest
from app.proxies.rules import REQUEST_LASTS, Agreement, Answer, Relation


@dataclass(frozen=True)
class Ward:
    """Somebody whom one acts for, and the agreement that says so."""

    person_id: int
    name: str
    relation: Relation
    proxy_row_id: int


_WARDS = (
    select(Proxy.person_id, Person.name, Proxy.relation, Proxy.id)
    .join(Person, Person.id == Proxy.person_id)
    .where(Proxy.proxy_id == bindparam("proxy_id"), Proxy.valid_to.is_(None))
    .order_by(Proxy.id)
)


def wards(proxy_id: int) -> list[Ward]:
    """Whom somebody acts for now, in the order of their agreement; one cheap query, for the gate asks it too."""
    return [Ward(*row) for row in rows(_WARDS, proxy_id=proxy_id)]


def ward(person_id: int, proxy_id: int) -> Ward | None:
    """The ward when `proxy_id` acts for `person_id` now, else None, which callers answer with 404."""
    return next((one for one in wards(proxy_id) if one.person_id == person_id), None)


@dataclass(frozen=True)
class ProxyRow:
    id: int
    person_id: int
    person_name: str
    proxy_id: int
    proxy_name: str
    relation: Relation
    person_agreed: Agreement
    valid_from: datetime


_person, _proxy = aliased(Person), aliased(Person)


def _open() -> Select[*tuple[Any, ...]]:
    return (
        select(Proxy.id, Proxy.person_id, _person.name, Proxy.proxy_id, _proxy.name, Proxy.relation, Proxy.person_agreed, Proxy.valid_from)
        .join(_person, _person.id == Proxy.person_id)
        .join(_proxy, _proxy.id == Proxy.proxy_id)
        .where(Proxy.valid_to.is_(None))
        .order_by(Proxy.id)
    )


def of_person(person_id: int) -> list[ProxyRow]:
    """Who acts for somebody, and for whom they act themselves; one query."""
    either = or_(Proxy.person_id == person_id, Proxy.proxy_id == person_id)
    return [ProxyRow(*row) for row in db.session.execute(_open().where(either))]


def open_proxy(proxy_row_id: int) -> ProxyRow | None:
    row = db.session.execute(_open().where(Proxy.id == proxy_row_id)).one_or_none()
    return ProxyRow(*row) if row else None


def count_wards(proxy_id: int) -> int:
    return db.session.scalar(select(func.count()).where(Proxy.proxy_id == proxy_id, Proxy.valid_to.is_(None))) or 0


@dataclass(frozen=True)
class RequestRow:
    """A request that waits. `name` and `tail` are what its maker typed; `asker` is who asks."""

    id: int
    person_id: int
    asker: str
    proxy_id: int | None
    name: str
    tail: str
    relation: Relation
    asked_at: datetime


def _requests() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ProxyRequest.id,
            ProxyRequest.person_id,
            Person.name,
            ProxyRequest.proxy_id,
            ProxyRequest.name,
            ProxyRequest.tail,
            ProxyRequest.relation,
            ProxyRequest.asked_at,
        )
        .join(Person, Person.id == ProxyRequest.person_id)
        .order_by(ProxyRequest.asked_at, ProxyRequest.id)
    )


def asked_by(person_id: int, now: datetime) -> list[RequestRow]:
    """One's own requests as their maker sees them: one that was declined looks like one that waits, until it lapses."""
    waits = or_(ProxyRequest.answer.is_(None), ProxyRequest.answer == Answer.DECLINED)
    query = _requests().where(ProxyRequest.person_id == person_id, waits, ProxyRequest.asked_at > now - REQUEST_LASTS)
    return [RequestRow(*row) for row in db.session.execute(query)]


def asked_of(proxy_id: int, now: datetime) -> list[RequestRow]:
    """Requests that wait for somebody's answer."""
    query = _requests().where(
        ProxyRequest.proxy_id == proxy_id, ProxyRequest.answered_at.is_(None), ProxyRequest.asked_at > now - REQUEST_LASTS
    )
    return [RequestRow(*row) for row in db.session.execute(query)]


def who_is_meant(name: str, phone: str, day: date) -> int | None:
    """The one person with an account whom a name and a whole number mean; None when there is none, or more than one."""
    reached = or_(
        Account.login_phone == phone,
        select(Phone.id).where(Phone.person_id == Person.id, Phone.number == phone, people.holds_on(Phone, day)).exists(),
    )
    query = select(Person.id).join(Account, Account.person_id == Person.id).where(Person.name == name, reached)
    found = list(db.session.execute(query.limit(2)).scalars())
    return found[0] if len(found) == 1 else None


def names(person_ids: Collection[int]) -> dict[int, str]:
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids))).all())


def acts_for(person_id: int, proxy_id: int) -> bool:
    query = select(Proxy.id).where(and_(Proxy.person_id == person_id, Proxy.proxy_id == proxy_id, Proxy.valid_to.is_(None)))
    return db.session.scalar(query) is not None


def asked_since(person_id: int, since: datetime) -> int:
    """How many requests somebody made since then, whatever became of them."""
    return db.session.scalar(select(func.count()).where(ProxyRequest.person_id == person_id, ProxyRequest.asked_at > since)) or 0
