"""Organising: publish, revise, cancel, extend, close; who may, who is told, and what stays as promised."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.activities import queries, service
from app.activities.models import Activity
from app.activities.rules import ActivityState
from app.activities.service import organising as hooks
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.worklist.models import Notice


@pytest.fixture
def someone_came(monkeypatch):
    monkeypatch.setattr(hooks, "_attended", lambda _activity_id: True)


def told(person_id):
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person_id).order_by(Notice.id)))


def made(organiser, typed, street, **changes):
    answer = organiser.post("/activities", data=typed | {"unit_id": str(street.team)} | changes)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def as_form(activity_id, **changes):
    from app.activities import forms

    return forms.filled(queries.activity(activity_id), queries.shifts_of(activity_id)) | {"do": "save"} | changes


def test_from_a_form_to_a_published_activity_that_anyone_sees(organiser, client, typed, street):
    activity = made(organiser, typed, street)
    text = client.get(f"/activities/{activity}").text
    for words in (
        "童玩与旧物市集",
        "党建广场",
        "计入双50：服务",
        "14:00–17:00",
        "计 2 小时 45 分",
        "0 / 16 人",
        "户外站立",
        "灯湖街坊会主办",
    ):
        assert words in text
    assert [shift.name for shift in queries.shifts_of(activity)] == ["童玩摊位组", "清场组"]


def test_a_draft_is_seen_by_its_managers_only_until_it_is_published(organiser, volunteer, client, typed, street):
    activity = made(organiser, typed, street, do="draft")
    assert "这是草稿" in organiser.get(f"/activities/{activity}").text
    assert "草稿" in organiser.get("/activities").text
    assert {volunteer.get(f"/activities/{activity}").status_code, client.get(f"/activities/{activity}").status_code} == {404}
    assert organiser.post(f"/activities/{activity}/publication").status_code == 303
    assert organiser.post(f"/activities/{activity}/publication").status_code == 303
    assert client.get(f"/activities/{activity}").status_code == 200


def test_what_is_over_is_not_published_any_more(make, street):
    activity = make.activity(street.team, street.organiser, published=False)
    make.shift(activity, clock.now() - timedelta(hours=5), 2)
    with pytest.raises(Conflict, match="已经过去"):
        in_transaction(lambda: service.publish(activity, street.organiser, clock.now()))


def test_a_draft_is_withdrawn_without_a_word_and_a_published_one_is_not(organiser, typed, street):
    draft, published = made(organiser, typed, street, do="draft"), made(organiser, typed, street)
    assert organiser.post(f"/activities/{draft}/withdrawal").status_code == 303
    assert queries.activity(draft).state(clock.now()) is ActivityState.CANCELLED
    assert organiser.post(f"/activities/{draft}/publication").status_code == 409
    assert organiser.post(f"/activities/{published}/withdrawal").status_code == 409
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 0


def test_cancelling_tells_everyone_who_signed_up_once(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    waiting = make.person()
    for _ in range(2):
        shift = make.shift(activity, tomorrow, capacity=1)
        for person in (street.volunteer, waiting):
            in_transaction(lambda shift=shift, person=person: service.take_seat(shift, person, clock.now()))
    unsaid = organiser.post(f"/activities/{activity}/cancellation", data={"reason": " "})
    assert (unsaid.status_code, "请写一句为什么取消" in unsaid.text, told(waiting)) == (422, True, [])
    answer = organiser.post(f"/activities/{activity}/cancellation", data={"reason": "下雨改期"}, follow_redirects=True)
    assert "已通知 2 位" in answer.text
    assert "原因：下雨改期" in answer.text
    organiser.post(f"/activities/{activity}/cancellation", data={"reason": "又一次"})
    assert told(street.volunteer) == told(waiting) == ["活动取消了：11月22日 《灯湖邻里节》，不用来了。原因：下雨改期"]


def test_a_draft_is_not_cancelled_and_nothing_is_once_someone_came(organiser, make, street, tomorrow, someone_came):
    draft, running = make.activity(street.team, street.organiser, published=False), make.activity(street.team, street.organiser)
    make.shift(running, clock.now())
    assert organiser.post(f"/activities/{draft}/cancellation").status_code == 409
    assert organiser.post(f"/activities/{running}/cancellation").status_code == 409
    assert queries.activity(running).cancelled_at is None


def test_a_revision_of_a_draft_may_change_everything(organiser, typed, street):
    activity = made(organiser, typed, street, do="draft")
    form = as_form(activity, kind="study", title="读书会", day="2026-11-29", unit_id=str(street.here), shifts="1", **{"s0-end": "16:00"})
    assert organiser.post(f"/activities/{activity}/revision", data=form).status_code == 303
    row, shifts = queries.activity(activity), queries.shifts_of(activity)
    assert (row.title, row.kind.value, row.unit_id, len(shifts)) == ("读书会", "study", street.here, 1)
    assert clock.local(shifts[0].ends_at).isoformat() == "2026-11-29T16:00:00+08:00"


def test_after_publication_kind_and_unit_stay_and_people_are_told_of_time_and_place(organiser, typed, street):
    activity = made(organiser, typed, street)
    shift = queries.shifts_of(activity)[0].id
    in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now(), risk_read=True))
    organiser.post(f"/activities/{activity}/revision", data=as_form(activity, title="新名字"))
    assert told(street.volunteer) == []
    organiser.post(
        f"/activities/{activity}/revision", data=as_form(activity, kind="other", unit_id=str(street.here), place="雨棚下", day="2026-11-23")
    )
    row = queries.activity(activity)
    assert (row.title, row.kind.value, row.unit_id, row.place_text) == ("新名字", "service", street.team, "雨棚下")
    assert told(street.volunteer) == ["《新名字》时间和地点有改动，请看一眼。来不了请退出，好让别人补上。"]
    assert queries.shifts_of(activity)[0].id == shift


def test_times_stay_once_someone_has_come_and_words_may_change(organiser, typed, street, someone_came):
    activity = made(organiser, typed, street)
    before = queries.shifts_of(activity)
    assert "班次和时间不能再改" in organiser.get(f"/activities/{activity}/revision").text
    organiser.post(f"/activities/{activity}/revision", data=as_form(activity, title="新名字", day="2026-12-01", **{"s0-start": "09:00"}))
    assert queries.shifts_of(activity) == before
    assert queries.activity(activity).title == "新名字"


def test_a_shift_with_sign_ups_is_not_dropped_and_seats_not_cut_below_those_taken(organiser, make, typed, street):
    activity = made(organiser, typed, street)
    first = queries.shifts_of(activity)[0]
    for person in (street.volunteer, make.person()):
        in_transaction(lambda person=person: service.take_seat(first.id, person, clock.now(), risk_read=True))
    form = as_form(activity, title="没有存下")
    dropped = {name.replace("s1-", "s0-"): value for name, value in form.items() if not name.startswith("s0-")} | {"shifts": "1"}
    answer = organiser.post(f"/activities/{activity}/revision", data=dropped)
    assert (answer.status_code, "有人报过名，不能删掉" in answer.text) == (422, True)
    answer = organiser.post(f"/activities/{activity}/revision", data=form | {"s0-capacity": "1"})
    assert (answer.status_code, "已有 2 人报上" in answer.text) == (422, True)
    assert 'value="没有存下"' in answer.text
    assert queries.activity(activity).title != "没有存下"
    assert len(queries.shifts_of(activity)) == 2


def test_more_seats_move_the_waiting_list_up(organiser, make, typed, street):
    activity = made(organiser, typed, street, **{"s0-capacity": "1"})
    shift = queries.shifts_of(activity)[0].id
    people = [make.person() for _ in range(3)]
    for person in people:
        in_transaction(lambda person=person: service.take_seat(shift, person, clock.now(), risk_read=True))
    organiser.post(f"/activities/{activity}/revision", data=as_form(activity, **{"s0-capacity": "2"}))
    assert [signup.seated for signup in queries.signups_in(activity)] == [True, True, False]
    assert "候补上了" in told(people[1])[0]


def test_extending_a_running_shift(organiser, make, street):
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, clock.now() - timedelta(hours=2))  # 10:00–13:00
    assert "现在到 13:00" in organiser.get(f"/activities/{activity}").text
    assert "延长到 14:30" in organiser.post(f"/shifts/{shift}/extension", data={"until": "14:30"}, follow_redirects=True).text
    assert queries.shift(shift).minutes == 270
    for wrong in ("14:00", "", "25:00", "下午"):
        assert "没有延长" in organiser.post(f"/shifts/{shift}/extension", data={"until": wrong}, follow_redirects=True).text
    assert clock.local(queries.shift(shift).last_end).hour == 14


def test_no_extension_once_signing_out_is_over(organiser, make, street):
    shift = make.shift(make.activity(street.team, street.organiser), clock.now() - timedelta(hours=5))
    assert organiser.post(f"/shifts/{shift}/extension", data={"until": "20:00"}).status_code == 409


def test_closing_once_it_is_over_and_only_once(make, street):
    now = clock.now()
    activity, running = make.activity(street.team, street.organiser), make.activity(street.team, street.organiser)
    make.shift(activity, now - timedelta(hours=3)), make.shift(running, now)
    in_transaction(lambda: service.close_activity(activity, street.organiser, 1280, now))
    row = queries.activity(activity)
    assert (row.closed_at, row.served_count, row.state(now)) == (now, 1280, ActivityState.CLOSED)
    with pytest.raises(Conflict, match="已经收场"):
        in_transaction(lambda: service.close_activity(activity, street.organiser, 5, now))
    with pytest.raises(Conflict, match="没结束"):
        in_transaction(lambda: service.close_activity(running, street.organiser, 5, now))
    with pytest.raises(Invalid):
        in_transaction(lambda: service.close_activity(running, street.organiser, -1, now))
    draft = make.activity(street.team, street.organiser, published=False)
    with pytest.raises(Conflict, match="没有办"):
        in_transaction(lambda: service.close_activity(draft, street.organiser, 5, now))


def test_the_list_of_names_is_the_organisers_and_shows_phones_of_those_who_agreed(organiser, volunteer, make, street, tomorrow):
    from app.people import service as people
    from app.people.rules import ConsentKind

    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, tomorrow, capacity=1)
    other = make.person("邓淑芬", phone="13900000009", confirmed=False)
    for person in (street.volunteer, other):
        in_transaction(lambda person=person: service.take_seat(shift, person, clock.now()))
    assert volunteer.get(f"/activities/{activity}/signups").status_code == 404
    text = organiser.get(f"/activities/{activity}/signups").text
    for words in ("何嘉怡", "邓淑芬", "候补第 1", "还没核实是谁"):
        assert words in text
    assert "13800000001" not in text
    in_transaction(lambda: people.give_consent(street.volunteer, ConsentKind.CONTACT, clock.now()))
    text = organiser.get(f"/activities/{activity}/signups").text
    assert "13800000001" in text
    assert "13900000009" not in text


def test_the_organiser_seats_the_next_one_by_hand(organiser, make, street):
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, clock.now() + timedelta(hours=3), capacity=1)
    other = make.person()
    first = in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now())).signup
    second = in_transaction(lambda: service.take_seat(shift, other, clock.now())).signup
    assert organiser.post(f"/signups/{second.id}/seat").status_code == 409
    in_transaction(lambda: service.withdraw(first.id, street.volunteer, clock.now()))
    assert "补上了" in organiser.post(f"/signups/{second.id}/seat", follow_redirects=True).text
    assert queries.signup(second.id).seated
    assert organiser.post("/signups/10000/seat").status_code == 404


def test_elsewhere_an_organiser_finds_nothing_to_manage(organiser, make, street, tomorrow):
    foreign = make.activity(street.there, street.volunteer)
    shift = make.shift(foreign, tomorrow)
    signup = in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now())).signup
    for address in (
        f"/activities/{foreign}/revision",
        f"/activities/{foreign}/poster",
        f"/activities/{foreign}/signups",
        f"/activities/new?like={foreign}",
    ):
        assert organiser.get(address).status_code == 404
    for address in (
        f"/activities/{foreign}/revision",
        f"/activities/{foreign}/publication",
        f"/activities/{foreign}/cancellation",
        f"/activities/{foreign}/withdrawal",
        f"/shifts/{shift}/extension",
        f"/signups/{signup.id}/seat",
    ):
        assert organiser.post(address).status_code == 404
    assert "这场由您管" not in organiser.get(f"/activities/{foreign}").text


def test_a_volunteer_organises_nothing(volunteer, client, typed, street):
    assert volunteer.get("/activities/new").status_code == 404
    assert volunteer.post("/activities", data=typed | {"unit_id": str(street.team)}).status_code == 404
    assert client.get("/activities/new").status_code == 302
    assert db.session.scalar(select(func.count()).select_from(Activity)) == 0


def test_everything_is_on_record(organiser, typed, street):
    from app.audit.models import AuditEvent

    activity = made(organiser, typed, street)
    organiser.post(f"/activities/{activity}/cancellation")
    actions = list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "activity").order_by(AuditEvent.id)))
    assert actions == ["activity", "activity.publication", "activity.cancellation"]
