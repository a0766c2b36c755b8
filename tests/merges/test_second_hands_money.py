"""As `test_second_hands`, of audits, the bank and panels: what one record of a person paid or asked, the other does not settle."""

import pytest
from sqlalchemy import select

from app.bank.queries import lines as bank_lines
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Action
from app.fund.models import FundProject
from app.fund.rules import ProjectKind, Stage, Step
from app.fund.service import projects
from app.panels.queries.lists import for_officers
from app.spotchecks import parts
from app.spotchecks.queries import checks
from app.spotchecks.rules import Finding
from tests.bank.examples import bring, line_ids, match
from tests.fund.conftest import house
from tests.fund.houses import YUAN
from tests.merges.conftest import Two
from tests.merges.test_followed import merging
from tests.spotchecks.examples import Books

__all__ = ["house"]


def becoming(house, old: int) -> Two:
    """`old` is one of the fund's people, `new` another record of theirs."""
    return merging(house.make, house.root, house.community, old, house.make.person("罗国梁", home=house.community))


def looks(books: Books) -> int:
    """How many entries the list says wait for the auditor."""
    return db.session.query(checks.Pick.id).where(checks.for_auditor(books.house.auditor)).count()


def test_an_auditor_checks_no_payment_that_their_other_record_handled(house, as_person):
    books, pair = Books(house), becoming(house, house.auditor)
    request = house.ask(books.project, 90, by=pair.new)
    house.step(request, Step.APPROVED, house.approver)
    house.step(request, Step.PAID, house.officer)
    house.step(request, Step.RECONCILED, house.second)
    (pick,) = [one for one in checks.of_check(books.drawn(9)) if one.request_id == request]
    page = f"/fund/checks/entries/{pick.id}"
    assert looks(books) == 9
    assert 'name="finding"' in as_person(house.auditor).get(page).text
    pair.merge()
    assert looks(books) == 8
    assert 'name="finding"' not in as_person(house.auditor).get(page).text
    with pytest.raises(Refused, match="经手过"):
        books.find(pick.id, Finding.FINE)


def test_nor_passes_the_answer_that_it_gave_nor_answers_what_it_asked(house):
    books, auditor = Books(house), becoming(house, house.auditor)
    first, second = checks.of_check(books.drawn())[:2]
    books.find(first.id, Finding.QUESTION)
    books.answer(first.id, by=auditor.new)
    assert looks(books) == 3
    auditor.merge()
    assert looks(books) == 2
    with pytest.raises(Refused, match="您写的"):
        books.find(first.id, Finding.FINE)
    officer = becoming(house, house.officer)
    books.find(second.id, Finding.QUESTION, by=officer.new)
    actor = house.make.actor(house.officer)
    assert [item.subject.pick.id for item in parts.answers(actor)] == [second.id]
    officer.merge()
    assert parts.answers(actor) == []
    with pytest.raises(Conflict, match="您写的"):
        books.answer(second.id)


def paid(house, by: int) -> int:
    house.donate(1_000)
    project = house.project()
    house.grant(project, 1_000)
    request = house.ask(project, 200)
    house.step(request, Step.APPROVED, house.second)
    house.step(request, Step.PAID, by)
    return request


def brought(house, by: int) -> int:
    return line_ids(bring(by, 1_000 * YUAN, (clock.today(), -200 * YUAN, "南庄顺达五金店", "0619 2284 7731", "货款")))[0]


def test_who_paid_under_the_other_record_does_not_match_the_line(house):
    pair = becoming(house, house.approver)
    request, line = paid(house, pair.new), brought(house, house.second)
    house.step(request, Step.RECONCILED, house.second)  # looked at without the bank; until then nobody is merged
    merge_id = pair.merge()
    assert bank_lines.candidate(request).hands == {house.approver}
    with pytest.raises(Refused, match="您付的"):
        match(line, request, house.approver)
    pair.undo(merge_id)
    match(line, request, house.approver)


def test_a_statement_brought_under_the_other_record_proves_nothing_about_ones_own_payment(house):
    pair = becoming(house, house.officer)
    request, line = paid(house, house.officer), brought(house, pair.new)
    pair.merge()
    assert bank_lines.free_line(line).brought_by_id == house.officer
    with pytest.raises(Refused, match="自己导入"):
        match(line, request, house.approver)


def test_who_changed_a_draft_names_no_panel_of_it(house):
    wanted = house.wanted("楼道添灯", (("材料", 4_000),), ProjectKind.CARE)
    project = in_transaction(lambda: projects.draft(wanted, house.officer, clock.now()))
    in_transaction(lambda: projects.redraft(project, wanted, house.approver, clock.now()))
    in_transaction(lambda: projects.send(project, house.officer, clock.now()))
    house.advance(project, Stage.CHECKED, house.second)
    actor = house.make.actor(house.approver)
    assert actor.roots(Action.FUND_APPROVE)
    assert db.session.scalar(select(FundProject.id).where(for_officers(actor, clock.today()))) is None
