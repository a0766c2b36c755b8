"""粘贴接龙: from the group's text to sign-ups, as an organiser does it in the browser."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from app.activities import queries, service
from app.activities.models import Activity
from app.activities.service import chain
from app.activities.views import chain as views
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.people.models import Person
from app.people.rules import StageKind
from app.worklist.models import Notice
from tests.activities.positions import positioned
from tests.conftest import statements


@pytest.fixture
def scene(make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    return activity, make.shift(activity, tomorrow, capacity=2)


def read(browser, activity, shift, text, **more):
    return browser.post(f"/activities/{activity}/chain", data={"shift": shift, "text": text, **more})


def picks(page):
    """What the form would send as it came: ticked boxes and hidden fields."""
    form = page.text.split('id="chain"')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if values["type"] == "hidden" or " checked" in tag:
            found[values["name"]] = values["value"]
        elif values["type"] in {"checkbox", "radio"}:
            found.setdefault("offered", {}).setdefault(re.search(r'name="([^"]+)"', tag)[1], []).append(values["value"])
    names = dict(re.findall(r'name="(l-[\d-]+)" value="(\d+)" checked', form))
    offered = found.pop("offered", {})
    return found | names, offered


def confirm(browser, activity, sent):
    return browser.post(f"/activities/{activity}/chain/signups", data=sent)


def signed_up(activity):
    return [(row.person_id, row.position) for row in queries.signups_in(activity)]


def test_the_list_is_read_and_then_written_in_its_order(organiser, make, street, scene):
    activity, shift = scene
    people = [make.person(name, home=street.team) for name in ("陈大明", "张静", "罗国栋")]
    page = read(organiser, activity, shift, "#接龙\n邻里节\n\n1. 陈大明\n2. 张静 报名\n3. 罗国栋\n4. 李阿姨")
    assert signed_up(activity) == []
    sent, _ = picks(page)
    answer = confirm(organiser, activity, sent)
    assert answer.status_code == 200
    assert signed_up(activity) == [(people[0], None), (people[1], None), (people[2], 1)]
    for words in ("报上了，2 条", "候补第 1 位", "写的是称呼"):
        assert words in answer.text


def test_those_put_down_are_told_and_it_is_on_record_who_did_it(organiser, make, street, scene):
    activity, shift = scene
    person = make.person("陈大明", home=street.team)
    confirm(organiser, activity, picks(read(organiser, activity, shift, "陈大明"))[0])
    notice = db.session.scalars(select(Notice.text).where(Notice.person_id == person)).one()
    assert "组织者照群里的接龙替您报上了" in notice
    assert "来不了" in notice


def test_sending_it_again_changes_nothing(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team)
    sent, _ = picks(read(organiser, activity, shift, "1. 陈大明"))
    confirm(organiser, activity, sent)
    before = signed_up(activity)
    answer = confirm(organiser, activity, sent)
    assert "原来就报上了" in answer.text
    assert signed_up(activity) == before
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 1


def test_who_withdrew_meanwhile_is_not_brought_back(organiser, make, street, scene):
    activity, shift = scene
    person = make.person("陈大明", home=street.team)
    sent, _ = picks(read(organiser, activity, shift, "1. 陈大明"))
    confirm(organiser, activity, sent)
    signup = queries.signups_of(person, [activity])[0]
    in_transaction(lambda: service.withdraw(signup.id, person, clock.now() + timedelta(minutes=1)))
    answer = confirm(organiser, activity, sent)
    assert "自己退出了，没有再报" in answer.text
    assert signed_up(activity) == []
    assert "自己退出过这一班" in read(organiser, activity, shift, "1. 陈大明").text


def test_one_of_several_is_chosen_by_unit_and_two_digits(organiser, make, street, scene):
    activity, shift = scene
    branch = make.unit("灯湖第一党支部", parent=street.team)
    first = make.person("何嘉怡", home=branch, phone="13811112222")
    second = make.person("何嘉怡", home=street.team, phone="13833334444")
    page = read(organiser, activity, shift, "1. 何嘉怡")
    assert "有 2 位同名的" in page.text
    assert "灯湖第一党支部·" in page.text
    assert "尾号 22<" in page.text
    assert "2222" not in page.text
    sent, offered = picks(page)
    ((name, values),) = offered.items()
    assert values == [str(first), str(second)]
    confirm(organiser, activity, {**sent, name: str(second)})
    assert signed_up(activity) == [(second, None)]


def test_who_may_read_their_data_sees_four_digits(make, street, scene, as_person):
    activity, shift = scene
    secretary = make.person("罗书记")
    make.grant(secretary, Role.SECRETARY, street.team)
    for number in ("13811112222", "13833334444"):
        make.person("何嘉怡", home=street.team, phone=number)
    assert "尾号 2222" in read(as_person(secretary), activity, shift, "1. 何嘉怡").text


def test_only_people_within_reach_are_found(organiser, make, street, scene):
    activity, shift = scene
    make.person("梁远方", home=street.there, phone="13855556666")  # another community
    near = make.person("郭近邻", home=street.here, phone="13877778888")  # in the organiser's scope, not of the team
    before = make.person("霍常客")
    make.signup(make.shift(make.activity(street.team, street.organiser), clock.now() - timedelta(days=30)), before)
    page = read(organiser, activity, shift, "1. 梁远方 13855556666\n2. 郭近邻\n3. 霍常客")
    assert picks(page)[0].keys() & {f"l-{line}-0" for line in (1, 2, 3)} == {"l-3-0"}
    assert picks(read(organiser, activity, shift, "1. 郭近邻 13877778888"))[0]["l-1-0"] == str(near)


def test_those_whom_the_activity_is_for_are_within_reach(organiser, make, street, scene):
    activity, shift = scene
    make.person("郭近邻", home=street.here)
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(for_unit_id=street.here)))
    assert "l-1-0" in picks(read(organiser, activity, shift, "1. 郭近邻"))[0]


def test_who_may_not_join_is_asked_about_with_the_reason(organiser, make, street, scene):
    activity, shift = scene
    person = make.person("陈小明", home=street.team)

    def work():
        db.session.execute(update(Activity).where(Activity.id == activity).values(age_from=18))
        db.session.execute(update(Person).where(Person.id == person).values(birth_date=date(2014, 1, 1)))

    in_transaction(work)
    page = read(organiser, activity, shift, "1. 陈小明")
    assert "这场请 18 岁以上的街坊" in page.text
    assert "没登记出生日期的人的年龄，这里不逐个核对" in page.text
    sent, offered = picks(page)
    assert "l-1-0" not in sent
    confirm(organiser, activity, {**sent, "l-1-0": offered["l-1-0"][0]})
    assert signed_up(activity) == [(person, None)]  # the organiser knows why


def test_an_age_that_is_not_on_record_is_left_to_the_organiser(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team)
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(age_from=18)))
    assert "l-1-0" in picks(read(organiser, activity, shift, "1. 陈大明"))[0]


def test_a_condition_on_party_members_tells_nothing_about_anyone(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team, stage=StageKind.MEMBER)
    make.person("张静", home=street.team)
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(for_stages="member")))
    page = read(organiser, activity, shift, "1. 陈大明\n2. 张静")
    assert {"l-1-0", "l-2-0"} <= picks(page)[0].keys()
    assert "不逐个核对" in page.text


def test_a_position_that_the_line_names_is_taken_and_any_other_serves_the_rest(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    shift = positioned(make, activity, tomorrow, {"引导": 1, "茶水": 2})
    for name in ("陈大明", "张静", "罗国栋"):
        make.person(name, home=street.team)
    page = read(organiser, activity, shift, "1. 陈大明 茶水\n2. 张静 引导\n3. 罗国栋")
    answer = confirm(organiser, activity, picks(page)[0])
    assert answer.status_code == 200
    assert [row.position_name for row in queries.signups_in(activity)] == ["茶水", "引导", "茶水"]


def test_nobody_who_was_not_offered_can_be_signed_up(organiser, make, street, scene):
    activity, shift = scene
    far, near = make.person("梁远方", home=street.there), make.person("陈大明", home=street.team)
    sent, _ = picks(read(organiser, activity, shift, "1. 陈大明"))
    answer = confirm(organiser, activity, {**sent, "l-1-0": str(far), "l-7-0": str(near)})
    assert answer.status_code == 422
    assert "还没勾选一位" in answer.text
    assert signed_up(activity) == []


def test_nobody_is_created(organiser, street, scene):
    activity, shift = scene
    before = db.session.scalar(select(func.count()).select_from(Person))
    page = read(organiser, activity, shift, "1. 没登记的人\n2. 也没登记")
    assert "请他自己扫码报名" in page.text
    assert "报上勾选的" not in page.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == before


def test_what_was_typed_is_kept_when_something_is_wrong(organiser, make, street, scene):
    activity, shift = scene
    make.shift(activity, clock.now() + timedelta(days=2), name="清场组")
    page = organiser.post(f"/activities/{activity}/chain", data={"text": "1. 陈大明 13800001111"})
    assert page.status_code == 422
    assert "请选择哪一班" in page.text
    assert "1. 陈大明 13800001111</textarea>" in page.text
    long = read(organiser, activity, shift, "陈大明\n" * 301)
    assert (long.status_code, "最多 300 行，现在有 301 行" in long.text) == (422, True)
    again = read(organiser, activity, shift, "1. 陈大明", again="1")
    assert (again.status_code, "1. 陈大明</textarea>" in again.text) == (200, True)


def test_no_whole_phone_is_shown(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team, phone="13812345678")
    shown = read(organiser, activity, shift, "1. 陈大明 13812345678\n2. 张三 13987654321").text
    assert "138****5678" not in shown.split('type="hidden"')[0]
    assert "139****4321" in shown
    assert "13987654321" not in re.sub(r'<input type="hidden"[^>]*>', "", shown)


def test_an_activity_that_is_over_cancelled_or_a_draft_takes_nobody(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team)
    sent, _ = picks(read(organiser, activity, shift, "1. 陈大明"))
    in_transaction(lambda: service.cancel(activity, street.organiser, clock.now()))
    assert "已经不收人了" in organiser.get(f"/activities/{activity}/chain").text
    assert confirm(organiser, activity, sent).status_code == 422
    draft = make.activity(street.team, street.organiser, published=False)
    make.shift(draft, clock.now() + timedelta(days=1))
    assert "发布以后才能报名" in organiser.get(f"/activities/{draft}/chain").text


def test_only_who_manages_it_may(volunteer, make, street, scene, as_person):
    activity, shift = scene
    other = make.person("别处的组织者")
    make.grant(other, Role.ORGANISER, street.there)
    for browser in (volunteer, as_person(other)):
        assert browser.get(f"/activities/{activity}/chain").status_code == 404
        assert read(browser, activity, shift, "1. 陈大明").status_code == 404
        assert confirm(browser, activity, {"shift": shift, "text": "1. 陈大明"}).status_code == 404


def test_the_page_is_found_on_the_list_of_sign_ups(organiser, scene):
    activity, _ = scene
    assert f'href="/activities/{activity}/chain"' in organiser.get(f"/activities/{activity}/signups").text


def test_a_long_list_asks_as_few_questions_as_a_short_one(organiser, make, street, scene):
    activity, shift = scene
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(age_from=18, asks_training="急救")))
    names = [f"陈{one}{two}" for one in "大小明志国家" for two in "明华强丽静"]
    for name in names:
        make.person(name, home=street.team)
    read(organiser, activity, shift, "1. 陈大明")
    with statements() as few:
        read(organiser, activity, shift, "1. 陈大明")
    with statements() as many:
        page = read(organiser, activity, shift, "\n".join(f"{number}. {name} 1380000{number:04d}" for number, name in enumerate(names, 1)))
    assert len(many) == len(few)
    assert page.text.count('type="checkbox"') == len(names)


def test_three_hundred_lines_are_written(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    shift = make.shift(activity, tomorrow, capacity=45)
    names = [f"{one}{two}{three}" for one in "陈李张王何" for two in "大小明志" for three in "华强丽"]
    for name in names:
        make.person(name, home=street.team)
    text = "\n".join(f"{number}. {name}" for number, name in enumerate(names * 5, 1))
    answer = confirm(organiser, activity, picks(read(organiser, activity, shift, text))[0])
    assert "报上了，45 条" in answer.text
    assert "排了候补，15 条" in answer.text
    assert [row.position for row in queries.signups_in(activity)] == [None] * 45 + list(range(1, 16))


def test_when_it_stops_halfway_what_was_done_and_what_was_not_is_said(organiser, make, street, scene, monkeypatch):
    activity, shift = scene
    people = [make.person(name, home=street.team) for name in ("陈大明", "张静")]
    seat = chain.seat_listed

    def stops(shift_id, wishes, by_id, now):
        if wishes[0][0] == people[1]:
            raise Conflict("这场活动取消了，不用来。")
        return seat(shift_id, wishes, by_id, now)

    monkeypatch.setattr(chain, "seat_listed", stops)
    monkeypatch.setattr(views, "A_STEP", 1)
    answer = confirm(organiser, activity, picks(read(organiser, activity, shift, "1. 陈大明\n2. 张静"))[0])
    assert "没有全部报完：这场活动取消了" in answer.text
    assert "报上了，1 条" in answer.text
    assert signed_up(activity) == [(people[0], None)]


def take(shift, person):
    in_transaction(lambda: service.take_seat(shift, person, clock.now()))


def test_the_line_s_own_words_unit_and_digits_stand_beside_each_name(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team, phone="13811112222")
    page = read(organiser, activity, shift, "1. 陈大明，报名").text.split("认出来了</b>")[1]
    assert "原文：1. 陈大明,报名" in page
    assert "尾号 22<" in page


def test_going_back_keeps_the_text_and_what_was_decided_for_lines_that_stay(organiser, make, street, scene):
    activity, shift = scene
    first, _, third = [make.person(name, home=street.team) for name in ("陈大明", "张静", "罗国栋")]
    text = "1. 陈大明\n2. 张静\n3. 罗国栋 看情况"
    sent, offered = picks(read(organiser, activity, shift, text))
    assert sent.keys() & {"l-1-0", "l-2-0", "l-3-0"} == {"l-1-0", "l-2-0"}
    changed = {**sent, "l-3-0": offered["l-3-0"][0], "again": "1"}
    del changed["l-1-0"]
    back = organiser.post(f"/activities/{activity}/chain", data=changed)
    assert f"{text}</textarea>" in back.text
    decided = re.findall(r'name="decided" value="([^"]*)"', back.text)
    sent, _ = picks(read(organiser, activity, shift, f"第一行\n{text.replace('2. 张静', '2. 张静 上午')}", decided=decided))
    assert [sent.get(f"l-{line}-0") for line in (2, 3, 4)] == [None, None, str(third)]
    assert str(first) not in sent.values()
    other = make.shift(activity, clock.now() + timedelta(days=3), name="清场组")
    assert "l-1-0" in picks(read(organiser, activity, other, text, decided=decided))[0]  # decided for one shift only


def test_the_arrow_and_the_button_go_back_with_the_text(organiser, make, street, scene):
    activity, shift = scene
    page = read(organiser, activity, shift, "1. 陈大明").text
    assert page.count('form="chain" name="again"') == 2
    assert f'href="/activities/{activity}/chain"' not in page


def test_who_is_not_asked_for_anything_wrong_keeps_the_ticks(organiser, make, street, scene):
    activity, shift = scene
    make.person("陈大明", home=street.team)
    sent, _ = picks(read(organiser, activity, shift, "1. 陈大明"))
    answer = confirm(organiser, activity, {name: value for name, value in sent.items() if not name.startswith("l-")})
    assert answer.status_code == 422
    assert "l-1-0" not in picks(answer)[0]


def test_how_many_will_wait_is_said_before(organiser, make, street, scene):
    activity, shift = scene
    names = ("陈大明", "张静", "罗国栋")
    for name in names:
        make.person(name, home=street.team)
    assert "余 2 位，另外 1 位会排候补" in read(organiser, activity, shift, "\n".join(names)).text
    assert "会排候补" not in read(organiser, activity, shift, "陈大明\n张静").text
    for number in range(2):
        take(shift, make.person(f"占位{number}"))
    assert "已经满了，3 位都会排候补" in read(organiser, activity, shift, "\n".join(names)).text


def test_who_is_busy_at_that_time_is_a_question_that_says_so(organiser, make, street, scene, tomorrow):
    activity, shift = scene
    here, far = (make.person(name, home=street.team) for name in ("陈大明", "张静"))
    take(make.shift(activity, tomorrow, name="清场组"), here)
    elsewhere = make.activity(street.there, street.organiser, title="别处的活动")
    take(make.shift(elsewhere, tomorrow + timedelta(hours=1)), far)
    page = read(organiser, activity, shift, "1. 陈大明\n2. 张静")
    assert not picks(page)[0].keys() & {"l-1-0", "l-2-0"}
    assert "同一时间已经报了“清场组”" in page.text
    assert "同一时间已经报了别的活动" in page.text
    assert "别处的活动" not in page.text


def test_a_day_that_becomes_too_full_is_a_question_that_says_so(organiser, make, street):
    day = clock.at_local(clock.today() + timedelta(days=3))
    activity = make.activity(street.team, street.organiser)
    early, late = (
        make.shift(activity, day + timedelta(hours=7), hours=6, name="早班"),
        make.shift(activity, day + timedelta(hours=14), name="晚班"),
    )
    person = make.person("陈大明", home=street.team)
    take(early, person)
    page = read(organiser, activity, late, "1. 陈大明")
    assert "l-1-0" not in picks(page)[0]
    assert "这一天他已报 6 小时，再加这班 3 小时，会超过一天 8 小时" in page.text


def test_lines_of_another_shift_wait_for_it(organiser, make, street):
    day = clock.at_local(clock.today() + timedelta(days=3))
    activity = make.activity(street.team, street.organiser)
    first, second = (make.shift(activity, day + timedelta(hours=hour), name=name) for hour, name in ((9, "上午班"), (14, "下午班")))
    morning, afternoon = (make.person(name, home=street.team) for name in ("陈大明", "张静"))
    page = read(organiser, activity, first, "上午：\n1. 陈大明\n下午：\n2. 张静")
    assert "改看下午班" in page.text
    answer = confirm(organiser, activity, picks(page)[0])
    assert signed_up(activity) == [(morning, None)]
    assert "接着报下午班" in answer.text
    again = read(organiser, activity, first, "上午：\n1. 陈大明\n下午：\n2. 张静", turn=second)
    confirm(organiser, activity, picks(again)[0])
    assert signed_up(activity) == [(morning, None), (afternoon, None)]


def test_a_position_that_the_shift_lacks_is_asked_about_and_one_is_chosen(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    shift = positioned(make, activity, tomorrow, {"引导": 2, "搬运": 1})
    make.person("邹启基", home=street.team)
    page = read(organiser, activity, shift, "1. 邹启基 茶水")
    assert "还写了“茶水”" in page.text
    sent, offered = picks(page)
    carrying = next(one for one in queries.shift(shift).positions if one.name == "搬运")
    confirm(organiser, activity, {**sent, "l-1-0": offered["l-1-0"][0], "p-1-0": str(carrying.id)})
    assert [row.position_name for row in queries.signups_in(activity)] == ["搬运"]


def test_what_goes_together_is_shown_once(organiser, make, street, scene):
    activity, shift = scene
    for name in ("陈大明", "张静", "罗国栋"):
        make.person(name, home=street.team)
    page = read(organiser, activity, shift, "1. 陈大明、张静、罗国栋\n" + "2. 没登记的人\n" * 50)
    assert page.text.count("<legend><b>1. 陈大明、张静、罗国栋</b>") == 1
    assert page.text.count('type="checkbox"') == 3
    assert page.text.count("没登记的人</b>") == 1
    many = read(organiser, activity, shift, "陈大明\n" * 300).text
    assert many.count('<li class="item">') == 1
    assert "陈大明，299 条" in many
    sent, _ = picks(read(organiser, activity, shift, "#接龙\n邻里节\n" + "1. 陈大明\n" * 99 + "2. 没登记的人\n" * 99))
    done = confirm(organiser, activity, sent).text
    assert done.count('<li class="item">') == 3
    assert "邻里节</b>" not in done


def test_why_something_was_not_signed_up_is_said(organiser, make, street, scene):
    activity, shift = scene
    for name in ("陈大明", "张静"):
        make.person(name, home=street.team)
    sent, _ = picks(read(organiser, activity, shift, "1. 陈大明\n2. 张静 唔去"))
    answer = confirm(organiser, activity, sent)
    assert "没有勾选" in answer.text
    assert "像是说不来" not in answer.text
