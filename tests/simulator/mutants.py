"""The site with one thing broken, to see that the simulator notices. Each breaks what its name says, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from app.checkin import folding, reasons, rules, upload_forms
from app.checkin.queries import uploads as reading
from app.checkin.service import scans, spells
from app.checkin.views import uploads
from app.claims.service import corrections, deciding
from app.core import clock
from app.core.db import db, in_transaction
from app.hours import queries as hours
from app.hours import service as hour_ledger
from app.points import service as point_ledger

Patch = pytest.MonkeyPatch


def ids_are_not_unique(patch: Patch) -> None:
    def again(_door: Any, shown: Any, person_id: int) -> Any:
        return scans.record_scan(replace(shown, scan_id=uuid4()), person_id, clock.now())

    patch.setattr(scans, "_seen_before", again)
    patch.setattr(reading, "recorded_scans", lambda _ids: {})


def spells_may_overlap(patch: Patch) -> None:
    patch.setattr(reasons, "_pair", lambda _stay, _others: None)


def no_overlap_triggers() -> None:
    """On SQLite; the other half of the mutant above."""
    for name in ("INSERT", "UPDATE"):
        in_transaction(lambda n=name: db.session.connection().exec_driver_sql(f"DROP TRIGGER attendance_no_overlap_{n}"))  # type: ignore[misc]


def totals_are_not_kept(patch: Patch) -> None:
    patch.setattr(hour_ledger, "_add_to_totals", lambda _postings: None)


def scans_are_told_as_they_arrive(patch: Patch) -> None:
    patch.setattr(
        folding, "told", lambda facts, undone: sorted((one for one in facts if one.id not in undone), key=lambda one: one.arrived)
    )


def another_content_is_the_same_scan(patch: Patch) -> None:
    right = uploads._result
    patch.setattr(uploads, "_result", lambda entry, before, scan, _same: right(entry, before, scan, lambda _entry, _view: True))


def undoing_leaves_the_hours(patch: Patch) -> None:
    patch.setattr(scans, "crediting", SimpleNamespace(reverse=lambda *_args, **_said: None))


def signing_out_begins_later(patch: Patch) -> None:
    patch.setattr(rules, "SIGN_OUT_FROM", timedelta(minutes=25))


def minutes_before_the_shift_count(patch: Patch) -> None:
    right = spells.count
    patch.setattr(spells, "count", lambda shift, came, left: right(replace(shift, starts_at=min(came, shift.starts_at)), came, left))


def answered_before_it_is_written(patch: Patch) -> None:
    """Every seventh transaction of an upload answers and is lost."""
    calls = iter(range(10**9))

    class LostError(Exception):
        pass

    def losing(work: Callable[[], Any]) -> Any:
        if next(calls) % 7 != 6:
            return in_transaction(work)
        kept: list[Any] = []

        def half() -> None:
            kept.append(work())
            raise LostError

        try:
            in_transaction(half)
        except LostError:
            return kept[0]

    patch.setattr(uploads, "in_transaction", losing)


def clocks_are_believed(patch: Patch) -> None:
    patch.setattr(upload_forms, "_corrected", lambda at, _off, now: min(at, now))


def points_stay_when_hours_go(patch: Patch) -> None:
    right = point_ledger.post
    patch.setattr(point_ledger, "post", lambda given, now: right([one for one in given if one.reverses_id is None], now))


def makers_approve_themselves(patch: Patch) -> None:
    patch.setattr(deciding, "decision_fault", lambda *_args, **_said: None)
    patch.setattr(corrections, "approval_fault", lambda *_args, **_said: None)


def closed_months_are_open(patch: Patch) -> None:
    patch.setattr(hours, "late", lambda _days, _today: {})


MUTANTS: dict[str, Callable[[Patch], None]] = {
    one.__name__: one
    for one in (
        ids_are_not_unique,
        spells_may_overlap,
        totals_are_not_kept,
        scans_are_told_as_they_arrive,
        another_content_is_the_same_scan,
        undoing_leaves_the_hours,
        signing_out_begins_later,
        minutes_before_the_shift_count,
        answered_before_it_is_written,
        clocks_are_believed,
        points_stay_when_hours_go,
        makers_approve_themselves,
        closed_months_are_open,
    )
}
