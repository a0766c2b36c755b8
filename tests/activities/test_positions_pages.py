"""岗位 as people meet them: chosen when signing up, shown wherever a sign-up is, changed while there is a seat."""

from datetime import timedelta

import pytest

from app.activities import queries, service
from app.core import clock
from app.core.db import in_transaction
from app.proxies.models import Proxy
from app.proxies.rules import Agreement, Relation
from tests.activities.positions import position_ids, positioned, settled
from tests.conftest import statements


@pytest.fixture
def activity(make, street):
    return make.activity(street.team, street.organiser)


@pytest.fixture
def shift(make, activity, tomorrow):
    return positioned(make, activity, tomorrow, {"引导": 1, "登记": 2})


@pytest.fixture
def at(shift):
    return position_ids(shift)


def take(shift, person, position=None):
    return in_transaction(lambda: service.take_seat(shift, person, clock.now(), position_id=position)).signup


def mine(street, activity):
    return queries.signups_of(street.volunteer, [activity])[0]


def test_the_page_asks_which_and_says_what_is_left(volunteer, make, activity, shift, at):
    take(shift, make.person(), at["引导"]), take(shift, make.person(), at["引导"])
    text = volunteer.get(f"/activities/{activity}").text
    for words in ("哪个岗位", "还有 2 个", "满了，候补 1 人", "哪个都行", f'value="{at["登记"]}"'):
        assert words in text
    assert "有人退出，按先后自动补上，补上了会通知您，到开始前 12 小时为止；之后有空位，由组织者打电话请您" in text


def test_who_takes_any_is_counted_once_and_the_page_without_shifts_has_no_gap(volunteer, make, activity, shift, at):
    for wish in (at["引导"], at["登记"], at["登记"], at["引导"], None):
        take(shift, make.person(), wish)
    text = volunteer.get(f"/activities/{activity}").text
    assert [text.count(f"候补 {number} 人") for number in (1, 2)] == [2, 1]  # at 引导, at any, and both in all
    volunteer.post(f"/shifts/{shift}/signups", data={"position": "any"})
    assert 'id="picked"' not in volunteer.get(f"/activities/{activity}").text


def test_one_is_chosen_without_script_or_asked_for_again(volunteer, activity, shift, at, street):
    asked = volunteer.post(f"/activities/{activity}/signups", data={"shift": shift})
    assert asked.status_code == 422
    assert 'id="f-position-e"' in asked.text
    assert "请选一个岗位" in asked.text
    assert volunteer.post(f"/shifts/{shift}/signups", data={"position": "10000"}).status_code == 422
    assert queries.signups_of(street.volunteer, [activity]) == []
    answer = volunteer.post(f"/activities/{activity}/signups", data={"shift": shift, "position": at["登记"]}, follow_redirects=True)
    assert "报上了：明天 12:00，童玩摊位组·登记" in answer.text
    assert "岗位：<b>登记</b>" in answer.text


def test_any_is_a_choice_and_what_was_chosen_stays_when_something_else_is_missing(volunteer, make, activity, shift, at, street):
    from tests.activities.test_signing import with_note

    with_note(activity)
    again = volunteer.post(f"/shifts/{shift}/signups", data={"position": at["引导"]})
    assert (again.status_code, f'value="{at["引导"]}" checked' in again.text) == (422, True)
    volunteer.post(f"/shifts/{shift}/signups", data={"position": "any", "risk_read": "1"})
    assert mine(street, activity).position_name == "登记"


def test_a_single_position_is_no_question(volunteer, make, activity, tomorrow, street):
    shift = positioned(make, activity, tomorrow, {"引导": 2})
    assert "哪个岗位" not in volunteer.get(f"/activities/{activity}").text
    volunteer.post(f"/shifts/{shift}/signups")
    assert mine(street, activity).position_name == "引导"


def test_who_waits_reads_for_what_and_at_which_place(volunteer, make, activity, shift, at):
    for _ in range(2):
        take(shift, make.person(), at["引导"])
    answer = volunteer.post(f"/shifts/{shift}/signups", data={"position": at["引导"]}, follow_redirects=True)
    for words in (
        "您排在“引导”候补第 2 位",
        "等的岗位：<b>引导</b>",
        "候补第 2 位</span>",
        "前面还有 1 人。有人退出",
        "开始前 12 小时起，有空位由组织者打电话请您",
    ):
        assert words in answer.text
    assert "童玩摊位组·引导" in volunteer.get("/me").text


def test_in_the_last_twelve_hours_it_promises_nothing(volunteer, make, activity):
    shift = positioned(make, activity, clock.now() + timedelta(hours=5), {"引导": 1, "登记": 1})
    take(shift, make.person(), position_ids(shift)["引导"])
    assert "快开始了，不再自动补" in volunteer.get(f"/activities/{activity}").text
    answer = volunteer.post(f"/shifts/{shift}/signups", data={"position": position_ids(shift)["引导"]}, follow_redirects=True)
    assert "有空位时由组织者打电话请您" in answer.text
    assert "自动补上" not in answer.text


def test_changing_position_and_keeping_the_seat_where_there_is_none(volunteer, make, activity, shift, at, street):
    volunteer.post(f"/shifts/{shift}/signups", data={"position": at["登记"]})
    signup = mine(street, activity)
    assert "换岗位" in volunteer.get(f"/activities/{activity}").text
    answer = volunteer.post(f"/signups/{signup.id}/position", data={"position": at["引导"]}, follow_redirects=True)
    assert "换好了，您在“引导”" in answer.text
    take(shift, make.person(), at["登记"]), take(shift, make.person(), at["登记"])
    answer = volunteer.post(f"/signups/{signup.id}/position", data={"position": at["登记"]}, follow_redirects=True)
    assert "“登记”现在没有空位，您还在“引导”" in answer.text
    assert "换过去" not in answer.text
    assert "请先选要换到哪个岗位" in volunteer.post(f"/signups/{signup.id}/position", follow_redirects=True).text
    assert mine(street, activity).position_name == "引导"
    settled(shift)


def test_another_persons_position_does_not_exist(volunteer, make, shift, at):
    other = take(shift, make.person(), at["引导"])
    assert volunteer.post(f"/signups/{other.id}/position", data={"position": at["登记"]}).status_code == 404
    assert volunteer.post("/signups/10000/position", data={"position": at["登记"]}).status_code == 404


def test_acting_for_somebody_one_chooses_and_changes_for_them(volunteer, make, activity, shift, at, street):
    old = make.person("陈婆婆")
    now = clock.now()
    agreed = {"person_agreed": Agreement.IN_PERSON, "person_agreed_at": now, "proxy_agreed_at": now, "valid_from": now}
    make._add(Proxy, person_id=old, proxy_id=street.volunteer, relation=Relation.FAMILY, made_by_id=street.organiser, **agreed)
    page = f"/activities/{activity}/for/{old}"
    assert "哪个岗位" in volunteer.get(page).text
    asked = volunteer.post(f"/shifts/{shift}/signups/for/{old}")
    assert (asked.status_code, "请给陈婆婆选一个岗位" in asked.text) == (422, True)
    answer = volunteer.post(f"/shifts/{shift}/signups/for/{old}", data={"position": at["引导"]}, follow_redirects=True)
    assert "替 陈婆婆 报上了：明天 12:00，童玩摊位组·引导" in answer.text
    signup = queries.signups_of(old, [activity])[0]
    answer = volunteer.post(f"/signups/{signup.id}/position/for/{old}", data={"position": at["登记"]}, follow_redirects=True)
    assert "换好了，陈婆婆 在“登记”" in answer.text
    assert volunteer.post(f"/signups/{signup.id}/position/for/{street.organiser}", data={"position": at["引导"]}).status_code == 404


def test_the_organiser_reads_by_position_who_comes_and_seats_who_was_called(organiser, make, activity, street):
    shift = positioned(make, activity, clock.now() + timedelta(hours=3), {"引导": 1, "登记": 1})
    at = position_ids(shift)
    take(shift, make.person("邓淑芬"), at["引导"])
    waiting = take(shift, make.person("郭志明"), at["引导"])
    text = organiser.get(f"/activities/{activity}/signups").text
    assert text.index("引导") < text.index("邓淑芬") < text.index("登记") < text.index("郭志明")
    for words in ("候补第 1 位（引导）", "“引导”满了，“登记”还有 1 个。问过郭志明再补", f'value="{at["登记"]}" selected>登记，还有 1 个'):
        assert words in text
    full = organiser.post(f"/signups/{waiting.id}/seat", data={"position": ""})
    assert (full.status_code, "报名名单" in full.text, "“登记”还有 1 个：问过本人" in full.text) == (409, True, True)
    answer = organiser.post(f"/signups/{waiting.id}/seat", data={"position": at["登记"]}, follow_redirects=True)
    assert "补上了，在“登记”，已通知本人" in answer.text
    again = organiser.post(f"/signups/{waiting.id}/seat", data={"position": at["登记"]}, follow_redirects=True)
    assert "刚才已经补上了，在“登记”，没有再通知" in again.text
    settled(shift)


def test_the_organiser_takes_somebody_off_with_a_reason(organiser, volunteer, make, activity, shift, at, street):
    seat = take(shift, street.volunteer, at["引导"])
    page = f"/signups/{seat.id}/removal"
    assert page in organiser.get(f"/activities/{activity}/signups").text
    assert "请何嘉怡退出" in organiser.get(page).text
    assert volunteer.get(page).status_code in {403, 404}
    asked = organiser.post(page, data={"reason": " "})
    assert (asked.status_code, "请填写原因" in asked.text) == (422, True)
    answer = organiser.post(page, data={"reason": "这一班改由专业人员做"}, follow_redirects=True)
    assert "何嘉怡已退出 童玩摊位组·引导，原因已通知本人" in answer.text
    assert queries.signups_of(street.volunteer, [activity]) == []
    assert "已经退出了，不用再请" in organiser.post(page, data={"reason": "又按了一次"}, follow_redirects=True).text
    assert "已经退出了，不用再退" in volunteer.post(f"/signups/{seat.id}/withdrawal", follow_redirects=True).text
    assert volunteer.post(page, data={"reason": "别人的"}).status_code in {403, 404}


def test_who_waits_for_one_changes_to_a_full_one_or_to_any_without_losing_the_place(volunteer, make, activity, shift, at, street):
    for name in ("引导", "登记", "登记", "引导"):
        take(shift, make.person(), at[name])
    volunteer.post(f"/shifts/{shift}/signups", data={"position": at["引导"]})
    signup = mine(street, activity)
    text = volunteer.get(f"/activities/{activity}").text
    assert "改等别的岗位" in text
    assert "先后不变" in text
    answer = volunteer.post(f"/signups/{signup.id}/position", data={"position": at["登记"]}, follow_redirects=True)
    assert "改好了，您现在等“登记”，候补第 1 位，先后没有变" in answer.text
    answer = volunteer.post(f"/signups/{signup.id}/position", data={"position": "any"}, follow_redirects=True)
    assert "您现在等“哪个都行”，候补第 2 位" in answer.text
    assert mine(street, activity).id == signup.id
    settled(shift)


def test_the_list_asks_as_many_questions_for_twelve_positions_as_for_none(organiser, make, activity, tomorrow):
    make.shift(activity, tomorrow)
    organiser.get(f"/activities/{activity}/signups")
    with statements() as few:
        organiser.get(f"/activities/{activity}/signups")
    shift = positioned(make, activity, tomorrow, {f"岗{'甲乙丙丁戊己庚辛壬癸子丑'[number]}": 2 for number in range(12)})
    for _ in range(15):
        take(shift, make.person())
    with statements() as many:
        organiser.get(f"/activities/{activity}/signups")
    assert len(many) <= len(few) + 2  # names and phones, where there is somebody


def test_printed_lists_name_positions(organiser, client, make, activity, shift, at, street):
    take(shift, street.volunteer, at["登记"])
    take(shift, make.person("邓淑芬"), at["引导"])
    sheet = organiser.get(f"/activities/{activity}/sheet?shift={shift}").text
    assert "邓淑芬<small>引导</small>" in sheet
    other = positioned(make, activity, clock.now() + timedelta(days=1, hours=4), {"茶水": 1, "收摊": 1})
    take(other, make.person(), position_ids(other)["收摊"])
    assert "还要：登记、茶水" in client.get("/activities/print").text
    for name, wish in (("梁伯", at["登记"]), ("周姨", at["引导"]), ("冼叔", None)):
        take(shift, make.person(name), wish)
    sheet = organiser.get(f"/activities/{activity}/sheet?shift={shift}").text
    rows = ["邓淑芬<small>引导", "何嘉怡<small>登记", "梁伯<small>登记", "周姨<small>候补·引导", "冼叔<small>候补<"]
    assert [sheet.index(row) for row in rows] == sorted(sheet.index(row) for row in rows)


def test_the_text_for_the_group_says_what_is_wanted(organiser, make, activity, shift, at):
    take(shift, make.person(), at["引导"])
    assert "还要：登记 2\n" in organiser.get(f"/activities/{activity}").text
    make.shift(activity)
    assert "还要 2 人：登记 2" in organiser.get(f"/activities/{activity}").text
