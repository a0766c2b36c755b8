"""一报到两认领双管理 as people meet it: a phone of one's own, the community's desk, the branch's desk."""

import io

import openpyxl
import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import StageKind
from app.pledges import queries, service
from app.pledges.models import FeedbackEntry, Offer, Pledge
from app.pledges.rules import FeedbackLine, Grade, Half, OfferKind
from tests.conftest import statements
from tests.duties.conftest import TODAY


def test_a_member_reports_in_takes_two_on_and_gives_one_back_on_their_phone(town, as_person):
    post, project = town.offer(seats=2), town.offer(OfferKind.PROJECT, "周末陪读")
    browser = as_person(town.member)
    assert "/report-in" in browser.get("/me").text
    page = browser.get("/report-in").text
    assert "灯湖社区党委" in page
    assert "周末陪读" not in page
    assert "报到好了" in browser.post("/report-in", data={"unit": town.here}, follow_redirects=True).text
    page = browser.get("/report-in").text
    assert "还没认领岗位" in page
    assert "本地规定" in page
    for offer in (post, project):
        assert "认领了" in browser.post(f"/offers/{offer}/pledges", follow_redirects=True).text
    assert "还没认领" not in browser.get("/report-in").text
    pledge = db.session.scalars(select(Pledge.id).order_by(Pledge.id)).first()
    assert "退回了" in browser.post(f"/pledges/{pledge}/withdrawal", follow_redirects=True).text
    assert "已经完成或退回了" in browser.post(f"/pledges/{pledge}/withdrawal", follow_redirects=True).text
    assert "还没认领岗位" in browser.get("/report-in").text


def test_without_a_choice_nothing_is_reported_and_nothing_is_preset(town, as_person):
    browser = as_person(town.member)
    assert "selected" not in browser.get("/report-in").text.replace('value="" selected', "")
    answer = browser.post("/report-in", data={})
    assert answer.status_code == 422
    assert "请选择社区" in answer.text


def test_who_is_no_party_member_is_sent_to_the_activities(town, make, as_person):
    volunteer = make.person("邓淑芬", home=town.branch, stage=StageKind.ACTIVIST)
    browser = as_person(volunteer)
    assert "报到是给党员的" in browser.get("/report-in").text
    assert browser.post("/report-in", data={"unit": town.here}).status_code == 422
    assert "/report-in" not in browser.get("/me").text


def test_offers_of_a_community_where_one_has_not_reported_in_do_not_exist(town, as_person):
    offer = town.offer()
    assert as_person(town.member).post(f"/offers/{offer}/pledges").status_code == 404
    assert as_person(town.home).get(f"/offers/{offer}").status_code == 404
    assert as_person(town.member).get("/offers").status_code == 404


def test_the_community_puts_out_an_offer_confirms_and_closes_it(town, as_person):
    browser = as_person(town.host)
    sent = {"unit": town.here, "kind": "wish", "title": "换一盏灯", "seats": "1", "opens": "2026-11-21"}
    assert "放出来了" in browser.post("/offers", data=sent, follow_redirects=True).text
    assert browser.post("/offers", data=sent | {"title": ""}).status_code == 422
    assert browser.post("/offers", data=sent | {"unit": town.there}).status_code == 404
    (offer,) = db.session.scalars(select(Offer.id))
    town.report(), town.pledge(offer)
    assert "何嘉怡" in browser.get(f"/offers/{offer}").text
    (pledge,) = db.session.scalars(select(Pledge.id))
    assert as_person(town.home).post(f"/pledges/{pledge}/confirmation").status_code == 404
    assert "已确认何嘉怡完成了" in browser.post(f"/pledges/{pledge}/confirmation", follow_redirects=True).text
    assert "收起来了" in browser.post(f"/offers/{offer}/closing", follow_redirects=True).text
    assert browser.get(f"/offers/{offer}/form").status_code == 404


def test_the_community_reports_in_and_takes_on_for_somebody_without_a_phone(town, as_person):
    browser = as_person(town.host)
    assert browser.post("/pledges/arrivals", data={"unit": town.here, "name": "何嘉怡", "tail": "9999"}).status_code == 422
    sent = {"unit": town.here, "name": "何嘉怡", "tail": "1234"}
    assert "替他报到好了" in browser.post("/pledges/arrivals", data=sent, follow_redirects=True).text
    offer = town.offer()
    recorded = browser.post(f"/offers/{offer}/recorded-pledges", data={"person": town.member}, follow_redirects=True).text
    assert "记下了" in recorded
    assert "社区代记" in recorded
    assert browser.post(f"/offers/{offer}/recorded-pledges", data={"person": town.home}).status_code == 422
    assert as_person(town.home).post("/pledges/arrivals", data=sent).status_code == 404


def test_the_counter_says_the_same_of_nobody_and_of_who_is_no_member_and_asks_before_moving_somebody(town, make, as_person):
    make.person("邓淑芬", home=town.branch, phone="13900005678", stage=StageKind.ACTIVIST)
    town.report(unit=town.there)
    browser, nobody = as_person(town.host), "没有找到可以登记报到的人，请核对姓名和后四位"
    for name, tail in (("邓淑芬", "5678"), ("邓淑芬", "9999")):
        answer = browser.post("/pledges/arrivals", data={"unit": town.here, "name": name, "tail": tail})
        assert answer.status_code == 422
        assert nobody in answer.text
    sent = {"unit": town.here, "name": "何嘉怡", "tail": "1234"}
    asked = browser.post("/pledges/arrivals", data=sent)
    assert asked.status_code == 422
    assert ">改到这里</button>" in asked.text
    assert "桂雅" not in asked.text
    assert queries.report_of(town.member, TODAY).unit_id == town.there
    assert "替他报到好了" in browser.post("/pledges/arrivals", data=sent | {"moving": "1"}, follow_redirects=True).text


def test_the_home_branch_reports_in_its_own_members_only(town, as_person):
    browser = as_person(town.home)
    assert (
        "替何嘉怡报到好了" in browser.post(f"/branch/people/{town.member}/report-in", data={"unit": town.here}, follow_redirects=True).text
    )
    assert browser.get(f"/branch/people/{town.host}/report-in").status_code == 404
    assert as_person(town.host).get(f"/branch/people/{town.member}/report-in").status_code == 404


def test_both_secretaries_see_the_member_and_nobody_else_does(town, as_person):
    town.report(), town.pledge(town.offer())
    here, home = as_person(town.host).get("/pledges").text, as_person(town.home).get("/pledges").text
    for page in (here, home):
        assert "何嘉怡" in page
        assert "楼道安全员" in page
    assert "翠苑党支部" in here
    assert "灯湖社区党委" in home
    assert as_person(town.host).get(f"/pledges?unit={town.branch}").status_code == 404
    assert as_person(town.home).get(f"/pledges?unit={town.here}").status_code == 404
    assert as_person(town.member).get("/pledges").status_code == 404


def test_the_home_branch_reads_who_has_not_reported_in(town, make, as_person):
    make.person("冼柏豪", home=town.branch, stage=StageKind.PROBATIONARY)
    make.person("邓淑芬", home=town.branch, stage=StageKind.ACTIVIST)
    town.report()
    page = as_person(town.home).get("/pledges").text
    assert "还没报到的 2 位" in page  # 冼柏豪 and the secretary
    assert "冼柏豪" in page
    assert "邓淑芬" not in page


@pytest.mark.parametrize(("who", "columns"), [("host", 7), ("home", 6)])
def test_either_list_goes_to_excel(town, as_person, who, columns):
    town.report(), town.pledge(town.offer())
    answer = as_person(getattr(town, who)).get(f"/pledges.xlsx?unit={town.here if who == 'host' else town.branch}")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = [row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0] == "何嘉怡"]
    assert len(rows) == 1
    assert len(rows[0]) == columns
    assert "岗位：楼道安全员" in rows[0]


def test_the_secretary_fills_in_one_page_for_all_and_nothing_is_preset(town, make, as_person):
    other = make.person("冼柏豪", home=town.branch, stage=StageKind.MEMBER)
    town.report(), town.report(other)
    browser = as_person(town.host)
    page = browser.get("/feedback").text
    assert "还没写的 2 位" in page
    assert " checked" not in page
    base = {"unit": town.here, "half": "2026-H2"}
    half_done = browser.post("/feedback", data=base | {f"words-{town.member}": "常来"})
    assert half_done.status_code == 422
    assert "常来</textarea>" in half_done.text
    assert browser.post("/feedback", data=base).status_code == 422
    sent = base | {f"grade-{town.member}": "good", f"words-{town.member}": "常来"}
    assert "写好了 1 位" in browser.post("/feedback", data=sent, follow_redirects=True).text
    assert "还没写的 1 位" in browser.get("/feedback").text
    assert browser.get("/feedback?half=2020-H1&unit=" + str(town.here)).status_code == 404
    assert as_person(town.home).get(f"/feedback?unit={town.here}").status_code == 404


def test_a_correction_needs_a_reason_and_is_read_by_the_branch_and_the_member(town, as_person):
    town.report()
    in_transaction(
        lambda: service.give_feedback(town.here, Half(2026, 2), [FeedbackLine(town.member, Grade.GOOD, "常来")], town.host, clock.now())
    )
    (entry,) = db.session.scalars(select(FeedbackEntry.id))
    browser, address = as_person(town.host), f"/feedback/{entry}/correction"
    assert browser.post(address, data={"grade": "fair", "words": "来过几次"}).status_code == 422
    assert "更正了" in browser.post(address, data={"grade": "fair", "words": "来过几次", "reason": "写错了"}, follow_redirects=True).text
    assert as_person(town.home).get(address).status_code == 404
    for page in (as_person(town.home).get(f"/branch/people/{town.member}").text, as_person(town.member).get("/report-in").text):
        assert all(words in page for words in ("来过几次", "更正：写错了", "常来"))
    assert "已经更正过" in browser.get(address).text


def test_an_administrator_changes_which_two_kinds_count(town, make, as_person):
    boss = make.person("岑慧珍", home=town.branch)
    make.grant(boss, Role.ADMINISTRATOR, town.root)
    town.report(), town.pledge(town.offer()), town.pledge(town.offer(OfferKind.WISH, "换灯"))
    assert not queries.at_home(town.branch, TODAY, queries.rule())[-1].both
    in_transaction(lambda: service.set_rule([OfferKind.POST, OfferKind.WISH], boss, clock.now()))
    assert queries.at_home(town.branch, TODAY, queries.rule())[-1].both
    assert as_person(town.host).get("/pledges/rule").status_code == 404


@pytest.mark.parametrize("side", ["host", "home", "member", "feedback", "offer", "sheet"])
def test_lists_ask_a_constant_number_of_questions(town, make, as_person, side):
    offer = town.offer()
    addresses = {
        "host": "/pledges?all=1",
        "home": "/pledges?all=1",
        "member": "/report-in",
        "feedback": "/feedback",
        "offer": f"/offers/{offer}",
        "sheet": f"/pledges.xlsx?unit={town.here}",
    }
    browser = as_person({"home": town.home, "member": town.member}.get(side, town.host))
    town.report()

    def grow(many):
        for number in range(many):
            person = make.person(f"岑{many}{number}", home=town.branch, stage=StageKind.MEMBER)
            town.report(person), town.pledge(offer, person)
        town.offer(title=f"又一个{many}")

    grow(2)
    browser.get(addresses[side])
    with statements() as few:
        browser.get(addresses[side])
    grow(100)
    with statements() as many:
        assert browser.get(addresses[side]).status_code == 200
    assert len(many) <= len(few)


def test_many_arrivals_are_one_notice_that_names_them_to_who_may_see_them(town, make, as_person):
    others = [make.person(f"街坊{nth}", home=town.branch, stage=StageKind.MEMBER) for nth in range(7)]
    for one in (*others, town.member):
        town.report(one)
    host = as_person(town.host)
    page = host.get("/notices").text
    assert page.count("有\u00a08\u00a0位党员到灯湖社区党委报到") == 1
    assert "何嘉怡、街坊6、街坊5、街坊4、街坊3 等" in page
    assert "您的支部有\u00a08\u00a0位党员到灯湖社区党委报到" in as_person(town.home).get("/notices").text
    in_transaction(lambda: service.end_report(town.member, town.here, town.host, clock.now()))
    assert "何嘉怡" not in host.get("/notices").text, "who left is named no more to the community"
    assert "何嘉怡" in as_person(town.home).get("/notices").text
