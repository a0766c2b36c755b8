"""The six attacks on a sealed day, as whoever runs `flask ledger verify` reads of them: which day, which table, which row.

And the one that the site itself can not see, a chain made anew from end to end: `--against` a seal that is kept elsewhere.
"""

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.db import db
from app.seals import queries
from tests.conftest import NOON
from tests.seals.conftest import DAY, by_force
from tests.seals.test_attacks import _make_anew, ids_of_the_second_day
from tests.seals.test_commands import _everything_anew

COPIED = "at, actor_id, action, subject, subject_id, detail, request_id"
WHERE = "封存 2026年11月22日：操作记录（audit_event）"
SECOND = (NOON + DAY).date()


@pytest.fixture
def verify(app):
    def command(*args: str) -> tuple[int, list[str]]:
        with clock.frozen_at(NOON + 3 * DAY):
            result = app.test_cli_runner().invoke(args=["ledger", "verify", *args])
        assert not result.exception or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output.splitlines()

    return command


def of_seals(lines: list[str]) -> list[str]:
    """What stands below 封存, and the hint at the end of it."""
    at = next(n for n, line in enumerate(lines) if line.startswith("封存："))
    rest = lines[at + 1 :]
    return [line.strip() for line in rest[: next(n for n, line in enumerate([*rest, ""]) if not line.startswith("  "))]]


def changed(one, two):
    by_force(f"UPDATE audit_event SET subject_id = 7 WHERE id = {one}")
    return [f"{WHERE} {one} 号的内容被改过"]


def deleted(one, two):
    by_force(f"DELETE FROM audit_event WHERE id = {two}")
    return [f"{WHERE} {two} 号被删掉了"]


def put_in(one, two):
    by_force(f"INSERT INTO audit_event (id, {COPIED}) SELECT -3, {COPIED} FROM audit_event WHERE id = {one}")
    return ["操作记录（audit_event） -3 号没有封存过，却排在封存过的行里：是后来插进去的"]


def a_scan_put_in(one, two):
    columns = "activity_id, shift_id, person_id, by_id, way, outcome, at, received_at, content, day_code, fence"
    scan = "000000000000000000000000000000ff"
    by_force(f"INSERT INTO scan (id, {columns}) SELECT '{scan}', {columns} FROM scan WHERE id = '00000000000000000000000000000005'")
    return [f"封存 2026年11月22日：扫码（scan） {scan} 号没有封存过，时间却在封存过的这一天：是后来插进去的"]


def swapped(one, two):
    by_force(*(f"UPDATE audit_event SET id = {new} WHERE id = {old}" for old, new in ((one, 9999), (two, one), (9999, two))))
    return [f"{WHERE} {one} 号与 {two} 号被对调了"]


def seal_made_anew(one, two):
    by_force(f"UPDATE audit_event SET subject_id = 7 WHERE id = {one}")
    _make_anew(SECOND)
    number, old = db.session.execute(text("SELECT id, detail FROM audit_event WHERE action = 'seal' ORDER BY id LIMIT 1 OFFSET 1")).one()
    digest = next(digest for id_, _, digest in queries.recorded() if id_ == number)
    assert old
    return [
        "封存 2026年11月22日：被重新做过，2026年11月23日的封存接的不是现在这一份",
        f"封存 2026年11月22日：不是当时那一份，操作记录 {number} 号记着的摘要是 {digest[:8]}…",
    ]


def seals_cut_away(one, two):
    by_force("DELETE FROM seal_part_entry WHERE day = '2026-11-23'", "DELETE FROM seal_entry WHERE day = '2026-11-23'")
    number = next(id_ for id_, day, _ in queries.recorded() if day == "2026-11-23")
    return [f"封存 2026年11月23日：不见了，操作记录 {number} 号记着封存过"]


def a_seal_cut_out(one, two):
    by_force("DELETE FROM seal_part_entry WHERE day = '2026-11-22'", "DELETE FROM seal_entry WHERE day = '2026-11-22'")
    number = next(id_ for id_, day, _ in queries.recorded() if day == "2026-11-22")
    return [
        "封存 2026年11月23日：与前一份（2026年11月21日）之间缺 1 天的封存，被删掉了",
        f"封存 2026年11月22日：不见了，操作记录 {number} 号记着封存过",
    ]


ATTACKS = (changed, deleted, put_in, a_scan_put_in, swapped, seal_made_anew, seals_cut_away, a_seal_cut_out)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_each_attack_is_read_by_name(sealed, verify, attack):
    assert of_seals(verify()[1]) == []
    one, two, *_ = ids_of_the_second_day()
    expected = attack(one, two)
    code, lines = verify()
    found = of_seals(lines)
    assert code == 1
    assert found[: len(expected)] == expected
    assert all(line.startswith(("封存 2026年11月2", "操作记录（")) for line in found)
    assert any(line.startswith("封存不符，是有人绕过网站直接改了数据库") for line in lines)
    assert not any("totals rebuild" in line for line in lines)  # it would take what was changed for the truth


def test_a_chain_made_anew_is_told_by_the_kept_file_and_by_the_printed_digest(app, sealed, verify, tmp_path):
    digest = " ".join(queries.seal_of(SECOND).groups)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["seal", "export", str(tmp_path), "--no-pdf", "--day", "2026-11-22"]).exit_code == 0
    file = str(tmp_path / "seal-2026-11-22.json")
    for kept in (file, digest, digest.upper()):
        assert "保管的封存：相符" in verify("--against", kept)[1]
    row = ids_of_the_second_day()[0]
    by_force(f"UPDATE audit_event SET subject_id = 7 WHERE id = {row}")
    _everything_anew()
    assert of_seals(verify()[1]) == []  # the site itself can not tell
    code, lines = verify("--against", file)
    said = "\n".join(lines)
    assert code == 1
    assert "2026年11月22日起的封存（1 份）与交出来保管的不同：封存被整条重新做过" in said
    assert f"2026年11月22日：操作记录（audit_event） {row} 号的内容被改过" in said
    assert "请保管的人一起查" in said
    code, lines = verify("--against", digest)
    assert (code, "没有哪一天的封存是这个摘要" in "\n".join(lines)) == (1, True)


def test_what_is_neither_a_file_nor_a_digest_is_said(sealed, verify):
    code, lines = verify("--against", "seal-2026.json")
    assert (code, "没有 seal-2026.json 这个文件" in "\n".join(lines)) == (1, True)
