"""The list of services in large print: public, by day, no personal number on it."""

from datetime import timedelta

import pytest

from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from tests.conftest import NOON, statements

sqlite_only = True


@pytest.fixture
def town(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    lamp = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    other = make.unit("同德社区党委", UnitKind.COMMUNITY, parent=root)
    contact = make.person("霍静雯", home=lamp, phone="13800000002")
    return {"root": root, "lamp": lamp, "other": other, "contact": contact}


def held(make, town, unit="lamp", title="灯湖邻里节", days=1, **more):
    activity = make.activity(town[unit], town["contact"], title=title, **more)
    make.shift(activity, NOON + timedelta(days=days), 3)
    return activity


def test_what_is_on_in_the_next_two_weeks_stands_on_it_by_day(town, make, client):
    held(make, town, title="第二天的", days=1)
    held(make, town, title="下周的", days=8)
    held(make, town, title="太远的", days=15)
    held(make, town, title="过去的", days=-1)
    held(make, town, title="草稿", published=False)
    held(make, town, title="生活会", kind=ActivityKind.PARTY_LIFE)
    cancelled = held(make, town, title="取消的")

    def cancel():
        db.session.get(Activity, cancelled).cancelled_at = NOON

    in_transaction(cancel)
    page = client.get("/activities/print").text
    assert page.index("11月22日 周日") < page.index("第二天的") < page.index("11月29日 周日") < page.index("下周的")
    assert not [title for title in ("太远的", "过去的", "草稿", "生活会", "取消的") if title in page]
    assert "太远的" in client.get("/activities/print?weeks=4").text


def test_a_community_has_its_own_list(town, make, client):
    held(make, town, title="灯湖的")
    held(make, town, "other", title="同德的")
    page = client.get(f"/activities/print?community={town['lamp']}").text
    assert "灯湖的" in page
    assert "同德的" not in page
    assert "灯湖社区活动" in page


def test_it_says_how_to_join_without_a_phone_and_holds_no_personal_number_or_name(town, make, client):
    held(make, town)
    page = client.get("/activities/print").text
    assert "手机后四位" in page
    assert "问灯湖社区党群服务中心" in page
    assert "13800000002" not in page
    assert "霍静雯" not in page


def test_an_offices_number_is_printed_once_somebody_entered_it(town, make, client, as_person):
    administrator = make.person("管理员")
    make.grant(administrator, Role.ADMINISTRATOR, town["root"])
    held(make, town)
    desk = as_person(administrator)
    desk.post("/activities/print/phones", data={"community": town["lamp"], "phone": "0757-8630 0000"})
    assert "0757-8630 0000" in client.get("/activities/print").text
    desk.post("/activities/print/phones", data={"community": town["lamp"], "phone": ""})
    assert "0757-8630 0000" not in client.get("/activities/print").text


def test_with_nothing_on_it_says_so(town, client):
    assert "这14天还没有活动" in client.get("/activities/print").text


def test_many_activities_ask_no_more_questions(town, make, client):
    held(make, town)
    client.get("/activities/print")
    with statements() as few:
        client.get("/activities/print")
    for day in range(12):
        held(make, town, days=day + 1)
    with statements() as many:
        client.get("/activities/print")
    assert len(many) == len(few)
