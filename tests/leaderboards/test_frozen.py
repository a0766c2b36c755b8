"""Boards that are frozen when their span is settled, and published by another person: never changed, by nobody, whatever follows."""

import io
from dataclasses import replace
from datetime import date, time, timedelta

import openpyxl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction, is_sqlite
from app.core.errors import Conflict
from app.core.permissions import Role
from app.crediting import service as crediting
from app.hours.models import HourEntry
from app.hours.rules import SourceKind
from app.leaderboards import frozen, queries, service
from app.leaderboards.measures import Measure, rank
from app.leaderboards.models import BoardLine, FrozenBoard
from app.leaderboards.rules import BoardKind, BoardRule, Choice
from app.leaderboards.spans import Length, calendar, days
from app.people import service as people
from app.people.rules import MembershipKind, StageKind, UnitKind
from tests.conftest import statements
from tests.leaderboards.conftest import say_no, say_yes
from tests.leaderboards.test_boards import LAST_QUARTER

Q3 = calendar(Length.QUARTER, LAST_QUARTER)
TABLES = ("board", "board_line", "board_place", "board_publication")


@pytest.fixture
def settled(make, community, members, give):
    """Two branches with hours of the third quarter and of the second: 桂园苑 was second and is first."""
    found = {}
    for name, (minutes, before) in {"桂园苑党支部": (900, 60), "翠苑党支部": (600, 120)}.items():
        unit = found[name] = make.unit(name, parent=community)
        everybody = found[f"{name}的人"] = members(unit, 5)
        for day, many in ((date(2026, 5, 5), before), (LAST_QUARTER, minutes)):
            with clock.frozen_at(clock.at_local(day)):
                give(everybody[0], many, day)
    return found


@pytest.fixture
def administrators(make, street, branch):
    found = [make.person(name, home=branch) for name in ("霍静雯", "黎国强")]
    for one in found:
        make.grant(one, Role.ADMINISTRATOR, street)
    return found


def freeze(kind=BoardKind.BRANCH, span=Q3, by=None):
    settled = service.settle(kind, span, clock.today())
    return in_transaction(lambda: service.freeze(settled, by, clock.now()))


def as_stored(board_id):
    """Every row of it, as text."""
    lines = db.session.execute(text("SELECT * FROM board_line WHERE board_id = :b ORDER BY id"), {"b": board_id}).all()
    places = db.session.execute(
        text("SELECT p.* FROM board_place p JOIN board_line l ON l.id = p.line_id WHERE l.board_id = :b ORDER BY line_id, measure"),
        {"b": board_id},
    ).all()
    return repr((lines, places))


def lines_of(client, board_id, **query):
    answer = client.get(f"/boards/published/{board_id}", query_string=query)
    assert answer.status_code == 200
    shown = answer.get_data(as_text=True)
    rows = [row.split("<td><span")[1] for row in shown.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]]
    return shown, [row.split('<th scope="row">')[1].split("<")[0] for row in rows]


def test_a_frozen_board_is_the_board_of_that_day_by_every_measure(settled):
    board_id = freeze()
    found, places = frozen.figures(frozen.board(board_id))
    today = clock.today()
    for by in Measure:
        live = rank(queries.figures(Choice(BoardKind.BRANCH, Q3, by, None, 1, today), BoardRule(), list(Measure)), by, 5)
        stored = frozen.as_board(found, places, by, BoardRule())
        assert [(one.place, one.shared, one.figure.id) for one in stored.standings] == [
            (one.place, one.shared, one.figure.id) for one in live.standings
        ]
    assert places[settled["桂园苑党支部"], Measure.HEAD] == (1, False, 2), "first, and second in the quarter before"
    assert frozen.faults() == []


def test_before_the_last_month_is_closed_there_is_nothing_to_freeze(settled):
    with pytest.raises(Conflict, match="2026年12月10日"):
        freeze(span=calendar(Length.MONTH, clock.today()))
    with pytest.raises(Conflict, match="全部时间"):
        freeze(span=calendar(Length.ALL, clock.today()))
    assert freeze(span=days(date(2026, 7, 5), date(2026, 10, 20))) is not None


def test_the_command_freezes_what_is_settled_once(app, settled):
    said = app.test_cli_runner().invoke(args=["boards", "freeze"]).output
    keys = db.session.scalars(db.select(FrozenBoard.span_key).where(FrozenBoard.kind == BoardKind.BRANCH)).all()
    assert set(keys) == {"2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-Q2", "2026-Q3"}
    assert said == f"定榜 {len(keys) * 4} 张\n"
    assert app.test_cli_runner().invoke(args=["boards", "freeze"]).output == "定榜 0 张\n"
    assert "相符" in app.test_cli_runner().invoke(args=["boards", "verify"]).output


def test_whatever_follows_it_stays_as_it_was(client, make, community, street, settled, give, administrators):
    board_id = freeze(by=administrators[0])
    in_transaction(lambda: service.publish(board_id, administrators[1], clock.now()))
    before, (shown, names) = as_stored(board_id), lines_of(client, board_id)
    assert names == ["桂园苑党支部", "翠苑党支部"]
    assert "另有 1 个支部这段时间没有扫码时长，不列出" in shown
    assert "定榜以后没有变化" in shown
    source = db.session.scalar(db.select(HourEntry.source_id).where(HourEntry.minutes == 900))
    unit, other = settled["桂园苑党支部"], settled["翠苑党支部"]
    last = settled["翠苑党支部的人"][4]
    for work in (
        lambda: crediting.reverse(SourceKind.ATTENDANCE, [source], "记错了", clock.now(), made_by_id=None),
        lambda: people.rename_unit(unit, "桂园苑第一党支部", clock.today(), administrators[0]),
        lambda: service.set_rule(BoardRule(9, 90), administrators[0], clock.now()),
        lambda: people.join(last, unit, MembershipKind.HOME, date(2026, 9, 1)),
    ):
        in_transaction(work)
    give(settled["翠苑党支部的人"][1], 6000, LAST_QUARTER)  # late: it counts in this month
    assert as_stored(board_id) == before
    shown, names = lines_of(client, board_id)
    assert names == ["桂园苑第一党支部", "翠苑党支部"], "names are those of today"
    assert "定榜以后，2 个支部的记录变过" in shown
    assert "少于 5 人的不列出" in shown, "the rule that held"
    assert frozen.since(frozen.board(board_id), *frozen.figures(frozen.board(board_id)), Measure.TOTAL, clock.today(), ()).places == 1, (
        "翠苑 has four today"
    )
    assert other


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_every_change(settled, administrators, table):
    board_id = freeze()
    in_transaction(lambda: service.publish(board_id, administrators[0], clock.now()))
    column = {"board": "digest", "board_line": "minutes", "board_place": "place", "board_publication": "board_id"}[table]
    attacks = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"] + ([] if is_sqlite() else [f"TRUNCATE {table} CASCADE"])
    for attack in attacks:
        with pytest.raises(DBAPIError, match="append-only"):
            in_transaction(lambda attack=attack: db.session.execute(text(attack)))


def test_the_database_knows_two_people_and_adds_nothing_to_what_is_published(settled, administrators, make):
    board_id = freeze(by=administrators[0])
    with pytest.raises(Conflict, match="两个人"):
        in_transaction(lambda: service.publish(board_id, administrators[0], clock.now()))
    row = "INSERT INTO board_publication (board_id, published_at, published_by_id) VALUES (:b, '2026-11-21 04:00:00', :p)"
    with pytest.raises(DBAPIError, match="who froze a board"):
        in_transaction(lambda: db.session.execute(text(row), {"b": board_id, "p": administrators[0]}))
    in_transaction(lambda: service.publish(board_id, administrators[1], clock.now()))
    values = {"board_id": board_id, "unit_id": make.unit(), "minutes": 1, "honour": 0, "heads": 1, "took": 1, "middle": 2}
    with pytest.raises(DBAPIError, match="gains no line"):
        in_transaction(lambda: db.session.execute(db.insert(BoardLine).values(**values)))
    early = text("UPDATE board SET frozen_on = closes_on")
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(early))


def test_a_personal_board_keeps_its_places_when_somebody_withdraws(client, make, branch, give, administrators):
    listed = [make.person(name, home=branch, stage=StageKind.MEMBER) for name in ("陈志明", "何嘉怡", "梁凤珍")]
    with clock.frozen_at(clock.at_local(LAST_QUARTER)):
        for person, minutes in zip(listed, (300, 240, 180), strict=True):
            say_yes(person)
            give(person, minutes, LAST_QUARTER)
    board_id = freeze(BoardKind.PERSON)
    in_transaction(lambda: service.publish(board_id, administrators[0], clock.now()))
    assert lines_of(client, board_id)[1] == ["陈*明", "何*怡", "梁*珍"]
    say_no(listed[1])
    shown, names = lines_of(client, board_id)
    assert names == ["陈*明", "已隐去", "梁*珍"]
    assert "有 1 人后来收回了同意" in shown
    for secret in ("志明", "党支部", "党员"):
        assert secret not in shown.split("<main")[1]
    assert ".xlsx" not in shown
    assert client.get(f"/boards/published/{board_id}.xlsx").status_code == 404, "a sheet would be read on after somebody withdrew"


def test_the_sheet_says_the_day_in_shanghai(client, settled, administrators):
    with clock.frozen_at(clock.at_local(date(2026, 11, 22), time(1, 30))):
        board_id = freeze(by=administrators[0])
        in_transaction(lambda: service.publish(board_id, administrators[1], clock.now()))
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/boards/published/{board_id}.xlsx").data)).active
    assert any("2026-11-22 定榜" in str(value) for row in sheet.iter_rows(values_only=True) for value in row if value)


def test_what_changed_since_is_computed_once_per_change(client, settled, administrators):
    board_id = freeze(by=administrators[0])
    in_transaction(lambda: service.publish(board_id, administrators[1], clock.now()))
    sent = []
    for _ in range(2):
        with statements() as asked:
            lines_of(client, board_id)
        sent.append(len([one for one in asked if "hour_unit_total" in one or "hour_person_total" in one]))
    assert sent[0] > sent[1] == 0
    assert "定榜以后没有变化" in lines_of(client, board_id)[0]
    unit = settled["桂园苑党支部"]
    in_transaction(lambda: people.rename_unit(unit, "桂园苑第一党支部", clock.today(), administrators[0]))
    in_transaction(lambda: people.join(settled["翠苑党支部的人"][4], unit, MembershipKind.HOME, date(2026, 9, 1)))
    assert "记录变过" in lines_of(client, board_id)[0]


def test_a_board_from_when_small_units_had_a_place_by_their_total_stays_as_it_was(client, make, community, members, give):
    alone = make.unit("金地党支部", parent=community)
    with clock.frozen_at(clock.at_local(LAST_QUARTER)):
        give(members(alone, 2)[0], 300, LAST_QUARTER)
    made = service.settle(BoardKind.BRANCH, Q3, clock.today())
    places = {**made.places, (alone, Measure.TOTAL): (1, False, None)}
    made = replace(made, definition={**made.definition, "version": 1}, places=places)
    board_id = in_transaction(lambda: service.freeze(made, None, clock.now()))
    administrator = make.person("霍静雯")
    in_transaction(lambda: service.publish(board_id, administrator, clock.now()))
    shown, names = lines_of(client, board_id, by="total")
    assert names == ["金地党支部"]
    assert "少于 5 人的只排总时长" in shown
    assert "定榜以后没有变化" in shown
    assert frozen.faults() == []


def test_who_sees_what_before_it_is_published(client, as_person, settled, administrators, make, branch):
    board_id = freeze(by=administrators[0])
    page = f"/boards/published/{board_id}"
    auditor, member = make.person("容碧珊"), make.person("何嘉怡", home=branch)
    make.grant(auditor, Role.AUDITOR, 1)
    assert [browser.get(page).status_code for browser in (client, as_person(member), as_person(auditor))] == [404, 404, 200]
    assert client.get(f"{page}.xlsx").status_code == 404
    own, second = as_person(administrators[0]), as_person(administrators[1])
    assert "请另一位管理员来发布" in own.get(page).get_data(as_text=True)
    assert "定好等发布" in second.get("/work").get_data(as_text=True)
    assert "定好等发布" not in own.get("/work").get_data(as_text=True)
    assert "两个人" in own.post(f"{page}/publication", follow_redirects=True).get_data(as_text=True)
    assert client.get(page).status_code == 404
    assert second.post(f"{page}/publication").status_code == 303
    assert client.get(page).status_code == 200
    assert "2026年第三季度·支部" in client.get("/boards/published").get_data(as_text=True)
    shown = client.get("/boards?at=2026-Q3").get_data(as_text=True)
    assert "看定榜时的样子" in shown


def test_an_administrator_of_one_community_decides_nothing(as_person, make, street, community, settled):
    person = make.person("冼柏豪")
    make.grant(person, Role.ADMINISTRATOR, community)
    browser = as_person(person)
    assert [browser.get("/boards/frozen").status_code, browser.post("/boards/frozen").status_code] == [404, 404]
    assert browser.post("/boards/rule", data={"min_heads": "1", "exempt_age": "70"}).status_code == 404


def test_one_button_freezes_a_span_of_every_kind(as_person, settled, administrators):
    browser = as_person(administrators[0])
    shown = browser.get("/boards/frozen").get_data(as_text=True)
    assert "2026年第三季度" in shown
    asked = {"every": "1", "period": "quarter", "at": "2026-Q3"}
    assert browser.post("/boards/frozen", data=asked).headers["Location"] == "/boards/frozen"
    assert {kind for kind, key in frozen.known() if key == "2026-Q3"} == set(BoardKind)
    assert "已经定过榜" in browser.post("/boards/frozen", data=asked, follow_redirects=True).get_data(as_text=True)
    answer = browser.post("/boards/frozen", data={"period": "month"}, follow_redirects=True).get_data(as_text=True)
    assert "2026年12月10日 才结账" in answer


def test_the_rule_asks_for_sensible_numbers_and_keeps_what_was_typed(as_person, settled, administrators):
    browser = as_person(administrators[0])
    answer = browser.post("/boards/rule", data={"min_heads": "0", "exempt_age": "七十"})
    assert answer.status_code == 422
    assert "七十" in answer.get_data(as_text=True)
    assert browser.post("/boards/rule", data={"min_heads": "8", "exempt_age": "65"}).status_code == 303
    assert queries.rule() == BoardRule(8, 65)


def test_teams_and_communities_are_frozen_alike(make, street, settled):
    team = make.unit("童心分队", UnitKind.TEAM, street)
    for person in settled["桂园苑党支部的人"]:
        in_transaction(lambda person=person: people.join(person, team, MembershipKind.TEAM, date(2026, 1, 1)))
    for kind, minutes in ((BoardKind.TEAM, 900), (BoardKind.COMMUNITY, 1500)):
        found, _ = frozen.figures(frozen.board(freeze(kind)))
        assert [one.minutes for one in found] == [minutes]
    assert freeze(BoardKind.TEAM) is None


def test_movement_follows_what_was_frozen_not_what_records_say_today(settled, make, community, members):
    assert freeze(span=calendar(Length.QUARTER, Q3.first - timedelta(days=1)))
    in_transaction(lambda: service.set_rule(BoardRule(6, 70), settled["桂园苑党支部的人"][0], clock.now()))
    choice = Choice(BoardKind.BRANCH, Q3, Measure.HEAD, None, 1, clock.today())
    before = frozen.places_before(choice, queries.rule(), [Measure.HEAD])[Measure.HEAD]
    assert before == {settled["翠苑党支部"]: 1, settled["桂园苑党支部"]: 2}
