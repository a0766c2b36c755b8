"""From full to a signed paper: the branch confirms on a phone, the person has the PDF and the sheet."""

from datetime import timedelta

import pytest
from openpyxl import load_workbook

from app.core import clock
from app.core.db import in_transaction
from app.hours import service as hours
from app.hours.rules import HourClass, HourKind, HourPosting, SourceKind
from app.people.rules import StageKind
from tests import pdf_reading

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]


def test_full_confirmed_and_downloaded(town, phones, tmp_path):
    began = clock.today() - timedelta(days=90)
    person = town.make.person("林月娥", home=town.branch, stage=StageKind.ACTIVIST, stage_since=began)
    town.make.account(person)
    entries = [
        HourPosting(
            person, town.branch, town.branch, None, began + timedelta(days=nth), HourClass.CREDIT, kind, 300, SourceKind.IMPORT, 10**6 + nth
        )
        for nth, kind in enumerate([HourKind.SERVICE] * 10 + [HourKind.STUDY] * 10)
    ]
    in_transaction(lambda: hours.post(entries, clock.now()))

    phone = phones(town.secretary).open("/work")
    phone.sees("林月娥的双50满了")
    phone.follows("看每一条，再确认")
    phone.title("林月娥")
    phone.check()
    phone.taps("支部确认，封存凭证")
    phone.sees("支部已确认", "下载 PDF")
    phone.check()
    phone.open("/double50?state=confirmed")
    phone.sees("林月娥", "已确认")
    phone.check()

    own = phones(person).open("/me/double50")
    own.sees("已封存", "李丽华")
    own.check()
    own.follows("看凭证")
    with own.page.expect_download() as started:
        own.follows("下载 PDF")
    started.value.save_as(tmp_path / "pack.pdf")
    made = (tmp_path / "pack.pdf").read_bytes()
    assert made.startswith(b"%PDF")
    assert "林月娥" in pdf_reading.text(made)
    with own.page.expect_download() as started:
        own.follows("下载 Excel")
    started.value.save_as(tmp_path / "pack.xlsx")
    assert load_workbook(tmp_path / "pack.xlsx")["逐条"].max_row == 21
