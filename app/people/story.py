"""What happened to a unit or a place, in plain words, newest first. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Under:
    """It lay under a parent, called as it was called when that began."""

    parent_id: int
    parent_name: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Called:
    """What it was called before the present name."""

    name: str
    since: date
    until: date


@dataclass(frozen=True)
class Tied:
    """A tie to something of the other tree."""

    other_id: int
    other_name: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Event:
    day: date
    words: str


@dataclass(frozen=True)
class Past:
    opened_on: date
    closed_on: date | None
    name: str
    parents: tuple[Under, ...]
    names: tuple[Called, ...]
    ties: tuple[Tied, ...]


def told(past: Past, inside: str = "属于", began: str = "成立", ended: str = "撤销") -> list[Event]:
    """`inside` is 属于 for units, 位于 for places."""
    events = _moves(past, inside, began) + _renames(past)
    for tie in past.ties:
        events.append((tie.since, 2, f"与{tie.other_name}结对"))
        if tie.until and tie.until != past.closed_on and tie.until > tie.since:
            events.append((tie.until, 3, f"不再与{tie.other_name}结对"))
    if past.closed_on:
        events.append((past.closed_on, 9, ended))
    return [Event(day, words) for day, _, words in sorted(events, key=lambda event: event[:2])[::-1]]


def _moves(past: Past, inside: str, began: str) -> list[tuple[date, int, str]]:
    """The first parent is part of the beginning; what was undone on the same day is not told, nor that it is back where it was."""
    held = sorted((one for one in past.parents if one.until is None or one.since < one.until), key=lambda one: one.since)
    first = held[0] if held and held[0].since == past.opened_on else None
    events = [(past.opened_on, 0, f"{began}，{inside}{first.parent_name}" if first else began)]
    before = first
    for one in held:
        if one is not first and not (before and before.parent_id == one.parent_id):
            events.append((one.since, 1, f"从{before.parent_name}转到{one.parent_name}" if before else f"{inside}{one.parent_name}"))
            before = one
    return events


def _renames(past: Past) -> list[tuple[date, int, str]]:
    names = sorted(past.names, key=lambda one: one.since)
    after = [one.name for one in names[1:]] + [past.name]
    return [(one.until, 1, f"“{one.name}”改名为“{later}”") for one, later in zip(names, after, strict=False)]
