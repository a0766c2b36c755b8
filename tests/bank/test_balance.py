"""余额调节表: whatever happened on either side, the items come to the difference, to the fen."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.bank.difference_rules import BankRow, BookRow, ItemKind, explain
from app.bank.queries import balance as balances
from app.bank.rules import Candidate, LineSeen, speaks_for, suggest
from app.core import clock
from tests.bank.examples import bring, line_ids, match
from tests.fund.houses import YUAN, House

DAY = date(2026, 3, 2)
amounts = st.integers(-10_000, 10_000)
lines = st.lists(st.tuples(amounts.filter(bool), st.none() | st.integers(0, 9), st.booleans()), max_size=12)
books = st.dictionaries(st.integers(0, 9), amounts, max_size=10)


@given(lines, books, amounts, amounts)
def test_the_items_always_come_to_the_difference(bank, booked, opening, began):
    once: set[int] = set()
    rows = []
    for number, (fen, asked, aside) in enumerate(bank):
        live = asked if asked is not None and asked not in once else None
        once |= {live} - {None}
        rows.append(BankRow(number, DAY, fen, "流水", live, "利息" if aside and live is None else None))
    entries = [BookRow(number, DAY, fen, "账") for number, fen in booked.items()]
    book, held = began + sum(booked.values()), opening + sum(fen for fen, _, _ in bank)
    found = explain(DAY, book, held, began - opening, rows, entries)
    assert found.unexplained == 0
    assert sum(item.fen for item in found.items) == book - held
    assert all(item.fen for item in found.items)


@given(
    st.lists(st.tuples(amounts.filter(bool), st.integers(0, 2), st.booleans()), max_size=8),
    st.lists(st.tuples(amounts, amounts, st.integers(0, 2), st.booleans()), max_size=8),
    amounts,
)
def test_groups_too_come_to_the_difference_whatever_of_them_is_still_to_come(bank, booked, began):
    """Some of a group's lines or entries lie after the day: they are not there yet."""
    rows = [BankRow(number, DAY, fen, "流水", None, None, group or None) for number, (fen, group, there) in enumerate(bank) if there]
    entries = [BookRow(number, DAY, fen, "账", group or None, asked) for number, (fen, asked, group, there) in enumerate(booked) if there]
    whole = {group: sum(of == group for _, of, _ in bank) for group in (1, 2)}
    book, held = began + sum(row.fen for row in entries), sum(row.fen for row in rows)
    found = explain(DAY, book, held, began, rows, entries, whole)
    assert found.unexplained == 0
    assert all(item.fen for item in found.items)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 8)), max_size=12),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 8)), max_size=12),
)
def test_suggestions_pair_nothing_twice_and_only_what_fits(bank, asked):
    seen = [LineSeen(number, DAY + timedelta(day), fen, "五金店有限公司", "", 1) for number, (fen, day) in enumerate(bank)]
    wanted = [Candidate(number, fen, DAY + timedelta(day), "五金店", "") for number, (fen, day) in enumerate(asked)]
    pairs = suggest(seen, wanted)
    assert len({pair.line_id for pair in pairs}) == len({pair.request_id for pair in pairs}) == len(pairs)
    for pair in pairs:
        line, one = seen[pair.line_id], wanted[pair.request_id]
        assert line.fen == one.fen
        assert abs((line.booked_on - one.day).days) <= 3
        assert pair.why == speaks_for(line, one)


def test_two_that_are_as_good_are_not_sure():
    seen = [LineSeen(1, DAY, 500, "", "", 1)]
    pairs = suggest(seen, [Candidate(1, 500, DAY, "", ""), Candidate(2, 500, DAY, "", "")])
    assert [pair.sure for pair in pairs] == [False]


def test_the_difference_is_told_line_by_line(app, house: House):
    today = clock.today()
    house.donate(1_000)
    project = house.project()
    house.grant(project, 1_000)
    matched, waiting = house.pay(project, 200), house.pay(project, 30)
    statement = bring(
        house.administrator,
        0,
        (today, 1_000 * YUAN, "何先生", "", ""),
        (today, -200 * YUAN, "五金店", "", ""),
        (today, 186, "", "", "结息"),
    )
    gift, payment, interest = line_ids(statement)
    match(payment, matched, house.approver)
    found = balances.balance(today)
    assert (found.book, found.bank, found.unexplained) == (770 * YUAN, 800 * YUAN + 186, 0)
    assert [item.request_id for item in found.of(ItemKind.BOOK_OUT)] == [waiting]
    assert [item.line_id for item in found.of(ItemKind.BANK_IN)] == [gift, interest]  # the donation is not matched yet
    house.correct(matched)
    assert balances.balance(today).unexplained == 0
    assert balances.balance(today - timedelta(1)) is None


def test_what_was_before_the_first_statement_is_one_line(app, house: House):
    house.donate(1_000)
    tomorrow = clock.today() + timedelta(1)
    assert balances.balance(tomorrow) is None
    bring(house.administrator, 900 * YUAN, (clock.today(), 100 * YUAN, "何先生", "", ""))
    found = balances.balance(clock.today())
    assert (found.book, found.bank, found.unexplained) == (1_000 * YUAN, 1_000 * YUAN, 0)


def test_an_account_counts_from_its_first_statement_on(app, house: House):
    today = clock.today()
    eve = today - timedelta(1)
    bring(house.administrator, 100 * YUAN, (eve, 5 * YUAN, "", "", ""))
    bring(house.administrator, 900 * YUAN, (today, 7 * YUAN, "", "", ""), name="另一个账户")
    before, after = balances.balance(eve), balances.balance(today)
    assert (before.bank, after.bank) == (105 * YUAN, 1_012 * YUAN)
    for one in (before, after):
        assert one.unexplained == 0
        assert one.adjusted == one.adjusted_book
