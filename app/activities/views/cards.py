"""What one activity's page shows: its shifts as cards, the reader's own state, and for its managers their tools."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.activities import queries, service
from app.activities.day_rules import full_day_words
from app.activities.joining_rules import condition_words
from app.activities.queries import ActivityRow, Clash, ShiftRow, SignupRow
from app.activities.queries.day import full_days
from app.activities.queries.series import later_in
from app.activities.rules import EXTENDS_UNTIL, KIND_NAMES, STATE_NAMES, ActivityKind, ActivityState, group_text, promotes
from app.activities.views.common import absolute_when, address_if_built, settings
from app.core import clock
from app.core.permissions import Action
from app.core.words import span_words
from app.people.queries import is_below
from app.proxies import queries as proxies
from app.webkit.guards import actor_or_none, current_actor

COUNTING = frozenset({ActivityKind.SERVICE, ActivityKind.STUDY})


@dataclass(frozen=True)
class Choice:
    """One position as the reader sees it. `waiting`: how many a newcomer would stand behind; `full`: who chooses it waits.

    `own`: how many of these wait for it and nothing else, so that who takes any is counted once.
    """

    id: int
    name: str
    capacity: int
    taken: int
    waiting: int
    own: int = 0

    @property
    def left(self) -> int:
        return self.capacity - self.taken

    @property
    def full(self) -> bool:
        return self.left == 0 or self.waiting > 0


@dataclass(frozen=True)
class Card:
    """One shift as the reader sees it. `full`: who signs up now waits, wherever; `open`: one may sign up at all."""

    shift: ShiftRow
    waiting: int
    mine: SignupRow | None
    clash: Clash | None
    open: bool
    promotes: bool
    positions: tuple[Choice, ...] = ()
    day: str = ""  # why the reader's day would be too full with this one

    @property
    def full(self) -> bool:
        if self.positions and self.shift.left:
            return all(one.full for one in self.positions)
        return self.shift.left == 0 or self.waiting > 0

    @property
    def of_any(self) -> int:
        """How many wait for any position."""
        return self.waiting - sum(one.own for one in self.positions)

    @property
    def lines(self) -> bool:
        """Whether somebody who signs up here may come to wait."""
        return self.full or any(one.full for one in self.positions)

    @property
    def elsewhere(self) -> list[Choice]:
        """The positions that the reader could change to: with a free seat; while they wait, any other."""
        if not self.mine or len(self.positions) < 2:
            return []
        return [one for one in self.positions if one.id != self.mine.position_id and not (one.full and self.mine.seated)]


def cards(row: ActivityRow, person_id: int | None) -> list[Card]:
    """Six queries at most, however many shifts."""
    now, shifts = clock.now(), queries.shifts_of(row.id)
    waiting = queries.waiting_wishes(row.id)
    own = {signup.shift_id: signup for signup in queries.signups_of(person_id, [row.id])} if person_id else {}
    sure = {shift_id for shift_id, signup in own.items() if signup.seated}
    clashing: dict[int, Clash] = {}
    for clash in queries.clashes(person_id, row.id) if person_id else []:
        clashing.setdefault(clash.shift_id, clash)
    is_open = row.state(now) is ActivityState.OPEN
    full = full_days(person_id, row.kind, shifts) if person_id and is_open else {}
    return [
        Card(
            shift,
            sum(waiting.get(shift.id, {}).values()),
            own.get(shift.id),
            clashing.get(shift.id),
            is_open and shift.last_end > now,
            promotes(shift.starts_at, now),
            _choices(shift, waiting.get(shift.id, {})),
            full_day_words(full[shift.id], mine=shift.id in sure) if shift.id in full and shift.last_end > now else "",
        )
        for shift in shifts
    ]


def _choices(shift: ShiftRow, wishes: queries.Wishes) -> tuple[Choice, ...]:
    """Who waits for any stands before whoever comes now, at each of them."""
    of_any = wishes.get(None, 0)
    of_one = {one.id: wishes.get(one.id, 0) for one in shift.positions}
    return tuple(Choice(one.id, one.name, one.capacity, one.taken, of_one[one.id] + of_any, of_one[one.id]) for one in shift.positions)


def pick(found: list[Card], asked: int | None) -> Card | None:
    """The card that is picked: the one asked for, else the first with room and no clash, else the first one may queue for."""
    free = [card for card in found if card.open and card.mine is None]
    asked_for = next((card for card in free if card.shift.id == asked), None)
    return asked_for or min(free, key=lambda card: (card.full, card.clash is not None), default=None)


def page_context(row: ActivityRow, manages: bool, *, chosen: int | None = None, faults: dict[str, str] | None = None) -> dict[str, Any]:
    """All that the page needs. Names of the organiser are masked unless somebody is signed in."""
    actor = actor_or_none()
    found = cards(row, actor.person_id if actor else None)
    barred = service.reasons(row, actor.person_id, clock.now()) if actor and any(card.open for card in found) else ()
    context: dict[str, Any] = {
        "row": row,
        "state": row.state(clock.now()),
        "state_name": STATE_NAMES[row.state(clock.now())],
        "kind_name": KIND_NAMES[row.kind],
        "counting": row.kind in COUNTING,
        "cards": found,
        "picked": None if barred else pick(found, chosen),
        "conditions": condition_words(row.who, row.for_unit_name or ""),
        "barred": barred,
        "manages": manages,
        "wards": proxies.wards(actor.person_id) if actor else [],
        "faults": faults or {},
        "console": address_if_built("checkin.console", activity_id=row.id) if manages else None,
    }
    return context | (_tools(row, found) if manages else {})


def _tools(row: ActivityRow, found: list[Card]) -> dict[str, Any]:
    now = clock.now()
    return {
        "screen": address_if_built("checkin.screen_link", activity_id=row.id),
        "text": text_for_group(row, [card.shift for card in found]),
        "extendable": [card.shift for card in found if row.public and not row.closed_at and now <= card.shift.last_end + EXTENDS_UNTIL],
        "own_unit": is_below(row.unit_id, current_actor().roots(Action.ACTIVITY_MANAGE), clock.today()),
        "later": len([one for one in later_in(row, now) if one.id != row.id]),
        "signed_up": sum(card.shift.taken + card.waiting for card in found),
    }


def text_for_group(row: ActivityRow, shifts: list[ShiftRow]) -> str:
    """What is pasted into the 楼道 groups."""
    lines, wanted = [], ""
    for shift in shifts:
        room = "" if shift.left is None else f"，还要 {shift.left} 人" if shift.left else "，已满，可候补"
        wanted = "、".join(f"{one.name} {one.left}" for one in shift.positions if one.left)
        room += f"：{wanted}" if wanted and len(shift.positions) > 1 else ""
        lines.append(f"{shift.name} {span_words(shift.starts_at, shift.last_end)}{room}")
    address = settings().public_url + url_for("activities.show", activity_id=row.id)
    when = absolute_when(row.starts_at, row.ends_at) if row.starts_at and row.ends_at else ""
    asked = "，".join(condition_words(row.who, row.for_unit_name or ""))
    return group_text(row.title, when, row.place_text, lines, address, row.unit_name, asked, wanted)
