"""A bank's table as it is sent: whichever columns, whichever order, and every fault of every row."""

import io
import time
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bank.reading import read_statement, signed_yuan
from app.core.errors import Invalid
from app.sheets.cells import BadCell
from app.sheets.reading import read
from app.sheets.writing import Table, xlsx

sqlite_only = True

MARCH = [("2026-03-02", 100_000), ("2026-03-04", -20_050), ("2026-03-04", 50)]


def lines(text: str, encoding: str = "utf-8"):
    return read_statement(read(text.encode(encoding), "a.csv"))


def amounts(found) -> list[int]:
    return [row.fen for row in found.rows]


def yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def as_debit_credit(rows, opening=0) -> str:
    made, held = ["账号,6222****6688,,,,", "交易日期,借方发生额,贷方发生额,账户余额,对方户名,凭证号,摘要"], opening
    for day, fen in rows:
        held += fen
        made.append(f'{day},"{yuan(-fen) if fen < 0 else ""}","{yuan(fen) if fen > 0 else ""}","{yuan(held)}",五金店,A1,货款')
    return "\n".join(made)


def test_debit_is_out_and_credit_is_in():
    found = lines(as_debit_credit(MARCH, 500), "gb18030")
    assert (amounts(found), found.opening, found.closing, found.refused) == ([100_000, -20_050, 50], 500, 80_500, [])
    assert (found.first_on, found.last_on) == (date(2026, 3, 2), date(2026, 3, 4))
    assert (found.rows[0].party, found.rows[0].reference, found.rows[0].memo) == ("五金店", "A1", "货款")


def test_one_signed_column_or_one_with_its_side():
    signed = lines("记账日期,金额,余额\n20260302,1000,1000\n2026/3/4,-200.5,799.5\n")
    sided = lines("交易时间,交易金额,借贷标志,余额\n2026-03-02 08:01:00,1000,贷,1000\n2026-03-04 10:00:00,200.50,借,799.50\n")
    assert amounts(signed) == amounts(sided) == [100_000, -20_050]


def test_the_newest_first_is_turned_round():
    head, *rows = ["交易日期,收入,支出,余额", "2026-03-02,10,,10", "2026-03-03,,4,6", "2026-03-04,1,,7"]
    found = lines("\n".join([head, *reversed(rows)]))
    assert (amounts(found), found.opening, found.closing, found.refused) == ([1000, -400, 100], 0, 700, [])
    assert "倒过来" in found.notes[0]


def test_a_bank_whose_debit_is_income_is_known_by_its_balance():
    found = lines("交易日期,借方,贷方,余额\n2026-03-02,10,,10\n2026-03-03,,4,6\n2026-03-04,1,,7")
    assert (amounts(found), found.refused) == ([1000, -400, 100], [])
    assert "借方是收入" in found.notes[0]


def test_a_line_without_its_day_is_a_fault_and_not_taken_for_a_footer_by_what_it_was_for():
    head = "交易日期,收入,支出,余额,对方户名,摘要\n2026-03-02,10,,10,何先生,\n"
    assert [row.number for row in lines(f"{head},,3,7,图文店,打印费\n").refused] == [3]
    assert [row.number for row in lines(f"{head},,3,7,说明书印刷厂,\n").refused] == [3]
    for footer in (",10,,10,,本页合计\n", "合计,10,0,,,\n", ",,,10,,期末余额\n", ",,,,,过次页\n"):
        found = lines(head + footer)
        assert (len(found.rows), found.refused) == (1, [])


def test_sums_and_carried_balances_are_no_lines():
    found = lines("交易日期,收入,支出,余额\n,,,上期余额\n2026-03-02,10,,10\n合计,10,0,\n,,打印时间,\n")
    assert amounts(found) == [1000]


def test_an_xlsx_reads_like_a_csv():
    sheet = Table(
        "流水", ["交易日期", "收入金额", "支出金额", "余额"], [[date(2026, 3, 2), 10.1, None, 10.1], [date(2026, 3, 4), None, 0.35, 9.75]]
    )
    assert amounts(read_statement(read(xlsx(sheet), "a.xlsx"))) == [1010, -35]


def test_every_fault_says_row_column_what_was_read_and_what_is_expected():
    found = lines(
        "交易日期,收入,支出,余额\n2026-13-02,10,,10\n2026-03-03,1,2,11\n2026-03-04,壹元,,12\n2026-03-05,,,12\n2026-03-06,1.234,,13\n"
    )
    said = {row.number: [(one.column, one.read) for one in row.faults] for row in found.refused}
    assert said[2] == [("交易日期", "2026-13-02")]
    assert said[3] == [("支出", "2")]
    assert said[4] == [("收入", "壹元")]
    assert said[5][0][0] == "支出"
    assert said[6] == [("收入", "1.234")]
    assert all(one.expected for row in found.refused for one in row.faults)


def test_one_slip_of_the_balance_is_said_once_or_twice_never_for_all_that_follow():
    rows = "交易日期,收入,支出,余额\n" + "\n".join(f"2026-03-{day:02d},1,,{day if day != 5 else 99}" for day in range(1, 29))
    found = lines(rows)
    assert [row.number for row in found.refused] == [6, 7]
    assert found.refused[0].faults[0].expected.startswith("5.00（第 5 行")


def test_ten_thousand_malformed_rows_are_told_within_seconds():
    bad = "交易日期,收入,支出,余额,对方户名\n" + "".join(f"2026-13-{row % 40},{row}x,3,abc,=cmd|calc\n" for row in range(10_000))
    begun = time.monotonic()
    found = lines(bad)
    assert len(found.refused) == 10_000
    assert {len(row.faults) for row in found.refused} == {3}
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("text", ["姓名,电话\n张三,1\n", "交易日期,余额\n2026-03-02,1\n", "交易日期,收入,支出,余额\n"])
def test_what_is_no_statement_is_refused_as_a_whole(text):
    with pytest.raises(Invalid):
        lines(text)


@given(st.integers(-(10**11), 10**11))
def test_money_reads_back_to_the_fen(fen):
    assert signed_yuan(yuan(fen)) == fen


@pytest.mark.parametrize("text", ["abc", "1.234", "1.2.3", "99999999999999", "=1+1", "１２x"])
def test_what_is_no_money_is_refused(text):
    with pytest.raises(BadCell):
        signed_yuan(text)


@given(st.lists(st.integers(-10_000, 10_000).filter(bool), min_size=1, max_size=30), st.integers(0, 10**8))
def test_any_statement_reads_back_line_by_line(fens, opening):
    found = lines(as_debit_credit([("2026-03-02", fen) for fen in fens], opening))
    assert found.refused == []
    assert found.closing - found.opening == sum(amounts(found))
    assert found.closing == opening + sum(fens) or found.notes  # of one line, or of lines that run both ways, either reading is right


def test_no_cell_of_a_sheet_made_from_a_statement_is_a_formula():
    data = xlsx(Table("改正表", ["对方户名"], [["=1+1"], ["@x"], ["+cmd|' /C calc'!A0"]]))
    cells = openpyxl.load_workbook(io.BytesIO(data)).active
    assert {cell.data_type for row in cells.iter_rows(min_row=2) for cell in row} == {"s"}
