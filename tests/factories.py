"""What tests are made of. Each method makes one thing with plain defaults, commits it and returns its id."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, ClassVar

from flask import current_app
from sqlalchemy import insert, select

from app.accounts import factors, granting, sessions
from app.accounts import service as accounts
from app.accounts.models import Account
from app.activities.models import Activity, Shift, Signup
from app.activities.rules import ActivityKind, CodeWay
from app.core import clock, trace
from app.core.actor import Actor
from app.core.db import Base, db, in_transaction
from app.core.permissions import ALWAYS_DATED, SECOND_FACTOR, Role
from app.people.models import Membership, Person, Phone, Stage, Unit, UnitAncestry, UnitParent
from app.people.naming import initials
from app.people.rules import MembershipKind, Origin, StageKind, UnitKind

LONG_AGO = date(2020, 1, 1)
SECRET = "not-a-pin-1"
FACTOR_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # of everybody whose role needs a second factor


class Factory:
    _numbers = count(1)
    _codes: ClassVar[set[str]] = set()

    def _add(self, model: type[Base], **values: Any) -> int:
        def work() -> int:
            return int(db.session.execute(insert(model).values(**values).returning(model.id)).scalar_one())  # type: ignore[attr-defined]

        return in_transaction(work)

    def number(self) -> int:
        """A number that no other thing of this run has."""
        return next(self._numbers)

    def code(self) -> str:
        """Four letters, as the program's own; none comes twice in a run."""
        while (code := trace.new_code(4)) in self._codes:
            pass
        self._codes.add(code)
        return code

    def unit(self, name: str | None = None, kind: UnitKind = UnitKind.BRANCH, parent: int | None = None, since: date = LONG_AGO) -> int:
        unit_id = self._add(Unit, name=name or f"第{next(self._numbers)}党支部", kind=kind, opened_on=since)
        self._add(UnitAncestry, unit_id=unit_id, ancestor_id=unit_id, depth=0, valid_from=since)
        if parent is not None:
            self._add(UnitParent, unit_id=unit_id, parent_id=parent, valid_from=since)
            above = db.session.execute(
                select(UnitAncestry.ancestor_id, UnitAncestry.depth).where(UnitAncestry.unit_id == parent, UnitAncestry.valid_to.is_(None))
            ).all()
            for ancestor_id, depth in above:
                self._add(UnitAncestry, unit_id=unit_id, ancestor_id=ancestor_id, depth=depth + 1, valid_from=since)
        return unit_id

    def person(
        self,
        name: str = "何嘉怡",
        *,
        home: int | None = None,
        phone: str | None = None,
        stage: StageKind | None = None,
        stage_since: date = date(2026, 1, 1),
        confirmed: bool = True,
        origin: Origin = Origin.ROSTER,
    ) -> int:
        person_id = self._add(
            Person,
            name=name,
            initials=initials(name),
            origin=origin,
            recorded_at=clock.now(),
            confirmed_at=clock.now() if confirmed else None,
            note="",
        )
        if home is not None:
            self._add(Membership, person_id=person_id, unit_id=home, kind=MembershipKind.HOME, valid_from=LONG_AGO)
        if phone:
            self._add(Phone, person_id=person_id, number=phone, valid_from=LONG_AGO)
        if stage:
            self._add(Stage, person_id=person_id, kind=stage, began_on=stage_since)
        return person_id

    def account(self, person_id: int, phone: str | None = None, secret_hash: str = "-") -> int:
        """An account without the slow hash; the one there already when there is one."""
        known = db.session.scalar(select(Account.id).where(Account.person_id == person_id))
        if known:
            return known
        number = phone or f"139{next(self._numbers):08d}"
        return in_transaction(lambda: accounts.open_account(person_id, number, secret_hash, SECRET, clock.now()))

    def grant(self, person_id: int, role: Role, unit_id: int, since: date = LONG_AGO, until: date | None = None) -> None:
        """From the command line, as it were. Where the role needs a second factor, the person has one (FACTOR_KEY)."""
        if role in ALWAYS_DATED and until is None:
            until = clock.today() + timedelta(days=365)

        def work() -> None:
            granting.grant_role(person_id, role, unit_id, since, None, until)
            if role in SECOND_FACTOR:
                factors.put(person_id, FACTOR_KEY, current_app.config["SECRET_KEY"], clock.now())

        in_transaction(work)

    def actor(self, person_id: int) -> Actor:
        """The actor as the site would load it."""
        from app.accounts.queries import actor_of_session

        account_id = self.account(person_id)
        token = in_transaction(lambda: sessions.open_session(account_id, "test", clock.now(), staff=False, factor=True))
        actor = actor_of_session(token)
        assert actor
        return actor

    def activity(
        self,
        unit_id: int,
        by: int,
        *,
        title: str = "灯湖邻里节",
        kind: ActivityKind = ActivityKind.SERVICE,
        published: bool = True,
        way: CodeWay = CodeWay.POSTER,
    ) -> int:
        now = clock.now()
        return self._add(
            Activity,
            code=self.code(),
            title=title,
            kind=kind,
            unit_id=unit_id,
            place_text="中海万锦豪园 党建广场",
            code_way=way,
            contact_id=by,
            created_at=now,
            created_by_id=by,
            published_at=now if published else None,
            published_by_id=by if published else None,
            description="",
            risk_note="",
        )

    def shift(
        self,
        activity_id: int,
        starts_at: datetime | None = None,
        hours: int = 3,
        *,
        capacity: int | None = None,
        pause: int = 0,
        name: str = "童玩摊位组",
    ) -> int:
        starts_at = starts_at or clock.now()
        return self._add(
            Shift,
            activity_id=activity_id,
            name=name,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            break_minutes=pause,
            capacity=capacity,
            taken=0,
        )

    def signup(self, shift_id: int, person_id: int) -> int:
        return self._add(Signup, shift_id=shift_id, person_id=person_id, made_at=clock.now(), seated_at=clock.now())
