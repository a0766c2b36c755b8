"""Days with rows in them, sealed; and what somebody with the database's own password could do to them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from app.audit import service as audit
from app.checkin.models import Scan
from app.checkin.rules import Outcome, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.people.rules import UnitKind
from app.seals import checking, service
from app.seals.queries import SealRow
from tests.conftest import NOON

DAY = timedelta(days=1)


class Days:
    """The days of a small site: NOON is today, and `later(n)` is n days after it."""

    def __init__(self, activity: int, people: list[int]) -> None:
        self.activity, self.people, self.scans = activity, people, 0

    def scan(self, at: datetime) -> str:
        self.scans += 1
        id_ = UUID(int=self.scans)
        values = {"activity_id": self.activity, "way": Way.POSTER, "outcome": Outcome.IN, "at": at, "received_at": at, "content": ""}
        in_transaction(lambda: db.session.execute(insert(Scan).values(id=id_, person_id=self.people[0], **values)))
        return id_.hex

    def note(self, at: datetime, reason: str = "身体不好") -> int:
        """An audit row with something personal in it; its number."""
        with clock.frozen_at(at):
            in_transaction(lambda: audit.record(None, "signup.removal", "signup", 1, person=self.people[1], reason=reason))
        return db.session.scalar(text("SELECT max(id) FROM audit_event"))

    def a_day(self, n: int) -> None:
        """Four audit rows and three scans on the n-th day from today."""
        at = NOON + n * DAY
        for minute in range(3):
            self.note(at + timedelta(minutes=minute), f"原因{n}-{minute}")
            self.scan(at + timedelta(minutes=minute))
        self.note(at + timedelta(hours=1))


@pytest.fixture
def run(app):
    def command(*args: str, at=NOON + 3 * DAY) -> tuple[int, str]:
        with clock.frozen_at(at):
            result = app.test_cli_runner().invoke(args=list(args))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return command


@pytest.fixture
def days(make) -> Days:
    branch = make.unit("锦园第一党支部", parent=make.unit("桂城街道党工委", UnitKind.SUBDISTRICT))
    people = [make.person("何嘉怡", home=branch), make.person("李伯")]
    return Days(make.activity(branch, people[0]), people)


def seal(n: int) -> list[SealRow]:
    """What `flask seal day` does in the night after the n-th day."""
    return list(service.seal_days(NOON + n * DAY + timedelta(hours=15)))


def faults(n: int = 3) -> list[str]:
    return checking.disagreements(NOON + n * DAY + timedelta(hours=15))


@pytest.fixture
def sealed(days: Days) -> Days:
    """Three days, 21, 22 and 23 November, each sealed in the night after it."""
    for n in range(3):
        days.a_day(n)
        assert [one.day for one in seal(n)] == [clock.local_date(NOON + n * DAY)]
    assert faults(2) == []
    return days


def by_force(*statements: str) -> None:
    """Guards are switched off, rows are changed."""

    def work() -> None:
        for table in ("audit_event", "scan", "seal_entry", "seal_part_entry", "hour_entry"):
            if db.engine.dialect.name == "sqlite":
                names = db.session.scalars(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
                ).all()
                for name in names:
                    db.session.execute(text(f"DROP TRIGGER {name}"))
            else:
                db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            db.session.execute(text(statement))

    in_transaction(work)


Force = Callable[..., None]
