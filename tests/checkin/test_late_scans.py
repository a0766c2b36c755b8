"""A volunteer's own phone without signal: what it scanned counts as of then, once it is back."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from app.activities.models import Activity
from app.activities.rules import CodeWay
from app.checkin import queries, service
from app.checkin.models import Scan
from app.checkin.rules import Outcome, Way, rotating_tail
from app.checkin.views.codes import key
from app.core import clock
from app.core.db import db, in_transaction
from app.hours import queries as hours
from tests.checkin.test_uploads import SITE, later, said
from tests.conftest import NOON


@pytest.fixture
def fair(make):
    """An activity with a poster and one with a screen, from noon to three, and a volunteer."""

    class Fair:
        branch = make.unit("灯湖社区党委")
        person = make.person("何嘉怡", home=branch)
        poster = make.activity(branch, make.person("霍静雯", home=branch))
        screen = make.activity(branch, person, title="夜巡", way=CodeWay.ROTATING)

        def code(self, activity):
            return db.session.get(Activity, activity).code

    for activity in (Fair.poster, Fair.screen):
        make.shift(activity, NOON, 3)
    return Fair()


@pytest.fixture
def phone(fair, as_person):
    return as_person(fair.person)


@pytest.fixture
def shown(app, fair):
    """What the screen showed at a time."""

    def at(moment):
        with app.test_request_context():
            return f"{fair.code(fair.screen)}-{rotating_tail(key(), fair.screen, moment)}"

    return at


def send(phone, code, at=NOON, *, typed=False, received=None, scan_id=None):
    now = received or at
    scan = {"id": scan_id or str(uuid4()), "at": said(at), "code": code, "typed": typed}
    with clock.frozen_at(now):
        answer = phone.post("/late-scans", json={"sent_at": said(now), "scans": [scan]})
    assert answer.status_code == 200, answer.text
    (one,) = answer.get_json()["results"]
    assert one["id"] == scan["id"]
    return one


def test_a_poster_counts_as_of_when_it_was_scanned(fair, phone):
    code = fair.code(fair.poster)
    one = send(phone, f"{SITE}/c/{code}", received=later(200))
    assert (one["outcome"], one["tone"], one["title"], one["detail"]) == ("in", "yes", "签到成功", "12:00，童玩摊位组")
    assert one["page"] == f"/scans/{one['id']}"
    assert one["undo"] is None
    assert "12:00" in phone.get(one["page"]).text
    out = send(phone, code.lower(), later(170), typed=True, received=later(201))
    assert (out["outcome"], out["detail"]) == ("out", "14:50，本次 2 小时 50 分，童玩摊位组")
    assert hours.sums(fair.person) == hours.Sums(service_credit=170)
    assert set(db.session.execute(select(Scan.way, Scan.by_id)).all()) == {(Way.POSTER, None), (Way.TYPED_CODE, None)}


@pytest.mark.parametrize("seconds", [0, 29, 31, 58, -1])
def test_the_code_of_a_screen_is_proved_for_its_own_half_minute_and_the_next(fair, phone, shown, seconds):
    at = NOON + timedelta(seconds=seconds)
    assert send(phone, shown(NOON), at, received=later(100))["outcome"] == "in"


@pytest.mark.parametrize("seconds", [-4, 61, 600])
def test_a_code_of_another_time_is_stale(fair, phone, shown, seconds):
    one = send(phone, f"{SITE}/c/{shown(NOON)}", NOON + timedelta(seconds=seconds), received=later(100))
    assert (one["outcome"], one["detail"]) == ("stale_code", "这个码已更新，请扫屏幕上的新码")
    assert db.session.scalars(select(Scan.outcome)).all() == [Outcome.STALE_CODE]


def test_eight_letters_typed_in_any_way_are_the_code_of_a_screen(fair, phone, shown):
    code = shown(NOON)
    for text in (code.replace("-", ""), code.replace("-", "—").lower(), code.replace("-", " ")):
        assert send(phone, text, typed=True, received=later(1))["outcome"] in {"in", "already_in"}


def test_a_poster_s_address_where_the_screen_is_used_is_told_so(fair, phone):
    assert send(phone, fair.code(fair.screen))["outcome"] == "wrong_way"


@pytest.mark.parametrize("code", ["", "2222", f"{SITE}/p/abc", "https://elsewhere.example/c/2222", "您好", "x" * 700])
def test_what_is_no_code_of_an_activity_is_unknown_and_has_no_page(fair, phone, code):
    one = send(phone, code)
    assert (one["outcome"], one["page"]) == ("unknown", None)
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 0


def test_a_draft_is_nobody_s_to_scan(fair, phone, make):
    draft = make.activity(fair.branch, fair.person, published=False)
    make.shift(draft, NOON)
    assert send(phone, fair.code(draft))["outcome"] == "unknown"


def test_sent_again_it_is_the_same_scan(fair, phone):
    code, scan_id = fair.code(fair.poster), str(uuid4())
    first = send(phone, code, received=later(30), scan_id=scan_id)
    assert send(phone, code, received=later(90), scan_id=scan_id) == first
    assert send(phone, code, later(1), received=later(90), scan_id=scan_id)["outcome"] in {"conflict", "in"}
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1


def test_somebody_else_s_scan_is_a_conflict(fair, phone, make, as_person):
    code, scan_id = fair.code(fair.poster), str(uuid4())
    send(phone, code, scan_id=scan_id)
    assert send(as_person(make.person("梁凤珍")), code, scan_id=scan_id)["outcome"] == "conflict"


def test_who_is_not_signed_in_is_told_so_in_json(fair, client):
    answer = client.post("/late-scans", json={"sent_at": said(NOON), "scans": []})
    assert answer.status_code == 401
    assert answer.get_json() == {"error": "请先登录。"}


def test_another_shape_is_refused(phone):
    assert phone.post("/late-scans", data="x").status_code == 422


def test_an_end_that_the_organiser_named_outlives_an_undone_sign_out_and_a_scan_that_comes_late(fair, phone):
    """Found by the simulator: told anew, the named end fell with the scans between the sign-out and its undoing."""
    code, organiser = fair.code(fair.poster), db.session.get(Activity, fair.poster).contact_id
    send(phone, code)
    gone = send(phone, code, later(175))
    in_transaction(lambda: service.undo_sign_out(UUID(gone["id"]), fair.person, later(182)))
    (spell,) = queries.spells_of(fair.poster)
    in_transaction(lambda: service.sign_out_all(fair.poster, {spell.id: later(180)}, organiser, later(185)))
    assert hours.sums(fair.person) == hours.Sums(service_honour=180)
    assert send(phone, code, later(60), received=later(190))["outcome"] == "already_in"
    assert hours.sums(fair.person) == hours.Sums(service_honour=180)
    assert queries.spells_of(fair.poster)[0].out_at == later(180)
