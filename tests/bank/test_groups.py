"""Lines and requests that are the same only together: a payment in parts, one line for many, to the fen, by other hands."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DatabaseError

from app.bank import rules
from app.bank.difference_rules import BankRow, BookRow, ItemKind, explain
from app.bank.models import BankAside, BankGroup, BankGroupLine, BankGroupRequest, BankMatch
from app.bank.queries import balance as balances
from app.bank.queries import groups as found
from app.bank.queries import lines as seen
from app.bank.rules import Candidate, LineSeen, Why, suggest_groups
from app.bank.service import groups as service
from app.bank.service import lines as single
from app.bank.service import statements
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, Invalid, NotFound
from app.core.permissions import Role
from app.fund.queries.requests import standing
from app.fund.rules import DonationNoted, Step
from app.fund.service import requests
from tests.bank.examples import bring, line_ids, match
from tests.fund.houses import YUAN, House


@pytest.fixture
def project(app, house: House) -> int:
    """With 1,000 yuan."""
    house.donate(1_000)
    made = house.project()
    house.grant(made, 1_000)
    return made


def lines_of(house: House, *yuan: int, by: int | None = None, name: str = "基金专户", party: str = "南庄顺达五金店") -> list[int]:
    """Today's lines of so many yuan, brought by the administrator."""
    given_lines = [(clock.today(), fen * YUAN, party, "", "") for fen in yuan]
    return line_ids(bring(by or house.administrator, 1_000 * YUAN, *given_lines, name=name))


def tie(lines: list[int], asked: list[int], by: int) -> int:
    return in_transaction(lambda: service.tie(lines, asked, by, clock.now()))


def untie(group: int, by: int, why: str = "对错了") -> None:
    in_transaction(lambda: service.untie(group, why, by, clock.now()))


def test_one_payment_in_three_lines(house: House, project: int):
    paid = house.pay(project, 200)
    lines = lines_of(house, -120, -50, -30)
    group = tie(lines, [paid], house.approver)
    assert standing(paid).state is Step.RECONCILED
    assert {seen.line(line).state for line in lines} == {"matched"}
    assert (seen.free_lines(), [one.id for one in seen.candidates() if one.id == paid]) == ([], [])
    one = found.group(group)
    assert (one.fen, [line.id for line in one.lines], [asked.id for asked in one.requests]) == (-200 * YUAN, lines, [paid])
    balance = balances.balance(clock.today())
    assert balance.unexplained == 0
    assert not balance.of(ItemKind.BANK_OUT, ItemKind.BOOK_OUT, ItemKind.OTHER)


def test_one_line_that_pays_three_requests(house: House, project: int):
    paid = [house.pay(project, yuan) for yuan in (200, 30, 70)]
    (line,) = lines_of(house, -300)
    tie([line], paid, house.approver)
    assert {standing(one).state for one in paid} == {Step.RECONCILED}
    assert seen.line(line).state == "matched"
    assert balances.balance(clock.today()).unexplained == 0


def test_what_failed_came_back_and_was_paid_again_is_one_payment(house: House, project: int):
    paid = house.pay(project, 200)
    tie(lines_of(house, -200, 200, -200), [paid], house.approver)
    assert balances.balance(clock.today()).unexplained == 0
    assert not balances.balance(clock.today()).of(ItemKind.BANK_IN, ItemKind.BANK_OUT)


def test_donations_that_came_in_one_sum_enter_the_books_together(house: House, app):
    given_ = [DonationNoted(None, yuan * YUAN, "何先生", "", "街坊捐赠", f"R-{yuan}", clock.today()) for yuan in (100, 200)]
    asked = [in_transaction(lambda one=one: requests.note_donation(one, house.officer, clock.now())) for one in given_]
    (line,) = line_ids(bring(house.administrator, 0, (clock.today(), 300 * YUAN, "代收", "", "")))
    tie([line], asked, house.approver)
    assert {standing(one).state for one in asked} == {Step.APPROVED}
    balance = balances.balance(clock.today())
    assert (balance.book, balance.bank, balance.items) == (300 * YUAN, 300 * YUAN, ())


def test_a_fen_too_much_is_told_and_nothing_is_tied(house: House, project: int):
    paid = house.pay(project, 200)
    lines = line_ids(bring(house.administrator, 0, *[(clock.today(), fen, "", "", "") for fen in (-12_000, -8_001)]))
    with pytest.raises(Invalid) as fault:
        tie(lines, [paid], house.approver)
    assert "相差 0.01 元" in fault.value.fields["group"]
    assert standing(paid).state is Step.PAID
    assert db.session.scalar(select(func.count()).select_from(BankGroupLine)) == 0


def test_one_with_one_in_and_out_together_and_nothing_are_no_group(house: House, project: int):
    paid, line = house.pay(project, 200), lines_of(house, -200)
    gift = DonationNoted(None, 100 * YUAN, "何先生", "", "街坊捐赠", "R", clock.today())
    came = in_transaction(lambda: requests.note_donation(gift, house.officer, clock.now()))
    for lines, asked, said in ((line, [paid], "直接在那一行"), ([], [paid], "两边都要勾"), (line, [paid, came], "收的和付的")):
        with pytest.raises(Invalid) as fault:
            tie(lines, asked, house.approver)
        assert said in fault.value.fields["group"]
    with pytest.raises(NotFound):
        tie([*line, 999_999], [paid], house.approver)


def test_nobody_ties_what_they_paid_nor_from_a_statement_of_who_paid(house: House, project: int):
    paid = house.pay(project, 200)
    lines = lines_of(house, -150, -50)
    with pytest.raises(Invalid) as fault:
        tie(lines, [paid], house.officer)
    assert "另一位" in fault.value.fields["group"]
    theirs = lines_of(house, -120, -80, by=house.officer, name="另一个账户")
    with pytest.raises(Invalid) as fault:
        tie(theirs, [paid], house.approver)
    assert "自己导入" in fault.value.fields["group"]


def test_a_group_is_taken_back_once_with_a_reason_and_tied_again(house: House, project: int):
    paid, lines = house.pay(project, 200), lines_of(house, -150, -50)
    group = tie(lines, [paid], house.approver)
    with pytest.raises(Invalid):
        untie(group, house.second, "")
    untie(group, house.second)
    with pytest.raises(Conflict):
        untie(group, house.second)
    assert len(seen.free_lines()) == 2
    assert standing(paid).state is Step.RECONCILED
    again = tie(lines, [paid], house.second)
    assert [(one.id, one.ended_at is None) for one in found.of_line(lines[0])] == [(group, False), (again, True)]


def test_a_correction_of_one_sets_all_of_them_free(house: House, project: int):
    paid = [house.pay(project, yuan) for yuan in (200, 30)]
    (line,) = lines_of(house, -230)
    group = tie([line], paid, house.approver)
    house.correct(paid[0])
    assert found.group(group).end_reason == "其中一笔已更正"
    assert seen.free_line(line) is not None
    assert paid[1] in [one.id for one in seen.candidates()]
    assert balances.balance(clock.today()).unexplained == 0


def test_what_is_in_a_group_is_nothing_else(house: House, project: int):
    paid, other = house.pay(project, 200), house.pay(project, 150)
    lines = lines_of(house, -150, -50)
    group = tie(lines, [paid], house.approver)
    with pytest.raises(Conflict):
        match(lines[0], other, house.approver)
    with pytest.raises(Conflict):
        in_transaction(lambda: single.ask_aside(lines[0], "手续费", house.approver, clock.now()))
    with pytest.raises(Conflict):
        tie(lines, [other], house.approver)
    statement = seen.line(lines[0]).statement_id
    with pytest.raises(Conflict, match="请先撤销"):
        in_transaction(lambda: statements.void(statement, "导错", house.approver, clock.now()))
    untie(group, house.approver)
    match(lines[0], other, house.approver)
    with pytest.raises(Conflict):
        tie(lines, [paid], house.approver)


def test_on_a_day_between_the_lines_the_balance_says_what_is_still_to_come(house: House, project: int):
    today = clock.today()
    paid = house.pay(project, 200)
    lines = line_ids(
        bring(
            house.administrator,
            1_000 * YUAN,
            (today - timedelta(1), -120 * YUAN, "五金店", "", ""),
            (today, -80 * YUAN, "五金店", "", ""),
        )
    )
    tie(lines, [paid], house.approver)
    eve, now = balances.balance(today - timedelta(1)), balances.balance(today)
    assert eve.unexplained == now.unexplained == 0
    assert [item.fen for item in eve.of(ItemKind.BANK_OUT)] == [120 * YUAN]  # paid at the bank, not yet in the books
    assert not now.of(ItemKind.BANK_OUT, ItemKind.BOOK_OUT)


def test_other_peoples_money_in_a_group_is_told_apart():
    rows = [bank_row(1, -300), bank_row(2, -100)]
    entries = [book_row(7, 0, -150), book_row(8, -250, -250)]
    balance = explain(clock.today(), -250, -400, 0, rows, entries, {1: 2})
    assert [(item.kind, item.fen) for item in balance.items] == [(ItemKind.OTHER, 150)]
    assert balance.unexplained == 0


def bank_row(number: int, fen: int):
    return BankRow(number, clock.today(), fen, "流水", None, None, 1)


def book_row(number: int, fen: int, asked: int):
    return BookRow(number, clock.today(), fen, "账", 1, asked)


def refused(*work) -> None:
    with pytest.raises(DatabaseError):
        in_transaction(lambda: [db.session.execute(one) for one in work])


def test_the_database_refuses_half_a_group_and_one_that_does_not_add_up(house: House, project: int):
    paid, lines = house.pay(project, 200), lines_of(house, -150, -50, -1)
    head = {"id": 99, "lines": 2, "requests": 1, "fen": -200 * YUAN, "made_at": clock.now(), "made_by_id": house.approver}
    members = [insert(BankGroupLine).values(group_id=99, line_id=line) for line in lines[:2]]
    asked = insert(BankGroupRequest).values(group_id=99, request_id=paid)
    refused(*members, asked, insert(BankGroup).values(**head))  # 已付, not yet 已核对
    house.step(paid, Step.RECONCILED, house.approver)
    refused(*members, asked)  # without its head, at the end of the transaction
    refused(*members, asked, insert(BankGroup).values(**head | {"lines": 1}))
    refused(*members, asked, insert(BankGroup).values(**head | {"fen": -199 * YUAN}))
    refused(members[0], asked, insert(BankGroup).values(**head | {"lines": 1}))
    refused(*members, asked, insert(BankGroup).values(**head | {"made_by_id": house.officer}))  # the payer
    refused(*members, asked, insert(BankGroup).values(**head | {"for_id": house.officer}))  # for the payer
    in_transaction(lambda: [db.session.execute(one) for one in (*members, asked, insert(BankGroup).values(**head))])
    refused(insert(BankGroupLine).values(group_id=99, line_id=lines[2]))  # afterwards
    refused(insert(BankMatch).values(line_id=lines[0], request_id=paid, made_at=clock.now(), made_by_id=house.approver))
    refused(insert(BankAside).values(line_id=lines[0], reason="另列", asked_by_id=house.second, asked_at=clock.now()))
    refused(update(BankGroupLine).values(ended=True))  # without the group
    refused(update(BankGroup).values(fen=1))
    refused(BankGroup.__table__.delete())
    untie(99, house.approver)
    assert db.session.scalar(select(func.count()).select_from(BankGroupLine).where(~BankGroupLine.ended)) == 0
    refused(update(BankGroupLine).values(ended=False))


def test_two_who_tie_the_same_payment_at_once_get_it_once(app, house: House, project: int):
    paid = house.pay(project, 200)
    ways = [lines_of(house, -150, -50), lines_of(house, -120, -80, name="另一个账户")]
    start, ended = Barrier(3), []

    def work(lines: list[int], by: int) -> None:
        with app.app_context():
            start.wait()
            try:
                ended.append(tie(lines, [paid], by) and "done")
            except DomainError as error:
                ended.append(type(error).__name__)

    def alone() -> None:
        (line,) = spare
        with app.app_context():
            start.wait()
            try:
                match(line, paid, house.approver)
                ended.append("done")
            except DomainError as error:
                ended.append(type(error).__name__)

    spare = lines_of(house, -200, name="第三个账户")
    threads = [Thread(target=work, args=(ways[0], house.approver)), Thread(target=work, args=(ways[1], house.second)), Thread(target=alone)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended.count("done") == 1, ended
    assert len(seen.free_lines()) in (3, 4)
    assert balances.balance(clock.today()).unexplained == 0


DAY = clock.today()


def line(number: int, fen: int, party: str = "五金店有限公司", reference: str = "") -> LineSeen:
    return LineSeen(number, DAY, fen, party, reference, 1)


def asked(number: int, fen: int, party: str = "五金店有限", reference: str = "", apart: int = 0) -> Candidate:
    return Candidate(number, fen, DAY + timedelta(apart), party, reference)


def test_what_a_batch_number_joins_is_suggested_whoever_was_paid():
    some = suggest_groups(
        [line(1, -300, "批量代付", "B 77")], [asked(1, -100, "甲", "B77"), asked(2, -200, "乙", "b-77"), asked(3, -300, "丙")]
    )
    assert [(one.line_ids, one.request_ids, one.why) for one in some] == [((1,), (1, 2), Why.REFERENCE)]


def test_parts_of_one_payment_to_the_same_payee_are_suggested_when_they_add_up_in_one_way():
    (some,) = suggest_groups([line(1, -120), line(2, -80), line(3, -55, "别家")], [asked(9, -200)])
    assert (some.line_ids, some.request_ids, some.why) == ((1, 2), (9,), Why.PARTY)
    assert suggest_groups([line(1, -100), line(2, -100), line(3, -100)], [asked(9, -200)]) == []
    assert suggest_groups([line(1, -120), line(2, -80)], [asked(9, -200, apart=9)]) == []


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 1)), max_size=14),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 1)), max_size=14),
)
def test_suggested_groups_add_up_and_use_nothing_twice(bank, books):
    lines = [line(number, fen, reference="ab"[way]) for number, (fen, way) in enumerate(bank)]
    wanted = [asked(number, fen, reference="ab"[way]) for number, (fen, way) in enumerate(books)]
    groups = suggest_groups(lines, wanted)
    used_lines, used = [one for some in groups for one in some.line_ids], [one for some in groups for one in some.request_ids]
    assert len(set(used_lines)) == len(used_lines)
    assert len(set(used)) == len(used)
    for some in groups:
        assert sum(lines[one].fen for one in some.line_ids) == sum(wanted[one].fen for one in some.request_ids)
        assert len(some.line_ids) + len(some.request_ids) > 2
    assert rules.group_fault([], [], 1)


def test_on_the_pages_it_is_ticked_refused_kept_tied_and_taken_back(as_person, house: House, project: int):
    paid = [house.pay(project, yuan) for yuan in (200, 30)]
    (one, other) = lines_of(house, -230, -35)
    approver = as_person(house.approver)
    assert f"/fund/bank/groups/new?line={one}" in approver.get("/fund/bank").text
    assert "几笔合起来才对得上" in approver.get(f"/fund/bank/lines/{one}").text
    page = approver.get(f"/fund/bank/groups/new?line={one}&request={paid[0]}&request=zwei&line=99999999999999").text
    assert f'name="line" value="{one}" data-fen="-23000" checked' in page
    bad = approver.post("/fund/bank/groups", data={"line": [one, other], "request": paid})
    assert bad.status_code == 422
    assert "相差 35.00 元" in bad.text
    assert bad.text.count("checked") == 4
    found_ = approver.get("/fund/bank/groups/new?q=没有这样的户名").text
    assert "没有找到没对上的流水" in found_
    done = approver.post("/fund/bank/groups", data={"line": [one], "request": paid})
    assert done.status_code == 303
    page = approver.get(done.location).text
    assert "银行 1 行" in page
    assert "账上 2 笔" in page
    twice = approver.post("/fund/bank/groups", data={"line": [one], "request": paid})
    assert twice.status_code == 422
    assert "已经对上" in twice.text
    assert "看这一组" in approver.get(f"/fund/bank/lines/{one}").text
    assert approver.post(f"{done.location}/ending", data={"reason": ""}).status_code == 422
    assert approver.post(f"{done.location}/ending", data={"reason": "对错了"}).status_code == 303
    assert "已撤销" in approver.get(done.location).text
    assert as_person(house.auditor).get(done.location).status_code == 200
    assert as_person(house.auditor).get("/fund/bank/groups/new").status_code in (403, 404)
    own = as_person(house.officer)
    assert own.post("/fund/bank/groups", data={"line": [one], "request": paid}).status_code in (403, 404, 422)


def test_beside_a_request_stands_what_the_bank_says_of_it(as_person, house: House, project: int):
    single_, in_parts, waiting = (house.pay(project, yuan) for yuan in (90, 200, 40))
    one, *parts = lines_of(house, -90, -150, -50)
    match(one, single_, house.approver)
    group = tie(parts, [in_parts], house.approver)
    auditor = as_person(house.auditor)
    assert f"/fund/bank/lines/{one}" in auditor.get(f"/fund/requests/{single_}").text
    assert f"/fund/bank/groups/{group}" in auditor.get(f"/fund/requests/{in_parts}").text
    assert "银行还没有对上" in auditor.get(f"/fund/requests/{waiting}").text
    local = house.make.person("邻居")
    house.make.grant(local, Role.FUND_APPROVER, house.community)
    page = as_person(local).get(f"/fund/requests/{single_}")
    assert page.status_code == 200
    assert "银行流水</h2>" not in page.text
