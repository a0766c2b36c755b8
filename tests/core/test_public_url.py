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
    assert FAULT not in client.get("/activities/print").text


@pytest.mark.parametrize(("role", "words"), [(Role.ADMINISTRATOR, "请设置 PUBLIC_URL。"), (Role.SECRETARY, "请告诉管理员。")])
def test_plain_words_to_who_makes_codes_and_the_setting_to_administrators(as_person, make, branch, role, words):
    person = make.person("李柏豪", home=branch)
    make.grant(person, role, branch)
    page = as_person(person).get("/cards").text
    assert FAULT + words in page
    assert ("PUBLIC_URL" in page) is (role is Role.ADMINISTRATOR)


def test_a_volunteer_is_told_above_the_picture_and_nowhere_else(as_person, make, branch):
    desk = as_person(make.person("何嘉怡", home=branch))
    page = desk.get("/me/code").text
    assert page.index(FAULT) < page.index("存成图片</button>")
    assert "PUBLIC_URL" not in page
    assert FAULT not in desk.get("/check-in").text
