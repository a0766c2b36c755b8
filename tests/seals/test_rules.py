"""The written form of values, as docs/decisions/0057 gives it: whoever reads that can compute a seal again."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import JSON, Boolean, Date, DateTime, Enum, Integer, String, Text, Uuid

from app.core.db import Base, UtcDateTime
from app.seals import rules
from app.seals.coverage import is_sealed
from app.web import tables  # noqa: F401 (so that the metadata is whole)

sqlite_only = True


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, "-"),
        (True, "b1"),
        (False, "b0"),
        (0, "i0"),
        (-7, "i-7"),
        ("", "s"),
        ("何嘉怡", "s何嘉怡"),
        (Colour.RED, "sred"),
        (date(2026, 11, 21), "d2026-11-21"),
        (datetime(2026, 11, 21, 4, 0, 0, 5, tzinfo=UTC), "t2026-11-21T04:00:00.000005Z"),
        (datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=8))), "t2026-11-21T04:00:00.000000Z"),
        (UUID(int=255), "u000000000000000000000000000000ff"),
        ({"b": [1, None, True], "a": "甲"}, 'j{"a":"甲","b":[1,null,true]}'),
        ([], "j[]"),
    ],
)
def test_the_form_of_a_value(value, form):
    assert rules.written(value) == form


def test_a_value_without_a_form_is_refused():
    with pytest.raises(TypeError):
        rules.written(1.5)


def test_every_column_of_a_sealed_table_is_of_a_kind_that_has_a_form():
    kinds = (JSON, Boolean, Date, DateTime, Enum, Integer, String, Text, Uuid, UtcDateTime)
    for name, table in Base.metadata.tables.items():
        if is_sealed(name):
            assert all(isinstance(column.type, kinds) for column in table.columns), name


def test_a_row_a_part_and_a_seal_written_out():
    row = hashlib.sha256(b"2:i1,7:s\xe4\xbd\x95\xe5\x98\x89,1:-,").hexdigest()
    assert rules.row_digest([1, "何嘉", None]) == row
    part = hashlib.sha256(f"hour_entry\nminutes,reason\n5={row}\n".encode()).hexdigest()
    assert rules.part_digest("hour_entry", "minutes,reason", {"5": row}) == part
    table = hashlib.sha256(f"{part}\n".encode()).hexdigest()
    assert rules.table_digest([part]) == table
    told = {"rows": 1, "late": 0, "parts": 1, "first": "5", "last": "5", "upto": "5", "digest": table}
    text = (
        "shulin seal 1\nday 2026-11-21\nsealed_at 2026-11-21T19:10:00.000000Z\n"
        f"previous {'0' * 64}\ntable hour_entry rows=1 late=0 parts=1 first=5 last=5 upto=5 digest={table}\n"
    )
    at = datetime(2026, 11, 21, 19, 10, tzinfo=UTC)
    assert rules.seal_digest(date(2026, 11, 21), at, rules.BEGINNING, {"hour_entry": told}) == hashlib.sha256(text.encode()).hexdigest()


VALUES = st.lists(st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet="a1,:-sbi", max_size=6)), max_size=4)


@given(VALUES, VALUES)
def test_no_two_rows_are_written_alike(one, other):
    alike = [(type(value), value) for value in one] == [(type(value), value) for value in other]
    assert (rules.row_digest(one) == rules.row_digest(other)) == alike


def test_what_differs_is_told_by_row():
    sealed = {"1": "a" * 12, "2": "b" * 12, "3": "c" * 12, "4": "d" * 12}
    found = {"1": "a" * 64, "2": "c" * 64, "3": "b" * 64}
    assert rules.difference(sealed, found) == rules.Differs(gone=("4",), swapped=(("2", "3"),))
    assert not rules.difference(sealed, {key: mark[0] * 64 for key, mark in sealed.items()})


def test_a_digest_reads_in_fours():
    assert rules.groups("0123456789abcdef" * 4)[:2] == ["0123", "4567"]
    assert len(rules.groups("0" * 64)) == 16


def test_a_day_is_over_ten_minutes_after_midnight_in_guicheng():
    midnight = datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert rules.last_day_over(midnight + timedelta(minutes=9)) == date(2026, 11, 20)
    assert rules.last_day_over(midnight + timedelta(minutes=10)) == date(2026, 11, 21)
    assert rules.days_to_seal(date(2026, 11, 19), midnight + timedelta(hours=1)) == [date(2026, 11, 20), date(2026, 11, 21)]
    assert rules.days_to_seal(None, midnight + timedelta(hours=1)) == [date(2026, 11, 21)]
    assert rules.days_to_seal(date(2026, 11, 21), midnight + timedelta(hours=1)) == []
