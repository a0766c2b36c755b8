"""A published call is extended, never shortened, or withdrawn: by two people, with a reason for everybody, and the applicants are told."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund.money_rules import Verdict
from app.fund.rules import Stage
from app.fund.service import projects
from app.panels import call_changes, queries
from app.worklist import queries as worklist
from tests.panels.test_calls import attack, drafted


def ask(panel, call, days=7, why="好几个社区说来不及", by=None):
    last = queries.call(call).closes_on + timedelta(days=days) if days is not None else None
    return in_transaction(lambda: call_changes.ask(call, last, why, by or panel.house.officer, clock.now()))


def decide(panel, change, verdict=Verdict.APPROVED, answer="", by=None):
    in_transaction(lambda: call_changes.decide(change, verdict, answer, by or panel.house.approver, clock.now()))


def told(person):
    return [row.words for row in worklist.notices(person, roots=frozenset(), day=clock.today())]


def test_two_people_keep_a_call_open_longer(panel):
    call = panel.call(-5, 0)
    project = drafted(panel, call)
    was = queries.call(call).closes_on
    change = ask(panel, call)
    assert queries.call(call).closes_on == was
    with pytest.raises(Refused):
        decide(panel, change, by=panel.house.officer)
    decide(panel, change)
    assert queries.call(call).closes_on == was + timedelta(days=7)
    (row,) = queries.changes_of(call)
    assert (row.was_on, row.closes_on, row.reason) == (was, was + timedelta(days=7), "好几个社区说来不及")
    with clock.frozen_at(clock.now() + timedelta(days=3)):
        in_transaction(lambda: projects.send(project, panel.proposer, clock.now()))
    assert queries.call(call).sent == 1


def test_who_has_a_draft_for_it_hears_of_the_longer_call_and_who_sent_one_does_not(panel):
    call = panel.call(-5, 3)
    panel.sent(call_id=call)
    decide(panel, ask(panel, call))
    assert not [words for words in told(panel.proposer) if "延长到" in words]
    drafted(panel, call)
    decide(panel, ask(panel, call))
    assert [words for words in told(panel.proposer) if "延长到" in words and "来不及" in words]


def test_it_is_never_shortened_nor_opened_again_once_it_is_over(panel):
    call = panel.call(-5, 3)
    for days in (0, -1):
        with pytest.raises(Invalid):
            ask(panel, call, days)
    change = ask(panel, call)
    with clock.frozen_at(clock.now() + timedelta(days=4)):
        with pytest.raises(Conflict, match="已经截止"):
            decide(panel, change)
        decide(panel, change, Verdict.RETURNED, "晚了")
        with pytest.raises(Conflict, match="已经截止"):
            ask(panel, call)


def test_a_withdrawn_call_takes_nothing_more_and_everybody_who_answered_is_told(panel):
    call = panel.call(-5, 10)
    sent, draft = panel.sent("楼下共享工具角", call_id=call), drafted(panel, call)
    decide(panel, ask(panel, call, None, "今年的钱先用来救急"))
    assert queries.call(call).withdrawn_at
    assert not queries.call(call).takes(clock.today())
    with pytest.raises(Conflict, match="已经撤回"):
        in_transaction(lambda: projects.send(draft, panel.proposer, clock.now()))
    said = [words for words in told(panel.proposer) if "撤回了" in words]
    assert said
    assert "今年的钱先用来救急" in said[0]
    panel.house.advance(sent, Stage.DECLINED, panel.house.approver, "征集撤回了")  # each is answered
    with pytest.raises(Conflict):
        ask(panel, call)


def test_nothing_is_sent_to_a_withdrawn_call_past_the_service_either(panel):
    call = panel.call(-5, 10)
    draft = drafted(panel, call)
    decide(panel, ask(panel, call, None, "今年的钱先用来救急"))
    attack(
        "INSERT INTO fund_stage_entry (project_id, seq, stage, at, by_id, note) "
        f"SELECT {draft}, 2, 'applied', at, {panel.proposer}, '' FROM fund_stage_entry WHERE project_id = {draft}"
    )


def test_it_is_not_withdrawn_once_a_project_of_it_was_approved(panel):
    call = panel.call(-5, 40)
    project = panel.seated(call_id=call)
    for person in panel.reviewers:
        panel.score(project, person)
    change = ask(panel, call, None, "不办了")
    in_transaction(lambda: panel_concluded(panel, project))
    with clock.frozen_at(clock.now() + timedelta(days=20)):
        panel.house.advance(project, Stage.APPROVED, panel.house.approver)
        with pytest.raises(Conflict, match="已经有项目立项"):
            decide(panel, change)
    attack(
        f"UPDATE fund_call_change SET verdict = 'approved', decided_at = made_at, decided_by_id = {panel.house.approver} "
        f"WHERE id = {change}"
    )


def panel_concluded(panel, project):
    projects.advance(project, Stage.SCORED, panel.house.officer, clock.now())
    projects.advance(project, Stage.PUBLICISED, panel.house.officer, clock.now(), phone="0757-86230000", place="党群服务中心")


def test_one_at_a_time_and_who_asked_may_take_it_back(panel):
    call = panel.call()
    change = ask(panel, call)
    with pytest.raises(Conflict, match="等另一位"):
        ask(panel, call, None)
    with pytest.raises(Refused):
        decide(panel, change, Verdict.WITHDRAWN)
    decide(panel, change, Verdict.WITHDRAWN, by=panel.house.officer)
    with pytest.raises(Conflict, match="办过了"):
        decide(panel, change)
    assert ask(panel, call, None) > change


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fund_call SET closes_on = '2030-01-01'",
        "UPDATE fund_call SET withdrawn_at = made_at",
        "UPDATE fund_call_change SET closes_on = '2030-01-01'",
        "UPDATE fund_call_change SET reason = '别的'",
        "UPDATE fund_call_change SET verdict = 'approved', decided_at = made_at, decided_by_id = made_by_id",
        "DELETE FROM fund_call_change",
    ],
)
def test_the_database_lets_only_what_two_people_decided_change_a_call(panel, statement):
    call = panel.call()
    change = ask(panel, call)
    attack(statement)
    decide(panel, change)
    attack("UPDATE fund_call SET closes_on = '2031-01-01'")
    attack("UPDATE fund_call SET title = '别的'")
    attack(f"UPDATE fund_call_change SET verdict = 'returned', answer = '不' WHERE id = {change}")


def test_the_database_shortens_no_call(panel):
    call = panel.call()
    values = f"{call}, '2026-12-01', '2026-11-30', '早点', CURRENT_TIMESTAMP, {panel.house.officer}, ''"
    with pytest.raises(DBAPIError):
        in_transaction(
            lambda: db.session.execute(
                text(f"INSERT INTO fund_call_change (call_id, was_on, closes_on, reason, made_at, made_by_id, answer) VALUES ({values})")
            )
        )


def test_in_the_browser(client, as_person, panel):
    call = panel.call(-5, 3)
    officer, approver = as_person(panel.house.officer), as_person(panel.house.approver)
    page = f"/fund/calls/{call}"
    assert "延长截止的日子" in officer.get(page).text
    assert "延长截止的日子" not in approver.get(page).text
    early = officer.post(f"{page}/extension", data={"closes_on": clock.today().isoformat(), "reason": "来不及"})
    assert early.status_code == 422
    assert "只能延长" in early.text
    last = (clock.today() + timedelta(days=30)).isoformat()
    for _ in range(2):  # pressed twice
        assert officer.post(f"{page}/extension", data={"closes_on": last, "reason": "来不及"}).status_code == 303
    (change,) = queries.changes_of(call)
    assert "来不及" not in client.get(page).text  # nobody has agreed
    assert "延长征集" in approver.get("/work").text
    decision = f"/fund/call-changes/{change.id}/decision"
    assert as_person(panel.proposer).post(decision, data={"verdict": "approved"}).status_code == 404
    assert approver.post(decision, data={"verdict": "returned", "answer": ""}).status_code == 303
    assert queries.changes_of(call)[0].waits
    assert approver.post(decision, data={"verdict": "approved"}).status_code == 303
    seen = client.get(page).text
    assert "来不及" in seen
    assert "正在收" in seen
    assert officer.post(f"{page}/taking-back", data={"why": ""}).status_code == 422
    assert officer.post(f"{page}/taking-back", data={"why": "今年不办了"}).status_code == 303
    approver.post(f"/fund/call-changes/{queries.changes_of(call)[0].id}/decision", data={"verdict": "approved"})
    seen = client.get(page).text
    for words in ("已撤回", "今年不办了", "来不及"):
        assert words in seen
    for name in ("邓淑芬", "罗国栋", "报一个项目"):
        assert name not in seen
    assert "已撤回" in client.get("/fund/calls").text
    assert queries.call(call).title not in client.get("/fund").text


def test_decided_by_several_at_once_it_is_decided_once(panel, at_once):
    call = panel.call()
    was, change = queries.call(call).closes_on, ask(panel, call)
    ways = [(Verdict.APPROVED, panel.house.approver), (Verdict.APPROVED, panel.house.second), (Verdict.WITHDRAWN, panel.house.officer)]
    done = at_once([lambda verdict=verdict, by=by: decide(panel, change, verdict, by=by) for verdict, by in ways])
    assert sum(isinstance(result, Conflict) for result in done) == 2
    (row,) = queries.changes_of(call)
    assert queries.call(call).closes_on == (was + timedelta(days=7) if row.held else was)


def test_asked_for_by_two_at_once_one_waits(panel, at_once):
    call = panel.call()
    done = at_once([lambda days=days: ask(panel, call, days) for days in (7, None)])
    assert sum(isinstance(result, Conflict) for result in done) == 1
    assert len(queries.changes_of(call)) == 1
