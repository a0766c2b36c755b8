"""What was marked for review before there were reasons waits for the organisers afterwards, and is so marked again on the way back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import Boolean, Date, DateTime, Integer, MetaData, Table, Uuid, insert, select

from app.core.db import db
from tests.architecture import schemas

THEN = datetime.fromisoformat("2026-11-21T04:00:00")
SCAN = UUID(int=1)
NEEDED = {Boolean: False, DateTime: THEN, Date: THEN.date(), Integer: 1, Uuid: SCAN}


@pytest.fixture
def before(engine, tmp_path, request):
    server = request.getfixturevalue("postgres_url") if engine == "postgresql" else None
    with schemas.unmigrated(schemas.empty_url(engine, tmp_path, server), tmp_path):
        upgrade(revision="0023")
        yield


def put(name: str, /, **values: Any) -> None:
    """One row of a table as it was at that revision; what it needs besides is anything of the right type."""
    with db.engine.begin() as connection:
        table = Table(name, MetaData(), autoload_with=connection)
        for column in table.columns:
            if not column.nullable and column.server_default is None and column.name not in values:
                values[column.name] = next((value for kind, value in NEEDED.items() if isinstance(column.type, kind)), "x")
        plain = {
            name: one.hex if isinstance(one, UUID) and not isinstance(table.c[name].type, Uuid) else one for name, one in values.items()
        }
        connection.execute(insert(table).values(plain))


def attendance(*columns: str) -> list[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        table = Table("attendance", MetaData(), autoload_with=connection)
        return [tuple(row) for row in connection.execute(select(*(table.c[name] for name in columns)).order_by(table.c.id))]


def test_an_overlap_is_held_for_the_organisers_and_stays_one_on_the_way_back(before):
    put("unit", id=1, kind="branch", name="锦园")
    put("person", id=1, name="何嘉怡", origin="roster")
    put("activity", id=1, code="8F2K", title="邻里节", kind="service", code_way="poster", unit_id=1)
    put("shift", id=1, name="全程", starts_at=THEN.replace(hour=1), ends_at=THEN.replace(hour=5), taken=0, break_minutes=0)
    put("scan", id=SCAN, way="poster", outcome="in", activity_id=1)
    spell = {"in_scan_id": SCAN, "in_at": THEN.replace(hour=1), "in_way": "poster", "out_at": THEN, "out_way": "poster"}
    put("attendance", id=1, review="overlap", **spell)
    put("attendance", id=2, review="overlap", excluded_at=THEN, excluded_by_id=None, **spell)
    put("attendance", id=3, review=None, **spell)
    upgrade(revision="0024")
    assert attendance("id", "held_at", "held_for", "held_unit_id") == [
        (1, THEN, "organiser", 1),
        (2, None, None, None),
        (3, None, None, None),
    ]
    with db.engine.connect() as connection:
        reasons = Table("attendance_reason", MetaData(), autoload_with=connection)
        assert [tuple(row)[:2] for row in connection.execute(select(reasons))] == [(1, "elsewhere")]
    downgrade(revision="0023")
    assert attendance("id", "review") == [(1, "overlap"), (2, None), (3, None)]
