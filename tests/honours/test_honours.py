"""Honours: proposed by one, approved by another, publicised, granted when nothing stands against it; taken back by two."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Role
from app.honours import queries, service
from app.honours.models import Honour, HonourKind
from app.honours.rules import Giver, KindDraft, State, Verdict
from app.people.rules import UnitKind
from app.points import queries as points
from app.points import totals
from app.points.rules import SchemeKind
from app.publicity import service as publicity
from app.publicity.rules import Reach, Said
from app.publicity.rules import Verdict as Answer
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.conftest import NOON, statements
from tests.schemes.versions import publish, rule

AFTER = NOON + timedelta(days=10)  # five working days are over


class Town:
    def __init__(self, make):
        self.make = make
        self.street = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        self.unit = make.unit("锦园第一党支部", parent=self.street)
        self.secretary, self.deputy = make.person("霍静雯", home=self.unit), make.person("罗国栋", home=self.unit)
        self.chief, self.member = make.person("梁凤珍"), make.person("陈志远", home=self.unit)
        for person, role, where in (
            (self.secretary, Role.SECRETARY, self.unit),
            (self.deputy, Role.DEPUTY, self.unit),
            (self.chief, Role.ADMINISTRATOR, self.street),
        ):
            make.grant(person, role, where)
            make.account(person)

    def kind(self, name="创熟标兵"):
        return next(one for one in queries.kinds() if one.name == name)

    def propose(self, by=None, person=None, kind=None, reason="组织夜间巡查 40 次"):
        named = kind or self.kind()
        url = "/honours/{}".format
        return in_transaction(lambda: service.propose(named, person or self.member, reason, by or self.secretary, url, clock.now()))

    def approve(self, one, by=None):
        in_transaction(lambda: service.approve(one, by or self.deputy, "/publicity/{}".format, "/honours/{}".format, clock.now()))

    def settle(self, one, at=AFTER):
        return in_transaction(lambda: service.settle(one, "/me/honours", "/honours/{}".format, at))

    def granted(self, decided_by=None, **more):
        one = self.propose(**more)
        self.approve(one, decided_by)
        with clock.frozen_at(AFTER):
            self.settle(one)
        return one

    def state(self, one, day=None):
        return queries.honour(one).state(day or clock.today())


@pytest.fixture
def town(make):
    return Town(make)


def test_from_a_proposal_to_a_medal(town, app):
    one = town.propose()
    assert town.state(one) is State.PROPOSED
    assert "等您定" in worklist.notices(town.deputy)[0].text
    town.approve(one)
    row = queries.honour(one)
    assert (town.state(one), row.shown.ends_on, row.shown.reach) == (
        State.PUBLICISED,
        clock.local_date(NOON + timedelta(days=6)),
        Reach.BRANCH,
    )
    with pytest.raises(Conflict, match="还在公示"):
        town.settle(one, NOON)
    later = clock.local_date(AFTER)
    assert (town.state(one, later), queries.due(clock.today()), queries.due(later)) == (State.DUE, [], [one])
    assert queries.medals(town.member) == []
    with clock.frozen_at(AFTER):
        for said in ("办了 1 项", "办了 0 项"):
            assert said in app.test_cli_runner().invoke(args=["honours", "settle"]).output
    assert queries.medals(town.member) == [("创熟标兵", later)]
    assert town.settle(one) is State.GRANTED, "settling again changes nothing"
    assert "授予您" in worklist.notices(town.member)[0].text


def test_never_the_maker_nor_about_oneself_and_the_database_says_so_too(town, make):
    one = town.propose()
    make.grant(town.member, Role.DEPUTY, town.unit)
    for person in (town.secretary, town.member):
        with pytest.raises(Refused):
            town.approve(one, person)
        values = {"decided_at": NOON, "decided_by_id": person, "verdict": Verdict.APPROVED}
        by_force = update(Honour).where(Honour.id == one).values(**values)
        with pytest.raises(DBAPIError):
            in_transaction(lambda by_force=by_force: db.session.execute(by_force))
    with pytest.raises(Refused):
        town.propose(by=town.member)
    with pytest.raises(Conflict, match="已经推荐过"):
        town.propose(by=town.deputy)
    town.approve(one)
    with pytest.raises(Conflict):
        town.approve(one, town.chief)
    for changed in ({"person_id": town.deputy}, {"decided_by_id": town.chief}, {"revoked_on": clock.today()}):
        with pytest.raises(DBAPIError):
            in_transaction(lambda changed=changed: db.session.execute(update(Honour).where(Honour.id == one).values(**changed)))


def test_an_upheld_objection_stops_it_and_a_rejected_one_does_not(town, make):
    for verdict, state in ((Answer.UPHELD, State.STOPPED), (Answer.REJECTED, State.GRANTED)):
        one = town.propose(person=make.person("谭嘉欣", home=town.unit))
        town.approve(one)
        shown = queries.honour(one).shown.id
        said = Said(None, "那几次不是他组织的", by_id=town.member)
        objection = in_transaction(lambda shown=shown, said=said: publicity.object_to(shown, said, None, "/work", NOON))
        assert town.state(one, clock.local_date(AFTER)) is State.HEARING
        with pytest.raises(Conflict, match="异议没有答复"):
            town.settle(one)
        in_transaction(lambda objection=objection, verdict=verdict: publicity.answer(objection, town.chief, verdict, "查过了", "/me", NOON))
        assert town.settle(one) is state


def test_its_points_come_with_it_and_go_with_it(town):
    publish(SchemeKind.VOLUNTEER, clock.today(), rule("model", "honour", 500, name="创熟标兵"))
    draft = KindDraft("创熟标兵", "", Giver.BRANCH, Reach.PUBLIC, SchemeKind.VOLUNTEER, "model")
    in_transaction(lambda: service.keep_kind(draft, town.kind().id, town.chief))
    one = town.granted()
    assert points.totals([town.member], SchemeKind.VOLUNTEER, "all") == {town.member: 500}
    with clock.frozen_at(AFTER):
        asked = in_transaction(lambda: service.ask_revocation(one, "事迹不实", town.secretary, "/honours/{}".format, clock.now()))
        with pytest.raises(Refused):
            in_transaction(lambda: service.decide_revocation(asked, town.secretary, Verdict.APPROVED, "", "/me", clock.now()))
        in_transaction(lambda: service.decide_revocation(asked, town.deputy, Verdict.APPROVED, "", "/me", clock.now()))
    assert (town.state(one), queries.medals(town.member)) == (State.REVOKED, [])
    assert points.totals([town.member], SchemeKind.VOLUNTEER, "all") == {town.member: 0}
    assert totals.disagreements() == []
    assert "撤销了：事迹不实" in worklist.notices(town.member)[0].text


def test_it_is_public_only_with_their_own_yes_and_never_what_tells_of_the_party(town, client):
    one, party = town.granted(), town.granted(kind=town.kind("优秀共产党员"))
    assert "陈" not in client.get("/honours").get_data(as_text=True)
    with pytest.raises(NotFound):
        in_transaction(lambda: service.agree(one, town.secretary, clock.now(), public=True))
    with pytest.raises(Refused):
        in_transaction(lambda: service.agree(party, town.member, clock.now(), public=True))
    in_transaction(lambda: service.agree(one, town.member, clock.now(), public=True))
    page = client.get("/honours").get_data(as_text=True)
    assert "陈*远" in page
    assert "创熟标兵" in page
    assert "陈志远" not in page
    assert "锦园" not in page
    assert "优秀共产党员" not in page
    in_transaction(lambda: service.agree(one, town.member, clock.now(), public=False))
    assert queries.public_honours(clock.now(), limit=9) == []


def test_what_only_the_subdistrict_proposes_and_kinds_are_kept(town, as_person):
    chief, secretary = as_person(town.chief), as_person(town.secretary)
    form = {"name": "街道之星", "words": "一年一次", "giver": "subdistrict", "reach": "public", "rule": ""}
    assert chief.post("/honours/kinds", data=form).status_code == 303
    assert chief.post("/honours/kinds", data=form).status_code == 422, "the name is taken"
    new = f"/people/{town.member}/honours/new"
    assert "街道之星" in chief.get(new).get_data(as_text=True)
    assert "街道之星" not in secretary.get(new).get_data(as_text=True)
    assert secretary.get(f"/people/{town.secretary}/honours/new").status_code == 404
    kind = town.kind("街道之星")
    assert chief.post(f"/honours/kinds/{kind.id}/revision", data={"retire": "1"}).status_code == 303
    with pytest.raises(Conflict, match="停用"):
        town.propose(by=town.chief, kind=town.kind("街道之星"))


def test_the_pages_from_proposal_to_grant(town, as_person, make):
    secretary, deputy = as_person(town.secretary), as_person(town.deputy)
    new = f"/people/{town.member}/honours/new"
    assert secretary.post(new, data={"kind": town.kind().id, "reason": ""}).status_code == 422
    page = secretary.post(new, data={"kind": town.kind().id, "reason": "夜间巡查 40 次"}).location
    assert "同意，开始公示" not in secretary.get(page).get_data(as_text=True)
    assert "夜间巡查 40 次" in deputy.get("/work").get_data(as_text=True)
    assert "同意，开始公示" in deputy.get(page).get_data(as_text=True)
    assert deputy.post(f"{page}/approval").status_code == 303
    stranger = make.person("梁素琴")
    make.grant(stranger, Role.SECRETARY, make.unit("灯湖第二党支部", parent=town.street))
    assert as_person(stranger).get(page).status_code == 404
    with clock.frozen_at(AFTER):
        deputy = as_person(town.deputy)
        assert "授予" in deputy.get(page).get_data(as_text=True)
        assert deputy.post(f"{page}/settlement").status_code == 303
        assert "创熟标兵" in as_person(town.member).get("/me/honours").get_data(as_text=True)
        assert "撤销这项荣誉" in deputy.get(page).get_data(as_text=True)
    with statements() as few:
        queries.desk([town.street], queries.GRANTED, clock.today(), limit=30)
    town.granted(kind=town.kind("星级志愿者"))
    with statements() as many:
        assert len(queries.desk([town.street], queries.GRANTED, clock.today(), limit=30)) == 2
    assert len(many) == len(few)


def test_without_anybody_else_to_decide_nothing_is_proposed(make):
    lonely = make.unit("独山党支部")
    person, secretary = make.person("陈志远", home=lonely), make.person("霍静雯", home=lonely)
    make.grant(secretary, Role.SECRETARY, lonely)
    kind = queries.kinds()[0]
    with pytest.raises(Invalid):
        in_transaction(lambda: service.propose(kind, person, "好", secretary, "/honours/{}".format, clock.now()))


def test_a_revocation_waits_for_the_nearest_first_and_never_for_who_asked_or_whom_it_is_about(town, make):
    one = town.granted()
    at = AFTER + timedelta(days=30)  # the honour is old, the question is new
    with clock.frozen_at(at):
        asked = in_transaction(lambda: service.ask_revocation(one, "事迹不实", town.secretary, "/honours/{}".format, clock.now()))
        turns = {who: number(queries.waiting_count(make.actor(who), at)) for who in (town.secretary, town.deputy, town.chief)}
        assert turns == {town.secretary: 0, town.deputy: 1, town.chief: 0}
        (row, found), *others = queries.waiting(make.actor(town.deputy), at)
        assert (row.id, found.id, others) == (one, asked, [])
    later = at + timedelta(days=10)
    assert number(queries.waiting_count(make.actor(town.chief), later)) == 1


def test_where_the_deputy_asked_for_it_the_unit_above_decides_when_the_secretary_is_the_one(town, make):
    one = town.granted(person=town.secretary, by=town.deputy, decided_by=town.chief)
    with clock.frozen_at(AFTER):
        in_transaction(lambda: service.ask_revocation(one, "事迹不实", town.deputy, "/honours/{}".format, clock.now()))
        assert number(queries.waiting_count(make.actor(town.chief), AFTER)) == 1


def test_what_waits_is_read_by_as_many_statements_however_much_it_is(town, make):
    counts = []
    for many in (1, 4):
        for nth in range(many):
            one = town.granted(person=make.person(f"街坊{many}{nth}", home=town.unit))
            with clock.frozen_at(AFTER):
                in_transaction(lambda one=one: service.ask_revocation(one, "事迹不实", town.secretary, "/honours/{}".format, clock.now()))
        with statements() as sent:
            found = queries.waiting(make.actor(town.deputy), AFTER)
        counts.append(len(sent))
    assert len(found) == 5
    assert counts[0] == counts[1]


def test_nobody_settles_their_own(town, as_person, make):
    one = town.propose(person=town.secretary, by=town.deputy)
    town.approve(one, town.chief)
    with clock.frozen_at(AFTER):
        assert as_person(town.secretary).post(f"/honours/{one}/settlement").status_code == 403
        assert town.state(one) is State.DUE
        assert as_person(town.deputy).post(f"/honours/{one}/settlement").status_code == 303
        assert town.state(one) is State.GRANTED


def test_what_tells_of_the_party_never_becomes_public_nor_what_was_given_as_not_public(town):
    party, kept = town.kind("优秀共产党员"), town.kind("星级志愿者")
    hidden = KindDraft("星级志愿者", "", Giver.BRANCH, Reach.BRANCH)
    in_transaction(lambda: service.keep_kind(hidden, kept.id, town.chief))
    town.granted(kind=town.kind("星级志愿者"))
    attempts = (
        (KindDraft("优秀共产党员", "", Giver.BRANCH, Reach.PUBLIC), party.id),
        (KindDraft("党员先锋岗", "", Giver.BRANCH, Reach.PUBLIC), None),
        (KindDraft("先锋", "", Giver.BRANCH, Reach.PUBLIC, SchemeKind.MEMBER, "model"), None),
        (KindDraft("星级志愿者", "", Giver.BRANCH, Reach.PUBLIC), kept.id),
    )
    for draft, kind_id in attempts:
        with pytest.raises(Invalid) as refused:
            in_transaction(lambda draft=draft, kind_id=kind_id: service.keep_kind(draft, kind_id, town.chief))
        assert "公开" in refused.value.fields["reach"]
    for kind_id in (party.id, kept.id):
        by_force = update(HonourKind).where(HonourKind.id == kind_id).values(reach=Reach.PUBLIC)
        with pytest.raises(DBAPIError, match="never public"):
            in_transaction(lambda by_force=by_force: db.session.execute(by_force))


def test_who_proposed_or_approved_it_answers_no_objection_to_it(town):
    one = town.propose()
    town.approve(one)
    shown = queries.honour(one).shown.id
    objection = in_transaction(lambda: publicity.object_to(shown, Said(None, "不是他", by_id=town.member), None, "/work", NOON))
    for who in (town.secretary, town.deputy):
        with pytest.raises(Refused, match="您经手的"):
            in_transaction(lambda who=who: publicity.answer(objection, who, Answer.REJECTED, "查过了", "/me", NOON))
    in_transaction(lambda: publicity.answer(objection, town.chief, Answer.REJECTED, "查过了", "/me", NOON))
