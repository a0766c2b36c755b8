"""What is encrypted opens in its own place only: neither a value nor a key can be carried to another row."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.audit import keys
from app.audit import service as audit
from app.audit.models import AuditEvent, PersonKey
from app.audit.personal import LOST
from app.core import clock
from app.core.db import db, in_transaction


@pytest.fixture
def told(make) -> tuple[int, dict[str, object]]:
    """Somebody, and what was written about them."""
    person, by = make.person("李伯"), make.person("陈书记")
    in_transaction(lambda: audit.record(by, "signup.removal", "signup", 1, person=person, reason="身体不好"))
    detail = db.session.scalars(select(AuditEvent.detail).order_by(AuditEvent.id.desc())).first()
    assert detail is not None
    return person, detail


def reason(detail: dict[str, object], later: timedelta = timedelta()) -> object:
    return keys.open_details([("signup.removal", clock.now() + later, detail)])[0]["reason"]


def test_a_value_opens_at_its_own_moment_only(told):
    _, detail = told
    assert reason(detail) == "身体不好"
    assert reason(detail, timedelta(microseconds=1)) == LOST


def test_a_value_that_was_changed_does_not_open(told):
    _, detail = told
    value = dict(detail["reason"])
    value["value"] = ("A" if value["value"][20] != "A" else "B").join((value["value"][:20], value["value"][21:]))
    assert reason(detail | {"reason": value}) == LOST


def test_a_key_put_in_another_s_place_opens_nothing(told, make):
    """Who can write to the database gives somebody's key to another person, to read the one as the other."""
    person, detail = told
    other = make.person("何嘉怡")
    wrapped = db.session.execute(select(PersonKey.wrapped, PersonKey.wrapped_by).where(PersonKey.person_id == person)).one()
    in_transaction(
        lambda: db.session.execute(
            text("INSERT INTO person_key (person_id, wrapped, wrapped_by) VALUES (:person, :wrapped, :by)"),
            {"person": other, "wrapped": wrapped[0], "by": wrapped[1]},
        )
    )
    assert keys.keys_of([person])[person] is not None
    assert keys.keys_of([other])[other] is None
    assert json.dumps(detail, ensure_ascii=False).count("身体") == 0
