"""A branch whose secretary and deputy issue certificates, and a member who has served."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import pytest

from app.activities.rules import ActivityKind
from app.certificates import queries, service
from app.certificates.rules import Asking
from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass, SourceKind
from app.people.rules import UnitKind

SINCE, UNTIL = date(2026, 1, 1), date(2026, 11, 21)


def url(number):
    return f"/certificates/{number}"


@dataclass
class Desk:
    make: object
    street: int
    unit: int
    secretary: int
    deputy: int
    member: int
    chief: int = 0
    _sources = count(1)

    def above(self):
        """Somebody of the street who may answer objections, with no hand in what the branch issues."""
        self.chief = self.make.person("李副书记")
        self.make.grant(self.chief, Role.SECRETARY, self.street)
        self.make.account(self.chief)

    def serve(self, person, minutes=120, *, title="邻里节摊位与引导", hour_class=HourClass.CREDIT, on=date(2026, 11, 14), unit=None):
        """A service of `person` that stands in the ledger."""
        activity = self.make.activity(unit or self.unit, self.secretary, title=title, kind=ActivityKind.SERVICE)
        made = (None, None) if hour_class is HourClass.CREDIT else (self.secretary, self.deputy)
        one = Credit(
            person_id=person,
            activity_kind=ActivityKind.SERVICE,
            activity_id=activity,
            organising_unit_id=unit or self.unit,
            served_on=on,
            hour_class=hour_class,
            minutes=minutes,
            source_kind=SourceKind.ATTENDANCE,
            source_id=next(self._sources),
            rule_version="1",
            made_by_id=made[0],
            approved_by_id=made[1],
        )
        in_transaction(lambda: crediting.credit([one], clock.now()))

    def asking(self, person=None, **changes):
        said = {"person_id": person or self.member, "unit_id": self.unit, "since": SINCE, "until": UNTIL, "purpose": "入职"}
        return Asking(**said | changes)

    def apply(self, person=None, **changes):
        asking = self.asking(person, **changes)
        return in_transaction(lambda: service.apply(asking, asking.person_id, url, clock.now()))

    def accept(self, request, by=None):
        in_transaction(lambda: service.accept(request, by or self.secretary, "0757-0000 0000", "", url, clock.now()))

    def issue(self, *requests, by=None):
        return in_transaction(lambda: service.issue(requests, by or self.deputy, url, url, clock.now()))

    def issued(self, person=None, **changes):
        """The whole way: applied, accepted, issued."""
        request = self.apply(person, **changes)
        self.accept(request)
        (made,) = self.issue(request)
        return queries.certificate(made)


@pytest.fixture
def desk(make):
    street = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=street)
    unit = make.unit("锦园第一党支部", parent=community)
    secretary, deputy = make.person("霍静雯", home=unit), make.person("罗国栋", home=unit)
    for person, role in ((secretary, Role.SECRETARY), (deputy, Role.DEPUTY)):
        make.grant(person, role, unit)
        make.account(person)
    member = make.person("何嘉怡", home=unit)
    made = Desk(make, street, unit, secretary, deputy, member)
    made.serve(member, 2790)
    made.serve(member, 270, title="楼道清洁、垃圾分类引导", hour_class=HourClass.HONOUR, on=UNTIL - timedelta(days=60))
    return made
