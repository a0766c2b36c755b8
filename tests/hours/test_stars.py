"""星级: by 扫码时长, or with 补录时长 where the local rule says so; shown on 我的 with what is missing to the next."""

import pytest

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries
from app.hours.rules import HourClass, star
from app.people.rules import UnitKind


@pytest.mark.parametrize(
    ("credit", "honour", "with_honour", "level", "missing"),
    [
        (0, 0, False, 0, 6000),
        (5999, 600, False, 0, 1),
        (5999, 600, True, 1, 18000 - 6599),
        (6000, 0, False, 1, 12000),
        (1500 * 60, 0, False, 5, 0),
    ],
)
def test_a_star_by_what_counts(credit, honour, with_honour, level, missing):
    found = star(credit, honour, with_honour=with_honour)
    assert (found.level, found.missing) == (level, missing)


def test_the_local_rule_holds_at_once_and_only_the_subdistrict_changes_it(make, as_person):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    branch = make.unit("锦园第一党支部", parent=root)
    member, chief, secretary = make.person("何嘉怡", home=branch), make.person("梁凤珍"), make.person("霍静雯", home=branch)
    make.grant(chief, Role.ADMINISTRATOR, root)
    make.grant(secretary, Role.SECRETARY, branch)
    activity = make.activity(branch, secretary)
    given = [
        Credit(member, activity, ActivityKind.SERVICE, branch, clock.today(), 90 * 60, HourClass.CREDIT, 1, "test"),
        Credit(member, activity, ActivityKind.SERVICE, branch, clock.today(), 12 * 60, HourClass.HONOUR, 2, "test"),
    ]
    in_transaction(lambda: crediting.credit(given, clock.now()))
    assert "还差 10 小时到一星（100 小时，按扫码时长）" in as_person(member).get("/me").get_data(as_text=True)
    assert as_person(secretary).post("/star-levels", data={"honour": "1"}).status_code == 404
    assert as_person(chief).post("/star-levels", data={"honour": "1"}).status_code == 303
    assert queries.star_of(queries.sums(member)).level == 1
    page = as_person(member).get("/me").get_data(as_text=True)
    assert "一星" in page
    assert "还差 198 小时到二星（300 小时，补录也算）" in page
