"""The sample follows from the seed alone: reckoned by hand, fixed by the announcement, drawn once, and held by the database itself."""

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.spotchecks import rules, service
from app.spotchecks.queries import books as reading
from app.spotchecks.queries import checks
from app.spotchecks.rules import Entry
from tests.spotchecks.examples import SEED, period

DAY = date(2026, 11, 1)


def entry(voucher_no: int, fen: int = 100) -> Entry:
    return Entry(voucher_no, voucher_no, DAY, "spending", "P-1", "payees", fen)


def test_a_fingerprint_is_what_sha256sum_says():
    # printf '%s' '0712192331-0812' | sha256sum
    assert rules.fingerprint(SEED, 12) == "8a55ced111cb617b71725c993aca0fff61b7d4f1bf19140595a81f58194769fa"


def test_the_sample_is_the_lowest_fingerprints_reckoned_by_hand(books):
    check = checks.check(books.drawn(3))
    by_hand = sorted(range(1, 9), key=lambda number: hashlib.sha256(f"0712192331-08{number}".encode()).hexdigest())[:3]
    assert [pick.voucher_no for pick in checks.of_check(check.id)] == by_hand
    assert [pick.place for pick in checks.of_check(check.id)] == [1, 2, 3]


@given(st.sets(st.integers(1, 500), min_size=1, max_size=60), st.integers(1, 60), st.randoms())
def test_the_order_in_which_entries_are_read_does_not_matter(numbers, size, shuffled):
    entries = [entry(number) for number in numbers]
    mixed = list(entries)
    shuffled.shuffle(mixed)
    assert rules.sample("seed", entries, size) == rules.sample("seed", mixed, size)
    assert rules.digest(entries) == rules.digest(mixed)
    assert len(rules.sample("seed", entries, size)) == min(size, len(numbers))


@given(st.sets(st.integers(1, 500), min_size=5, max_size=60))
def test_a_bigger_sample_holds_the_smaller_one(numbers):
    entries = [entry(number) for number in numbers]
    assert rules.sample("seed", entries, 5)[:3] == rules.sample("seed", entries, 3)


def test_the_digest_changes_with_any_figure():
    assert rules.digest([entry(1), entry(2)]) != rules.digest([entry(1), entry(2, 101)]) != rules.digest([entry(1)])


def test_what_is_booked_after_the_announcement_is_never_drawn(books):
    check_id = books.announced(8)
    books.house.pay(books.project, 700)
    in_transaction(lambda: service.draw(check_id, books.house.auditor, clock.now()))
    assert sorted(pick.voucher_no for pick in checks.of_check(check_id)) == list(range(1, 9))
    assert checks.check(check_id).population == 8


def test_a_check_is_drawn_once(books):
    check_id = books.drawn()
    with pytest.raises(Conflict, match="已经抽过"):
        in_transaction(lambda: service.draw(check_id, books.house.auditor, clock.now()))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size": 9}, "size"),
        ({"last_on": date(2999, 1, 1)}, "last_on"),
        ({"first_on": DAY - timedelta(900), "last_on": DAY - timedelta(800)}, "first_on"),
    ],
)
def test_an_announcement_is_of_entries_that_are_there(books, change, field):
    wanted = rules.Announced(**(vars(period(3)) | change))
    with pytest.raises(Invalid) as refused:
        in_transaction(lambda: service.announce(wanted, books.house.auditor, clock.now()))
    assert list(refused.value.fields) == [field]


def test_a_seed_is_used_once(books):
    books.announced()
    with pytest.raises(Invalid, match="有几处"):
        books.announced()


def attack(statement: str, **values: object) -> None:
    in_transaction(lambda: db.session.execute(text(statement), values))


@pytest.mark.parametrize("change", ["seed = 'ours'", "size = 1", "digest = 'x'", "last_voucher = 1", "first_on = '2020-01-01'"])
def test_the_database_does_not_let_an_announcement_change(books, change):
    books.announced()
    with pytest.raises(IntegrityError, match="does not change"):
        attack(f"UPDATE spot_check SET {change}")


def test_the_database_keeps_checks(books):
    books.announced()
    with pytest.raises(IntegrityError, match="is kept"):
        attack("DELETE FROM spot_check")


def test_the_database_refuses_a_drawing_that_is_not_full_and_one_more_entry_after_it(books):
    check_id = books.announced(3)
    done = "UPDATE spot_check SET drawn_at = '2999-01-01 00:00:00', drawn_by_id = :by"
    with pytest.raises(IntegrityError, match="in full"):
        attack(done, by=books.house.auditor)
    in_transaction(lambda: service.draw(check_id, books.house.auditor, clock.now()))
    with pytest.raises(IntegrityError, match="drawn once"):
        attack(done, by=books.house.auditor)
    drawn = {pick.voucher_no for pick in checks.of_check(check_id)}
    other = next(one.id for one in reading.population(clock.today(), clock.today(), 99) if one.voucher_no not in drawn)
    with pytest.raises(IntegrityError, match="not an entry"):
        attack(
            "INSERT INTO spot_check_pick_entry (check_id, place, movement_id, fingerprint) VALUES (:check, 4, :other, :mark)",
            check=check_id, other=other, mark="0" * 64,
        )  # fmt: skip


def test_the_database_refuses_an_announcement_of_other_books(books):
    statement = (
        "INSERT INTO spot_check (number, first_on, last_on, size, seed, source, last_voucher, population, digest, announced_at, "
        "announced_by_id)"
        " VALUES ('x', :day, :day, 1, 'seed', 'x', :last, :population, :digest, '2026-01-01 00:00:00', :by)"
    )
    right = {"day": clock.today(), "last": 8, "population": 8, "digest": "0" * 64, "by": books.house.auditor}
    for wrong in ({"last": 7}, {"population": 7}, {"population": 9}):
        with pytest.raises(IntegrityError, match="as they stand"):
            attack(statement, **(right | wrong))


def test_every_account_and_the_whole_fund_agree_before_and_after(books):
    today = clock.today()
    for first in (today, today + timedelta(1)):
        flow = reading.flow(first, today + timedelta(9), 99)
        lines = [line for line in reading.accounts(first, today + timedelta(9), 99) if line.own]
        assert flow.opening + flow.income - flow.spent == flow.closing == sum(line.closing for line in lines) == 47_900_00
        assert flow.opening == sum(line.opening for line in lines)
    assert reading.flow(today, today, 99) == reading.Flow(0, 50_000_00, 2_100_00, 47_900_00)
