"""Every route says who may call it, and keeps to it: a walk of every route × every role, against the one permission table.

A route with parameters is asked with the example of `scene` for each (`unit_id`, `activity_id` …), else with an id that
nothing has; there a 404 is a good answer. Without parameters, who may call it must be let in.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import BaseConverter, IntegerConverter, Rule, UUIDConverter
from werkzeug.test import TestResponse

from app.accounts.models import RoleGrant
from app.activities.models import ActivityPhoto
from app.audit.models import AuditEvent
from app.cards import service as cards
from app.certificates import queries as certificate_queries
from app.certificates import rules as certificates
from app.certificates import service as certificate_service
from app.certificates.models import CertificateRequest
from app.checkin.service.gates import add_gate
from app.claims import service as claims
from app.claims.models import Claim
from app.claims.rules import BatchKind, NamedSpell, Naming
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import ALLOWED, Action, Role
from app.fund.service import projects as fund
from app.hours.rules import PeriodKind, period
from app.imports.models import ImportBatch, ImportHeading
from app.leaderboards import service as boards
from app.leaderboards.rules import BoardKind
from app.leaderboards.spans import Length, calendar
from app.merges import service as merges
from app.merges.own_rules import Pair
from app.merges.queries.digest import digest as as_seen
from app.people import service as trees
from app.people.models import Departure, Membership, Phone, Stage
from app.people.rules import DepartureReason, MembershipKind, PlaceKind, StageKind, UnitKind
from app.points.rules import SchemeKind
from app.proxies import service as proxies
from app.proxies.models import Proxy
from app.proxies.rules import Relation
from app.registers.models import RegisterBatch
from app.registers.rules import RegisterKind
from app.reports import service as reports
from app.reports.figure_rules import Figure
from app.requirements.frozen import Earlier, Frozen, digest, written
from app.requirements.models import ConfirmedPack
from app.rights.rules import How, Kind
from app.rights.service import asking as rights
from app.schemes.models import PointProposal
from app.schemes.service import drafts
from app.seals.service import seal_days
from app.webkit.guards import PUBLIC, SIGNED_IN
from tests.activities.examples import planned
from tests.assessments.examples import examples as assessments_and_publicity
from tests.bank.examples import examples as bank_of
from tests.conftest import Client
from tests.duties.examples import examples
from tests.factories import LONG_AGO, Factory
from tests.fund.examples import an_amendment
from tests.fund.examples import examples as fund_office
from tests.fund.houses import House
from tests.honours.examples import examples as honours_and_corrections
from tests.panels.examples import a_call
from tests.results.examples import examples as results_of
from tests.spotchecks.examples import examples as a_spot_check
from tests.wishes.examples import examples as wishes

sqlite_only = True

ABSENT = 999_999
BRIEFLY = {"Accept": "application/problem+json, */*;q=0.1"}
UNKNOWN: dict[type[BaseConverter], object] = {IntegerConverter: ABSENT, UUIDConverter: UUID(int=1)}
LET_IN = {200, 204, 302, 303, 304}
VOLUNTEER = "volunteer"
MANAGERS_ONLY = {  # open to everybody signed in, for those who manage there or whom it concerns; to others they do not exist
    "/activities/<int:activity_id>/counts",
    "/activities/<int:activity_id>/door",
    "/activities/<int:activity_id>/scanner",
    "/activities/<int:activity_id>/uploads",
    "/assessments/<int:assessment_id>/people/<int:person_id>",
    "/attendances/<int:attendance_id>/disputes",
    "/claims/<int:batch_id>",
    "/double50/packs/<int:pack_id>",
    "/fund/projects/<int:project_id>/panel",
    "/fund/projects/<int:project_id>/panel/asides",
    "/fund/projects/<int:project_id>/panel/scores",
    "/double50/packs/<int:pack_id>.pdf",
    "/double50/packs/<int:pack_id>.xlsx",
    "/double50/packs/<int:pack_id>/printed",
    "/claims/<int:batch_id>/photos",
    "/claims/<int:batch_id>/photos/<name>/<any(large, small):size>.jpg",
    "/claims/<int:batch_id>/testimony",
    "/claims/<int:batch_id>/withdrawal",
    "/fund/wishes/<int:wish_id>/fulfilment",
    "/fund/wishes/<int:wish_id>/photos",
    "/fund/wishes/<int:wish_id>/photos/<int:photo_id>/removal",
    "/fund/wishes/<int:wish_id>/release",
    "/fund/wishes/<int:wish_id>/withdrawal",
    "/me/honours/<int:honour_id>/consent",
    "/objections/<int:objection_id>",
    "/signups/<int:signup_id>/position",
    "/signups/<int:signup_id>/withdrawal",
}
SIGNED_IN_BUT_NARROWER = {  # pages that are a 404 where they do not belong
    "/components",  # on sites that are no demo
    "/me/second-factor",  # to those whose roles need none
    "/pledges.xlsx",  # before a unit is chosen
    "/branch.xlsx",  # before one of several branches is chosen
    "/me/card.png",  # to those without a card
}
# What opens only in order to write. Every other page that asks for a right is one that the auditor reads.
FORMS = {
    "/signups/<int:signup_id>/removal",
    "/cards",
    "/cards/sheets",
    "/cards/units/<int:unit_id>",
    "/certificates/batches",
    "/certificates/units/<int:unit_id>/new",
    "/people/<int:person_id>/departure",
    "/people/<int:person_id>/proxies",
    "/people/<int:person_id>/rights",
    "/proxies",
    "/activities/<int:activity_id>/chain",
    "/activities/<int:activity_id>/closing",
    "/activities/<int:activity_id>/gates",
    "/activities/<int:activity_id>/gates/<int:number>/poster",
    "/activities/<int:activity_id>/naming",
    "/activities/<int:activity_id>/photos",
    "/activities/<int:activity_id>/poster",
    "/activities/<int:activity_id>/revision",
    "/activities/<int:activity_id>/screen",
    "/activities/<int:activity_id>/sheet",
    "/activities/<int:activity_id>/sign-outs",
    "/activities/<int:activity_id>/template",
    "/activities/managed",
    "/activities/new",
    "/activities/templates",
    "/branch/<int:unit_id>/slips",
    "/codes",
    "/fund/applications",  # of one's own units; the auditor has all of them on the desk
    "/fund/bank/previews/<int:preview_id>",
    "/fund/bank/previews/<int:preview_id>/corrections.xlsx",
    "/fund/calls/new",
    "/fund/calls/<int:call_id>/revision",
    "/fund/donations/new",
    "/fund/projects/<int:project_id>/contract",
    "/fund/projects/<int:project_id>/grants/new",
    "/fund/projects/<int:project_id>/payments/new",
    "/fund/projects/<int:project_id>/progress/new",
    "/fund/projects/<int:project_id>/revision",
    "/fund/projects/<int:project_id>/services/new",
    "/fund/projects/<int:project_id>/returns/new",
    "/fund/projects/new",
    "/fund/openings/new",
    "/fund/requests/<int:request_id>/corrections/new",
    "/fund/requests/<int:request_id>/refunds/new",
    "/fund/transfers/new",
    "/fund/services/<int:entry_id>/corrections/new",
    "/people/<int:person_id>/code",
    "/branch/people/<int:person_id>/report-in",
    "/duties/terms/<int:term_id>",
    "/feedback",
    "/people/<int:person_id>/guardian",
    "/people/<int:person_id>/memberships",
    "/people/<int:person_id>/profile",
    "/people/<int:person_id>/stages",
    "/people/<int:person_id>/transfer",
    "/places/new",
    "/pledges/rule",
    "/registers/hours",
    "/reports/units/<int:unit_id>/visits",  # for those who look after the people, not for those who look over shoulders
    "/registers/places",
    "/registers/posts",
    "/registers/units",
}
QUERIES = {"/people/<int:person_id>/memberships/new": "?kind=team"}  # pages that are one of several only when asked which
FORM_ENDS = ("/new", "/form", "/correction", "/closing", "/revision", "/template.xlsx")


@pytest.fixture
def scene(make: Factory) -> dict[str, Any]:
    """One of each thing that routes name in their addresses; all of it inside the units of the roles."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch = make.unit("锦园第一党支部", parent=community)
    member = make.person("冼柏豪", home=branch, phone="13800138000", stage=StageKind.MEMBER)
    activity = make.activity(branch, member)
    return {
        "root": root,
        "community": community,
        "unit_id": branch,
        "person_id": member,
        "activity_id": activity,
        "shift_id": make.shift(activity),
        **planned(make, branch, member, activity),
        "kind": "personal_board",
        "filename": "css/app.css",
        "size": "small",
        "name": "photo",
    }


@pytest.fixture
def browsers(scene: dict[str, Any], make: Factory, as_person: Callable[[int], Client]) -> dict[str, Client]:
    """A signed-in browser for a volunteer and for each role, granted for the whole subdistrict."""
    found = {VOLUNTEER: as_person(make.person("何嘉怡", home=scene["unit_id"]))}
    for role in Role:
        person = make.person(f"岗位{role}", home=scene["unit_id"])
        make.grant(person, role, scene["root"])
        found[role] = as_person(person)
    return found


@pytest.fixture
def neighbours(scene: dict[str, Any], make: Factory, as_person: Callable[[int], Client]) -> dict[str, Client]:
    """The same roles, granted and at home in a sibling of the scene's branch only."""
    found, sibling = {}, make.unit("锦园第二党支部", parent=scene["community"])
    for role in Role:
        person = make.person(f"邻居{role}", home=sibling)
        make.grant(person, role, sibling)
        found[role] = as_person(person)
    return found


@pytest.fixture
def locals_(scene: dict[str, Any], make: Factory, as_person: Callable[[int], Client]) -> dict[str, Client]:
    """The same roles, granted for the scene's branch only, where they are at home."""
    found = {}
    for role in Role:
        person = make.person(f"本支部{role}", home=scene["unit_id"])
        make.grant(person, role, scene["unit_id"])
        found[role] = as_person(person)
    return found


def a_departure(make: Factory, unit_id: int, by: int) -> int:
    """Somebody left today."""
    person, today = make.person("卢伟明"), clock.today()
    home = make._add(Membership, person_id=person, unit_id=unit_id, kind=MembershipKind.HOME, valid_from=LONG_AGO, valid_to=today)
    named = {"person_id": person, "membership_id": home, "from_id": unit_id, "recorded_by_id": by}
    return make._add(Departure, **named, reason=DepartureReason.MOVED, left_on=today, recorded_on=today, ended=[])


def an_import(make: Factory, unit_id: int, by: int) -> int:
    figures = dict.fromkeys(("fresh", "changed", "unchanged", "blank", "refused", "warned", "date_moves"), 0)
    now = clock.now()
    return make._add(
        ImportBatch, unit_id=unit_id, file_name="a.xlsx", made_by_id=by, made_at=now, staged_at=now, titles=[], notes=[], **figures
    )


def a_place(unit_id: int) -> int:
    """A 小区 that the unit is tied to."""

    def work() -> int:
        community = trees.create_place(PlaceKind.COMMUNITY, "灯湖社区", None, LONG_AGO, None)
        estate = trees.create_place(PlaceKind.ESTATE, "中海万锦豪园", community, LONG_AGO, None)
        trees.tie_place(estate, unit_id, LONG_AGO, None)
        return estate

    return in_transaction(work)


def a_register(make: Factory, unit_id: int, by: int) -> int:
    figures = dict.fromkeys(("fresh", "changed", "unchanged", "blank", "refused"), 0)
    now = clock.now()
    return make._add(
        RegisterBatch,
        kind=RegisterKind.UNITS,
        unit_id=unit_id,
        file_name="a.xlsx",
        made_by_id=by,
        made_at=now,
        staged_at=now,
        titles=[],
        **figures,
    )


@pytest.fixture
def filled(scene: dict[str, Any], make: Factory) -> dict[str, Any]:
    """The scene with what grows out of it: a sign-up, a list of names, a dispute, a role, a request of the fund, a roster."""
    now, member, shift = clock.now(), scene["person_id"], scene["shift_id"]
    people = [make.person(name, home=scene["unit_id"]) for name in ("霍静雯", "罗国栋")]
    for person in people:
        make.account(person)
        make.grant(person, Role.SECRETARY, scene["unit_id"])
    spell = NamedSpell(member, now - timedelta(hours=2), now - timedelta(hours=1))
    past = make.shift(scene["activity_id"], now - timedelta(hours=3), 2)
    naming = Naming(scene["activity_id"], past, BatchKind.TICKED, (spell,), "")
    batch = in_transaction(lambda: claims.name_people(naming, people[0], "/work", now))
    in_transaction(lambda: claims.approve(batch, people[1], f"/claims/{batch}", "/me", now))
    attendance = db.session.scalars(select(Claim.attendance_id).where(Claim.batch_id == batch)).one()
    office = make.unit("街道机关党支部", parent=scene["root"])  # who decides about a project is of another unit than its own
    approver, second = (make.person(name, home=office) for name in ("邵志强", "潘绮文"))
    house = House(make, scene["root"], scene["unit_id"], people[0], approver, second, second, second)
    project = house.project()
    asked = house.ask(project, 100)
    return scene | {
        "set_id": 1,
        "choice_id": 1,
        "pack_id": a_pack(make, scene["unit_id"], member, people[0]),
        "stage_id": db.session.scalars(select(Stage.id).where(Stage.person_id == member)).one(),
        "phone_id": db.session.scalars(select(Phone.id).where(Phone.person_id == member)).one(),
        "membership_id": make._add(Membership, person_id=member, unit_id=scene["unit_id"], kind=MembershipKind.TEAM, valid_from=LONG_AGO),
        "departure_id": a_departure(make, scene["unit_id"], people[0]),
        "heading_id": make._add(ImportHeading, unit_id=scene["unit_id"], word="单位", means=None, made_by_id=people[0], made_at=now),
        "place_id": a_place(scene["unit_id"]),
        "project_id": project,
        "request_id": asked,
        "entry_id": in_transaction(lambda: fund.add_service(project, clock.today(), 12, "上门看望", None, people[0], now)),
        "signup_id": make.signup(shift, member),
        "number": in_transaction(lambda: add_gate(scene["activity_id"], "东门", people[0], now)),
        "photo_id": a_photo(make, scene["activity_id"], member),
        "batch_id": batch,
        "attendance_id": attendance,
        "under": {  # what has the same name elsewhere, by the first word of the address
            "imports": {"batch_id": an_import(make, scene["unit_id"], people[0])},
            "certificates": certificates_of(scene["unit_id"], member, people[0], people[1]),
            "fund": results_of(project, asked, scene["activity_id"], people[0])
            | fund_office(make, people[0], people[1])
            | bank_of(people[0], people[1]),
        },
        "register_batch_id": a_register(make, scene["unit_id"], people[0]),
        "event_id": db.session.scalars(select(AuditEvent.id)).first(),
        "own_proxy_id": a_proxy(member, make.person("郭志明"), people[0]),
        "dispute_id": in_transaction(lambda: claims.dispute(attendance, member, "走得更晚", "/work", now)),
        **by_hand(make, scene["unit_id"], member, people[0]),
        "grant_id": db.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == people[0])).one(),
        **examples(make, scene["unit_id"], scene["community"], people[0]),
        **assessments_and_publicity(scene["unit_id"], member, people[0]),
        **a_report(scene, people[0]),
        "board_id": a_board(),
        "sealed_day": next(iter(seal_days(now))).day.isoformat(),
        **wishes(scene["community"], people[0], people[1], member),
        **a_call(people[0], approver),
        **an_amendment(project, people[0]),
        **a_spot_check(house),
        **a_merge(make, scene["unit_id"], member, people[0]),
        "rights_id": a_request_about_own_data(make, scene["unit_id"], people[0]),
        **honours_and_corrections(make, scene["unit_id"], member, attendance, (people[0], people[1])),
    }


def a_request_about_own_data(make: Factory, unit_id: int, maker: int) -> int:
    asking = rights.Asking(make.person("郭少强", home=unit_id), Kind.CORRECTION, How.IN_PERSON, "名字写错了", {"name": "郭绍强"})
    return in_transaction(lambda: rights.ask(asking, maker, clock.now()))


def a_merge(make: Factory, unit_id: int, member: int, maker: int) -> dict[str, int]:
    """A merge that waits for another's word, a record to compare with, and two that were said to be two people."""
    twin, other, third = (make.person(name, home=unit_id) for name in ("黎婉仪", "周海生", "周海声"))
    now = clock.now()
    seen = as_seen(Pair(member, twin, maker, now, clock.today()))
    merge_id = in_transaction(lambda: merges.propose(merges.Proposal(member, twin, "当面问过", seen), maker, now))
    in_transaction(lambda: merges.say_different(other, third, "是兄弟", maker, now))
    card = in_transaction(lambda: cards.issue([member], maker, now))[member]
    return {"merge_id": merge_id, "other_id": other, "difference_id": 1, "card_id": card}


def certificates_of(unit_id: int, member: int, handler: int, issuer: int) -> dict[str, int]:
    """One issued whose revocation waits for a second person, a request, and a batch."""
    now, today = clock.now(), clock.today()
    asking = certificates.Asking(member, unit_id, LONG_AGO, today, "入职")

    def work() -> dict[str, int]:
        request = certificate_service.apply(asking, member, str, now)
        certificate_service.accept(request, handler, "0757-0000 0000", "", str, now)
        (made,) = certificate_service.issue([request], issuer, str, str, now)
        certificate_service.ask_revocation(made, handler, "记在了别人名下", str, now)
        waiting = certificate_queries.revocation_waiting(made)
        batch, _ = certificate_service.accept_batch(asking, [member], "0757-0000 0000", "", handler, str, now)
        in_batch = list(db.session.scalars(select(CertificateRequest.id).where(CertificateRequest.batch_id == batch)))
        certificate_service.issue(in_batch, issuer, str, str, now)
        return {"certificate_id": made, "request_id": request, "batch_id": batch, "revocation_id": waiting.id if waiting else 0}

    return in_transaction(work)


def a_report(scene: dict[str, Any], by: int) -> dict[str, int]:
    """A frozen report of the unit, and a figure from before the site that waits for a second administrator."""
    now, year = clock.now(), period(PeriodKind.YEAR, clock.today())
    figure = (Figure.LIFTS, 139, LONG_AGO, "报", by, scene["root"], now)
    return {
        "report_id": in_transaction(lambda: reports.freeze(scene["unit_id"], year, by, now)),
        "opening_id": in_transaction(lambda: reports.record_opening(*figure)),
    }


def a_board() -> int:
    """A frozen board that nobody published yet."""
    settled = boards.settle(BoardKind.BRANCH, calendar(Length.YEAR, clock.today().replace(year=clock.today().year - 1)), clock.today())
    return in_transaction(lambda: boards.freeze(settled, None, clock.now())) or 0


def by_hand(make: Factory, unit_id: int, person_id: int, by: int) -> dict[str, Any]:
    """A draft of a scheme with its rules, and a proposal about somebody's points."""
    now = clock.now()
    draft = in_transaction(lambda: drafts.begin(SchemeKind.MEMBER, by, now))
    row = drafts.queries.draft(draft)
    proposed = {"scheme_kind": SchemeKind.MEMBER, "rule_code": "bonus", "happened_on": clock.today(), "reason": "支委会讨论"}
    made = make._add(PointProposal, person_id=person_id, unit_id=unit_id, made_by_id=by, made_at=now, **proposed)
    return {"draft_id": draft, "rule_id": row.version.rules[0].id if row else 0, "proposal_id": made}


def a_photo(make: Factory, activity_id: int, by: int) -> int:
    facts = {"activity_id": activity_id, "slot": 1, "name": "photo", "digest": "digest", "alt": "合影", "width": 800, "height": 600}
    return make._add(ActivityPhoto, **facts, added_at=clock.now(), added_by_id=by)


def a_pack(make: Factory, unit_id: int, person: int, by: int) -> int:
    """A confirmation of 双50."""
    facts = {"stage": StageKind.ACTIVIST, "began_on": LONG_AGO, "reached_on": clock.today(), "nth": 1, "set_id": 1}
    rule, today, now = (1, "阶段制", 1, "", LONG_AGO), clock.today(), clock.now()
    seen = Frozen(
        person, "冼柏豪", "GC-0000-0001", "", (), StageKind.ACTIVIST, LONG_AGO, None, today, *rule, (), (), Earlier(), (), now, "霍静雯"
    )
    content = written(seen)
    kept = {"content": content, "digest": digest(content), "confirmed_at": now, "confirmed_by_id": by}
    return make._add(ConfirmedPack, person_id=person, unit_id=unit_id, **facts, **kept)


def a_proxy(person: int, other: int, by: int) -> int:
    in_transaction(lambda: proxies.record(person, other, Relation.FAMILY, by, clock.now()))
    return db.session.scalars(select(Proxy.id)).one()


def routes(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Rules of a method with the access that their view declares."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            yield rule, str(getattr(app.view_functions[rule.endpoint], "access", "undeclared"))


def address(app: Flask, rule: Rule, scene: dict[str, Any]) -> str:
    values = {name: scene.get(name, UNKNOWN.get(type(converter), "unknown")) for name, converter in rule._converters.items()}
    with app.test_request_context():
        path = app.url_map.bind("shulin.example").build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})))
    return path + QUERIES.get(rule.rule, "")


def allowed(access: str, who: str) -> bool:
    return access in {PUBLIC, SIGNED_IN} or (who != VOLUNTEER and Role(who) in ALLOWED[Action(access)])


def ask(browser: Client, method: str, asked: str, headers: dict[str, str] | None = None) -> TestResponse:
    """The answer, closed: some are open files. A refusal comes as a line of JSON: thousands of them, and each page has its worklist."""
    answer = browser.open(asked, method=method, headers={**BRIEFLY, **(headers or {})})
    answer.close()
    return answer


def said(wrong: list[tuple[Any, ...]]) -> str:
    """One line a route, whole."""
    return "\n".join(" ".join(str(part) for part in line) for line in wrong)


def asks_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 401 or (answer.status_code == 302 and (answer.location or "").startswith("/sign-in"))


def test_every_route_declares_who_may_call_it(app):
    known = {PUBLIC, SIGNED_IN, *(action.value for action in Action)}
    undeclared = {
        rule.rule: getattr(app.view_functions[rule.endpoint], "access", None)
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "access", None) not in known
    }
    assert undeclared == {}


def test_every_action_of_the_table_is_granted_to_somebody():
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


def test_nobody_gets_past_a_closed_door_without_signing_in(app, client, scene):
    wrong = []
    for method in ("GET", "POST"):
        for rule, access in routes(app, method):
            answer = ask(client, method, address(app, rule, scene))
            if answer.status_code >= 500 or (access != PUBLIC and not asks_to_sign_in(answer)):
                wrong.append((method, rule.rule, access, answer.status_code))
    assert not wrong, said(wrong)


def test_every_page_lets_in_whom_the_table_lets_in_and_is_a_404_for_the_rest(app, scene, browsers):
    wrong = []
    for rule, access in routes(app, "GET"):
        asked = address(app, rule, scene)
        for who, browser in browsers.items():
            answer = ask(browser, "GET", asked)
            if allowed(access, who):
                may_be_absent = bool(rule.arguments) or rule.rule in SIGNED_IN_BUT_NARROWER
                fine = (answer.status_code in LET_IN or (may_be_absent and answer.status_code in {404, 410})) and not asks_to_sign_in(
                    answer
                )
            else:
                fine = answer.status_code == 404
            if not fine:
                wrong.append((rule.rule, access, who, answer.status_code))
    assert not wrong, said(wrong)


def test_no_write_is_open_to_a_role_that_the_table_does_not_name(app, scene, browsers):
    wrong = []
    for rule, access in routes(app, "POST"):
        asked = address(app, rule, scene)
        for who, browser in browsers.items():
            if not allowed(access, who) and (status := ask(browser, "POST", asked).status_code) != 404:
                wrong.append((rule.rule, access, who, status))
    assert not wrong, said(wrong)


def scoped(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Routes that name one thing, and are for a role or for whom it concerns."""
    for rule, access in routes(app, method):
        if rule.arguments and (access not in {PUBLIC, SIGNED_IN} or rule.rule in MANAGERS_ONLY):
            yield rule, access


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_to_the_roles_of_a_sibling_unit_nothing_of_this_one_exists(app, filled, neighbours, method):
    wrong = []
    for rule, access in scoped(app, method):
        here = filled | filled["under"].get(rule.rule.split("/")[1], {})
        assert rule.arguments <= here.keys(), f"{rule.rule}: put an example of each into the scene, or this proves nothing"
        for who, browser in neighbours.items():
            if (status := ask(browser, method, address(app, rule, here)).status_code) != 404:
                wrong.append((rule.rule, access, who, status))
    assert not wrong, said(wrong)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_of_one_s_own_unit_a_role_meets_what_the_table_names_and_nothing_else(app, filled, locals_, method):
    wrong = []
    for rule, access in scoped(app, method):
        here = filled | filled["under"].get(rule.rule.split("/")[1], {})
        for who, browser in locals_.items():
            if access != SIGNED_IN and not allowed(access, who):
                status = ask(browser, method, address(app, rule, here)).status_code
                if status != 404:
                    wrong.append((rule.rule, access, who, status))
    assert not wrong, said(wrong)


def test_the_auditor_reads_every_page_that_is_not_a_form(app, filled, browsers):
    closed = []
    for rule, access in routes(app, "GET"):
        if access in {PUBLIC, SIGNED_IN} or rule.rule in FORMS | SIGNED_IN_BUT_NARROWER or rule.rule.endswith(FORM_ENDS):
            continue
        here = filled | filled["under"].get(rule.rule.split("/")[1], {})
        answer = ask(browsers[Role.AUDITOR], "GET", address(app, rule, here))
        if not allowed(access, Role.AUDITOR) or answer.status_code not in LET_IN:
            closed.append((rule.rule, access, answer.status_code))
    assert not closed, said(closed)


def test_the_auditor_writes_nothing_that_is_not_their_own(app, filled, browsers):
    """Whatever asks for a right is refused, and nothing is recorded as done."""
    done = select(func.count()).select_from(AuditEvent)
    before, wrong = db.session.scalar(done), []
    for rule, access in routes(app, "POST"):
        here = filled | filled["under"].get(rule.rule.split("/")[1], {})
        if access not in {PUBLIC, SIGNED_IN, Action.SPOT_CHECK}:
            status = ask(browsers[Role.AUDITOR], "POST", address(app, rule, here)).status_code
            if status not in {403, 404} and not access.endswith(".read"):  # a search is posted, so that no name stands in an address
                wrong.append((rule.rule, access, status))
    assert not wrong, said(wrong)
    assert db.session.scalar(done) == before


def test_the_same_things_exist_to_the_roles_of_the_whole_subdistrict(app, filled, browsers):
    """Else the walk above would be content with examples that nobody could open."""
    hidden = []
    for rule, access in scoped(app, "GET"):
        here = filled | filled["under"].get(rule.rule.split("/")[1], {})
        if access == SIGNED_IN:
            continue
        answers = {ask(browser, "GET", address(app, rule, here)).status_code for who, browser in browsers.items() if allowed(access, who)}
        if answers == {404}:
            hidden.append((rule.rule, access))
    assert not hidden, said(hidden)


def test_no_write_is_accepted_from_another_site(app, scene, browsers):
    wrong = []
    for rule, _ in routes(app, "POST"):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            answer = ask(browsers[Role.ADMINISTRATOR], "POST", address(app, rule, scene), headers=headers)
            if answer.status_code != 403:
                wrong.append((rule.rule, answer.status_code))
    assert not wrong, said(wrong)


def test_a_write_can_not_be_asked_for_by_a_link(app, scene, browsers):
    readable = {rule.rule for rule, _ in routes(app, "GET")}
    for rule, _ in routes(app, "POST"):
        if rule.rule not in readable:
            answer = ask(browsers[Role.ADMINISTRATOR], "GET", address(app, rule, scene))
            assert answer.status_code in {404, 405}, rule.rule
