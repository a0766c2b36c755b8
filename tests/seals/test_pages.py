"""封存 as administrators and auditors see it."""

import json
from datetime import timedelta

import pytest

from app.core.db import in_transaction
from app.core.permissions import Role
from app.seals import exports, queries, service
from tests.conftest import NOON, statements
from tests.seals.conftest import DAY, by_force, seal


@pytest.fixture
def auditor(make, days, as_person):
    from app.audit.queries import root_unit_id

    person = make.person("郑审计", home=None)
    make.grant(person, Role.AUDITOR, root_unit_id())
    return as_person(person)


def test_before_anything_is_sealed_it_says_who_does_what(auditor):
    page = auditor.get("/seals").get_data(as_text=True)
    assert "还没有封存过" in page
    assert "每天夜里自动封存" in page
    assert "请告诉管服务器的人" in page


def test_the_days_with_their_rows_and_what_the_last_check_found(auditor, sealed):
    page = auditor.get("/seals").get_data(as_text=True)
    assert "还没有核对过" in page
    in_transaction(lambda: service.note_check(NOON.date(), 0, NOON))
    page = auditor.get("/seals").get_data(as_text=True)
    assert "核对相符" in page
    assert page.index("/seals/2026-11-23") < page.index("/seals/2026-11-22") < page.index("/seals/2026-11-21")
    for one in queries.seals():
        assert f"{one.groups[0]} {one.groups[1]}" in page
    in_transaction(lambda: service.note_check(NOON.date(), 2, NOON))
    page = auditor.get("/seals").get_data(as_text=True)
    assert "2 处不符" in page
    assert "请管服务器的人马上逐条查" in page


def test_the_list_asks_as_much_for_forty_days_as_for_one(auditor, days):
    seal(0)
    auditor.get("/seals")
    with statements() as few:
        auditor.get("/seals")
    for n in range(1, 43):
        seal(n)
    with statements() as many:
        page = auditor.get("/seals").get_data(as_text=True)
    assert len(many) == len(few)
    assert "更早的" in page
    older = auditor.get("/seals?before=2026-11-24").get_data(as_text=True)
    assert "2026年11月23日" in older
    assert "2026年11月24日" not in older


def test_a_day_its_paper_and_its_file(auditor, sealed):
    found = queries.seal_of((NOON + DAY).date())
    page = auditor.get("/seals/2026-11-22").get_data(as_text=True)
    assert "操作记录" in page
    assert all(one in page for one in found.groups)
    paper = auditor.get("/seals/2026-11-22/paper").get_data(as_text=True)
    assert all(f"<td>{one}</td>" in paper for one in found.groups)
    assert auditor.get("/seals/2026-11-22/paper.pdf").data.startswith(b"%PDF")
    file = auditor.get("/seals/2026-11-22/file.json")
    assert json.loads(file.data)["digest"] == found.digest
    assert list(exports.differences(exports.read(file.get_data(as_text=True)))) == []


@pytest.mark.parametrize("path", ["2026-11-20", "x", "2026-13-01", "2026-11-22/more"])
def test_what_there_is_not(auditor, sealed, path):
    assert auditor.get(f"/seals/{path}").status_code == 404


def test_late_rows_are_pointed_out(auditor, sealed):
    columns = "activity_id, shift_id, person_id, by_id, way, outcome, at, received_at, content, day_code, fence"
    last = "SELECT max(id) FROM scan"
    by_force(
        f"INSERT INTO scan (id, {columns}) SELECT '{'0' * 30}ff', {columns} FROM scan WHERE id = ({last})".replace(
            "max(id)", "max(CAST(id AS text))"
        ).replace("WHERE id =", "WHERE CAST(id AS text) =")
    )
    list(service.seal_days(NOON + 3 * DAY + timedelta(hours=15)))
    assert "1 行迟到" in auditor.get("/seals").get_data(as_text=True)
    assert "迟到" in auditor.get("/seals/2026-11-24").get_data(as_text=True)


def test_only_who_reads_the_whole_audit(make, as_person, sealed):
    member = as_person(make.person("何嘉怡"))
    assert member.get("/seals").status_code == 404
    assert member.get("/seals/2026-11-22/file.json").status_code == 404


def test_it_is_reached_from_the_audit(auditor, sealed):
    assert 'href="/seals"' in auditor.get("/audit").get_data(as_text=True)


def test_no_page_of_a_clerk_asks_for_a_command(auditor, sealed):
    """Commands stand in the handbook, and on the paper that the keeper and whoever runs the server check by together."""
    for path in ("/seals", "/seals/2026-11-22"):
        assert "flask" not in auditor.get(path).get_data(as_text=True)
