"""Posts and households as people meet them: who sees what, what is kept, what comes up in the work list."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.duties import queries, service
from app.duties.models import HouseholdContact, Post
from app.duties.rules import PostDraft, PostKind
from tests.conftest import statements
from tests.duties.conftest import TODAY
from tests.duties.test_terms import appoint, post


def test_a_secretary_sets_up_a_post_appoints_hands_over_and_closes(street, as_person):
    browser = as_person(street.secretary)
    made = browser.post("/duties", data={"unit": street.branch, "kind": "duty", "title": "环境监督岗", "seats": "1"}, follow_redirects=True)
    assert "岗位设好了" in made.text
    (post_id,) = db.session.scalars(select(Post.id))
    on = browser.post(
        f"/duties/{post_id}/terms", data={"name": "何嘉怡", "since": "2026-03-01", "due": "2027-03-01"}, follow_redirects=True
    )
    assert "已上岗" in on.text
    (term,) = queries.terms_of(post_id)
    page = browser.post(f"/duties/terms/{term.id}/handover", data={"name": "冼柏豪", "note": "名单一份"}, follow_redirects=True).text
    assert "交接好了" in page
    assert "名单一份" in page
    assert "冼柏豪" in browser.get("/duties").text
    assert "已撤销" in browser.post(f"/duties/{post_id}/closing", follow_redirects=True).text


def test_free_posts_are_marked_and_can_be_listed_alone(street, as_person):
    post(street, "空着的岗")
    appoint(post(street, "有人的岗"), street.members[0], street)
    browser = as_person(street.secretary)
    assert "空 1" in browser.get("/duties").text
    free = browser.get("/duties?free=1").text
    assert "空着的岗" in free
    assert "有人的岗" not in free
    paper = browser.get("/duties/printed").text
    assert "空着的岗" in paper
    assert "何嘉怡" in paper


def test_what_was_typed_stays_when_something_is_wrong(street, as_person):
    browser = as_person(street.secretary)
    answer = browser.post("/duties", data={"unit": street.branch, "kind": "building_head", "title": "二座楼长", "seats": "0"})
    assert answer.status_code == 422
    assert 'value="二座楼长"' in answer.text
    assert "楼长要写明是哪一栋" in answer.text
    post_id = post(street)
    wrong = browser.post(f"/duties/{post_id}/terms", data={"name": "查无此人", "since": "2026-11-21"})
    assert wrong.status_code == 422
    assert "成员里没有这位" in wrong.text


def test_of_two_with_one_name_the_last_four_digits_decide(street, make, as_person):
    twin = make.person("何嘉怡", home=street.branch, phone="13900001234")
    post_id, browser = post(street), as_person(street.secretary)
    assert "有几位同名" in browser.post(f"/duties/{post_id}/terms", data={"name": "何嘉怡", "since": "2026-11-21"}).text
    browser.post(f"/duties/{post_id}/terms", data={"name": "何嘉怡", "tail": "1234", "since": "2026-11-21"})
    assert queries.holders([post_id])[post_id][0].person_id == twin


def test_a_resident_from_elsewhere_becomes_a_head_by_name_and_digits_only(street, make, as_person):
    resident = make.person("郭志明", phone="13900006291")
    head = post(street, "银杏二座楼长", PostKind.BUILDING_HEAD, place=street.building)
    browser = as_person(street.secretary)
    assert browser.post(f"/duties/{head}/terms", data={"name": "郭志明", "since": "2026-11-21"}).status_code == 422
    browser.post(f"/duties/{head}/terms", data={"name": "郭志明", "tail": "6291", "since": "2026-11-21"})
    assert queries.holders([head])[head][0].person_id == resident


def test_another_unit_s_posts_do_not_exist(street, as_person):
    post_id = post(street)
    term = appoint(post_id, street.members[0], street)
    browser = as_person(street.neighbour)
    for asked in (f"/duties/{post_id}", f"/duties/{post_id}/form", f"/duties/terms/{term}", f"/duties?unit={street.branch}"):
        assert browser.get(asked).status_code == 404, asked
    for asked in (f"/duties/{post_id}/closing", f"/duties/{post_id}/terms", f"/duties/terms/{term}/end"):
        assert browser.post(asked).status_code == 404, asked
    assert as_person(street.members[0]).get("/duties").status_code == 404


def test_a_place_of_another_community_can_not_be_chosen(street, as_person):
    answer = as_person(street.secretary).post(
        "/duties", data={"unit": street.branch, "kind": "lane_head", "title": "巷长", "seats": "1", "place": "999"}
    )
    assert answer.status_code == 422


def test_terms_that_end_within_thirty_days_come_up_in_the_work_list_of_the_nearest_secretary(street, make, as_person):
    top = make.person("岑慧珍", home=street.branch)
    make.account(top)
    make.grant(top, Role.DEPUTY, street.community)
    post_id = post(street, seats=2)
    appoint(post_id, street.members[0], street, due=TODAY + timedelta(30))
    appoint(post_id, street.members[1], street, due=TODAY + timedelta(31))
    work = as_person(street.secretary).get("/work").text
    assert "何嘉怡" in work
    assert "的任期快满了" in work
    assert "冼柏豪" not in work
    assert "的任期快满了" not in as_person(top).get("/work").text


def test_a_term_over_and_forgotten_rises_to_the_unit_above(street, make, as_person):
    top = make.person("岑慧珍", home=street.branch)
    make.grant(top, Role.DEPUTY, street.community)
    appoint(post(street), street.members[0], street, since=TODAY - timedelta(60), due=TODAY + timedelta(1))
    with clock.frozen_at(clock.now() + timedelta(days=12)):
        page = as_person(top).get("/work").text
    assert "的任期已满" in page
    assert "罗国栋" in page


def test_a_member_sees_their_posts_and_notes_their_households(street, as_person):
    appoint(post(street), street.members[0], street)
    browser = as_person(street.members[0])
    assert "政策宣传岗" in browser.get("/me/duties").text
    assert "/me/duties" in browser.get("/me").text
    sent = {"place": street.building, "household": "3栋502"}
    assert "记下了" in browser.post("/me/households", data=sent, follow_redirects=True).text
    assert "已经记着了" in browser.post("/me/households", data=sent, follow_redirects=True).text
    assert browser.post("/me/households", data={"place": street.building}).status_code == 422
    (contact,) = db.session.scalars(select(HouseholdContact.id))
    assert as_person(street.members[1]).post(f"/me/households/{contact}/closing").status_code == 404
    assert "不再联系3栋502" in browser.post(f"/me/households/{contact}/closing", follow_redirects=True).text
    assert browser.post(f"/me/households/{contact}/closing").status_code == 404


def test_a_secretary_notes_and_ends_a_household_for_a_member_of_the_own_branch_only(street, as_person):
    browser = as_person(street.secretary)
    sent = {"unit": street.branch, "person": street.members[0], "place": street.building, "household": "3栋502"}
    assert "给何嘉怡记下了" in browser.post("/households", data=sent, follow_redirects=True).text
    assert browser.post("/households", data=sent | {"person": street.neighbour}).status_code == 422
    assert browser.post("/households", data=sent | {"unit": street.sibling}).status_code == 404
    (contact,) = db.session.scalars(select(HouseholdContact.id))
    assert as_person(street.neighbour).post(f"/households/{contact}/closing").status_code == 404
    assert "不再联系" in browser.post(f"/households/{contact}/closing", follow_redirects=True).text
    assert queries.households_of(street.members) == {}


def test_the_branch_sees_posts_and_households_on_the_page_of_a_member(street, as_person):
    appoint(post(street), street.members[0], street)
    in_transaction(lambda: service.keep_in_touch(street.members[0], street.building, "3栋502", street.secretary, clock.now()))
    page = as_person(street.secretary).get(f"/branch/people/{street.members[0]}").text
    assert "政策宣传岗" in page
    assert "3栋502" in page


@pytest.mark.parametrize("address", ["/duties?all=1", "/duties/printed", "/households"])
def test_lists_ask_a_constant_number_of_questions(street, make, as_person, address):
    browser = as_person(street.secretary)

    def grow(many):
        for number in range(many):
            person = make.person(f"成员{many}{number}", home=street.branch)
            title = f"第{many}{number}岗"
            draft = PostDraft(PostKind.DUTY, title, "", 2, None)
            made = in_transaction(lambda d=draft: service.create_post(street.branch, d, street.secretary, clock.now()))
            appoint(made, person, street)
            in_transaction(lambda p=person, t=title: service.keep_in_touch(p, street.building, t, street.secretary, clock.now()))

    grow(2)
    browser.get(address)
    with statements() as few:
        browser.get(address)
    grow(100)
    with statements() as many:
        assert browser.get(address).status_code == 200
    assert len(many) <= len(few)
