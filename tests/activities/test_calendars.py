"""The calendars that phones subscribe to: one's own under a secret address, a unit's for anyone."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.activities import queries, service
from app.activities.models import CalendarFeed
from app.core import clock
from app.core.db import db, in_transaction
from tests.conftest import statements


def address_of(browser):
    """Asks for an address, as the button does, and reads it off the page."""
    page = browser.post("/me/calendar", follow_redirects=True)
    return re.search(r"https://shulin\.example(/calendars/[^<]+\.ics)</textarea>", page.text)[1]


def events(answer):
    assert answer.status_code == 200, answer.status_code
    return {int(str(one["uid"]).split("@")[0].split("-")[1]): one for one in Calendar.from_ical(answer.data).walk("VEVENT")}


@pytest.fixture
def scene(make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    return activity, make.shift(activity, tomorrow, capacity=1)


def take(shift, person):
    return in_transaction(lambda: service.take_seat(shift, person, clock.now())).signup


def test_nothing_is_open_before_it_is_asked_for(volunteer, street):
    assert "开一个我的日历地址" in volunteer.get("/me/calendar").text
    assert db.session.scalar(select(CalendarFeed.id)) is None
    assert 'href="/me/calendar"' in volunteer.get("/me").text


def test_another_address_and_none_are_asked_for_once_more(volunteer):
    address_of(volunteer)
    page = volunteer.get("/me/calendar").text
    for words in ("确定换一个", "确定停用", "不能订阅的手机，下载这一份"):
        assert words in page
    for way in ("renewal", "revocation"):
        before = page[: page.index(f'action="/me/calendar/{way}"')]
        assert before.rindex("<details") > before.rindex("</section>")  # folded until it is opened


def test_my_sign_ups_are_there_and_nobody_else_s(volunteer, client, make, street, scene, tomorrow):
    activity, shift = scene
    other = make.shift(activity, tomorrow, name="清场组")
    take(shift, street.volunteer)
    take(other, street.organiser)
    answer = client.get(address_of(volunteer))  # a phone's calendar, not signed in
    found = events(answer)
    assert found.keys() == {shift}
    assert str(found[shift]["status"]) == "CONFIRMED"
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "何嘉怡" not in answer.text
    assert "霍静雯" not in answer.text


def test_waiting_is_tentative_moving_up_is_sure_and_withdrawing_removes_it(volunteer, client, make, street, scene):
    _, shift = scene
    first, mine = take(shift, street.organiser), take(shift, street.volunteer)
    address = address_of(volunteer)
    waiting = events(client.get(address))[shift]
    assert str(waiting["status"]) == "TENTATIVE"
    in_transaction(lambda: service.withdraw(first.id, street.organiser, clock.now()))
    sure = events(client.get(address))[shift]
    assert (str(sure["status"]), str(sure["uid"])) == ("CONFIRMED", str(waiting["uid"]))
    assert sure["sequence"] > waiting["sequence"]
    in_transaction(lambda: service.withdraw(mine.id, street.volunteer, clock.now()))
    assert events(client.get(address)) == {}


def test_a_cancelled_activity_stays_as_cancelled_with_a_higher_sequence(volunteer, client, make, street, scene):
    activity, shift = scene
    take(shift, street.volunteer)
    address = address_of(volunteer)
    before = events(client.get(address))[shift]
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        in_transaction(lambda: service.cancel(activity, street.organiser, clock.now(), reason="下雨"))
    after = events(client.get(address))[shift]
    assert str(after["status"]) == "CANCELLED"
    assert after["sequence"] > before["sequence"]
    assert after.decoded("last-modified") == before.decoded("last-modified") + timedelta(hours=1)


def test_an_unchanged_calendar_is_not_sent_again(volunteer, client, make, street, scene):
    _, shift = scene
    address = address_of(volunteer)
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    take(shift, street.volunteer)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_an_address_that_is_revoked_or_unknown_finds_nothing(volunteer, client, street):
    address = address_of(volunteer)
    feed = db.session.scalar(select(CalendarFeed.id))
    assert client.get(address).status_code == 200
    volunteer.post("/me/calendar/revocation", data={"feed": feed})
    assert client.get(address).status_code == 404
    assert client.get("/calendars/1-AAAAAAAAAAAAAAAAAAAAAA.ics").status_code == 404
    assert client.get("/calendars/x.ics").status_code == 404


def test_a_new_address_ends_the_old_one_and_a_second_press_changes_nothing_more(volunteer, client, street):
    old = address_of(volunteer)
    feed = db.session.scalar(select(CalendarFeed.id))
    volunteer.post("/me/calendar/renewal", data={"feed": feed})
    new = address_of(volunteer)
    volunteer.post("/me/calendar/renewal", data={"feed": feed})
    assert address_of(volunteer) == new != old
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)


def test_nobody_touches_the_address_of_another(volunteer, organiser, client, street):
    address = address_of(volunteer)
    feed = db.session.scalar(select(CalendarFeed.id))
    for noun in ("renewal", "revocation"):
        organiser.post(f"/me/calendar/{noun}", data={"feed": feed})
    assert client.get(address).status_code == 200


def test_asking_twice_opens_one(volunteer, street):
    assert address_of(volunteer) == address_of(volunteer)
    assert len(db.session.scalars(select(CalendarFeed.id)).all()) == 1


def test_a_unit_shows_what_it_and_those_below_published_and_no_draft(client, make, street, tomorrow, scene):
    _, of_team = scene
    here = make.shift(make.activity(street.here, street.organiser, title="社区大扫除"), tomorrow)
    there = make.shift(make.activity(street.there, street.organiser), tomorrow)
    make.shift(make.activity(street.team, street.organiser, published=False), tomorrow)
    answer = client.get(f"/units/{street.here}/activities.ics")
    assert events(answer).keys() == {of_team, here}
    assert events(client.get(f"/units/{street.top}/activities.ics")).keys() == {of_team, here, there}
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    assert "霍静雯" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.get(f"/units/{street.here}/activities.ics", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_what_was_over_long_ago_is_left_out(client, make, street):
    for days in (1, 30, 61):
        make.shift(make.activity(street.team, street.organiser), clock.now() - timedelta(days=days))
    assert len(events(client.get(f"/units/{street.team}/activities.ics"))) == 2


def test_the_page_of_a_unit_is_found_from_the_list_and_says_how_to_subscribe(client, street, scene):
    assert f'href="/units/{street.top}/calendar"' in client.get("/activities").text
    page = client.get(f"/units/{street.here}/calendar").text
    assert f"webcal://shulin.example/units/{street.here}/activities.ics" in page
    assert "小米" in page
    assert "微信" in page
    assert client.get("/units/99999/calendar").status_code == 404
    assert client.get("/units/99999/activities.ics").status_code == 404


def test_a_position_is_said_with_the_shift(volunteer, client, make, street, scene):
    activity, shift = scene
    take(shift, street.volunteer)
    (row,) = queries.signups_of(street.volunteer, [activity])
    assert str(events(client.get(address_of(volunteer)))[shift]["summary"]).endswith(row.shift_name)


def test_a_long_calendar_asks_as_few_questions_as_a_short_one(volunteer, client, make, street, tomorrow, scene):
    _, shift = scene
    take(shift, street.volunteer)
    address = address_of(volunteer)
    client.get(address)
    counts = []
    for _ in range(2):
        for where in (address, f"/units/{street.top}/activities.ics"):
            with statements() as sent:
                client.get(where)
            counts.append(len(sent))
        for number in range(8):
            take(make.shift(make.activity(street.team, street.organiser), tomorrow + timedelta(hours=number)), street.volunteer)
    assert counts[:2] == counts[2:]
    assert max(counts) <= 7
