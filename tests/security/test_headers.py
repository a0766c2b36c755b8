"""What every answer says to the browser, over a walk of all routes; cookies; nothing told that helps an attacker."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.datastructures import Headers

from app import create_app
from app.core.db import db
from app.webkit.security import HEADERS, HSTS
from tests.architecture.test_routes import BRIEFLY, said
from tests.security.conftest import walked

sqlite_only = True
PRIVATE = re.compile(r"no-store|private")
WRITTEN = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\"?(\w+)", re.IGNORECASE)
NOTED_BY_LOOKING = {"audit_event", "person_key", "limit_use"}  # who looked at whom; how often


@dataclass
class Answer:
    """Of a GET that came from another site; `wrote`: the tables that were written to meanwhile."""

    rule: str
    access: str
    status: int
    headers: Headers
    mimetype: str
    wrote: set[str] = field(default_factory=set)

    @property
    def policy(self) -> dict[str, str]:
        return policy(self)


ALL: list[Answer] = []


@contextmanager
def written() -> Iterator[set[str]]:
    found: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if match := WRITTEN.match(statement):
            found.add(match[1].lower())

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def answers(app, request) -> list[Answer]:
    """Of every route, to an administrator and to a stranger: walked once for all these tests, which only look at what was answered."""
    if not ALL:
        scene, admin, client = (request.getfixturevalue(name) for name in ("scene", "admin", "client"))
        for browser in (admin, client):
            for rule, asked, access in walked(app, "GET", scene):
                with written() as wrote, browser.get(asked, headers={"Origin": "https://evil.example"}) as answer:
                    ALL.append(Answer(rule.rule, access, answer.status_code, answer.headers, answer.mimetype, wrote))
    return ALL


def policy(answer) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))


def test_every_answer_of_every_route_carries_the_headers(answers):
    wrong: list[tuple[Any, ...]] = []
    for one in answers:
        missing = [name for name in HEADERS if not one.headers.get(name)]
        if missing or one.headers.get("X-Content-Type-Options") != "nosniff" or "X-Request-Id" not in one.headers:
            wrong.append((one.rule, one.status, missing))
        if one.headers.get("Strict-Transport-Security") != HSTS:
            wrong.append((one.rule, one.status, "HSTS"))
        if one.status == 200 and one.mimetype.startswith("text/") and one.mimetype != "text/calendar":
            wrong += [(one.rule, one.headers["Content-Type"])] if "utf-8" not in one.headers["Content-Type"].lower() else []
    assert not wrong, said(wrong)
    assert len(answers) > 600


def test_to_look_changes_nothing(answers):
    """But who looked at somebody, and how often something was asked for."""
    assert {one.rule: found for one in answers if (found := one.wrote - NOTED_BY_LOOKING)} == {}


def test_files_go_out_under_names_of_ours(answers):
    sent = [one for one in answers if "Content-Disposition" in one.headers]
    assert len(sent) > 5
    plain = re.compile(r"(?:attachment|inline)(?:; filename=\"?[\w.-]+\"?)?", re.ASCII)
    assert [(one.rule, one.headers["Content-Disposition"]) for one in sent if not plain.fullmatch(one.headers["Content-Disposition"])] == []


def test_the_policy_lets_nothing_run_but_our_own_scripts_and_the_pinned_one(client):
    told = policy(client.get("/sign-in"))
    assert told["default-src"] == told["frame-ancestors"] == told["base-uri"] == "'none'"
    assert told["form-action"] == "'self'"
    assert re.fullmatch(r"'self' https://[\w.]+/npm/htmx\.org@[\d.]+/dist/htmx\.min\.js", told["script-src"])
    assert not any(word in value for value in told.values() for word in ("unsafe", "*", "http:", "https: "))
    assert "object-src" not in told, "falls back to default-src 'none'"


def test_no_page_weakens_the_policy(answers):
    wrong = [
        (one.rule, str(one.policy))
        for one in answers
        if "unsafe" in str(one.policy) or one.policy.get("frame-ancestors") != "'none'" or one.policy.get("base-uri") != "'none'"
    ]
    assert not wrong, said(wrong)


def test_what_is_for_somebody_is_kept_by_no_cache(answers):
    wrong = []
    for one in answers:
        kept = one.headers.get("Cache-Control", "")
        if one.access != "public" and (not PRIVATE.search(kept) or (one.mimetype == "text/html" and "no-store" not in kept)):
            wrong.append((one.rule, one.access, one.status, kept))
    assert not wrong, said(wrong)


def test_a_public_page_looked_at_by_somebody_signed_in_is_not_kept_for_others(admin):
    for asked in ("/", "/boards", "/activities", "/fund"):
        assert "public" not in admin.get(asked).headers["Cache-Control"]


def test_no_other_site_may_read_answers(answers):
    """No CORS at all: neither an Origin that is echoed nor a star."""
    wrong = [(one.rule, name) for one in answers for name in dict(one.headers) if name.lower().startswith("access-control")]
    assert not wrong, said(wrong)


def test_cookies_are_the_hosts_alone_and_out_of_reach_of_scripts(client, make):
    """The site of the tests has an address with https."""
    answer = client.post("/register", data={"name": "何嘉怡", "phone": "13800138000", "password": "a lantern by the lake", "born": "1990"})
    session = next(cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("__Host-shulin="))
    flags = {part.strip().lower() for part in session.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)
    look = client.post("/look", data={"look": "large"}).headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite" in cookie for cookie in look)


def test_no_cookie_of_any_answer_goes_without_its_flags(app, admin, scene, answers):
    told = [(one.rule, cookie) for one in answers for cookie in one.headers.getlist("Set-Cookie")]
    for rule, asked, _ in walked(app, "POST", scene):
        with admin.post(asked, headers=BRIEFLY) as answer:
            told += [(rule.rule, cookie) for cookie in answer.headers.getlist("Set-Cookie")]
    assert told
    flags = ("httponly", "samesite", "; secure")
    wrong = [
        (rule, cookie.split("=")[0])
        for rule, cookie in told
        if not all(flag in cookie.lower() for flag in flags) or not cookie.startswith(("__Host-", "look="))
    ]
    assert not wrong, said(wrong)


def test_https_is_remembered_by_browsers_and_only_where_the_address_is_https(app, client, tmp_path):
    told = client.get("/sign-in").headers["Strict-Transport-Security"]
    assert "includeSubDomains" in told
    assert int(re.search(r"max-age=(\d+)", told)[1]) >= 365 * 86400
    plain = create_app(
        replace(app.config["SETTINGS"], public_url="http://192.168.1.5:5000", database_url=f"sqlite:///{tmp_path}/x.db", data_dir=tmp_path)
    )
    with plain.test_client().get("/static/css/app.css") as answer:
        assert "Strict-Transport-Security" not in answer.headers
    assert plain.config["SESSION_COOKIE_NAME"] == "shulin"


def test_methods_that_nothing_uses_are_refused(app, client):
    """No view takes them; the framework answers before any is asked."""
    methods = {"TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND"}
    assert [rule.rule for rule in app.url_map.iter_rules() if methods & (rule.methods or set())] == []
    for method in methods:
        for asked in ("/", "/sign-in", "/boards", "/static/css/app.css", "/me", "/nowhere"):
            with client.open(asked, method=method, headers=BRIEFLY) as answer:
                assert answer.status_code in {404, 405}, (method, asked)
                assert "secret-in-a-header" not in answer.text


def test_no_answer_names_the_programs_behind_it(client):
    answer = client.get("/sign-in")
    assert not {"server", "x-powered-by", "via"} & {name.lower() for name, _ in answer.headers}


def test_an_error_that_nobody_expected_tells_nothing_of_itself(app, client, monkeypatch):
    """Neither on a page nor in JSON; the log has it, under the number that the page shows."""

    def fails(*_args, **_named):
        raise RuntimeError("SELECT secret_hash FROM account WHERE phone = '13800138000'")

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", fails)
    for accept in ("text/html", "application/json"):
        answer = client.get("/sign-in", headers={"Accept": accept})
        assert answer.status_code == 500
        assert not re.search("RuntimeError|Traceback|SELECT|account|13800138000|\\.py", answer.text)
        assert answer.headers["X-Request-Id"] in answer.text
        assert not [name for name in HEADERS if name not in answer.headers]


@pytest.mark.parametrize(
    "asked",
    [
        "/static/",
        "/static",
        "/static/css/",
        "/.git/config",
        "/.env",
        "/var/secret",
        "/app/",
        "/docs/security.md",
        "/uploads/photos/x.jpg",
        "/var/uploads/photos/",
        "/backups/",
        "/static/../var/secret",
    ],
)
def test_there_are_no_listings_and_no_files_of_the_server(client, asked):
    assert client.get(asked).status_code == 404
