"""What a seal is over: the written form of values, rows, parts and seals, the same on every engine. Pure. See docs/decisions/0057.

A value: `-` nothing, `b` true or false, `i` a whole number, `s` text, `d` a day, `t` an instant in UTC, `u` a UUID, `j` JSON, keys sorted.
A row: its values in the order of its columns' names, the key left out, each as "length:value,"; SHA-256 over that.
A part: its table, its columns, then "key=digest of the row" line by line; SHA-256 over that.
A seal: the lines of `seal_text`; SHA-256 over that. The first follows 64 zeros.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from app.core.clock import at_local, local_date

FORMAT = 1
BEGINNING = "0" * 64
GRACE = timedelta(minutes=10)  # after midnight, for what was just being written and for clocks that differ
MARK = 12  # digits of a row's digest that are kept to name it; that it is right at all is proven by the part's digest
PART_ROWS = 1000
LOOK_BACK = 3  # sealed days in which rows that came late are looked for
SLOWEST = timedelta(hours=1)  # no transaction takes longer, and no two machines' clocks differ by more
WINDOW = 50_000  # numbers back from the last one in which they are looked for, at most
UNREADABLE = "!"


def _instant(value: datetime) -> str:
    return f"t{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _json(value: Any) -> str:
    return "j" + json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_FORMS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "-",
    bool: lambda value: "b1" if value else "b0",
    int: lambda value: f"i{value}",
    str: lambda value: f"s{value}",
    datetime: _instant,
    date: lambda value: f"d{value.isoformat()}",
    UUID: lambda value: f"u{value.hex}",
    dict: _json,
    list: _json,
}


def written(value: Any) -> str:
    """One value as it is sealed. Raises TypeError for a kind that no column has."""
    form = _FORMS.get(type(value))
    if form is not None:
        return form(value)
    if isinstance(value, Enum):
        return written(value.value)
    raise TypeError(f"no written form for {type(value).__name__}")


def row_digest(values: Iterable[Any]) -> str:
    told = [written(value).encode("utf-8", "surrogatepass") for value in values]
    return hashlib.sha256(b"".join(b"%d:%b," % (len(one), one) for one in told)).hexdigest()


def key_text(parts: Sequence[Any]) -> str:
    """17, 3f2a…, or 17,4 where a key has several parts."""
    return ",".join(part.hex if isinstance(part, UUID) else str(part) for part in parts)


Rows = Mapping[str, str]  # key → digest of the row, in the order in which they were read


def part_digest(table: str, columns: str, rows: Rows) -> str:
    lines = "".join(f"{key}={digest}\n" for key, digest in rows.items())
    return hashlib.sha256(f"{table}\n{columns}\n{lines}".encode()).hexdigest()


def marks(rows: Rows) -> str:
    return " ".join(f"{key}={digest[:MARK]}" for key, digest in rows.items())


def read_marks(text: str) -> dict[str, str]:
    return {key: mark for key, _, mark in (one.partition("=") for one in text.split())}


def table_digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("".join(f"{digest}\n" for digest in parts).encode()).hexdigest()


FIELDS = ("rows", "late", "parts", "first", "last", "upto", "digest")
"""What a seal says of a table: rows, how many of them late, in how many parts; first and last key of those in time; the highest number
sealed so far (tables that go by numbers); the digest over the digests of its parts."""


def seal_text(day: date, sealed_at: datetime, previous: str, content: Mapping[str, Any]) -> str:
    """The lines that a seal's digest is over."""
    lines = [f"shulin seal {FORMAT}", f"day {day.isoformat()}", f"sealed_at {written(sealed_at)[1:]}", f"previous {previous}"]
    for name in sorted(content):
        told = content[name]
        lines.append(" ".join([f"table {name}", *(f"{field}={told.get(field, '')}" for field in FIELDS)]))
    return "\n".join(lines) + "\n"


def seal_digest(day: date, sealed_at: datetime, previous: str, content: Mapping[str, Any]) -> str:
    return hashlib.sha256(seal_text(day, sealed_at, previous, content).encode()).hexdigest()


def last_day_over(now: datetime) -> date:
    """The last day that can be sealed: over for ten minutes."""
    return local_date(now - GRACE) - timedelta(days=1)


def end_of(day: date) -> datetime:
    return at_local(day + timedelta(days=1))


LONG_PAUSE = 45  # days; when more than that are to be sealed at once, the clock is rather wrong, and no seal can be taken back


def days_to_seal(last: date | None, now: datetime) -> list[date]:
    """Each day since the last seal; the first seal ever is of the last day alone and takes in everything before."""
    until = last_day_over(now)
    if last is None:
        return [until]
    return [last + timedelta(days=n) for n in range(1, (until - last).days + 1)]


def groups(digest: str) -> list[str]:
    """In fours, so that it can be read aloud and compared."""
    return [digest[at : at + 4] for at in range(0, len(digest), 4)]


@dataclass(frozen=True)
class Differs:
    """Which rows of a part are not what they were."""

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    swapped: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone or self.swapped)


def difference(sealed: Mapping[str, str], found: Mapping[str, str]) -> Differs:
    """`sealed` are the marks kept, `found` the digests of the rows with these keys that are there now."""
    gone = tuple(key for key in sealed if key not in found)
    other = {key: found[key][:MARK] for key in sealed if key in found and found[key][:MARK] != sealed[key]}
    by_mark = {sealed[key]: key for key in other}
    swapped = []
    for key, mark in other.items():
        twin = by_mark.get(mark)
        if twin is not None and twin != key and other[twin] == sealed[key] and (twin, key) not in swapped:
            swapped.append((key, twin))
    taken = {key for pair in swapped for key in pair}
    return Differs(tuple(key for key in other if key not in taken), gone, tuple(swapped))
