"""What several pages about one's own data need: what stands now, and what happens after a commit."""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import current_app

from app.activities import photo_files
from app.core.config import Settings
from app.core.db import let_go_of_the_log
from app.core.errors import NotFound
from app.core.words import full_day
from app.people import queries as people
from app.people.naming import mask_phone
from app.people.rules import Gender
from app.rights import register
from app.rights.forms import Known
from app.rights.queries.numbers import numbers
from app.rights.queries.requests import RequestRow

FIELDS = {"name": "姓名", "gender": "性别", "birth_date": "出生日期", "phone": "手机号码"}
log = logging.getLogger(__name__)
GENDERS = {Gender.MALE.value: "男", Gender.FEMALE.value: "女"}


def known(person_id: int, today: date) -> Known:
    row = people.profile(person_id)
    if row is None:
        raise NotFound
    return Known(row.name, row.gender, row.birth_date, numbers(person_id, today))


def changes(wanted: dict[str, Any], now: Known | None) -> list[tuple[str, str, str]]:
    """(field, as it stands, as it is wanted). `now` None: it was decided, and what stood then is told by the audit."""
    before = {
        "name": now.name if now else "",
        "gender": GENDERS.get(now.gender.value, "") if now and now.gender else "",
        "birth_date": now.birth_date.isoformat() if now and now.birth_date else "",
    }
    found = []
    for field, label in FIELDS.items():
        if not wanted.get(field):
            continue
        value = str(wanted[field])
        old = before.get(field, "")
        if field == "birth_date":
            old, value = _day(old), _day(value)
        if field == "phone":
            old = mask_phone(now.phones.get(wanted.get("instead_of", 0), "")) if now and wanted.get("instead_of") in now.phones else ""
        found.append((label, old, GENDERS.get(value, value)))
    return found


def _day(written: str) -> str:
    return full_day(date.fromisoformat(written)) if written else ""


def wanted(rows: Iterable[RequestRow]) -> dict[int, list[tuple[str, str, str]]]:
    """What each is to change, for a list of requests; of who is decided about already too."""
    return {row.id: found for row in rows if (found := changes(row.wanted, None))}


def after_erasing(photos: Iterable[str]) -> None:
    """Once it is committed: files go from the disk, and the list beside the database is brought up to date.

    What fails here is no reason to say that nothing was done: it is in the log, the doctor says so, the next backup makes the list whole.
    """
    settings: Settings = current_app.config["SETTINGS"]
    let_go_of_the_log()
    try:
        register.keep(settings)
        for name in photos:
            photo_files.discard(settings.uploads_dir, name)
    except (OSError, ValueError) as error:
        log.error("after an erasure: the list or the files were not brought up to date (%s)", type(error).__name__)
