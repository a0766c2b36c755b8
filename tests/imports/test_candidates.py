"""Whom a roster's rows are compared with, by the row: found with a few queries, and put together when a row is asked for."""

from datetime import date

from app.imports import queries
from app.imports.planning import Known
from app.imports.reading import RosterRow, read_row
from app.imports.rules import find_heading
from app.people.rules import Origin

sqlite_only = True
HEAD = ["姓名", "手机号码", "所属党支部", "出生日期"]
HEADING = find_heading([HEAD], {})


def row(number: int, name: str, phone: str = "", born: str = "") -> RosterRow:
    assert HEADING
    return read_row(number, [name, phone, "翠湖第一党支部", born], HEADING, date(2026, 11, 23))


def person(one: int, name: str) -> Known:
    return Known(one, name, True, Origin.ROSTER, None, None, "", {}, None, None, ())


def test_by_phone_by_name_and_by_birth_each_once_and_in_order():
    rows = [row(2, "何嘉怡", "13800138001"), row(3, "何嘉怡", "", "1970-01-02"), row(4, "谭 丽")]
    known = {one: person(one, "何嘉怡") for one in (3, 7, 9)}
    born = {("何嘉怡", date(1970, 1, 2)): {9, 7}}
    found = queries.Candidates({one.row: one for one in rows}, {"13800138001": {7}}, born, {"何嘉怡": {9, 3}}, known)
    assert [one.id for one in found[2]] == [3, 7, 9]
    assert [one.id for one in found[3]] == [3, 7, 9]
    assert (found[4], list(found), len(found)) == ([], [2, 3, 4], 3)
    assert found.get(5, ()) == ()


def test_a_thousand_rows_of_one_name_hold_no_list_each():
    rows = {number: row(number, "何嘉怡") for number in range(1000)}
    known = {one: person(one, "何嘉怡") for one in range(1000)}
    found = queries.Candidates(rows, {}, {}, {"何嘉怡": set(known)}, known)
    assert found[1] == found[2] == list(known.values())
    assert found[1] is not found[1], "made for whoever asks, and gone with them"
