"""凭证包: a branch confirms that somebody's 双50 is met, and what it saw is frozen; somebody else may withdraw it."""

from datetime import date, datetime

from sqlalchemy import func, insert, select

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Action
from app.hours.rules import HourClass
from app.people import queries as people
from app.people.naming import volunteer_number
from app.people.rules import STAGE_NAMES, StageKind
from app.people.service import lock_person
from app.requirements import frozen, queries
from app.requirements.frozen import Earlier, Frozen, FrozenEntry, FrozenNeed
from app.requirements.models import ConfirmedPack, PackWithdrawal
from app.requirements.queries import PackRow, Receipt
from app.requirements.queries.sets import Ruling
from app.requirements.rules import Counted, Fact, Period, Progress, Why, periods, progress
from app.worklist.service import notify, notify_all


def confirm(person_id: int, stage: StageKind, began_on: date, by_id: int, note: str, own_url: str, now: datetime) -> int:
    """Freeze what the ledger and the rule say of one stage; returns the pack's id. The person is told.

    A stage that is over is judged by the rule of its last day. Raises NotFound for a stage that asks nothing, Refused for one's own,
    Conflict where it is not full or was confirmed already. That the confirmer may do so here is for the caller to see to.
    """
    lock_person(person_id)
    if person_id == by_id:
        raise Refused("自己的双50，要由另一位书记或副书记来确认。")
    today = local_date(now)
    period = next((one for one in periods(people.stages(person_id), today) if (one.kind, one.began_on) == (stage, began_on)), None)
    rules = queries.rulebook()
    ruling = rules.on(period.judged_on(today)) if period else None
    if period is None or ruling is None:
        raise NotFound
    receipts = queries.evidence(person_id)
    facts = [Fact(one.id, one.served_on, one.kind, one.hour_class, one.minutes) for one in receipts if not one.reversal_id]
    asked = [need for need in rules.needs.get(ruling.set_id, []) if need.stage is stage]
    reached = [progress(need, began_on, facts, today, period.ended_on) for need in asked]
    if not reached:
        raise NotFound
    if not all(one.complete for one in reached):
        raise Conflict("还没有满，不能确认。分钟数不往上凑。")
    if standing := _standing(person_id, stage, began_on):
        raise Conflict(f"{standing.confirmed_by}已经确认过了。")
    pack = _freeze(person_id, period, ruling, reached, receipts, by_id, note, now)
    pack_id = _put(pack, person_id, by_id)
    audit.record(by_id, "confirmed_pack", "confirmed_pack", pack_id, person=person_id, stage_name=STAGE_NAMES[stage])
    notify(person_id, f"支部确认了您的双50：{STAGE_NAMES[stage]}阶段，凭证可以下载", own_url)
    return pack_id


def _standing(person_id: int, stage: StageKind, began_on: date) -> PackRow | None:
    return next((one for one in queries.packs_of(person_id) if one.stands and (one.stage, one.began_on) == (stage, began_on)), None)


def _put(pack: Frozen, person_id: int, by_id: int) -> int:
    """The database refuses a second one that stands (IntegrityError); then the whole is tried once more and meets it."""
    before = select(func.count()).where(
        ConfirmedPack.person_id == person_id, ConfirmedPack.stage == pack.stage, ConfirmedPack.began_on == pack.began_on
    )
    home = people.home_unit_on(person_id, local_date(pack.confirmed_at))
    if home is None:
        raise Conflict("他现在没有组织关系，没有支部能确认。请先转入支部。")
    text = frozen.written(pack)
    adding = insert(ConfirmedPack).values(
        person_id=person_id,
        unit_id=home,
        stage=pack.stage,
        began_on=pack.began_on,
        nth=(db.session.scalar(before) or 0) + 1,
        set_id=pack.rule_id,
        reached_on=pack.reached_on,
        confirmed_at=pack.confirmed_at,
        confirmed_by_id=by_id,
        content=text,
        digest=frozen.digest(text),
    )
    return int(db.session.execute(adding.returning(ConfirmedPack.id)).scalar_one())


def _freeze(
    person_id: int, period: Period, ruling: Ruling, reached: list[Progress], receipts: list[Receipt], by_id: int, note: str, now: datetime
) -> Frozen:
    person, confirmer = people.person(person_id, local_date(now)), people.person(by_id, local_date(now))
    if person is None or confirmer is None:
        raise NotFound
    kinds = {one.need.kind for one in reached}
    counted = {line.fact.id: line for one in reached for line in one.counted if line.fact.kind is one.need.kind}
    ours = [one for one in receipts if one.kind in kinds]
    inside = [one for one in ours if one.served_on >= period.began_on]
    days = [one.reached_on for one in reached if one.reached_on]
    return Frozen(
        person_id=person_id,
        name=person.name,
        number=volunteer_number(person_id),
        unit=person.home_name or "",
        unit_path=tuple(step.name for step in people.unit_path_on(person.home_id, local_date(now))) if person.home_id else (),
        stage=period.kind,
        began_on=period.began_on,
        ended_on=period.ended_on,
        reached_on=max(days),
        rule_id=ruling.set_id,
        rule=ruling.name,
        rule_version=ruling.version,
        rule_note=ruling.note,
        rule_since=ruling.valid_from,
        needs=tuple(_need(one) for one in reached),
        entries=tuple(_entry(one, counted) for one in inside),
        earlier=_earlier([one for one in ours if one.served_on < period.began_on and not one.reversal_id]),
        ledger=tuple(sorted({id_ for one in inside for id_ in (one.id, one.reversal_id) if id_})),
        confirmed_at=now,
        confirmed_by=confirmer.name,
        note=note,
    )


def _need(one: Progress) -> FrozenNeed:
    need, reached = one.need, one.reached_on
    if reached is None:
        raise Conflict("还没有满，不能确认。")
    return FrozenNeed(need.kind, need.minutes_needed, need.honour_minutes, need.window_days, one.due_on, one.credit, one.honour, reached)


def _entry(one: Receipt, counted: dict[int, Counted]) -> FrozenEntry:
    line = counted.get(one.id)
    return FrozenEntry(
        id=one.id,
        kind=one.kind,
        hour_class=one.hour_class,
        served_on=one.served_on,
        booked_on=one.booked_on,
        minutes=one.minutes,
        counted=line.minutes if line else 0,
        why=line.why if line else Why.TAKEN_BACK,
        title=one.title,
        unit=one.unit,
        source=one.source,
        made_by=one.made_by,
        approved_by=one.approved_by,
        taken_back=one.taken_back,
    )


def _earlier(before: list[Receipt]) -> Earlier:
    sums = {kind: sum(one.minutes for one in before if one.hour_class is kind) for kind in HourClass}
    return Earlier(len(before), sums[HourClass.CREDIT], sums[HourClass.HONOUR])


def withdraw(pack_id: int, by_id: int, reason: str, own_url: str, now: datetime) -> None:
    """The confirmation stands no more; its content stays as it was. The person and who confirmed are told.

    Raises Refused for who confirmed it and whom it is about (the database too), Conflict when it was withdrawn.
    """
    writing()
    row = queries.pack(pack_id)
    if row is None:
        raise NotFound
    if by_id == people.who_now(row.person_id):
        raise Refused("自己的双50，要由另一位来撤回。")
    if by_id == row.confirmed_by_id:
        raise Refused("这是您确认的，要由另一位书记或副书记来撤回。")
    lock_person(row.person_id)
    row = queries.pack(pack_id)
    if row is None or not row.stands:
        raise Conflict("这份确认已经撤回了。")
    db.session.execute(insert(PackWithdrawal).values(pack_id=pack_id, withdrawn_at=now, withdrawn_by_id=by_id, reason=reason))
    audit.record(by_id, "confirmed_pack.withdrawal", "confirmed_pack", pack_id, person=row.person_id, reason=reason)
    said = f"{row.facts.name}的双50确认（{STAGE_NAMES[row.stage]}阶段）撤回了，请看原因"
    others = nearest(
        deciders(row.unit_id, Action.DOUBLE50_CONFIRM, local_date(now), {by_id, people.who_now(row.person_id), row.confirmed_by_id})
    )
    told = {row.confirmed_by_id: said} | {one.person_id: said for one in others}
    notify_all(told | {row.person_id: f"您的双50确认（{STAGE_NAMES[row.stage]}阶段）撤回了，请看原因"}, own_url)
