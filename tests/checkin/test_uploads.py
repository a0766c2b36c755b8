"""The organiser's scanner sends what it scanned, perhaps hours later: each scan once, each with a verdict, none spoils another."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.accounts import sessions
from app.activities import service as activities
from app.activities.models import Activity
from app.cards import service as cards
from app.cards.rules import card_token
from app.checkin import queries, service
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome, ShownCode, Way
from app.checkin.views.codes import key, signer
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.hours import queries as hours
from app.people.models import Phone
from tests.conftest import NOON, statements
from tests.factories import LONG_AGO

SITE = "https://shulin.example"


def later(minutes, seconds=0):
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def said(at):
    """As a browser writes a time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


@pytest.fixture
def fair(make):
    """An activity from noon to three, its branch, its organiser and a volunteer."""

    class Fair:
        branch = make.unit("灯湖社区党委")
        organiser = make.person("霍静雯", home=branch)
        person = make.person("何嘉怡", home=branch, phone="13800008821")
        activity = make.activity(branch, organiser)
        shift = make.shift(activity, NOON, 3)

    make.grant(Fair.organiser, Role.ORGANISER, Fair.branch)
    return Fair


@pytest.fixture
def desk(fair, as_person):
    return as_person(fair.organiser)


@pytest.fixture
def codes(app):
    """Tokens as phones and cards show them."""

    class Codes:
        def shown(self, person, at=NOON):
            with app.test_request_context(), clock.frozen_at(at):
                return f"{SITE}/p/{signer().dumps(person)}"

        def card(self, person, by):
            in_transaction(lambda: cards.issue([person], by, clock.now()))
            with app.test_request_context():
                from app.cards import queries as read

                return f"{SITE}/p/{card_token(key(), read.valid_card(person).id)}"

        def timed(self, phone, at=NOON):
            answer = phone.get("/me/code-key")
            assert answer.headers["Cache-Control"] == "no-store"
            given = answer.get_json()
            secret = base64.urlsafe_b64decode(given["key"] + "=")
            said = f"{given['id']}.{base36(int(at.timestamp()) // given['step'])}"
            mac = base64.urlsafe_b64encode(hmac.new(secret, said.encode(), hashlib.sha256).digest()).decode()[:16]
            return f"{given['prefix']}T{said}.{mac}"

    return Codes()


def base36(number):
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits


def scanned(code, at=NOON, **more):
    return {"id": str(uuid4()), "at": said(at), "code": code, "gate": None, **more}


def named(name, tail, at=NOON):
    return {"id": str(uuid4()), "at": said(at), "name": name, "tail": tail, "gate": None}


def send(desk, fair, *scans, at=NOON, sent_at=None):
    with clock.frozen_at(at):
        answer = desk.post(f"/activities/{fair.activity}/uploads", json={"sent_at": said(sent_at or at), "scans": list(scans)})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def result(desk, fair, scan, **options):
    (one,) = send(desk, fair, scan, **options)["results"]
    assert one["id"] == scan["id"]
    return one


class TestWhatIsScanned:
    def test_a_code_on_a_phone_checks_in_and_out_and_the_figures_come_with_it(self, fair, desk, codes):
        answer = send(desk, fair, scanned(codes.shown(fair.person)))
        (one,) = answer["results"]
        assert (one["outcome"], one["tone"], one["title"], one["name"]) == ("in", "yes", "签到成功", "何嘉怡")
        assert one["detail"] == "12:00，童玩摊位组"
        assert answer["counts"] == {"arrived": 1, "signed_up": 0, "expected": 0, "inside": 1, "left": 0, "visitors": 0}
        answer = send(desk, fair, scanned(codes.shown(fair.person, later(160)), later(160)), at=later(160))
        assert (answer["results"][0]["outcome"], answer["results"][0]["detail"]) == ("out", "14:40，本次 2 小时 40 分，童玩摊位组")
        assert answer["counts"]["left"] == 1
        assert hours.sums(fair.person) == hours.Sums(service_credit=160)
        assert set(db.session.execute(select(Scan.way, Scan.by_id)).all()) == {(Way.PERSONAL_CODE, fair.organiser)}

    def test_a_card_does_too_until_it_is_taken_back(self, fair, desk, codes):
        card = codes.card(fair.person, fair.organiser)
        assert result(desk, fair, scanned(card))["outcome"] == "in"
        in_transaction(lambda: cards.renew(fair.person, fair.organiser, later(10)))  # which takes the old one back
        one = result(desk, fair, scanned(card, later(20)), at=later(20))
        assert (one["outcome"], one["tone"], one["title"]) == ("revoked", "no", "这张卡作废了")
        before = result(desk, fair, scanned(card, later(5)), at=later(21))
        assert before["outcome"] == "already_in"

    def test_a_code_made_without_signal_does_too(self, fair, desk, codes, as_person):
        address = codes.timed(as_person(fair.person))
        assert address.startswith(f"{SITE}/p/T")
        one = result(desk, fair, scanned(address), at=later(90))
        assert (one["outcome"], one["detail"]) == ("in", "12:00，童玩摊位组")

    @pytest.mark.parametrize(("minutes", "outcome"), [(-2, "expired"), (-1, "in"), (1, "in"), (2, "expired")])
    def test_whose_minute_is_the_one_of_the_scan_or_beside_it(self, fair, desk, codes, as_person, minutes, outcome):
        assert result(desk, fair, scanned(codes.timed(as_person(fair.person), later(minutes))), at=later(30))["outcome"] == outcome

    def test_of_a_phone_that_was_signed_out_it_is_refused(self, fair, desk, codes, as_person):
        phone = as_person(fair.person)
        address = codes.timed(phone)
        in_transaction(lambda: sessions.revoke_all(fair.person, NOON))
        one = result(desk, fair, scanned(address))
        assert (one["outcome"], one["title"], one["undo"]) == ("revoked", "这台手机已经退出登录", None)
        assert db.session.scalars(select(Scan.outcome)).all() == [Outcome.FORGED]
        assert phone.get("/me/code-key").status_code == 401

    def test_what_was_made_before_the_phone_was_signed_out_counts(self, fair, desk, codes, as_person):
        address = codes.timed(as_person(fair.person))
        in_transaction(lambda: sessions.revoke_all(fair.person, later(5)))
        assert result(desk, fair, scanned(address), at=later(60))["outcome"] == "in"

    def test_somebody_elses_key_makes_no_code(self, fair, desk, codes, as_person, make):
        own = codes.timed(as_person(fair.person)).rpartition("/")[2]
        other = codes.timed(as_person(make.person("梁凤珍"))).rpartition("/")[2]
        swapped = ".".join([own.split(".")[0], *other.split(".")[1:]])
        assert result(desk, fair, scanned(f"{SITE}/p/{swapped}"))["outcome"] == "unknown"

    def test_an_old_picture_of_a_phone_has_expired(self, fair, desk, codes):
        one = result(desk, fair, scanned(codes.shown(fair.person, later(-5))))
        assert (one["outcome"], one["title"]) == ("expired", "这个码过期了")
        assert db.session.scalars(select(Scan.outcome)).all() == [Outcome.STALE_CODE]

    def test_judged_when_it_was_scanned_not_when_it_arrived(self, fair, desk, codes):
        assert result(desk, fair, scanned(codes.shown(fair.person)), at=later(120))["detail"].startswith("12:00")

    def test_the_poster_scanned_by_mistake_is_told_so(self, fair, desk):
        code = db.session.get(Activity, fair.activity).code
        for text in (f"{SITE}/c/{code}", f"{SITE}/c/{code}-M3QZ?by=typed", code):
            one = result(desk, fair, scanned(text))
            assert (one["outcome"], one["title"]) == ("wrong_way", "这是海报上的码")

    @pytest.mark.parametrize(
        "text",
        [
            "https://evil.example/p/x.y.z",
            f"{SITE}/p/",
            f"{SITE}/p/T1.2.3",
            f"{SITE}/p/Tzz.zz",
            f"{SITE}/p/1-{'A' * 16}",
            f"{SITE}/me",
            "6901234567892",
            "您好",
            "a" * 500,
            "T..",
            "http://[",
        ],
    )
    def test_anything_else_is_unknown(self, fair, desk, text):
        one = result(desk, fair, scanned(text))
        assert (one["outcome"], one["tone"], one["undo"]) == ("unknown", "no", None)
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 0

    def test_nobody_scans_themselves_in(self, fair, desk, codes, make):
        one = result(desk, fair, scanned(codes.shown(fair.organiser)))
        assert (one["outcome"], one["title"]) == ("own", "不能给自己签")
        make._add(Phone, person_id=fair.organiser, number="13800001111", valid_from=LONG_AGO)
        assert result(desk, fair, named("霍静雯", "1111"))["outcome"] == "own"
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 0

    def test_somebody_not_confirmed_is_written_down(self, fair, desk, codes, make):
        one = result(desk, fair, scanned(codes.shown(make.person("郭志明", confirmed=False))))
        assert (one["outcome"], one["tone"], one["title"]) == ("pending", "warn", "已记下")


class TestByName:
    def test_somebody_of_the_organisers_own_unit_is_found_and_it_is_made_up_time(self, fair, desk):
        assert result(desk, fair, named("何嘉怡", "8821"))["outcome"] == "in"
        result(desk, fair, named("何嘉怡", "8821", later(160)), at=later(160))
        assert hours.sums(fair.person) == hours.Sums(service_honour=160)

    def test_somebody_signed_up_or_already_here_is_found_wherever_they_belong(self, fair, desk, make):
        elsewhere = make.unit("别的支部")
        signed_up = make.person("陈大明", home=elsewhere, phone="13800001234")
        here = make.person("梁凤珍", home=elsewhere, phone="13800005678")
        assert result(desk, fair, named("陈大明", "1234"))["title"] == "没找到这位"
        make.signup(fair.shift, signed_up)
        assert result(desk, fair, named("陈大明", "1234"))["outcome"] == "in"
        in_transaction(lambda: service.record_scan(ShownCode(uuid4(), fair.activity, Way.POSTER, NOON), here, NOON))
        assert result(desk, fair, named("梁凤珍", "5678", later(1)), at=later(1))["outcome"] == "already_in"

    def test_two_of_one_name_and_tail_are_asked_for_in_person(self, fair, desk, make):
        make.person("何嘉怡", home=fair.branch, phone="13900008821")
        assert result(desk, fair, named("何嘉怡", "8821"))["outcome"] == "several"

    @pytest.mark.parametrize("tail", ["", "882", "88211", "____", "%8821", "8822"])
    def test_a_wrong_tail_finds_nobody(self, fair, desk, tail):
        assert result(desk, fair, named("何嘉怡", tail))["outcome"] == "unknown"

    def test_a_helper_finds_only_who_has_to_do_with_this_activity(self, fair, as_person, make):
        helper = make.person("邓淑芬")
        in_transaction(lambda: service.appoint_helper([fair.shift], helper, fair.organiser, "邻里节", "/x", NOON))
        assert result(as_person(helper), fair, named("何嘉怡", "8821"))["outcome"] == "unknown"
        make.signup(fair.shift, fair.person)
        assert result(as_person(helper), fair, named("何嘉怡", "8821"))["outcome"] == "in"


class TestOnce:
    def test_the_same_scan_again_answers_the_same_and_changes_nothing(self, fair, desk, codes):
        scan = scanned(codes.shown(fair.person))
        first = result(desk, fair, scan)
        again = result(desk, fair, scan, at=later(200), sent_at=later(200) + timedelta(seconds=40))
        assert again == first
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 1
        twice = send(desk, fair, scan, scan)["results"]
        assert twice == [first, first]

    def test_the_same_id_with_another_content_is_a_conflict(self, fair, desk, codes, make):
        scan = scanned(codes.shown(fair.person))
        result(desk, fair, scan)
        other = scan | {"code": codes.shown(make.person("梁凤珍"))}
        for changed in (other, scan | {"at": said(later(1))}, named("何嘉怡", "8821") | {"id": scan["id"]}):
            assert result(desk, fair, changed, at=later(2))["outcome"] == "conflict"
        assert db.session.scalar(select(func.count()).select_from(Scan)) == 1

    def test_what_was_answered_stays_although_the_code_could_not_be_proved_any_more(self, fair, desk, codes, as_person):
        phone = as_person(fair.person)
        scan = scanned(codes.timed(phone))
        first = result(desk, fair, scan)
        in_transaction(lambda: sessions.revoke_all(fair.person, NOON))
        assert result(desk, fair, scan) == first

    def test_one_bad_scan_spoils_no_other(self, fair, desk, codes):
        bad = [{"id": "x"}, {"id": str(uuid4()), "at": "soon", "code": "x"}, {"at": 1, "id": 2, "code": []}, {}, scanned("x" * 601)]
        answer = send(desk, fair, *bad, scanned(codes.shown(fair.person)))
        assert [one["outcome"] for one in answer["results"]] == ["unknown"] * 5 + ["in"]

    def test_a_scan_that_fails_for_a_reason_of_ours_is_left_out_so_that_the_phone_keeps_it(self, fair, desk, codes, make, monkeypatch):
        broken, real = make.person("梁凤珍"), service.record_scan

        def record(shown, person_id, now, *args, **more):
            if person_id == broken:
                raise RuntimeError("a fault of ours")
            return real(shown, person_id, now, *args, **more)

        monkeypatch.setattr("app.checkin.service.record_scan", record)
        lost, kept = scanned(codes.shown(broken)), scanned(codes.shown(fair.person))
        assert [one["id"] for one in send(desk, fair, lost, kept)["results"]] == [kept["id"]]
        monkeypatch.undo()
        assert result(desk, fair, lost)["outcome"] == "in"

    @pytest.mark.parametrize(
        "body",
        [
            "nothing",
            "[]",
            "{}",
            '{"sent_at": "2026-11-21T04:00:00Z"}',
            '{"sent_at": "soon", "scans": []}',
            '{"sent_at": "2026-11-21T04:00:00", "scans": []}',
            '{"sent_at": "2026-11-21T04:00:00Z", "scans": [1]}',
            json.dumps({"sent_at": "2026-11-21T04:00:00Z", "scans": [{}] * 51}),
        ],
    )
    def test_another_shape_is_refused_as_a_whole(self, fair, desk, body):
        answer = desk.post(f"/activities/{fair.activity}/uploads", data=body, content_type="application/json")
        assert answer.status_code == 422
        assert "刷新" in answer.get_json()["error"]


class TestTime:
    @pytest.mark.parametrize("off", [timedelta(hours=-3), timedelta(days=2), timedelta(seconds=90)])
    def test_a_clock_that_is_wrong_is_moved_by_how_far_it_is_off(self, fair, desk, codes, off):
        scan = scanned(codes.shown(fair.person), NOON + off)
        assert result(desk, fair, scan, at=later(30), sent_at=later(30) + off)["detail"] == "12:00，童玩摊位组"
        assert db.session.scalar(select(Scan.at)) == NOON

    def test_the_way_to_the_server_is_no_wrong_clock(self, fair, desk, codes):
        send(desk, fair, scanned(codes.shown(fair.person)), at=later(0, 2), sent_at=NOON)
        assert db.session.scalar(select(Scan.at)) == NOON

    def test_nothing_is_scanned_in_time_to_come(self, fair, desk, codes):
        send(desk, fair, scanned(codes.shown(fair.person, later(20)), later(20)), at=later(10))
        assert db.session.scalar(select(func.count()).select_from(Attendance)) == 0
        send(desk, fair, scanned(codes.shown(fair.person, later(10)), later(20)), at=later(10))
        assert db.session.scalar(select(Attendance.in_at)) == later(10)

    def test_after_two_days_it_is_recorded_and_counts_nothing(self, fair, desk, codes):
        one = result(desk, fair, scanned(codes.shown(fair.person)), at=NOON + timedelta(hours=48, minutes=1))
        assert (one["outcome"], one["tone"]) == ("too_late", "no")
        assert db.session.scalars(select(Scan.outcome)).all() == [Outcome.TOO_LATE]
        send(desk, fair, scanned(codes.shown(fair.person, later(30)), later(30)), at=NOON + timedelta(hours=48))
        assert db.session.scalars(select(Attendance.in_at)).all() == [later(30)]

    def test_a_closed_activity_takes_no_more_of_what_was_kept(self, fair, desk, codes):
        result(desk, fair, scanned(codes.shown(fair.person)))
        with clock.frozen_at(later(181)):
            in_transaction(lambda: activities.close_activity(fair.activity, fair.organiser, 10, later(181)))
        scan = scanned(codes.shown(fair.person, later(175)), later(175))
        assert result(desk, fair, scan, at=later(300))["outcome"] == "not_open"
        assert hours.sums(fair.person) == hours.Sums()

    def test_it_counts_for_the_day_on_which_it_was_scanned(self, fair, desk, codes, make):
        """Three pairs of yesterday do not use up today's, nor do today's stand in the way of what arrives from yesterday."""
        evening = make.activity(fair.branch, fair.organiser, title="夜巡")
        make.shift(evening, NOON + timedelta(hours=8), 3)
        fair.activity, morning = evening, NOON + timedelta(hours=20)
        today = make.activity(fair.branch, fair.organiser, title="晨练")
        make.shift(today, morning, 5)
        for start in (0, 40, 80):
            at = morning + timedelta(minutes=start)
            shown = ShownCode(uuid4(), today, Way.POSTER, at)
            in_transaction(lambda shown=shown, at=at: service.record_scan(shown, fair.person, at))
            again = ShownCode(uuid4(), today, Way.POSTER, at + timedelta(minutes=20))
            second = in_transaction(lambda again=again: service.record_scan(again, fair.person, again.opened_at))
            in_transaction(lambda second=second, at=at: service.depart(second.scan_id, fair.person, at + timedelta(minutes=21)))
        at = NOON + timedelta(hours=8, minutes=1)
        assert result(desk, fair, scanned(codes.shown(fair.person, at), at), at=morning + timedelta(hours=3))["outcome"] == "in"


class TestUndoing:
    def undo(self, desk, one, at):
        with clock.frozen_at(at):
            return desk.post(one["undo"], json={})

    def test_a_check_in_is_taken_back_and_both_stay_on_record(self, fair, desk, codes):
        one = result(desk, fair, scanned(codes.shown(fair.person)))
        assert one["undo"] == f"/activities/{fair.activity}/uploads/{one['id']}/undoing"
        answer = self.undo(desk, one, later(1)).get_json()
        assert (answer["id"], answer["outcome"], answer["tone"], answer["name"]) == (one["id"], "undone", "yes", "何嘉怡")
        assert self.undo(desk, one, later(2)).get_json() == answer
        assert [row.excluded for row in queries.spells_of(fair.activity)] == [True]
        assert sorted(db.session.scalars(select(Scan.outcome))) == [Outcome.IN, Outcome.UNDONE]
        assert desk.get(f"/activities/{fair.activity}/counts").get_json()["counts"]["arrived"] == 0
        assert result(desk, fair, scanned(codes.shown(fair.person, later(3)), later(3)), at=later(3))["outcome"] == "in"

    def test_a_sign_out_is_taken_back_and_what_was_credited_reversed(self, fair, desk, codes):
        result(desk, fair, scanned(codes.shown(fair.person)))
        one = result(desk, fair, scanned(codes.shown(fair.person, later(155)), later(155)), at=later(155))
        assert hours.sums(fair.person).service_credit == 155
        assert self.undo(desk, one, later(160)).get_json()["outcome"] == "undone"
        assert hours.sums(fair.person) == hours.Sums()
        (row,) = queries.spells_of(fair.activity)
        assert (row.out_at, row.excluded) == (None, False)
        result(desk, fair, scanned(codes.shown(fair.person, later(178)), later(178)), at=later(178))
        assert hours.sums(fair.person).service_credit == 178

    def test_ten_minutes_after_a_sign_out_it_is_too_late(self, fair, desk, codes):
        result(desk, fair, scanned(codes.shown(fair.person)))
        one = result(desk, fair, scanned(codes.shown(fair.person, later(155)), later(155)), at=later(158))
        answer = self.undo(desk, one, later(169))
        assert answer.status_code == 409
        assert "10 分钟" in answer.get_json()["error"]

    def test_a_check_in_stands_once_they_have_left(self, fair, desk, codes):
        one = result(desk, fair, scanned(codes.shown(fair.person)))
        result(desk, fair, scanned(codes.shown(fair.person, later(155)), later(155)), at=later(155))
        assert self.undo(desk, one, later(156)).status_code == 409

    def test_nobody_takes_back_what_they_scanned_with_their_own_phone_or_what_is_about_themselves(self, fair, desk, as_person, make):
        own = ShownCode(uuid4(), fair.activity, Way.POSTER, NOON)
        in_transaction(lambda: service.record_scan(own, fair.person, NOON))
        assert desk.post(f"/activities/{fair.activity}/uploads/{own.scan_id}/undoing", json={}).status_code == 404
        helper = make.person("邓淑芬")
        about = ShownCode(uuid4(), fair.activity, Way.PERSONAL_CODE, NOON)
        in_transaction(lambda: service.record_scan(about, fair.organiser, NOON, by_id=helper))
        answer = desk.post(f"/activities/{fair.activity}/uploads/{about.scan_id}/undoing", json={})
        assert answer.status_code == 403
        assert "另一位" in answer.get_json()["error"]

    def test_a_refused_scan_offers_nothing_to_undo(self, fair, desk, codes):
        assert result(desk, fair, scanned(codes.shown(fair.person, later(-61)), later(-61)), at=later(-61))["undo"] is None
        result(desk, fair, scanned(codes.shown(fair.person)))
        assert result(desk, fair, scanned(codes.shown(fair.person, later(1)), later(1)), at=later(1))["undo"] is None


class TestLeavingEarly:
    def came_and_leaves(self, fair, desk, codes, at=90):
        card = codes.card(fair.person, fair.organiser)
        result(desk, fair, scanned(card))
        return result(desk, fair, scanned(card, later(at)), at=later(at))

    def press(self, desk, one, at):
        with clock.frozen_at(at):
            return desk.post(one["depart"], json={})

    def test_who_is_in_is_offered_to_go_now(self, fair, desk, codes):
        one = self.came_and_leaves(fair, desk, codes)
        assert (one["outcome"], one["detail"]) == ("already_in", "12:00 到的。要先走，点“现在签退”")
        assert one["depart"] == f"/activities/{fair.activity}/uploads/{one['id']}/departure"

    def test_and_is_signed_out_by_the_card_that_was_scanned(self, fair, desk, codes):
        one = self.came_and_leaves(fair, desk, codes)
        left = self.press(desk, one, later(91)).get_json()
        assert (left["outcome"], left["title"], left["name"], left["detail"]) == (
            "out",
            "已签退",
            "何嘉怡",
            "13:31，本次 1 小时 31 分，童玩摊位组",
        )
        assert self.press(desk, one, later(92)).get_json()["id"] == left["id"]
        (row,) = queries.spells_of(fair.activity)
        assert (row.out_at, row.out_way) == (later(91), Way.CARD)
        assert hours.sums(fair.person).service_credit == 91
        last = db.session.scalars(select(Scan).where(Scan.outcome == Outcome.OUT)).one()
        assert last.by_id == fair.organiser

    def test_which_can_be_undone(self, fair, desk, codes):
        left = self.press(desk, self.came_and_leaves(fair, desk, codes), later(91)).get_json()
        with clock.frozen_at(later(95)):
            assert desk.post(left["undo"], json={}).get_json()["outcome"] == "undone"
        (row,) = queries.spells_of(fair.activity)
        assert row.out_at is None
        assert hours.sums(fair.person) == hours.Sums()

    def test_a_scan_that_comes_in_late_does_not_change_it(self, fair, desk, codes):
        self.press(desk, self.came_and_leaves(fair, desk, codes), later(91))
        result(desk, fair, scanned(codes.shown(fair.person, later(30)), later(30)), at=later(100))
        (row,) = queries.spells_of(fair.activity)
        assert (row.in_at, row.out_at) == (NOON, later(91))

    def test_half_an_hour_later_the_card_is_asked_for_again(self, fair, desk, codes):
        one = self.came_and_leaves(fair, desk, codes)
        answer = self.press(desk, one, later(121))
        assert answer.status_code == 409
        assert "再扫一次" in answer.get_json()["error"]

    def test_is_not_offered_where_the_scan_came_late_or_is_ones_own(self, fair, desk, codes, as_person):
        card = codes.card(fair.person, fair.organiser)
        result(desk, fair, scanned(card))
        assert result(desk, fair, scanned(card, later(20)), at=later(90))["depart"] is None
        assert desk.post(f"/activities/{fair.activity}/uploads/{uuid4()}/departure", json={}).status_code == 404
        first = self.press(desk, {"depart": f"/activities/{fair.activity}/uploads/{self.first(fair)}/departure"}, later(91))
        assert first.status_code == 404  # it was no second scan

    def first(self, fair):
        return db.session.scalars(select(Scan.id).where(Scan.outcome == Outcome.IN)).one()


class TestWhoMay:
    def test_others_are_answered_in_json_that_nothing_is_there(self, fair, client, as_person, make):
        stranger = as_person(make.person("路人"))
        other = make.person("别处的")
        make.grant(other, Role.ORGANISER, make.unit("别的社区"))
        for path in ("uploads", f"uploads/{uuid4()}/undoing", f"uploads/{uuid4()}/departure"):
            for browser, status in ((client, 401), (stranger, 404), (as_person(other), 404)):
                answer = browser.post(f"/activities/{fair.activity}/{path}", json={"sent_at": said(NOON), "scans": []})
                assert answer.status_code == status
                assert answer.get_json()["error"]
        for browser, status in ((client, 401), (stranger, 404), (as_person(other), 404)):
            assert browser.get(f"/activities/{fair.activity}/counts").status_code == status

    def test_a_helper_sends_what_they_scanned_while_they_were_one_and_no_more(self, fair, as_person, make, codes):
        helper = make.person("邓淑芬")
        in_transaction(lambda: service.appoint_helper([fair.shift], helper, fair.organiser, "邻里节", "/x", later(10)))
        phone, night = as_person(helper), later(600)
        assert result(phone, fair, scanned(codes.shown(fair.person, later(5)), later(5)), at=night)["outcome"] == "not_open"
        assert result(phone, fair, scanned(codes.shown(fair.person, later(15)), later(15)), at=night)["outcome"] == "in"
        with clock.frozen_at(later(240) + timedelta(hours=48, minutes=1)):
            answer = phone.post(f"/activities/{fair.activity}/uploads", json={"sent_at": said(clock.now()), "scans": []})
        assert answer.status_code == 404

    def test_another_site_can_not_send_scans(self, fair, desk):
        answer = desk.post(
            f"/activities/{fair.activity}/uploads",
            json={"sent_at": said(NOON), "scans": []},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403


def test_the_figures_of_a_crowd_take_as_many_questions_as_those_of_one(fair, desk, make):
    def asked(count):
        for _ in range(count):
            person = make.person(home=fair.branch)
            in_transaction(lambda person=person: service.record_scan(ShownCode(uuid4(), fair.activity, Way.POSTER, NOON), person, NOON))
        with statements() as sent:
            counts = desk.get(f"/activities/{fair.activity}/counts").get_json()["counts"]
        return counts["arrived"], len(sent)

    assert asked(1) == (1, asked(5)[1])
