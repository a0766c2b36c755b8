"""补充协议: a contract that runs is changed by two people; the instalments follow, and what held before stays to be read."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.fund import queries as fund
from app.fund.amendment_rules import AmendmentDraft
from app.fund.money_rules import Verdict
from app.fund.queries import amendments, stages
from app.fund.rules import Stage
from app.fund.service import amendments as service
from app.fund.stage_rules import After, Instalment
from tests.fund.houses import YUAN


def part(yuan, days=0, after=After.START, words=""):
    return Instalment(yuan * YUAN, clock.today() + timedelta(days=days), after, words)


def wanted(*parts, number="补-1", why="材料涨价，第二期提早", fen=None, places=None):
    by_place = dict(zip(places or range(1, len(parts) + 1), parts, strict=True))
    return AmendmentDraft(number, clock.today(), sum(one.fen for one in parts) if fen is None else fen, why, by_place)


def propose(house, project, draft, by=None):
    return in_transaction(lambda: service.propose(project, draft, by or house.officer, clock.now()))


def decide(house, amendment, verdict=Verdict.APPROVED, answer="", by=None):
    in_transaction(lambda: service.decide(amendment, verdict, answer, by or house.approver, clock.now()))


def amend(house, project, *parts, **more):
    decide(house, propose(house, project, wanted(*parts, **more)))


def plan(project):
    return [(row.place, row.fen // YUAN, row.left // YUAN) for row in stages.instalments(project)]


@pytest.fixture
def project(house):
    """Two instalments, 6,000 and 4,000 of a budget of 70,000; the first was granted."""
    project_id = house.approved()
    house.sign(project_id, 6_000, 4_000)
    house.advance(project_id, Stage.RUNNING, house.approver)
    house.donate(60_000)
    house.grant(project_id, 6_000)
    return project_id


def test_nothing_changes_before_another_person_approved(house, project):
    amendment = propose(house, project, wanted(part(6_000), part(5_000, 3), part(2_000, 9)))
    assert plan(project) == [(1, 6_000, 0), (2, 4_000, 4_000)]
    with pytest.raises(Refused, match="另一位"):
        decide(house, amendment, by=house.officer)
    decide(house, amendment, by=house.second)
    assert plan(project) == [(1, 6_000, 0), (2, 5_000, 5_000), (3, 2_000, 2_000)]
    assert stages.contract(project).fen == 13_000 * YUAN
    (row,) = amendments.of_project(project)
    assert (row.replaced["fen"], [(place, one.fen // YUAN, granted // YUAN) for place, one, granted in row.before]) == (
        10_000 * YUAN,
        [(1, 6_000, 6_000), (2, 4_000, 0)],
    )


def test_money_then_comes_in_the_new_instalments(house, project):
    amend(house, project, part(6_000), part(1_000, 3), part(8_000, 9))
    with pytest.raises(Invalid):
        house.ask_grant(project, 4_000)
    house.grant(project, 1_000)
    house.grant(project, 8_000)
    with pytest.raises(Conflict, match="都拨完"):
        house.ask_grant(project, 1)
    assert fund.figures_of(project).received == 15_000 * YUAN


def test_an_instalment_that_is_left_out_gives_nothing_and_may_come_back(house, project):
    amend(house, project, part(6_000), part(3_000, 9), places=(1, 3))
    assert plan(project) == [(1, 6_000, 0), (3, 3_000, 3_000)]
    house.grant(project, 3_000)
    gone = next(row for row in stages.instalments(project, dropped=True) if row.place == 2)
    with pytest.raises(DBAPIError, match="money comes in instalments"):  # nor past the service
        in_transaction(
            lambda: db.session.execute(
                text(
                    "INSERT INTO fund_request (kind, number, fen, from_account_id, to_account_id, project_id, instalment_id, unit_id, "
                    "purpose, requested_at, needs_second, needs_minute, minute_ref, explanation, counterparty, reference, public_name, "
                    "last_by_id) SELECT kind, 'X-1', 100, from_account_id, to_account_id, project_id, :gone, unit_id, purpose, "
                    "requested_at, needs_second, needs_minute, minute_ref, explanation, counterparty, reference, public_name, last_by_id "
                    "FROM fund_request WHERE kind = 'grant' AND project_id = :project LIMIT 1"
                ),
                {"gone": gone.id, "project": project},
            )
        )
    db.session.rollback()
    amend(house, project, part(6_000), part(500, 2), part(3_000, 9), number="补-2")
    assert plan(project) == [(1, 6_000, 0), (2, 500, 500), (3, 3_000, 0)]
    assert len(amendments.of_project(project)) == 2


def test_a_correction_opens_the_amended_instalment_again(house, project):
    amend(house, project, part(6_000), part(2_000, 3))
    house.correct(house.grant(project, 2_000))
    assert plan(project) == [(1, 6_000, 0), (2, 2_000, 2_000)]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (lambda: wanted(part(6_000), part(70_000, 3)), "fen"),  # above the budget
        (lambda: wanted(part(6_000), part(4_000, 3), fen=9_000 * YUAN), "fen"),
        (lambda: wanted(part(5_000), part(4_000, 3)), "part_1"),  # 6,000 were granted
        (lambda: wanted(part(4_000, 3), places=(2,)), "part_1"),
        (lambda: wanted(part(6_000, 1), part(4_000, 3)), "part_1"),  # what was granted stays as it was
        (lambda: wanted(part(6_000), part(4_000, -3)), "due_2"),
        (lambda: wanted(part(6_000), part(4_000, 3, After.MIDTERM)), "after_2"),  # a wish has no midterm
        (lambda: wanted(part(6_000), part(4_000)), "part_1"),  # as it is
    ],
)
def test_what_can_not_be_agreed_is_said_beside_its_field(house, project, draft, field):
    with pytest.raises(Invalid) as fault:
        propose(house, project, draft())
    assert field in fault.value.fields


def test_what_was_granted_meanwhile_is_looked_at_again(house, project):
    amendment = propose(house, project, wanted(part(6_000), part(1_000, 3)))
    house.grant(project, 4_000)
    with pytest.raises(Invalid):
        decide(house, amendment)
    decide(house, amendment, Verdict.RETURNED, "第二期刚拨了 4,000 元")
    assert plan(project) == [(1, 6_000, 0), (2, 4_000, 0)]


def test_who_sent_the_project_or_is_of_its_unit_approves_nothing(house, project):
    amendment = propose(house, project, wanted(part(6_000), part(5_000, 3)), by=house.second)
    with pytest.raises(Refused, match="您报的项目"):
        decide(house, amendment, by=house.officer)
    with pytest.raises(Refused, match="回避"):
        decide(house, amendment, by=house.neighbour)
    with pytest.raises(Refused):
        decide(house, amendment, by=house.second)
    with pytest.raises(DBAPIError):
        in_transaction(
            lambda: db.session.execute(
                text(f"UPDATE fund_amendment SET verdict = 'approved', decided_at = made_at, decided_by_id = {house.officer}")
            )
        )


def test_one_waits_at_a_time_and_only_while_the_project_goes_on(house, project):
    amendment = propose(house, project, wanted(part(6_000), part(5_000, 3)))
    with pytest.raises(Conflict, match="等同意"):
        propose(house, project, wanted(part(6_000), part(3_000, 3), number="补-2"))
    decide(house, amendment, Verdict.WITHDRAWN, by=house.officer)
    house.advance(project, Stage.STOPPED, house.approver)
    with pytest.raises(Conflict):
        propose(house, project, wanted(part(6_000), part(5_000, 3)))
    with pytest.raises(Conflict, match="直接改协议"):
        propose(house, house.approved("另一个"), wanted(part(6_000)))


def test_a_number_is_taken_once(house, project):
    with pytest.raises(Invalid):
        propose(house, project, wanted(part(6_000), part(5_000, 3), number=f"协议-{project}"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fund_instalment SET fen = fen + 100",
        "UPDATE fund_instalment SET dropped_by_id = (SELECT max(id) FROM fund_amendment) WHERE place = 2",
        "INSERT INTO fund_instalment (project_id, place, fen, due_on, after, words) SELECT project_id, 9, fen, due_on, after, '' "
        "FROM fund_instalment WHERE place = 1",
        "DELETE FROM fund_instalment WHERE place = 2",
        "UPDATE fund_amendment SET fen = 1",
        "UPDATE fund_amendment SET verdict = 'returned', answer = '不', decided_at = made_at, decided_by_id = made_by_id",
        "DELETE FROM fund_amendment",
        "UPDATE fund_amendment_part SET fen = 1",
        "DELETE FROM fund_amendment_part",
        "UPDATE fund_contract SET fen = 1",
    ],
)
def test_the_database_changes_instalments_only_as_it_was_approved(house, project, statement):
    amendment = propose(house, project, wanted(part(6_000), part(5_000, 3)))
    for _ in range(2):
        with pytest.raises(DBAPIError):
            in_transaction(lambda: db.session.execute(text(statement)))
        db.session.rollback()
        if amendments.amendment(amendment).waits:
            decide(house, amendment)


def test_the_database_approves_nothing_below_what_was_granted(house, project):
    propose(house, project, wanted(part(6_000), part(1_000, 3)))
    house.grant(project, 4_000)
    with pytest.raises(DBAPIError):
        in_transaction(
            lambda: db.session.execute(
                text(f"UPDATE fund_amendment SET verdict = 'approved', decided_at = made_at, decided_by_id = {house.second}")
            )
        )


def typed(*yuan, **more):
    day = clock.today().isoformat()
    values = {"number": "补-9", "signed_on": day, "reason": "材料涨价", "fen": str(sum(yuan))} | more
    for place, one in enumerate(yuan, 1):
        values |= {f"part_{place}": str(one), f"due_{place}": day, f"after_{place}": "start"}
    return values


def test_in_the_browser(client, as_person, house, project):
    officer, approver = as_person(house.officer), as_person(house.approver)
    page = f"/fund/projects/{project}"
    assert "签了补充协议，改分期" in officer.get(page).text
    assert "签了补充协议" not in approver.get(page).text
    assert officer.get(f"{page}/amendments/new").status_code == 200
    wrong = officer.post(f"{page}/amendments", data=typed(6_000, 4_500, fen="9999"))
    assert wrong.status_code == 422
    assert "各期加起来要正好等于" in wrong.text
    for _ in range(2):  # pressed twice
        assert officer.post(f"{page}/amendments", data=typed(6_000, 4_500, 500)).status_code == 303
    (row,) = amendments.of_project(project)
    assert "材料涨价" not in client.get(page).text
    assert "补充协议，等同意" in officer.get(page).text
    assert "材料涨价" in approver.get("/work").text
    decision = f"/fund/amendments/{row.id}/decision"
    assert as_person(house.neighbour).post(decision, data={"verdict": "approved"}).status_code == 303
    assert as_person(house.auditor).post(decision, data={"verdict": "approved"}).status_code == 404
    assert amendments.amendment(row.id).waits
    assert approver.post(decision, data={"verdict": "approved"}).status_code == 303
    seen = client.get(page).text
    for words in ("材料涨价", "10,000.00 → 11,000.00 元", "原来的分期", "4,500.00", "4,000.00", "改签"):
        assert words in seen
    for secret in ("邓淑芬", "罗国栋", "补-9"):
        assert secret not in seen
    assert '"amountAwarded": 11000.0' in client.get("/fund/data/projects.json").text


def test_decided_by_several_at_once_it_is_decided_once(house, project, at_once):
    amendment = propose(house, project, wanted(part(6_000), part(5_000, 3)))
    ways = [(Verdict.APPROVED, house.approver), (Verdict.APPROVED, house.second), (Verdict.WITHDRAWN, house.officer)]
    done = at_once([lambda verdict=verdict, by=by: decide(house, amendment, verdict, by=by) for verdict, by in ways])
    assert sum(isinstance(result, Conflict) for result in done) == 2
    row = amendments.amendment(amendment)
    assert plan(project)[1] == ((2, 5_000, 5_000) if row.verdict is Verdict.APPROVED else (2, 4_000, 4_000))


def test_money_asked_for_while_an_instalment_is_left_out_is_never_without_one(house, project, at_once):
    """Whoever comes first: the other is refused."""
    amendment = propose(house, project, wanted(part(6_000), part(3_000, 9), places=(1, 3)))
    at_once([lambda: decide(house, amendment), lambda: house.ask_grant(project, 4_000)])
    of_it = "SELECT count(*) FROM fund_request WHERE kind = 'grant' AND project_id = :project AND fen = 400000"
    asked = db.session.execute(text(of_it), {"project": project}).scalar_one()
    assert (amendments.amendment(amendment).verdict is Verdict.APPROVED) == (asked == 0)


def test_recorded_by_two_at_once_one_waits(house, project, at_once):
    drafts = [wanted(part(6_000), part(yuan, 3), number=f"补-{yuan}") for yuan in (5_000, 3_000)]
    done = at_once([lambda draft=draft: propose(house, project, draft) for draft in drafts])
    assert sum(isinstance(result, Conflict) for result in done) == 1
    assert len(amendments.of_project(project)) == 1
