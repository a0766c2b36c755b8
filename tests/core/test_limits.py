"""How often somebody may do something: one count for all processes and machines."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app.accounts.models import SignInAttempt
from app.accounts.rules import ACCOUNT_TRIES
from app.core import limits
from app.core.db import db, in_transaction
from app.core.limits import Limit, LimitUse
from app.web import exports
from tests import racing
from tests.conftest import NOON, statements

THRICE = Limit("thrice", 3, timedelta(minutes=1))


def used(limit=THRICE, who="a", now=NOON):
    return limits.wait_for(limit, who, now)


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def test_so_many_and_then_one_waits_until_the_window_is_over(app):
    assert [used(now=later(n)) for n in (0, 10, 20, 30)] == [0, 0, 0, 30]
    assert used(now=later(59)) == 1
    assert used(now=later(60)) == 0, "a window of its own begins"
    assert db.session.scalars(select(LimitUse.used)).all() == [1]


def test_others_and_other_limits_are_not_concerned(app):
    for _ in range(4):
        used()
    assert [used(who="b"), used(Limit("other", 3, timedelta(minutes=1)))] == [0, 0]


def test_who_it_is_can_not_be_read(app):
    used(who="203.0.113.7")
    assert "203" not in db.session.scalars(select(LimitUse.who)).one()


def test_asking_how_long_counts_nothing(app):
    assert [limits.wait_left(THRICE, "a", NOON) for _ in range(5)] == [0] * 5
    assert db.session.scalar(select(func.count()).select_from(LimitUse)) == 0
    for _ in range(3):
        used()
    assert limits.wait_left(THRICE, "a", later(10)) == 50


def test_a_refusal_reads_once_and_writes_nothing(app):
    for _ in range(3):
        used()
    with statements() as sent:
        assert used()
    assert len(sent) == 1
    assert sent[0].lstrip().startswith("SELECT")


def test_a_use_is_undone_with_what_it_was_for(app):
    def work():
        limits.use(THRICE, "a", NOON)
        raise LookupError

    for _ in range(5):
        with pytest.raises(LookupError):
            in_transaction(work)
    assert used() == 0


def test_a_clock_that_was_wrong_locks_nobody_out(app):
    for _ in range(3):
        used(now=NOON + timedelta(days=300))
    assert used() == 0


def test_what_ran_out_goes_with_a_new_one(app):
    for n in range(5):
        used(who=str(n))
    used(who="new", now=NOON + timedelta(hours=2))
    assert db.session.scalar(select(func.count()).select_from(LimitUse)) == 1


@pytest.mark.parametrize("through", [True, False])
def test_where_it_can_not_count_each_limit_says_what_happens(app, through):
    limit = Limit("broken", 3, timedelta(minutes=1), lets_through=through)

    def refuse(_connection, _cursor, statement, *_rest):
        if "limit_use" in statement:
            raise OperationalError(statement, {}, Exception("disk full"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        if through:
            assert used(limit) == 0
        else:
            with pytest.raises(OperationalError):
                used(limit)
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert used(limit) == 0


def test_two_processes_count_together(app, tmp_path):
    told = racing.race("tests.core.limit_racer", app, tmp_path, most=12, uses=20, threads=4)
    assert told == {"goes on": 24, "waits": 2 * 4 * 20 - 24, "tried": ACCOUNT_TRIES, "throttled": 2 * 4 * 20 - ACCOUNT_TRIES}
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == ACCOUNT_TRIES


def test_tables_and_papers_are_paced_a_person_wherever_they_are(make, as_person, monkeypatch):
    monkeypatch.setattr(exports, "OF_A_PERSON", Limit("exports", 2, timedelta(minutes=10), lets_through=True))
    person, other = make.person(), make.person()
    browser = as_person(person)
    answers = [browser.get(path) for path in ("/boards/table.xlsx", "/branch.xlsx", "/boards/table.xlsx")]
    assert [answer.status_code for answer in answers][2] == 429
    assert answers[2].headers["Retry-After"] == "600"
    assert browser.get("/boards").status_code == 200
    assert as_person(other).get("/boards/table.xlsx").status_code != 429


def test_codes_are_not_guessed_from_one_address_whatever_device_one_says_to_be(app, monkeypatch):
    from app.accounts import login

    monkeypatch.setattr(login, "CODE_MISSES", Limit("activation-codes", 3, timedelta(minutes=10)))
    guesses = [app.test_client().get(f"/activate/GUESS{n:03d}").status_code for n in range(5)]
    assert guesses == [404, 404, 404, 429, 429]
    elsewhere = app.test_client().get("/activate/GUESS001", environ_base={"REMOTE_ADDR": "10.9.9.9"})
    assert elsewhere.status_code == 404


def test_one_password_is_not_tried_on_many_numbers_from_one_address(app, monkeypatch):
    """Each try under another number, from what says to be another phone. Who knows their password there waits too, and only to sign in."""
    from app.accounts import login

    monkeypatch.setattr(login, "SIGN_IN_MISSES", Limit("sign-in-misses", 3, timedelta(minutes=10)))

    def send(path: str, number: int, **more: object) -> int:
        given = {"name": "何嘉怡", "phone": f"138001390{number:02d}", "password": "correct horse"}
        return app.test_client().post(path, data=given, headers={"Sec-Fetch-Site": "same-origin"}, **more).status_code

    assert [send("/sign-in", number) for number in range(10, 15)] == [422, 422, 422, 429, 429]
    assert send("/sign-in", 11, environ_base={"REMOTE_ADDR": "10.9.9.9"}) == 422
    assert send("/register", 20) == 303
    monkeypatch.setattr(login, "NEW_ACCOUNTS", Limit("new-accounts", 1, timedelta(hours=1)))
    assert send("/register", 20) == 429, "with the right password too: registering is no other way to guess"
