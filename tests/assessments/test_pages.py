"""考核 on the site: the table, the steps by plain forms, one's own result, paper and sheets."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from app.assessments import queries
from app.assessments.rules import Step
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.people.models import Unit, UnitAncestry, UnitParent
from app.people.rules import UnitKind
from tests.assessments.conftest import JANUARY, build
from tests.assessments.test_steps import AFTER, locked, to_publicity
from tests.conftest import statements
from tests.factories import LONG_AGO

sqlite_only = True


def text(answer, status=200):
    assert answer.status_code == status, (answer.status_code, answer.location)
    return answer.get_data(as_text=True)


def seen(house, one=1):
    """What the hidden fields of its page say."""
    row = queries.assessment(one)
    return {"seq": row.step_seq, "revision": row.revision}


def test_the_steps_are_taken_by_forms_each_by_somebody_else(house, as_person):
    with clock.frozen_at(JANUARY):
        committee, secretary, deputy = (as_person(one) for one in (house.committee, house.secretary, house.deputy))
        assert "把没开始的" in text(as_person(house.office).get("/assessments")) or "开始2025年考核" in text(committee.get("/assessments"))
        assert committee.post("/assessments", data={"span": "2025"}).status_code == 303
        assert "锦园第一党支部" in text(secretary.get("/work"))
        one = "/assessments/1"
        page = text(secretary.get(one))
        assert all(words in page for words in ("何嘉怡", "底分 60.0 + 得分 2.0 = 62.0", "基本合格", "等支部审核"))
        assert page.count('name="seq" value="1"') == page.count('name="revision" value="1"') == 1
        assert "不连办" not in page
        long = text(secretary.post(f"{one}/review", data={f"remark-{house.chan}": "长" * 101, "reason": ""}), 422)
        assert "备注最多 100 个字" in long
        assert secretary.post(f"{one}/review", data={f"remark-{house.chan}": "已谈话"} | seen(house)).status_code == 303
        assert secretary.post(f"{one}/approval").status_code == 404
        assert text(committee.post(f"{one}/return", data={"reason": ""}), 422)
        assert committee.post(f"{one}/approval", data=seen(house)).status_code == 303
        assert "上一步" in text(committee.get(one))
        assert text(deputy.post(f"{one}/publication", data={"phone": "", "place": ""}), 422)
        done = deputy.post(f"{one}/publication", data={"phone": "0757-86230000", "place": "党群服务中心"} | seen(house))
        assert "62.0 分，基本合格" in text(secretary.get(done.location))
        assert committee.post(f"{one}/lock", data=seen(house)).status_code == 409
    with clock.frozen_at(AFTER):
        committee, secretary = as_person(house.committee), as_person(house.secretary)
        assert "去锁定" in text(committee.get("/work"))
        assert committee.post(f"{one}/lock", data=seen(house)).status_code == 303
        assert "内容和锁定时一样" in text(secretary.get(one))
        assert "与今天相比：没有变化" in text(secretary.get(one))


def test_who_decides_decides_about_what_was_on_their_page(house, as_person):
    with clock.frozen_at(JANUARY):
        house.start()
        house.review(1)
        before = seen(house)
        house.send_back(1, by=house.other)
        house.give(house.chan, "bonus", date(2025, 12, 20))
        assert house.retake(1) is True
        house.review(1)
        committee = as_person(house.committee)
        late = text(committee.post("/assessments/1/approval", data=before), 409)
        assert "您看的时候和现在不一样了" in late
        assert committee.post("/assessments/1/approval").status_code == 409
        assert committee.post("/assessments/1/approval", data=seen(house)).status_code == 303


def test_a_step_asks_for_the_password_again(house, as_person):
    with clock.frozen_at(JANUARY):
        house.start()
        secretary = as_person(house.secretary)
    with clock.frozen_at(JANUARY + timedelta(hours=1)):
        asked = text(secretary.post("/assessments/1/review", data={"reason": ""} | seen(house)))
        assert "confirm_password" in asked
        assert queries.assessment(1).step is Step.COLLECTED


def test_a_look_at_somebody_s_line_is_known_to_them(house, as_person):
    one = locked(house)
    as_person(house.secretary).get(f"/assessments/{one}/people/{house.chan}")
    as_person(house.chan).get(f"/assessments/{one}/people/{house.chan}")
    looked = select(AuditEvent.actor_id).where(AuditEvent.action == "person.view", AuditEvent.subject_id == house.chan)
    assert list(db.session.scalars(looked)) == [house.secretary]


def test_the_ledger_moving_on_sends_it_back_to_the_branch(house, as_person):
    with clock.frozen_at(JANUARY):
        house.start()
        house.review(1)
        house.give(house.chan, "bonus", date(2025, 12, 20))
        page = text(as_person(house.committee).get("/assessments/1"))
    assert "取数以后账上又变了，要退回支部" in page
    assert "审核通过" not in page


def test_one_s_own_result_is_seen_from_the_publicity_on_and_only_one_s_own(house, as_person):
    ho = as_person(house.ho)
    with clock.frozen_at(JANUARY):
        house.start()
        assert "还没有结果" in text(ho.get("/me/assessments"))
        text(ho.get(f"/assessments/1/people/{house.ho}"), 404)
        house.review(1)
        house.approve(1)
        house.publicise(1)
        mine = text(ho.get("/me/assessments"))
        assert "62.0 分，基本合格" in mine
        assert "提异议" in mine
        assert "支委会讨论" in text(ho.get(f"/assessments/1/people/{house.ho}"))
        text(ho.get(f"/assessments/1/people/{house.chan}"), 404)
        assert "58.0" in text(as_person(house.secretary).get(f"/assessments/1/people/{house.chan}"))


def test_what_came_after_the_lock_is_shown_beside_it(house, as_person):
    one = locked(house)
    house.give(house.chan, "bonus", date(2025, 11, 2))
    secretary = as_person(house.secretary)
    assert "58.0 → 60.0，后来又记了 1 笔" in text(secretary.get(f"/assessments/{one}"))
    page = text(secretary.get(f"/assessments/{one}/people/{house.chan}"))
    assert "今天算是 60.0 分，基本合格" in page


def test_the_page_asks_no_more_where_more_people_came_in_later(house, as_person):
    one, counts = locked(house), []
    secretary = as_person(house.secretary)
    for more in (1, 6):
        for number in range(more):
            house.member(f"后来{number}")
        with statements() as sent:
            assert "今天" in text(secretary.get(f"/assessments/{one}"))
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_paper_has_a_column_to_sign_and_the_sheets_open(house, as_person):
    one = locked(house)
    secretary = as_person(house.secretary)
    paper = text(secretary.get(f"/assessments/{one}/printed"))
    assert all(words in paper for words in ("本人签名", "何嘉怡", "基本合格", "校验码"))
    for address in (f"/assessments/{one}.xlsx", "/assessments.xlsx?span=2025"):
        assert secretary.get(address).data[:2] == b"PK"


@pytest.mark.parametrize("late", [False, True])
def test_who_is_late_is_found(house, as_person, late):
    with clock.frozen_at(JANUARY):
        house.start()
    with clock.frozen_at(JANUARY if not late else AFTER):
        page = text(as_person(house.office).get("/assessments?span=2025&which=late"))
    assert ("锦园第一党支部" in page) == late


def many_branches(house, many: int) -> None:
    """So many more branches under the community, set-wise."""

    def work() -> None:
        units = [{"name": f"第 {n} 支部", "kind": UnitKind.BRANCH, "opened_on": LONG_AGO} for n in range(many)]
        ids = list(db.session.scalars(insert(Unit).values(units).returning(Unit.id)))
        since = {"valid_from": LONG_AGO}
        db.session.execute(insert(UnitParent), [{"unit_id": one, "parent_id": house.community, **since} for one in ids])
        above = ((None, 0), (house.community, 1), (house.street, 2))
        ties = [{"unit_id": one, "ancestor_id": up or one, "depth": depth, **since} for one in ids for up, depth in above]
        db.session.execute(insert(UnitAncestry), ties)

    in_transaction(work)


def test_a_subdistrict_of_663_branches_asks_no_more_than_one_of_two(house, make, as_person):
    other = build(make)
    office = as_person(house.office)
    with clock.frozen_at(JANUARY):
        house.start()
        counts = []
        for round_ in range(2):
            with statements() as sent:
                page = text(office.get("/assessments?span=2025"))
            counts.append(len(sent))
            if not round_:
                many_branches(house, 661)
                more = [house.make.unit(parent=house.community) for _ in range(4)]
                for unit in more:
                    house.member("林志强", unit)
                in_transaction(lambda more=more: start(more, house.committee))
    assert counts[0] == counts[1]
    assert "第 1 页，共 12 页" in page
    assert other.unit


def start(units, by):
    from app.assessments import service

    return service.start(units, "2025", by, "/work", clock.now())


def test_the_line_of_a_publicity_leads_back_to_it(house, as_person):
    one = to_publicity(house)
    with clock.frozen_at(JANUARY):
        page = text(as_person(house.secretary).get("/publicity/1"))
    assert f"/assessments/{one}" in page
