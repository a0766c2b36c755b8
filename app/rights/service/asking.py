"""Asking for a correction or an erasure, and taking it back while nobody decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.people import queries as people
from app.people.models import Person
from app.people.service import lock_person
from app.rights.models import RightsRequest
from app.rights.rules import KIND_NAMES, How, Kind, Verdict, due_on
from app.settings import queries as settings

DECIDED = "这个请求已经有人办理了。"


@dataclass(frozen=True)
class Asking:
    """`wanted` of a correction: name, gender, birth_date (ISO), phone, instead_of (id of the number that it takes the place of)."""

    person_id: int
    kind: Kind
    how: How
    words: str
    wanted: Mapping[str, str | int | None] = field(default_factory=dict)
    guardian_name: str = ""


def ask(asking: Asking, by_id: int, now: datetime) -> int:
    """Its id. Raises Conflict where one of its kind waits, Refused where a guardian has to ask, NotFound for who was erased."""
    writing()
    today, person_id = local_date(now), asking.person_id
    lock_person(person_id)  # so that a merge in the same moment either finds this request or is found by it
    if db.session.scalar(select(Person.id).where(Person.id == person_id, Person.erased_at.is_(None), Person.became_id.is_(None))) is None:
        raise NotFound
    if asking.how is not How.GUARDIAN and people.minor(person_id, today).minor:
        raise Refused("未满 14 周岁，要监护人来提。")
    root = people.root_unit()
    unit_id = people.home_unit_on(person_id, today) or (root.id if root else None)
    if unit_id is None:
        raise NotFound
    adding = upsert(RightsRequest.__table__).values(
        person_id=person_id,
        kind=asking.kind,
        unit_id=unit_id,
        asked_by_id=by_id,
        how=asking.how,
        guardian_name=asking.guardian_name,
        words=asking.words,
        wanted=dict(asking.wanted),
        asked_at=now,
        due_on=due_on(today, settings.holidays()),
    )
    request_id: int | None = db.session.execute(adding.on_conflict_do_nothing().returning(RightsRequest.id)).scalar_one_or_none()
    if request_id is None:
        raise Conflict(f"已经有一个“{KIND_NAMES[asking.kind]}”的请求在办，先等它有结果，或者先撤回。")
    audit.record(by_id, "rights.request", "rights_request", request_id, person=person_id, kind=asking.kind.value)
    return request_id


def withdraw(request_id: int, by_id: int, now: datetime) -> None:
    """By whom it is about, or who wrote it down. Raises NotFound for anybody else, Conflict once it was decided."""
    writing()
    found = db.session.execute(
        select(RightsRequest.person_id, RightsRequest.asked_by_id).where(RightsRequest.id == request_id)
    ).one_or_none()
    if found is None or by_id not in tuple(found):
        raise NotFound
    taking = update(RightsRequest).where(RightsRequest.id == request_id, RightsRequest.verdict.is_(None))
    values = {"verdict": Verdict.WITHDRAWN, "decided_at": now, "decided_by_id": by_id}
    if db.session.execute(taking.values(values).returning(RightsRequest.id)).scalar_one_or_none() is None:
        raise Conflict(DECIDED)
    audit.record(by_id, "rights.withdrawal", "rights_request", request_id, person=found.person_id)
