"""Nobody moves a yuan alone: the steps of a request, and what the books say after each."""

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.core.db import db
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.fund import queries
from app.fund.models import FundMovementEntry
from app.fund.rules import Stage, Step


def test_a_payment_goes_from_request_to_public_figure(house):
    project = house.project()
    house.donate(20_000)
    house.grant(project, 10_000)
    request = house.pay(project, 4_860)
    house.step(request, Step.RECONCILED, house.approver)
    totals = queries.totals()
    assert (totals.income, totals.spent, totals.balance) == (2_000_000, 486_000, 1_514_000)
    figures = queries.figures_of(project)
    assert (figures.received, figures.spent, figures.balance, figures.not_yet) == (1_000_000, 486_000, 514_000, 6_000_000)
    assert queries.disagreements() == []
    assert [row.voucher_no for row in queries.movements().rows] == [3, 2, 1]


def test_an_administrator_may_reconcile_too(house):
    project = house.project()
    house.donate(9_000, project)
    request = house.pay(project, 4_000)
    house.step(request, Step.RECONCILED, house.administrator)
    assert queries.standing(request).state is Step.RECONCILED


def test_the_applicant_never_approves(house):
    request = house.ask(house.project(), 100)
    with pytest.raises(Refused):
        house.step(request, Step.APPROVED, house.officer)


def test_who_decides_steps_aside_from_a_project_of_their_own_unit(house):
    request = house.ask(house.project(), 6_000)
    for step in (Step.APPROVED, Step.RETURNED):
        with pytest.raises(Refused, match="回避"):
            house.step(request, step, house.neighbour, "原因")
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Refused, match="回避"):
        house.step(request, Step.SECONDED, house.neighbour)
    house.step(request, Step.SECONDED, house.second)


def test_a_project_of_the_branch_below_is_not_ones_own(house, make):
    of_the_community = make.person("社区书记", home=house.community)
    make.grant(of_the_community, Role.FUND_APPROVER, house.root)
    house.community = make.unit("锦园第二党支部", parent=house.community)
    request = house.ask(house.project(), 100)
    house.step(request, Step.APPROVED, of_the_community)


def test_from_a_project_of_the_whole_subdistrict_nobody_steps_aside(house, make):
    at_the_root = make.person("街道的人", home=house.root)
    make.grant(at_the_root, Role.FUND_APPROVER, house.root)
    house.community = house.root
    project = house.project()
    for by in (house.neighbour, at_the_root):
        house.step(house.ask(project, 100), Step.APPROVED, by)


def test_who_steps_aside_may_still_check_against_the_bank(house):
    project = house.project()
    house.donate(500, project)
    request = house.pay(project, 100)
    house.step(request, Step.RECONCILED, house.neighbour)


def test_the_approver_does_not_pay(house):
    project = house.project()
    house.donate(500, project)
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Refused):
        house.step(request, Step.PAID, house.approver)


def test_the_payer_never_reconciles_even_after_others_spoke(house):
    project = house.project()
    house.donate(500, project)
    request = house.pay(project, 100)
    house.step(request, Step.MISMATCH, house.approver, "回单少 1 元")
    house.step(request, Step.ANSWERED, house.second, "手续费另付")
    with pytest.raises(Refused):
        house.step(request, Step.RECONCILED, house.officer)
    house.step(request, Step.RECONCILED, house.approver)


def test_no_step_is_skipped_or_taken_twice(house):
    project = house.project()
    house.donate(500, project)
    request = house.ask(project, 100)
    for step in (Step.PAID, Step.RECONCILED, Step.SECONDED, Step.ANSWERED):
        with pytest.raises(Conflict):
            house.step(request, step, house.administrator, "原因")
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Conflict):
        house.step(request, Step.APPROVED, house.second)


def test_above_five_thousand_yuan_a_second_approver_is_needed(house):
    project = house.project()
    house.donate(20_000, project)
    request = house.ask(project, 5_001)
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Conflict):
        house.step(request, Step.PAID, house.officer)
    with pytest.raises(Refused):
        house.step(request, Step.SECONDED, house.approver)
    house.step(request, Step.SECONDED, house.second)
    house.step(request, Step.PAID, house.officer)
    assert queries.figures_of(project).spent == 500_100


def test_an_applicant_who_also_approves_returns_nothing_of_their_own(house):
    request = house.ask(house.project(), 5_001, by=house.approver)
    house.step(request, Step.APPROVED, house.second)
    with pytest.raises(Refused):
        house.step(request, Step.RETURNED, house.approver, "再想想")


def test_exactly_five_thousand_needs_one_approver(house):
    project = house.project()
    house.donate(20_000, project)
    house.pay(project, 5_000)
    assert queries.figures_of(project).spent == 500_000


def test_above_fifty_thousand_a_meeting_minute_is_needed(house):
    project = house.project(lines=(("设备", 90_000),))
    with pytest.raises(Invalid) as refused:
        house.ask(project, 50_001)
    assert "minute_ref" in refused.value.fields
    house.ask(project, 50_001, minute="党工委会议纪要〔2026〕18 号")


def test_a_payment_stays_within_its_budget_line_and_counts_what_is_underway(house):
    project = house.project(lines=(("材料", 1_000),))
    house.ask(project, 700)
    with pytest.raises(Invalid) as refused:
        house.ask(project, 301)
    assert "300.00" in refused.value.fields["fen"]
    house.ask(project, 300)


def test_money_that_is_not_there_is_not_paid(house):
    project = house.project()
    house.donate(99, project)
    request = house.ask(project, 100)
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Conflict, match=r"99\.00"):
        house.step(request, Step.PAID, house.officer)
    assert queries.standing(request).state is Step.APPROVED
    assert queries.figures_of(project).spent == 0


def test_a_grant_stays_within_the_budget_and_within_the_fund(house):
    project = house.project(lines=(("材料", 1_000),))
    with pytest.raises(Invalid):
        house.grant(project, 1_001)
    with pytest.raises(Conflict):
        house.grant(project, 1_000)


def test_grants_that_wait_for_approval_count_against_the_budget(house):
    project = house.project()
    house.donate(200_000)
    first = house.ask_grant(project, 70_000)
    with pytest.raises(Invalid) as refused:
        house.ask_grant(project, 30_000)
    assert "正在办 70,000.00 元，最多还能拨 0.00 元" in refused.value.fields["fen"]
    house.step(first, Step.RETURNED, house.approver, "分两次拨")
    house.grant(project, 40_000)
    house.ask_grant(project, 30_000)
    with pytest.raises(Invalid):
        house.ask_grant(project, 1)
    assert queries.figures_of(project).received == 40_000_00


def test_a_grant_is_held_against_the_budget_again_when_it_is_booked(house):
    project = house.project()
    house.donate(200_000)
    request = house.ask_grant(project, 70_000)
    house.donate(1, project)
    with pytest.raises(Conflict, match="超出预算"):
        house.step(request, Step.APPROVED, house.approver)
    assert queries.standing(request).state is Step.REQUESTED
    assert queries.figures_of(project).received == 1_00
    assert queries.disagreements() == []
    house.step(request, Step.RETURNED, house.approver, "按余下的数重新申请")
    house.grant(project, 69_999)
    assert queries.figures_of(project).received == 70_000_00


def test_a_donation_counts_only_when_another_person_found_it_in_the_bank(house, make):
    from app.core import clock
    from app.core.db import in_transaction
    from app.fund.rules import DonationNoted
    from app.fund.service import requests

    noted = DonationNoted(None, 100_00, "何先生", "", "街坊捐赠", "回单 9", clock.today())
    request = in_transaction(lambda: requests.note_donation(noted, house.officer, clock.now()))
    assert queries.totals().income == 0
    with pytest.raises(Refused):
        house.step(request, Step.APPROVED, house.officer)
    house.step(request, Step.APPROVED, house.administrator)
    assert queries.totals().income == 100_00


def test_money_given_for_a_project_is_spent_on_that_project_only(house):
    one, other = house.project("独居长者家里修一修"), house.project("山区小学的书")
    house.donate(1_000, one)
    request = house.ask(other, 100)
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Conflict):
        house.step(request, Step.PAID, house.officer)


def test_a_returned_request_says_why_and_is_over(house):
    request = house.ask(house.project(), 100)
    with pytest.raises(Invalid):
        house.step(request, Step.RETURNED, house.approver)
    house.step(request, Step.RETURNED, house.approver, "请附发票")
    with pytest.raises(Conflict):
        house.step(request, Step.APPROVED, house.second)


def test_a_request_is_withdrawn_by_who_made_it(house):
    request = house.ask(house.project(), 100)
    with pytest.raises(Refused):
        house.step(request, Step.WITHDRAWN, house.approver)
    house.step(request, Step.WITHDRAWN, house.officer)


def test_a_correction_reverses_and_publishes_why(house):
    project = house.project()
    house.donate(1_000, project)
    paid = house.pay(project, 600)
    house.correct(paid, "供应商退货，600 元已退回账户")
    figures = queries.figures_of(project)
    assert (figures.spent, figures.balance) == (0, 100_000)
    newest = queries.movements().rows[0]
    assert (newest.fen, newest.memo, newest.reverses_voucher) == (-60_000, "供应商退货，600 元已退回账户", 2)
    assert queries.page(project).lines[0].left == 40_000_00
    assert queries.standing(paid).state is Step.CORRECTED
    assert queries.disagreements() == []


def test_a_correction_needs_a_second_person_and_happens_once(house):
    from app.core import clock
    from app.core.db import in_transaction
    from app.fund.service import requests

    project = house.project()
    given = house.donate(1_000, project)
    asked = in_transaction(lambda: requests.ask_correction(given, "重复记了一次", house.officer, clock.now()))
    with pytest.raises(Conflict):
        in_transaction(lambda: requests.ask_correction(given, "再来一次", house.officer, clock.now()))
    with pytest.raises(Refused):
        house.step(asked, Step.APPROVED, house.officer)
    house.step(asked, Step.APPROVED, house.approver)
    for again in (given, asked):
        with pytest.raises(Conflict):
            in_transaction(lambda again=again: requests.ask_correction(again, "再来一次", house.officer, clock.now()))
    assert queries.totals().income == 0


def test_a_donation_that_was_spent_can_not_be_taken_back(house):
    project = house.project()
    given = house.donate(1_000, project)
    house.pay(project, 600)
    with pytest.raises(Conflict, match=r"400\.00"):
        house.correct(given)
    assert queries.totals().income == 100_000


def test_every_step_is_audited(house):
    project = house.project()
    house.donate(1_000, project)
    house.pay(project, 600)
    actions = set(db.session.execute(select(AuditEvent.action)).scalars())
    assert {"fund.request", "fund.approved", "fund.paid", "fund.project.draft", "fund.project.running"} <= actions


def test_a_closed_project_takes_no_more_money(house):
    project = house.project()
    house.donate(600, project)
    request = house.pay(project, 600)
    house.advance(project, Stage.FINAL, house.officer, "都修好了")
    with pytest.raises(Conflict, match="没办完的款项"):
        house.advance(project, Stage.CLOSED, house.approver, "同意")
    house.step(request, Step.RECONCILED, house.approver)
    with pytest.raises(Refused):
        house.advance(project, Stage.CLOSED, house.officer, "同意")
    house.advance(project, Stage.CLOSED, house.approver, "同意")
    assert queries.page(project).card.stage is Stage.CLOSED
    with pytest.raises(Conflict):
        house.donate(1, project)


def test_vouchers_have_no_gap_after_a_refused_payment(house):
    project = house.project()
    house.donate(100, project)
    request = house.ask(project, 200)
    house.step(request, Step.APPROVED, house.approver)
    with pytest.raises(Conflict):
        house.step(request, Step.PAID, house.officer)
    house.donate(100, project)
    house.step(request, Step.PAID, house.officer)
    count, highest = db.session.execute(select(func.count(), func.max(FundMovementEntry.voucher_no))).one()
    assert count == highest == 3
