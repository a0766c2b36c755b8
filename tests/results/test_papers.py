"""Papers behind figures: kept, opened, struck out; who may read them; and no payment above the limit without its minute."""

import io

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.core.permissions import Role
from app.fund import papers as fund_papers
from app.fund.models import FundMovementEntry
from app.fund.rules import Step
from app.results import paper_files
from app.results.models import FundFile
from app.results.queries import papers
from app.results.rules import FileKind, FileStanding
from app.results.service import papers as service
from tests.results.examples import attach, folder, pdf, picture


def standing(file_id):
    return papers.file(file_id).standing


def do(work, *args):
    return in_transaction(lambda: work(*args))


@pytest.fixture
def project(house):
    project_id = house.project(lines=(("材料", 200_000),))
    house.donate(300_000)
    house.grant(project_id, 150_000)
    return project_id


def test_above_the_limit_nothing_is_approved_before_the_minute_lies_beside_it(house, project):
    request_id = house.ask(project, 60_000, minute="纪要 18 号")
    with pytest.raises(Conflict, match="会议纪要"):
        house.step(request_id, Step.APPROVED, house.approver)
    attach(request_id, house.officer, FileKind.INVOICE)
    with pytest.raises(Conflict, match="会议纪要"):
        house.step(request_id, Step.APPROVED, house.approver)
    attach(request_id, house.officer, FileKind.MINUTE, colour="red")
    house.step(request_id, Step.APPROVED, house.approver)
    house.step(request_id, Step.SECONDED, house.second)
    house.step(request_id, Step.PAID, house.officer)


def test_the_database_itself_refuses_approval_without_the_minute(house, project):
    request_id = house.ask(project, 60_000, minute="纪要 18 号")
    forced = text(
        "INSERT INTO fund_step_entry (request_id, seq, step, at, happened_on, by_id, reference, note) "
        "VALUES (:request, 2, 'approved', '2026-11-21 04:00:00', '2026-11-21', :by, '', '')"
    )
    with pytest.raises(IntegrityError, match="minute"):
        in_transaction(lambda: db.session.execute(forced, {"request": request_id, "by": house.approver}))


def test_below_the_limit_none_is_asked_for(house, project):
    request_id = house.ask(project, 400)
    house.step(request_id, Step.APPROVED, house.approver)


def test_a_struck_minute_does_not_count(house, project):
    request_id = house.ask(project, 60_000, minute="纪要 18 号")
    wrong = attach(request_id, house.officer)
    do(service.strike, wrong, "传错了", house.officer, clock.now())
    with pytest.raises(Conflict, match="会议纪要"):
        house.step(request_id, Step.APPROVED, house.approver)


def test_the_only_minute_of_what_was_approved_is_not_struck(house, project):
    request_id = house.ask(project, 60_000, minute="纪要 18 号")
    minute = attach(request_id, house.officer)
    house.step(request_id, Step.APPROVED, house.approver)
    with pytest.raises(Conflict, match="先上传对的"):
        do(service.strike, minute, "传错了", house.officer, clock.now())
    forced = text(
        "INSERT INTO fund_file_step_entry (file_id, seq, step, at, by_id, note) "
        "VALUES (:file, 1, 'struck', '2026-11-21 04:00:00', :by, 'x')"
    )
    with pytest.raises(IntegrityError, match="out of order"):
        in_transaction(lambda: db.session.execute(forced, {"file": minute, "by": house.officer}))
    attach(request_id, house.officer, colour="red")
    do(service.strike, minute, "传错了", house.officer, clock.now())
    assert standing(minute) is FileStanding.STRUCK


def test_a_paper_is_opened_taken_back_and_struck_each_with_its_row(house, project):
    file_id = attach(None, house.officer, FileKind.CONTRACT, project_id=project)
    assert standing(file_id) is FileStanding.KEPT
    do(service.open_up, file_id, house.officer, clock.now())
    assert standing(file_id) is FileStanding.OPEN
    with pytest.raises(Invalid):
        do(service.take_back, file_id, "", house.officer, clock.now())
    do(service.take_back, file_id, "还有一个电话没涂", house.officer, clock.now())
    do(service.strike, file_id, "涂好的另传", house.officer, clock.now())
    with pytest.raises(Conflict):
        do(service.open_up, file_id, house.officer, clock.now())
    assert [(step.step.value, step.note) for step in papers.steps(file_id)] == [
        ("opened", ""),
        ("closed", "还有一个电话没涂"),
        ("struck", "涂好的另传"),
    ]


def test_words_below_a_black_box_are_never_opened(house, project):
    paper = paper_files.read(pdf(text="6222 0000"))
    about = service.About(project_id=project)
    added = do(service.add, about, FileKind.INVOICE, "发票", "a-name", paper, house.officer, clock.now())
    with pytest.raises(Conflict, match="选中"):
        do(service.open_up, added.file_id, house.officer, clock.now())
    forced = text(
        "INSERT INTO fund_file_step_entry (file_id, seq, step, at, by_id, note) VALUES (:file, 1, 'opened', '2026-11-21 04:00:00', :by, '')"
    )
    with pytest.raises(IntegrityError, match="out of order"):
        in_transaction(lambda: db.session.execute(forced, {"file": added.file_id, "by": house.officer}))


def test_the_same_paper_stands_once(house, project):
    first = attach(None, house.officer, FileKind.CONTRACT, project_id=project)
    assert attach(None, house.officer, FileKind.CONTRACT, project_id=project) == first
    do(service.strike, first, "重来", house.officer, clock.now())
    assert attach(None, house.officer, FileKind.CONTRACT, project_id=project) != first


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund_file SET title = 'x'",
        "UPDATE fund_file SET digest = 'x'",
        "UPDATE fund_file SET request_id = 1, project_id = NULL",
        "DELETE FROM fund_file",
    ],
)
def test_what_a_paper_is_never_changes(house, project, attack):
    attach(None, house.officer, FileKind.CONTRACT, project_id=project)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(text(attack)))


def voucher_of(request_id):
    return db.session.scalar(select(FundMovementEntry.voucher_no).where(FundMovementEntry.request_id == request_id))


def test_papers_are_counted_for_a_list_of_entries_in_one_question(house, project):
    paid = [house.pay(project, amount) for amount in (100, 200, 300)]
    one = attach(paid[0], house.officer, FileKind.INVOICE)
    attach(paid[0], house.officer, FileKind.RECEIPT, colour="red")
    struck = attach(paid[1], house.officer, FileKind.INVOICE)
    do(service.strike, struck, "传错了", house.officer, clock.now())
    do(service.open_up, one, house.officer, clock.now())
    numbers = [voucher_of(request_id) for request_id in paid]
    assert fund_papers.counts(numbers, public=False) == {numbers[0]: 2}
    assert fund_papers.counts(numbers, public=True) == {numbers[0]: 1}
    assert fund_papers.counts([], public=True) == {}


# --- pages --------------------------------------------------------------------------------------------------------------------------


def send(browser, address, data=None, **form):
    return browser.post(address, data={**form, "file": (io.BytesIO(picture() if data is None else data), "发票.jpg")})


def test_an_officer_uploads_to_a_request_and_reads_it_from_there(as_person, house, project):
    request_id = house.ask(project, 400)
    officer = as_person(house.officer)
    assert officer.get(f"/fund/requests/{request_id}/files/new").status_code == 200
    sent = send(officer, f"/fund/requests/{request_id}/files", kind="invoice")
    assert sent.status_code == 303
    page = officer.get(f"/fund/requests/{request_id}").text
    (file,) = papers.of_request(request_id)
    assert f"/fund/files/{file.id}/content" in page
    assert paper_files.path(folder(), file.name, file.form).exists()
    assert file.title == "发票"


def test_a_bad_upload_says_why_and_leaves_nothing(as_person, house, project):
    request_id, officer = house.ask(project, 400), as_person(house.officer)
    before = sorted(folder().rglob("*")) if folder().exists() else []
    for data, kind, said in ((b"PK\x03\x04", "invoice", "另存为 PDF"), (picture(), "nonsense", "请选择是什么")):
        answer = send(officer, f"/fund/requests/{request_id}/files", data, kind=kind)
        assert answer.status_code == 422
        assert said in answer.text
    assert sorted(folder().rglob("*")) == before
    assert papers.of_request(request_id) == []


def test_the_same_file_twice_is_kept_once_on_disk_too(as_person, house, project):
    request_id, officer = house.ask(project, 400), as_person(house.officer)
    before = set(folder().rglob("*"))
    for _ in range(2):
        send(officer, f"/fund/requests/{request_id}/files", kind="invoice")
    (file,) = papers.of_request(request_id)
    assert {path for path in set(folder().rglob("*")) - before if path.is_file()} == {paper_files.path(folder(), file.name, file.form)}


def test_papers_are_the_funds_peoples_until_they_are_opened(client, as_person, house, project):
    paid = house.pay(project, 400)
    file_id = attach(paid, house.officer, FileKind.INVOICE)
    address = f"/fund/files/{file_id}/content"
    assert client.get(address).status_code == 404
    assert as_person(house.make.person("路人")).get(address).status_code == 404
    assert as_person(house.auditor).get(address).status_code == 200
    answer = as_person(house.officer).post(f"/fund/files/{file_id}/opening", data={})
    assert answer.status_code == 422
    assert client.get(address).status_code == 404
    as_person(house.officer).post(f"/fund/files/{file_id}/opening", data={"clean": "yes"})
    seen = client.get(address)
    assert seen.status_code == 200
    assert seen.headers["Content-Disposition"].startswith("inline")
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert seen.headers["Cache-Control"] == "public, no-cache"
    as_person(house.officer).post(f"/fund/files/{file_id}/closing", data={"note": "还有一个电话"})
    assert client.get(address, headers={"If-None-Match": seen.headers["ETag"]}).status_code == 404


def test_what_is_not_booked_is_not_public_even_when_opened(client, house, project):
    request_id = house.ask(project, 400)
    file_id = attach(request_id, house.officer, FileKind.INVOICE)
    do(service.open_up, file_id, house.officer, clock.now())
    assert client.get(f"/fund/files/{file_id}/content").status_code == 404


def test_a_pdf_is_saved_not_shown(as_person, house, project):
    request_id, officer = house.ask(project, 400), as_person(house.officer)
    officer.post(f"/fund/requests/{request_id}/files", data={"kind": "invoice", "file": (io.BytesIO(pdf(2)), "a.pdf")})
    (file,) = papers.of_request(request_id)
    answer = officer.get(f"/fund/files/{file.id}/content")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=shulin-invoice-{file.id}.pdf"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_from_an_entry_to_its_paper_are_two_taps(client, as_person, house, project):
    paid = house.pay(project, 400)
    file_id = attach(paid, house.officer, FileKind.INVOICE)
    do(service.open_up, file_id, house.officer, clock.now())
    attach(paid, house.officer, FileKind.RECEIPT, colour="red")
    number = voucher_of(paid)
    page = client.get(f"/fund/vouchers/{number}").text
    assert f"/fund/files/{file_id}/content" in page
    assert "另有 1 份" in page
    for secret in ("邓淑芬", "罗国栋", "南庄顺达五金店", "发票 0001", "一份文件"):
        assert secret not in page
    assert "一份文件" in as_person(house.auditor).get(f"/fund/vouchers/{number}").text
    assert client.get("/fund/vouchers/9999").status_code == 404


def test_only_in_ones_own_scope(as_person, house, project, make):
    request_id = house.ask(project, 400)
    file_id = attach(request_id, house.officer, FileKind.INVOICE)
    elsewhere = make.unit("别处社区", parent=house.root)
    stranger = make.person("别处", home=elsewhere)
    make.grant(stranger, Role.FUND_OFFICER, elsewhere)
    browser = as_person(stranger)
    for address in (
        f"/fund/files/{file_id}",
        f"/fund/files/{file_id}/content",
        f"/fund/projects/{project}/files",
        f"/fund/requests/{request_id}/files/new",
        f"/fund/projects/{project}/files/new",
    ):
        assert browser.get(address).status_code == 404, address
    for address in (f"/fund/files/{file_id}/striking", f"/fund/files/{file_id}/opening", f"/fund/requests/{request_id}/files"):
        assert browser.post(address, data={"note": "x", "clean": "yes"}).status_code == 404, address
    assert db.session.scalar(select(FundFile.standing).where(FundFile.id == file_id)) is FileStanding.KEPT


def test_ledger_verify_misses_a_paper_that_is_gone_and_knows_one_that_was_exchanged(app, house, project):
    def verified():
        answer = app.test_cli_runner().invoke(args=["ledger", "verify"])
        return answer.exit_code, answer.output

    request_id = house.pay(project, 100)
    gone = papers.file(attach(request_id, house.officer, FileKind.INVOICE))
    other = papers.file(attach(request_id, house.officer, FileKind.RECEIPT, colour="red"))
    do(service.strike, gone.id, "传错了", house.officer, clock.now())
    code, said = verified()
    assert (code, "凭证文件：相符" in said) == (0, True), said

    paper_files.path(folder(), gone.name, gone.form).unlink()
    kept = paper_files.path(folder(), other.name, other.form)
    kept.chmod(0o600)
    kept.write_bytes(picture("blue"))
    code, said = verified()
    assert (code, "凭证文件：2 处不符" in said) == (1, True), said
    assert f"{gone.request_number} 的发票（文件 {gone.id}，{gone.name}）：文件不见了" in said
    assert f"{other.request_number} 的回单、收据（文件 {other.id}，{other.name}）：文件和收下时不一样" in said
