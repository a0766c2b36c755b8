"""Member cards: printed by staff, saved as a picture by their holder; one valid card a person; a scan is recorded as CARD."""

import io
import re
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEvent
from app.cards import picture, queries, service
from app.cards.models import MemberCard
from app.cards.rules import card_token, read_token
from app.checkin.models import Scan
from app.checkin.rules import Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from app.people.rules import UnitKind
from tests.conftest import NOON, statements


@pytest.fixture
def town(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch = make.unit("锦园第一党支部", parent=community)
    secretary = make.person("李柏豪", home=branch)
    organiser = make.person("霍静雯", home=branch)
    make.grant(secretary, Role.SECRETARY, branch)
    make.grant(organiser, Role.ORGANISER, community)
    activity = make.activity(community, organiser)
    make.shift(activity, NOON, 3)
    elder = make.person("陈伯", home=branch, phone="13800008821")
    return {"branch": branch, "community": community, "secretary": secretary, "organiser": organiser, "activity": activity, "elder": elder}


@pytest.fixture
def card_of(app):
    """The address that a person's valid card leads to, as a path."""

    def path(person_id):
        with app.test_request_context():
            return f"/p/{card_token(app.secret_key, queries.valid_card(person_id).id)}"

    return path


def fields_of(page):
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("id", "ticket")}


def issue(person, by):
    return in_transaction(lambda: service.issue([person], by, clock.now()))[person]


def test_a_secretary_prints_a_sheet_and_the_codes_on_it_are_the_cards(town, as_person, card_of):
    desk = as_person(town["secretary"])
    page = desk.post("/cards/sheets", data={"person": [town["elder"], town["organiser"]]}, follow_redirects=True)
    assert page.status_code == 200
    assert all(words in page.text for words in ("陈伯", "霍静雯", "GC-0000-", "捡到请交回", "灯湖社区党群服务中心"))
    assert "党支部" not in page.text.split("<main")[1]  # a card says nothing of the party
    assert page.text.count('class="member-card"') == 2
    printed = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "member_card.printing")).one()
    assert printed.actor_id == town["secretary"]


def test_a_card_is_printed_again_as_it_was(town, as_person):
    desk = as_person(town["secretary"])
    first = desk.post("/cards/sheets", data={"person": town["elder"]}, follow_redirects=True).text
    again = desk.post("/cards/sheets", data={"person": town["elder"]}, follow_redirects=True).text
    assert first.split("<main")[1] == again.split("<main")[1]
    assert len(db.session.scalars(select(MemberCard)).all()) == 1


def test_an_organiser_scans_a_card_in_and_out_and_it_is_scanned_time(town, as_person, card_of):
    issue(town["elder"], town["secretary"])
    desk = as_person(town["organiser"])
    path = card_of(town["elder"])
    answer = desk.post(f"{path}/scans", data=fields_of(desk.get(path).text), follow_redirects=True)
    assert "签到成功" in answer.text
    assert "您扫了他的卡" in answer.text
    with clock.frozen_at(NOON + timedelta(minutes=160)):
        assert "已签退" in desk.post(f"{path}/scans", data=fields_of(desk.get(path).text), follow_redirects=True).text
    assert hours.sums(town["elder"]) == hours.Sums(service_credit=160)
    assert set(db.session.execute(select(Scan.way, Scan.by_id)).all()) == {(Way.CARD, town["organiser"])}


def test_a_revoked_card_says_what_to_do_next(town, as_person, client, card_of):
    issue(town["elder"], town["secretary"])
    desk, path = as_person(town["organiser"]), card_of(town["elder"])
    fields = fields_of(desk.get(path).text)
    as_person(town["secretary"]).post("/cards/revocations", data={"person": town["elder"]})
    page = desk.get(path)
    assert page.status_code == 410
    assert "这张卡作废了" in page.text
    assert "报姓名和手机后四位" in page.text
    assert desk.post(f"{path}/scans", data=fields).status_code == 410  # also with a page opened before
    assert client.get(path).status_code == 410
    assert db.session.scalars(select(Scan)).all() == []


def test_a_new_card_revokes_the_old_one_at_once(town, as_person, card_of):
    first = issue(town["elder"], town["secretary"])
    old = card_of(town["elder"])
    as_person(town["secretary"]).post("/cards/sheets", data={"person": town["elder"], "renew": "yes"})
    new = queries.valid_card(town["elder"])
    assert (new.id != first, new.number) == (True, 2)
    desk = as_person(town["organiser"])
    assert desk.get(old).status_code == 410
    assert "陈伯" in desk.get(card_of(town["elder"])).text


def test_nobody_checks_themselves_in_with_their_own_card(town, as_person, card_of):
    issue(town["organiser"], town["secretary"])
    issue(town["elder"], town["secretary"])
    desk, own = as_person(town["organiser"]), card_of(town["organiser"])
    assert "这是您自己的卡" in desk.get(own).text
    fields = fields_of(desk.get(card_of(town["elder"])).text)
    assert desk.post(f"{own}/scans", data=fields).status_code == 403
    assert desk.post("/scans", data=fields).status_code == 409  # nor with the ticket of somebody else's card
    assert db.session.scalars(select(Scan)).all() == []


def test_a_ticket_of_a_shown_code_is_not_good_for_a_card(app, town, as_person, card_of):
    from app.checkin.views.codes import signer

    issue(town["elder"], town["secretary"])
    desk = as_person(town["organiser"])
    with app.test_request_context():
        shown = signer().dumps(town["elder"])
    fields = fields_of(desk.get(f"/p/{shown}").text)
    assert desk.post(f"{card_of(town['elder'])}/scans", data=fields).status_code == 409


def test_who_finds_a_card_learns_no_name_and_where_to_bring_it(town, make, client, as_person, card_of):
    issue(town["elder"], town["secretary"])
    for browser in (client, as_person(make.person("路人"))):
        page = browser.get(card_of(town["elder"])).text
        assert "捡到的卡，请交到卡上写的党群服务中心" in page
        assert "陈伯" not in page


def test_a_guessed_token_is_nobodys(town, client, card_of):
    issue(town["elder"], town["secretary"])
    path = card_of(town["elder"])
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert client.get("/p/1-").status_code == 404
    assert client.get("/p/ffffffffffff-AAAAAAAAAAAAAAAA").status_code == 404


def test_a_token_belongs_to_one_card_and_one_key():
    assert read_token("key", card_token("key", 4711)) == 4711
    assert read_token("another", card_token("key", 4711)) is None
    assert read_token("key", card_token("key", 4711).replace("1267-", "1268-")) is None
    assert read_token("key", "0" + card_token("key", 4711)) is None


def test_one_person_has_one_valid_card_whatever_is_written(town):
    issue(town["elder"], town["secretary"])
    twin = {"person_id": town["elder"], "number": 2, "issued_at": NOON, "issued_by_id": town["secretary"]}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(MemberCard).values(twin)))


def test_cards_of_another_branch_are_not_printed(town, make, as_person):
    other = make.unit("锦园第二党支部", parent=town["community"])
    stranger = make.person("罗国栋", home=other)
    desk = as_person(town["secretary"])
    desk.post("/cards/sheets", data={"person": stranger})
    assert queries.valid_card(stranger) is None
    assert desk.get(f"/cards/units/{other}").status_code == 404
    card = issue(stranger, town["organiser"])
    assert "罗国栋" not in desk.get(f"/cards/sheets?cards={card}").text
    assert "没找到这位" in desk.post("/cards/people", data={"asked": "罗国栋"}).text


def test_people_are_found_by_name_and_last_digits(town, as_person):
    desk = as_person(town["secretary"])
    assert "陈伯" in desk.post("/cards/people", data={"asked": "8821"}).text
    assert "陈伯" in desk.post("/cards/people", data={"asked": "陈伯"}).text


def test_the_picture_holds_the_card_that_its_owner_made(town, as_person, card_of):
    phone = as_person(town["elder"])
    assert phone.get("/me/card.png").status_code == 404
    phone.post("/me/card")
    page = phone.get("/me/code").text
    assert "长按图片" in page
    picture = phone.get("/me/card.png")
    assert picture.mimetype == "image/png"
    assert "no-store" in picture.headers["Cache-Control"]
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)))
    assert code.text == "https://shulin.example" + card_of(town["elder"])
    assert queries.valid_card(town["elder"]).own


def test_making_it_again_is_one_tap_and_the_old_picture_is_void(town, as_person, card_of):
    phone = as_person(town["elder"])
    phone.post("/me/card")
    old = card_of(town["elder"])
    phone.post("/me/card")  # twice is once
    assert card_of(town["elder"]) == old
    phone.post("/me/card", data={"renew": "yes"})
    assert card_of(town["elder"]) != old
    assert as_person(town["organiser"]).get(old).status_code == 410


def test_a_unit_with_many_people_asks_as_few_questions_as_one_with_few(town, make, as_person):
    desk = as_person(town["secretary"])
    with statements() as few:
        desk.get(f"/cards/units/{town['branch']}")
    for _ in range(30):
        issue(make.person(home=town["branch"], phone="13900000000"), town["secretary"])
    with statements() as many:
        page = desk.get(f"/cards/units/{town['branch']}").text
    assert page.count('name="person"') == 33
    assert len(many) == len(few)
    cards = ".".join(str(one) for one in db.session.scalars(select(MemberCard.id)))
    with statements() as sent:
        assert desk.get(f"/cards/sheets?cards={cards}").text.count('class="sheet cards"') == 3
    assert len(sent) <= 14


def test_a_sheet_tells_what_was_taken_back_from_what_is_another_s(town, as_person, make):
    other = make.person("罗国栋", home=make.unit("怡海党支部"))
    desk = as_person(town["secretary"])
    taken, kept, foreign = issue(town["elder"], town["secretary"]), issue(town["organiser"], town["secretary"]), issue(other, other)
    in_transaction(lambda: service.revoke(town["elder"], town["secretary"], clock.now()))
    page = desk.get(f"/cards/sheets?cards={taken}.{kept}.{foreign}.{kept}").text
    assert "有 1 张已经作废" in page
    assert "有 1 张不归您管" in page
    page = desk.get(f"/cards/sheets?cards={kept}.{foreign}").text
    assert "已经作废" not in page


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("何嘉怡", ["何嘉怡"]),
        ("古丽巴哈尔·阿卜杜热依木·买买提江·艾合买提·吐尔逊", ["古丽巴哈尔·阿卜杜热依木·", "买买提江·艾合买提·吐尔逊"]),
        ("字" * 40, ["字" * 20, "字" * 20]),
    ],
)
def test_a_long_name_stands_in_two_lines_of_the_picture(name, lines):
    assert picture.in_lines(name) == lines


def test_many_units_stand_under_their_communities_in_the_order_of_their_numbers(town, make, as_person):
    root = make.unit("大桂城街道党工委", UnitKind.SUBDISTRICT)
    make.grant(town["secretary"], Role.ADMINISTRATOR, root)
    for name in ("桂南", "平洲"):
        community = make.unit(f"{name}社区党委", UnitKind.COMMUNITY, parent=root)
        for number in ("十", "二", "一", *range(11, 20)):
            make.person(home=make.unit(f"{name}第{number}党支部", parent=community))
    make.person(home=make.unit("机关党支部", parent=root))
    with statements() as ran:
        page = as_person(town["secretary"]).get("/cards").text
    order = ["桂南社区", "桂南第一党支部", "桂南第二党支部", "桂南第十党支部", "桂南第11党支部", "平洲社区", "街道直属", "机关党支部"]
    places = [page.index(f"<b>{name}</b>") for name in order]
    assert sorted(places[:5]) == places[:5]
    assert places[6:] == sorted(places[6:])
    assert places[6] > max(places[:6])
    assert page.count("<details") == 4
    assert len(ran) < 30
