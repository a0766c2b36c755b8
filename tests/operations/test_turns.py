"""Files in the making and large tables take turns, and leave threads to the gate."""

import fcntl
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from app.core.permissions import Role
from app.people.rules import UnitKind
from app.web import turns

sqlite_only = True
FILE = "/exports/units.csv"


@pytest.fixture
def office(make, as_person):
    """A function that gives a browser of an administrator, one for each thread."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    person = make.person("梁凤珍", home=root)
    make.grant(person, Role.ADMINISTRATOR, root)
    as_person(person)
    return lambda: as_person(person)


@pytest.fixture
def turn():
    """Somebody else on this machine has the turn until it is let go."""
    file = os.open(Path(tempfile.gettempdir()) / f"shulin-turn-{os.getuid()}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    yield lambda: fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


def test_two_wait_the_third_is_asked_to_come_again_and_pages_go_on(app, office, turn):
    browsers = [office() for _ in range(turns.AT_ONCE)]
    third, begun = office(), [Event() for _ in browsers]

    def fetch(number: int) -> int:
        with app.app_context():
            begun[number].set()
            return browsers[number].get(FILE).status_code

    with ThreadPoolExecutor(turns.AT_ONCE) as threads:
        waiting = [threads.submit(fetch, number) for number in range(turns.AT_ONCE)]
        for one in begun:
            one.wait(20)
        while turns._places._value:
            assert not any(one.done() for one in waiting)
        refused = third.get(FILE)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
        assert "请过半分钟再点一次" in refused.text
        assert third.get("/me").status_code == 200
        turn()
        assert [one.result(30) for one in waiting] == [200, 200]
    assert third.get(FILE).status_code == 200


def test_a_place_is_free_again_whatever_became_of_the_request(client, office):
    for _ in range(turns.AT_ONCE + 1):
        assert client.get(FILE).status_code in {302, 303, 404}
        assert client.post("/imports", data={"file": "x" * (turns.LARGE + 1)}).status_code != 429
    assert turns._places._value == turns.AT_ONCE
    assert office().get(FILE).status_code == 200


@pytest.mark.parametrize("route", sorted(turns.MAKERS))
def test_what_takes_as_much_as_a_file_takes_a_turn_however_short_what_is_sent(app, route):
    (rule,) = [one for one in app.url_map.iter_rules(route) if "POST" in one.methods]
    with app.test_request_context(rule.rule.replace("<int:batch_id>", "1"), method="POST"):
        assert turns.is_large()
