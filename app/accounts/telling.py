"""Telling somebody what was done to their account or their rights. Notices stand above accounts, so the work list registers how."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from app.core.db import db
from app.people.models import Person

NOT_ASKED = "不是您请的？马上告诉支部书记或街道，并看看登录的设备"
DEVICES = "/me/devices"
Teller = Callable[[Mapping[int, str], str], None]
_tellers: list[Teller] = []


def through(teller: Teller) -> None:
    """Register how: (people with one line each, the path of a page), in the transaction of what it tells about."""
    if teller not in _tellers:
        _tellers.append(teller)


def tell(person_id: int, text: str, url: str) -> None:
    tell_all({person_id: text}, url)


def tell_all(texts: Mapping[int, str], url: str) -> None:
    for teller in _tellers:
        teller(texts, url)


def named(person_id: int | None) -> str:
    """Who did it, for the one it was done to; nobody when it came from the server itself."""
    name = db.session.scalar(select(Person.name).where(Person.id == person_id)) if person_id is not None else None
    return name or "街道的系统管理员"
