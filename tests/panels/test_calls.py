"""征集: drafted by one, published by another; nothing is sent outside its days, whatever way."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund.models import FundStageEntry
from app.fund.rules import Stage
from app.fund.service import projects
from app.fund.stage_rules import DEFAULT_WEIGHTS, Criterion
from app.panels import queries
from app.panels import service as panels
from app.panels.rules import weights_fault


def attack(statement) -> None:
    with pytest.raises(DBAPIError):
        in_transaction(lambda: db.session.execute(text(statement) if isinstance(statement, str) else statement))
    db.session.rollback()


def test_who_drafts_does_not_publish(panel):
    call = panel.call(publish=False)
    with pytest.raises(Refused):
        in_transaction(lambda: panels.publish_call(call, panel.house.officer, clock.now()))
    attack(f"UPDATE fund_call SET published_at = made_at, published_by_id = {panel.house.officer}")
    in_transaction(lambda: panels.publish_call(call, panel.house.approver, clock.now()))
    assert queries.call(call).published_at


def test_a_published_call_never_changes(panel):
    call = panel.call()
    attack("UPDATE fund_call SET closes_on = '2030-01-01'")
    attack("DELETE FROM fund_call")
    with pytest.raises(Conflict):
        in_transaction(lambda: panels.drop_call(call, panel.house.officer))


@pytest.mark.parametrize("weights", [{"need": 21}, {"need": -20, "budget": 50}])
def test_the_weights_are_a_hundred_in_all(panel, weights):
    panel.call(publish=False)
    attack("UPDATE fund_call SET " + ", ".join(f"{name} = {weight}" for name, weight in weights.items()))
    assert weights_fault(dict.fromkeys(Criterion, 10)) is not None
    assert weights_fault(DEFAULT_WEIGHTS) is None


def drafted(panel, call, yuan=4_800):
    wanted = panel.house.wanted("工具角", (("用具", yuan),), queries.call(call).kind)
    return in_transaction(lambda: projects.draft(wanted, panel.proposer, clock.now(), call))


def by_force(project, by):
    return insert(FundStageEntry).values(project_id=project, seq=2, stage=Stage.APPLIED, at=clock.now(), by_id=by, note="")


@pytest.mark.parametrize(("opens", "closes", "said"), [(1, 9, "开始收"), (-9, -1, "截止")])
def test_nothing_is_sent_before_or_after_the_calls_days(panel, opens, closes, said):
    """Not through the service and not past it; the draft is kept."""
    call = panel.call(opens, max(closes, 0))
    project = drafted(panel, call)
    move = timedelta(days=0 if closes > 0 else 1)
    with clock.frozen_at(clock.now() + move):
        with pytest.raises(Conflict, match=said):
            in_transaction(lambda: projects.send(project, panel.proposer, clock.now()))
        attack(by_force(project, panel.proposer))
    assert queries.call(call).sent == 0


def test_the_last_day_still_counts_to_midnight_in_guicheng(panel):
    call = panel.call(-3, 0)
    project = drafted(panel, call)
    midnight = clock.at_local(clock.today() + timedelta(days=1))
    with clock.frozen_at(midnight):
        attack(by_force(project, panel.proposer))
    with clock.frozen_at(midnight - timedelta(seconds=1)):
        in_transaction(lambda: projects.send(project, panel.proposer, clock.now()))
    assert queries.call(call).sent == 1


def test_a_draft_call_takes_nothing(panel):
    project = drafted(panel, panel.call(publish=False))
    with pytest.raises(Conflict, match="还没有发布"):
        in_transaction(lambda: projects.send(project, panel.proposer, clock.now()))
    attack(by_force(project, panel.proposer))


def test_more_than_the_cap_is_not_sent(panel):
    project = drafted(panel, panel.call(cap=480_000), 4_801)
    with pytest.raises(Conflict, match=r"4,800\.00"):
        in_transaction(lambda: projects.send(project, panel.proposer, clock.now()))
    attack(by_force(project, panel.proposer))


def test_a_call_is_written_published_and_answered_in_the_browser(panel, as_person, client):
    officer, approver, unit = as_person(panel.house.officer), as_person(panel.house.approver), as_person(panel.proposer)
    form = {
        "kind": "micro",
        "title": "第五期微创熟",
        "words": "办一件小事",
        "opens_on": "2026-11-20",
        "closes_on": "2026-12-20",
        "cap": "9000",
    }
    weights = {one.value: str(weight) for one, weight in DEFAULT_WEIGHTS.items()}
    wrong = officer.post("/fund/calls", data=form | weights | {"need": "30"})
    assert wrong.status_code == 422
    assert "加起来要正好 100" in wrong.text
    made = officer.post("/fund/calls", data=form | weights)
    assert client.get(made.location).status_code == 404
    assert unit.post(f"{made.location}/publication").status_code == 404
    assert approver.post(f"{made.location}/publication").status_code == 303
    assert "第五期微创熟" in client.get("/fund/calls").text
    call = made.location.rsplit("/", 1)[1]
    assert f'value="{call}" selected' in unit.get(f"/fund/projects/new?call={call}").text


def test_a_call_that_has_weights_wrong_is_refused_by_the_service(panel):
    wanted = queries.call(panel.call())
    from app.panels.rules import CallDraft

    bad = CallDraft(wanted.kind, "x", "y", wanted.closes_on, wanted.opens_on, None, DEFAULT_WEIGHTS)
    with pytest.raises(Invalid) as refused:
        in_transaction(lambda: panels.draft_call(bad, panel.house.officer, clock.now()))
    assert "closes_on" in refused.value.fields


def test_the_calls_of_many_years_come_page_by_page(panel, client):
    for _ in range(queries.PAGE + 1):
        panel.call()
    first, second = client.get("/fund/calls").text, client.get("/fund/calls?page=2").text
    assert first.count("第四期微创熟") == queries.PAGE
    assert second.count("第四期微创熟") == 1
    assert "没有更早的征集了" in client.get("/fund/calls?page=99").text
