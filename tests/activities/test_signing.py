"""Signing up and withdrawing, as a volunteer does it in the browser."""

from datetime import timedelta

from app.activities import queries, service
from app.core import clock
from app.core.db import in_transaction


def scene(make, street, start, *, capacity=5, title="灯湖邻里节"):
    activity = make.activity(street.team, street.organiser, title=title)
    return activity, make.shift(activity, start, capacity=capacity)


def with_note(activity, note="请带水和帽子。"):
    from sqlalchemy import update

    from app.activities.models import Activity
    from app.core.db import db

    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(risk_note=note)))


def test_signing_up_says_so_and_comes_back_to_the_page(volunteer, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow)
    answer = volunteer.post(f"/shifts/{shift}/signups", follow_redirects=True)
    assert answer.request.path == f"/activities/{activity}"
    assert "报上了：明天 12:00，童玩摊位组" in answer.text
    assert "已报名" in answer.text


def test_the_page_posts_the_picked_shift_without_script(volunteer, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow)
    assert volunteer.post(f"/activities/{activity}/signups", data={"shift": shift}).status_code == 303
    assert queries.signed_up_shifts(street.volunteer, activity) == {shift}


def test_a_shift_of_another_activity_or_none_is_asked_for_again(volunteer, make, street, tomorrow):
    activity, _ = scene(make, street, tomorrow)
    _, other = scene(make, street, tomorrow)
    for shift in (other, "x", ""):
        answer = volunteer.post(f"/activities/{activity}/signups", data={"shift": shift})
        assert answer.status_code == 422
        assert "请先选一个班次" in answer.text
    assert queries.signups_of(street.volunteer, [activity]) == []


def test_the_note_about_risk_must_be_ticked(volunteer, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow)
    with_note(activity)
    answer = volunteer.post(f"/shifts/{shift}/signups")
    assert answer.status_code == 422
    assert "再打个勾" in answer.text
    assert queries.signups_of(street.volunteer, [activity]) == []
    assert volunteer.post(f"/shifts/{shift}/signups", data={"risk_read": "1"}).status_code == 303


def test_a_full_shift_gives_a_place_in_line(volunteer, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow, capacity=1)
    in_transaction(lambda: service.take_seat(shift, street.organiser, clock.now()))
    assert "排候补" in volunteer.get(f"/activities/{activity}").text
    answer = volunteer.post(f"/shifts/{shift}/signups", follow_redirects=True)
    assert "候补第 1 位。有人退出会自动补上" in answer.text


def test_in_the_last_twelve_hours_the_organiser_calls(volunteer, make, street):
    _, shift = scene(make, street, clock.now() + timedelta(hours=3), capacity=1)
    in_transaction(lambda: service.take_seat(shift, street.organiser, clock.now()))
    assert "组织者打电话" in volunteer.post(f"/shifts/{shift}/signups", follow_redirects=True).text


def test_the_same_time_twice_is_allowed_and_warned_of(volunteer, make, street, tomorrow):
    _, first = scene(make, street, tomorrow, title="楼道茶话会")
    activity, second = scene(make, street, tomorrow + timedelta(hours=1))
    volunteer.post(f"/shifts/{first}/signups")
    assert "您已报《楼道茶话会》" in volunteer.get(f"/activities/{activity}").text
    answer = volunteer.post(f"/shifts/{second}/signups", follow_redirects=True)
    assert "同一时间您还报了《楼道茶话会》" in answer.text
    assert queries.signed_up_shifts(street.volunteer, activity) == {second}


def test_withdrawing(volunteer, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow)
    volunteer.post(f"/shifts/{shift}/signups")
    signup = queries.signups_of(street.volunteer, [activity])[0]
    answer = volunteer.post(f"/signups/{signup.id}/withdrawal", follow_redirects=True)
    assert "已退出 童玩摊位组" in answer.text
    assert queries.signups_of(street.volunteer, [activity]) == []
    again = volunteer.post(f"/signups/{signup.id}/withdrawal", follow_redirects=True)
    assert (again.status_code, "这一班已经退出了，不用再退" in again.text) == (200, True)
    assert volunteer.post("/signups/10000/withdrawal").status_code == 404


def test_nobody_withdraws_another_persons_sign_up(organiser, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow)
    signup = in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now())).signup
    assert organiser.post(f"/signups/{signup.id}/withdrawal").status_code == 404
    assert queries.signed_up_shifts(street.volunteer, activity) == {shift}


def test_visitors_are_led_to_sign_in_and_back(client, make, street, tomorrow):
    activity, shift = scene(make, street, tomorrow)
    assert f"next=/activities/{activity}" in client.get(f"/activities/{activity}").text.replace("%2F", "/").replace("%3F", "?")
    assert client.post(f"/shifts/{shift}/signups").status_code == 302
    assert queries.signups_in(activity) == []


def test_what_is_not_there_or_a_draft_is_a_404(volunteer, make, street, tomorrow):
    draft = make.activity(street.team, street.organiser, published=False)
    shift = make.shift(draft, tomorrow)
    for address in (f"/activities/{draft}", "/activities/10000"):
        assert volunteer.get(address).status_code == 404
    for address in (f"/shifts/{shift}/signups", "/shifts/10000/signups", f"/activities/{draft}/signups", "/signups/10000/withdrawal"):
        assert volunteer.post(address).status_code == 404


def test_what_is_over_or_cancelled_offers_nothing(volunteer, make, street, tomorrow):
    over, over_shift = scene(make, street, clock.now() - timedelta(hours=8))
    gone, gone_shift = scene(make, street, tomorrow)
    in_transaction(lambda: service.cancel(gone, street.organiser, clock.now()))
    for activity, shift in ((over, over_shift), (gone, gone_shift)):
        assert 'id="dock"' not in volunteer.get(f"/activities/{activity}").text
        assert volunteer.post(f"/shifts/{shift}/signups").status_code == 409
    assert "活动取消了" in volunteer.get(f"/activities/{gone}").text


def test_picking_a_shift_brings_back_the_shifts_and_the_dock(volunteer, make, street, tomorrow):
    activity, _ = scene(make, street, tomorrow)
    second = make.shift(activity, tomorrow, name="清场组")
    part = volunteer.get(f"/activities/{activity}?shift={second}", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'hx-swap-oob="true"' in part.text
    assert part.text.count("is-on") == 1
    assert "<b>清场组</b>" in part.text.split('id="dock"')[1]


def test_the_first_shift_with_room_and_without_a_clash_is_picked(volunteer, make, street, tomorrow):
    activity, _ = scene(make, street, tomorrow, capacity=1)
    in_transaction(lambda: service.take_seat(queries.shifts_of(activity)[0].id, street.organiser, clock.now()))
    make.shift(activity, tomorrow + timedelta(hours=4), name="有冲突的")
    make.shift(activity, tomorrow + timedelta(hours=8), name="合适的")
    _, other = scene(make, street, tomorrow + timedelta(hours=4))
    volunteer.post(f"/shifts/{other}/signups")
    assert "<b>合适的</b>" in volunteer.get(f"/activities/{activity}").text.split('id="dock"')[1]
