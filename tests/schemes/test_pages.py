"""The pages of points: every point explained, what two people decide by hand, and a draft from its first rule to the version in force."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.crediting import service as crediting
from app.hours.rules import SourceKind
from app.points import queries as points
from app.points.models import PointScheme
from app.points.rules import SchemeKind
from app.schemes.models import PointProposal, SchemeDraft
from app.schemes.queries import scores
from app.schemes.service import drafts
from app.worklist.models import Notice
from tests.conftest import statements

sqlite_only = True


def said(answer):
    return answer.get_data(as_text=True)


def propose(browser, person, **form):
    return browser.post(f"/people/{person}/points/proposals/new", data={"happened_on": "2026-11-18", "reason": "支委会讨论"} | form)


def score(person):
    return scores(SchemeKind.MEMBER, 2026, person_ids=[person], day=clock.today())[0]


def test_why_87_5_is_told_line_by_line(village, as_person):
    village.credit(village.member, 600, kind=ActivityKind.STUDY)
    page = said(as_person(village.member).get("/me/points/member"))
    assert "底分 60.0 + 得分 27.5 = 87.5" in page
    for words in (
        "服务，每小时",
        "每小时 1.0 分，每年最多 25.0 分",
        "系统按规则，无人手改动",
        "党员积分 2026.1",
        "本人扫码，计 1350 分钟",
        "到今天是合格",
    ):
        assert words in page, words
    assert "不与志愿积分相加" in page


def test_the_branch_reads_the_same_and_others_nothing(village, as_person):
    address = f"/branch/people/{village.member}/points/member"
    assert "底分 60.0 + 得分 22.5 = 82.5" in said(as_person(village.secretary).get(address))
    assert as_person(village.secretary).get(f"/branch/people/{village.neighbour}/points/member").status_code == 404
    assert as_person(village.member).get(address).status_code == 404


def test_two_people_take_two_points_off(village, as_person):
    """Proposed by the secretary, approved by the deputy with the evidence in 待办, read by the member with both names."""
    secretary, deputy = as_person(village.secretary), as_person(village.deputy)
    assert propose(secretary, village.member, rule="absence", reason="").status_code == 422
    answer = propose(secretary, village.member, rule="absence")
    here = answer.location
    assert propose(secretary, village.member, rule="absence").location == here, "sent twice is once"
    assert score(village.member).total == 8250, "nothing counts before the second person"
    assert "不能确认自己提出的" in said(secretary.get(here))
    assert secretary.post(f"{here}/approval").status_code == 403
    work = said(deputy.get("/work"))
    assert "扣 2.0 分：无故缺席组织生活" in work
    assert "支委会讨论" in work
    assert deputy.post(f"{here}/approval").status_code == 303
    assert deputy.post(f"{here}/approval").status_code == 303, "a second tap changes nothing"
    assert score(village.member).total == 8050
    page = said(as_person(village.member).get("/me/points/member"))
    for words in ("−2.0", "霍静雯记，罗国栋确认", "支委会讨论", "− 扣分 2.0 = 80.5"):
        assert words in page, words
    assert any("您的党员积分有一条新的记录" in text for text in db.session.scalars(select(Notice.text)))


def test_a_veto_makes_the_year_zero_until_it_is_lifted_by_two_people(village, as_person):
    secretary, deputy = as_person(village.secretary), as_person(village.deputy)
    veto = propose(secretary, village.member, rule="veto").location
    deputy.post(f"{veto}/approval")
    assert (score(village.member).total, score(village.member).grade) == (0, "不合格")
    assert "一票否决，当年计 0.0" in said(as_person(village.member).get("/me/points/member"))
    asked = deputy.post(f"{veto}/revocation/new", data={"happened_on": "2026-11-20", "reason": "处分撤销了"})
    assert deputy.post(f"{asked.location}/approval").status_code == 403
    secretary.post(f"{asked.location}/approval")
    assert score(village.member).total == 8250
    assert "撤销了" in said(secretary.get(veto))


def test_who_is_ill_is_not_assessed_from_a_day_to_a_day(village, as_person):
    secretary, deputy = as_person(village.secretary), as_person(village.deputy)
    late = propose(secretary, village.member, rule="exempt-ill", happened_on="2026-11-01", until="2026-10-01")
    assert "不能早于开始的那天" in said(late)
    exempt = propose(secretary, village.member, rule="exempt-ill", happened_on="2026-11-01", until="2026-12-31").location
    deputy.post(f"{exempt}/approval")
    assert (score(village.member).exempt, score(village.member).grade, score(village.member).total) == ("ill", "", 8250)
    assert "不参加考核（生病）" in said(as_person(village.member).get("/me/points/member"))
    asked = secretary.post(f"{exempt}/revocation/new", data={"happened_on": "2026-11-21", "reason": "好了"})
    deputy.post(f"{asked.location}/approval")
    assert score(village.member).exempt is None
    assert score(village.member).grade == "合格"


def test_what_is_not_theirs_to_do(village, as_person):
    secretary = as_person(village.secretary)
    assert propose(secretary, village.secretary, rule="bonus").status_code == 404, "about oneself"
    assert propose(secretary, village.neighbour, rule="bonus").status_code == 404, "of another branch"
    assert propose(as_person(village.member), village.elder, rule="bonus").status_code == 404
    assert "请选是哪一条" in said(propose(secretary, village.member, rule="honour"))
    assert "不能是以后的日期" in said(propose(secretary, village.member, rule="bonus", happened_on="2026-12-01"))
    here = propose(secretary, village.member, rule="bonus").location
    deputy = as_person(village.deputy)
    assert "请填写原因" in said(deputy.post(f"{here}/return", data={"reason": ""}))
    deputy.post(f"{here}/return", data={"reason": "没有依据"})
    assert "没有依据" in said(secretary.get(here))
    assert deputy.post(f"{here}/approval").status_code == 409
    assert score(village.member).total == 8250
    assert "没有依据" not in said(as_person(village.member).get("/me/points/member"))


def test_from_a_draft_over_what_if_to_the_version_in_force(village, as_person):
    """1.5 instead of 1.0 an hour: two move, one is at the cap; a second administrator publishes from the open month on."""
    writer, second = (as_person(one) for one in village.administrators)
    here = writer.post("/schemes/member/drafts").location
    assert "没有人会变" in said(writer.get(f"{here}/what-if")), "a copy moves nobody"
    draft_id = db.session.scalars(select(SchemeDraft.id)).one()
    hour = next(one for one in drafts.queries.draft(draft_id).version.rules if one.code == "service_hour")
    wrong = writer.post(f"{here}/rules/{hour.id}/form", data={"name": "服务", "per": "hour", "amount": "1.555"})
    assert wrong.status_code == 422
    assert "最多两位小数" in said(wrong)
    form = {"name": "服务，每小时", "per": "hour", "amount": "1.5", "hour_kind": "service", "cap": "25", "cap_period": "year"}
    assert writer.post(f"{here}/rules/{hour.id}/form", data=form).status_code == 303
    assert "原来每小时 1.0 分，每年最多 25.0 分" in said(writer.get(here))
    tried = said(writer.get(f"{here}/what-if"))
    for words in ("2 人会变", "82.5 → 85.0", "61.0 → 61.5", "锦园第二党支部"):
        assert words in tried, words
    basics = {
        "version": "2026.2",
        "source": "街道党工委会议",
        "valid_from": "2026-10-02",
        "exempt_age": "70",
        "band_1": "优秀",
        "least_1": "85",
    }
    basics |= {"band_2": "合格", "least_2": "0"}
    for day, words in (("2026-10-02", "某个月 1 日起"), ("2026-10-01", "已经结账"), ("9999-12-31", "最晚从 2028 年 12 月 31 日起")):
        refused = writer.post(f"{here}/basics/form", data=basics | {"valid_from": day})
        assert (refused.status_code, words in said(refused)) == (422, True), day
    assert "街道党工委会议" in said(refused), "what was typed is still there"
    writer.post(f"{here}/basics/form", data=basics | {"valid_from": "2026-11-01"})
    tried = said(writer.get(f"{here}/what-if"))
    assert "5 人换等次" in tried, "the bands moved too"
    assert "2 人：合格 → 优秀" in tried
    assert writer.post(f"{here}/sending").status_code == 303
    assert writer.post(f"{here}/publication").status_code == 403, "not by who wrote it"
    assert "2026.2" in said(second.get("/work"))
    assert second.post(f"{here}/publication").status_code == 303
    assert [score(one).total for one in (village.member, village.elder, village.neighbour)] == [8500, 8500, 6150]
    assert score(village.member).grade == "优秀"
    assert points.schemes_on(clock.today())[SchemeKind.MEMBER].version == "2026.2"
    index = said(second.get("/schemes"))
    assert "2026.2" in index
    assert "没重算完" not in index
    assert second.post(f"{here}/publication").status_code == 409


def test_a_draft_is_its_makers_and_comes_back_with_a_reason(village, as_person):
    writer, second = (as_person(one) for one in village.administrators)
    here = writer.post("/schemes/volunteer/drafts").location
    assert second.post("/schemes/volunteer/drafts").location == here, "one open draft a scheme"
    form = {"name": "又一条", "per": "manual", "amount": "2"}
    assert second.post(f"{here}/rules/new", data=form).status_code == 403
    assert writer.post(f"{here}/rules/new", data=form).status_code == 303
    writer.post(f"{here}/sending")
    second.post(f"{here}/return", data={"reason": "先开会"})
    assert "先开会" in said(writer.get(here))
    assert second.post(f"{here}/publication").status_code == 409
    writer.post(f"{here}/sending")
    assert second.post(f"{here}/publication").status_code == 303
    newest = db.session.scalars(select(PointScheme).where(PointScheme.kind == SchemeKind.VOLUNTEER).order_by(PointScheme.id.desc())).first()
    assert (newest.valid_from.isoformat(), newest.rules) == ("2027-01-01", 3)
    writer.post("/schemes/volunteer/drafts")
    other = db.session.scalars(select(SchemeDraft.id).where(SchemeDraft.ended_at.is_(None))).one()
    writer.post(f"/schemes/drafts/{other}/withdrawal")
    assert drafts.queries.open_drafts() == {}


@pytest.mark.parametrize(("count", "most"), [(1, 9), (40, 9)])
def test_scores_of_many_take_as_many_statements_as_of_one(village, make, count, most):
    for _ in range(count):
        make.person("陈伟", home=village.branch, stage="member")
    with statements() as sent:
        found = scores(SchemeKind.MEMBER, 2026, unit_ids=[village.branch, village.other], day=clock.today())
    assert len(found) == count + 5
    assert len(sent) <= most, sent


def test_booking_anew_goes_on_where_it_stopped(village, as_person):
    writer, second = village.administrators
    now = clock.now()
    draft = in_transaction(lambda: drafts.begin(SchemeKind.MEMBER, writer, now))
    row = drafts.queries.draft(draft)
    basics = drafts.DraftBasics("2026.2", "会议", clock.today().replace(day=1), None, row.version.bands)
    in_transaction(lambda: drafts.edit(draft, basics, writer))
    in_transaction(lambda: drafts.send(draft, writer, [], "/", now))
    in_transaction(lambda: drafts.publish(draft, second, "/", now))
    assert drafts.unfinished() == [draft]
    assert "没重算完" in said(as_person(second).get("/schemes"))
    as_person(second).post(f"/schemes/drafts/{draft}/booking")
    assert drafts.unfinished() == []
    assert score(village.member).total == 8250
    assert db.session.scalar(select(PointProposal.id)) is None


@pytest.mark.parametrize(("day", "words"), [("2024-06-01", "2024年6月已经结账"), ("9999-11-02", "最晚写 2028年12月31日")])
def test_an_exemption_from_a_day_that_can_not_be_is_refused_where_it_is_typed(village, as_person, day, words):
    answer = propose(as_person(village.secretary), village.member, rule="exempt-ill", happened_on=day)
    assert (answer.status_code, words in said(answer)) == (422, True)


def test_what_falls_under_the_cap_of_a_closed_month_says_so(village, as_person):
    """Six days of a full November; in January the first is taken back, and another gets its points."""
    for number in range(1, 7):
        village.credit(village.neighbour, 480, date(2026, 11, number))
    with clock.frozen_at(datetime(2027, 1, 20, 4, tzinfo=UTC)):
        first = village.sources - 5
        in_transaction(lambda: crediting.reverse(SourceKind.ATTENDANCE, [first], "记错了", clock.now(), made_by_id=None))
        page = said(as_person(village.neighbour).get("/me/points/volunteer?year=2027"))
    assert "别的记录有变，补上 8.0。用的是 2026年11月1日那个月的封顶，不占现在的" in page
    assert page.count("那个月的封顶，不占现在的") == 2
    assert "封顶重算：记错了" in page
