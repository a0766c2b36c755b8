"""The full report: written by one, published by another, its figures frozen from the ledger, corrected by a later version."""

import hashlib
import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund import queries as fund
from app.fund.rules import Stage
from app.results import made_pdfs
from app.results.queries import duties, reports
from app.results.rules import DutyKind, ReportDraft
from app.results.service import reports as service
from app.results.views import reports as views
from app.worklist import service as worklist
from tests import pdf_reading

DRAFT = ReportDraft("给 60 户装了扶手，换了 9 户水龙头。", "70 岁以上独居长者 60 户。", "剩余交回基金。")


@pytest.fixture
def project(house):
    """Its work is done; 10,000 yuan came, 4,860 were spent."""
    project_id = house.project()
    house.donate(50_000)
    house.grant(project_id, 10_000)
    house.pay(project_id, 4_860)
    house.advance(project_id, Stage.FINAL, house.officer, "都做好了")
    return project_id


def write(house, project, draft=DRAFT, by=None):
    return in_transaction(lambda: service.write(project, draft, by or house.officer, clock.now()))


def publish(report, by):
    in_transaction(lambda: service.publish(report, by, clock.now()))


def test_it_is_written_once_the_work_has_ended(house):
    with pytest.raises(Conflict, match="结束以后"):
        write(house, house.project())


def test_another_person_publishes_it_and_the_figures_are_the_ledgers(house, project):
    report = write(house, project)
    with pytest.raises(Refused):
        publish(report, house.officer)
    publish(report, house.approver)
    found = reports.report(report)
    figures = fund.figures_of(project)
    assert found.frozen["left"] == figures.balance == 514_000
    assert sum(fen for _, fen in found.frozen["income"]) - sum(fen for _, fen in found.frozen["outgo"]) == figures.balance
    assert [line for line in found.frozen["lines"] if line[2]] == [["材料", 4_000_000, 486_000]]
    assert sum(line[2] for line in found.frozen["lines"]) == found.frozen["spent"] == figures.spent


def test_who_is_of_the_projects_unit_steps_aside(house, project):
    report = write(house, project)
    with pytest.raises(Refused, match="回避"):
        publish(report, house.neighbour)


def test_what_comes_later_does_not_change_what_was_published(house, project):
    report = write(house, project)
    publish(report, house.approver)
    before = reports.report(report)
    house.correct(db.session.scalar(text("SELECT id FROM fund_request WHERE kind = 'payment'")))
    after = reports.report(report)
    assert (after.frozen, after.digest) == (before.frozen, before.digest)
    said = [project, 1, after.done, after.people, after.leftovers, after.changed, after.frozen]
    assert hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest() == after.digest
    assert reports.figures(project, clock.today())["spent"] == 0


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund_report SET done = 'x'",
        "UPDATE fund_report SET frozen = '{}'",
        "UPDATE fund_report SET digest = 'x'",
        "UPDATE fund_report SET published_at = NULL, published_by_id = NULL, digest = ''",
        "DELETE FROM fund_report",
    ],
)
def test_the_database_keeps_what_was_published(house, project, attack):
    publish(write(house, project), house.approver)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(text(attack)))


def test_the_database_refuses_the_writer_as_publisher(house, project):
    write(house, project)
    own = "UPDATE fund_report SET published_at = '2026-11-21 04:00:00', published_by_id = made_by_id, digest = 'x'"
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(text(own)))


def test_one_waits_at_a_time_and_a_later_version_says_what_is_different(house, project):
    first = write(house, project)
    with pytest.raises(Conflict):
        write(house, project)
    publish(first, house.approver)
    with pytest.raises(Invalid) as refused:
        write(house, project)
    assert "changed" in refused.value.fields
    second = write(house, project, ReportDraft(DRAFT.done, DRAFT.people, DRAFT.leftovers, "补了户数"))
    publish(second, house.approver)
    assert [row.version for row in reports.published(project)] == [2, 1]


def test_it_is_returned_with_the_reason_or_taken_back(house, project):
    report = write(house, project)
    with pytest.raises(Invalid):
        in_transaction(lambda: service.give_back(report, "", house.approver, clock.now()))
    in_transaction(lambda: service.give_back(report, "写清剩余的钱", house.approver, clock.now()))
    with pytest.raises(Conflict):
        publish(report, house.approver)
    again = write(house, project)
    in_transaction(lambda: service.give_back(again, "我再改改", house.officer, clock.now()))
    assert reports.published(project) == []


def test_publishing_it_fulfils_the_duty(house, project):
    assert DutyKind.REPORT in {one.duty.kind for one in duties.of_project(project, clock.today())}
    publish(write(house, project), house.approver)
    assert DutyKind.REPORT not in {one.duty.kind for one in duties.of_project(project, clock.today())}


def test_it_waits_in_the_work_of_who_may_publish_it(house, project):
    write(house, project)

    def group(person):
        return dict(worklist.waiting(house.make.actor(person)).groups).get("结项报告", 0)

    assert group(house.approver) == 1
    assert group(house.neighbour) == 0
    assert group(house.officer) == 0


def test_the_whole_way_in_the_browser(client, as_person, house, project):
    officer, approver = as_person(house.officer), as_person(house.approver)
    address = f"/fund/projects/{project}/report"
    assert client.get(address).status_code == 404
    assert "账上现在还有 5,140.00 元" in officer.get(f"{address}/new").text
    assert officer.post(f"/fund/projects/{project}/reports", data={"done": ""}).status_code == 422
    words = {"done": DRAFT.done, "people": DRAFT.people, "leftovers": DRAFT.leftovers}
    assert officer.post(f"/fund/projects/{project}/reports", data=words).status_code == 303
    assert client.get(address).status_code == 404
    assert "等另一位公开" in officer.get(address).text
    assert "要公开吗" in approver.get(address).text
    (row,) = reports.of_project(project)
    assert officer.post(f"/fund/reports/{row.id}/publication").status_code == 404
    assert approver.post(f"/fund/reports/{row.id}/publication").status_code == 303
    page = client.get(address).text
    for said in (DRAFT.done, "5,140.00", "4,860", "剩余交回基金"):
        assert said in page
    for secret in ("邓淑芬", "罗国栋"):
        assert secret not in page
    assert "看全文" in client.get(f"/fund/projects/{project}").text
    assert client.get(f"{address}?version=9").status_code == 404


def words_of(answer):
    """The document's pages as text."""
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return pdf_reading.text(answer.data)


def test_it_is_kept_as_a_document_with_the_figures_of_that_version(client, as_person, house, project):
    address = f"/fund/projects/{project}/report.pdf"
    report = write(house, project)
    assert client.get(address).status_code == 404
    assert "还没公开" in words_of(as_person(house.officer).get(address))
    publish(report, house.approver)
    assert f"{address}?version=1" in client.get(f"/fund/projects/{project}/report").text
    said = words_of(client.get(address))
    for words in (DRAFT.done, "5,140.00", "4,860", "剩余交回基金", reports.report(report).digest[:16]):
        assert words in said
    for secret in ("邓淑芬", "罗国栋"):
        assert secret not in said
    assert client.get(f"{address}?version=2").status_code == 404


def test_a_published_version_is_made_into_a_document_once(client, as_person, house, project, monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(made_pdfs, "FOLDER", tmp_path)  # other tests have made the same page
    monkeypatch.setattr(views, "render_pdf", lambda html: made.append(html) or b"%PDF-1.7 " + str(len(made)).encode())
    address = f"/fund/projects/{project}/report.pdf"
    report, officer = write(house, project), as_person(house.officer)
    assert [officer.get(address).data for _ in range(2)] == [b"%PDF-1.7 1", b"%PDF-1.7 2"]  # its figures still move
    publish(report, house.approver)
    first, second = client.get(address), client.get(address)
    assert first.data == second.data == b"%PDF-1.7 3"
    assert len(made) == 3
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    publish(write(house, project, ReportDraft(DRAFT.done, DRAFT.people, DRAFT.leftovers, "扶手是 61 户")), house.approver)
    assert client.get(f"{address}?version=1").data == b"%PDF-1.7 4"  # now it says that there is a later one
    assert client.get(address).data == b"%PDF-1.7 5"


def test_sent_twice_it_is_one_and_the_second_time_is_told_so(as_person, house, project):
    officer, words = as_person(house.officer), {"done": DRAFT.done, "people": DRAFT.people, "leftovers": DRAFT.leftovers}
    for _ in range(2):
        answer = officer.post(f"/fund/projects/{project}/reports", data=words)
        assert answer.status_code == 303
    assert "已经有一份报告在等公开" in officer.get(answer.location).text
    assert len(reports.of_project(project)) == 1


def test_who_is_of_the_projects_unit_is_told_why_and_sends_nothing_back_either(as_person, house, project):
    report = write(house, project)
    page = as_person(house.neighbour).get(f"/fund/projects/{project}/report").text
    assert "您要回避" in page
    assert f"/fund/reports/{report}/publication" not in page
    with pytest.raises(Refused, match="回避"):
        in_transaction(lambda: service.give_back(report, "不想公开", house.neighbour, clock.now()))


def test_a_later_version_is_listed_among_the_corrections(client, house, project):
    publish(write(house, project), house.approver)
    empty = client.get("/fund/corrections?what=reports").text
    assert "结项报告 0" in empty
    assert "结项报告没有更正过" in empty
    waiting = write(house, project, ReportDraft(DRAFT.done, DRAFT.people, DRAFT.leftovers, "先前少写了 9 户水龙头"))
    assert "少写了" not in client.get("/fund/corrections?what=reports").text  # nobody has published it
    in_transaction(lambda: service.give_back(waiting, "再核对一次", house.approver, clock.now()))
    publish(write(house, project, ReportDraft(DRAFT.done, DRAFT.people, DRAFT.leftovers, "扶手是 61 户，先前写成 60 户")), house.approver)
    page = client.get("/fund/corrections?what=reports").text
    assert "结项报告 1" in page
    assert "扶手是 61 户，先前写成 60 户" in page
    assert f"/fund/projects/{project}/report?version=1" in page
    assert f"/fund/projects/{project}/report?version=3" in page
    assert all(name not in page for name in ("邓淑芬", "罗国栋"))
