"""The pages: what somebody does on them, with what is filled in wrong kept, and how much is asked of the database."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, in_transaction
from app.wishes.models import Wish, WishClaim, WishPrivate
from app.wishes.rules import Step, Way
from app.wishes.service import telling
from tests.conftest import NOON, statements
from tests.wishes.houses import NAME, PHONE, PUBLIC, TOLD

sqlite_only = True


def told(place, **more):
    return {"unit": place.community, "kind": "repair", "whom": "elder", "words": TOLD, "name": NAME, "phone": PHONE} | more


def many():
    return db.session.scalar(select(func.count()).select_from(Wish))


def text(answer):
    return answer.get_data(as_text=True)


def test_somebody_without_an_account_tells_a_wish_and_gets_its_number(place, client):
    answer = client.post("/fund/wishes", data=told(place, cost="120", where="3 栋"), follow_redirects=True)
    assert "XY-2026-0001" in text(answer)
    row = db.session.execute(select(Wish.way, Wish.told_by_id, Wish.state, Wish.cost)).one()
    assert tuple(row) == (Way.FORM, None, Step.TOLD, 12_000)
    assert db.session.execute(select(WishPrivate.name, WishPrivate.phone)).one() == (NAME, PHONE)


def test_what_is_missing_is_said_and_what_was_typed_is_kept(place, client):
    answer = client.post("/fund/wishes", data={"words": "想要一盏灯", "phone": "12"})
    assert answer.status_code == 422
    for words in ("处要改", "请选择社区", "请填写怎么称呼", "手机号码", "想要一盏灯"):
        assert words in text(answer)
    assert many() == 0


def test_a_machine_that_fills_in_everything_is_thanked_and_forgotten(place, client):
    assert client.post("/fund/wishes", data=told(place, website="spam")).status_code == 303
    assert many() == 0


def test_a_phone_tells_three_a_day_and_the_same_form_once(place, client):
    for _ in range(2):
        client.post("/fund/wishes", data=told(place, form_key="a" * 32))
    assert many() == 1
    for _ in range(2):
        assert client.post("/fund/wishes", data=told(place)).status_code == 303
    refused = client.post("/fund/wishes", data=told(place))
    assert refused.status_code == 429
    assert "打电话" in text(refused)
    assert many() == 3


def test_signed_in_it_stands_under_mine_and_can_be_withdrawn(place, as_person):
    browser = as_person(place.resident)
    browser.post("/fund/wishes", data=told(place))
    wish = db.session.scalars(select(Wish.id)).one()
    assert "等核实" in text(browser.get("/me/wishes"))
    assert browser.post(f"/fund/wishes/{wish}/withdrawal", data={"note": "不用了"}).status_code == 303
    assert place.state(wish) is Step.WITHDRAWN
    assert as_person(place.other).post(f"/fund/wishes/{wish}/withdrawal", data={"note": "不用了"}).status_code == 404


def test_a_worker_keys_in_what_was_heard_and_another_verifies_and_a_third_step_publishes(place, as_person):
    secretary, deputy = as_person(place.secretary), as_person(place.deputy)
    form = told(place, way="phone", title=PUBLIC.title, public=f"{NAME}的灯")
    wrong = secretary.post("/fund/wishes/desk", data=form)
    assert wrong.status_code == 422
    assert many() == 0
    made = secretary.post("/fund/wishes/desk", data=form | {"public": PUBLIC.words})
    address = made.headers["Location"]
    wish = int(address.rsplit("/", 1)[1])
    assert "请另一位书记" in text(secretary.get(address))
    assert "去核实" in text(deputy.get("/work"))
    words = {"title": PUBLIC.title, "words": PUBLIC.words, "kind": "repair", "whom": "elder", "cost": "120"}
    assert deputy.post(f"/fund/wishes/{wish}/verification", data=words | {"words": f"打 {PHONE}"}).status_code == 422
    assert deputy.post(f"/fund/wishes/{wish}/verification", data=words).status_code == 303
    assert deputy.post(f"/fund/wishes/{wish}/publication", follow_redirects=True).status_code == 200
    assert place.state(wish) is Step.VERIFIED, "who verified does not publish"
    assert "去看，公开" in text(secretary.get("/work"))
    secretary.post(f"/fund/wishes/{wish}/publication")
    assert PUBLIC.title in text(as_person(place.other).get("/fund/wishes"))


def test_in_two_taps_it_is_mine_and_the_page_says_by_when(place, as_person):
    wish, browser = place.publish(), as_person(place.volunteer)
    page = text(browser.get(f"/fund/wishes/{wish}"))
    key = re.search(r'name="form_key" value="(\w{32})"', page)[1]
    for _ in range(2):
        answer = browser.post(f"/fund/wishes/{wish}/claims", data={"form_key": key}, follow_redirects=True)
    assert "您认领了" in text(answer)
    assert "2026年11月28日" in text(answer)
    assert PUBLIC.title in text(browser.get("/me/wishes"))
    late = as_person(place.other).post(f"/fund/wishes/{wish}/claims", follow_redirects=True)
    assert "刚刚有人认领了" in text(late)


def test_a_donor_leaves_name_and_phone_and_is_connected_by_the_staff(place, client, as_person):
    wish = place.publish()
    assert client.post(f"/fund/wishes/{wish}/gifts", data={"name": "", "phone": "1"}).status_code == 422
    answer = client.post(f"/fund/wishes/{wish}/gifts", data={"name": "梁先生", "phone": "13900001111"}, follow_redirects=True)
    assert "社区会在" in text(answer)
    secretary = as_person(place.secretary)
    assert "13900001111" in text(secretary.get(f"/fund/wishes/desk/{wish}"))
    secretary.post(f"/fund/wishes/{wish}/connection")
    assert place.state(wish) is Step.CONNECTED


def test_a_unit_is_claimed_for_by_those_who_lead_it_only(place, as_person):
    wish = place.publish()
    wrong = as_person(place.stranger).post(f"/fund/wishes/{wish}/claims", data={"for": place.branch})
    assert wrong.status_code == 422
    as_person(place.secretary).post(f"/fund/wishes/{wish}/claims", data={"for": place.community})
    assert "灯湖社区党委认领了" in text(as_person(place.other).get(f"/fund/wishes/{wish}"))


def called_back(browser, wish, shown="yes"):
    """回访, from the page that has words and photos on it."""
    seen = re.search(r'name="seen" value="([\d-]+)"', text(browser.get(f"/fund/wishes/desk/{wish}")))[1]
    return browser.post(f"/fund/wishes/{wish}/thanks", data={"note": "做饭不用摸黑了", "shown": shown, "seen": seen}, follow_redirects=True)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "orange").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), "灯.jpg"


def test_a_photo_that_was_agreed_to_is_public_until_it_is_taken_down(place, client, as_person):
    wish, browser = place.connected(), as_person(place.volunteer)
    assert as_person(place.other).get(f"/fund/wishes/{wish}/fulfilment").status_code == 404
    form = {"file": picture(), "alt": "厨房的新灯亮着", "agreed": "yes"}
    assert browser.post(f"/fund/wishes/{wish}/photos", data=form, content_type="multipart/form-data").status_code == 303
    browser.post(f"/fund/wishes/{wish}/fulfilment", data={"note": "灯换好了"})
    assert place.state(wish) is Step.FULFILLED
    called_back(as_person(place.deputy), wish)
    address = re.search(r'src="(/fund/wishes/\d+/photos/[^"]+)"', text(client.get(f"/fund/wishes/{wish}")))[1]
    assert client.get(address).mimetype == "image/jpeg"
    as_person(place.deputy).post(f"/fund/wishes/{wish}/veil")
    assert client.get(address).status_code == 404
    as_person(place.deputy).post(f"/fund/wishes/{wish}/photos/1/removal")
    assert as_person(place.secretary).get(address).status_code == 404


def test_a_photo_without_consent_stays_inside(place, client, as_person):
    wish, browser = place.connected(), as_person(place.volunteer)
    browser.post(f"/fund/wishes/{wish}/photos", data={"file": picture(), "alt": "新灯"}, content_type="multipart/form-data")
    refused = browser.post(f"/fund/wishes/{wish}/fulfilment", data={"note": "灯换好了"})
    assert refused.status_code == 422
    browser.post(f"/fund/wishes/{wish}/fulfilment", data={"note": "灯换好了", "reference": "收据 7"})
    assert "/photos/" not in text(client.get(f"/fund/wishes/{wish}"))
    name = re.search(rf'src="(/fund/wishes/{wish}/photos/[^"]+)"', text(browser.get(f"/fund/wishes/{wish}/fulfilment")))[1]
    assert client.get(name).status_code == 404
    assert as_person(place.deputy).get(name).status_code == 200


def test_what_lapsed_is_on_the_work_list_and_noted_in_one_tap(place, as_person):
    wish = place.publish()
    place.claim(wish, place.volunteer)
    with clock.frozen_at(NOON + timedelta(days=8)):
        secretary = as_person(place.secretary)
        assert "过期放回" in text(secretary.get("/work"))
        answer = secretary.post(f"/fund/wishes/{wish}/lapse", data={"back": "work"})
        assert answer.headers["Location"] == "/work"
        assert "过期放回" not in text(secretary.get("/work"))
        assert place.facts(wish).state is Step.LAPSED


def test_a_reason_that_is_missing_or_says_too_much_is_said_beside_its_own_form(place, as_person):
    wish, deputy = place.tell(), as_person(place.deputy)
    for words in ("", f"{NAME}搬走了"):
        page = text(deputy.post(f"/fund/wishes/{wish}/refusal", data={"note": words}))
        assert 'href="#f-wishes-decline"' in page
        assert 'id="f-wishes-decline-e"' in page
        assert 'id="f-wishes-hand_back-e"' not in page
    assert place.state(wish) is Step.TOLD


def test_elsewhere_there_is_nothing(place, as_person):
    wish, stranger = place.tell(), as_person(place.stranger)
    for path in (
        "verification",
        "publication",
        "return",
        "refusal",
        "connection",
        "thanks",
        "veil",
        "lapse",
        "donors",
        "project",
        "payments",
    ):
        assert stranger.post(f"/fund/wishes/{wish}/{path}", data={"note": "不办"}).status_code == 404
    assert stranger.get(f"/fund/wishes/desk/{wish}").status_code == 404
    assert "XY-2026" not in text(stranger.get("/fund/wishes/desk"))


@pytest.mark.parametrize(
    "path", ["/fund/wishes", "/fund/wishes?show=full", "/fund/wishes/figures", "/fund/wishes/poster", "/fund/wishes/desk", "/work"]
)
def test_a_list_asks_as_few_questions_for_twenty_as_for_one(place, as_person, path):
    browser = as_person(place.secretary)

    def asked():
        with statements() as sent:
            assert browser.get(path).status_code == 200
        return len(sent)

    wish = place.connected()
    place.take(wish, Step.FULFILLED, place.secretary, "送到了", "收据 1")
    for make in (place.publish, place.tell):
        make()
    place.verify(place.tell(place.officer), place.deputy)
    asked()
    one = asked()
    for _ in range(4):
        place.publish()
        place.verify(place.tell(place.officer), place.deputy)
        wish = place.connected()
        place.take(wish, Step.FULFILLED, place.secretary, "送到了", "收据 1")
    assert asked() == one <= 45


def test_the_command_notes_what_lapsed_and_erases_what_is_due(app, place):
    wish = place.publish()
    place.claim(wish, place.volunteer)
    gone = place.tell()
    place.take(gone, Step.DECLINED, place.deputy, "不在我们社区")
    with clock.frozen_at(NOON + timedelta(days=31)):
        said = app.test_cli_runner().invoke(args=["wishes", "tidy"]).output
        assert "过期放回 1 个，抹去联系人 1 个" in said
        assert "过期放回 0 个，抹去联系人 0 个" in app.test_cli_runner().invoke(args=["wishes", "tidy"]).output
    assert db.session.scalar(select(WishClaim.ended_on)) is not None


def test_what_one_wished_leads_to_no_page_that_is_not_there(place, as_person):
    wish = place.publish(place.tell(place.resident, Way.SIGNED, own=True))
    own = as_person(place.resident)
    assert f'href="/fund/wishes/{wish}"' in text(own.get("/me/wishes"))
    place.take(wish, Step.RETURNED, place.deputy, "写清楚要几盏")
    place.take(wish, Step.TOLD, place.deputy)
    assert own.get(f"/fund/wishes/{wish}").status_code == 404
    assert f'href="/fund/wishes/{wish}"' not in text(own.get("/me/wishes"))


def test_whose_wish_it_is_puts_no_photos_to_it(place, as_person):
    wish = place.publish(place.tell(place.resident, Way.SIGNED, own=True))
    place.claim(wish, place.volunteer)
    place.take(wish, Step.CONNECTED, place.secretary)
    sent = {"alt": "亮起来的灯", "agreed": "yes"}
    assert as_person(place.resident).post(f"/fund/wishes/{wish}/photos", data=sent).status_code == 404


def test_what_is_done_twice_leads_back_with_a_word(place, as_person):
    wish = place.connected()
    claimer = as_person(place.volunteer)
    done = {"note": "灯装好了", "reference": "收据 18 号"}
    answers = [claimer.post(f"/fund/wishes/{wish}/fulfilment", data=done) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert "办不了" in text(claimer.get("/me/wishes"))


def test_a_free_wish_has_a_sheet_of_its_own_and_one_that_is_taken_or_veiled_has_none(place, client):
    wish = place.publish()
    sheet = f"/fund/wishes/{wish}/poster"
    assert sheet in text(client.get(f"/fund/wishes/{wish}"))
    said = text(client.get(sheet))
    assert PUBLIC.title in said
    assert "XY-2026-0001" in said
    assert not any(secret in said for secret in (NAME, PHONE))
    place.claim(wish, place.volunteer)
    assert client.get(sheet).status_code == 404
    assert sheet not in text(client.get(f"/fund/wishes/{wish}"))
    veiled = place.publish()
    in_transaction(lambda: telling.veil(veiled, place.secretary, clock.now()))
    assert client.get(f"/fund/wishes/{veiled}/poster").status_code == 404
