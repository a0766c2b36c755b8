"""The site with one thing broken of what plan_more adds to a day. Each with the move that must show it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app.cards import queries as cards
from app.checkin import queries as scans
from app.checkin import reasons, rules
from app.checkin.fence import Fence
from app.checkin.service import spells
from app.checkin.views import uploads
from app.core.db import in_transaction
from app.merges.service import spells as spells_that_go
from app.merges.service import undoing
from app.proxies import service as agreements
from app.rights.service import erasing

Patch = pytest.MonkeyPatch


def shifts_never_run_on(patch: Patch) -> None:
    patch.setattr(rules.ShiftTimes, "last_end", property(lambda self: self.ends_at))


def cards_are_never_given_up(patch: Patch) -> None:
    right = cards.card
    patch.setattr(cards, "card", lambda card_id: (known := right(card_id)) and replace(known, revoked_at=None))


def any_four_digits_do(patch: Patch) -> None:
    patch.setattr(uploads, "digits_typed", lambda _activity, door, _at, _typed="": True if door.day_code_at else None)


def digits_are_asked_of_who_came_before(patch: Patch) -> None:
    patch.setattr(uploads, "digits_typed", lambda _activity, door, _at, typed="": bool(typed) if door.day_code_at else None)


def everybody_is_inside(patch: Patch) -> None:
    patch.setattr(uploads, "judge_fence", lambda _circle, _spot: Fence.INSIDE)


def outside_is_as_good_as_inside(patch: Patch) -> None:
    def find(stay: Any, evidence: Any, *rest: Any) -> Any:
        return reasons.find(stay, replace(evidence, outside=False), *rest)

    patch.setattr(spells, "find", find)


def agreements_never_end(patch: Patch) -> None:
    patch.setattr(agreements, "hold", lambda _person, _proxy: None)


def merging_leaves_out_what_does_not_clash(patch: Patch) -> None:
    patch.setattr(spells_that_go.own, "overlapping", lambda counted, _staying: counted)


def taking_back_leaves_the_last_behind(patch: Patch) -> None:
    right = undoing.move
    patch.setattr(undoing, "move", lambda said, sources, now, **more: right(said, sources[:-1], now, **more))


def erased_people_keep_their_numbers(patch: Patch) -> None:
    patch.setattr(erasing, "REMOVED", {})


def half_of_what_was_cut_off_stays(patch: Patch) -> None:
    def halved(work: Callable[[], Any]) -> Any:
        kept: list[Any] = []

        def half() -> None:
            try:
                kept.append(work())
            except OperationalError as error:
                kept.append(error)

        in_transaction(half)
        if isinstance(kept[-1], OperationalError):
            raise kept[-1]
        return kept[-1]

    patch.setattr(uploads, "in_transaction", halved)


def who_comes_second_is_somebody_else(patch: Patch) -> None:
    """An upload that is overtaken by itself is told that its ids are taken."""
    right = uploads._result

    def result(entry: Any, before: Any, *rest: Any) -> Any:
        overtaken = not isinstance(entry, uploads.Unreadable) and entry.id not in before and scans.scan_view(entry.id)
        return "conflict" if overtaken else right(entry, before, *rest)

    patch.setattr(uploads, "_result", result)


MORE_MUTANTS: dict[str, tuple[str, Callable[[Patch], None]]] = {
    one.__name__: (move, one)
    for move, one in (
        ("extension", shifts_never_run_on),
        ("cards", cards_are_never_given_up),
        ("digits", any_four_digits_do),
        ("digits", digits_are_asked_of_who_came_before),
        ("fence", everybody_is_inside),
        ("fence", outside_is_as_good_as_inside),
        ("proxy", agreements_never_end),
        ("merge", merging_leaves_out_what_does_not_clash),
        ("merge", taking_back_leaves_the_last_behind),
        ("erasure", erased_people_keep_their_numbers),
        ("cut", half_of_what_was_cut_off_stays),
        ("race", who_comes_second_is_somebody_else),
    )
}
