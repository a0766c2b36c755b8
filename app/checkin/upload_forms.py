"""What a phone's queue sends: scans kept without signal, in one JSON body, with the phone's own times.

A phone's clock may be wrong, so each time is moved by how far its clock was off when it sent; no time lies after now.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.checkin.fence import Spot, spot_of
from app.core.errors import Invalid
from app.webkit.forms import clean

MOST = 50  # scans in one body
CLOCK_SLACK = timedelta(seconds=2)  # the way to the server and back; below it a clock counts as right
LONGEST = {"code": 600, "name": 20, "tail": 4, "digits": 4}
WRONG_SHAPE = "这次上传的内容看不懂，没有办理。请刷新这一页再试，扫过的都还存在本机。"


@dataclass(frozen=True)
class Unreadable:
    """Something that is no scan: without an id or a time."""

    said_id: str


@dataclass(frozen=True)
class Entry:
    """One scan as a queue sent it. `at` is corrected; `digest` is of what was sent, the time as sent, but not of where the phone stood.

    `digits`: the code of the day. `spot`: where it was scanned, to be judged and forgotten.
    """

    said_id: str
    id: UUID
    at: datetime
    code: str
    name: str
    tail: str
    gate: int | None
    typed: bool
    digest: str
    digits: str = ""
    spot: Spot | None = None


def parse_upload(body: Any, about: str, now: datetime) -> list[Entry | Unreadable]:
    """The scans in the order sent. `about` is what the ids belong to (an activity, a person), part of each digest.

    Raises Invalid for a body of another shape; a single scan that can not be read spoils no other one.
    """
    scans = body.get("scans") if isinstance(body, dict) else None
    sent_at = _moment(body.get("sent_at")) if isinstance(body, dict) else None
    if not isinstance(scans, list) or sent_at is None or len(scans) > MOST or not all(isinstance(one, dict) for one in scans):
        raise Invalid({}, WRONG_SHAPE)
    off = now - sent_at
    return [_entry(one, about, off if abs(off) > CLOCK_SLACK else timedelta(), now) for one in scans]


def _entry(said: dict[str, Any], about: str, off: timedelta, now: datetime) -> Entry | Unreadable:
    said_id, scan_id, at = str(said.get("id", ""))[:60], _uuid(said.get("id")), _moment(said.get("at"))
    if scan_id is None or at is None:
        return Unreadable(said_id)
    gate = said.get("gate")
    texts = {name: said.get(name) for name in LONGEST}
    kept = {name: text.strip() if isinstance(text, str) and len(text) <= LONGEST[name] else "" for name, text in texts.items()}
    known = {name: text for name, text in texts.items() if name != "digits" or text is not None}
    sent = json.dumps([about, said.get("at"), known, gate, bool(said.get("typed"))], ensure_ascii=True, sort_keys=True)
    return Entry(
        said_id=said_id,
        id=scan_id,
        at=_corrected(at, off, now),
        code=kept["code"],
        name=clean(kept["name"]),
        tail=clean(kept["tail"]),
        gate=gate if isinstance(gate, int) and not isinstance(gate, bool) and 0 < gate < 1000 else None,
        typed=said.get("typed") is True,
        digest=hashlib.sha256(sent.encode()).hexdigest()[:32],
        digits=clean(kept["digits"]),
        spot=_spot(said.get("place")),
    )


def _corrected(at: datetime, off: timedelta, now: datetime) -> datetime:
    try:
        return min(at + off, now)
    except OverflowError:  # the end of time
        return now if off > timedelta() else at


def _spot(said: Any) -> Spot | None:
    if not isinstance(said, dict):
        return None
    return spot_of(*(str(said.get(name, ""))[:20] for name in ("lat", "lng", "acc")))


def _uuid(said: Any) -> UUID | None:
    try:
        return UUID(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _moment(said: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) and len(said) <= 40 else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and 2000 < moment.year < 3000 else None
