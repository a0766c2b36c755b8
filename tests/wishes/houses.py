"""Two communities and the people around their wishes, for the tests of this folder."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.people.rules import UnitKind
from app.wishes.queries.facts import Facts, facts
from app.wishes.queries.public import PublicRow, public_wish
from app.wishes.rules import Claimer, ClaimKind, Contact, ForWhom, PublicWords, Step, Telling, Way, WishKind
from app.wishes.service import claims, rounds, steps, telling
from tests.factories import Factory

NAME, PHONE, WHERE = "冼桂芳", "13800139999", "锦园 3 栋 502"
TOLD = "我是锦园 3 栋 502 的冼桂芳，厨房的灯坏了半年，电话 13800139999。"
PUBLIC = PublicWords("厨房的灯亮起来", "独自住的长者，厨房的灯坏了半年，想换一盏亮的。", WishKind.REPAIR, ForWhom.ELDER, 12_000)
PRIVATE = (NAME, PHONE, "502", "桂芳", "3 栋")


@dataclass
class Neighbourhood:
    """`secretary` and `deputy` handle the wishes of 灯湖, `officer` those of the whole subdistrict; `volunteer` and `other` claim."""

    make: Factory
    root: int
    community: int
    elsewhere: int
    branch: int
    secretary: int
    deputy: int
    officer: int
    administrator: int
    auditor: int
    stranger: int
    volunteer: int
    other: int
    resident: int
    _sent: list[int] = field(default_factory=list)

    def tell(self, by: int | None = None, way: Way = Way.VISIT, *, own: bool = False, device: str = "device") -> int:
        """Keyed in by the secretary, unless somebody else said it."""
        by = by if by is not None or way is Way.FORM else self.secretary
        told = Telling(
            self.community,
            WishKind.REPAIR,
            ForWhom.ELDER,
            Way.SIGNED if own else way,
            TOLD,
            Contact(NAME, PHONE, WHERE),
            12_000,
            by,
            own_id=by if own else None,
        )
        return in_transaction(lambda: telling.tell(told, None, f"{device:64}"[:64], clock.now()))

    def verify(self, wish: int, by: int, words: PublicWords = PUBLIC) -> None:
        in_transaction(lambda: telling.verify(wish, words, by, self.handles(by), clock.now()))

    def take(self, wish: int, step: Step, by: int, note: str = "", reference: str = "") -> None:
        in_transaction(lambda: steps.take(wish, step, by, self.handles(by), clock.now(), note=note, reference=reference))

    def publish(self, wish: int | None = None) -> int:
        """Told by the secretary, verified by the deputy, published by the secretary."""
        wish = wish or self.tell()
        self.verify(wish, self.deputy)
        self.take(wish, Step.PUBLISHED, self.secretary)
        return wish

    def claim(self, wish: int, by: int | None, **more: Any) -> int:
        claimer = Claimer(more.pop("kind", ClaimKind.PERSON), by, **more)
        return in_transaction(lambda: claims.claim(wish, claimer, clock.now()))

    def give(self, wish: int, phone: str = "13900001111", device: str = "device", by: int | None = None) -> int:
        """A donor without an account."""
        donor = Claimer(ClaimKind.DONOR, by, name="梁先生", phone=phone)
        hashed = None if by else f"{device:64}"[:64]
        return in_transaction(lambda: claims.claim(wish, donor, clock.now(), device_hash=hashed, donor_digest=f"digest {phone}"))

    def connected(self, by: int | None = None) -> int:
        wish = self.publish()
        self.claim(wish, by or self.volunteer)
        self.take(wish, Step.CONNECTED, self.secretary)
        return wish

    def round(self, opens_on: date, closes_on: date, unit: int | None = None, name: str = "冬季微心愿") -> int:
        day = min(opens_on, clock.today())
        return in_transaction(lambda: rounds.announce(unit or self.root, name, opens_on, closes_on, self.officer, clock.now(), day))

    def handles(self, person: int) -> bool:
        return person in (self.secretary, self.deputy, self.officer, self.administrator)

    def facts(self, wish: int) -> Facts:
        found = facts(wish)
        assert found is not None
        return found

    def state(self, wish: int, day: date | None = None) -> Step | None:
        return self.facts(wish).on(day or clock.today())

    def public(self, wish: int, day: date | None = None) -> PublicRow | None:
        return public_wish(wish, day or clock.today())


def at(day: date, hour: int = 12) -> datetime:
    from datetime import time

    return clock.at_local(day, time(hour))


def build(make: Factory) -> Neighbourhood:
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    elsewhere = make.unit("平洲社区党委", UnitKind.COMMUNITY, parent=root)
    branch = make.unit("锦园第一党支部", parent=community)
    far = make.unit("平洲第一党支部", parent=elsewhere)
    names = ("李丽华", "张文辉", "邓淑芬", "李志明", "区慧敏", "罗国栋", "何嘉怡", "吴美芳", "冼桂芳")
    secretary, deputy, officer, administrator, auditor, stranger, volunteer, other, resident = (
        make.person(name, home=far if name == "罗国栋" else branch) for name in names
    )
    for person, role, unit in (
        (secretary, Role.SECRETARY, community),
        (deputy, Role.DEPUTY, community),
        (officer, Role.FUND_OFFICER, root),
        (administrator, Role.ADMINISTRATOR, root),
        (auditor, Role.AUDITOR, root),
        (stranger, Role.SECRETARY, elsewhere),
    ):
        make.grant(person, role, unit)
        make.account(person)
    return Neighbourhood(
        make, root, community, elsewhere, branch, secretary, deputy, officer, administrator, auditor, stranger, volunteer, other, resident
    )
