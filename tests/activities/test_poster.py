"""What goes out on paper and into the groups: the poster with its code, the text for the 楼道 group."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.activities import queries
from app.activities.models import Activity
from app.activities.rules import CodeWay
from app.activities.views.posters import lead, title_lines
from app.core.db import db, in_transaction
from app.webkit.qr import qr_svg
from tests.conftest import NOON

sqlite_only = True


@pytest.fixture
def activity(make, street, tomorrow):
    activity = make.activity(street.team, street.organiser, title="灯湖邻里节：童玩与旧物市集")
    make.shift(activity, tomorrow, capacity=16)
    make.shift(activity, tomorrow, 1, name="清场组", capacity=None)
    return activity


def test_the_code_on_the_poster_is_the_public_address_of_the_check_in(organiser, activity):
    text = organiser.get(f"/activities/{activity}/poster").text
    code = queries.activity(activity).code
    assert str(qr_svg(f"https://shulin.example/c/{code}", "签到二维码")) in text
    assert "活动号" not in text
    assert f'输短码</span><b class="num">{code}</b>' in text
    assert "先别打印" not in text


def test_with_a_screen_the_poster_leads_to_signing_up(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser, way=CodeWay.ROTATING)
    make.shift(activity, tomorrow)
    text = organiser.get(f"/activities/{activity}/poster").text
    assert str(qr_svg(f"https://shulin.example/activities/{activity}", "报名二维码")) in text
    assert "现场大屏" in text
    assert "输短码" not in text  # the screen's own changes with it


def test_red_words_on_the_screen_while_phones_could_not_open_the_code(app, organiser, activity, monkeypatch):
    monkeypatch.setitem(app.jinja_env.globals, "public_url_fault", "码里的地址是本机，别的手机打不开。")
    text = organiser.get(f"/activities/{activity}/poster").text
    assert "先别打印" in text.split('<main class="sheet')[0]


def test_a_draft_and_a_cancelled_one_say_so_above_the_sheet(organiser, make, street, tomorrow):
    draft = make.activity(street.team, street.organiser, published=False)
    assert organiser.get(f"/activities/{draft}/poster").status_code == 409
    make.shift(draft, tomorrow)
    assert "还没发布" in organiser.get(f"/activities/{draft}/poster").text


@pytest.mark.parametrize(("column", "words"), [("closed_at", "活动已经结束"), ("cancelled_at", "活动取消了")])
def test_what_is_over_asks_nobody_to_scan(organiser, activity, column, words):
    values = {column: NOON} | ({"closed_by_id": None} if column == "closed_at" else {})
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(**values)))
    text = organiser.get(f"/activities/{activity}/poster").text
    assert words in text.split('<main class="sheet')[1]
    assert not [one for one in ("微信扫一扫", "二维码", "短码") if one in text]


def test_the_group_text_is_ready_to_copy(organiser, activity):
    text = organiser.get(f"/activities/{activity}").text
    copied = text.split('id="group-text"')[1].split(">", 1)[1].split("</textarea>")[0].splitlines()
    assert copied == [
        "【灯湖邻里节：童玩与旧物市集】",
        "时间：11月22日 周日 12:00–15:00",
        "地点：中海万锦豪园 党建广场",
        "班次：",
        "· 童玩摊位组 12:00–15:00，还要 16 人",
        "· 清场组 12:00–13:00",
        "主办：灯湖街坊会",
        f"报名点这里：https://shulin.example/activities/{activity}",
        "不方便用手机的街坊，当天到现场签名一样算。",
    ]
    assert 'data-copy="#group-text"' in text


def test_a_poster_takes_whole_sentences_only():
    assert lead("带上玩具来换。") == "带上玩具来换。"
    assert lead("带上玩具来换。" + "再说很多话" * 20) == "带上玩具来换。"
    assert lead("没有句号的话" * 20) == ""
    assert lead("") == ""


@pytest.mark.parametrize(
    ("title", "lines"),
    [("童玩与旧物市集", 2), ("清洁日", 1), ("与", 1), ("灯湖 邻里节与市集", 1), ("学习贯彻基层治理现代化与双报到工作", 1)],
)
def test_large_type_breaks_where_one_would_breathe(title, lines):
    assert len(title_lines(title)) == lines
    assert "".join(title_lines(title)) == title


def test_rows_are_frozen(activity):
    row = queries.activity(activity)
    assert replace(row, title="别的") != row
