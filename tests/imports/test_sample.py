"""The office's own file, and the answer that is known for it."""

import json
from collections import Counter

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.imports import dependents, running, status
from app.people.models import Membership, Person, Phone, Stage, Unit, UnitAncestry, UnitParent
from app.people.rules import MembershipKind, Origin, UnitKind
from tests.imports.sheet import DAY, SAMPLE, counts, plan, refusals, warnings, write

TABLES = (Person, Phone, Membership, Stage, Unit, UnitParent, UnitAncestry)


def table_sizes() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(table)) for table in TABLES]


def test_the_answer(app):
    found = plan(SAMPLE.read_bytes())
    assert len(found.decisions) + found.blank == 1221
    assert counts(found) == (1150, 0, 0, 62)
    assert found.blank == 9
    assert Counter(column for _, column, _ in refusals(found)) == {
        "手机号码": 13, "政治面貌": 11, "进入当前阶段日期": 16, "姓名": 10, "整行": 12,
    }  # fmt: skip


def test_row_numbers_are_the_sheets_own(app):
    by_row = {row: (column, reason) for row, column, reason in refusals(plan(SAMPLE.read_bytes()))}
    assert by_row[44] == ("姓名", "没有填姓名")
    assert by_row[87] == ("手机号码", "手机号码应是 11 位，这里是 7 位")
    assert by_row[96] == ("进入当前阶段日期", "没有 13 月")
    assert by_row[95] == ("整行", "与第 94 行重复：姓名和手机号码都相同")


def test_a_row_with_two_faults_is_one_refused_row_and_a_repeat_comes_first(app):
    (twice,) = [one for one in plan(SAMPLE.read_bytes()).decisions if one.row.row == 362]
    assert [fault.column for fault in twice.faults] == ["整行", "进入当前阶段日期"]


def test_units_are_planned_under_their_communities(app):
    found = plan(SAMPLE.read_bytes())
    new = {unit.name: unit for unit in found.units if unit.unit_id is None}
    assert Counter(unit.kind for unit in new.values()) == {UnitKind.SUBDISTRICT: 1, UnitKind.COMMUNITY: 9, UnitKind.BRANCH: 63}
    assert new["桂城街道党工委"].parent is None
    branch = new["桂雅社区退休党支部"]
    assert branch.parent is not None
    assert found.units[branch.parent].name == "桂雅社区党委"
    assert {unit.key for unit in found.new_units()} == {unit.key for unit in new.values()}
    assert sum(unit.people for unit in found.new_units()) == 1150


def test_joining_before_eighteen_is_a_warning_only(app):
    found = warnings(plan(SAMPLE.read_bytes()))
    assert ("入党日期", "入党时只有 15 岁，不满 18 岁，请核对") in found
    assert {column for column, _ in found} == {"入党日期"}


def test_written_people_stand_where_the_sheet_says(app):
    write(SAMPLE.read_bytes())
    people = db.session.scalar(
        select(func.count()).select_from(Person).where(Person.origin == Origin.ROSTER, Person.confirmed_at.is_not(None))
    )
    kinds = dict(db.session.execute(select(Membership.kind, func.count()).group_by(Membership.kind)).all())
    assert people == 1150
    assert kinds[MembershipKind.HOME] == 1150
    assert db.session.scalar(select(func.count()).select_from(Phone)) == 1150
    assert db.session.scalar(select(func.count()).select_from(Stage)) == 1150
    note = db.session.scalars(select(Person.note).where(Person.note != "")).all()
    assert set(note) == {'=HYPERLINK("http://x.invalid","点我")'}
    spaced = db.session.scalar(select(func.count()).select_from(Person).where(Person.name.contains("\u3000")))
    assert spaced == 0


def test_the_same_file_again_changes_nothing(app):
    write(SAMPLE.read_bytes())
    before = table_sizes()
    again = plan(SAMPLE.read_bytes())
    assert counts(again) == (0, 0, 1150, 62)
    assert [unit for unit in again.units if unit.unit_id is None] == []
    write(SAMPLE.read_bytes())
    assert table_sizes() == before


def test_a_batch_can_be_taken_back_whole(app):
    before = table_sizes()
    batch_id = write(SAMPLE.read_bytes())
    assert table_sizes() != before
    assert dependents.dependents(batch_id, DAY) == []
    running.undo(batch_id, None, clock.now())
    assert table_sizes() == before
    assert status.batch(batch_id).undone_at is not None


def test_the_command_prints_the_figures_as_json(app):
    printed = app.test_cli_runner().invoke(args=["roster", "import", str(SAMPLE), "--json"])
    assert printed.exit_code == 0, printed.output
    figures = json.loads(printed.stdout)
    assert list(figures) == ["new", "changed", "unchanged", "blank", "refused", "warnings", "new_units"]
    assert (figures["new"], figures["changed"], figures["unchanged"], figures["blank"], len(figures["refused"])) == (1150, 0, 0, 9, 62)
    assert {tuple(one) for one in figures["refused"]} == {("row", "column", "reason")}
    assert figures["refused"][0] == {"row": 44, "column": "姓名", "reason": "没有填姓名"}
    assert len(figures["new_units"]) == 73
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_the_command_applies_once(app):
    run = app.test_cli_runner()
    assert json.loads(run.invoke(args=["roster", "import", str(SAMPLE), "--apply", "--json"]).stdout)["new"] == 1150
    again = run.invoke(args=["roster", "import", str(SAMPLE), "--apply", "--json"])
    assert (again.exit_code, json.loads(again.stdout)["unchanged"]) == (0, 1150)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1150


def test_the_command_says_plainly_what_it_can_not_read(app, tmp_path):
    bad = tmp_path / "花名册.et"
    bad.write_bytes(b"whatever")
    printed = app.test_cli_runner().invoke(args=["roster", "import", str(bad), "--json"])
    assert printed.exit_code == 1
    assert "另存为 xlsx" in printed.output
