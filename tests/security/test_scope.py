"""Numbers in addresses are guessed: what lies in another branch is a 404, for every role that may do the same at home.

The walk of tests/architecture/test_routes.py asks this of every route; here it is asked of the pages that tell most, one by one, and of
whoever holds each of the roles in a sibling branch.
"""

from typing import Any

import pytest

from app.core.permissions import Role
from tests.conftest import Client
from tests.security.mutants import WALLS

sqlite_only = True
TELLING = {
    "one member": "/branch/people/{person_id}",
    "their particulars": "/people/{person_id}/profile",
    "the roles of somebody": "/people/{person_id}/roles",
    "two records of one person": "/merges/of/{person_id}/and/{other_id}",
    "a merge": "/merges/{merge_id}",
    "a request about one's data": "/rights/{rights_id}",
    "who asks about their data": "/people/{person_id}/rights",
    "a sealed day": "/seals/{sealed_day}",
    "the file of a sealed day": "/seals/{sealed_day}/file.json",
    "how the machine is": "/system",
    "one line of the audit": "/audit/{event_id}",
    "a list of names": "/claims/{batch_id}",
    "a report that was frozen": "/reports/{report_id}",
    "that report as a table": "/reports/{report_id}/report.xlsx",
    "a batch of certificates": "/certificates/batches/{certificates}",
    "that batch as a file": "/certificates/batches/{certificates}.pdf",
    "a roster that is brought in": "/imports/{imports}",
    "the corrections of a roster": "/imports/{imports}/refused.xlsx",
    "a request of the fund": "/fund/requests/{request_id}",
    "an assessment as a table": "/assessments/{assessment_id}.xlsx",
}


@pytest.fixture
def places(filled: dict[str, Any]) -> dict[str, str]:
    under = filled["under"]
    known = filled | {"certificates": under["certificates"]["batch_id"], "imports": under["imports"]["batch_id"]}
    known |= {"request_id": under["fund"].get("request_id", filled["request_id"])}
    return {name: address.format(**known) for name, address in TELLING.items()}


@pytest.fixture
def strangers(scene, make, as_person) -> dict[Role, Client]:
    """Who may do most, in a sibling branch."""
    found, sibling = {}, make.unit("锦园第二党支部", parent=scene["community"])
    for role in (Role.SECRETARY, Role.ADMINISTRATOR, Role.FUND_OFFICER, Role.AUDITOR):
        person = make.person(f"邻居{role}", home=sibling)
        make.grant(person, role, sibling)
        found[role] = as_person(person)
    return found


def opened(asked: str, strangers: dict[Role, Client]) -> list[tuple[Role, int]]:
    return [(role, status) for role, browser in strangers.items() if (status := browser.get(asked).status_code) != 404]


def test_what_lies_in_another_branch_does_not_exist_and_each_wall_is_why(places, strangers):
    assert {name: found for name, asked in places.items() if (found := opened(asked, strangers))} == {}
    assert {page for _, page in WALLS.values()} <= set(places)
    standing = []
    for name, (breaks, page) in WALLS.items():
        with pytest.MonkeyPatch.context() as patch:
            breaks(patch)
            if not any(status == 200 for _, status in opened(places[page], strangers)):
                standing.append(name)
    assert standing == [], "without these walls nothing more is to be seen: something else holds, or they are not where the mutant breaks"


def test_all_of_it_is_there_for_those_of_the_whole_subdistrict(places, browsers):
    """Else the test above would be content with examples that nobody can open."""
    closed = [
        name
        for name, asked in places.items()
        if not {browsers[role].get(asked).status_code for role in (Role.ADMINISTRATOR, Role.FUND_OFFICER)} & {200}
    ]
    assert closed == []
