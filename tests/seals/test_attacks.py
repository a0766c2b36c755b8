"""The six attacks on a sealed day, each by force and each reported by name: day, table and row.

1 a value changed, 2 a row deleted, 3 a row put in, 4 two rows swapped, 5 a day's seal made anew, 6 seals cut away.
"""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.core.db import db, in_transaction
from app.seals import checking, queries, rules, service
from app.seals.coverage import sealed_tables
from app.seals.models import Seal, SealPart
from tests.conftest import NOON
from tests.seals.conftest import DAY, by_force, faults, seal

SECOND = "封存 2026年11月22日"
AUDIT = f"{SECOND}：操作记录（audit_event）"


def ids_of_the_second_day() -> list[int]:
    """Numbers of audit rows, without the one that tells of the sealing in the night before."""
    parts = [part for part in queries.parts((NOON + DAY).date()) if part.table == "audit_event"]
    return [int(key) for part in parts for key in rules.read_marks(part.marks)][1:]


def test_sealed_days_agree(sealed):
    assert faults() == []


@pytest.mark.parametrize("change", ["action = 'person.view'", "actor_id = 1", "subject_id = 7", "request_id = 'ABC'", "detail = '{}'"])
def test_a_value_changed(sealed, change):
    (row, *_) = ids_of_the_second_day()
    by_force(f"UPDATE audit_event SET {change} WHERE id = {row}")
    assert faults() == [f"{AUDIT} {row} 号的内容被改过"]


def test_a_moment_changed_by_a_millionth(sealed):
    (row, *_) = ids_of_the_second_day()
    by_force(
        f"UPDATE audit_event SET at = '2026-11-22 04:00:00.000001' WHERE id = {row}",
    )
    assert faults() == [f"{AUDIT} {row} 号的内容被改过"]


def test_a_value_that_its_column_can_not_hold(sealed, engine):
    if engine != "sqlite":
        return  # PostgreSQL refuses it
    (row, *_) = ids_of_the_second_day()
    by_force(f"UPDATE audit_event SET at = 'gestern', detail = '{{' WHERE id = {row}")
    assert faults() == [f"{AUDIT} {row} 号的内容被改过"]


def test_a_scan_changed_and_one_moved_to_another_day(sealed):
    scan = "00000000000000000000000000000005"
    by_force(
        "UPDATE scan SET person_id = 2 WHERE id = '00000000000000000000000000000004'",
        f"UPDATE scan SET received_at = '2026-11-21 04:00:00' WHERE id = '{scan}'",
    )
    where = f"{SECOND}：扫码（scan）"
    assert faults() == [f"{where} 00000000000000000000000000000004 号的内容被改过", f"{where} {scan} 号的内容被改过"]


def test_a_row_deleted(sealed):
    row = ids_of_the_second_day()[1]
    by_force(f"DELETE FROM audit_event WHERE id = {row}", "DELETE FROM scan WHERE id = '00000000000000000000000000000005'")
    assert faults() == [f"{AUDIT} {row} 号被删掉了", f"{SECOND}：扫码（scan） 00000000000000000000000000000005 号被删掉了"]


def test_the_last_sealed_row_deleted(sealed):
    row = ids_of_the_second_day()[-1]
    by_force(f"DELETE FROM audit_event WHERE id = {row}")
    assert faults() == [f"{AUDIT} {row} 号被删掉了"]


COPIED = "at, actor_id, action, subject, subject_id, detail, request_id"


def test_a_row_put_in_where_a_number_was_free(days, engine):
    days.a_day(0)
    gap = days.note(NOON)
    by_force(f"DELETE FROM audit_event WHERE id = {gap}")  # as after a transaction that was rolled back
    if engine == "sqlite":
        by_force(f"INSERT INTO audit_event (id, {COPIED}) SELECT {gap + 1}, {COPIED} FROM audit_event WHERE id = {gap - 1}")
    else:
        days.note(NOON)
    seal(0)
    assert faults(0) == []
    by_force(f"INSERT INTO audit_event (id, {COPIED}) SELECT {gap}, {COPIED} FROM audit_event WHERE id = {gap - 1}")
    assert faults(0) == [f"操作记录（audit_event） {gap} 号没有封存过，却排在封存过的行里：是后来插进去的"]


def test_a_row_put_in_before_the_first(sealed):
    by_force(f"INSERT INTO audit_event (id, {COPIED}) SELECT -5, {COPIED} FROM audit_event WHERE id = 3")
    assert any("-5 号没有封存过" in one for one in faults())


def test_a_row_appended_under_the_next_number_with_a_day_that_is_sealed(sealed):
    by_force(f"INSERT INTO audit_event ({COPIED}) SELECT {COPIED} FROM audit_event WHERE id = 3")
    number = db.session.scalar(text("SELECT max(id) FROM audit_event"))
    said = f"操作记录（audit_event） {number} 号写的时间在封存过的日子（2026年11月23日或更早），却是封存以后才添的"
    assert faults() == [said]
    seal(3)  # now it belongs to the next seal, and whoever looks is told of it for good
    assert faults(3) == []
    assert checking.late_rows(queries.in_order()) == [f"封存 2026年11月24日：{said}，请核实是谁写的"]


def test_a_scan_put_in(sealed):
    columns = "activity_id, shift_id, person_id, by_id, way, outcome, at, received_at, content, day_code, fence"
    scan = "000000000000000000000000000000ff"
    by_force(f"INSERT INTO scan (id, {columns}) SELECT '{scan}', {columns} FROM scan WHERE id = '00000000000000000000000000000005'")
    assert faults() == [f"{SECOND}：扫码（scan） {scan} 号没有封存过，时间却在封存过的这一天：是后来插进去的"]


def test_two_rows_swapped(sealed):
    one, two, *_ = ids_of_the_second_day()
    by_force(*(f"UPDATE audit_event SET id = {new} WHERE id = {old}" for old, new in ((one, 9999), (two, one), (9999, two))))
    assert faults() == [f"{AUDIT} {one} 号与 {two} 号被对调了"]


def test_a_days_seal_made_anew(sealed):
    """With the row, the part and the seal, and what the audit says of it."""
    row = ids_of_the_second_day()[0]
    second = (NOON + DAY).date()
    old = queries.seal_of(second)
    by_force(f"UPDATE audit_event SET subject_id = 7 WHERE id = {row}")
    _make_anew(second)
    new = queries.seal_of(second)
    assert new.digest != old.digest
    said = faults()
    assert f"{SECOND}：被重新做过，2026年11月23日的封存接的不是现在这一份" in said
    assert any(one.startswith(f"{SECOND}：不是当时那一份，操作记录 ") for one in said)


def _make_anew(day) -> None:
    """As who knows this program would: part by part and the seal over them, so that the day agrees with itself."""

    def work() -> None:
        content = dict(queries.seal_of(day).content)
        for part in queries.parts(day):
            one = sealed_tables()[part.table]
            rows = queries.digests(one, list(rules.read_marks(part.marks)), part.columns)
            digest = rules.part_digest(part.table, part.columns, rows)
            mine = (SealPart.day == day, SealPart.sealed_table == part.table, SealPart.seq == part.seq)
            db.session.execute(update(SealPart).where(*mine).values(marks=rules.marks(rows), digest=digest, rows=len(rows)))
        for name in content:
            parts = [one for one in queries.parts(day) if one.table == name]
            content[name] = content[name] | {
                "rows": sum(one.rows for one in parts),
                "digest": rules.table_digest(one.digest for one in parts),
            }
        before = queries.seals(before=day, limit=1)
        seal_row = queries.seal_of(day)
        previous = before[0].digest if before else rules.BEGINNING
        digest = rules.seal_digest(day, seal_row.sealed_at, previous, content)
        db.session.execute(update(Seal).where(Seal.day == day).values(content=content, previous=previous, digest=digest))

    by_force()
    in_transaction(work)


def test_parts_made_anew_and_the_seal_left(sealed):
    by_force("UPDATE seal_part_entry SET marks = replace(marks, '=', '=0') WHERE day = '2026-11-22' AND sealed_table = 'audit_event'")
    assert faults() == [f"{AUDIT}第 1 份封存明细被改过，行没有变"]


def test_a_seal_edited(sealed):
    by_force("UPDATE seal_entry SET sealed_at = '2026-11-22 17:00:00' WHERE day = '2026-11-22'")
    assert faults() == [f"{SECOND}：封存本身被改过，内容与它的摘要不符"]


def test_the_last_seal_cut_off(sealed):
    by_force("DELETE FROM seal_part_entry WHERE day = '2026-11-23'", "DELETE FROM seal_entry WHERE day = '2026-11-23'")
    said = faults(3)
    assert any(one.startswith("封存 2026年11月23日：不见了，操作记录 ") for one in said)


def test_a_site_that_stood_still_or_came_back_from_an_older_backup_is_at_no_fault(sealed):
    assert faults(9) == []


def test_many_seals_cut_off_with_the_audit_of_them(sealed, days):
    days.note(NOON + 4 * DAY)  # the site lives on
    by_force(
        "DELETE FROM seal_part_entry WHERE day >= '2026-11-22'",
        "DELETE FROM seal_entry WHERE day >= '2026-11-22'",
        "DELETE FROM audit_event WHERE action = 'seal' AND id > (SELECT min(id) FROM audit_event WHERE action = 'seal')",
    )
    assert faults(5) == ["2026年11月21日以后有 3 天没有封存：封存被删掉了，或者定时任务 flask seal day 没有跑"]


def test_the_first_seal_cut_off(sealed):
    by_force("DELETE FROM seal_part_entry WHERE day = '2026-11-21'", "DELETE FROM seal_entry WHERE day = '2026-11-21'")
    assert "封存 2026年11月22日：它前面还有封存，被删掉了" in faults()


def test_one_out_of_the_middle(sealed):
    by_force("DELETE FROM seal_part_entry WHERE day = '2026-11-22'", "DELETE FROM seal_entry WHERE day = '2026-11-22'")
    assert "封存 2026年11月23日：与前一份（2026年11月21日）之间缺 1 天的封存，被删掉了" in faults()


def test_all_seals_taken_away(sealed):
    by_force("DELETE FROM seal_part_entry", "DELETE FROM seal_entry")
    assert len(faults()) == 3
    assert all("不见了，操作记录" in one for one in faults())


def test_a_part_taken_away(sealed):
    by_force("DELETE FROM seal_part_entry WHERE day = '2026-11-22' AND sealed_table = 'scan'")
    assert f"{SECOND}：扫码（scan）的封存明细被改过、删过或加过（封存时 1 份，现在 0 份）" in faults()


A_SEAL = """INSERT INTO seal_entry (day, sealed_at, content, previous, digest)
SELECT {day}, sealed_at, content, {previous}, {digest} FROM seal_entry WHERE day = '2026-11-22'"""
A_PART = """INSERT INTO seal_part_entry (day, sealed_table, seq, rows, late, columns, marks, digest)
SELECT day, sealed_table, 77, rows, late, columns, marks, digest FROM seal_part_entry WHERE id = 1"""


def written(statement: str) -> None:
    in_transaction(lambda: db.session.execute(text(statement)))


@pytest.mark.parametrize(("day", "follows"), [("2026-11-25", False), ("2026-11-20", True), ("2026-11-23", True)])
def test_the_database_takes_no_seal_out_of_order(sealed, day, follows):
    previous = queries.last_seal().digest if follows else "a" * 64
    with pytest.raises(IntegrityError, match="a seal follows the last one"):
        written(A_SEAL.format(day=f"'{day}'", previous=f"'{previous}'", digest="'" + "b" * 64 + "'"))


def test_the_database_takes_no_part_of_a_day_that_is_sealed(sealed):
    with pytest.raises(IntegrityError, match="that day is sealed"):
        written(A_PART)


def test_destroying_a_key_leaves_every_seal_as_it_is(sealed):
    in_transaction(lambda: audit.destroy_key(sealed.people[1], NOON))
    assert faults() == []


def test_a_check_is_noted(sealed):
    in_transaction(lambda: service.note_check(NOON.date(), 0, NOON))
    assert queries.last_checks() == [(NOON, NOON.date(), 0)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE seal_part_entry SET marks = '' WHERE day = '2026-11-22' AND sealed_table = 'audit_event'",
        "UPDATE seal_part_entry SET marks = 'x=y' WHERE day = '2026-11-22' AND sealed_table = 'audit_event'",
        "UPDATE seal_part_entry SET columns = 'nothing' WHERE day = '2026-11-22' AND sealed_table = 'audit_event'",
        "UPDATE seal_entry SET content = '[]' WHERE day = '2026-11-22'",
        """UPDATE seal_entry SET content = '{"audit_event": 1}' WHERE day = '2026-11-22'""",
        """UPDATE audit_event SET detail = '{"on": "then"}' WHERE action = 'seal'""",
        "UPDATE audit_event SET detail = '[]' WHERE action = 'seal'",
    ],
)
def test_what_can_not_be_read_any_more_is_told_and_stops_nothing(sealed, change, app):
    scan = "00000000000000000000000000000007"
    by_force(change, f"DELETE FROM scan WHERE id = '{scan}'")
    found = faults()
    assert f"封存 2026年11月23日：扫码（scan） {scan} 号被删掉了" in found, found
    assert len(found) > 1
    assert app.test_cli_runner().invoke(args=["ledger", "verify"]).exit_code == 1
