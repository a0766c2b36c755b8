"""Who is told that phones could not open the codes of this site, and in which words."""

import pytest

from app.core.permissions import Role
from app.people.rules import UnitKind

sqlite_only = True
FAULT = "码里的地址是本机，别的手机打不开。"


@pytest.fixture
def branch(app, make, monkeypatch):
    monkeypatch.setitem(app.jinja_env.globals, "public_url_fault", FAULT)
    return make.unit("锦园党支部", parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))


def test_nothing_to_visitors(client, branch):
    assert "网址还没设好" not in client.get("/activities/print").text


PLAIN = "网址还没设好，印出来的码扫不开，请把这句话转给管网站的人。"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECRETARY])
@pytest.mark.parametrize("path", ["/cards", "/activities/print"])
def test_plain_words_to_who_makes_codes_and_the_setting_to_administrators_in_small_print(as_person, make, branch, role, path):
    person = make.person("李柏豪", home=branch)
    make.grant(person, role, branch)
    page = as_person(person).get(path).text
    assert PLAIN in page
    assert (f"<small>{FAULT}服务器上的设置叫 PUBLIC_URL。</small>" in page) is (role is Role.ADMINISTRATOR)
    assert ("PUBLIC_URL" in page) is (role is Role.ADMINISTRATOR)


def test_a_volunteer_is_told_above_the_picture_and_nowhere_else(as_person, make, branch):
    desk = as_person(make.person("何嘉怡", home=branch))
    page = desk.get("/me/code").text
    assert page.index("网址还没设好，码扫不开") < page.index("存成图片</button>")
    assert "PUBLIC_URL" not in page
    assert "网址还没设好" not in desk.get("/check-in").text
