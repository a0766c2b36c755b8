"""The code of the day: off by default; where it is on, four digits that only the venue tells, typed once a day on each phone."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.activities.models import Activity
from app.checkin.day_codes import TRIES, WAIT, digits_of
from app.checkin.models import Attendance, Scan
from app.checkin.queries import gates
from app.checkin.rules import Outcome
from app.checkin.service.gates import add_gate, ask_day_code
from app.checkin.views.codes import key
from app.checkin.views.pacing import DIGITS_FROM_ONE, DIGITS_OF_ONE
from app.core import clock, limits
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.models import Person
from tests.conftest import NOON


@pytest.fixture
def fair(make, app):
    class Fair:
        branch = make.unit("灯湖社区党委", parent=make.unit("桂城街道党工委"))
        organiser = make.person("霍静雯", home=branch)
        activity = make.activity(branch, organiser)
        shift = make.shift(activity, NOON, 3)

    make.grant(Fair.organiser, Role.ORGANISER, Fair.branch)
    Fair.code = db.session.scalars(select(Activity.code).where(Activity.id == Fair.activity)).one()
    in_transaction(lambda: add_gate(Fair.activity, "东门", Fair.organiser, NOON))
    in_transaction(lambda: ask_day_code(Fair.activity, Fair.organiser, NOON - timedelta(days=1), on=True))
    return Fair


def right(fair, at=NOON):
    return digits_of(key(), fair.activity, gates.rules_of(fair.activity).day_code_at, clock.local_date(at))


def wrong(fair):
    return f"{(int(right(fair)) + 1) % 10_000:04d}"


def fields_of(page):
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("id", "ticket")}


def type_digits(phone, fair, digits, address=None):
    fields = fields_of(phone.get(address or f"/c/{fair.code}"))
    return phone.post(f"/c/{fair.code}/day-codes", data={**fields, "digits": digits})


def outcomes():
    return [one.value for one in db.session.scalars(select(Scan.outcome).order_by(Scan.received_at))]


def test_it_is_off_by_default(fair, make, as_person):
    other = make.activity(fair.branch, fair.organiser)
    make.shift(other, NOON, 3)
    code = db.session.scalars(select(Activity.code).where(Activity.id == other)).one()
    assert "今天的四位数" not in as_person(make.person(home=fair.branch)).get(f"/c/{code}").text


def test_four_digits_are_typed_once_and_the_check_in_goes_on_at_its_gate(fair, make, as_person):
    phone = as_person(make.person(home=fair.branch))
    page = phone.get(f"/c/{fair.code}/1")
    assert "今天的四位数" in page.text
    assert "data-autopost" not in page.text
    with clock.frozen_at(NOON + timedelta(minutes=2)):
        answer = type_digits(phone, fair, right(fair), f"/c/{fair.code}/1")
        assert answer.location == f"/c/{fair.code}/1"
        page = phone.get(answer.location)
        assert "data-autopost" in page.text
        assert "签到成功" in phone.post("/scans", data=fields_of(page), follow_redirects=True).text
    scan = db.session.execute(select(Scan.at, Scan.day_code, Scan.gate_id)).one()
    assert scan == (NOON, True, gates.gate_ids(fair.activity)[1]), "the time is that of the first opening"
    with clock.frozen_at(NOON + timedelta(minutes=160)):
        assert "data-autopost" in phone.get(f"/c/{fair.code}").text, "nobody types it twice a day"


def test_full_width_digits_are_digits(fair, make, as_person):
    phone = as_person(make.person(home=fair.branch))
    typed = "".join(chr(ord(one) + 0xFEE0) for one in right(fair))
    assert type_digits(phone, fair, typed).status_code == 303


def test_it_is_kept_through_signing_in(fair, make, client):
    type_digits(client, fair, right(fair))
    assert "我来服务" in client.get(f"/c/{fair.code}").text
    client.sign_in(make.person(home=fair.branch))
    page = client.get(f"/c/{fair.code}")
    assert "签到成功" in client.post("/scans", data=fields_of(page), follow_redirects=True).text


def test_a_wrong_one_is_a_refusal_on_record_and_can_be_typed_again(fair, make, as_person):
    person = make.person(home=fair.branch)
    phone = as_person(person)
    answer = type_digits(phone, fair, wrong(fair))
    assert answer.status_code == 422
    assert "不是今天的四位数" in answer.text
    assert db.session.execute(select(Scan.person_id, Scan.outcome, Scan.day_code)).one() == (person, Outcome.STALE_CODE, False)
    assert type_digits(phone, fair, right(fair)).status_code == 303
    page = phone.get(f"/c/{fair.code}")
    assert "签到成功" in phone.post("/scans", data=fields_of(page), follow_redirects=True).text


def test_a_wrong_one_by_somebody_unknown_is_on_record_too(fair, client):
    people = db.session.scalar(select(func.count()).select_from(Person))
    assert type_digits(client, fair, wrong(fair)).status_code == 422
    assert db.session.execute(select(Scan.person_id, Scan.outcome, Scan.day_code)).one() == (None, Outcome.STALE_CODE, False)
    assert db.session.scalar(select(func.count()).select_from(Person)) == people


def test_after_five_wrong_ones_a_phone_waits_two_minutes(fair, make, as_person):
    phone = as_person(make.person(home=fair.branch))
    for _ in range(TRIES):
        assert type_digits(phone, fair, wrong(fair)).status_code == 422
    page = phone.get(f"/c/{fair.code}")
    assert "填错几次了" in page.text
    assert 'name="digits"' not in page.text
    fields = fields_of(page) if 'name="ticket"' in page.text else {}
    assert phone.post(f"/c/{fair.code}/day-codes", data={**fields, "digits": right(fair)}).status_code == 422
    assert len(outcomes()) == TRIES
    with clock.frozen_at(NOON + WAIT + timedelta(seconds=1)):
        assert type_digits(phone, fair, right(fair)).status_code == 303


def test_another_phone_does_not_wait(fair, make, as_person):
    phone, other = as_person(make.person(home=fair.branch)), as_person(make.person(home=fair.branch))
    for _ in range(TRIES):
        type_digits(phone, fair, wrong(fair))
    assert type_digits(other, fair, right(fair)).status_code == 303


def test_nobody_guesses_on_by_dropping_the_cookie(fair, app):
    for _ in range(DIGITS_FROM_ONE.most):
        assert type_digits(app.test_client(), fair, wrong(fair)).status_code == 422
    page = app.test_client().get(f"/c/{fair.code}")
    assert "从这个网络填错的次数太多了，请到" in page.text
    assert "我来逛逛" in page.text, "who only looks around types nothing"
    answer = app.test_client().post(f"/c/{fair.code}/day-codes", data={**fields_of(page), "digits": right(fair)})
    assert answer.status_code == 422, "else the answer tells whether it was right"
    assert len(outcomes()) == DIGITS_FROM_ONE.most, "what is refused writes nothing"
    with clock.frozen_at(NOON + timedelta(minutes=11)):
        assert type_digits(app.test_client(), fair, right(fair)).status_code == 303


def test_who_is_signed_in_does_not_wait_for_strangers_on_the_same_network(fair, make, app, as_person):
    for _ in range(DIGITS_FROM_ONE.most):
        type_digits(app.test_client(), fair, wrong(fair))
    assert type_digits(as_person(make.person(home=fair.branch)), fair, right(fair)).status_code == 303


def test_who_signs_in_anew_for_each_try_is_still_one_person(fair, make, app, as_person):
    person = make.person(home=fair.branch)
    actor = make.actor(person)
    for _ in range(DIGITS_OF_ONE.most):
        in_transaction(lambda: limits.use(DIGITS_OF_ONE, str(actor.person_id), NOON))
    page = as_person(person).get(f"/c/{fair.code}")
    assert "填错几次了" in page.text
    assert "网络" not in page.text


def test_a_ticket_that_was_never_proved_checks_nobody_in(fair, make, as_person):
    phone = as_person(make.person(home=fair.branch))
    fields = fields_of(phone.get(f"/c/{fair.code}"))
    answer = phone.post("/scans", data=fields, follow_redirects=True)
    assert "今天的四位数没填，或不对" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 0


def test_nobody_is_written_down_without_it(fair, client):
    people = db.session.scalar(select(func.count()).select_from(Person))
    fields = fields_of(client.get(f"/c/{fair.code}"))
    answer = client.post(f"/c/{fair.code}/volunteers", data={**fields, "name": "郭志明", "phone": "13900006291"})
    assert answer.location == f"/c/{fair.code}"
    assert db.session.scalar(select(func.count()).select_from(Person)) == people


def test_who_only_looks_around_types_nothing(fair, client):
    fields = fields_of(client.get(f"/c/{fair.code}"))
    assert "没有记您是谁" in client.post("/visits", data=fields, follow_redirects=True).text
    assert outcomes() == ["visitor"]


def test_it_is_another_one_tomorrow_and_after_turning_it_on_again(fair, as_person):
    assert right(fair) != right(fair, NOON + timedelta(days=1))
    before, desk = right(fair), as_person(fair.organiser)
    desk.post(f"/activities/{fair.activity}/day-code", data={"on": "0"})
    assert gates.rules_of(fair.activity).day_code_at is None
    desk.post(f"/activities/{fair.activity}/day-code", data={"on": "1"})
    assert right(fair) != before
    assert right(fair) in desk.get(f"/activities/{fair.activity}/door").text


def test_a_scan_that_waited_without_signal_needs_it_too_typed_then_or_before(fair, make, as_person):
    def late(phone, **more):
        entry = {"id": str(uuid4()), "at": NOON.isoformat(), "code": fair.code, **more}
        return phone.post("/late-scans", json={"sent_at": NOON.isoformat(), "scans": [entry]}).json["results"][0]

    without = late(as_person(make.person(home=fair.branch)))
    assert (without["outcome"], without["tone"]) == ("stale_code", "no")
    assert "四位数" in without["detail"]
    assert late(as_person(make.person(home=fair.branch)), digits=right(fair))["outcome"] == "in"
    phone = as_person(make.person(home=fair.branch))
    type_digits(phone, fair, right(fair))
    assert late(phone)["outcome"] == "in"


def test_what_was_scanned_before_anybody_asked_for_it_stands_without(fair, make, as_person):
    """Kept without signal; the organiser turned it on meanwhile."""
    for on in (False, True):
        in_transaction(lambda on=on: ask_day_code(fair.activity, fair.organiser, NOON + timedelta(minutes=5), on=on))

    def late(at):
        entry = {"id": str(uuid4()), "at": at.isoformat(), "code": fair.code}
        body = {"sent_at": (NOON + timedelta(minutes=20)).isoformat(), "scans": [entry]}
        with clock.frozen_at(NOON + timedelta(minutes=20)):
            return as_person(make.person(home=fair.branch)).post("/late-scans", json=body).json["results"][0]["outcome"]

    assert late(NOON + timedelta(minutes=4)) == "in"
    assert late(NOON + timedelta(minutes=5)) == "stale_code"
