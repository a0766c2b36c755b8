"""A series: looked at before it is made, made once, then ordinary activities changed or cancelled from one of them on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.activities import forms, queries, service
from app.activities.models import Activity, ActivitySeries, Signup
from app.activities.queries.series import activities_in, later_in
from app.activities.series_rules import Every
from app.core import clock
from app.core.db import db, in_transaction
from app.worklist.models import Notice

FORM = "3f0c1c1e-7a44-4d0e-9f00-000000000001"


@pytest.fixture
def weekly(typed, street):
    """Four Sundays."""
    return typed | {"unit_id": str(street.team), "every": "week", "until": "2026-12-13", "form_id": FORM}


ALL = ["2026-11-22", "2026-11-29", "2026-12-06", "2026-12-13"]


def made(browser, form, days=ALL, do="publish"):
    answer = browser.post("/activities/series", data=form | {"on": days, "do": do})
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def days_of(series_id):
    return [row.series_on.isoformat() for row in activities_in(series_id)]


def count():
    return db.session.scalar(select(func.count()).select_from(Activity))


def take(activity, person):
    shift = queries.shifts_of(activity)[0].id
    return in_transaction(lambda: service.take_seat(shift, person, clock.now(), risk_read=True))


def told(person):
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person).order_by(Notice.id)))


def as_form(row, **changes):
    return forms.filled(row, queries.shifts_of(row.id)) | {"do": "save"} | changes


def test_the_days_are_listed_before_anything_is_written(organiser, weekly):
    answer = organiser.post("/activities", data=weekly)
    assert answer.status_code == 200
    assert "每周日" in answer.text
    assert "共 4 场" in answer.text
    assert answer.text.count('name="on"') == answer.text.count(" checked") == 4
    assert 'name="title" value="灯湖邻里节：童玩与旧物市集"' in answer.text
    assert count() == 0


def test_an_unticked_day_is_not_held(organiser, weekly):
    series = made(organiser, weekly, ["2026-11-22", "2026-12-06"])
    assert days_of(series) == ["2026-11-22", "2026-12-06"]
    rows = activities_in(series)
    assert all(row.public for row in rows)
    assert [clock.local(row.starts_at).isoformat()[:16] for row in rows] == ["2026-11-22T14:00", "2026-12-06T14:00"]
    assert [len(queries.shifts_of(row.id)) for row in rows] == [2, 2]
    assert len({row.code for row in rows}) == 2
    page = organiser.get(f"/activities/series/{series}").text
    assert page.count("报名中") == 2


def test_days_that_the_rule_does_not_give_are_not_made(organiser, weekly):
    assert days_of(made(organiser, weekly, ["2026-11-22", "2026-11-24", "2027-01-03", "x"])) == ["2026-11-22"]


def test_no_day_left_is_said_and_everything_typed_stays(organiser, weekly):
    answer = organiser.post("/activities/series", data=weekly | {"do": "publish"})
    assert (answer.status_code, "至少留一场" in answer.text) == (422, True)
    assert 'name="s1-name" value="清场组"' in answer.text
    back = organiser.post("/activities/series", data=weekly | {"do": "back"})
    assert 'value="清场组"' in back.text
    assert 'value="2026-12-13"' in back.text
    assert count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": ""}, "请填写办到哪一天"),
        ({"until": "2026-11-01"}, "早于第一场"),
        ({"until": "2030-01-01"}, "最多排两年"),
        ({"until": "2028-03-01"}, "一次最多排 60 场"),
        ({"every": "daily"}, "请选择多久一次"),
        ({"title": ""}, "请填写活动的名字"),
    ],
)
def test_a_rule_that_can_not_be_is_said_beside_its_field(organiser, weekly, changes, words):
    for address in ("/activities", "/activities/series"):
        answer = organiser.post(address, data=weekly | changes)
        assert (answer.status_code, words in answer.text) == (422, True)
    assert count() == 0


def test_pressing_twice_makes_none_twice(organiser, weekly):
    assert made(organiser, weekly) == made(organiser, weekly)
    assert count() == 4
    assert "没有重复建" in organiser.get("/activities").text


def test_pressing_twice_at_once_makes_none_twice(make, street, typed, at_once):
    from werkzeug.datastructures import MultiDict

    actor, now = make.actor(street.organiser), clock.now()
    draft = forms.read(MultiDict(typed | {"unit_id": str(street.team)}), units=[street.team], earliest=clock.today())
    plan = service.Plan(Every.WEEK, date(2026, 11, 22), date(2026, 11, 29), (date(2026, 11, 22), date(2026, 11, 29)))

    def press():
        return in_transaction(lambda: service.create_series(draft, plan, actor, now, FORM, published=True)).series_id

    assert len(set(at_once([press] * 4))) == 1
    assert count() == 2


def test_the_database_holds_one_a_day(organiser, weekly):
    rows = activities_in(made(organiser, weekly))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == rows[1].id).values(series_on=rows[0].series_on)))


def test_a_series_of_drafts_is_published_at_once(organiser, client, weekly):
    series = made(organiser, weekly, do="draft")
    first = activities_in(series)[0].id
    assert client.get(f"/activities/{first}").status_code == 404
    assert "都发布" in organiser.get(f"/activities/series/{series}").text
    assert organiser.post(f"/activities/series/{series}/publication").status_code == 303
    assert client.get(f"/activities/{first}").status_code == 200


def test_this_one_only(organiser, weekly):
    rows = activities_in(made(organiser, weekly))
    organiser.post(f"/activities/{rows[1].id}/revision", data=as_form(rows[1], place="雨棚下", day="2026-11-30", scope="one"))
    changed = activities_in(rows[0].series_id)
    assert [row.place_text for row in changed] == ["党建广场", "雨棚下", "党建广场", "党建广场"]
    assert changed[1].series_on == date(2026, 11, 29)  # planned for that day, held on another
    assert "原定 11月29日" in organiser.get(f"/activities/series/{rows[0].series_id}").text


def test_this_one_and_all_later_ones(organiser, street, weekly):
    rows = activities_in(made(organiser, weekly))
    take(rows[2].id, street.volunteer)
    form = as_form(rows[1], place="雨棚下", scope="later", **{"s0-start": "13:00"})
    answer = organiser.post(f"/activities/{rows[1].id}/revision", data=form, follow_redirects=True)
    assert "3 场都改好了，已通知 1 人次" in answer.text
    changed = activities_in(rows[0].series_id)
    assert [row.place_text for row in changed] == ["党建广场", "雨棚下", "雨棚下", "雨棚下"]
    assert [clock.local(row.starts_at).hour for row in changed] == [14, 13, 13, 13]
    assert [row.series_on.isoformat() for row in changed] == ALL
    assert told(street.volunteer) == ["《灯湖邻里节：童玩与旧物市集》时间和地点有改动，请看一眼。来不了请退出，好让别人补上。"]
    assert [len(queries.shifts_of(row.id)) for row in changed] == [2, 2, 2, 2]


def test_drafts_of_a_series_are_changed_and_published_from_one_on(organiser, weekly):
    rows = activities_in(made(organiser, weekly, do="draft"))
    organiser.post(f"/activities/{rows[1].id}/revision", data=as_form(rows[1], place="雨棚下", scope="later", do="publish"))
    assert [(row.place_text, row.public) for row in activities_in(rows[0].series_id)] == [("党建广场", False)] + [("雨棚下", True)] * 3


def test_another_weekday_moves_the_later_ones_as_far(organiser, weekly):
    rows = activities_in(made(organiser, weekly))
    organiser.post(f"/activities/{rows[1].id}/revision", data=as_form(rows[1], day="2026-11-28", scope="later"))
    days = [clock.local(row.starts_at).date().isoformat() for row in activities_in(rows[0].series_id)]
    assert days == ["2026-11-22", "2026-11-28", "2026-12-05", "2026-12-12"]


def test_what_one_had_changed_by_itself_it_keeps(organiser, weekly):
    rows = activities_in(made(organiser, weekly))
    organiser.post(f"/activities/{rows[2].id}/revision", data=as_form(rows[2], title="雨天版", **{"s0-start": "15:00"}))
    form = as_form(rows[1], place="雨棚下", scope="later", **{"s0-start": "13:00"})
    answer = organiser.post(f"/activities/{rows[1].id}/revision", data=form, follow_redirects=True)
    assert "12月6日的班次单独改过" in answer.text
    changed = activities_in(rows[0].series_id)
    assert [clock.local(row.starts_at).hour for row in changed] == [14, 13, 15, 13]
    assert [row.title == "雨天版" for row in changed] == [False, False, True, False]
    assert [row.place_text for row in changed] == ["党建广场", "雨棚下", "雨棚下", "雨棚下"]


def test_all_or_none_and_the_day_that_stands_in_the_way_is_named(organiser, make, street, weekly):
    rows = activities_in(made(organiser, weekly))
    for _ in range(2):
        take(rows[3].id, make.person())
    answer = organiser.post(
        f"/activities/{rows[1].id}/revision", data=as_form(rows[1], scope="later", place="没有存下", **{"s0-capacity": "1"})
    )
    assert (answer.status_code, "12月13日那场改不了：已有 2 人报上" in answer.text) == (422, True)
    assert {row.place_text for row in activities_in(rows[0].series_id)} == {"党建广场"}


def test_what_has_begun_or_is_over_stays(organiser, make, street, weekly):
    rows = activities_in(made(organiser, weekly))
    with clock.frozen_at(clock.now() + timedelta(days=8, hours=5)):  # Sunday the 29th, in the middle of it
        assert [row.id for row in later_in(rows[0], clock.now())] == [row.id for row in rows[2:]]
        organiser.sign_in(street.organiser)
        form = as_form(rows[2], place="雨棚下", scope="later")
        organiser.post(f"/activities/{rows[2].id}/revision", data=form)
    assert [row.place_text for row in activities_in(rows[0].series_id)] == ["党建广场", "党建广场", "雨棚下", "雨棚下"]


def test_cancelling_one_leaves_the_others(organiser, street, weekly):
    rows = activities_in(made(organiser, weekly))
    organiser.post(f"/activities/{rows[1].id}/cancellation", data={"reason": "放假", "scope": "one"})
    assert [row.cancelled_at is not None for row in activities_in(rows[0].series_id)] == [False, True, False, False]


def test_cancelling_all_later_ones_tells_each_who_signed_up_why(organiser, street, weekly):
    rows = activities_in(made(organiser, weekly))
    for row in rows[1:3]:
        take(row.id, street.volunteer)
    unsaid = organiser.post(f"/activities/{rows[1].id}/cancellation", data={"scope": "later"})
    assert (unsaid.status_code, "请写一句为什么取消" in unsaid.text) == (422, True)
    data = {"reason": "广场修路", "scope": "later"}
    answer = organiser.post(f"/activities/{rows[1].id}/cancellation", data=data, follow_redirects=True)
    assert "3 场取消了，已通知 2 人次" in answer.text
    assert [row.cancelled_at is not None for row in activities_in(rows[0].series_id)] == [False, True, True, True]
    assert [words.split("，不用来了。")[1] for words in told(street.volunteer)] == ["原因：广场修路"] * 2
    assert db.session.scalar(select(func.count()).select_from(Signup).where(Signup.withdrawn_at.is_(None))) == 2


def test_elsewhere_a_series_is_not_there(organiser, make, as_person, street, weekly):
    from app.core.permissions import Role

    series = made(organiser, weekly)
    other = make.person("陆秀兰")
    make.grant(other, Role.ORGANISER, street.there)
    browser = as_person(other)
    assert browser.get(f"/activities/series/{series}").status_code == 404
    assert browser.post(f"/activities/series/{series}/publication").status_code == 404


def test_the_organisers_list_shows_a_series_in_one_line(organiser, make, street, tomorrow, weekly):
    series = made(organiser, weekly)
    alone = make.activity(street.team, street.organiser, title="茶话会")
    make.shift(alone, tomorrow)
    page = organiser.get("/activities/managed").text
    assert page.count(f"/activities/series/{series}") == 1
    assert page.count("再办<span") == 2


def test_the_lists_ask_as_many_questions_for_many_as_for_few(organiser, make, street, weekly, tomorrow):
    from tests.conftest import statements

    series = made(organiser, weekly, ALL[:1])
    addresses = ("/activities/managed", f"/activities/series/{series}")
    counted = []
    for _ in range(2):
        for address in addresses:
            organiser.get(address)
            with statements() as sent:
                organiser.get(address)
            counted.append(len(sent))
        for _ in range(12):
            make.shift(make.activity(street.team, street.organiser), tomorrow)
        made(organiser, weekly | {"form_id": FORM.replace("1", "3")})
        moves = update(Activity).where(Activity.series_id != series, Activity.series_on > date(2026, 11, 22)).values(series_id=series)
        in_transaction(lambda moves=moves: db.session.execute(moves))
    assert counted[:2] == counted[2:]


def test_a_form_sent_twice_makes_one_activity(organiser, typed, street):
    form = typed | {"unit_id": str(street.team), "form_id": FORM}
    first, second = (organiser.post("/activities", data=form) for _ in range(2))
    assert first.location == second.location
    assert "没有重复建" in organiser.get(second.location).text
    assert count() == 1
    organiser.post("/activities", data=form | {"form_id": FORM.replace("1", "2")})
    assert count() == 2


def test_a_form_sent_twice_at_once_makes_one_activity(make, street, typed, at_once):
    from werkzeug.datastructures import MultiDict

    actor, now = make.actor(street.organiser), clock.now()
    draft = forms.read(MultiDict(typed | {"unit_id": str(street.team)}), units=[street.team], earliest=clock.today())

    def press():
        return in_transaction(lambda: service.create_once(draft, actor, now, FORM)).activity_id

    assert len(set(at_once([press] * 6))) == 1
    assert count() == 1


def test_each_form_has_an_id_of_its_own_that_stays_while_it_is_filled_in(organiser, typed, street):
    import re

    def id_of(page):
        return re.search(r'name="form_id" value="([^"]+)"', page.text)[1]

    assert id_of(organiser.get("/activities/new")) != id_of(organiser.get("/activities/new"))
    assert id_of(organiser.post("/activities", data=typed | {"form_id": FORM, "do": "add"})) == FORM
    assert id_of(organiser.post("/activities", data=typed | {"form_id": FORM, "title": ""})) == FORM


def test_somebody_elses_form_is_refused(organiser, as_person, make, typed, street):
    from app.core.permissions import Role

    form = typed | {"unit_id": str(street.team), "form_id": FORM}
    organiser.post("/activities", data=form)
    other = make.person("陆秀兰")
    make.grant(other, Role.ORGANISER, street.here)
    answer = as_person(other).post("/activities", data=form)
    assert (answer.status_code, "这张表已经用过了" in answer.text) == (422, True)
    assert count() == 1
    assert db.session.scalar(select(func.count()).select_from(ActivitySeries)) == 0
