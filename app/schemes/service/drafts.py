"""A draft: begun as a copy, edited, sent, published by somebody else. Called inside a write transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, insert, literal, select, update

from app.audit import service as audit
from app.core import clock
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.crediting.rebooking import Anew, rebook
from app.points.models import PointBand, PointRule, PointScheme
from app.points.rules import SchemeKind
from app.schemes.models import OPEN_DRAFT, SchemeDraft, SchemeDraftBand, SchemeDraftRule
from app.schemes.queries import drafts as queries
from app.schemes.queries.attended import attended
from app.schemes.rules import DraftBasics, DraftRule, may_begin
from app.worklist.service import notify, notify_all

RULE = ("code", "name", "per", "amount", "activity_kind", "hour_kind", "counts_honour", "cap", "cap_period", "note")
CHUNK = 20  # people booked anew in one transaction


def begin(kind: SchemeKind, by_id: int, now: datetime) -> int:
    """A copy of the newest version. Where one is open already, that one."""
    writing()
    base, today = queries.newest(kind), clock.local_date(now)
    following = date(today.year + 1, 1, 1)
    row = {
        "kind": kind,
        "version": f"{following.year}.1" if base.version != f"{following.year}.1" else f"{following.year}.2",
        "source": base.source,
        "exempt_age": base.exempt_age,
        "valid_from": following,
        "based_on_id": base.id,
        "made_by_id": by_id,
        "made_at": now,
    }
    adding = upsert(SchemeDraft).values(**row).on_conflict_do_nothing(index_elements=["kind"], index_where=OPEN_DRAFT)
    draft_id = db.session.execute(adding.returning(SchemeDraft.id)).scalar_one_or_none()
    if draft_id is None:
        return queries.open_drafts()[kind]
    columns = [getattr(PointRule, name) for name in RULE]
    copied = select(literal(draft_id), *columns).where(PointRule.scheme_id == base.id).order_by(PointRule.id)
    db.session.execute(insert(SchemeDraftRule).from_select(["draft_id", *RULE], copied))
    bands = select(literal(draft_id), PointBand.least, PointBand.name).where(PointBand.scheme_id == base.id)
    db.session.execute(insert(SchemeDraftBand).from_select(["draft_id", "least", "name"], bands))
    audit.record(by_id, "scheme_draft", "scheme_draft", draft_id, version=row["version"], scheme=kind)
    return int(draft_id)


def _own(draft_id: int, by_id: int) -> queries.DraftRow:
    """An open draft of one's own, its row locked. Raises NotFound, Refused, Conflict."""
    writing()
    db.session.execute(select(SchemeDraft.id).where(SchemeDraft.id == draft_id).with_for_update())
    row = queries.draft(draft_id)
    if row is None:
        raise NotFound
    if row.ended_at:
        raise Conflict("这份草稿已经结束了。")
    if row.maker_id != by_id:
        raise Refused(f"这份草稿是{row.maker_name}在改，您可以确认或退回。")
    return row


def edit(draft_id: int, basics: DraftBasics, by_id: int) -> None:
    """Its name, day, ages and bands. Whatever is changed, it has to be sent again."""
    _own(draft_id, by_id)
    named = {"version": basics.version, "source": basics.source, "valid_from": basics.valid_from, "exempt_age": basics.exempt_age}
    db.session.execute(update(SchemeDraft).where(SchemeDraft.id == draft_id).values(**named, sent_at=None))
    db.session.execute(delete(SchemeDraftBand).where(SchemeDraftBand.draft_id == draft_id))
    rows = [{"draft_id": draft_id, "least": band.least, "name": band.name} for band in basics.bands]
    if rows:
        db.session.execute(insert(SchemeDraftBand), rows)


def put_rule(draft_id: int, rule_id: int | None, rule: DraftRule, by_id: int) -> None:
    """Another rule, or one in the place of one. A rule keeps its code for ever: so its cap holds over versions."""
    row = _own(draft_id, by_id)
    values = {name: getattr(rule, name) for name in RULE if name != "code"}
    if rule_id is None:
        codes = {one.code for one in row.version.rules} | set(db.session.scalars(select(PointRule.code)))
        code = next(f"rule{number}" for number in range(1, 10_000) if f"rule{number}" not in codes)
        db.session.execute(insert(SchemeDraftRule).values(draft_id=draft_id, code=code, **values))
    else:
        own = (SchemeDraftRule.id == rule_id, SchemeDraftRule.draft_id == draft_id)
        if db.session.execute(update(SchemeDraftRule).where(*own).values(**values).returning(SchemeDraftRule.id)).first() is None:
            raise NotFound
    _changed(draft_id)


def drop_rule(draft_id: int, rule_id: int, by_id: int) -> None:
    _own(draft_id, by_id)
    db.session.execute(delete(SchemeDraftRule).where(SchemeDraftRule.id == rule_id, SchemeDraftRule.draft_id == draft_id))
    _changed(draft_id)


def _changed(draft_id: int) -> None:
    db.session.execute(update(SchemeDraft).where(SchemeDraft.id == draft_id).values(sent_at=None))


def drop(draft_id: int, by_id: int, now: datetime) -> None:
    _own(draft_id, by_id)
    db.session.execute(update(SchemeDraft).where(SchemeDraft.id == draft_id).values(ended_at=now))
    audit.record(by_id, "scheme_draft.withdrawal", "scheme_draft", draft_id)


def send(draft_id: int, by_id: int, others: Sequence[int], url: str, now: datetime) -> None:
    """To a second person. Raises Invalid where it could not be published as it is."""
    row = _own(draft_id, by_id)
    _sound(row, now)
    db.session.execute(update(SchemeDraft).where(SchemeDraft.id == draft_id).values(sent_at=now, answer=""))
    audit.record(by_id, "scheme_draft.sending", "scheme_draft", draft_id, version=row.name, scheme=row.kind)
    notify_all({one: f"积分方案 {row.name} 等您看过、发布" for one in others if one != by_id}, url)


def _sound(row: queries.DraftRow, now: datetime) -> None:
    today = clock.local_date(now)
    if fault := may_begin(row.valid_from, today, queries.first_open(today), queries.first_safe(today)):
        raise Invalid({"valid_from": fault})
    taken = select(PointScheme.version, PointScheme.valid_from).where(PointScheme.kind == row.kind)
    for version, since in db.session.execute(taken):
        if version == row.name:
            raise Invalid({"version": f"已经有 {version} 这一版了，换一个版本号"})
        if since == row.valid_from:
            raise Invalid({"valid_from": f"{version} 也是从这一天起，换一天"})
    if not row.version.rules:
        raise Invalid({"rules": "还没有一条规则"})


def give_back(draft_id: int, by_id: int, reason: str, url: str) -> None:
    """退回，请写明原因."""
    row = _sent(draft_id, by_id)
    db.session.execute(update(SchemeDraft).where(SchemeDraft.id == draft_id).values(sent_at=None, answer=reason))
    audit.record(by_id, "scheme_draft.return", "scheme_draft", draft_id, reason=reason)
    notify(row.maker_id, f"积分方案 {row.name} 退回了，请看原因", url)


def _sent(draft_id: int, by_id: int) -> queries.DraftRow:
    writing()
    db.session.execute(select(SchemeDraft.id).where(SchemeDraft.id == draft_id).with_for_update())
    row = queries.draft(draft_id)
    if row is None:
        raise NotFound
    if row.maker_id == by_id:
        raise Refused("不能发布自己写的方案，要请另一位看过。")
    if row.ended_at or row.sent_at is None:
        raise Conflict("这份草稿现在不等人确认：可能已经发布、退回，或者又改过了。")
    return row


def publish(draft_id: int, by_id: int, url: str, now: datetime) -> int:
    """The version that holds from then on; it never changes again. From a day that has been, `book_anew` follows in steps of its own."""
    row = _sent(draft_id, by_id)
    _sound(row, now)
    rules, bands = row.version.rules, row.version.bands
    values = {
        "kind": row.kind,
        "version": row.name,
        "valid_from": row.valid_from,
        "published_at": now,
        "source": row.source,
        "exempt_age": row.version.exempt_age,
        "rules": len(rules),
        "bands": len(bands),
        "made_by_id": row.maker_id,
        "published_by_id": by_id,
    }
    scheme_id = int(db.session.execute(insert(PointScheme).values(**values).returning(PointScheme.id)).scalar_one())
    for rule in rules:
        db.session.execute(insert(PointRule).values(scheme_id=scheme_id, **{name: getattr(rule, name) for name in RULE}))
    for band in bands:
        db.session.execute(insert(PointBand).values(scheme_id=scheme_id, least=band.least, name=band.name))
    done = None if row.valid_from <= clock.local_date(now) else now
    ended = {"ended_at": now, "scheme_id": scheme_id, "booked_to": 0, "booked_at": done}
    db.session.execute(update(SchemeDraft).where(SchemeDraft.id == draft_id).values(**ended))
    audit.record(by_id, "scheme_draft.publication", "scheme_draft", draft_id, version=row.name, scheme=row.kind, since=str(row.valid_from))
    notify(row.maker_id, f"积分方案 {row.name} 已发布", url)
    return scheme_id


def book_anew(draft_id: int, now: datetime) -> bool:
    """One step of booking anew after a publication from a day that has been; False when there is nothing left to do.

    A step is a few people in one transaction: it may stop anywhere, and goes on where it stopped.
    """
    writing()
    d = SchemeDraft
    taken = select(d.kind, d.version, d.valid_from, d.made_by_id, d.booked_to, PointScheme.published_by_id).join(
        PointScheme, PointScheme.id == d.scheme_id
    )
    row = db.session.execute(taken.where(d.id == draft_id, d.booked_at.is_(None)).with_for_update(of=SchemeDraft)).one_or_none()
    if row is None or row.published_by_id is None:
        return False
    people = queries.people_since(row.valid_from, row.booked_to or 0, CHUNK)
    until = queries.following(row.kind, row.valid_from)
    if people:
        others = attended(people, row.valid_from, until)
        reason = f"积分方案 {row.version} 从这时起"
        rebook(Anew(row.kind, row.valid_from, until, reason, row.made_by_id, row.published_by_id, others), people, now)
        db.session.execute(update(d).where(d.id == draft_id).values(booked_to=people[-1]))
        return True
    db.session.execute(update(d).where(d.id == draft_id).values(booked_at=now))
    return False


def unfinished() -> list[int]:
    """Drafts whose publication still has entries to book anew."""
    return list(db.session.scalars(select(SchemeDraft.id).where(SchemeDraft.scheme_id.is_not(None), SchemeDraft.booked_at.is_(None))))
