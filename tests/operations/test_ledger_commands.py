"""`flask ledger verify` and `flask totals rebuild`: what agrees, what does not, and how it is made to agree."""

from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from app.activities.rules import ActivityKind
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import totals as hours
from app.hours.models import HourEntry, HourPersonTotal, HourUnitTotal, TotalMark
from app.hours.rules import HourClass, PeriodKind, SourceKind, period
from app.hours.totals import period_key
from app.people.rules import UnitKind
from app.points import totals as points
from app.points.models import PointEntry, PointPersonTotal, PointRule, PointScheme
from app.points.rules import Per, SchemeKind
from tests.conftest import NOON

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
spells = count(1000)


@pytest.fixture
def run(app):
    """`run("ledger", "verify")` is (exit code, what it printed)."""

    def command(*args: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=list(args))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return command


@pytest.fixture
def scheme(app):
    def work() -> None:
        since = date(2020, 1, 1)
        row = {"kind": SchemeKind.VOLUNTEER, "version": "1", "valid_from": since, "published_at": clock.now(), "source": "本地规定"}
        scheme_id = db.session.execute(insert(PointScheme).values(**row, rules=1).returning(PointScheme.id)).scalar_one()
        rule = {"scheme_id": scheme_id, "code": "hour", "name": "每小时", "per": Per.HOUR, "amount": 50, "counts_honour": True}
        db.session.execute(insert(PointRule).values(**rule))

    in_transaction(work)


@pytest.fixture
def place(make):
    """A branch, two of its members and an activity of the branch."""
    branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    people = [make.person("何嘉怡", home=branch), make.person("李伯")]
    activity = make.activity(branch, people[0])
    return branch, people, activity, make.shift(activity)


def attended(place, person: int, minutes: int, *, by_scan: bool = True, days_ago: int = 0) -> int:
    """A credited spell with its hours and points, as checking out leaves it. Returns the attendance."""
    branch, _, activity, shift = place
    start = NOON - timedelta(days=days_ago)
    end = start + timedelta(minutes=minutes)

    def work() -> int:
        from uuid import uuid4

        scan = uuid4()
        db.session.execute(
            insert(Scan).values(
                id=scan, activity_id=activity, way=Way.POSTER, outcome=Outcome.IN, at=start, received_at=start, content="", person_id=person
            )
        )
        spell = db.session.execute(
            insert(Attendance)
            .values(
                shift_id=shift,
                person_id=person,
                in_at=start,
                in_way=Way.POSTER,
                in_scan_id=scan,
                out_at=end,
                out_way=Way.POSTER if by_scan else Way.ORGANISER,
                credited_from=start,
                credited_to=end,
            )
            .returning(Attendance.id)
        ).scalar_one()
        kind = HourClass.CREDIT if by_scan else HourClass.HONOUR
        day = clock.local_date(start)
        crediting.credit([Credit(person, activity, ActivityKind.SERVICE, branch, day, minutes, kind, spell, "2026.1")], clock.now())
        return int(spell)

    return in_transaction(work)


def take_back(spell: int) -> None:
    def work() -> None:
        crediting.reverse(SourceKind.ATTENDANCE, [spell], "签退撤销", clock.now(), made_by_id=None)
        db.session.execute(update(Attendance).where(Attendance.id == spell).values(credited_from=None, credited_to=None))

    in_transaction(work)


def by_force(*statements: str) -> None:
    """What somebody with the database's own password could do: switch the guards off and change rows."""

    def work() -> None:
        for name in ("hour_entry", "point_entry"):
            guards = (
                [f"DROP TRIGGER IF EXISTS {name}_no_{verb}" for verb in ("update", "delete")]
                if db.engine.dialect.name == "sqlite"
                else [f"ALTER TABLE {name} DISABLE TRIGGER USER"]
            )
            for guard in guards:
                db.session.execute(text(guard))
        for statement in statements:
            db.session.execute(text(statement))

    in_transaction(work)


def test_an_empty_site_agrees(run):
    assert run("ledger", "verify")[0] == 0


def test_attendance_credited_and_taken_back_agrees(run, place, scheme):
    spell = attended(place, place[1][0], 90)
    attended(place, place[1][1], 45, by_scan=False)
    attended(place, place[1][0], 60, days_ago=200)
    take_back(spell)
    code, said = run("ledger", "verify")
    assert (code, "全部相符" in said) == (0, True), said


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("UPDATE hour_entry SET minutes = minutes + 30 WHERE id = 1", "个人时长：志愿者 GC-0000-0001，"),
        ("UPDATE hour_entry SET minutes = minutes + 30 WHERE id = 1", "计了 120 分，比那次考勤还长"),
        ("UPDATE hour_entry SET person_id = 2 WHERE id = 1", "时长流水 1 号与考勤 1 号不是同一个人"),
        ("UPDATE hour_entry SET home_unit_id = NULL WHERE id = 1", "单位时长：组织 2 号，"),
        ("UPDATE hour_entry SET hour_class = 'honour' WHERE id = 1", "补录时长：汇总记着 0 分、0 笔，流水算出来 1 小时 30 分、1 笔"),
        ("UPDATE hour_entry SET served_on = '2026-08-01' WHERE id = 1", "2026-Q3"),
        ("DELETE FROM hour_entry WHERE id = 1", "考勤 1 号已计入，时长流水里却没有它"),
        ("UPDATE hour_entry SET generation = 5, source_id = 2 WHERE id = 1", "来源 attendance 2 计了不止一次"),
        ("UPDATE attendance SET credited_from = NULL, credited_to = NULL WHERE id = 1", "那次考勤却没有计入"),
        ("UPDATE attendance SET out_way = 'organiser' WHERE id = 1", "其实有一端不是扫码"),
        ("UPDATE point_entry SET points = points + 1 WHERE id = 1", "个人积分：志愿者 GC-0000-0001，"),
        ("UPDATE hour_person_total SET minutes = minutes + 1 WHERE period = '2026-11' AND person_id = 1", "2026-11"),
        ("DELETE FROM hour_unit_total WHERE period = '2026'", "单位时长：组织 2 号，2026，"),
        (
            "UPDATE point_person_total SET entries = entries + 1 WHERE period = 'all'",
            "个人积分：志愿者 GC-0000-0001，累计，规则 ",
        ),
        ("UPDATE hour_entry SET minutes = -89 WHERE reverses_id IS NOT NULL", "冲销的是 3 号"),
        ("UPDATE point_entry SET points = points - 1 WHERE reverses_id IS NOT NULL", "冲销的是 3 号"),
    ],
)
def test_tampering_by_force_is_found_and_named(run, place, scheme, damage, named):
    attended(place, place[1][0], 90)
    attended(place, place[1][1], 45)
    take_back(attended(place, place[1][0], 90, days_ago=1))
    by_force(damage)
    code, said = run("ledger", "verify")
    assert code == 1
    assert named in said


def test_rebuilding_puts_damaged_totals_right(run, place, scheme):
    for days in range(3):
        attended(place, place[1][0], 60 + days, days_ago=days * 40)
        attended(place, place[1][1], 20, days_ago=days)
    before = kept()
    by_force(
        "UPDATE hour_person_total SET minutes = 7 WHERE person_id = 1",
        "DELETE FROM hour_unit_total WHERE period <> 'all'",
        "DELETE FROM point_person_total",
        "INSERT INTO hour_person_total VALUES (2, '1999', 'study', 'credit', 5, 1)",
    )
    code, said = run("totals", "rebuild")
    assert (code, "个人时长：重算了 2 个" in said) == (0, True), said
    assert kept() == before
    assert run("ledger", "verify")[0] == 0
    assert "本来就相符" in run("totals", "rebuild")[1]


def kept() -> list[list[tuple]]:
    return [
        sorted(tuple(row) for row in db.session.execute(select(table.__table__)))
        for table in (HourPersonTotal, HourUnitTotal, PointPersonTotal)
    ]


def test_the_database_names_periods_as_the_rules_do(app, place, scheme):
    for days in (0, 40, 100, 200, 330):
        attended(place, place[1][0], 30, days_ago=days)
    keys = [period_key(kind, HourEntry.served_on) for kind in PeriodKind]
    for day, *named in db.session.execute(select(HourEntry.served_on, *keys)):
        assert named == [period(kind, day).key for kind in PeriodKind]


TOTALS = (hours.PERSON_TOTALS, hours.UNIT_TOTALS, points.PERSON_TOTALS)


def noted() -> list[tuple]:
    return sorted(tuple(row) for row in db.session.execute(select(TotalMark.__table__)))


def test_what_was_noted_and_what_is_newer_are_one_ledger(run, place, scheme):
    attended(place, place[1][0], 60)
    assert run("totals", "rebuild")[1].count("本来就相符") == 3
    assert noted()
    attended(place, place[1][0], 45, days_ago=3)
    attended(place, place[1][1], 30)
    assert [one.stale() for one in TOTALS] == [[], [], []]
    by_force("UPDATE hour_person_total SET entries = entries + 1 WHERE person_id = 1 AND period = 'all'")
    assert [one.stale() for one in TOTALS] == [[[1]], [], []]
    assert "重算了 1 个" in run("totals", "rebuild")[1]
    before = noted()
    for one in TOTALS:
        in_transaction(one.forget)
    assert not noted()
    for one in TOTALS:
        in_transaction(one.note)
    assert len(noted()) == len(before)  # by other weights
    assert [one.stale() for one in TOTALS] == [[], [], []]


@pytest.mark.parametrize("seed", [255, 99 * 255 + 1, 2**62 - 1])
def test_too_few_entries_do_not_make_up_for_too_many_minutes(run, place, scheme, monkeypatch, seed):
    """An amount had one of 255 shares in a mark, by the seed; so one in 255 of these went unseen."""
    monkeypatch.setattr("app.hours.totals.randbelow", lambda _most: seed)
    attended(place, place[1][0], 60)
    run("totals", "rebuild")
    by_force(f"UPDATE hour_person_total SET minutes = minutes + 1, entries = entries - {1 + seed % 255} WHERE person_id = 1")
    assert hours.PERSON_TOTALS.stale() == [[1]]


def test_an_entry_that_was_not_committed_yet_when_its_followers_were_noted_is_made_good(run, place, scheme):
    for who in place[1]:
        attended(place, who, 60)
    run("totals", "rebuild")
    by_force("UPDATE total_mark SET mark = mark - 7 WHERE owner_id = 1")  # what the marks are like then
    assert [one.stale() for one in (hours.PERSON_TOTALS, points.PERSON_TOTALS)] == [[[1]], [[1]]]
    before = kept()
    run("totals", "rebuild")
    assert kept() == before
    assert [one.stale() for one in TOTALS] == [[], [], []]


def test_after_a_ledger_was_found_wrong_a_rebuild_reads_all_of_it(run, place, scheme):
    attended(place, place[1][0], 60)
    run("totals", "rebuild")
    by_force("UPDATE hour_entry SET minutes = 75 WHERE id = 1")  # put right by hand, for once
    assert run("ledger", "verify")[0] == 1
    assert "个人时长：重算了 1 个" in run("totals", "rebuild")[1]
    assert set(db.session.scalars(select(HourPersonTotal.minutes))) == {75}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["credit", "note", "damage", "lose", "swap"]), st.integers(0, 1), st.integers(0, 400)), max_size=8
    )
)
def test_whatever_is_noted_when_stale_are_those_who_disagree(app, place, scheme, steps):
    branch, people, activity, _ = place
    for step, who, days in steps:
        mine = HourPersonTotal.__table__.c.person_id == people[who]
        if step == "credit":
            day = clock.local_date(NOON) - timedelta(days=days)
            kind, way = ActivityKind.STUDY, SourceKind.CORRECTION
            one = Credit(people[who], activity, kind, branch, day, 20 + days, HourClass.CREDIT, next(spells), "2026.1", way)
            in_transaction(lambda one=one: crediting.credit([one], clock.now()))
        elif step == "note":
            in_transaction(hours.PERSON_TOTALS.note)
        elif step == "damage":
            in_transaction(lambda mine=mine, days=days: db.session.execute(update(HourPersonTotal).where(mine).values(minutes=days)))
        elif step == "lose":
            in_transaction(lambda mine=mine: db.session.execute(delete(HourPersonTotal).where(mine, HourPersonTotal.period != "all")))
        else:
            more = {"minutes": HourPersonTotal.minutes + 1, "entries": HourPersonTotal.entries - 1}
            in_transaction(lambda mine=mine, more=more: db.session.execute(update(HourPersonTotal).where(mine).values(more)))
    wrong = sorted({one.key["person_id"] for one in hours.PERSON_TOTALS.disagreements()})
    assert sorted(owner for chunk in hours.PERSON_TOTALS.stale() for owner in chunk) == wrong
    if wrong:
        in_transaction(lambda: hours.PERSON_TOTALS.rebuild(wrong))
    assert list(hours.PERSON_TOTALS.disagreements()) == hours.PERSON_TOTALS.stale() == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 1), st.integers(15, 200), st.booleans(), st.integers(0, 900), st.booleans()), min_size=1, max_size=6
    )
)
def test_whatever_is_credited_and_reversed_the_ledgers_agree(app, place, scheme, steps):
    branch, people, activity, _ = place
    for who, minutes, by_scan, days, reversed_ in steps:
        day = clock.local_date(NOON) - timedelta(days=days)
        source = next(spells)
        kind = HourClass.CREDIT if by_scan else HourClass.HONOUR
        one = Credit(people[who], activity, ActivityKind.STUDY, branch, day, minutes, kind, source, "2026.1", SourceKind.CORRECTION)
        in_transaction(lambda one=one: crediting.credit([one], clock.now()))
        if reversed_:
            in_transaction(
                lambda source=source: crediting.reverse(SourceKind.CORRECTION, [source], "记错了", clock.now(), made_by_id=people[0])
            )
    said = app.test_cli_runner().invoke(args=["ledger", "verify"]).output
    assert "全部相符" in said, said
    assert db.session.scalar(select(PointEntry.id).limit(1)) is not None
