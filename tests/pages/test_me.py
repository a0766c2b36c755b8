"""我的 and the home page: hours, the gap, the next activity, records with their source, points with their why."""

from datetime import date, timedelta
from importlib import import_module
from uuid import uuid4

import pytest

from app.activities.rules import ActivityKind
from app.checkin import service
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import in_transaction
from app.pages import queries
from app.pages.tally import WAITING, Tally, tally
from app.people.rules import StageKind
from tests.conftest import NOON, statements


@pytest.fixture
def branch(make):
    return make.unit("锦园第二党支部", parent=make.unit("桂城街道党工委"))


@pytest.fixture
def organiser(make, branch):
    return make.person("霍静雯", home=branch)


def serve(make, branch, organiser, person, *, days_ago=0, minutes=150, leave=True, kind=ActivityKind.SERVICE, title="垃圾分类引导"):
    """The person serves at an activity of its own, so many days ago."""
    start = NOON - timedelta(days=days_ago)
    activity = make.activity(branch, organiser, kind=kind, title=title)
    make.shift(activity, start, 3)
    for at in [start, start + timedelta(minutes=minutes)][: 2 if leave else 1]:
        with clock.frozen_at(at):
            in_transaction(lambda at=at: service.record_scan(ShownCode(uuid4(), activity, Way.POSTER, at), person, at))
    return activity


def states(person, now=NOON):
    return [record.state for record in queries.records(person, now)]


def test_scanned_and_made_up_hours_stand_apart(make, branch, organiser, as_person):
    person = make.person(home=branch)
    serve(make, branch, organiser, person, days_ago=3)
    page = as_person(person).get("/me").text
    assert "扫码时长" in page
    assert "2.5<small>小时</small>" in page


def test_the_gap_says_how_much_is_missing(make, branch, organiser, as_person):
    person = make.person(home=branch, stage=StageKind.ACTIVIST, stage_since=date(2026, 3, 1))
    serve(make, branch, organiser, person, days_ago=3)
    page = as_person(person).get("/me").text
    assert "双50小时，还差" in page
    assert "47<small>小时</small> 30<small>分</small>" in page
    assert "还有 100 天" in page


def test_those_who_need_no_double50_see_none(make, branch, as_person):
    member = make.person(home=branch, stage=StageKind.MEMBER)
    assert "双50" not in as_person(member).get("/me").text
    assert "现在没有双50的要求" in as_person(member).get("/me/double50").text


@pytest.mark.parametrize(("minutes", "leave", "state"), [(150, True, "counted"), (170, True, "counted"), (0, False, "waiting")])
def test_a_record_says_where_it_stands(make, branch, organiser, minutes, leave, state):
    person = make.person(home=branch)
    serve(make, branch, organiser, person, days_ago=2, minutes=minutes, leave=leave)
    assert states(person) == [state]


def test_a_short_stay_is_recorded_and_does_not_count(make, branch, organiser):
    person = make.person(home=branch)
    activity = make.activity(branch, organiser)
    make.shift(activity, NOON, 3)
    for minutes in (170, 175):
        at = NOON + timedelta(minutes=minutes)
        in_transaction(lambda at=at: service.record_scan(ShownCode(uuid4(), activity, Way.POSTER, at), person, at))
    assert states(person, NOON + timedelta(hours=4)) == ["short"]


def test_unconfirmed_people_read_that_it_waits(make, branch, organiser, as_person):
    person = make.person("郭志明", confirmed=False)
    serve(make, branch, organiser, person, days_ago=2)
    assert states(person) == ["unconfirmed"]
    page = as_person(person).get("/me/records").text
    assert "等核实您是谁" in page
    assert "约 2 小时 30 分" in page


def test_party_life_gives_points_and_no_hours(make, branch, organiser, as_person):
    person = make.person(home=branch, stage=StageKind.MEMBER)
    serve(make, branch, organiser, person, days_ago=2, kind=ActivityKind.PARTY_LIFE, title="组织生活会")
    assert "计积分，不计时长" in as_person(person).get("/me/records").text


def test_every_point_says_why(make, branch, organiser, as_person):
    person = make.person(home=branch, stage=StageKind.MEMBER)
    serve(make, branch, organiser, person, days_ago=2)
    phone = as_person(person)
    page = phone.get("/me/points/member").text
    for word in ("底分", "62.5", "服务，每小时", "每年最多 25.0 分", "本人扫码", "2026.1"):
        assert word in page, word
    assert "志愿服务，每小时" in phone.get("/me/points/volunteer").text


def test_who_has_only_the_base_is_not_told_that_they_have_nothing(make, branch, as_person):
    phone = as_person(make.person(home=branch, stage=StageKind.MEMBER))
    page = phone.get("/me/points/member").text
    assert "+60.0" in page
    assert "除了底分，2026年还没有别的得分" in page
    assert "2026年还没有得分" in phone.get("/me/points/volunteer").text
    for where in ("/", "/me"):
        assert "本月还没有得分" in phone.get(where).text
        assert "+0.0" not in phone.get(where).text


def test_points_that_a_cap_cut_to_nothing_say_so_in_the_list(make, branch, organiser, as_person):
    person = make.person(home=branch, stage=StageKind.MEMBER)
    for day in range(1, 10):
        serve(make, branch, organiser, person, days_ago=day, kind=ActivityKind.PARTY_LIFE, title="组织生活会")
    page = as_person(person).get("/me/points/member").text
    assert "已经满了，这次不再加</span>" in page
    assert "+0.0" not in page


def test_members_points_are_not_for_others(make, branch, as_person):
    activist = make.person(home=branch, stage=StageKind.ACTIVIST)
    assert "党员积分" not in as_person(activist).get("/me").text
    assert '<h1 id="sum">志愿积分</h1>' in as_person(activist).get("/me/points/member").text


def test_pages_ask_as_much_for_a_hundred_records_as_for_one(make, branch, organiser, as_person):
    few, many = make.person("少", home=branch), make.person("多", home=branch)
    serve(make, branch, organiser, few, days_ago=1)
    for day in range(1, 9):
        serve(make, branch, organiser, many, days_ago=day)
    counts = []
    for person in (few, many):
        phone = as_person(person)
        phone.get("/me/records")
        with statements() as sent:
            phone.get("/me/records")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_home_says_what_is_next_and_how_often_one_helped(make, branch, organiser, as_person):
    person = make.person(home=branch)
    serve(make, branch, organiser, person, days_ago=3)
    activity = make.activity(branch, organiser, title="灯湖邻里节")
    make.signup(make.shift(activity, NOON + timedelta(minutes=42)), person)
    page = as_person(person).get("/").text
    assert "嘉怡，中午好" in page
    assert "您今年帮了街坊 1 次" in page
    assert "42 分钟后开始" in page


def test_home_knows_that_one_is_serving(make, branch, organiser, as_person):
    person = make.person(home=branch)
    serve(make, branch, organiser, person, leave=False, title="灯湖邻里节")
    phone = as_person(person)
    for page in (phone.get("/").text, phone.get("/check-in").text):
        assert "服务中" in page
        assert "再扫一次现场的码签退" in page
    with clock.frozen_at(NOON + timedelta(hours=5)):
        assert "服务中" not in phone.get("/").text


def test_a_number_no_row_can_have_is_not_found(client):
    answer = client.get("/activities/999999999999999999999")
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_home_shows_visitors_what_is_on_without_names(make, branch, organiser, client):
    activity = make.activity(branch, organiser, title="灯湖邻里节")
    make.shift(activity, NOON + timedelta(days=1))
    page = client.get("/").text
    assert "街坊，请进" in page
    assert "灯湖邻里节" in page
    assert "霍静雯" not in page


def test_large_type_is_remembered_by_this_browser(client):
    assert 'class="big"' not in client.get("/").text
    client.post("/look", data={"size": "big", "next": "/"})
    assert 'class="big"' in client.get("/").text
    assert client.post("/look", data={"size": "normal", "next": "//evil.example"}).location == "/"
    assert 'class="big"' not in client.get("/").text


def test_how_much_there_is_is_told_as_the_records_are(make, branch, organiser, as_person):
    """Counted, waiting, here, held, too short, left out, unconfirmed and from before: the page counts what the list would show."""
    known = make.person(home=branch)
    for nth, (minutes, leave) in enumerate([(150, True), (170, True), (2, True), (0, False)]):
        serve(make, branch, organiser, known, days_ago=2 + nth, minutes=minutes, leave=leave)
    serve(make, branch, organiser, known, minutes=0, leave=False)
    stranger = make.person(home=branch, confirmed=False)
    serve(make, branch, organiser, stranger, days_ago=2)
    for person in (known, stranger):
        listed = states(person)
        assert tally(person, NOON) == Tally(len(listed), sum(state in WAITING for state in listed))
    assert set(states(known)) >= {"counted", "waiting", "here"}
    assert tally(known, NOON).waiting == states(known).count("waiting") > 0
    assert states(stranger) == ["unconfirmed"]


def test_the_page_reads_no_more_of_who_has_more(make, branch, organiser, as_person, monkeypatch):
    person = make.person(home=branch)
    for day in range(1, 9):
        serve(make, branch, organiser, person, days_ago=day)
    read = []
    spells = import_module("app.checkin.queries.spells")  # the package has a function of this name
    real = spells._spell_row
    monkeypatch.setattr(spells, "_spell_row", lambda row: read.append(row) or real(row))
    monkeypatch.setattr(queries, "records", None)
    page = as_person(person).get("/me")
    assert (page.status_code, read) == (200, [])
    assert tally(person, NOON) == Tally(8, 0)
