"""Two application servers on one PostgreSQL behind a proxy: one dies in the middle of a burst, and nothing that was acknowledged is
lost; whoever comes to the other node finds everything as it was at the first. Real servers, real connections, real time."""

import io
import os
import random
import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from PIL import Image
from sqlalchemy import func, select, update

from app import create_app
from app.accounts import service as accounts
from app.accounts import sessions
from app.accounts.models import SignInAttempt
from app.accounts.rules import ACCOUNT_TRIES
from app.activities.models import Activity
from app.activities.rules import ActivityKind
from app.certificates.views.verify import LOOKS
from app.checkin import agreement
from app.checkin.day_codes import TRIES, digits_of
from app.checkin.models import Attendance, Scan
from app.checkin.queries import gates
from app.checkin.service.gates import ask_day_code
from app.core import clock
from app.core.config import Env, Settings
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours import queries as hours
from app.hours.rules import HourClass, SourceKind
from app.people.queries import root_unit
from app.people.rules import UnitKind
from tests import engines
from tests.browser.server import SECRET_KEY
from tests.checkin.test_kill import PATIENCE, Acknowledged, Town, phone
from tests.factories import Factory
from tests.machine import have_postgres
from tests.operations import nodes
from tests.operations.nodes import Browser, Pair

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.xdist_group("browser-1"),  # one worker's, as the other tests that start servers
    pytest.mark.skipif(not have_postgres(), reason="no PostgreSQL"),
]
BURSTS = 4  # of 24 sendings each, at once
PASSWORD = "a-good-password-1"


@pytest.fixture(scope="module")
def site(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Pair]]:
    """The application in the test's own process, for making data, and the two nodes, for everything else."""
    folder = tmp_path_factory.mktemp("nodes")
    url = engines.postgres_copy(postgres_url, "template0", f"nodes_{os.getpid()}")
    app = create_app(Settings(Env.DEVELOPMENT, url, SECRET_KEY, "http://127.0.0.1:1", demo=False, data_dir=folder))
    with app.app_context():
        upgrade()
        db.session.remove()
    with nodes.pair(url, folder) as found:
        yield app, found
        assert "Traceback" not in found.said, found.said[-4000:]
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def pair(site: tuple[Flask, Pair]) -> Iterator[Pair]:
    app, found = site
    with app.app_context():
        yield found
        db.session.remove()


@pytest.fixture
def make(pair: Pair) -> Factory:
    return Factory()


class Branch:
    """Units and people of one test; names and numbers of their own, as all tests share one database."""

    def __init__(self, make: Factory) -> None:
        self.make, self.now = make, datetime.now(UTC)
        roots = db.session.scalars(select(Activity.id)).all()
        self.name = f"第{len(roots)}-{random.SystemRandom().randrange(10**6)}党支部"
        self.street = _root(make)
        self.here = make.unit(self.name, parent=self.street)
        self.secretary, self.deputy = make.person("霍静雯", home=self.here), make.person("罗国栋", home=self.here)
        make.grant(self.secretary, Role.SECRETARY, self.here)
        make.grant(self.deputy, Role.DEPUTY, self.here)
        make.account(self.deputy)
        self.activity = make.activity(self.here, self.secretary)
        make.shift(self.activity, self.now - timedelta(hours=1), 3)

    def credit(self, person: int, minutes: int) -> None:
        day = clock.local_date(self.now)
        source = random.SystemRandom().randrange(10**8)
        one = Credit(
            person, self.activity, ActivityKind.SERVICE, self.here, day, minutes, HourClass.CREDIT, source, "2026.1", SourceKind.ATTENDANCE
        )
        in_transaction(lambda: crediting.credit([one], clock.now()))


def _root(make: Factory) -> int:
    found = root_unit()
    return found.id if found else make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)


@pytest.fixture
def branch(make: Factory) -> Branch:
    return Branch(make)


@pytest.fixture
def town(site: tuple[Flask, Pair], pair: Pair) -> Town:
    return Town(site[0], _root(Factory()))


def as_person(app: Flask, make: Factory, person: int) -> Browser:
    account = make.account(person)
    token = in_transaction(lambda: sessions.open_session(account, "test", clock.now(), staff=False, factor=True))
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return Browser({"shulin": signer.dumps({"_user_id": token, "_fresh": True, "_permanent": True, "device": f"phone-{person}"})})


def with_password(make: Factory, person: int) -> str:
    number = f"136{random.SystemRandom().randrange(10**8):08d}"
    make.account(person, number, accounts.hash_secret(PASSWORD))
    return number


def test_a_node_dies_in_mid_burst_and_nothing_acknowledged_is_lost_or_doubled(pair: Pair, town: Town, site: Any) -> None:
    before = set(db.session.scalars(select(Scan.id)))
    done, faults, chance, answered = Acknowledged(), list[str](), random.Random(20261122), 0
    for turn, dies in enumerate((pair.first, pair.second)):
        kept = [one for _ in range(BURSTS) for one in town.burst()]
        size = sum(len(sendings) for _, sendings in kept)
        db.session.remove()
        threads = [threading.Thread(target=phone, args=(pair.port, cookie, mine, done, faults)) for cookie, mine in kept]
        for thread in threads:
            thread.start()
        done.wait_for(answered + chance.randrange(size // 6, size // 2))
        dies.kill()
        assert len(done.outcomes) < answered + size, f"burst {turn} was over before the node died"
        for thread in threads:
            thread.join(PATIENCE)
        assert faults == []
        answered += size
        assert len(done.outcomes) == answered
        dies.start()
        dies.ready()
    recorded = {scan.id: scan for scan in db.session.scalars(select(Scan)) if scan.id not in before}
    assert recorded.keys() == done.outcomes.keys()
    told = {scan_id: outcome for scan_id, outcome in done.outcomes.items() if outcome}
    assert {scan_id: recorded[scan_id].outcome for scan_id in told} == told
    here = select(Attendance.person_id).where(Attendance.excluded_at.is_(None), Attendance.person_id.in_(town.expected))
    assert sorted(db.session.scalars(here)) == sorted(town.expected)
    assert {person: sum(vars(hours.sums(person)).values()) for person in town.expected} == town.expected
    assert agreement.disagreements() == []
    assert min(pair.proxy.given.values()) > 0
    verified = site[0].test_cli_runner().invoke(args=["ledger", "verify"])
    assert verified.exit_code == 0, verified.output


def test_one_signs_in_at_one_node_is_known_at_the_other_and_signed_out_at_both(pair: Pair, branch: Branch) -> None:
    person = branch.make.person("何嘉怡", home=branch.here)
    number, browser = with_password(branch.make, person), Browser()
    assert browser.post(pair.first, "/sign-in", {"phone": number, "password": PASSWORD}).status == 303
    assert "何嘉怡" in browser.get(pair.second, "/me").text
    held = Browser(dict(browser.cookies))
    assert browser.post(pair.second, "/sign-out", {}).status == 303
    for node in (pair.first, pair.second):
        assert held.get(node, "/me").status != 200, "the cookie that was kept opens nothing any more"
    assert "您的记录都还在" in browser.get(pair.first, "/").text, "what one node had to say is said by the other"


def test_wrong_secrets_count_together(pair: Pair, branch: Branch) -> None:
    number = with_password(branch.make, branch.make.person(home=branch.here))
    told = []
    for turn in range(ACCOUNT_TRIES + 2):
        node = (pair.first, pair.second)[turn % 2]
        told.append(Browser().post(node, "/sign-in", {"phone": number, "password": f"wrong-{turn}-wrong"}).status)
    assert told == [422] * ACCOUNT_TRIES + [429, 429]
    digest = accounts.keyed(number, SECRET_KEY)
    assert db.session.scalar(select(func.count()).where(SignInAttempt.phone_hash == digest)) == ACCOUNT_TRIES


def test_looking_numbers_up_counts_together(pair: Pair) -> None:
    headers = {"X-Forwarded-For": "203.0.113.50"}
    told = [
        Browser().get((pair.first, pair.second)[turn % 2], f"/verify/GC-2026-7K3M-{turn:04d}", headers).status
        for turn in range(LOOKS.most + 4)
    ]
    assert told == [404] * LOOKS.most + [429] * 4


def test_wrong_digits_of_the_day_count_together_and_the_right_ones_hold_at_both(pair: Pair, branch: Branch, site: Any) -> None:
    in_transaction(lambda: ask_day_code(branch.activity, branch.secretary, branch.now - timedelta(days=1), on=True))
    code = db.session.scalars(select(Activity.code).where(Activity.id == branch.activity)).one()
    since = gates.rules_of(branch.activity).day_code_at
    assert since
    right = digits_of(SECRET_KEY, branch.activity, since, clock.today())

    def typed(browser: Browser, turn: int, digits: str) -> str:
        here, there = (pair.first, pair.second)[:: 1 if turn % 2 else -1]
        page = browser.get(here, f"/c/{code}").text
        found = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("id", "ticket")}
        if None in found.values():
            return page
        fields = {name: match[1] for name, match in found.items() if match}
        answer = browser.post(there, f"/c/{code}/day-codes", {**fields, "digits": digits})
        return answer.text if answer.status != 303 else browser.get(here, f"/c/{code}").text

    knows = as_person(site[0], branch.make, branch.make.person(home=branch.here))
    assert "今天的四位数" not in typed(knows, 0, right)
    assert "今天的四位数" not in knows.get(pair.first, f"/c/{code}").text
    guesses = as_person(site[0], branch.make, branch.make.person(home=branch.here))
    wrong = f"{(int(right) + 1) % 10_000:04d}"
    for turn in range(TRIES):
        typed(guesses, turn, wrong)
    for turn in range(2):
        assert "填错几次了" in typed(guesses, turn, right), "after so many wrong ones even the right digits wait, wherever they are typed"


def test_boards_have_one_tag_at_both_nodes_and_follow_at_both(pair: Pair, branch: Branch, site: Any) -> None:
    person, *_ = [branch.make.person("黎小满", home=branch.here) for _ in range(5)]  # a board tells nothing of fewer
    branch.credit(person, 120)
    browser = as_person(site[0], branch.make, person)
    tag = browser.get(pair.first, "/boards").headers["etag"]
    assert browser.get(pair.second, "/boards").headers["etag"] == tag
    for node in (pair.first, pair.second, pair.first, pair.second):
        assert browser.get(node, "/boards", {"If-None-Match": tag}).status == 304
    branch.credit(person, 60)
    for node in (pair.second, pair.first):
        answer = browser.get(node, "/boards", {"If-None-Match": tag})
        assert (answer.status, answer.headers["etag"] != tag) == (200, True)


def test_what_waits_is_seen_and_decided_at_either_node(pair: Pair, branch: Branch, site: Any) -> None:
    member = branch.make.person("何嘉怡", home=branch.here)
    branch.credit(member, 90)
    this_year = clock.today().year
    asked = {"since": date(this_year, 1, 1).isoformat(), "until": clock.today().isoformat(), "purpose": "入职", "unit": str(branch.here)}
    secretary = as_person(site[0], branch.make, branch.secretary)
    assert "何嘉怡" not in secretary.get(pair.second, "/work").text
    applied = as_person(site[0], branch.make, member).post(pair.first, "/me/certificates", asked)
    assert applied.status == 303, applied.text[-2000:]
    for node in (pair.second, pair.first):
        assert "何嘉怡" in secretary.get(node, "/work").text
    name = f"灯湖改名{random.SystemRandom().randrange(10**6)}"
    page = secretary.get(pair.first, f"/activities/{branch.activity}")
    assert (page.status, name in page.text) == (200, False)
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == branch.activity).values(title=name)))
    for node in (pair.first, pair.second):
        assert name in secretary.get(node, f"/activities/{branch.activity}").text


def test_a_photo_that_came_to_one_node_is_shown_by_the_other(pair: Pair, branch: Branch, site: Any) -> None:
    secretary, picture = as_person(site[0], branch.make, branch.secretary), io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(picture, "JPEG")
    where = f"/activities/{branch.activity}/photos"
    sent = secretary.upload(pair.first, where, {"alt": "志愿者在摊位前", "agreed": "yes"}, picture.getvalue())
    assert sent.status == 303, sent.text[-2000:]
    page = secretary.get(pair.second, where).text
    (address,) = re.findall(r'src="(/activities/\d+/photos/[^"]+small\.jpg)"', page)
    assert "放好了" in page
    shown = [secretary.get(node, address) for node in (pair.second, pair.first)]
    assert [(one.status, one.body[:2]) for one in shown] == [(200, b"\xff\xd8")] * 2
    assert shown[0].body == shown[1].body
    assert shown[0].headers["etag"] == shown[1].headers["etag"]
