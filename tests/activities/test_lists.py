"""The public list: by day, filtered, paged, with own state, in a constant number of queries, without personal data."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.activities import queries, service
from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from tests.conftest import statements


def titles(page):
    return [line.split("</b>")[0] for line in page.text.split("<b>") if "</b>" in line]


def test_nothing_at_all_says_so(client):
    page = client.get("/activities")
    assert page.status_code == 200
    assert "这周还没有活动" in page.text


def test_coming_ones_by_day_and_past_ones_below(client, make, street, tomorrow):
    for title, start in (("明天的", tomorrow), ("今天的", clock.now()), ("上月的", clock.now() - timedelta(days=30))):
        make.shift(make.activity(street.team, street.organiser, title=title), start, 1)
    text = client.get("/activities").text
    places = [text.index(words) for words in ("今天的", "明天的", "办过的", "上月的")]
    assert places == sorted(places)
    assert "11月22日 周日" in text


def test_drafts_and_cancelled_ones_are_not_listed(client, make, street, tomorrow):
    make.shift(make.activity(street.team, street.organiser, title="草稿一份", published=False), tomorrow)
    gone = make.activity(street.team, street.organiser, title="不办了")
    make.shift(gone, tomorrow)
    in_transaction(lambda: service.cancel(gone, street.organiser, clock.now()))
    text = client.get("/activities").text
    assert "草稿一份" not in text
    assert "不办了" not in text


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {"清洁", "读书", "隔壁"}),
        ("?kind=study", {"读书"}),
        ("?kind=service", {"清洁", "隔壁"}),
        ("?kind=nonsense", {"清洁", "读书", "隔壁"}),
        ("?unit={there}", {"隔壁"}),
        ("?unit={here}&kind=study", {"读书"}),
        ("?unit=x&page=-3&past=99999999", {"清洁", "读书", "隔壁"}),
        ("?unit={there}&kind=study", set()),
    ],
)
def test_filters_by_kind_and_community(client, make, street, tomorrow, query, seen):
    for title, kind, unit in (
        ("清洁", ActivityKind.SERVICE, street.team),
        ("读书", ActivityKind.STUDY, street.here),
        ("隔壁", ActivityKind.SERVICE, street.there),
    ):
        make.shift(make.activity(unit, street.organiser, title=title, kind=kind), tomorrow)
    text = client.get("/activities" + query.format(here=street.here, there=street.there)).text
    assert {title for title in ("清洁", "读书", "隔壁") if f"<b>{title}</b>" in text} == seen
    assert seen or "这里暂时没有活动" in text


def test_badge_and_places_left_are_told_before_anyone_signs_up(client, make, street, tomorrow):
    for title, kind, capacity in (
        ("有余位", ActivityKind.SERVICE, 6),
        ("不限", ActivityKind.STUDY, None),
        ("满了", ActivityKind.PARTY_LIFE, 1),
    ):
        shift = make.shift(make.activity(street.team, street.organiser, title=title, kind=kind), tomorrow, capacity=capacity)
        in_transaction(lambda shift=shift: service.take_seat(shift, street.organiser, clock.now()))
    text = client.get("/activities").text
    for words in ("余 5 位", "不限人数", "已满，可候补", "计入双50：服务", "计入双50：学习"):
        assert text.count(words) == 1


def test_own_sign_ups_show_on_the_list(volunteer, make, street, tomorrow):
    sure, line = (make.shift(make.activity(street.team, street.organiser), tomorrow, capacity=1) for _ in range(2))
    in_transaction(lambda: service.take_seat(line, street.organiser, clock.now()))
    for shift in (sure, line):
        in_transaction(lambda shift=shift: service.take_seat(shift, street.volunteer, clock.now()))
    text = volunteer.get("/activities").text
    assert text.count("已报名") == 1
    assert text.count("候补第 1") == 1


def test_thousands_come_in_pages(client, make, street, tomorrow):
    for number in range(45):
        make.shift(make.activity(street.team, street.organiser, title=f"第{number:02d}场"), tomorrow + timedelta(minutes=number))
    first, third = client.get("/activities"), client.get("/activities?page=3")
    assert "第00场" in first.text
    assert "第20场" not in first.text
    assert "page=2" in first.text
    assert "第44场" in third.text
    assert "page=4" not in third.text
    assert "后面没有了" in client.get("/activities?page=4").text


def test_the_past_has_pages_of_its_own(client, make, street):
    for number in range(12):
        make.shift(make.activity(street.team, street.organiser, title=f"旧{number:02d}"), clock.now() - timedelta(days=number + 2), 1)
    first, second = client.get("/activities"), client.get("/activities?past=2")
    assert "旧00" in first.text
    assert "旧10" not in first.text
    assert "旧11" in second.text


@pytest.mark.parametrize("signed_in", [False, True])
def test_as_many_queries_for_forty_as_for_one(client, as_person, make, street, tomorrow, signed_in):
    browser = as_person(street.organiser) if signed_in else client

    def add(times):
        for _ in range(times):
            shift = make.shift(make.activity(street.team, street.organiser), tomorrow)
            in_transaction(lambda shift=shift: service.take_seat(shift, street.organiser, clock.now()))
            make.shift(make.activity(street.team, street.organiser), clock.now() - timedelta(days=3), 1)

    add(1)
    browser.get("/activities")
    with statements() as few:
        browser.get("/activities")
    add(15)
    with statements() as many:
        browser.get("/activities")
    assert len(many) == len(few)
    assert len(few) <= (15 if signed_in else 6)


def test_the_list_and_the_page_hold_no_personal_data(client, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, tomorrow, capacity=1)
    for person in (street.volunteer, street.organiser):
        in_transaction(lambda person=person: service.take_seat(shift, person, clock.now()))
    for address in ("/activities", f"/activities/{activity}"):
        text = client.get(address).text
        for secret in ("霍静雯", "何嘉怡", "13800000001", "13800000002", "静雯"):
            assert secret not in text
    assert "霍*雯" in client.get(f"/activities/{activity}").text


def test_rows_for_other_features(make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, tomorrow, capacity=5, pause=15)
    over = make.activity(street.team, street.organiser, title="办完的")
    make.shift(over, clock.now() - timedelta(hours=5), 2)
    row = queries.activity(activity)
    assert queries.activity_by_code(f" {row.code.lower()} ") == row
    assert queries.activity_by_code("????") is None
    assert (row.starts_at, row.ends_at) == (tomorrow, tomorrow + timedelta(hours=3))
    assert [(found.id, found.minutes, found.left) for found in queries.shifts_of(activity)] == [(shift, 165, 5)]
    assert queries.next_signup(street.volunteer, clock.now()) is None
    in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now()))
    coming = queries.next_signup(street.volunteer, clock.now())
    assert (coming.activity.id, coming.signup.shift_id, coming.signup.position) == (activity, shift, None)
    assert queries.signed_up_shifts(street.volunteer, activity) == {shift}
    assert [entry.activity.id for entry in queries.upcoming(None, clock.today(), 5)] == [over, activity]
    assert [found.id for found in queries.open_for_unit(street.here, clock.today(), 5)] == [activity, over]
    assert queries.open_for_unit(street.there, clock.today(), 5) == []
    waiting = queries.waiting_for(make.actor(street.organiser), clock.now(), 5)
    assert [found.id for found in waiting.to_close] == [over]


def test_managed_is_by_subtree_and_by_having_made_it(make, street, tomorrow):
    from app.core.permissions import Role

    own, foreign = make.activity(street.team, street.organiser), make.activity(street.there, street.volunteer)
    made_elsewhere = make.activity(street.there, street.organiser)
    actor, nobody = make.actor(street.organiser), make.actor(street.volunteer)
    assert queries.managed_activity(actor, own).id == own
    assert queries.managed_activity(actor, made_elsewhere).id == made_elsewhere
    assert queries.managed_activity(actor, foreign) is None
    assert queries.managed_activity(nobody, foreign) is None
    make.grant(street.volunteer, Role.SECRETARY, street.top)
    assert queries.managed_activity(make.actor(street.volunteer), own).id == own
    assert queries.managed_activity(actor, 10_000) is None


def test_a_cancelled_sign_up_is_not_next(make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, tomorrow)
    in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now()))
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(cancelled_at=clock.now())))
    assert queries.next_signup(street.volunteer, clock.now()) is None
