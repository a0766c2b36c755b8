"""The log says who signed in, who could not, and what was refused; nothing in it names anybody."""

import json
import logging

import pytest

from app.core.permissions import Role
from app.web.logs import Lines

sqlite_only = True
SECRET = "a lantern by the lake"
PHONE = "13800138000"


@pytest.fixture
def told(caplog):
    """The fields of what was noted since it was asked last."""
    caplog.set_level(logging.INFO, logger="shulin.security")

    def since() -> list[dict]:
        found = [record.fields for record in caplog.records if record.name == "shulin.security"]
        for record in caplog.records:
            line = json.loads(Lines().format(record))
            assert PHONE not in str(line)
            assert "何嘉怡" not in str(line)
            assert SECRET not in str(line)
            assert {"at", "request", "logger", "level"} <= set(line)
        caplog.clear()
        return found

    return since


@pytest.fixture
def somebody(client, told):
    client.post("/register", data={"name": "何嘉怡", "phone": PHONE, "password": SECRET})
    told()
    return client


def test_signing_in_and_out_and_failing_to_are_noted(app, somebody, told):
    somebody.post("/sign-out")
    (gone,) = told()
    somebody.post("/sign-in", data={"phone": PHONE, "password": "wrong wrong"})
    (failed,) = told()
    somebody.post("/sign-in", data={"phone": PHONE, "password": SECRET})
    (came,) = told()
    assert (gone["event"], failed["event"], came["event"]) == ("signed out", "wrong password", "signed in")
    assert came["who"] == gone["who"]
    assert came["factor"] == 0
    assert "who" not in failed


def test_tries_at_one_number_can_be_counted_and_tell_no_number(app, somebody, told):
    for device in range(2):
        app.test_client().post("/sign-in", data={"phone": PHONE, "password": f"wrong wrong {device}"})
    app.test_client().post("/sign-in", data={"phone": "13900139000", "password": "wrong wrong"})
    first, second, other = (one["about"] for one in told())
    assert first == second != other


def test_who_is_slowed_down_is_noted(app, somebody, told):
    for _ in range(9):
        app.test_client().post("/sign-in", data={"phone": PHONE, "password": "wrong wrong"})
    last = told()[-2:]
    assert [one["event"] for one in last] == ["slowed down", "refused"]
    assert last[1]["status"] == 429


def test_what_is_refused_is_noted_by_the_name_of_its_view(somebody, told, make, as_person):
    somebody.get("/audit")
    (hidden,) = told()
    assert {"event": "refused", "status": 404, "view": "audit.index", "method": "GET"}.items() <= hidden.items()
    assert hidden["who"] > 0
    somebody.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    (foreign,) = told()
    assert (foreign["status"], foreign["view"]) == (403, "accounts.end_session")


def test_a_guess_at_another_s_number_is_noted_with_who_guessed(told, make, as_person):
    unit, elsewhere = make.unit("锦园第一党支部"), make.unit("锦园第二党支部")
    secretary, member = make.person("陈书记", home=unit), make.person("何嘉怡", home=elsewhere)
    make.grant(secretary, Role.SECRETARY, unit)
    as_person(secretary).get(f"/people/{member}/profile")
    (refused,) = told()
    assert (refused["who"], refused["view"], refused["status"]) == (secretary, "people.profile", 404)
    assert set(refused) == {"event", "status", "view", "method", "who"}


def test_what_is_simply_not_there_is_no_event_to_a_stranger(client, told):
    client.get("/nowhere")
    client.get("/activities/999999")
    assert told() == []
