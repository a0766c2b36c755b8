"""Pages about one's own data: reached, filled in, decided, by those who may."""

import io
import json
import zipfile
from datetime import date

import pytest
from sqlalchemy import func, select, update

from app.accounts import service as accounts
from app.accounts.models import Account
from app.audit.models import AuditEvent
from app.audit.vocabulary import WORDS
from app.core import clock
from app.core.db import db, in_transaction
from app.people import queries as people
from app.people import service as people_service
from app.people.models import Person
from app.people.rules import Gender, GivenHow, Relation
from app.rights.models import RightsRequest
from app.rights.policies import NAME
from app.rights.queries.own_data import everything
from app.rights.rules import How, Kind, Verdict
from app.sheets.reading import read
from tests.rights.conftest import Place, given_everything

SECRET = "a long password of theirs"


@pytest.fixture
def own(place: Place, as_person):
    """The person's browser, with a password."""
    browser = as_person(place.person)
    hashed = accounts.hash_secret(SECRET)
    in_transaction(lambda: db.session.execute(update(Account).where(Account.person_id == place.person).values(secret_hash=hashed)))
    return browser


def opened(response) -> dict:
    with zipfile.ZipFile(io.BytesIO(response.data)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def test_the_export_wants_the_password_and_is_audited(own, place):
    given_everything(place)
    wrong = own.post("/me/data/export", data={"password": "not theirs"})
    assert wrong.status_code == 422
    assert "密码不对" in wrong.text
    answer = own.post("/me/data/export", data={"password": SECRET})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert db.session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.action == "person.export")) == 1
    parts = opened(answer)
    told = json.loads(parts["我的资料.json"])
    by_title = {part["title"]: part["rows"] for part in told["parts"]}
    assert by_title["基本资料"][0]["name"] == "欧阳敏仪"
    assert by_title["手机号码"][0]["number"] == "13822223333"
    assert len(by_title["我的同意"]) == 4
    assert sum(row["minutes"] for row in by_title["时长流水"]) == 270
    assert by_title["积分流水和原因"][0]["rule_id"]
    assert by_title["在哪些组织"][0]["unit_id"] == "灯湖第一党支部"
    sheets = {sheet.name: sheet.rows for sheet in read(parts["我的资料.xlsx"], "我的资料.xlsx")}
    assert [sheets["基本资料"][0][0], sheets["基本资料"][1][0]] == ["姓名", "欧阳敏仪"]


def test_who_looked_is_in_the_export(own, place, as_person):
    as_person(place.secretary).get(f"/branch/people/{place.person}")
    told = json.loads(opened(own.post("/me/data/export", data={"password": SECRET}))["我的资料.json"])
    looks = next(part["rows"] for part in told["parts"] if part["title"] == "谁看过我的资料")
    assert [row["name"] for row in looks] == ["李书记"]


def test_a_correction_is_asked_for_and_somebody_else_decides(own, place, as_person):
    form = {"name": "欧阳敏怡", "gender": "female", "birth_date": "1980-05-01", "phone": "13855556666", "words": "登记错了一个字"}
    assert own.post("/me/data/correction", data=form).status_code == 303
    request_id = db.session.scalars(select(RightsRequest.id)).one()
    assert "更正资料" in own.get("/me/data").text
    assert own.post(f"/rights/{request_id}/approval").status_code in (403, 404)
    secretary = as_person(place.secretary)
    work = secretary.get("/work").text
    assert "欧阳敏仪，更正资料" in work
    page = secretary.get(f"/rights/{request_id}").text
    assert "欧阳敏怡" in page
    assert secretary.post(f"/rights/{request_id}/approval").status_code == 303
    assert db.session.get(Person, place.person, populate_existing=True).name == "欧阳敏怡"
    assert "13855556666" in people.phones(place.person, clock.today())


@pytest.mark.parametrize(
    ("path", "form", "button"),
    [
        ("/me/data/correction", {"name": "欧阳敏怡", "gender": "", "birth_date": ""}, "提出更正</button>"),
        ("/me/data/erasure", {"seen": "yes", "password": SECRET}, "提出注销</button>"),
    ],
)
def test_who_asked_already_is_told_before_filling_it_in_again(own, path, form, button):
    assert button in own.get(path).text
    assert own.post(path, data=form).status_code == 303
    for again in (own.get(path), own.post(path, data=form)):
        assert "您提过，正在办" in again.text
        assert button not in again.text
    assert db.session.scalar(select(func.count()).select_from(RightsRequest)) == 1


def test_nothing_to_correct_is_said_so(own, place):
    answer = own.post("/me/data/correction", data={"name": "欧阳敏仪"})
    assert answer.status_code == 422
    assert "还没有改什么" in answer.text


def test_an_id_number_is_not_taken(own, place):
    form = {"name": "欧阳敏怡", "words": "身份证 440682198005010021"}
    assert own.post("/me/data/correction", data=form).status_code == 422
    assert db.session.scalar(select(func.count(RightsRequest.id))) == 0


def test_an_erasure_from_the_first_press_to_the_end_of_the_session(own, place, as_person):
    page = own.get("/me/data/erasure").text
    assert "会计档案管理办法" in page
    assert own.post("/me/data/erasure", data={"password": SECRET}).status_code == 422
    assert own.post("/me/data/erasure", data={"seen": "yes", "password": "no"}).status_code == 422
    assert own.post("/me/data/erasure", data={"seen": "yes", "password": SECRET}).status_code == 303
    row = db.session.scalars(select(RightsRequest)).one()
    assert row.due_on == date(2026, 12, 11)  # 15 working days after Saturday, 21 November
    administrator = as_person(place.administrator)
    assert administrator.post(f"/rights/{row.id}/approval").status_code == 303
    assert NAME in administrator.get(f"/rights/{row.id}").text
    assert own.get("/me/data").status_code == 302
    assert administrator.get(f"/branch/people/{place.person}").status_code == 404
    assert administrator.get(f"/people/{place.person}/code").status_code == 404


def test_it_is_taken_back_while_nobody_decided(own, place):
    request_id = place.ask()
    assert own.post(f"/me/data/requests/{request_id}/withdrawal").status_code == 303
    assert db.session.get(RightsRequest, request_id, populate_existing=True).verdict is Verdict.WITHDRAWN


def test_nobody_takes_back_what_is_anothers(place, as_person):
    request_id = place.ask()
    assert as_person(place.clerk).post(f"/me/data/requests/{request_id}/withdrawal").status_code == 404


def test_a_refusal_has_its_reason(own, place, as_person):
    request_id, secretary = place.ask(), as_person(place.secretary)
    assert secretary.post(f"/rights/{request_id}/refusal", data={"answer": ""}).status_code == 422
    assert secretary.post(f"/rights/{request_id}/refusal", data={"answer": "还有账没有结清"}).status_code == 303
    assert "还有账没有结清" in own.get("/me/data").text


def test_who_wrote_it_down_does_not_decide(place, as_person):
    secretary = as_person(place.secretary)
    form = {"kind": "erasure", "words": "老人家当面说的", "shown": "yes"}
    assert secretary.post(f"/people/{place.person}/rights", data=form).status_code == 303
    row = db.session.scalars(select(RightsRequest)).one()
    assert (row.how, row.asked_by_id) == (How.IN_PERSON, place.secretary)
    answer = secretary.post(f"/rights/{row.id}/approval")
    assert (answer.status_code, "要另一位来办" in answer.text) == (422, True)
    assert db.session.get(RightsRequest, row.id, populate_existing=True).verdict is None
    assert "更正与注销" not in secretary.get("/work").text


def test_overdue_is_shown_in_the_work_list_and_the_list(place, as_person):
    place.ask()
    later = clock.now().replace(month=12, day=20)
    with clock.frozen_at(later):
        administrator = as_person(place.administrator)
        assert "过期 9 天" in administrator.get("/work").text
        assert "过期 9 天" in administrator.get("/rights").text


def test_for_a_child_the_guardian_asks(place, as_person, make):
    child = make.person("小明", home=place.branch)
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == child).values(birth_date=date(2016, 1, 1))))
    browser = as_person(child)
    assert browser.post("/me/data/correction", data={"name": "小民"}).status_code == 422
    secretary = as_person(place.secretary)
    form = {"kind": "erasure", "shown": "yes", "guardian": "何妈妈"}
    assert secretary.post(f"/people/{child}/rights", data=form).status_code == 422
    now = clock.now()
    said = ("何妈妈", "13811112222", Relation.MOTHER, GivenHow.IN_PERSON, place.clerk, now)
    in_transaction(lambda: people_service.record_guardian(child, *said))
    assert secretary.post(f"/people/{child}/rights", data={**form, "guardian": "别人"}).status_code == 422
    assert secretary.post(f"/people/{child}/rights", data=form).status_code == 303
    row = db.session.scalars(select(RightsRequest)).one()
    assert (row.kind, row.how, row.guardian_name) == (Kind.ERASURE, How.GUARDIAN, "何妈妈")


def test_another_branch_sees_nothing_of_it(place, as_person, make):
    from app.core.permissions import Role

    elsewhere = make.unit("别的支部", parent=place.root)
    other = make.person("别书记", home=elsewhere)
    make.grant(other, Role.SECRETARY, elsewhere)
    request_id = place.ask()
    browser = as_person(other)
    assert browser.get(f"/rights/{request_id}").status_code == 404
    assert browser.post(f"/rights/{request_id}/approval").status_code == 404
    assert "欧阳敏仪" not in browser.get("/rights").text


def test_the_export_of_who_decides_holds_nothing_of_others(place, as_person, make):
    """What they did to others' records is told, not what it was: names, birth dates and stages are the others'."""
    given_everything(place)
    in_transaction(
        lambda: people_service.edit_profile(place.person, "欧阳敏怡", Gender.FEMALE, date(1981, 6, 2), "会英歌", place.secretary)
    )
    in_transaction(lambda: people_service.add_number(place.person, "13866667777", clock.today(), place.secretary))
    done = next(one for one in everything([place.secretary]) if one.title == "办过的事和改过的资料")
    told = json.dumps(list(done.rows), ensure_ascii=False, default=str)
    assert WORDS["person.profile"][1] in told
    for words in ("欧阳", "敏怡", "1980-05-01", "1981-06-02", "会英歌", "7777"):
        assert words not in told, words
    own = json.dumps([list(one.rows) for one in everything([place.person])], ensure_ascii=False, default=str)
    assert "1981-06-02" in own
