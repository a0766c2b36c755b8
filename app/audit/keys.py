"""A key of each person for what is personal about them in audit rows: wrapped under a key from outside, destroyed when they are erased."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update

from app.audit.models import PersonKey
from app.audit.personal import CLOSED, ERASED, LOST, VALUE, bound_to, is_closed, personal_fields
from app.core import keyring
from app.core.db import db, upsert, writing

CHUNK = 5_000
K = PersonKey


def _wrap(person_id: int, key: bytes) -> dict[str, Any]:
    name, master = keyring.newest()
    return {"person_id": person_id, "wrapped": keyring.close(master, key, f"person {person_id}"), "wrapped_by": name}


def _unwrap(person_id: int, wrapped: str, wrapped_by: str) -> bytes | None:
    master = keyring.masters().get(wrapped_by)
    try:
        return keyring.open_(master, wrapped, f"person {person_id}") if master else None
    except keyring.Unreadable:
        return None


def _known(person_ids: Collection[int]) -> dict[int, tuple[str | None, str | None]]:
    found: dict[int, tuple[str | None, str | None]] = {}
    ids = sorted(person_ids)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        rows = db.session.execute(select(K.person_id, K.wrapped, K.wrapped_by).where(K.person_id.in_(some)))
        found |= {person_id: (wrapped, by) for person_id, wrapped, by in rows}
    return found


def keys_of(person_ids: Collection[int]) -> dict[int, bytes | None]:
    """The key of each; None where it is destroyed or can not be opened. Who has none is left out."""
    return {
        person_id: _unwrap(person_id, wrapped, by) if wrapped and by else None for person_id, (wrapped, by) in _known(person_ids).items()
    }


def _keys_for_writing(person_ids: Collection[int]) -> dict[int, bytes | None]:
    """`keys_of`, made where there is none yet. Raises KeyLost where one is there and its master is not."""
    writing()
    known = _known(person_ids)
    if missing := sorted(set(person_ids) - known.keys()):
        made = [_wrap(person_id, keyring.new_key()) for person_id in missing]
        db.session.execute(upsert(K).on_conflict_do_nothing(), made)
        known |= _known(missing)  # another may have been first
    found: dict[int, bytes | None] = {}
    for person_id, (wrapped, by) in known.items():
        found[person_id] = _unwrap(person_id, wrapped, by) if wrapped and by else None
        if wrapped and found[person_id] is None:
            raise KeyLost(person_id)
    return found


class KeyLost(RuntimeError):
    """A key that wraps others is not in SHULIN_KEYS any more: writing on would lose what is written."""

    def __init__(self, person_id: int) -> None:
        super().__init__(f"the key that opens the key of person {person_id} is not configured: see SHULIN_KEYS in docs/operations.md")


def close_details(events: Iterable[tuple[str, int | None, dict[str, Any]]], at: datetime) -> list[dict[str, Any]]:
    """Details of (action, whose, detail), what is personal in them encrypted. One query for all; two where keys are made."""
    given = [(action, whose, detail, personal_fields(action, detail) if whose is not None else []) for action, whose, detail in events]
    wanted = {whose for _, whose, _, fields in given if whose is not None and fields}
    keys = _keys_for_writing(wanted) if wanted else {}
    return [
        {**detail, **{field: _closed(whose, keys[whose], action, field, detail[field], at) for field in fields}}
        if whose is not None and fields
        else detail
        for action, whose, detail, fields in given
    ]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _closed(whose: int, key: bytes | None, action: str, field: str, value: Any, at: datetime) -> dict[str, Any]:
    if key is None:  # erased: nothing is written about them any more
        return {CLOSED: whose, VALUE: ""}
    plain = json.dumps(value, ensure_ascii=False).encode()
    return {CLOSED: whose, VALUE: keyring.close(key, plain, bound_to(whose, action, field, _moment(at)))}


def open_details(events: Iterable[tuple[str, datetime, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Details of (action, at, detail) in clear, for who may read the audit; one query where any is encrypted.

    What belonged to somebody who was erased reads ERASED, what no key opens LOST.
    """
    given = list(events)
    wanted = {value[CLOSED] for _, _, detail in given for value in detail.values() if is_closed(value)}
    keys = keys_of(wanted) if wanted else {}
    dead = {person_id for person_id, (wrapped, _) in _known(wanted).items() if wrapped is None} if None in keys.values() else set()
    return [
        {field: _opened(keys, dead, action, field, value, at) if is_closed(value) else value for field, value in detail.items()}
        for action, at, detail in given
    ]


def _opened(keys: Mapping[int, bytes | None], dead: set[int], action: str, field: str, value: dict[str, Any], at: datetime) -> Any:
    whose = value[CLOSED]
    if whose in dead:
        return ERASED
    key = keys.get(whose)
    if key is None:
        return LOST
    try:
        return json.loads(keyring.open_(key, value[VALUE], bound_to(whose, action, field, _moment(at))))
    except (keyring.Unreadable, ValueError):
        return LOST


def destroy_key(person_id: int, now: datetime) -> None:
    """From now on nobody reads what audit rows hold that is personal about them; the rows stay and every seal over them holds.

    For good: no key is ever made for them again. Idempotent; also for who has none. Backups from before still hold the wrapped key.
    """
    writing()
    row = {"person_id": person_id, "wrapped": None, "wrapped_by": None, "destroyed_at": now}
    gone = upsert(K).values(row)
    db.session.execute(
        gone.on_conflict_do_update(
            index_elements=[K.person_id], set_={"wrapped": None, "wrapped_by": None, "destroyed_at": now}, where=K.destroyed_at.is_(None)
        )
    )


def stale(limit: int, after: int = 0) -> list[int]:
    """Persons, behind one, whose key is wrapped under another than the one in use."""
    name, _ = keyring.newest()
    asked = select(K.person_id).where(K.wrapped_by != name, K.person_id > after).order_by(K.person_id).limit(limit)
    return list(db.session.scalars(asked))


def wrapped_by() -> list[tuple[str, int]]:
    """(fingerprint of the outer key, how many keys stand under it)."""
    asked = select(K.wrapped_by, func.count()).where(K.wrapped.is_not(None)).group_by(K.wrapped_by).order_by(K.wrapped_by)
    return [(name, count) for name, count in db.session.execute(asked) if name]


def rewrap(person_ids: Collection[int]) -> list[int]:
    """Wrap their keys under the one in use, inside a write transaction. Returns whose could not be opened."""
    writing()
    lost = []
    for person_id, (wrapped, by) in sorted(_known(person_ids).items()):
        key = _unwrap(person_id, wrapped, by) if wrapped and by else None
        if wrapped and key is None:
            lost.append(person_id)
        elif key is not None:
            again = _wrap(person_id, key)
            # Only what was read is written over: a key that was destroyed in between stays so.
            db.session.execute(update(K).where(K.person_id == person_id, K.wrapped == wrapped).values(again))
    return lost


def counts() -> tuple[int, int]:
    """How many keys there are, and how many were destroyed."""
    alive, dead = db.session.execute(select(func.count(K.wrapped), func.count(K.destroyed_at))).one()
    return alive, dead
