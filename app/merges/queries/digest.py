"""A digest of two records as they stand: who decides, decides about what they saw."""

from hashlib import sha256

from sqlalchemy import func, select, union_all
from sqlalchemy import literal as said

from app.core.db import db
from app.hours.models import HourEntry
from app.merges.own_rules import Pair
from app.merges.queries.rows import plan
from app.people.models import Person
from app.points.models import PointEntry


def digest(pair: Pair) -> str:
    """Changes with either ledger, with what would become of any row, with a name or an erasure; not with the time of day."""
    two = [pair.stays_id, pair.goes_id]
    ends = [
        select(said(entry.__tablename__), entry.person_id, func.count(), func.max(entry.id))
        .where(entry.person_id.in_(two))
        .group_by(entry.person_id)
        for entry in (HourEntry, PointEntry)
    ]
    ledgers = sorted(map(tuple, db.session.execute(union_all(*ends))))
    names = db.session.execute(
        select(Person.id, Person.name, Person.birth_date, Person.became_id).where(Person.id.in_(two)).order_by(Person.id)
    ).all()
    planned = plan(pair)
    rows = sorted((one.table, one.key, sorted(one.after)) for one in planned.fates if one.table != "notice")
    whole = (pair.stays_id, pair.goes_id, ledgers, [tuple(row) for row in names], rows, planned.overlapping)
    return sha256(repr(whole).encode()).hexdigest()
