"""The pages: what the holder does, what the unit does, and what everybody may see of a number."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.certificates import queries, service
from app.certificates.models import CertificateRequest
from app.certificates.rules import Step, tidy_number
from app.certificates.views import own, verify
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import Said, SubjectKind, Way
from app.publicity.rules import Verdict as Upheld
from tests import pdf_reading
from tests.conftest import NOON, statements

ID_CARD = "11010519491231002X"  # the example of GB 11643
ASKED = {"since": "2026-01-01", "until": "2026-11-21", "purpose": "入职"}


def asked(desk, **more):
    return {**ASKED, "unit": str(desk.unit), **more}


def test_from_the_application_to_the_paper(client, desk):
    page = client.sign_in(desk.member)
    assert "申请证明" in page.get("/me/certificates").text
    made = page.post("/me/certificates", data=asked(desk, document_kind="id_card", document_number="110105 19491231 002x"))
    assert made.status_code == 303
    where = made.headers["Location"]
    row = queries.requests_of(desk.member)[0]
    assert (row.document_masked, row.step) == ("1101**********002X", Step.APPLIED)
    assert ID_CARD not in str(db.session.execute(select(CertificateRequest.__table__)).all())
    assert "等受理" in page.get(where).text
    secretary = client.sign_in(desk.secretary)
    assert "何嘉怡的志愿服务记录证明" in secretary.get("/work").text
    assert secretary.post(f"{where}/acceptance", data={"contact": ""}).status_code == 422
    assert secretary.post(f"{where}/acceptance", data={"contact": "0757-0000 0000"}).status_code == 303
    assert "您受理的" in secretary.get(where).text
    assert secretary.post(f"{where}/certificate").status_code == 403
    paper = client.sign_in(desk.deputy).post(f"{where}/certificate").headers["Location"]
    mine = client.sign_in(desk.member)
    shown = mine.get(paper).text
    assert "1101**********002X" in shown
    assert ID_CARD not in shown
    file = mine.get(f"{paper}.pdf")
    assert file.mimetype == "application/pdf"
    said = pdf_reading.text(file.data)
    for words in ("志愿服务记录证明", "何嘉怡", "46.5", "4.5", "霍静雯", "0757-0000 0000", "1101**********002X"):
        assert words in said
    assert {"Noto-Sans-CJK-SC", "Noto-Serif-CJK-SC-Bold"} <= pdf_reading.fonts(file.data)
    assert mine.get(f"{paper}.pdf").data == file.data  # the same record, the same file


def test_the_whole_number_is_printed_only_for_its_holder_who_types_it_again(client, desk):
    page = client.sign_in(desk.member)
    page.post("/me/certificates", data=asked(desk, document_kind="id_card", document_number=ID_CARD))
    request = queries.requests_of(desk.member)[0].id
    desk.accept(request)
    (made,) = desk.issue(request)
    wrong = page.post(f"/certificates/{made}/document", data={"document_number": "440606195603121826"})
    assert wrong.status_code == 422
    assert "440606195603121826" not in wrong.text
    right = page.post(f"/certificates/{made}/document", data={"document_number": ID_CARD.lower()})
    assert ID_CARD in pdf_reading.text(right.data)
    for _ in range(12):
        last = page.post(f"/certificates/{made}/document", data={"document_number": "1"})
    assert last.status_code == 429
    assert client.sign_in(desk.secretary).post(f"/certificates/{made}/document", data={"document_number": ID_CARD}).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"until": "2026-11-22"}, "还没到的日子不能证明"),
        ({"since": "2026-11-22"}, "结束的日子早于开始的日子"),
        ({"purpose": ""}, "请填写用途"),
        ({"purpose": "入职 440606195603121826"}, "不要写证件号码"),
        ({"unit": "999"}, "请选择出具单位"),
        ({"document_kind": "id_card", "document_number": "110105194912310021"}, "有一位不对"),
        ({"since": "2025-01-01", "until": "2025-12-31"}, "没有服务时长"),
    ],
)
def test_what_can_not_be_is_said_beside_its_field_and_what_was_typed_is_kept(client, desk, change, words):
    page = client.sign_in(desk.member)
    answer = page.post("/me/certificates", data=asked(desk) | change)
    assert answer.status_code == 422
    assert words in answer.text
    assert change.get("document_number", "no number") not in answer.text  # that one is never written back


def test_everybody_sees_only_masked_facts_and_no_branch(client, desk):
    made = desk.issued()
    page = client.get(f"/verify/{made.number}").text
    for words in ("有效", "何*怡", "46.5", "4.5", "灯湖社区党委", "2026年11月21日"):
        assert words in page
    for words in ("何嘉怡", "锦园", "霍静雯", "0757", "入职", made.token, "邻里节"):
        assert words not in page
    assert client.get("/verify?number=GC 2026 7K3M").status_code == 422
    assert (
        client.get(f"/verify?number={made.number.lower().replace('-', ' ').replace('0', 'o')}").headers["Location"]
        == f"/verify/{made.number}"
    )
    assert client.get(f"/verify?number={made.number.lower()}").headers["Location"] == f"/verify/{made.number}"


def test_the_printed_code_opens_everything_and_nothing_else_does(client, desk):
    made = desk.issued()
    page = client.get(f"/verify/{made.number}/{made.token}").text
    for words in ("何嘉怡", "锦园第一党支部", "霍静雯", "0757-0000 0000", "邻里节摊位与引导"):
        assert words in page
    assert client.get(f"/verify/{made.number}/{made.token[:-1]}{'x' if made.token[-1] != 'x' else 'y'}").status_code == 404
    other = desk.issued(until=date(2026, 11, 20))
    assert client.get(f"/verify/{other.number}/{made.token}").status_code == 404


def test_a_number_that_is_none_is_answered_by_as_many_queries(client, desk):
    made = desk.issued()
    with statements() as known:
        assert client.get(f"/verify/{made.number}").status_code == 200
    with statements() as unknown:
        assert client.get("/verify/GC-2026-7K3M-9QXA").status_code == 404
    assert len(unknown) <= len(known) <= len(unknown) + 2


def looks(client, many, **more):
    return [client.get(f"/verify/GC-2026-7K3M-{n:04d}", **more).status_code for n in range(many)]


def test_going_through_numbers_is_stopped_whatever_cookie_or_header_one_brings(app, client, desk):
    made = desk.issued()
    for n in range(verify.LOOKS.most):
        fresh = app.test_client()
        assert fresh.get(f"/verify/GC-2026-7K3M-{n:04d}", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code == 404
    assert looks(client, 1, headers={"X-Forwarded-For": "10.1.1.1"}) == [429]
    assert client.get(f"/verify/{made.number}/{made.token}").status_code == 200
    assert looks(client, 1, environ_base={"REMOTE_ADDR": "10.2.2.2"}) == [404]


def test_behind_a_proxy_of_ours_it_is_who_the_proxy_saw(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], proxied=True))
    for n in range(verify.LOOKS.most):
        assert looks(client, 1, headers={"X-Forwarded-For": f"1.2.3.{n}, 10.3.3.3"}) == [404]
    assert looks(client, 1, headers={"X-Forwarded-For": "9.9.9.9, 10.3.3.3"}) == [429]
    assert looks(client, 1, headers={"X-Forwarded-For": "10.4.4.4"}) == [404]
    for n in range(verify.LOOKS.most):
        looks(client, 1, headers={"X-Forwarded-For": f"2001:db8::{n:x}"})
    assert looks(client, 1, headers={"X-Forwarded-For": "2001:db8::ffff"}) == [429], "one subscriber's network is one peer"


def test_many_others_do_not_wipe_out_what_one_has_looked_at(client):
    looks(client, verify.LOOKS.most)
    for n in range(2):
        looks(client, 1, environ_base={"REMOTE_ADDR": f"10.0.0.{n}"})
    assert looks(client, 1) == [429]


def test_many_applications_in_a_day_wait_until_tomorrow_and_what_was_typed_is_kept(as_person, desk, monkeypatch):
    monkeypatch.setattr(own, "REQUESTS", replace(own.REQUESTS, most=2))
    desk.serve(desk.member)
    browser = as_person(desk.member)
    for day in ("2026-01-01", "2026-01-02"):
        assert browser.post("/me/certificates", data=asked(desk, since=day)).status_code == 303
    refused = browser.post("/me/certificates", data=asked(desk, since="2026-01-03"))
    assert (refused.status_code, "明天再申请" in refused.text, "入职" in refused.text) == (429, True, True)


def test_what_was_taken_back_says_so_to_everybody(client, desk):
    made = desk.issued()
    page = client.sign_in(desk.secretary)
    assert page.post(f"/certificates/{made.id}/revocation", data={"reason": ""}).status_code == 422
    page.post(f"/certificates/{made.id}/revocation", data={"reason": "时长记错了"})
    assert "有效" in client.get(f"/verify/{made.number}").text
    waiting = queries.revocation_waiting(made.id).id
    assert page.post(f"/certificates/revocations/{waiting}/confirmation").status_code == 403
    deputy = client.sign_in(desk.deputy)
    assert "撤销 何嘉怡的证明" in deputy.get("/work").text
    deputy.post(f"/certificates/revocations/{waiting}/confirmation")
    assert "已撤销" in client.get(f"/verify/{made.number}").text
    assert "已撤销" in pdf_reading.text(deputy.get(f"/certificates/{made.id}.pdf").data)
    assert deputy.post(f"/certificates/{made.id}/replacement", data={"reason": "换"}).status_code == 409


def objected(desk, made, verdict, *, about=True):
    """Somebody objects, and the secretary of the street, who had no hand in it, finds it right or not."""
    shown = publicity.standing(SubjectKind.CERTIFICATE, [made.shown_as_id])[made.shown_as_id].id
    said = Said(made.person_id if about else None, "那天他没有来", by_id=desk.make.person("谭嘉欣", home=desk.unit))
    one = in_transaction(lambda: publicities.object_to(shown, said, None, "/work", clock.now()))
    in_transaction(lambda: publicities.answer(one, desk.chief, verdict, "查实那天没有签到", "/me", clock.now()))
    return one


def test_an_objection_that_is_upheld_asks_for_its_revocation_and_everybody_is_told(client, desk):
    desk.above()
    made = desk.issued()
    objected(desk, made, Upheld.UPHELD)
    page = client.get(f"/verify/{made.number}").text
    assert "异议成立" in page
    assert "现在有效" not in page
    assert "异议成立" in client.get(f"/verify/{made.number}/{made.token}").text
    deputy = client.sign_in(desk.deputy)
    assert "公示异议成立：查实那天没有签到" in deputy.get("/work").text
    asked = queries.revocation_waiting(made.id)
    assert asked.asker_id == desk.chief
    deputy.post(f"/certificates/revocations/{asked.id}/confirmation")
    assert "已撤销" in client.get(f"/verify/{made.number}").text
    assert not publicity.standing(SubjectKind.CERTIFICATE, [made.id]), "nothing of it is left to be shown"


def test_a_revocation_refused_after_an_objection_says_so(client, desk):
    desk.above()
    made = desk.issued()
    objected(desk, made, Upheld.UPHELD, about=False)
    asked = queries.revocation_waiting(made.id)
    client.sign_in(desk.secretary).post(f"/certificates/revocations/{asked.id}/refusal", data={"reason": "又查了一遍，来了"})
    assert "公示时有异议，复核后仍然有效" in client.get(f"/verify/{made.number}").text


def test_an_objection_that_is_rejected_changes_nothing_nor_one_about_somebody_else_of_the_batch(client, desk):
    desk.above()
    made = desk.issued()
    objected(desk, made, Upheld.REJECTED)
    assert queries.revocation_waiting(made.id) is None
    assert "正在公示" in client.get(f"/verify/{made.number}").text


def test_what_was_reissued_meanwhile_is_what_is_taken_back(client, desk):
    desk.above()
    made = desk.issued()
    request = in_transaction(lambda: service.reissue(made.id, desk.member, "姓名更正", str, clock.now()))
    desk.accept(request)
    (second,) = desk.issue(request)
    objected(desk, made, Upheld.UPHELD)
    assert queries.revocation_waiting(made.id) is None
    assert queries.revocation_waiting(second) is not None


def test_when_its_days_are_over_nothing_more_can_be_said_and_it_is_valid(app, client, desk):
    desk.above()
    made = desk.issued()
    assert "正在公示" in client.get(f"/verify/{made.number}").text
    run = app.test_cli_runner().invoke
    with clock.frozen_at(NOON + timedelta(days=7)):
        assert "结束了 0 次" in run(args=["certificates", "settle"]).output, "what came on paper may still be keyed in"
    with clock.frozen_at(NOON + timedelta(days=12)):
        assert "结束了 1 次" in run(args=["certificates", "settle"]).output
        assert "结束了 0 次" in run(args=["certificates", "settle"]).output
        assert "现在有效" in client.get(f"/verify/{made.number}").text
        shown = publicity.standing(SubjectKind.CERTIFICATE, [made.id])[made.id]
        late = Said(None, "不对", Way.LETTER, None, "老李", "", clock.local_date(NOON))
        with pytest.raises(Conflict):
            in_transaction(lambda: publicities.object_to(shown.id, late, desk.chief, "/work", clock.now()))


def test_numbers_tell_neither_the_unit_nor_one_another(desk):
    first, second = desk.issued(), desk.issued(until=date(2026, 11, 20))
    for made in (first, second):
        assert re.fullmatch(r"GC-2026-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", made.number)
    assert first.number[:10] != second.number[:10]
    assert tidy_number("gc-2026-0012-0034") == "GC-2026-0012-0034"


def test_what_is_no_business_of_others_does_not_exist_for_them(client, desk):
    made = desk.issued()
    stranger = desk.make.person("街坊", home=desk.unit)
    page = client.sign_in(stranger)
    for path in (f"/certificates/{made.id}", f"/certificates/{made.id}.pdf", f"/certificates/requests/{made.request_id}", "/certificates"):
        assert page.get(path).status_code == 404
    assert page.post(f"/certificates/{made.id}/replacement", data={"reason": "x"}).status_code == 404


def test_who_looked_is_known_to_the_holder(client, desk):
    made = desk.issued()
    client.sign_in(desk.secretary).get(f"/certificates/{made.id}")
    client.sign_in(desk.member).get(f"/certificates/{made.id}")
    seen = db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.action == "person.view", AuditEvent.subject_id == desk.member))
    assert list(seen) == [desk.secretary]


def test_a_batch_from_the_ticks_to_one_file_and_the_register(client, desk):
    others = [desk.make.person(name, home=desk.unit) for name in ("陈志远", "谭嘉欣")]
    for person in others:
        desk.serve(person, 90)
    page = client.sign_in(desk.secretary)
    form = page.get(f"/certificates/units/{desk.unit}/new").text
    assert "陈志远" in form
    assert "霍静雯" not in re.sub(r"<nav.*?</nav>", "", form, flags=re.S).split("给谁办")[1]
    data = asked(desk, contact="0757-0000 0000", person=[str(one) for one in (*others, desk.deputy)])
    assert page.post(f"/certificates/units/{desk.unit}/batches", data=asked(desk, contact="1")).status_code == 422
    where = page.post(f"/certificates/units/{desk.unit}/batches", data=data).headers["Location"]
    assert "要由另一位来出具" in page.get(where).text
    assert page.get(f"{where}.pdf").status_code == 404
    deputy = client.sign_in(desk.deputy)
    deputy.post(f"{where}/certificates")
    file = deputy.get(f"{where}.pdf")
    said = pdf_reading.text(file.data)
    assert said.count("志愿服务记录证明") == 2
    assert "陈志远" in said
    assert "谭嘉欣" in said
    book = openpyxl.load_workbook(io.BytesIO(deputy.get("/certificates.xlsx?year=2026").data))
    lines = list(book.active.iter_rows(values_only=True))
    assert [line[2] for line in lines[-2:]] == ["陈志远", "谭嘉欣"]
    assert lines[-1][7:10] == (90, 0, 1)
    looked = select(AuditEvent.actor_id).where(AuditEvent.action == "person.view", AuditEvent.subject_id == others[0])
    assert {desk.secretary, desk.deputy} == set(db.session.scalars(looked))
    listed = db.session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "branch.view")).first()
    assert set(others) <= set(listed["people"])


def test_whoever_prints_many_is_told_how_long_it_takes(client, desk):
    people = [desk.make.person(f"街坊{n}", home=desk.unit) for n in range(20)]
    for person in people:
        desk.serve(person, 60)
    asking = desk.asking(people[0], purpose="年度")
    batch, _ = in_transaction(lambda: service.accept_batch(asking, people, "0757-0000 0000", "", desk.secretary, str, clock.now()))
    desk.issue(*(row.id for row in queries.requests_of_batch(batch)))
    assert "要等大约 3 秒" in client.sign_in(desk.secretary).get(f"/certificates/batches/{batch}").text


def test_pages_ask_the_database_the_same_number_of_times_however_many_there_are(client, desk):
    page = client.sign_in(desk.secretary)
    desk.issued()
    page.get("/certificates")
    with statements() as few:
        page.get("/certificates")
    for day in range(1, 9):
        desk.issued(until=date(2026, 11, 21 - day))
    with statements() as many:
        page.get("/certificates")
    assert len(many) == len(few) <= 16
    assert db.session.scalar(select(func.count()).select_from(CertificateRequest)) == 9


def test_reissued_under_a_new_number_that_names_the_old(client, desk):
    made = desk.issued()
    page = client.sign_in(desk.member)
    where = page.post(f"/certificates/{made.id}/replacement", data={"reason": "姓名更正"}).headers["Location"]
    request = int(where.rsplit("/", 1)[1])
    desk.accept(request)
    (second,) = desk.issue(request)
    assert "已换发" in client.get(f"/verify/{made.number}").text
    assert f"换发自 {made.number}" in client.get(f"/certificates/{second}").text
