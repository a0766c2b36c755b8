"""The tables of rights agree with one another and with the page that says them in words."""

from app.core.permissions import ACTION_NAMES, ALLOWED, GRANTS, OWN_UNIT_ONLY, READS_ONLY, ROLE_NAMES, SECOND_FACTOR, Action, Role
from tests.architecture.permission_page import PAGE, words

READS = {action for action in Action if action.value.endswith(".read")} | {Action.ROSTER_EXPORT}
OWN_WORK = {Action.SPOT_CHECK}


def test_the_page_is_what_the_tables_say():
    assert PAGE.read_text(encoding="utf-8") == words(), "run `python -m tests.architecture.permission_page` and commit the difference"


def test_every_action_and_every_role_has_a_name():
    assert set(ACTION_NAMES) == set(ALLOWED) == set(Action)
    assert set(ROLE_NAMES) == set(Role)


def test_the_auditor_reads_everything_and_does_nothing_but_check():
    assert {action for action in Action if Role.AUDITOR in ALLOWED[action]} == READS | OWN_WORK
    assert all(ALLOWED[action] == {Role.AUDITOR} for action in OWN_WORK)
    assert {Role.AUDITOR} == READS_ONLY


def test_who_gives_roles_may_and_every_role_is_given_by_somebody():
    assert set(GRANTS) == ALLOWED[Action.ROLE_GRANT]
    assert set().union(*GRANTS.values()) == set(Role)
    assert all(role in GRANTS[giver] for giver, role in OWN_UNIT_ONLY)


def test_who_handles_money_or_rights_needs_a_second_factor():
    handled = (Action.FUND_MANAGE, Action.FUND_APPROVE, Action.FUND_PAY, Action.UNIT_MANAGE, Action.STAFF_RESET)
    assert set().union(*(ALLOWED[action] for action in handled)) <= SECOND_FACTOR
