"""What is personal in an audit row is encrypted under a key of the person; erasing them destroys it and the row stays as it is."""

import json

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.audit import keys, queries
from app.audit import service as audit
from app.audit.models import AuditEvent, PersonKey
from app.audit.personal import ERASED, LOST
from app.core import clock
from app.core.db import db, in_transaction
from app.people.rules import UnitKind


def record(*args, **detail) -> None:
    in_transaction(lambda: audit.record(*args, **detail))


def written() -> list[str]:
    return [json.dumps(one, ensure_ascii=False) for one in db.session.scalars(select(AuditEvent.detail).order_by(AuditEvent.id))]


def read() -> list[dict]:
    return [row.detail for row in reversed(queries.events(queries.Search(), 50))]


@pytest.fixture
def people(make):
    return [make.person("何嘉怡"), make.person("李伯"), make.person("陈书记")]


def test_a_reason_about_somebody_stands_encrypted_and_is_read_in_clear(people):
    record(people[2], "signup.removal", "signup", 1, shift=4, person=people[0], reason="身体不好，请先休息")
    assert "身体" not in written()[-1]
    assert read()[-1] == {"shift": 4, "person": people[0], "reason": "身体不好，请先休息"}


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("person.profile", {"changes": {"name": ["何嘉仪", "何嘉怡"], "birth_date": ["1990-01-01", "1991-01-01"]}}),
        ("person.phone", {"phone": 3, "tail": "6789"}),
        ("person.stage", {"before": "activist", "after": "probationary", "on": "2026-01-01"}),
        ("person.departure", {"unit": 3, "reason": "died"}),
        ("person.guardian", {"consent": 1, "relation": "mother", "how": "in_person"}),
    ],
)
def test_what_is_told_of_a_person_as_subject_is_theirs(people, action, detail):
    record(people[2], action, "person", people[0], **detail)
    for secret in ("嘉仪", "1991", "6789", "probationary", "died", "mother"):
        assert secret not in written()[-1]
    assert read()[-1] == detail


def test_what_is_about_nobody_stays_in_clear(people):
    record(people[2], "fund.purpose.returned", "fund_purpose", 1, name="助学", note="章没有盖")
    assert "章没有盖" in written()[-1]
    assert db.session.scalar(select(PersonKey.person_id)) is None


def test_ids_stay_readable_so_that_searching_and_naming_work(people):
    record(people[2], "point_proposal", "point_proposal", 7, person=people[0], reason="照顾邻居半年")
    assert json.loads(written()[-1])["person"] == people[0]


def test_of_a_list_only_whose_values_they_are_can_read_them(people):
    a, b, by = people
    events = [("point_proposal", "point_proposal", n, {"person": one, "reason": f"原因{n}"}) for n, one in enumerate((a, b, a))]
    in_transaction(lambda: audit.record_all(by, events))
    in_transaction(lambda: audit.destroy_key(a, clock.now()))
    assert [one["reason"] for one in read()] == [ERASED, "原因1", ERASED]


def test_one_query_opens_a_page_however_many_people(people, app):
    from tests.conftest import statements

    a, b, by = people
    for n in range(5):
        record(by, "point_proposal", "point_proposal", n, person=(a, b)[n % 2], reason="原因")
    with statements() as sent:
        read()
    assert len(sent) == 2


def test_a_key_destroyed_is_gone_for_good(people):
    person, by = people[0], people[2]
    record(by, "signup.removal", "signup", 1, person=person, reason="原因")
    before = written()
    in_transaction(lambda: audit.destroy_key(person, clock.now()))
    in_transaction(lambda: audit.destroy_key(person, clock.now()))
    assert written() == before
    assert read()[-1]["reason"] == ERASED
    row = db.session.execute(select(PersonKey.wrapped, PersonKey.wrapped_by, PersonKey.destroyed_at)).one()
    assert row == (None, None, clock.now())
    with pytest.raises(IntegrityError, match="comes back no more"):
        in_transaction(lambda: db.session.execute(update(PersonKey).values(wrapped="x", wrapped_by="y", destroyed_at=None)))


def test_nothing_is_written_about_who_was_erased(people):
    in_transaction(lambda: audit.destroy_key(people[1], clock.now()))
    record(people[2], "signup.removal", "signup", 1, person=people[1], reason="后来写的")
    assert "后来" not in written()[-1]
    assert read()[-1]["reason"] == ERASED


def test_a_value_moved_to_another_row_does_not_open(people, app):
    record(people[2], "signup.removal", "signup", 1, person=people[0], reason="原因")
    value = json.loads(written()[-1])["reason"]
    assert keys.open_details([("signup.removal", clock.now(), {"reason": value})])[0]["reason"] == "原因"
    for action, field in (("point_proposal", "reason"), ("signup.removal", "note")):
        assert keys.open_details([(action, clock.now(), {field: value})])[0][field] == LOST


def test_the_auditor_reads_both(people, make, as_person):
    from app.core.permissions import Role

    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    admin = make.person("管理员")
    make.grant(admin, Role.ADMINISTRATOR, root)
    record(people[2], "person.profile", "person", people[0], changes={"name": ["何嘉仪", "何嘉怡"]})
    page = as_person(admin).get("/audit").get_data(as_text=True)
    assert "何嘉仪" in page
    in_transaction(lambda: audit.destroy_key(people[0], clock.now()))
    page = as_person(admin).get("/audit").get_data(as_text=True)
    assert "何嘉仪" not in page
    assert ERASED in page


def test_many_at_once_make_one_key(people, at_once):
    def one():
        record(people[2], "signup.removal", "signup", 1, person=people[0], reason="原因")

    at_once([one] * 4)
    assert [one["reason"] for one in read()] == ["原因"] * 4
    assert db.session.scalar(text("SELECT count(*) FROM person_key")) == 1
