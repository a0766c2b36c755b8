"""The measures on the page: who is counted, what is compared with what, the local rule, the table of all of them, chosen days."""

import io
from datetime import date
from random import Random
from statistics import median

import openpyxl
import pytest
from sqlalchemy import insert

from app.core import clock
from app.core.db import db, in_transaction
from app.hours.models import HourPersonTotal, HourUnitTotal
from app.hours.rules import HourClass, HourKind
from app.leaderboards import queries, rules, service
from app.leaderboards.measures import Measure
from app.leaderboards.rules import BoardRule
from app.people import service as trees
from app.people.models import Membership, Person, Unit, UnitAncestry
from app.people.rules import MembershipKind, Origin, UnitKind
from app.points.rules import SchemeKind
from app.schemes.models import PointProposal
from app.schemes.rules import Exempts, PointVerdict
from tests.conftest import statements
from tests.factories import LONG_AGO
from tests.leaderboards.test_boards import page

AUGUST, OCTOBER = date(2026, 8, 3), date(2026, 10, 3)


def born(person, day):
    in_transaction(lambda: trees.edit_profile(person, "何嘉怡", None, day, "", person))


def scores(shown):
    """Names and scores of the public lines."""
    lines = shown.split('<ol class="list">')[-1].split("</ol>")[0].split('<li class="place">')[1:]
    return [(one.split("<b>")[2].split("<")[0], one.split("num-s")[1].split(">")[1].split("<")[0]) for one in lines]


@pytest.fixture
def three(make, community, members, give):
    """Three branches of six; what their members have this quarter and had in the days of the last one that are as many."""
    given = {
        "金地党支部": ((600, 0, 0, 0, 0, 0), 60),
        "翠苑党支部": ((90, 90, 60, 60, 0, 0), 360),
        "桂园苑党支部": ((45, 45, 45, 45, 45, 45), 0),
    }
    found = {}
    for name, (now, before) in given.items():
        unit = found[name] = make.unit(name, parent=community)
        people = members(unit, 6)
        for person, minutes in zip(people, now, strict=True):
            if minutes:
                give(person, minutes, OCTOBER)
        if before:
            give(people[0], before, AUGUST)
            give(people[0], 6000, date(2026, 9, 20))  # later than as many days of that quarter
    return found


@pytest.mark.parametrize(
    ("by", "shown"),
    [
        ("total", [("金地党支部", "10"), ("翠苑党支部", "5"), ("桂园苑党支部", "4.5")]),
        ("head", [("金地党支部", "1.66"), ("翠苑党支部", "0.83"), ("桂园苑党支部", "0.75")]),
        ("rate", [("桂园苑党支部", "100.0"), ("翠苑党支部", "66.6"), ("金地党支部", "16.6")]),
        ("median", [("翠苑党支部", "1.00"), ("桂园苑党支部", "0.75")]),
        ("gain", [("金地党支部", "+1.50"), ("桂园苑党支部", "+0.75"), ("翠苑党支部", "−0.16")]),
    ],
)
def test_the_same_hours_by_every_measure(client, three, by, shown):
    assert scores(page(client, by=by)) == shown


def test_more_measures_are_one_tap_away_and_never_beside_everything(client, three):
    assert "中位数</a>" not in page(client)
    assert "更多口径</a>" in page(client)
    assert "中位数</a>" in page(client, by="rate")
    assert "进步</a>" not in page(client, by="rate", period="all"), "nothing was before everything"


def test_from_seventy_on_nobody_is_counted_and_their_hours_are(client, make, community, members, give):
    unit = make.unit("锦园第一党支部", parent=community)
    people = members(unit, 6)
    give(people[0], 600)
    assert scores(page(client)) == [("锦园第一党支部", "1.66")]
    born(people[0], date(1956, 11, 21))
    assert "灯湖社区·5 人" in page(client), "seventy today"
    assert scores(page(client)) == [("锦园第一党支部", "2.00")]
    assert "还没有" in page(client, by="rate"), "who took part is not counted among the eligible"
    born(people[1], date(1956, 11, 22))
    assert "灯湖社区·5 人" in page(client), "seventy tomorrow"
    in_transaction(lambda: service.set_rule(BoardRule(5, 71), people[2], clock.now()))
    assert scores(page(client)) == [("锦园第一党支部", "1.66")]


def test_who_is_ill_or_long_away_is_not_counted_while_that_lasts(client, make, community, members, give):
    unit = make.unit("锦园第一党支部", parent=community)
    people = members(unit, 6)
    give(people[0], 600)
    one = {"person_id": people[1], "unit_id": unit, "scheme_kind": SchemeKind.MEMBER, "reason": "住院", "made_by_id": people[2]}
    decided = {"decided_by_id": people[3], "decided_at": clock.now(), "verdict": PointVerdict.APPROVED}
    times = {"happened_on": date(2026, 10, 5), "made_at": clock.now()}
    given = make._add(PointProposal, **one, **decided, **times, exempts=Exempts.ILL, until=date(2026, 12, 1))
    assert "灯湖社区·5 人" in page(client)
    make._add(PointProposal, **one, **decided, **times | {"happened_on": date(2026, 11, 1)}, revokes_id=given)
    assert queries.figures(rules.choose({}, clock.today()), BoardRule(), [])[0].heads == 6
    assert queries.figures(rules.choose({}, date(2026, 10, 31)), BoardRule(), [])[0].heads == 5


def test_the_smallest_size_is_a_rule_that_the_page_says(as_person, make, community, members, give, street):
    unit = make.unit("锦园第一党支部", parent=community)
    people = members(unit, 5)
    give(people[0], 600)
    shown = page(as_person(people[0]))
    assert "少于 5 人的支部不列出" in shown
    in_transaction(lambda: service.set_rule(BoardRule(8, 70), people[1], clock.now()))
    shown = page(as_person(people[0]))
    assert "少于 8 人的支部不列出" in shown
    assert "不到 8 人，不列出" in shown


def test_the_own_unit_is_told_what_moves_it_up_by_each_measure(as_person, make, three, give):
    reader = db.session.scalar(db.select(Membership.person_id).where(Membership.unit_id == three["翠苑党支部"]).limit(1))
    browser = as_person(reader)
    said = {
        "total": "再有 3 人各服务 1 小时 45 分，就到第 1 名",
        "rate": "再有 2 位参加，就到第 1 名",
        "head": "再有 3 人各服务 1 小时 45 分，就到第 1 名",
    }
    for by, words in said.items():
        assert words in page(browser, by=by)
    last = db.session.scalar(db.select(Membership.person_id).where(Membership.unit_id == three["桂园苑党支部"]).limit(1))
    assert "再有 4 位服务满 1 小时，就到第 1 名" in page(as_person(last), by="median")


def test_chosen_days_are_sums_of_totals_and_compare_with_the_days_before(client, make, three):
    days = {"period": "custom", "from": "2026-08-01", "to": "2026-10-03"}
    assert scores(page(client, by="total", **days)) == [("金地党支部", "111"), ("翠苑党支部", "111"), ("桂园苑党支部", "4.5")]
    assert scores(page(client, by="rate", **days))[0] == ("桂园苑党支部", "100.0")
    assert "2026年8月1日至10月3日" in page(client, **days)
    answer = client.get("/boards/period", query_string={"kind": "team", "by": "rate", "from": "2026-07-01", "to": "2026-09-30"})
    assert answer.headers["Location"] == "/boards?kind=team&at=2026-Q3&by=rate", "a quarter has one address"
    for wrong, words in (
        ({"from": "2026-09-30", "to": "2026-07-01"}, "结束的日子在开始以前"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "最多选 3 年"),
    ):
        answer = client.get("/boards/period", query_string=wrong)
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
        assert wrong["from"] in answer.get_data(as_text=True)


def test_the_table_shows_every_measure_with_movement_and_as_a_sheet(client, three):
    shown = client.get("/boards/table").get_data(as_text=True)
    said = [one.split("<")[0] for one in shown.split('<td class="r"><span class="keep">')[1:]]
    assert said == ["升 1 位", "降 1 位", "新上榜"]
    assert all(words in shown for words in ("参加率 %", "中位数", "进步"))
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/boards/table.xlsx").data)).active
    rows = list(sheet.iter_rows(values_only=True))
    heading = next(nth for nth, row in enumerate(rows) if row[0] == "名称")
    table = {row[0]: dict(zip(rows[heading], row, strict=True)) for row in rows[heading + 1 :]}
    assert table["翠苑党支部"]["参加率（%）"] == 66.66
    assert table["翠苑党支部"]["计入人数"] == 6
    assert client.get("/boards/table?kind=person").status_code == 404


def crowd(street, many, chance):
    """So many branches of five to nine members with hours of last and this quarter, written set-wise; and what each should come to."""
    first = db.session.scalar(db.select(db.func.coalesce(db.func.max(Unit.id), 0))) + 1
    person = db.session.scalar(db.select(db.func.coalesce(db.func.max(Person.id), 0))) + 1
    units, above, people, homes, totals, sums, truth = [], [], [], [], [], [], {}
    for unit in range(first, first + many):
        units.append({"id": unit, "kind": UnitKind.BRANCH, "name": f"邻里{unit}党支部", "opened_on": LONG_AGO})
        above += [{"unit_id": unit, "ancestor_id": top, "depth": depth, "valid_from": LONG_AGO} for depth, top in enumerate((unit, street))]
        given = [chance.choice((0, 0, 30, 60, 90)) for _ in range(chance.randint(5, 9))]
        truth[unit] = given
        for minutes in given:
            people.append(
                {"id": person, "name": "何嘉怡", "origin": Origin.ROSTER, "recorded_at": clock.now(), "confirmed_at": clock.now()}
            )
            homes.append({"person_id": person, "unit_id": unit, "kind": MembershipKind.HOME, "valid_from": LONG_AGO})
            if minutes:
                row = {"kind": HourKind.SERVICE, "hour_class": HourClass.CREDIT, "minutes": minutes, "entries": 1}
                totals.append({"person_id": person, "period": "2026-Q4", **row})
            person += 1
        row = {"kind": HourKind.SERVICE, "hour_class": HourClass.CREDIT, "entries": 1}
        sums.append({"unit_id": unit, "period": "2026-Q4", "minutes": sum(given), **row})
        sums.append({"unit_id": unit, "period": "2026-Q3", "minutes": 30, **row})

    def work():
        for table, rows in (
            (Unit, units),
            (UnitAncestry, above),
            (Person, people),
            (Membership, homes),
            (HourPersonTotal, totals),
            (HourUnitTotal, sums),
        ):
            db.session.execute(insert(table.__table__), rows)

    in_transaction(work)
    return truth


def test_a_thousand_units_ask_no_more_than_ten(client, street):
    paths = "/boards?by=rate", "/boards?by=median", "/boards?by=gain", "/boards/table"
    sent = []
    for many in (10, 990):
        crowd(street, many, Random(7))
        sent.append([])
        for path in paths:
            with statements() as asked:
                assert client.get(path).status_code == 200
            sent[-1].append(len(asked))
    assert sent[0] == sent[1]
    assert max(sent[1]) <= 24


def test_every_measure_is_what_a_naive_count_says(app, street):
    truth = crowd(street, 40, Random(11))
    choice = rules.choose({}, clock.today())
    for one in queries.figures(choice, BoardRule(), list(Measure)):
        given = truth[one.id]
        assert (one.minutes, one.heads, one.took) == (sum(given), len(given), sum(minutes > 0 for minutes in given))
        assert one.middle == 2 * median(given)


def test_the_ledger_is_never_read(client, street, three):
    for path in (
        "/boards?by=median",
        "/boards?period=custom&from=2026-08-02&to=2026-10-03",
        "/boards/table?by=gain",
        "/boards?kind=team&by=rate",
    ):
        with statements() as asked:
            client.get(path)
        assert not [one for one in asked if "FROM hour_entry" in one and "max(hour_entry.id)" not in one]
