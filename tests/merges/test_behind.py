"""What was issued, granted, sealed and frozen for the record that went stays as it is, and is found with who stays."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from app.cards import service as cards
from app.cards.queries import valid_of_all_records
from app.cards.rules import card_token
from app.certificates import queries as certificates
from app.certificates import service as certifying
from app.certificates.rules import Asking
from app.certificates.rules import Verdict as Said
from app.checkin.views.codes import holder_of, key
from app.core import clock
from app.core.db import Base, db, in_transaction
from app.core.errors import Refused
from app.core.permissions import Role
from app.honours import queries as honours
from app.honours import service as honouring
from app.honours.models import Honour, HonourKind
from app.honours.rules import Verdict
from app.merges.queries.behind import behind
from app.people.rules import StageKind
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import Reach, SubjectKind
from app.publicity.rules import Said as Objecting
from app.publicity.rules import Verdict as Upheld
from app.requirements import queries as requirements
from app.worklist.service import number
from tests.conftest import NOON
from tests.requirements.conftest import Branch


def url(number: int) -> str:
    return f"/certificates/{number}"


@pytest.fixture
def deputy(two) -> int:
    person = two.make.person("梁副书记", home=two.branch)
    two.make.grant(person, Role.DEPUTY, two.branch)
    for one in (person, two.maker, two.checker):
        two.make.account(one)
    return person


@pytest.fixture
def certificate(two, deputy) -> int:
    """Issued to the record that will go."""
    two.serve(two.new, 90)
    asking = Asking(two.new, two.branch, date(2026, 1, 1), clock.today(), "入职")
    request = in_transaction(lambda: certifying.apply(asking, two.new, url, clock.now()))
    in_transaction(lambda: certifying.accept(request, two.maker, "0757-0000 0000", "", url, clock.now()))
    return in_transaction(lambda: certifying.issue([request], deputy, url, url, clock.now()))[0]


def test_a_certificate_is_verified_as_before_and_is_theirs(two, certificate, client, as_person):
    number = certificates.certificate(certificate).number
    before = client.get(f"/verify/{number}").text
    merge_id = two.merge()
    assert client.get(f"/verify/{number}").text == before
    assert [one.id for one in certificates.certificates_of(two.old)] == [certificate]
    mine = as_person(two.old)
    assert number in mine.get("/me/certificates").text
    assert mine.get(f"/certificates/{certificate}").status_code == 200
    two.undo(merge_id)
    assert certificates.certificates_of(two.old) == []
    assert [one.id for one in certificates.certificates_of(two.new)] == [certificate]


def test_nobody_decides_about_a_certificate_of_their_own_former_record(two, certificate, deputy):
    two.make.grant(two.old, Role.DEPUTY, two.branch)
    in_transaction(lambda: certifying.ask_revocation(certificate, two.maker, "写错了", url, clock.now()))
    two.merge()
    asked = certificates.revocation_waiting(certificate)
    assert asked.person_id == two.old
    assert [certificates.waiting_revocations(two.make.actor(one), clock.now()) for one in (two.old, deputy)] == [[], [asked]]
    with pytest.raises(Refused):
        in_transaction(lambda: certifying.decide_revocation(asked.id, two.old, Said.CONFIRMED, "", url, clock.now()))


def test_an_objection_about_the_record_that_went_that_is_upheld_asks_for_its_revocation(two, certificate):
    chief = two.make.person("李副书记")
    two.make.grant(chief, Role.SECRETARY, two.root)
    of = certificates.certificate(certificate).shown_as_id
    shown = publicity.standing(SubjectKind.CERTIFICATE, [of])[of].id
    objecting = Objecting(two.new, "那天他没有来", by_id=two.make.person("谭嘉欣", home=two.branch))
    one = in_transaction(lambda: publicities.object_to(shown, objecting, None, "/work", clock.now()))
    two.merge()
    in_transaction(lambda: publicities.answer(one, chief, Upheld.UPHELD, "查实那天没有签到", "/me", clock.now()))
    assert certificates.revocation_waiting(certificate) is not None


def test_a_new_certificate_in_its_place_is_for_who_stays(two, certificate):
    two.merge()
    request = in_transaction(lambda: certifying.reissue(certificate, two.old, "换单位", url, clock.now()))
    assert certificates.request(request).person_id == two.old


def granted(two, person_id: int, by: int) -> int:
    kind = db.session.scalar(select(HonourKind.id).where(HonourKind.reach == Reach.PUBLIC).limit(1)) or two.make._add(
        HonourKind, name="街坊之星", words="帮过很多人", giver="branch", reach="public"
    )
    now = clock.now()
    return two.make._add(
        Honour, kind_id=kind, title="街坊之星", person_id=person_id, unit_id=two.branch, reason="十年如一日", made_by_id=two.maker,
        made_at=now - timedelta(days=9), decided_at=now, decided_by_id=by, verdict=Verdict.APPROVED, ended_at=now, granted_on=clock.today(),
    )  # fmt: skip


def test_an_honour_is_shown_with_who_stays_and_theirs_to_make_public(two, deputy, as_person):
    honour = granted(two, two.new, deputy)
    two.merge()
    assert [title for title, _ in honours.medals(two.old)] == ["街坊之星"]
    mine = as_person(two.old)
    assert "街坊之星" in mine.get("/me/honours").text
    assert mine.post(f"/me/honours/{honour}/consent", data={"agree": "1"}).status_code == 303
    assert honours.honour(honour).agreed_at is not None


def test_nobody_asks_or_decides_about_an_honour_of_their_own_former_record(two, deputy):
    two.make.grant(two.old, Role.DEPUTY, two.branch)
    one, other = granted(two, two.new, deputy), granted(two, two.new, deputy)
    two.merge()
    with pytest.raises(Refused, match="自己的荣誉"):
        in_transaction(lambda: honouring.ask_revocation(other, "不实", two.old, url, clock.now()))
    asked = in_transaction(lambda: honouring.ask_revocation(one, "不实", two.maker, url, clock.now()))
    waits = [number(honours.waiting_count(two.make.actor(who), clock.now())) for who in (two.old, deputy)]
    assert waits == [0, 1]
    with pytest.raises(Refused, match="您自己"):
        in_transaction(lambda: honouring.decide_revocation(asked, two.old, Verdict.APPROVED, "", url(1), clock.now()))
    in_transaction(lambda: honouring.decide_revocation(asked, deputy, Verdict.APPROVED, "", url(1), clock.now()))
    assert [title for title, _ in honours.medals(two.old)] == ["街坊之星"]


def frozen_with(two, person_id: int) -> int:
    """A board of October on which somebody stands, frozen in November."""
    tables = Base.metadata.tables

    def work() -> int:
        board = db.session.execute(
            insert(tables["board"])
            .values(
                kind="person", length="month", span_key="2026-10", first_on=date(2026, 10, 1), last_on=date(2026, 10, 31),
                closes_on=date(2026, 11, 6), frozen_on=date(2026, 11, 6), frozen_at=NOON, definition={}, digest="0" * 64,
            )
            .returning(tables["board"].c.id)
        ).scalar_one()  # fmt: skip
        db.session.execute(
            insert(tables["board_line"]).values(board_id=board, person_id=person_id, minutes=90, honour=0, heads=0, took=0, middle=0)
        )
        return board

    return in_transaction(work)


def test_all_of_it_is_listed_on_the_page_of_who_stays(two, certificate, deputy, as_person):
    number = certificates.certificate(certificate).number
    granted(two, two.new, deputy)
    board = frozen_with(two, two.new)
    lines = Base.metadata.tables["board_line"]
    before = db.session.execute(select(lines).where(lines.c.board_id == board)).all()
    assert not behind(two.old).any
    two.merge()
    assert db.session.execute(select(lines).where(lines.c.board_id == board)).all() == before
    found = behind(two.old)
    assert ([one.id for one in found.certificates], len(found.honours), [one.id for one in found.boards]) == ([certificate], 1, [board])
    page = as_person(two.maker).get(f"/merges/of/{two.old}").text
    for words in (number, "荣誉：街坊之星", "2026年10月1日至2026年10月31日", "照样有效"):
        assert words in page
    assert f"/merges/of/{two.old}" in as_person(two.maker).get(f"/branch/people/{two.old}").text


@pytest.mark.parametrize(
    "page", ["/people/{}/profile", "/people/{}/memberships", "/people/{}/double50", "/merges/of/{}", "/branch/people/{}"]
)
def test_pages_of_the_record_that_went_lead_to_who_stays(two, as_person, page):
    two.merge()
    answer = as_person(two.maker).get(page.format(two.new))
    assert (answer.status_code, answer.location) == (302, page.format(two.old))
    assert as_person(two.make.person("何嘉怡", home=two.branch)).get(page.format(two.new)).status_code == 404


def test_a_secretary_elsewhere_learns_nothing_of_a_merge(two, as_person):
    other = two.make.unit("别的支部", parent=two.root)
    stranger = two.make.person("何书记", home=other)
    two.make.grant(stranger, Role.SECRETARY, other)
    two.merge()
    assert as_person(stranger).get(f"/people/{two.new}/profile").status_code == 404


def test_a_sealed_pack_is_read_with_who_stays_and_not_confirmed_for_them(make, as_person):
    branch = Branch(make)
    branch.fill(branch.person)
    pack = branch.confirm()
    stays = make.person("何嘉怡", home=branch.unit, phone="13800002222", stage=StageKind.MEMBER)
    from tests.merges.conftest import Two

    two = Two(make, branch.root, branch.unit, stays, branch.person, branch.secretary, branch.administrator)
    content = requirements.pack(pack).content
    two.merge()
    assert requirements.pack(pack).content == content
    assert requirements.packs_of(stays) == []
    assert [one.id for one in requirements.former_packs(stays)] == [pack]
    assert requirements.has_packs(stays)
    for reader in (as_person(branch.deputy), as_person(stays)):
        page = reader.get(f"/double50/packs/{pack}")
        assert page.status_code == 200
        assert "合并进来的那份档案确认的" in page.text
        assert "更正" not in page.text.split("要求和计入")[0].replace("更正了记录", "")
    assert f"/double50/packs/{pack}" in as_person(branch.deputy).get(f"/people/{stays}/double50").text


def test_two_cards_are_shown_and_either_is_revoked(two, app, as_person):
    both = in_transaction(lambda: cards.issue([two.old, two.new], two.maker, clock.now()))
    two.merge()
    browser = as_person(two.maker)
    page = browser.get(f"/merges/of/{two.old}").text
    assert "并进来的那份的卡" in page
    assert page.count("/revocation") == 2
    assert "合并进来的旧卡 1 张" in browser.get(f"/cards/units/{two.branch}").text
    assert browser.post(f"/merges/of/{two.old}/cards/{both[two.new]}/revocation").status_code == 303
    with app.test_request_context():
        assert holder_of(card_token(key(), both[two.new]), clock.now()).fault is not None
        assert holder_of(card_token(key(), both[two.old]), clock.now()).fault is None
    assert browser.post(f"/merges/of/{two.old}/cards/{both[two.new]}/revocation").status_code == 404


def test_a_card_of_somebody_else_is_not_revoked_there(two, as_person):
    other = two.make.person("黎婉仪", home=two.branch)
    theirs = in_transaction(lambda: cards.issue([other], two.maker, clock.now()))[other]
    two.merge()
    assert as_person(two.maker).post(f"/merges/of/{two.old}/cards/{theirs}/revocation").status_code == 404
    assert valid_of_all_records(other)[0].id == theirs


def test_lost_means_both(two, app):
    both = in_transaction(lambda: cards.issue([two.old, two.new], two.maker, clock.now()))
    two.merge()
    assert in_transaction(lambda: cards.revoke(two.old, two.maker, clock.now()))
    with app.test_request_context():
        assert all(holder_of(card_token(key(), one), clock.now()).fault for one in both.values())


def test_no_card_is_printed_for_a_record_that_went(two, as_person):
    two.merge()
    page = as_person(two.maker).post("/cards/people", data={"asked": "陳志強"}).text
    assert "没找到这位" in page
