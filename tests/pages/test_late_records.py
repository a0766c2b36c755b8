"""What was booked after its month was closed says when it was served, where it counts, and why."""

from datetime import timedelta

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass, SourceKind
from tests.conftest import NOON

sqlite_only = True


def test_a_late_entry_reads_when_it_was_served_and_where_it_counts(make, as_person):
    branch = make.unit("锦园第一党支部")
    member, secretary = make.person("何嘉怡", home=branch), make.person("霍静雯", home=branch)
    make.grant(secretary, Role.SECRETARY, branch)

    def book(source, served_on, at):
        one = Credit(
            member, None, ActivityKind.SERVICE, branch, served_on, 60, HourClass.HONOUR, source, "test", SourceKind.IMPORT, reason="台账"
        )
        with clock.frozen_at(at):
            in_transaction(lambda: crediting.credit([one], at))

    book(1, clock.local_date(NOON - timedelta(days=70)), NOON - timedelta(days=70))  # the site is in use since September
    book(2, clock.local_date(NOON - timedelta(days=54)), NOON)
    words = "服务于 9月28日·计入 11 月：9 月记上时已结账，不再变。"
    for who, page in ((member, "/me/records"), (secretary, f"/branch/people/{member}")):
        told = as_person(who).get(page).get_data(as_text=True)
        assert told.count("计入 11 月") == 1
        assert words in told
    assert "/correction" in as_person(secretary).get(f"/branch/people/{member}").get_data(as_text=True)
    assert "/correction" not in as_person(member).get("/me/records").get_data(as_text=True)
