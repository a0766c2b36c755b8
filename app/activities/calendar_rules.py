"""iCalendar feeds (RFC 5545): what stands in them, and the secret in the address of a person's own. Pure.

Times are UTC, so that no phone needs a definition of a time zone; there are no alarms, the calendar has its own.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vText

BACK = timedelta(days=60)  # how long what is over stays
MOST = 1000
RENEWED = timedelta(hours=6)
FORMAT = 2  # another number, and every calendar is read anew
MAC_LENGTH = 22  # of base64: 132 bits that nobody guesses
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Entry:
    """One shift in a calendar. `changes` counts what was changed about it since it was first there, the last time at `changed_at`.

    `waiting`: only a place in line so far. `own`: in somebody's own calendar, so it says how to get off again; there it is another
    event (UID) than in a unit's, since it is changed by other things and counts them apart.
    """

    shift_id: int
    activity_id: int
    title: str
    shift_name: str
    starts_at: datetime
    ends_at: datetime
    place: str
    unit_name: str
    changed_at: datetime
    changes: int = 0
    cancelled: bool = False
    waiting: bool = False
    own: bool = False


def feed_token(key: str, feed_id: int) -> str:
    """The feed's id in hexadecimal and a signature."""
    return f"{feed_id:x}-{_mac(key, feed_id)}"


def read_feed_token(key: str, token: str) -> int | None:
    """The id of the feed that a token belongs to; None for anything that was not made with this key."""
    head, _, mac = token.partition("-")
    if not 0 < len(head) <= 8 or any(letter not in "0123456789abcdef" for letter in head):
        return None
    feed_id = int(head, 16)
    if feed_id > LARGEST or f"{feed_id:x}" != head or not hmac.compare_digest(mac.encode(), _mac(key, feed_id).encode()):
        return None
    return feed_id


def _mac(key: str, feed_id: int) -> str:
    digest = hmac.new(key.encode(), f"calendar-feed:{feed_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:MAC_LENGTH]


def etag_of(name: str, entries: Sequence[Entry], site: str) -> str:
    """Changes whenever anything in the calendar does; told before it is written."""
    return hashlib.sha256(repr((FORMAT, site, name, tuple(entries))).encode()).hexdigest()[:32]


def written(name: str, entries: Sequence[Entry], site: str) -> bytes:
    """The calendar as phones read it. `site`: https://…, without a slash at its end."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Shulin//熟邻//ZH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(name))
    calendar.add("x-wr-timezone", vText("Asia/Shanghai"))
    calendar.add("refresh-interval", RENEWED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vText("PT6H"))
    for entry in entries:
        calendar.add_component(_event(entry, site))
    return bytes(calendar.to_ical())


def _event(entry: Entry, site: str) -> Event:
    event, address = Event(), f"{site}/activities/{entry.activity_id}"
    event.add("uid", f"{'own' if entry.own else 'shift'}-{entry.shift_id}@{site.partition('://')[2]}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.changes)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", _summary(entry))
    event.add("location", entry.place)
    event.add("description", _description(entry, address))
    event.add("url", address)
    event.add("status", "CANCELLED" if entry.cancelled else "TENTATIVE" if entry.waiting else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.own and not (entry.cancelled or entry.waiting) else "TRANSPARENT")
    return event


def _summary(entry: Entry) -> str:
    before = "已取消：" if entry.cancelled else "候补：" if entry.waiting else ""
    return f"{before}{entry.title}·{entry.shift_name}"


def _description(entry: Entry, address: str) -> str:
    lines = [f"{entry.unit_name}主办"]
    if entry.cancelled:
        lines.append("活动取消了，不用来。")
    elif entry.waiting:
        lines.append("还在候补，有空位会通知您。")
    elif entry.own:
        lines.append("来不了，请到活动页退出，好让给别的街坊。")
    return "\n".join([*lines, address])
