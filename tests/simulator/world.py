"""The people, units and activities of a plan on a fresh database, the phones, and the virtual clock."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select, update

from app.accounts import sessions
from app.activities.models import Activity
from app.activities.rules import ActivityKind, CodeWay
from app.cards import queries as read_cards
from app.cards import service as cards
from app.cards.rules import card_token
from app.checkin import service as checkin
from app.checkin.day_codes import digits_of
from app.checkin.rules import rotating_tail
from app.checkin.service import gates
from app.checkin.views.codes import key, signer
from app.core import clock
from app.core.actor import Actor, Grant
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people.rules import StageKind, UnitKind
from tests.conftest import Client
from tests.factories import Factory
from tests.simulator.oracle import Oracle, Shift, day_of
from tests.simulator.plan import ABOVE, DEPUTY, HELPER, OFFICIALS, ORGANISER, SECRETARY, TOP, Plan

SITE = "https://shulin.example"
VENUE = (23.031, 113.145)


class Broken(AssertionError):
    """An invariant does not hold. `invariant` is its name, the same however the plan is shrunk."""

    def __init__(self, invariant: str, detail: str = "") -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant


def must(holds: object, invariant: str, detail: Any = "") -> None:
    if not holds:
        raise Broken(invariant, str(detail() if callable(detail) else detail))


@dataclass
class Scanned:
    """One scan as its phone knows it. `said` is what its queue sends; `told` the outcome of the first answer that came through.

    `way` is what its queue says of it; `page_way` what its page does, which perhaps was opened before in another way.
    """

    n: int
    id: UUID
    person: int
    activity: int
    phone: int
    said: dict[str, Any]
    by: int | None = None
    made_at: datetime | None = None  # of a code that ages
    window: int | None = None  # the half minute of a screen's code
    wrong_way: bool = False
    way: str = "poster"
    page_way: str = ""
    ticket: str = ""
    opened_at: datetime | None = None
    scanned: datetime | None = None  # the true time
    digits_right: bool = False
    place: str | None = None  # where its phone says that it was: inside or outside of the fence
    page_fence: str | None = None
    fence: str | None = None  # what must be kept of that
    acting: int | None = None  # who signed them in with a phone of their own
    told: str | None = None
    at: datetime | None = None
    outcome: str | None = None
    arrived: datetime | None = None


@dataclass
class Phone:
    """What is kept on it, in the order of scanning. `skew`: how many seconds its clock is ahead."""

    client: Client
    skew: float
    kept: dict[int | None, list[Scanned]] = field(default_factory=dict)  # by the activity of a desk, None: one's own
    opened: tuple[str, datetime, str] | None = None  # the code that its cookie still remembers

    def queue(self, activity: int | None) -> list[Scanned]:
        return self.kept.setdefault(activity, [])


class World:
    """Numbers of the plan → ids of the database."""

    def __init__(self, plan: Plan, app: Flask) -> None:
        self.plan, self.app = plan, app
        self.midnight = datetime(2026, 11, plan.first_day, tzinfo=UTC) - timedelta(hours=8)
        self.now = self.midnight
        app.test_client_class = Client
        with clock.frozen_at(self.midnight):
            self._build()

    def at(self, seconds: float) -> datetime:
        return self.midnight + timedelta(milliseconds=round(seconds * 1000))

    def _build(self) -> None:
        make, plan = Factory(), self.plan
        self.street = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
        self.community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=self.street)
        self.branches = [make.unit(f"灯湖社区第{number}党支部", parent=self.community) for number in ("一", "二")]
        numbers = [*range(plan.volunteers), *OFFICIALS]
        self.people, self.names, self.confirmed = dict[int, int](), dict[int, str](), set[int]()
        for number in numbers:
            name, phone = f"街坊{chr(0x4E00 + number)}", f"1380{number:07d}"
            stage = StageKind.MEMBER if number in plan.members else None
            self.people[number] = person = make.person(name, home=self.branches[number % 2], phone=phone, stage=stage)
            make.account(person, phone)
            self.names[person] = name
            self.confirmed.add(person)
        self.who = {person: number for number, person in self.people.items()}
        self._grants(make)
        self._hold(make)
        self._open_phones()

    def _grants(self, make: Factory) -> None:
        a, b = self.branches
        roles = {
            ORGANISER: [(Role.ORGANISER, self.community)],
            SECRETARY: [(Role.SECRETARY, a), (Role.SECRETARY, b)],
            DEPUTY: [(Role.DEPUTY, a), (Role.DEPUTY, b)],
            ABOVE: [(Role.SECRETARY, self.community)],
            TOP: [(Role.ADMINISTRATOR, self.street)],
        }
        self.actors = {HELPER: Actor(self.people[HELPER], "", 0, ())}
        for number, grants in roles.items():
            for role, unit in grants:
                make.grant(self.people[number], role, unit)
            self.actors[number] = Actor(self.people[number], "", 0, tuple(Grant(*one) for one in grants))

    def _hold(self, make: Factory) -> None:
        plan, organiser = self.plan, self.people[ORGANISER]
        self.activities: list[int] = []
        self.codes: list[str] = []
        self.closed: dict[int, datetime] = {}
        self.decided: set[int] = set()
        self.walk_ins: dict[int, set[int]] = {}
        shifts: dict[int, list[Shift]] = {}
        for held in plan.held:
            way = CodeWay.ROTATING if held.rotating else CodeWay.POSTER
            activity = make.activity(
                self.branches[held.unit], organiser, title=f"活动{len(self.activities)}", kind=ActivityKind(held.kind), way=way
            )
            in_transaction(
                lambda a=activity, p=held.place: db.session.execute(update(Activity).where(Activity.id == a).values(place_text=p))
            )  # type: ignore[misc]
            rows = []
            for start, lasts, pause in held.shifts:
                starts = self.at(start)
                shift = make.shift(activity, starts, lasts // 3600, pause=pause)
                rows.append(Shift(shift, starts, starts + timedelta(seconds=lasts), pause))
            shifts[activity] = rows
            for number in range(held.gates):
                in_transaction(lambda a=activity, n=number: gates.add_gate(a, f"{n}号门", organiser, self.midnight))  # type: ignore[misc]
            helper, own = self.people[HELPER], [one.id for one in rows]
            in_transaction(lambda s=own, h=helper: checkin.appoint_helper(s, h, organiser, "", "/x", self.midnight))  # type: ignore[misc]
            self.activities.append(activity)
            self.codes.append(db.session.scalar(select(Activity.code).where(Activity.id == activity)))  # type: ignore[arg-type]
        signed = set()
        for person, activity, number in plan.signed:
            shift = shifts[self.activities[activity]][number].id
            make.signup(shift, self.people[person])
            signed.add((self.people[person], shift))
        self.shifts = shifts
        self.activity_of = {one.id: activity for activity, rows in shifts.items() for one in rows}
        self.kind_of = {one.id: held.kind for held, activity in zip(plan.held, self.activities, strict=True) for one in shifts[activity]}
        self.unit_of = {activity: self.branches[held.unit] for held, activity in zip(plan.held, self.activities, strict=True)}
        self.members = {self.people[number] for number in plan.members}
        self.shared: set[int] = set()  # who were written down on one phone with others
        self.asked: dict[int, datetime] = {}  # activity → since when the code of the day is asked
        self.fenced: set[int] = set()
        self.became: dict[int, int] = {}  # merged
        self.two_records: set[int] = set()  # of one human, merged at some time
        self.agreed: set[tuple[int, int]] = set()  # (whom somebody acts for, who does)
        self.erased: set[int] = set()
        self.oracle = Oracle(shifts, signed)

    def _open_phones(self) -> None:
        self.phones: dict[int, Phone] = {}
        self.timed: dict[int, tuple[str, bytes, str]] = {}
        for number, skew in self.plan.skews.items():
            self.open_phone(number, skew)
        holders = [self.people[number] for number in self.plan.cards]
        in_transaction(lambda: cards.issue(holders, self.people[SECRETARY], self.midnight))
        with self.app.test_request_context():
            self.cards = {one: [self.card_of(one)] for one in holders}
        self.revoked: dict[str, datetime] = {}

    def open_phone(self, number: int, skew: float) -> None:
        person, client = self.people[number], self.app.test_client()
        account = Factory().account(person)
        token = in_transaction(lambda: sessions.open_session(account, "test", self.midnight, staff=False, factor=True))
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"], cookie["device"] = token, True, f"phone-{number}"
        self.phones[number] = Phone(client, skew)
        given = client.get("/me/code-key").get_json()
        self.timed[person] = given["id"], base64.urlsafe_b64decode(given["key"] + "="), given["prefix"]

    def card_of(self, person: int) -> str:
        card = read_cards.valid_card(person)
        assert card
        return f"{SITE}/p/{card_token(key(), card.id)}"

    # What phones and screens show.

    def short_code(self, activity: int, age: float | None, gate: int | None, wrong: bool) -> tuple[str, int | None]:
        """As a poster or a screen shows it, `age` seconds ago, and the half minute of a screen's."""
        head, window = self.codes[activity], None
        if self.plan.held[activity].rotating and not wrong:
            shown = self.now - timedelta(seconds=age or 0)
            window = int(shown.timestamp()) // 30
            with self.app.test_request_context():
                head = f"{head}-{rotating_tail(key(), self.activities[activity], shown)}"
        return (f"{head}/{gate}" if gate else head), window

    def digits_of_the_day(self, activity: int) -> str:
        return digits_of(str(self.app.secret_key), activity, self.asked[activity], day_of(self.now))

    def place(self, where: str, n: int) -> dict[str, float]:
        """A street away from the venue, or in the next town."""
        far = 0.0003 if where == "inside" else 0.2
        return {"lat": VENUE[0] + far * (1 if n % 2 else -1), "lng": VENUE[1], "acc": float(n % 40)}

    def shown_code(self, person: int) -> str:
        with self.app.test_request_context(), clock.frozen_at(self.now):
            return f"{SITE}/p/{signer().dumps(person)}"

    def timed_code(self, person: int) -> str:
        public_id, secret, prefix = self.timed[person]
        said = f"{public_id}.{_base36(int(self.now.timestamp()) // 60)}"
        mac = base64.urlsafe_b64encode(hmac.new(secret, said.encode(), hashlib.sha256).digest()).decode()[:16]
        return f"{prefix}T{said}.{mac}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits
