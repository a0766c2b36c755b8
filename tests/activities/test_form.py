"""The form: what was typed is kept, faults stand beside their fields, nothing is half-written, and it works without script."""

import pytest
from sqlalchemy import func, select

from app.activities import forms, queries
from app.activities.models import Activity, Shift
from app.activities.rules import CodeWay, ShiftDraft, default_code_way
from app.core import clock
from app.core.db import db
from app.core.trace import new_code


def nothing_written():
    return db.session.scalar(select(func.count()).select_from(Activity)) == db.session.scalar(select(func.count()).select_from(Shift)) == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "请填写活动的名字"),
        ("title", "长" * 61, "最多 60 个字"),
        ("kind", "meeting", "请选择是哪一类活动"),
        ("day", "2026-11-20", "这一天已经过去了"),
        ("day", "11月22日", "请写成 2026-11-21 这样"),
        ("place", " ", "请填写在哪里"),
        ("unit_id", "", "请选择哪个组织主办"),
        ("unit_id", "10000", "请选择哪个组织主办"),
        ("code_way", "carrier-pigeon", "请选择签到码怎么出"),
        ("risk_note", "长" * 301, "最多 300 个字"),
        ("s1-name", "", "请填写班次的名字"),
        ("s1-end", "16:30", "结束早于开始"),
        ("s1-start", "", "请填写开始时间"),
        ("s0-break", "180", "休息时间不能超过班次本身"),
        ("s0-break", "一刻钟", "休息分钟请填 0 或以上的整数"),
        ("s0-capacity", "0", "人数应在 1 到"),
        ("s0-capacity", "-4", "人数请填 1 或以上的整数"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_written(organiser, typed, street, field, value, words):
    answer = organiser.post("/activities", data=typed | {"unit_id": str(street.team)} | {field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'id="f-{field}-e"' in answer.text
    assert 'value="清场组"' in answer.text or field == "s1-name"
    assert 'value="灯湖邻里节：童玩与旧物市集"' in answer.text or field == "title"
    assert nothing_written()


def test_times_are_judged_even_without_a_day(organiser, typed, street):
    answer = organiser.post("/activities", data=typed | {"unit_id": str(street.team), "day": "", "s1-end": "16:30"})
    assert "请填写哪一天" in answer.text
    assert "结束早于开始" in answer.text


def test_all_faults_come_at_once_and_markup_is_text(organiser, typed, street):
    answer = organiser.post("/activities", data={"do": "publish", "title": "<script>x</script>", "shifts": "999"})
    assert answer.status_code == 422
    assert "<script>x" not in answer.text
    for field in ("kind", "day", "place", "unit_id", "s0-name", "s0-start", "s19-end"):
        assert f"#f-{field}" in answer.text
    assert nothing_written()


def test_publishing_what_is_over_today_writes_nothing(organiser, typed, street):
    early = {"day": "2026-11-21", "shifts": "1", "s0-start": "08:00", "s0-end": "09:00", "unit_id": str(street.team)}
    answer = organiser.post("/activities", data=typed | early)
    assert (answer.status_code, "已经过去" in answer.text) == (422, True)
    assert nothing_written()


def test_full_width_digits_and_blanks_are_read(organiser, typed, street):
    changes = {"unit_id": str(street.team), "s0-capacity": " １６ ", "title": "　灯湖  邻里节 "}
    assert organiser.post("/activities", data=typed | changes).status_code == 303
    assert db.session.scalars(select(Activity.title)).all() == ["灯湖 邻里节"]


def test_adding_and_dropping_shifts_keeps_what_was_typed(organiser, typed, street):
    more = organiser.post("/activities", data=typed | {"do": "add", "unit_id": str(street.team), "s0-capacity": "不知道"})
    assert more.status_code == 200
    for words in ('name="s2-name"', 'name="shifts" value="3"', 'value="不知道"', 'value="清场组"'):
        assert words in more.text
    fewer = organiser.post("/activities", data=typed | {"do": "drop-0"})
    assert 'name="shifts" value="1"' in fewer.text
    assert 'value="清场组"' in fewer.text
    assert "童玩摊位组" not in fewer.text
    part = organiser.post("/activities", data=typed | {"do": "add"}, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "<b>3 个班次" in part.text.split('id="form-sum" hx-swap-oob="true"')[1]
    assert nothing_written()


@pytest.mark.parametrize(("asked", "count"), [("add", 3), ("drop-1", 1), ("drop-7", 2), ("drop-", 2), ("drop-x", 2), ("other", 2)])
def test_reshaping_leaves_the_rest_alone(typed, asked, count):
    kept = forms.reshaped(typed, asked)
    assert forms.shift_count(kept) == count
    assert kept["s0-name"] == "童玩摊位组"


def test_the_last_shift_stays_and_there_are_at_most_twenty():
    assert forms.reshaped({"shifts": "1"}, "drop-0")["shifts"] == "1"
    assert forms.reshaped({"shifts": "20"}, "add")["shifts"] == "20"


def test_held_again_like_last_time(organiser, client, typed, street):
    organiser.post("/activities", data=typed | {"unit_id": str(street.team)})
    first = db.session.scalars(select(Activity.id)).one()
    assert f"like={first}" in organiser.get("/activities/new").text
    again = organiser.get(f"/activities/new?like={first}").text
    for words in ('value="灯湖邻里节：童玩与旧物市集"', 'value="2026-11-29"', 'value="14:00"', 'value="清场组"', "已照 11月22日 那场填好"):
        assert words in again, again
    assert "s0-id" not in again


def test_a_copy_comes_on_the_same_weekday_and_never_in_the_past(make, street):
    from datetime import date, timedelta

    saturday = clock.now() - timedelta(days=35)
    assert forms.next_like(saturday, clock.today()) == date(2026, 11, 28)
    assert forms.next_like(saturday - timedelta(days=1), clock.today()) == date(2026, 11, 27)


def test_a_copy_of_what_is_still_to_come_stands_after_it(make, street):
    from datetime import date, timedelta

    assert forms.next_like(clock.now() + timedelta(days=1), clock.today()) == date(2026, 11, 29)
    assert forms.next_like(clock.now() + timedelta(days=15), clock.today()) == date(2026, 12, 13)
    assert forms.next_like(clock.now(), clock.today()) == date(2026, 11, 28)


def test_a_night_walk_ends_on_the_next_day(organiser, typed, street):
    night = {"unit_id": str(street.team), "shifts": "1", "s0-start": "22:00", "s0-end": "00:30", "s0-break": ""}
    assert organiser.post("/activities", data=typed | night).status_code == 303
    shift = queries.shifts_of(db.session.scalars(select(Activity.id)).one())[0]
    assert shift.minutes == 150


def test_several_days_are_kept_when_the_form_is_opened_again(organiser, make, street, tomorrow):
    from datetime import timedelta

    activity = make.activity(street.team, street.organiser)
    make.shift(activity, tomorrow), make.shift(activity, tomorrow + timedelta(days=1))
    before = queries.shifts_of(activity)
    form = forms.filled(queries.activity(activity), before)
    assert form["s1-day"] == "2026-11-23"
    assert organiser.post(f"/activities/{activity}/revision", data=form | {"do": "save"}).status_code == 303
    assert queries.shifts_of(activity) == before


@pytest.mark.parametrize(("places", "way"), [([199], "rotating"), ([100, 100], "poster"), ([5, None], "poster")])
def test_the_way_of_the_code_follows_the_expected_people(tomorrow, places, way):
    shifts = tuple(ShiftDraft("组", tomorrow, tomorrow, 0, capacity) for capacity in places)
    assert default_code_way(shifts) is CodeWay(way)


def test_the_chosen_way_wins(organiser, typed, street):
    organiser.post("/activities", data=typed | {"unit_id": str(street.team), "code_way": "poster"})
    organiser.post("/activities", data=typed | {"unit_id": str(street.team)})
    assert list(db.session.scalars(select(Activity.code_way).order_by(Activity.id))) == [CodeWay.POSTER, CodeWay.ROTATING]


def test_a_taken_short_code_is_drawn_again(organiser, typed, street, monkeypatch):
    from app.activities.service import organising

    drawn = iter(["AAAA", "AAAA", "BBBB"])
    monkeypatch.setattr(organising.trace, "new_code", lambda length: next(drawn) if length == 4 else new_code(length))
    for _ in range(2):
        organiser.post("/activities", data=typed | {"unit_id": str(street.team), "do": "draft"})
    assert sorted(db.session.scalars(select(Activity.code))) == ["AAAA", "BBBB"]


def test_a_draft_whose_time_has_passed_is_not_published_and_keeps_what_was_typed(organiser, typed, street):
    organiser.post("/activities", data=typed | {"unit_id": str(street.team), "do": "draft"})
    draft = db.session.scalars(select(Activity.id)).one()
    early = {"day": "2026-11-21", "shifts": "1", "s0-start": "08:00", "s0-end": "09:00", "unit_id": str(street.team), "title": "改过的"}
    answer = organiser.post(f"/activities/{draft}/revision", data=typed | early)
    assert (answer.status_code, "已经过去" in answer.text, 'value="改过的"' in answer.text) == (409, True, True)
    assert queries.activity(draft).title == "灯湖邻里节：童玩与旧物市集"
    assert not queries.activity(draft).public
