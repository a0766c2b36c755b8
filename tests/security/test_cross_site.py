"""A page of another site must not write here in somebody's name. No tokens: the browser says where a request comes from, and what does
not say so is refused (ADR 0062)."""

import pytest
from flask import request
from flask.testing import FlaskClient

from app.webkit.security import from_this_site
from tests.architecture.test_routes import BRIEFLY, said
from tests.security.conftest import walked

sqlite_only = True
FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour below the same domain": {"Sec-Fetch-Site": "same-site"},
    "another site, and an old browser": {"Origin": "https://evil.example"},
    "a frame without an origin": {"Origin": "null"},
    "only a referrer": {"Referer": "https://evil.example/page"},
    "a name that begins like ours": {"Origin": "https://localhost.evil.example"},
    "ours as somebody's user name": {"Origin": "https://localhost@evil.example"},
    "another port": {"Origin": "http://localhost:8081"},
    "nothing at all": {},
    "another site with our own page as referrer": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": "http://localhost",
        "Referer": "http://localhost/",
    },
}


@pytest.fixture
def bare(app, admin):
    """The administrator's cookie, sent by a client that adds nothing of itself."""
    kept = admin.get_cookie("__Host-shulin", domain="localhost")
    plain = FlaskClient(app, app.response_class, use_cookies=True)
    plain.set_cookie("__Host-shulin", kept.value, domain="localhost", secure=True)
    return plain


@pytest.mark.parametrize("whence", FOREIGN)
def test_no_route_takes_a_write_from(app, bare, scene, whence):
    wrong = []
    for rule, asked, _ in walked(app, "POST", scene):
        with bare.post(asked, headers=BRIEFLY | FOREIGN[whence]) as answer:
            if answer.status_code != 403 or "不是从本站页面发出" not in answer.json["title"]:
                wrong.append((rule.rule, answer.status_code))
    assert not wrong, said(wrong)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Referer": "http://localhost/sign-in"},
    ],
)
def test_our_own_pages_are_heard(app, headers):
    with app.test_request_context("/sign-out", method="POST", headers=headers):
        assert from_this_site(), request.headers


def test_every_method_that_may_write_is_looked_at(app, bare):
    for method in ("PUT", "PATCH", "DELETE"):
        assert bare.open("/sign-out", method=method, headers=FOREIGN["another site"]).status_code in {403, 405}


def test_the_cookie_itself_is_not_sent_along_by_other_sites(client):
    """The second wall: SameSite."""
    answer = client.post("/register", data={"name": "何嘉怡", "phone": "13800138000", "password": "a lantern by the lake"})
    assert all("SameSite=Lax" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
