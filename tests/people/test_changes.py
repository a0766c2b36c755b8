"""Particulars, transfers, ties and stages: dated, audited, by the branch of the person only, never one's own stage."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.audit.keys import open_details
from app.audit.models import AuditEvent
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.hours.models import HourEntry
from app.people import queries
from app.people import service as people
from app.people.models import Membership
from app.people.rules import MembershipKind, StageKind
from app.worklist.queries import notices
from tests.leaderboards.conftest import give  # noqa: F401
from tests.people.test_directory import Place

TODAY = date(2026, 11, 21)


@pytest.fixture
def place(make):
    place = Place(make)
    place.member = make.person("何嘉怡", home=place.branch, phone="13800001234", stage=StageKind.ACTIVIST, stage_since=date(2025, 3, 1))
    place.receiver = make.person("梁凤珍", home=place.other)
    make.grant(place.receiver, Role.SECRETARY, place.other)
    make.account(place.receiver)
    return place


@pytest.fixture
def street(place):
    return place.root


def events(action):
    rows = db.session.execute(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)).scalars().all()
    return list(zip([row.actor_id for row in rows], open_details((action, row.at, row.detail) for row in rows), strict=True))


def move(place, on=TODAY, *, by=None, from_id=None):
    in_transaction(lambda: people.transfer(place.member, from_id or place.branch, place.other, on, by or place.secretary, TODAY))


def test_a_transfer_closes_one_home_and_begins_another_on_the_same_day(place):
    move(place, date(2026, 11, 1))
    homes = db.session.execute(
        select(Membership.unit_id, Membership.valid_to).where(Membership.person_id == place.member).order_by(Membership.id)
    ).all()
    assert [tuple(row) for row in homes] == [(place.branch, date(2026, 11, 1)), (place.other, None)]
    assert queries.home_unit_on(place.member, date(2026, 10, 31)) == place.branch
    assert queries.home_unit_on(place.member, date(2026, 11, 1)) == place.other
    assert events("person.transfer") == [(place.secretary, {"before": place.branch, "after": place.other, "on": "2026-11-01"})]


def test_no_day_is_told_of_two_branches(place, as_person):
    move(place, TODAY)
    page = as_person(place.receiver).get(f"/people/{place.member}/memberships").text
    assert "2020年1月1日至2026年11月20日" in page
    assert "2026年11月21日起" in page


def test_hours_of_before_stay_with_the_old_branch(place, give):  # noqa: F811
    give(place.member, 60, TODAY - timedelta(days=3))
    move(place)
    give(place.member, 90, TODAY)
    rows = db.session.execute(select(HourEntry.minutes, HourEntry.home_unit_id).order_by(HourEntry.id)).all()
    assert [tuple(row) for row in rows] == [(60, place.branch), (90, place.other)]


def test_the_receiving_secretary_is_told(place):
    move(place)
    assert [note.text for note in notices(place.receiver)] == ["何嘉怡的组织关系从锦园第一党支部转来了，11月21日起"]
    assert notices(place.secretary) == []


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2019, 12, 31)])
def test_not_on_a_day_to_come_nor_before_the_last_transfer(place, on):
    with pytest.raises(Invalid):
        move(place, on)


def test_a_page_left_open_does_not_transfer_from_where_nobody_is_any_more(place):
    move(place)
    with pytest.raises(Conflict):
        in_transaction(lambda: people.transfer(place.member, place.branch, place.lake, TODAY, place.secretary, TODAY))


def test_nobody_transfers_or_promotes_themselves(place):
    with pytest.raises(Refused):
        in_transaction(lambda: people.transfer(place.secretary, place.branch, place.other, TODAY, place.secretary, TODAY))
    with pytest.raises(Refused):
        in_transaction(lambda: people.advance(place.secretary, StageKind.MEMBER, TODAY, place.secretary, TODAY))


def test_after_a_transfer_the_old_secretary_finds_nobody(place, as_person):
    desk = as_person(place.secretary)
    data = {"from": place.branch, "unit": place.other, "on": "2026-11-21"}
    answer = desk.post(f"/people/{place.member}/transfer", data=data)
    assert (answer.status_code, answer.location) == (303, "/people")
    assert desk.get(f"/branch/people/{place.member}").status_code == 404
    assert as_person(place.receiver).get(f"/branch/people/{place.member}").status_code == 200


def test_where_to_is_found_by_the_community_and_by_initials_and_nothing_is_ticked_beforehand(place, make, as_person):
    make.unit("千桂南一号党支部", parent=place.lake)
    desk = as_person(place.secretary)
    by_community = desk.get(f"/people/{place.member}/transfer?q=桂南").text
    assert by_community.index("桂南在职党支部") < by_community.index("千桂南一号党支部")
    for words in ("桂南社区", "gnzz", "gnsq", "社区党委 在职"):
        page = desk.get(f"/people/{place.member}/transfer?q={words}").text
        assert "桂南在职党支部" in page, words
        radios = page.partition('name="unit"')[2]
        assert "checked" not in radios, words
    assert "没有找到这个支部" in desk.get(f"/people/{place.member}/transfer?q=大沥").text


def test_only_a_branch_receives_members(place, as_person):
    data = {"from": place.branch, "unit": place.lake, "on": "2026-11-21"}
    assert as_person(place.secretary).post(f"/people/{place.member}/transfer", data=data).status_code == 422
    assert queries.home_unit_on(place.member, TODAY) == place.branch


def test_everything_of_a_member_elsewhere_is_not_found(place, make, as_person):
    stranger = as_person(place.receiver)
    for path in ("profile", "memberships", "transfer", "stages", "memberships/new?kind=team"):
        assert stranger.get(f"/people/{place.member}/{path}").status_code == 404, path
    for path in ("profile", "phones", "transfer", "stages", "memberships"):
        assert stranger.post(f"/people/{place.member}/{path}").status_code == 404, path
    place.join(place.member, place.south, MembershipKind.REPORTED)
    guest = make.person("关绮华")
    make.grant(guest, Role.SECRETARY, place.south)
    assert as_person(guest).get(f"/branch/people/{place.member}").status_code == 200
    assert as_person(guest).get(f"/people/{place.member}/profile").status_code == 404, "seeing a guest is not editing one"


def test_particulars_are_audited_before_and_after_without_numbers(place, as_person):
    desk = as_person(place.secretary)
    given = {"name": "何嘉仪", "gender": "female", "birth_date": "1990-02-03", "note": "电话 13812345678"}
    assert desk.post(f"/people/{place.member}/profile", data=given).status_code == 303
    ((by, detail),) = events("person.profile")
    assert by == place.secretary
    assert detail["changes"]["name"] == ["何嘉怡", "何嘉仪"]
    assert detail["changes"]["birth_date"] == [None, "1990-02-03"]
    assert "13812345678" not in str(detail)
    desk.post(f"/people/{place.member}/phones", data={"phone": "13899998888"})
    assert "13899998888" not in str(events("person.phone"))
    assert queries.phones(place.member, TODAY) == ["13800001234", "13899998888"]


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "😀🎉"), ("birth_date", "2030-01-01"), ("birth_date", "1800-01-01"), ("note", "字" * 201)]
)
def test_what_can_not_be_is_said_beside_its_field_and_kept(place, as_person, field, value):
    given = {"name": "何嘉怡", "gender": "", "birth_date": "", "note": ""} | {field: value}
    answer = as_person(place.secretary).post(f"/people/{place.member}/profile", data=given)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text


def test_the_same_number_twice_is_one(place, as_person):
    answer = as_person(place.secretary).post(f"/people/{place.member}/phones", data={"phone": "13800001234"})
    assert answer.status_code == 422
    assert "这个号码已经在了" in answer.text


def test_a_team_is_joined_and_left_and_the_history_stays(place, as_person):
    desk = as_person(place.secretary)
    given = {"kind": "team", "unit": place.team, "on": "2026-11-01"}
    assert desk.post(f"/people/{place.member}/memberships", data=given).status_code == 303
    tie = queries.memberships(place.member)[0]
    assert desk.post(f"/people/{place.member}/memberships", data=given).status_code == 422, "once is enough"
    assert desk.post(f"/people/{place.member}/memberships/{tie.id}/closing", data={"on": "2026-10-31"}).status_code == 422
    assert desk.post(f"/people/{place.member}/memberships/{tie.id}/closing", data={"on": "2026-11-20"}).status_code == 303
    assert "2026年11月1日至2026年11月19日" in desk.get(f"/people/{place.member}/memberships").text
    overlapping = desk.post(f"/people/{place.member}/memberships", data=given | {"on": "2026-11-10"})
    assert "日期要在上次退出以后" in overlapping.text


def test_the_home_branch_is_not_left_without_a_transfer(place, as_person):
    home = queries.memberships(place.member)[0]
    assert as_person(place.secretary).post(f"/people/{place.member}/memberships/{home.id}/closing").status_code == 404


def advance(place, kind, on, *, sure=False):
    in_transaction(lambda: people.advance(place.member, kind, on, place.secretary, TODAY, sure=sure))


def test_the_next_stage_in_order_needs_no_second_word(place):
    advance(place, StageKind.CANDIDATE, date(2026, 4, 1))
    assert [row.kind for row in queries.stage_history(place.member)] == [StageKind.ACTIVIST, StageKind.CANDIDATE]
    assert events("person.stage") == [(place.secretary, {"before": "activist", "after": "candidate", "on": "2026-04-01"})]


@pytest.mark.parametrize(
    ("kind", "on", "words"),
    [
        (StageKind.MEMBER, date(2026, 4, 1), "跳过了 2 个阶段"),
        (StageKind.APPLICANT, date(2026, 4, 1), "退回"),
        (StageKind.ACTIVIST, date(2026, 4, 1), "现在已经是"),
        (StageKind.CANDIDATE, date(2025, 4, 1), "要培养一年以上"),
    ],
)
def test_what_is_unusual_is_asked_about_and_then_recorded(place, kind, on, words):
    with pytest.raises(Invalid) as asked:
        advance(place, kind, on)
    assert words in asked.value.fields["sure"]
    advance(place, kind, on, sure=True)
    assert queries.stage_history(place.member)[-1].kind is kind


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), date(2025, 2, 28)])
def test_a_stage_begins_neither_tomorrow_nor_before_the_last(place, on):
    with pytest.raises(Invalid):
        advance(place, StageKind.CANDIDATE, on, sure=True)


def test_a_wrong_date_is_corrected_with_a_reason_between_its_neighbours(place, as_person):
    advance(place, StageKind.CANDIDATE, date(2026, 4, 1))
    first = queries.stage_history(place.member)[0]
    desk, path = as_person(place.secretary), f"/people/{place.member}/stages/{first.id}/correction"
    assert desk.get(path).status_code == 200
    assert desk.post(path, data={"began_on": "2025-03-12", "reason": ""}).status_code == 422
    assert desk.post(path, data={"began_on": "2026-05-01", "reason": "写错了"}).status_code == 422
    assert desk.post(path, data={"began_on": "2025-03-12", "reason": "批复上是 12 日"}).status_code == 303
    ((by, told),) = events("person.stage_date")
    assert by == place.secretary
    assert (told["before"], told["after"], told["reason"]) == ("2025-03-01", "2025-03-12", "批复上是 12 日")


def test_a_step_that_never_was_is_taken_back_only_while_it_is_the_last(place):
    advance(place, StageKind.CANDIDATE, date(2026, 4, 1))
    first, last = queries.stage_history(place.member)
    with pytest.raises(Conflict):
        in_transaction(lambda: people.take_stage_back(place.member, first.id, "记错", place.secretary))
    in_transaction(lambda: people.take_stage_back(place.member, last.id, "记错", place.secretary))
    assert [row.kind for row in queries.stage_history(place.member)] == [StageKind.ACTIVIST]
    assert len(events("person.stage_undo")) == 1


def test_ones_own_stage_shows_and_can_not_be_changed(place, as_person):
    page = as_person(place.secretary).get(f"/people/{place.secretary}/stages").text
    assert "要由另一位书记或管理员来记" in page
    answer = as_person(place.secretary).post(f"/people/{place.secretary}/stages", data={"kind": "member", "began_on": "2026-11-01"})
    assert answer.status_code == 403
    assert queries.stage_history(place.secretary) == []


def test_a_report_is_begun_and_changed_on_its_own_page_only(place, as_person):
    place.join(place.member, place.south, MembershipKind.REPORTED)
    desk = as_person(place.secretary)
    tie = next(row for row in queries.memberships(place.member) if row.kind is MembershipKind.REPORTED)
    assert f"/branch/people/{place.member}/report-in" in desk.get(f"/people/{place.member}/memberships").text
    assert desk.get(f"/people/{place.member}/memberships/{tie.id}/closing").status_code == 404
    assert desk.post(f"/people/{place.member}/memberships/{tie.id}/closing", data={"on": "2026-11-21"}).status_code == 404
    joining = {"kind": "reported", "unit": place.lake, "on": "2026-11-21"}
    assert desk.post(f"/people/{place.member}/memberships", data=joining).status_code == 404


@pytest.mark.parametrize("born", [TODAY - timedelta(1), date(2002, 1, 2)])
def test_a_birth_date_that_the_stages_speak_against_is_refused(place, make, as_person, born):
    member = make.person("梁凤珍", home=place.branch, stage=StageKind.MEMBER, stage_since=date(2019, 3, 1))
    given = {"name": "梁凤珍", "gender": "", "birth_date": born.isoformat(), "note": ""}
    answer = as_person(place.secretary).post(f"/people/{member}/profile", data=given)
    assert answer.status_code == 422
    assert "2019年3月1日起是正式党员" in answer.text
    assert as_person(place.secretary).post(f"/people/{member}/profile", data=given | {"birth_date": "1963-01-02"}).status_code == 303


@pytest.mark.parametrize("note", ["440601198001011234", "身份证 44060119800101123X。", "440601 1980 0101 1234", "440601800101123"])
def test_an_identity_number_is_not_kept_in_a_note(place, as_person, note):
    given = {"name": "何嘉怡", "gender": "", "birth_date": "", "note": note}
    answer = as_person(place.secretary).post(f"/people/{place.member}/profile", data=given)
    assert answer.status_code == 422
    assert "备注里有身份证号" in answer.text


@pytest.mark.parametrize("note", ["电话 13800001234 13900001234", "办公室 0757-86331234 86335678", "2019 年入党，2020-05-06 报到"])
def test_other_numbers_may_stand_in_a_note(place, as_person, note):
    given = {"name": "何嘉怡", "gender": "", "birth_date": "", "note": note}
    assert as_person(place.secretary).post(f"/people/{place.member}/profile", data=given).status_code == 303


def test_where_somebody_is_already_is_not_offered_as_a_place_to_go(place, as_person):
    page = as_person(place.secretary).get(f"/people/{place.member}/transfer").text
    assert f'name="unit" value="{place.branch}"' not in page
    assert f'name="unit" value="{place.other}"' in page
    assert "没有书记时通知它的上级组织" in page
