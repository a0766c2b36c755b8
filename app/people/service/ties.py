"""What ties a person to units, stages and uses of their data: dated, closed and begun anew, never overwritten."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.words import full_day
from app.people import queries
from app.people.models import (
    Consent,
    Membership,
    Stage,
)
from app.people.rules import (
    MEMBERSHIP_NAMES,
    ConsentKind,
    MembershipKind,
    StageFact,
    StageKind,
    corrected_fault,
    stage_doubt,
    stage_fault,
    transfer_fault,
)
from app.people.service.departing import note_departure
from app.people.service.leaving import Leaving, end_held, held_there
from app.people.service.persons import lock_person

_movers: list[Callable[[int, int | None, int, date], None]] = []


def when_moved(follow: Callable[[int, int | None, int, date], None]) -> None:
    """Register what else happens when somebody changes branch: (person, old unit, new unit, day), in the same transaction."""
    if follow not in _movers:
        _movers.append(follow)


def transfer(person_id: int, from_id: int | None, to_id: int, on: date, by_id: int, today: date, *, keep: Collection[str] = ()) -> None:
    """组织关系转移: the home branch changes on a day, today or before. What was earned until then stays with the old branch.

    What they held there ends with it: rights always, other things but those named in `keep` (Held.key).
    `from_id` is where the asker believes the person to be: Conflict when that is no longer so. Raises Invalid for the day,
    Refused for oneself.
    """
    lock_person(person_id)
    if by_id == person_id:
        raise Refused("自己的组织关系，请另一位书记或管理员来转。")
    held = select(Membership.id, Membership.unit_id, Membership.valid_from).where(
        Membership.person_id == person_id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None)
    )
    row = db.session.execute(held).one_or_none()
    if (row.unit_id if row else None) != from_id:
        raise Conflict("他的组织关系刚刚已经变了，这次没有转。请再看一遍。")
    if from_id == to_id:
        raise Invalid({"unit": "他已经在这个支部了"})
    fault = transfer_fault(on, row.valid_from if row else _last_end(person_id, MembershipKind.HOME), today)
    if fault:
        raise Invalid({"on": fault})
    join(person_id, to_id, MembershipKind.HOME, on)
    audit.record(by_id, "person.transfer", "person", person_id, before=from_id, after=to_id, on=on.isoformat())
    held_now = held_there(person_id, from_id, to_id, today)
    leaving, ending = Leaving(on, today, by_id), [one for one in held_now if not (one.may_stay and one.key in keep)]
    end_held(leaving, ending)
    if row:
        note_departure(person_id, row.id, row.unit_id, leaving, to_id=to_id, held=ending)
    for follow in _movers:
        follow(person_id, from_id, to_id, on)


def _last_end(person_id: int, kind: MembershipKind) -> date | None:
    """When the last tie of a kind ended, where it did; NULLs do not count."""
    ended = select(Membership.valid_to).where(Membership.person_id == person_id, Membership.kind == kind, Membership.valid_to.is_not(None))
    return db.session.scalar(ended.order_by(Membership.valid_to.desc()).limit(1))


def join_unit(person_id: int, unit_id: int, kind: MembershipKind, on: date, by_id: int, today: date) -> None:
    """队员, 街坊会, 报到, 住在: a tie beside the home branch, from a day that is not in the future. Conflict when it stands already."""
    lock_person(person_id)
    if on > today:
        raise Invalid({"on": "不能是以后的日期"})
    last = select(Membership.valid_to).where(
        Membership.person_id == person_id, Membership.unit_id == unit_id, Membership.kind == kind, Membership.valid_to > on
    )
    if db.session.scalar(last.limit(1)) is not None:
        raise Invalid({"on": "那时他还在这里，日期要在上次退出以后"})
    adding = upsert(Membership).values(person_id=person_id, unit_id=unit_id, kind=kind, valid_from=on).on_conflict_do_nothing()
    membership_id = db.session.execute(adding.returning(Membership.id)).scalar_one_or_none()
    if membership_id is None:
        raise Conflict(f"“{MEMBERSHIP_NAMES[kind]}”这一项还有没结束的，先结束那一项，再记新的。")
    audit.record(
        by_id, "person.membership", "person", person_id, membership=membership_id, unit=unit_id, kind=kind.value, on=on.isoformat()
    )


def leave_unit(person_id: int, membership_id: int, on: date, by_id: int, today: date) -> None:
    """Close a tie; it stays as history. The home branch is left by a transfer only."""
    lock_person(person_id)
    held = select(Membership).where(Membership.id == membership_id, Membership.person_id == person_id)
    tie = db.session.scalars(held).one_or_none()
    if tie is None or tie.kind is MembershipKind.HOME:
        raise NotFound
    if tie.valid_to is not None:
        raise Conflict("这一项已经结束了。")
    if not tie.valid_from <= on <= today:
        raise Invalid({"on": f"应在{full_day(tie.valid_from)}到今天之间"})
    db.session.execute(update(Membership).where(Membership.id == membership_id).values(valid_to=on))
    audit.record(
        by_id,
        "person.membership_end",
        "person",
        person_id,
        membership=membership_id,
        unit=tie.unit_id,
        kind=tie.kind.value,
        on=on.isoformat(),
    )


def advance(person_id: int, kind: StageKind, began_on: date, by_id: int, today: date, *, sure: bool = False) -> None:
    """A new stage from a day. Raises Invalid for the day, and for what is unusual until the asker is `sure`; Refused for one's own."""
    known = _stages_to_change(person_id, by_id)
    fault = stage_fault(known, began_on, today)
    if fault:
        raise Invalid({"began_on": fault})
    doubt = stage_doubt(known, kind, began_on)
    if doubt and not sure:
        raise Invalid({"sure": f"{doubt}。确实是这样，请勾选“我核对过了”"})
    adding = upsert(Stage).values(person_id=person_id, kind=kind, began_on=began_on).on_conflict_do_nothing()
    if db.session.execute(adding.returning(Stage.id)).scalar_one_or_none() is None:
        raise Conflict("这一步已经记过了。")
    last = known[-1] if known else None
    audit.record(
        by_id, "person.stage", "person", person_id, before=last.kind.value if last else None, after=kind.value, on=began_on.isoformat()
    )


def correct_stage(person_id: int, stage_id: int, began_on: date, reason: str, by_id: int, today: date) -> None:
    """The day on which a stage began was wrong. It moves the window of 双50, so the reason is kept."""
    _stages_to_change(person_id, by_id)
    rows = queries.stage_history(person_id)
    at = next((nth for nth, row in enumerate(rows) if row.id == stage_id), None)
    if at is None:
        raise NotFound
    before, after = (rows[at - 1].began_on if at else None), (rows[at + 1].began_on if at + 1 < len(rows) else None)
    fault = corrected_fault(before, after, began_on, today)
    if fault:
        raise Invalid({"began_on": fault})
    if began_on == rows[at].began_on:
        raise Invalid({"began_on": "和原来的一样"})
    db.session.execute(update(Stage).where(Stage.id == stage_id).values(began_on=began_on))
    told = {"before": rows[at].began_on.isoformat(), "after": began_on.isoformat(), "reason": reason}
    audit.record(by_id, "person.stage_date", "person", person_id, stage=stage_id, kind=rows[at].kind.value, **told)


def take_stage_back(person_id: int, stage_id: int, reason: str, by_id: int) -> None:
    """The latest stage was never so: the one before holds again."""
    _stages_to_change(person_id, by_id)
    rows = queries.stage_history(person_id)
    if not rows or rows[-1].id != stage_id:
        raise Conflict("只能撤下最后一步。请再看一遍。")
    db.session.execute(delete(Stage).where(Stage.id == stage_id))
    told = {"kind": rows[-1].kind.value, "on": rows[-1].began_on.isoformat(), "reason": reason}
    audit.record(by_id, "person.stage_undo", "person", person_id, stage=stage_id, **told)


def _stages_to_change(person_id: int, by_id: int) -> list[StageFact]:
    lock_person(person_id)
    if by_id == person_id:
        raise Refused("自己的发展阶段，要由另一位书记或管理员来记。")
    return queries.stages(person_id)


def join(person_id: int, unit_id: int, kind: MembershipKind, from_day: date) -> None:
    """A new membership. A home branch closes the one before it on that day."""
    writing()
    if kind is MembershipKind.HOME:
        db.session.execute(
            update(Membership)
            .where(Membership.person_id == person_id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None))
            .values(valid_to=from_day)
        )
    db.session.execute(insert(Membership).values(person_id=person_id, unit_id=unit_id, kind=kind, valid_from=from_day))


def leave(person_id: int, unit_id: int, kind: MembershipKind, on: date) -> None:
    """Close a membership that stands; from `on` it no longer holds."""
    writing()
    db.session.execute(
        update(Membership)
        .where(Membership.person_id == person_id, Membership.unit_id == unit_id, Membership.kind == kind, Membership.valid_to.is_(None))
        .values(valid_to=on)
    )


def begin_stage(person_id: int, kind: StageKind, began_on: date) -> None:
    writing()
    db.session.execute(insert(Stage).values(person_id=person_id, kind=kind, began_on=began_on))


def give_consent(person_id: int, kind: ConsentKind, now: datetime) -> None:
    """Nothing when it is given already."""
    writing()
    if not queries.has_consented(person_id, kind):
        db.session.execute(insert(Consent).values(person_id=person_id, kind=kind, given_at=now))
        audit.record(person_id, "consent", "person", person_id, kind=kind.value)


def withdraw_consent(person_id: int, kind: ConsentKind, now: datetime) -> None:
    """Effective at once."""
    writing()
    db.session.execute(
        update(Consent).where(Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    audit.record(person_id, "consent.withdrawal", "person", person_id, kind=kind.value)
