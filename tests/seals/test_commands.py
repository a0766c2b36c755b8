"""`flask seal`, as the nightly timer and the keeper of a seal use it."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.db import db
from app.seals import exports, queries, service
from tests.conftest import NOON
from tests.seals.conftest import DAY, by_force, faults, seal
from tests.seals.test_attacks import _make_anew, ids_of_the_second_day


def test_the_night_seals_what_is_over_and_verify_agrees(run, days):
    days.a_day(0)
    code, said = run("seal", "day", at=NOON + DAY)
    assert (code, "封存了2026年11月21日" in said) == (0, True), said
    assert run("seal", "day", at=NOON + DAY) == (0, "没有要封存的日子。\n")
    code, said = run("ledger", "verify", at=NOON + DAY)
    assert "封存：相符" in said
    assert queries.last_checks() == [(NOON + DAY, NOON.date(), 0)]


def test_where_no_day_was_ever_sealed_verify_says_so_once_there_should_be(run, days):
    """All seals and what the audit tells of them taken away together can not be proven from inside; it is no fault and is said."""
    days.a_day(0)
    assert "请看一眼" not in run("ledger", "verify", at=NOON + DAY)[1]
    code, said = run("ledger", "verify", at=NOON + 4 * DAY)
    assert (code, "一天也没有封存过" in said) == (0, True), said
    run("seal", "day", at=NOON + 4 * DAY)
    assert "一天也没有封存过" not in run("ledger", "verify", at=NOON + 4 * DAY)[1]


def test_nothing_is_sealed_before_a_day_is_over_for_ten_minutes(days):
    days.a_day(0)
    midnight = clock.at_local((NOON + DAY).date())
    assert [one.day for one in service.seal_days(midnight + timedelta(minutes=9))] == [(NOON - DAY).date()]
    assert [one.day for one in service.seal_days(midnight + timedelta(minutes=10))] == [NOON.date()]


def test_years_are_not_sealed_at_once_before_somebody_looked_at_the_clock(run, days):
    days.a_day(0)
    seal(0)
    code, said = run("seal", "day", at=NOON + 3650 * DAY)
    assert (code, "有 3649 天，这次没有封存" in said) == (1, True), said
    assert [one.day for one in queries.seals()] == [NOON.date()]
    assert run("seal", "day", at=NOON + 44 * DAY)[0] == 0
    assert run("seal", "day", "--clock-is-right", at=NOON + 100 * DAY)[0] == 0
    assert queries.last_seal().day == (NOON + 99 * DAY).date()


def test_days_that_were_missed_are_made_up_one_by_one(run, days):
    days.a_day(0)
    seal(0)
    for n in (1, 2, 3):
        days.a_day(n)
    assert run("seal", "day", at=NOON + 4 * DAY)[0] == 0
    assert [one.day.day for one in queries.seals()] == [24, 23, 22, 21]
    assert [one.content["scan"]["rows"] for one in queries.seals()] == [3, 3, 3, 3]
    assert faults(3) == []


def test_rows_of_the_night_before_sealing_belong_to_the_next_day(days):
    days.a_day(0)
    days.scan(clock.at_local((NOON + DAY).date()) + timedelta(minutes=1))
    seal(0)
    assert queries.last_seal().content["scan"]["rows"] == 3
    seal(1)
    assert queries.last_seal().content["scan"]["rows"] == 1


def test_a_row_that_commits_late_goes_to_the_seal_that_first_sees_it(run, sealed, engine):
    scan = "000000000000000000000000000000ff"
    columns = "activity_id, shift_id, person_id, by_id, way, outcome, at, received_at, content, day_code, fence"
    by_force(f"INSERT INTO scan (id, {columns}) SELECT '{scan}', {columns} FROM scan WHERE id = '00000000000000000000000000000005'")
    assert len(faults()) == 1
    code, said = run("seal", "day", at=NOON + 4 * DAY)
    assert code == 1
    assert f"扫码（scan）{scan} 号在前一次封存之后才出现" in said
    assert queries.last_seal().content["scan"] | {"digest": ""} == {
        "rows": 1, "late": 1, "parts": 1, "first": "", "last": "", "upto": "", "digest": "",
    }  # fmt: skip
    assert faults(3) == []
    code, said = run("ledger", "verify", at=NOON + 4 * DAY)
    assert f"请看一眼：封存 2026年11月24日：扫码（scan）{scan} 号" in said


def test_killed_at_any_point_it_goes_on_where_it_was(days, monkeypatch):
    from app.seals import rules

    monkeypatch.setattr(rules, "PART_ROWS", 2)
    days.a_day(0)
    put, calls = service._put, []

    class Killed(BaseException):
        pass

    def dies(values):
        calls.append(values["sealed_table"])
        put(values)
        if len(calls) % 2 == 0:
            raise Killed

    for _ in range(40):
        with monkeypatch.context() as patched:
            patched.setattr(service, "_put", dies)
            try:
                made = seal(0)
                break
            except Killed:
                continue
    assert len(made) == 1
    assert made[0].content["scan"]["rows"] == 3
    assert faults(0) == []
    in_parts = db.session.scalar(text("SELECT sum(rows) FROM seal_part_entry"))
    assert in_parts == made[0].rows


def test_two_at_once_seal_each_row_once(days, at_once, monkeypatch):
    from app.seals import rules

    monkeypatch.setattr(rules, "PART_ROWS", 2)
    for n in (0, 0, 0):
        days.a_day(n)
    at_once([lambda: list(service.seal_days(NOON + DAY))] * 3)
    assert [one.day for one in queries.seals()] == [NOON.date()]
    assert queries.last_seal().content["scan"]["rows"] == 9
    assert faults(0) == []


def test_a_kept_seal_agrees_until_the_chain_is_made_anew(run, sealed, tmp_path):
    code, said = run("seal", "export", str(tmp_path), "--day", "2026-11-22")
    assert code == 0
    file = tmp_path / "seal-2026-11-22.json"
    assert (tmp_path / "seal-2026-11-22.pdf").read_bytes().startswith(b"%PDF")
    assert run("seal", "check", str(file))[0] == 0
    row = ids_of_the_second_day()[0]
    by_force(f"UPDATE audit_event SET subject_id = 7 WHERE id = {row}")
    _everything_anew()
    assert faults() == []  # the site itself can not tell
    code, said = run("seal", "check", str(file))
    assert code == 1
    assert "2026年11月22日起的封存（1 份）与交出来保管的不同：封存被整条重新做过" in said
    assert f"操作记录（audit_event） {row} 号的内容被改过" in said


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        ("UPDATE audit_event SET actor_id = 1 WHERE id = {0}", "{0} 号的内容被改过"),
        ("DELETE FROM audit_event WHERE id = {0}", "{0} 号被删掉了"),
        ("UPDATE audit_event SET id = 9999 WHERE id = {0}; UPDATE audit_event SET id = {0} WHERE id = {1}; "
         "UPDATE audit_event SET id = {1} WHERE id = 9999", "{0} 号与 {1} 号被对调了"),
    ],
)  # fmt: skip
def test_each_attack_with_a_chain_made_anew_is_found_by_a_kept_seal(run, sealed, tmp_path, attack, named):
    run("seal", "export", str(tmp_path), "--no-pdf")
    run("seal", "export", str(tmp_path), "--no-pdf", "--day", "2026-11-22")
    ids = ids_of_the_second_day()
    by_force(*attack.format(*ids).split("; "))
    _everything_anew()
    assert faults() == []
    assert named.format(*ids) in run("seal", "check", str(tmp_path / "seal-2026-11-22.json"))[1]
    code, said = run("seal", "check", str(tmp_path / "seal-2026-11-23.json"))
    assert (code, "2026年11月22日起的封存（2 份）" in said) == (1, True)


def test_seals_cut_off_and_forgotten_are_found_by_a_kept_seal(run, sealed, tmp_path):
    run("seal", "export", str(tmp_path), "--no-pdf")
    by_force(
        "DELETE FROM seal_part_entry WHERE day = '2026-11-23'",
        "DELETE FROM seal_entry WHERE day = '2026-11-23'",
        "DELETE FROM audit_event WHERE action = 'seal' AND id = (SELECT max(id) FROM audit_event)",
    )
    assert faults(2)[:1] == []
    assert "2026年11月23日的封存没有了，保管的文件里有" in run("seal", "check", str(tmp_path / "seal-2026-11-23.json"))[1]


def _everything_anew() -> None:
    """The whole chain, and what the audit tells of it, by somebody with full access."""
    for one in queries.seals()[::-1]:
        _forget_rows(one.day)
        _make_anew(one.day)
        told = {"on": one.day.isoformat(), "digest": queries.seal_of(one.day).digest}
        rows = [id_ for id_, day, _ in queries.recorded() if day == one.day.isoformat()]
        by_force(*(f"UPDATE audit_event SET detail = '{json.dumps(told)}' WHERE id = {id_}".replace(":", "\\:") for id_ in rows))


def _forget_rows(day) -> None:
    """Marks of rows that are no more are taken out, so that the day agrees with itself."""
    for part in (one for one in queries.parts(day) if one.table == "audit_event"):
        there = {str(id_) for id_ in db.session.scalars(text("SELECT id FROM audit_event"))}
        kept = " ".join(one for one in part.marks.split() if one.partition("=")[0] in there)
        if kept != part.marks:
            by_force(
                f"UPDATE seal_part_entry SET marks = '{kept}' WHERE day = '{day}' AND sealed_table = '{part.table}' AND seq = {part.seq}"
            )


def test_a_printed_digest_is_compared_by_its_groups(run, sealed):
    digest = queries.seal_of((NOON + DAY).date()).groups
    asked = ("seal", "check", "--day", "2026-11-22", "--digest")
    assert run(*asked, " ".join(digest).upper())[0] == 0
    wrong = [*digest[:2], "0000" if digest[2] != "0000" else "1111", *digest[3:]]
    code, said = run(*asked, " ".join(wrong))
    assert (code, "第 3 组" in said) == (1, True)
    assert "64 位" in run(*asked, "12ab")[1]
    assert "没有封存" in run("seal", "check", "--day", "2026-12-24", "--digest", "".join(digest))[1]


@pytest.mark.parametrize("damage", ["cut", "empty", "list", "day", "digest"])
def test_a_kept_file_that_was_changed_says_so(run, sealed, tmp_path, damage):
    told = exports.as_json(queries.last_seal(), "https://shulin.example")
    day = told.replace("2026-11-23", "2026-11-22")
    changed = {"cut": told[:50], "empty": "{}", "list": "[]", "day": day, "digest": told.replace(queries.last_seal().digest, "a" * 64)}
    file = tmp_path / "kept.json"
    file.write_text(changed[damage], encoding="utf-8")
    code, said = run("seal", "check", str(file))
    assert code == 1
    assert re.search("被改过|读不出来|不是熟邻的封存", said)


def test_a_kept_file_holds_nothing_personal(sealed):
    told = exports.as_json(queries.last_seal(), "https://shulin.example")
    for secret in ("何嘉怡", "李伯", "原因", "身体"):
        assert secret not in told


def test_exporting_before_anything_is_sealed_says_what_to_do(run, tmp_path):
    assert "seal day" in run("seal", "export", str(tmp_path))[1]
