"""公示 on the site: who meets what, objecting and answering by plain forms, the notice for the wall, the local rule."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.publicity import queries, service
from app.publicity.rules import Reach, Way
from tests.conftest import NOON, statements

sqlite_only = True


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_inside_the_branch_full_names_outside_nothing_and_of_public_ones_masked_names(hall, client, as_person):
    inside, public = hall.publish(), hall.publish(subject_id=8, reach=Reach.PUBLIC)
    assert client.get(f"/publicity/{inside}").status_code == 404
    assert as_person(hall.outside).get(f"/publicity/{inside}").status_code == 404
    assert "何嘉怡" in text(as_person(hall.chan).get(f"/publicity/{inside}"))
    seen = text(client.get(f"/publicity/{public}"))
    assert "何*怡" in seen
    assert "何嘉怡" not in seen
    assert f"/publicity/{inside}" not in text(client.get("/publicity"))
    assert f"/publicity/{inside}" in text(as_person(hall.chan).get("/publicity"))


def test_an_objection_is_made_and_answered_by_forms(hall, as_person):
    shown = hall.publish(by=hall.deputy)
    chan, secretary = as_person(hall.chan), as_person(hall.secretary)
    assert "有 1 处要改" in chan.post(f"/publicity/{shown}/objections", data={"about": str(hall.ho), "said": ""}).get_data(as_text=True)
    done = chan.post(f"/publicity/{shown}/objections", data={"about": str(hall.ho), "said": "8 月那次没有算"})
    assert done.status_code == 303
    own = done.location
    assert "2026年12月4日以前" in text(chan.get(own))
    assert as_person(hall.ho).get(own).status_code == 404  # who objected is not for the one it is about
    assert "8 月那次没有算" in text(secretary.get("/work"))
    assert secretary.post(f"{own}/acknowledgement").status_code == 303
    refused = secretary.post(f"{own}/answer", data={"verdict": "", "answer": ""})
    assert refused.status_code == 422
    assert secretary.post(f"{own}/answer", data={"verdict": "rejected", "answer": "算在 9 月了"}).status_code == 303
    assert "算在 9 月了" in text(chan.get(own))
    assert chan.post(f"{own}/answer", data={"verdict": "upheld", "answer": "成立"}).status_code == 404


def test_who_objected_is_known_to_those_alone_who_may_answer(hall, as_person):
    shown = hall.publish(people=(hall.secretary, hall.ho))
    about, whole = hall.object(shown, by=hall.chan, about=hall.secretary), hall.object(shown, by=hall.chan)
    for one in (about, whole):
        page = text(as_person(hall.secretary).get(f"/objections/{one}"))
        assert "只有查的人知道" in page
        assert "陈志远" not in page
        for who in (hall.deputy, hall.chan, hall.above):
            assert "陈志远" in text(as_person(who).get(f"/objections/{one}"))


def test_who_only_reads_the_branch_does_not_learn_who_objected(hall, make, as_person):
    one = hall.object(hall.publish(), by_name="街坊老李", by_phone="13800000000", way=Way.PHONE, keyed_by=hall.deputy)
    auditor = make.person("审计")
    make.grant(auditor, Role.AUDITOR, hall.street)
    page = text(as_person(auditor).get(f"/objections/{one}"))
    assert "街坊老李" not in page
    assert "13800000000" not in page
    assert "街坊老李" in text(as_person(hall.deputy).get(f"/objections/{one}")), "who keyed it in knows"


def test_an_answer_asks_for_the_password_again(hall, as_person):
    one = hall.object(hall.publish(), by=hall.chan)
    secretary = as_person(hall.secretary)
    with clock.frozen_at(NOON + timedelta(hours=1)):
        asked = text(secretary.post(f"/objections/{one}/answer", data={"verdict": "rejected", "answer": "查过了"}))
    assert "confirm_password" in asked
    assert queries.objection(one).answered_at is None


def test_a_long_list_goes_on_on_the_next_page(hall, as_person):
    for number in range(1, 33):
        hall.publish(subject_id=number)
    chan = as_person(hall.chan)
    first, second = text(chan.get("/publicity")), text(chan.get("/publicity?page=2"))
    assert (first.count("/publicity/"), second.count("/publicity/")) == (30, 2)
    assert "page=2" in first
    assert "page=1" in second


def test_where_next_year_s_holidays_are_not_written_down_somebody_is_asked_for_them(hall):
    with clock.frozen_at(datetime(2026, 12, 28, 4, tzinfo=UTC)), pytest.raises(Conflict, match="2027年的放假安排还没有录"):
        hall.publish()
    in_transaction(lambda: service.set_holidays([date(2026, 10, 1), date(2027, 1, 1)], [], hall.above, NOON))
    with clock.frozen_at(datetime(2026, 12, 28, 4, tzinfo=UTC)):
        assert queries.publicity(hall.publish()).ends_on == date(2027, 1, 5)


def test_one_that_came_by_telephone_is_keyed_in_and_waits_for_another(hall, as_person):
    shown, deputy = hall.publish(), as_person(hall.deputy)
    said = {
        "said": "名单漏了人",
        "way": "phone",
        "by_name": "街坊老李",
        "by_phone": "0757 8623",
        "received_on": "2026-11-21",
        "about": str(hall.ho),
    }
    assert deputy.post(f"/publicity/{shown}/objections/keyed", data=said | {"way": "online"}).status_code == 422
    assert deputy.post(f"/publicity/{shown}/objections/keyed", data=said).status_code == 303
    (one,) = queries.objections(shown)
    assert "这是您登记的" in text(deputy.get(f"/objections/{one.id}"))
    assert deputy.post(f"/objections/{one.id}/answer", data={"verdict": "upheld", "answer": "是"}).status_code == 403
    assert as_person(hall.chan).get(f"/publicity/{shown}/objections/new").status_code == 404


def test_the_notice_has_masked_names_and_a_column_to_sign(hall, as_person):
    shown = hall.publish()
    paper = text(as_person(hall.secretary).get(f"/publicity/{shown}/notice"))
    assert "何*怡" in paper
    assert "何嘉怡" not in paper
    assert all(words in paper for words in ("本人签名", "0757-86230000", "党群服务中心 201", "2026年11月27日"))
    assert as_person(hall.chan).get(f"/publicity/{shown}/notice").status_code == 404


def test_the_local_rule_takes_runs_of_days(hall, make, as_person):
    administrator = make.person("谢静怡")
    make.grant(administrator, Role.ADMINISTRATOR, hall.street)
    browser = as_person(administrator)
    assert "2026-10-01 至 2026-10-07" in text(browser.get("/working-days"))
    given = {"shown": "3", "acknowledge": "2", "answer": "10", "off": "2026-11-23 至 2026-11-24\n2027-01-01", "worked": "2026-11-28"}
    assert browser.post("/working-days", data=given | {"off": "下周"}).status_code == 422
    assert browser.post("/working-days", data=given | {"worked": "2027-01-01"}).status_code == 422
    assert browser.post("/working-days", data=given).status_code == 303
    assert queries.publicity(hall.publish()).ends_on == date(2026, 11, 27)


def test_pages_ask_no_more_for_more(hall, make, as_person):
    secretary, counts = as_person(hall.secretary), []
    for round_ in range(2):
        for number in range(1 + round_ * 9):
            who = make.person(f"成员{number}", home=hall.unit)
            shown = hall.publish(subject_id=100 * round_ + number + 1, people=(who, hall.chan), by=hall.deputy)
            hall.object(shown, by=hall.ho, about=who, words=f"{number}")
        for page in ("/publicity", f"/publicity/{shown}", "/work"):
            with statements() as sent:
                text(secretary.get(page))
            counts.append((page, len(sent)))
    assert [asked for _, asked in counts[:3]] == [asked for _, asked in counts[3:]]
