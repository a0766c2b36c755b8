"""Acting for somebody: both agree, the person ends it at once, everything done is recorded as done by the other."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.activities.models import Signup
from app.audit.models import AuditEvent
from app.cards import queries as cards
from app.checkin.models import Scan
from app.checkin.rules import Outcome, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.duties.models import Post, PostTerm
from app.duties.rules import PostKind
from app.hours import queries as hours
from app.people.rules import UnitKind
from app.proxies import queries, service
from app.proxies.models import Proxy, ProxyRequest
from app.proxies.rules import REQUEST_LASTS, Agreement, Relation
from app.worklist.models import Notice
from tests.conftest import NOON, statements
from tests.factories import LONG_AGO


@pytest.fixture
def town(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch = make.unit("锦园第一党支部", parent=community)
    organiser = make.person("霍静雯", home=branch)
    make.grant(organiser, Role.ORGANISER, community)
    elder, helper = make.person("陈伯", home=branch), make.person("何嘉怡", home=branch, phone="13800000001")
    make.account(helper, "13800000001")
    make.account(elder, "13800000009")
    activity = make.activity(community, organiser)
    shift = make.shift(activity, NOON, 3)
    return {
        "root": root,
        "community": community,
        "branch": branch,
        "organiser": organiser,
        "elder": elder,
        "helper": helper,
        "activity": activity,
        "shift": shift,
    }


def agree(town, person="elder", proxy="helper"):
    in_transaction(lambda: service.record(town[person], town[proxy], Relation.FAMILY, town["organiser"], clock.now()))


@pytest.fixture
def agreed(town):
    agree(town)
    return town


ASKED = {"name": "何嘉怡", "phone": "138 0000 0001", "relation": "family"}


# On one's own phone


def test_a_person_asks_and_the_other_accepts(town, as_person):
    phone, other = as_person(town["elder"]), as_person(town["helper"])
    assert "已经请了 何嘉怡" in phone.post("/me/proxies", data=ASKED, follow_redirects=True).text
    assert queries.wards(town["helper"]) == []  # not before the other agrees
    assert "陈伯 请您替他签到、报名" in other.get("/notices").text
    page = other.get("/me/proxies").text
    assert "陈伯 请您帮忙" in page
    other.post(re.search(r'action="(/me/proxy-requests/\d+/acceptance)"', page)[1])
    (row,) = queries.of_person(town["elder"])
    assert (row.proxy_id, row.person_agreed, row.valid_from) == (town["helper"], Agreement.OWN_PHONE, NOON)
    assert "何嘉怡" in phone.get("/me/proxies").text


def main_of(page):
    return page.split("<main")[1].split("</main>")[0]


def test_asking_answers_alike_whether_the_number_is_known_or_not(town, make, as_person):
    def answer(asker, name, number):
        as_person(asker).post("/me/proxies", data={"name": name, "phone": number, "relation": "family"})
        as_person(asker).post("/me/proxies", data={"name": name, "phone": number, "relation": "family"})
        page = as_person(asker).get("/me/proxies").text
        return re.sub(r"proxy-requests/\d+|session_id=\d+", "", main_of(page))

    known = answer(town["elder"], "何嘉怡", "13800000001")
    unknown = answer(town["organiser"], "何嘉怡", "13977770001")
    wrong_name = known.replace("何嘉怡", "何佳宜")
    assert known == unknown
    assert answer(make.person("罗国栋"), "何佳宜", "13800000001") == wrong_name


def test_one_who_declines_is_not_told_on(town, make, as_person):
    as_person(town["elder"]).post("/me/proxies", data=ASKED)
    before = main_of(as_person(town["elder"]).get("/me/proxies").text)
    request = db.session.scalars(select(ProxyRequest.id)).one()
    as_person(town["helper"]).post(f"/me/proxy-requests/{request}/refusal")
    assert main_of(as_person(town["elder"]).get("/me/proxies").text) == before
    assert db.session.scalars(select(Notice).where(Notice.person_id == town["elder"])).all() == []
    assert as_person(town["helper"]).post(f"/me/proxy-requests/{request}/acceptance").status_code == 404


def test_a_request_is_answered_by_nobody_else_and_lapses(town, make, as_person):
    as_person(town["elder"]).post("/me/proxies", data=ASKED)
    request = db.session.scalars(select(ProxyRequest.id)).one()
    assert as_person(make.person("路人")).post(f"/me/proxy-requests/{request}/acceptance").status_code == 404
    with clock.frozen_at(NOON + REQUEST_LASTS):
        assert as_person(town["helper"]).post(f"/me/proxy-requests/{request}/acceptance").status_code == 404
        as_person(town["elder"]).post("/me/proxies", data=ASKED)  # and may be made again
        assert len(queries.asked_of(town["helper"], clock.now())) == 1


def test_a_request_taken_back_can_not_be_accepted(town, as_person):
    as_person(town["elder"]).post("/me/proxies", data=ASKED)
    request = db.session.scalars(select(ProxyRequest.id)).one()
    as_person(town["elder"]).post(f"/me/proxy-requests/{request}/withdrawal")
    assert as_person(town["helper"]).post(f"/me/proxy-requests/{request}/acceptance").status_code == 404
    assert queries.wards(town["helper"]) == []


def test_only_a_few_requests_wait_at_a_time(town, as_person):
    phone = as_person(town["elder"])
    for nth in range(3):
        assert phone.post("/me/proxies", data=ASKED | {"phone": f"1397777100{nth}"}).status_code == 303
    assert phone.post("/me/proxies", data=ASKED).status_code == 422


def test_a_mistyped_number_is_put_right_by_asking_again(town, as_person):
    phone = as_person(town["elder"])
    phone.post("/me/proxies", data=ASKED | {"phone": "13900000001"})  # the same last four digits
    phone.post("/me/proxies", data=ASKED)
    assert len(queries.asked_by(town["elder"], clock.now())) == 1
    assert len(queries.asked_of(town["helper"], clock.now())) == 1


def test_what_was_typed_stays_when_the_number_is_wrong(town, as_person):
    answer = as_person(town["elder"]).post("/me/proxies", data=ASKED | {"phone": "123"})
    assert answer.status_code == 422
    assert "手机号码应是 11 位" in answer.text
    assert 'value="何嘉怡"' in answer.text


# Before staff

IN_PERSON = {"name": "何嘉怡", "phone": "13800000001", "relation": "family", "person_here": "yes", "proxy_here": "yes"}


def test_staff_record_that_both_agreed_in_person(town, as_person):
    desk = as_person(town["organiser"])
    assert "陈伯" in desk.post("/proxies/people", data={"asked": "陈伯"}).text
    answer = desk.post(f"/people/{town['elder']}/proxies", data=IN_PERSON, follow_redirects=True)
    assert "登记好了" in answer.text
    made = db.session.scalars(select(Proxy)).one()
    assert (made.person_agreed, made.made_by_id) == (Agreement.IN_PERSON, town["organiser"])
    assert len(db.session.scalars(select(Notice)).all()) == 2
    assert "早就可以" in desk.post(f"/people/{town['elder']}/proxies", data=IN_PERSON, follow_redirects=True).text


@pytest.mark.parametrize("field", ["person_here", "proxy_here"])
def test_both_must_be_ticked_as_present(town, as_person, field):
    answer = as_person(town["organiser"]).post(f"/people/{town['elder']}/proxies", data=IN_PERSON | {field: ""})
    assert answer.status_code == 422
    assert db.session.scalars(select(Proxy)).all() == []


def test_staff_record_nothing_for_themselves(town, make, as_person):
    make.account(town["organiser"], "13800000002")
    desk = as_person(town["organiser"])
    assert desk.post(f"/people/{town['organiser']}/proxies", data=IN_PERSON).status_code == 403
    own = IN_PERSON | {"name": "霍静雯", "phone": "13800000002"}
    assert desk.post(f"/people/{town['elder']}/proxies", data=own).status_code == 403
    assert db.session.scalars(select(Proxy)).all() == []


def test_of_people_elsewhere_staff_record_nothing(town, make, as_person):
    other = make.person("罗国栋", home=make.unit("同德社区党委", UnitKind.COMMUNITY, parent=town["root"]))
    assert as_person(town["organiser"]).get(f"/people/{other}/proxies").status_code == 404
    assert as_person(town["organiser"]).post(f"/people/{other}/proxies", data=IN_PERSON).status_code == 404


def test_one_person_acts_for_five_at_most_and_a_building_head_for_any_number(town, make):
    for nth in range(5):
        town[nth] = make.person(f"街坊{nth}")
        agree(town, nth)
    with pytest.raises(service.Conflict, match="5 位"):
        agree(town)
    post = make._add(Post, unit_id=town["branch"], kind=PostKind.BUILDING_HEAD, title="银杏一座楼长", opened_on=LONG_AGO)
    make._add(PostTerm, post_id=post, person_id=town["helper"], valid_from=LONG_AGO, made_at=NOON)
    agree(town)
    assert len(queries.wards(town["helper"])) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"proxy_id": "elder"},  # oneself
        {"made_by_id": "helper"},  # witnessed by one of the two
        {"made_by_id": "elder"},
        {"ended_by_id": "elder"},  # ended without a time
        {},  # a second one of the same pair
    ],
)
def test_wrong_states_are_impossible(agreed, wrong):
    row = {
        "person_id": agreed["elder"],
        "proxy_id": agreed["helper"],
        "relation": Relation.FAMILY,
        "person_agreed": Agreement.IN_PERSON,
        "person_agreed_at": NOON,
        "proxy_agreed_at": NOON,
        "made_by_id": agreed["organiser"],
        "valid_from": NOON,
    } | {name: agreed[who] for name, who in wrong.items()}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(Proxy).values(row)))


# At the poster


@pytest.fixture
def poster(app, agreed):
    from app.activities.queries import activity

    return f"/c/{activity(agreed['activity']).code}"


def choice(page, person):
    """The form of one of the names on 替谁签到."""
    form = next(one for one in page.split("<form") if f'name="person" value="{person}"' in one)
    return {name: re.search(rf'name="{name}" value="([^"]+)"', form)[1] for name in ("id", "ticket", "person")}


def test_a_proxy_is_asked_for_whom_and_nothing_posts_itself(agreed, poster, as_person):
    page = as_person(agreed["helper"]).get(poster).text
    assert "替谁签到" in page
    assert "我自己" in page
    assert "陈伯" in page
    assert "data-autopost" not in page


def test_checking_a_neighbour_in_and_out_is_scanned_time_by_the_proxy(agreed, poster, as_person):
    phone = as_person(agreed["helper"])
    answer = phone.post("/scans", data=choice(phone.get(poster).text, agreed["elder"]), follow_redirects=True)
    assert "签到成功" in answer.text
    assert "替 <b>陈伯</b> 扫的" in answer.text
    assert "再替一位签" in answer.text
    with clock.frozen_at(NOON + timedelta(minutes=160)):
        page = phone.get(poster).text
        assert "已签到" in page
        assert "已签退" in phone.post("/scans", data=choice(page, agreed["elder"]), follow_redirects=True).text
    assert hours.sums(agreed["elder"]) == hours.Sums(service_credit=160)
    assert hours.sums(agreed["helper"]) == hours.Sums()
    found = db.session.execute(select(Scan.person_id, Scan.by_id, Scan.way)).all()
    assert set(found) == {(agreed["elder"], agreed["helper"], Way.POSTER)}
    assert "由 何嘉怡 代签" in as_person(agreed["elder"]).get("/me/records").text


def test_a_proxy_signs_themselves_in_on_the_same_page(agreed, poster, as_person):
    phone = as_person(agreed["helper"])
    phone.post("/scans", data=choice(phone.get(poster).text, agreed["helper"]))
    assert db.session.execute(select(Scan.person_id, Scan.by_id)).all() == [(agreed["helper"], None)]
    assert "代签" not in phone.get("/me/records").text


def test_leaving_early_and_taking_it_back_are_the_proxys_too(agreed, poster, as_person):
    phone = as_person(agreed["helper"])
    phone.post("/scans", data=choice(phone.get(poster).text, agreed["elder"]))
    with clock.frozen_at(NOON + timedelta(minutes=60)):
        page = phone.post("/scans", data=choice(phone.get(poster).text, agreed["elder"]), follow_redirects=True).text
        departure = re.search(r'action="(/scans/[^"]+/departure)"', page)[1]
        left = phone.post(departure, follow_redirects=True).text
        phone.post(re.search(r'action="(/scans/[^"]+/undoing)"', left)[1])
    found = db.session.execute(select(Scan.outcome, Scan.by_id).order_by(Scan.received_at, Scan.id)).all()
    assert {row.outcome for row in found} == {Outcome.IN, Outcome.ALREADY_IN, Outcome.OUT, Outcome.UNDONE}
    assert {row.by_id for row in found} == {agreed["helper"]}


def test_it_ends_at_once_also_for_a_page_that_is_open(agreed, poster, as_person):
    phone = as_person(agreed["helper"])
    fields = choice(phone.get(poster).text, agreed["elder"])
    (row,) = queries.of_person(agreed["elder"])
    as_person(agreed["elder"]).post(f"/me/proxies/{row.id}/end")
    assert phone.post("/scans", data=fields).status_code == 403
    assert phone.get(f"/acting/{agreed['elder']}").status_code == 404
    assert db.session.scalars(select(Scan)).all() == []


def test_what_was_made_while_acting_ends_with_it(agreed, as_person):
    phone = as_person(agreed["helper"])
    phone.post(f"/acting/{agreed['elder']}/card")
    assert cards.valid_card(agreed["elder"])
    (row,) = queries.of_person(agreed["elder"])
    as_person(agreed["elder"]).post(f"/me/proxies/{row.id}/end")
    assert cards.valid_card(agreed["elder"]) is None


def test_showing_their_code_is_a_look_that_they_can_see(agreed, as_person):
    as_person(agreed["helper"]).get(f"/acting/{agreed['elder']}/code")
    looked = db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.action == "person.view"))
    assert looked.all() == [agreed["helper"]]


def test_nobody_else_is_signed_in_by_naming_them_in_the_form(agreed, poster, as_person):
    phone = as_person(agreed["helper"])
    fields = choice(phone.get(poster).text, agreed["elder"])
    assert phone.post("/scans", data=fields | {"person": agreed["organiser"]}).status_code == 403
    assert as_person(agreed["elder"]).post("/scans", data=fields | {"person": agreed["helper"]}).status_code == 403  # not the other way


def test_both_of_the_two_and_staff_may_end_it_and_nobody_else(town, make, as_person):
    for who in ("elder", "helper"):
        agree(town)
        (row,) = queries.of_person(town["elder"])
        assert as_person(make.person("路人")).post(f"/me/proxies/{row.id}/end").status_code == 404
        assert as_person(town[who]).post(f"/me/proxies/{row.id}/end").status_code == 303
        assert queries.of_person(town["elder"]) == []
    agree(town)
    (row,) = queries.of_person(town["elder"])
    as_person(town["organiser"]).post(f"/people/{town['elder']}/proxies/{row.id}/end")
    assert queries.of_person(town["elder"]) == []
    ends = db.session.scalars(select(AuditEvent.actor_id).where(AuditEvent.action == "proxy.end").order_by(AuditEvent.id))
    assert list(ends) == [town["elder"], town["helper"], town["organiser"]]


# Sign-ups, hours, the code


def test_a_proxy_signs_the_person_up_and_off(agreed, as_person):
    phone = as_person(agreed["helper"])
    assert "替街坊报名" in phone.get(f"/activities/{agreed['activity']}").text
    later = clock.now() - timedelta(hours=1)
    with clock.frozen_at(later):
        answer = phone.post(f"/shifts/{agreed['shift']}/signups/for/{agreed['elder']}", follow_redirects=True)
        assert "替 陈伯 报上了" in answer.text
        signup = db.session.scalars(select(Signup)).one()
        assert (signup.person_id, signup.withdrawn_at) == (agreed["elder"], None)
        phone.post(f"/signups/{signup.id}/withdrawal/for/{agreed['elder']}")
    db.session.expire_all()
    assert db.session.scalars(select(Signup)).one().withdrawn_at is not None
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.subject == "signup").order_by(AuditEvent.id)).all()
    assert [(event.actor_id, event.detail["person"]) for event in events] == [(agreed["helper"], agreed["elder"])] * 2


def test_the_note_about_risk_is_read_for_them(agreed, as_person):
    from app.activities.models import Activity

    def warn():
        db.session.get(Activity, agreed["activity"]).risk_note = "要爬楼梯"

    in_transaction(warn)
    phone = as_person(agreed["helper"])
    answer = phone.post(f"/shifts/{agreed['shift']}/signups/for/{agreed['elder']}")
    assert answer.status_code == 422
    assert "请先问过陈伯" in answer.text
    phone.post(f"/shifts/{agreed['shift']}/signups/for/{agreed['elder']}", data={"risk_read": "1"})
    assert len(db.session.scalars(select(Signup)).all()) == 1


def test_a_proxy_sees_hours_and_the_code_and_the_look_is_recorded(agreed, as_person):
    phone = as_person(agreed["helper"])
    assert "扫码时长" in phone.get(f"/acting/{agreed['elder']}").text
    look = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "person.view")).one()
    assert (look.actor_id, look.subject_id) == (agreed["helper"], agreed["elder"])
    assert 'class="qr"' in phone.get(f"/acting/{agreed['elder']}/code").text
    phone.post(f"/acting/{agreed['elder']}/card")
    assert phone.get(f"/acting/{agreed['elder']}/card.png").mimetype == "image/png"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/acting/{elder}"),
        ("GET", "/acting/{elder}/code"),
        ("GET", "/acting/{elder}/card.png"),
        ("POST", "/acting/{elder}/card"),
        ("GET", "/activities/{activity}/for/{elder}"),
        ("POST", "/shifts/{shift}/signups/for/{elder}"),
    ],
)
def test_to_anyone_else_none_of_it_exists(agreed, make, as_person, method, path):
    stranger = as_person(make.person("路人"))
    assert stranger.open(path.format(**agreed), method=method).status_code == 404


def test_acting_for_many_asks_no_more_questions(agreed, make, poster, as_person):
    phone = as_person(agreed["helper"])
    phone.get(poster)
    with statements() as few:
        phone.get(poster)
    for nth in range(4):
        agreed[nth] = make.person(f"街坊{nth}")
        agree(agreed, nth)
    with statements() as many:
        assert phone.get(poster).text.count('name="person"') == 6
    assert len(many) == len(few)


def test_nobody_asks_oneself(town, make, as_person):
    person = make.person("罗国栋", phone="13912340000")
    answer = as_person(person).post("/me/proxies", data={"name": "罗国栋", "phone": "139-1234-0000", "relation": "family"})
    assert answer.status_code == 422
    assert "这是您自己" in answer.text
    assert db.session.scalars(select(ProxyRequest.id)).all() == []
