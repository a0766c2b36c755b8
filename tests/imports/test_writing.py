"""All or nothing, in short steps, and back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, event, func, select, update

from app.audit.models import AuditEvent
from app.core import clock, pacing
from app.core import db as core
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.imports import corrections, dependents, queries, running, service, staging, status, writing
from app.imports.models import ImportBatch, ImportRow
from app.imports.status import Missing
from app.people import service as people
from app.people.models import Membership, Person, Phone, Stage, Unit
from app.people.rules import MembershipKind, Origin, StageKind, UnitKind
from app.sheets.reading import read
from tests.conftest import statements
from tests.imports.sheet import DAY, counts, file, plan, refusals, write
from tests.imports.test_sample import table_sizes

MANY = 14_000


@pytest.fixture
def place(make):
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    return make.unit("灯湖社区第一党支部", parent=make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=top))


def person_row(number, **more):
    """The nth of many people: a name of her own, a phone of her own."""
    name = "何" + chr(0x4E00 + number % 1000) + chr(0x5000 + number // 1000)
    return {"姓名": name, "手机号码": f"139{number:08d}", "所属党支部": f"灯湖社区第{'一二三四五'[number % 5]}党支部", **more}


def csv_of(rows):
    words = ("姓名", "手机号码", "所在社区", "所属党支部", "政治面貌", "进入当前阶段日期")
    lines = [",".join(words)] + [
        ",".join([row["姓名"], row["手机号码"], "灯湖社区", row["所属党支部"], "正式党员", "2020-01-01"]) for row in rows
    ]
    return "\n".join(lines).encode()


class Steps:
    """Counts transactions, and the statements inside each."""

    def __init__(self, monkeypatch):
        self.sizes = []
        real = core.in_transaction

        def counted(work):
            self.sizes.append(0)
            return real(work)

        for module in (running, pacing):
            monkeypatch.setattr(module, "in_transaction", counted)
        event.listen(db.engine, "before_cursor_execute", self.count)

    def count(self, *_):
        if "connection" in db.session.info and self.sizes:
            self.sizes[-1] += 1

    def stop(self):
        event.remove(db.engine, "before_cursor_execute", self.count)


def test_fourteen_thousand_rows_are_written_in_short_set_wise_steps(place, monkeypatch):
    found = service.plan_file(read(csv_of([person_row(n) for n in range(MANY)]), "a.csv"), 1, True, DAY)
    assert counts(found) == (MANY, 0, 0, 0)
    batch_id = running.stage(found, 1, "a.csv", None, clock.now())
    steps = Steps(monkeypatch)
    try:
        running.write(batch_id, None, clock.now())
    finally:
        steps.stop()
    rows = steps.sizes[2:-1]  # claim, units, the rows, finish
    assert max(rows) <= 20  # statements do not grow with the rows of a step
    assert db.session.scalar(select(func.count()).select_from(Membership)) == MANY


def test_the_statements_of_a_step_are_as_many_for_ten_rows_as_for_four_hundred(place, monkeypatch):
    monkeypatch.setattr(pacing, "monotonic", lambda: 0.0)
    monkeypatch.setattr(pacing, "LEAST", 500)  # all rows at once
    sizes = []
    for first, many in ((0, 10), (1000, 400)):
        batch_id = running.stage(plan(csv_of([person_row(first + n) for n in range(many)]), "a.csv"), 1, "a.csv", None, clock.now())
        with monkeypatch.context() as patch:
            steps = Steps(patch)
            running.write(batch_id, None, clock.now())
            steps.stop()
        sizes.append(max(steps.sizes[-2:-1]))
        in_transaction(
            lambda b=batch_id: db.session.execute(
                update(ImportBatch).where(ImportBatch.id == b).values(applied_at=clock.now() - timedelta(1))
            )
        )
    assert sizes[0] == sizes[1]


def test_the_statements_of_five_hundred_rows_are_as_many_whoever_is_on_record(place, monkeypatch):
    monkeypatch.setattr(pacing, "monotonic", lambda: 0.0)  # a busy machine takes smaller steps
    asked, start = [], clock.now()
    rows = csv_of([person_row(90_000 + n) for n in range(250)] + [person_row(n) for n in range(250)])
    write(csv_of([person_row(n) for n in range(250)]))
    for turn, more in enumerate((0, 500, 3000)):
        with clock.frozen_at(start + timedelta(minutes=2 * turn + 1)):
            if more:
                write(csv_of([person_row(1000 * more + n) for n in range(more)]))
        with clock.frozen_at(start + timedelta(minutes=2 * turn + 2)):
            with statements() as sent:
                running.undo(write(rows), None, clock.now())
            asked.append(len(sent))
    assert asked[0] == asked[1] == asked[2]


def test_planning_asks_few_questions_whatever_the_number_of_rows(place):
    asked = []
    rows = plan(csv_of([person_row(n) for n in range(2000)]), "a.csv")
    event.listen(db.engine, "before_cursor_execute", lambda *_: asked.append(1))
    queries.candidates([one.row for one in rows.decisions])
    assert len(asked) <= 8


def test_everyone_written_is_audited_without_numbers_or_names(place):
    batch_id = write(file({}, person_row(1)))
    events = db.session.execute(select(AuditEvent.subject, AuditEvent.detail).where(AuditEvent.action == "person.import")).all()
    assert [(row.subject, row.detail) for row in events] == [("person", {"batch": batch_id})] * 2
    done = db.session.scalar(select(AuditEvent.detail).where(AuditEvent.action == "import.application"))
    assert done["new"] == 2


def test_changes_are_taken_back_too(place, make):
    person = make.person("何嘉怡", home=place, phone="13800138000", stage=StageKind.ACTIVIST, stage_since=date(2026, 3, 1))
    before = table_sizes()
    batch_id = write(
        file(
            {
                "所属党支部": "灯湖社区第二党支部",
                "报到社区": "怡海社区",
                "备注": "楼长",
                "政治面貌": "发展对象",
                "进入当前阶段日期": "2026-10-01",
            }
        )
    )
    assert table_sizes() != before
    running.undo(batch_id, None, clock.now())
    assert table_sizes() == before
    row = db.session.execute(select(Person.note, Person.gender, Person.birth_date).where(Person.id == person)).one()
    assert row == ("", None, None)
    ties = db.session.execute(select(Membership.unit_id, Membership.valid_to).where(Membership.person_id == person)).all()
    assert ties == [(place, None)]
    assert db.session.execute(select(Stage.kind).where(Stage.person_id == person)).all() == [(StageKind.ACTIVIST,)]


def test_moved_dates_are_taken_back(place, make):
    person = make.person("何嘉怡", home=place, phone="13800138000", stage=StageKind.ACTIVIST, stage_since=date(2026, 3, 1))
    batch_id = write(file({"进入当前阶段日期": "2026-02-01"}), move_dates=True)
    running.undo(batch_id, None, clock.now())
    assert db.session.scalar(select(Stage.began_on).where(Stage.person_id == person)) == date(2026, 3, 1)


def test_ids_are_never_given_twice(place):
    batch_id = write(file({}))
    first = db.session.scalar(select(func.max(Person.id)))
    running.undo(batch_id, None, clock.now())
    write(file({}))
    assert db.session.scalar(select(func.max(Person.id))) > first


@pytest.mark.parametrize("what", ["account", "branch", "stage", "member"])
def test_what_later_rests_on_a_batch_keeps_it(place, make, what):
    batch_id = write(file({"所属党支部": "灯湖社区第二党支部"}))
    person = db.session.scalar(select(Person.id).where(Person.name == "何嘉怡"))
    branch = db.session.scalar(select(Unit.id).where(Unit.name == "灯湖社区第二党支部"))
    if what == "account":
        make.account(person)
    elif what == "branch":
        in_transaction(lambda: people.join(person, place, MembershipKind.HOME, DAY + timedelta(days=1)))
    elif what == "stage":
        in_transaction(lambda: people.begin_stage(person, StageKind.CANDIDATE, date(2026, 11, 20)))
    else:
        make.person("新来的", home=branch)
    before = table_sizes()
    assert dependents.dependents(batch_id, DAY)
    with pytest.raises(Conflict, match="不能整批退回"):
        running.undo(batch_id, None, clock.now())
    assert table_sizes() == before
    assert status.batch(batch_id).undone_at is None


def test_a_later_import_of_the_same_field_keeps_the_earlier_batch(place, make):
    first = write(file({}))
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        second = write(file({"备注": "楼长"}))
        with pytest.raises(Conflict, match="后来又改过"):
            running.undo(first, None, clock.now())
        running.undo(second, None, clock.now())
        running.undo(first, None, clock.now())
    assert db.session.scalar(select(Person.id).where(Person.name == "何嘉怡")) is None


def test_after_thirty_days_only_corrections_help(place):
    batch_id = write(file({}))
    with pytest.raises(Conflict, match="30 天"):
        running.undo(batch_id, None, clock.now() + timedelta(days=31))


def test_a_preview_that_is_out_of_date_writes_nothing(place, make):
    batch_id = running.stage(plan(file({}, person_row(1))), 1, "a", None, clock.now())
    make.person("何嘉怡", phone="13800138000", home=place)
    before = table_sizes()
    with pytest.raises(Conflict, match="没有写入任何东西"):
        running.write(batch_id, None, clock.now())
    assert table_sizes() == before
    assert status.batch(batch_id).is_preview


def test_a_failure_in_a_late_step_takes_the_early_steps_back(place, make, monkeypatch):
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 2)
    batch_id = running.stage(plan(csv_of([person_row(n) for n in range(9)]), "a.csv"), 1, "a", None, clock.now())
    make.person("抢先的", phone="13900000007", home=place)
    before = table_sizes()
    with pytest.raises(Conflict):
        running.write(batch_id, None, clock.now())
    assert table_sizes() == before
    assert db.session.scalar(select(func.count()).select_from(ImportRow).where(ImportRow.written_at.is_not(None))) == 0


def test_a_writer_that_died_can_be_followed_by_another_or_taken_back(place, monkeypatch):
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 2)
    real, calls = writing.write_rows, []

    def dies(*args):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real(*args)

    batch_id = running.stage(plan(csv_of([person_row(n) for n in range(9)]), "a.csv"), 1, "a", None, clock.now())
    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_rows", dies)
        with pytest.raises(KeyboardInterrupt):
            running.write(batch_id, None, clock.now())
    assert status.batch(batch_id).is_half
    assert status.progress(batch_id).done == 4
    with pytest.raises(Conflict, match="正在写入"):
        running.write(batch_id, None, clock.now())
    other = running.stage(plan(file({})), 1, "b", None, clock.now())
    with clock.frozen_at(clock.now() + timedelta(minutes=5)):
        with pytest.raises(Conflict, match="写到一半"):
            running.write(other, None, clock.now())
        running.write(batch_id, None, clock.now())
    assert status.progress(batch_id).done == 9
    assert db.session.scalar(select(func.count()).select_from(Phone)) == 9


def test_a_preview_made_before_another_batch_was_written_must_be_made_again(place):
    old = running.stage(plan(file({})), 1, "a", None, clock.now())
    with clock.frozen_at(clock.now() + timedelta(minutes=1)):
        write(file(person_row(1)))
        with pytest.raises(Conflict, match="重新上传"):
            running.write(old, None, clock.now())


def test_a_batch_is_written_once(place):
    batch_id = write(file({}))
    with pytest.raises(Conflict, match="已经写过"):
        running.write(batch_id, None, clock.now())


def test_old_previews_are_cleared_with_their_rows(place):
    batch_id = running.stage(plan(file({})), 1, "a", None, clock.now())
    in_transaction(lambda: staging.forget_old(clock.now() + timedelta(days=3)))
    assert db.session.scalars(select(ImportRow.row)).all() == []
    with pytest.raises(Conflict, match="清掉"):
        running.write(batch_id, None, clock.now())


def test_the_missing_are_listed_and_left_alone(place, make):
    make.person("在册的人", home=place)
    batch_id = running.stage(plan(file({})), 1, "a", None, clock.now())
    assert status.missing(batch_id) == [Missing("在册的人", "灯湖社区第一党支部", False)]
    running.write(batch_id, None, clock.now())
    home = select(Membership.valid_to).join(Person, Person.id == Membership.person_id).where(Person.name == "在册的人")
    assert db.session.execute(home).all() == [(None,)]


def test_a_known_person_in_a_refused_row_is_not_missing(place, make):
    make.person("何嘉怡", home=place, phone="13800138000")
    rows = file({"进入当前阶段日期": "2025.13.40"}, person_row(0))
    batch_id = running.stage(plan(rows), 1, "a", None, clock.now())
    assert status.missing_count(batch_id) == (0, 0)


def test_who_stands_only_in_a_refused_row_is_marked_as_that_and_not_as_missing(place, make):
    make.person("何嘉怡", home=place, phone="13900139999")
    make.person("在册的人", home=place)
    batch_id = running.stage(plan(file({"手机号码": "1380013"}, person_row(0))), 1, "a", None, clock.now())
    assert status.missing_count(batch_id) == (1, 1)
    assert {(one.name, one.refused) for one in status.missing(batch_id)} == {("何嘉怡", True), ("在册的人", False)}


def test_the_correction_sheet_holds_only_the_refused_rows_red_where_they_are_wrong(place):
    import io

    import openpyxl

    data = file(
        {"手机号码": "1380013", "身份证号": "440602199001021234"}, person_row(1), person_row(1), heading=("身份证号", *plan_heading())
    )
    batch_id = running.stage(plan(data), 1, "a", None, clock.now())
    sheet = openpyxl.load_workbook(io.BytesIO(corrections.refused(status.batch(batch_id)))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0][-2:] == ["原表行号", "为什么不收"]
    assert [(row[-2], row[-1]) for row in rows[1:]] == [
        (3, "手机号码：手机号码应是 11 位，这里是 7 位"),
        (5, "整行：与第 4 行重复：姓名和手机号码都相同"),
    ]
    assert rows[1][0] is None  # identity numbers are not stored
    red = {cell.coordinate for row in sheet.iter_rows(min_row=4) for cell in row if cell.fill.fgColor.rgb == "FFF8D0CC"}
    assert {name for name in red if name.endswith("4")} == {"E4"}
    assert len([name for name in red if name.endswith("5")]) == len(rows[0]) - 2
    mended = refusals(plan(corrections.refused(status.batch(batch_id))))
    assert [column for _, column, _ in mended] == ["手机号码"]


def plan_heading():
    from tests.imports.sheet import HEADING

    return HEADING


def test_a_person_is_confirmed_by_whoever_imported(place, make):
    clerk = make.person("周敏")
    write(file({}), by=clerk)
    row = db.session.execute(select(Person.origin, Person.confirmed_by_id).where(Person.name == "何嘉怡")).one()
    assert row == (Origin.ROSTER, clerk)


@pytest.mark.parametrize(
    "later", [{"name": "何佳怡"}, {"gender": None}, {"birth_date": None}, {"birth_date": date(1991, 1, 2)}, {"note": "行动不便"}]
)
def test_a_new_person_whose_own_row_was_edited_keeps_the_batch(place, later):
    batch_id = write(file({}))
    assert dependents.dependents(batch_id, DAY) == []
    in_transaction(lambda: db.session.execute(update(Person).values(later)))
    with pytest.raises(Conflict, match="资料后来又改过"):
        running.undo(batch_id, None, clock.now())
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


GROWING = ("hour_entry", "point_entry", "scan", "attendance", "audit_event", "membership", "phone", "stage", "person")


@pytest.mark.parametrize("name", GROWING)
def test_who_is_taken_back_is_looked_for_by_an_index_in_every_table_that_grows(app, name):
    """The database looks for every deleted person in every column that names one: without an index, through the whole table."""
    table = core.Base.metadata.tables[name]
    naming = {column.name for column in table.columns if any(key.column.table.name == "person" for key in column.foreign_keys)}
    kept = [*table.indexes, *(one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint))]
    lead = {next(iter(one.columns)).name for one in kept if len(one.columns)}
    assert naming <= lead
