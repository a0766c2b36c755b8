"""What a phone keeps to open without signal: a worker, two pages with nobody in them, a manifest."""

import json
import re

import pytest

from app.core.permissions import Role

sqlite_only = True


@pytest.fixture
def secretary(make, as_person):
    branch = make.unit("锦园第一党支部")
    person = make.person("李丽华", home=branch)
    make.grant(person, Role.SECRETARY, branch)
    return as_person(person)


def shell(client):
    answer = client.get("/sw.js")
    return json.loads(re.match(r"self\.SHELL = (\{.*\});\n", answer.text)[1])


def status(client, address):
    answer = client.get(address)
    answer.close()
    return answer.status_code


def test_the_worker_is_asked_for_anew_each_time_and_answers_for_the_whole_site(client):
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_everything_it_keeps_is_there(client):
    found = shell(client)
    for address in [*found["files"], found["page"], *found["scanner"]["files"], found["scanner"]["page"]]:
        assert status(client, address) == 200, address
    assert all("?v=" in address for address in [*found["files"], *found["scanner"]["files"]])


@pytest.mark.parametrize("which", ["page", "scanner"])
def test_what_a_kept_page_loads_is_kept_too(client, which):
    found = shell(client)
    kept = {*found["files"], *found["scanner"]["files"]} if which == "scanner" else set(found["files"])
    page = client.get(found["page"] if which == "page" else found["scanner"]["page"]).text
    loaded = set(re.findall(r'(?:<script src|<link rel="stylesheet" href)="(/static/[^"]+)"', page))
    assert loaded
    assert loaded <= kept


@pytest.mark.parametrize("address", ["/offline", "/offline/scanner"])
def test_a_kept_page_is_the_same_for_everybody(client, secretary, address):
    theirs = secretary.get(address)
    assert theirs.text == client.get(address).text
    assert "李丽华" not in theirs.text
    assert "data-who=" not in theirs.text
    assert theirs.headers["Cache-Control"] == "no-cache"


def test_its_version_follows_what_it_keeps(client, app):
    from app.web import worker

    with app.test_request_context():
        one = worker._version(("/static/a?v=1",))
        assert worker._version(("/static/a?v=2",)) != one
    assert shell(client)["version"] == shell(client)["version"]


def test_a_page_says_whose_it_is_and_a_stranger_is_nobody(client, secretary):
    assert 'data-who=""' in client.get("/").text
    assert re.search(r'data-who="\d+"', secretary.get("/").text)


def test_the_manifest_names_pages_and_pictures_that_are_there(client, secretary):
    answer = client.get("/manifest.webmanifest")
    assert answer.content_type == "application/manifest+json"
    manifest = answer.json
    assert manifest["display"] == "standalone"
    for picture in manifest["icons"]:
        assert status(client, picture["src"]) == 200
    for shortcut in manifest["shortcuts"]:
        assert status(secretary, shortcut["url"]) == 200
