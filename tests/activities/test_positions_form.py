"""岗位 on the form: kept by everything that fills a form, and revised within what people were promised."""

import pytest

from app.activities import queries, service
from app.activities.queries.series import activities_in
from app.core import clock
from app.core.db import in_transaction
from tests.activities.positions import position_ids, settled, told
from tests.activities.test_organising import as_form, made
from tests.activities.test_templates import fields_of

LINES = "引导 2\n登记：1人"


def positions_of(activity, shift=0):
    return [(one.name, one.capacity) for one in queries.shifts_of(activity)[shift].positions]


@pytest.fixture
def activity(organiser, typed, street):
    """Published, its first shift with 引导 2 and 登记 1."""
    return made(organiser, typed, street, **{"s0-positions": LINES})


@pytest.fixture
def shift(activity):
    return queries.shifts_of(activity)[0].id


def take(shift, person, name=None):
    wish = position_ids(shift)[name] if name else None
    return in_transaction(lambda: service.take_seat(shift, person, clock.now(), position_id=wish, risk_read=True)).signup


def revise(organiser, activity, lines, **changes):
    return organiser.post(f"/activities/{activity}/revision", data=as_form(activity, **{"s0-positions": lines}, **changes))


def test_the_number_of_people_is_the_sum_and_it_is_said(organiser, typed, street):
    data = typed | {"unit_id": str(street.team), "s0-positions": "引导 4\n登记：2人\n茶水x3"}
    answer = organiser.post("/activities", data=data, follow_redirects=True)
    assert "人数按岗位加起来算：童玩摊位组 9 人" in answer.text
    activity = int(answer.request.path.rsplit("/", 1)[1])
    assert positions_of(activity) == [("引导", 4), ("登记", 2), ("茶水", 3)]
    assert [shift.capacity for shift in queries.shifts_of(activity)] == [9, 12]


def test_a_fault_names_its_line_and_what_was_typed_stays(organiser, typed, street):
    answer = organiser.post(
        "/activities", data=typed | {"unit_id": str(street.team), "s0-positions": "引导 4\n茶水", "s0-capacity": "许多"}
    )
    assert answer.status_code == 422
    assert 'id="f-s0-positions-e"' in answer.text
    assert "第 2 行：“茶水”要几个人" in answer.text
    assert "引导 4\n茶水</textarea>" in answer.text


def test_without_script_another_shift_is_added_and_dropped_with_the_positions(organiser, typed):
    more = organiser.post("/activities", data=typed | {"s1-positions": LINES, "do": "add"})
    assert more.text.count("登记：1人</textarea>") == 1
    assert "3 个班次" in more.text
    fewer = organiser.post("/activities", data=typed | {"s1-positions": LINES, "do": "drop-0"})
    assert fields_of(fewer)["s0-positions"] == LINES
    assert '<b>3 人</b><span class="fine">按岗位加起来' in fewer.text
    assert "readonly" not in fewer.text


def test_held_again_kept_as_a_template_and_from_it_positions_come_along(organiser, activity):
    again = organiser.get(f"/activities/new?like={activity}")
    assert fields_of(again)["s0-positions"] == "引导 2\n登记 1"
    assert "、岗位、" in again.text
    organiser.post(f"/activities/{activity}/template", data={"name": "摊位"})
    own = organiser.get("/activities/new").text.split("?own=")[1].split('"')[0]
    form = fields_of(organiser.get(f"/activities/new?own={own}"))
    assert form["s0-positions"] == "引导 2\n登记 1"
    answer = organiser.post("/activities", data=form | {"do": "publish"})
    assert positions_of(int(answer.location.rsplit("/", 1)[1])) == [("引导", 2), ("登记", 1)]


def test_a_template_brings_its_positions_with_numbers(organiser):
    form = fields_of(organiser.get("/activities/new?template=festival"))
    assert form["s0-positions"] == "摊位 20\n引导 6\n签到台 4"
    answer = organiser.post("/activities", data=form | {"place": "党建广场", "do": "publish"})
    assert positions_of(int(answer.location.rsplit("/", 1)[1]), 1) == [("收摊架", 8), ("垃圾分类", 4)]


def test_every_day_of_a_series_has_them_and_later_ones_follow_a_change(organiser, typed, street):
    data = typed | {"unit_id": str(street.team), "every": "week", "until": "2026-12-06", "s0-positions": LINES, "do": "publish"}
    days = ["2026-11-22", "2026-11-29", "2026-12-06"]
    assert "引导 2、登记 1" in organiser.post("/activities", data=data).text  # the days are looked at first
    answer = organiser.post("/activities/series", data=data | {"on": days})
    rows = activities_in(int(answer.location.rsplit("/", 1)[1]))
    assert [positions_of(row.id) for row in rows] == [[("引导", 2), ("登记", 1)]] * 3
    person = street.volunteer
    take(queries.shifts_of(rows[2].id)[0].id, person, "引导")
    revise(organiser, rows[0].id, "引导→带路 3\n登记 1", scope="later")
    assert [positions_of(row.id) for row in rows] == [[("带路", 3), ("登记", 1)]] * 3
    assert queries.signups_of(person, [rows[2].id])[0].position_name == "带路"


def test_a_position_with_people_is_not_dropped_and_it_says_how_to_rename(organiser, activity, shift, street):
    take(shift, street.volunteer, "引导")
    answer = revise(organiser, activity, "带路 2\n登记 1", title="没有存下")
    assert answer.status_code == 422
    assert "“引导”有 1 人报了（连候补），不能去掉" in answer.text
    assert "请写“引导→新名 2”" in answer.text
    assert queries.activity(activity).title != "没有存下"
    assert revise(organiser, activity, "登记 1\n引导→带路 2").status_code == 303
    assert positions_of(activity) == [("登记", 1), ("带路", 2)]
    assert queries.signups_of(street.volunteer, [activity])[0].position_name == "带路"
    settled(shift)


def test_who_is_at_a_position_or_waits_for_it_is_told_its_new_name(organiser, make, activity, shift, street):
    seat, waiting = (take(shift, make.person(), "登记") for _ in range(2))
    other = take(shift, street.volunteer, "引导")
    answer = organiser.post(
        f"/activities/{activity}/revision", data=as_form(activity, **{"s0-positions": "引导 2\n登记→签到 1"}), follow_redirects=True
    )
    assert "改好了，已通知 2 位报名的街坊" in answer.text
    assert "的岗位“登记”改叫“签到”，您还在这个岗位" in told(seat.person_id)[0]
    assert "您的候补不变" in told(waiting.person_id)[0]
    assert told(other.person_id) == []
    page = organiser.get(f"/activities/{activity}/revision").text
    assert "引导改成带路 4" in page


def test_a_box_that_is_emptied_asks_how_many_and_takes_what_was_typed(organiser, activity, shift):
    form = fields_of(organiser.get(f"/activities/{activity}/revision"))
    assert (form["s0-summed"], "s0-capacity" in form) == ("1", False)
    asked = organiser.post(f"/activities/{activity}/revision", data=form | {"s0-positions": " ", "do": "save"})
    assert (asked.status_code, "岗位都去掉了，要几个人？不限就空着，再存一次" in asked.text) == (422, True)
    assert queries.shift(shift).capacity == 3
    again = fields_of(asked)
    assert (again["s0-capacity"], "s0-summed" in again) == ("", False)
    organiser.post(f"/activities/{activity}/revision", data=again | {"do": "save"})
    assert (queries.shift(shift).capacity, positions_of(activity)) == (None, [])


def test_the_number_typed_before_the_positions_counts_when_they_go(organiser, typed, street):
    data = typed | {"unit_id": str(street.team), "s0-positions": LINES, "title": ""}
    form = fields_of(organiser.post("/activities", data=data))
    assert form["s0-capacity"] == "16"
    answer = organiser.post("/activities", data=form | {"title": "童玩", "s0-positions": "", "do": "publish"})
    assert queries.shifts_of(int(answer.location.rsplit("/", 1)[1]))[0].capacity == 16


def test_a_position_somebody_waits_for_is_not_dropped_either_but_one_they_left_is(organiser, make, activity, shift):
    seat, waiting = take(shift, make.person(), "登记"), take(shift, make.person(), "登记")
    assert "“登记”有 2 人报了" in revise(organiser, activity, "引导 2").text
    for signup in (waiting, seat):
        in_transaction(lambda signup=signup: service.withdraw(signup.id, signup.person_id, clock.now()))
    assert revise(organiser, activity, "引导 2").status_code == 303
    assert queries.shift(shift).capacity == 2
    settled(shift)


def test_a_position_never_falls_below_those_in_it(organiser, make, activity, shift):
    take(shift, make.person(), "引导"), take(shift, make.person(), "引导")
    answer = revise(organiser, activity, "引导 1\n登记 5")
    assert (answer.status_code, "“引导”已有 2 人报上" in answer.text) == (422, True)
    assert queries.shift(shift).capacity == 3


def test_more_seats_move_up_who_waits_for_that_position_and_new_ones_take_any(organiser, make, activity, shift):
    for name in ("引导", "引导", "登记"):
        take(shift, make.person(), name)
    guide, desk, whatever = (take(shift, make.person(), name) for name in ("引导", "登记", None))
    revise(organiser, activity, "引导 2\n登记 2\n茶水 1")
    assert [queries.signup(one.id).position_name for one in (desk, whatever)] == ["登记", "茶水"]
    assert "·登记" in told(desk.person_id)[0]
    assert (queries.signup(guide.id).position, told(guide.person_id)) == (1, [])
    settled(shift)


def test_positions_come_and_go_while_nobody_holds_a_seat(organiser, activity, shift, street):
    assert revise(organiser, activity, "", **{"s0-capacity": "5"}).status_code == 303
    assert (positions_of(activity), queries.shift(shift).capacity) == ([], 5)
    assert revise(organiser, activity, "茶水 2\n引导 1").status_code == 303
    assert (positions_of(activity), queries.shift(shift).capacity) == ([("茶水", 2), ("引导", 1)], 3)
    revise(organiser, activity, "", **{"s0-capacity": ""})
    assert queries.shift(shift).capacity is None
    take(shift, street.volunteer)
    answer = revise(organiser, activity, "茶水 2")
    assert (answer.status_code, "已有 1 人报上，他们没选过岗位" in answer.text) == (422, True)
    settled(shift)


def test_a_shift_nobody_signed_up_for_goes_with_its_positions(organiser, activity, shift):
    form = as_form(activity)
    kept = {name.replace("s1-", "s0-"): value for name, value in form.items() if not name.startswith("s0-")} | {"shifts": "1"}
    assert organiser.post(f"/activities/{activity}/revision", data=kept).status_code == 303
    assert queries.shift(shift) is None


def test_moving_a_shift_out_of_the_last_twelve_hours_fills_its_free_seats(organiser, make, typed, street):
    tonight = {"day": "2026-11-21", "shifts": "1", "s0-start": "20:00", "s0-end": "21:00", "s0-positions": "引导 1"}
    activity = made(organiser, typed, street, **tonight)
    shift = queries.shifts_of(activity)[0].id
    seat, waiting = take(shift, make.person(), "引导"), take(shift, make.person(), "引导")
    in_transaction(lambda: service.withdraw(seat.id, seat.person_id, clock.now()))
    assert not queries.signup(waiting.id).seated
    revise(organiser, activity, "引导 1\n登记 3")
    assert not queries.signup(waiting.id).seated  # nothing by itself, however many seats there are
    revise(organiser, activity, "引导 1\n登记 3", day="2026-11-23")
    assert queries.signup(waiting.id).seated
    assert "候补上了" in told(waiting.person_id)[0]
