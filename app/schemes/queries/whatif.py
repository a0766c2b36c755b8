"""What a draft would give for what really happened: one statement for everybody, caps included.

Every entry of what happened since the first day of the period is thought away; what the draft wants for the same facts is summed by
rule and cap period and cut at the cap, beside what stands there under the same code from before. Publishing the draft and booking
anew from that day gives the same (crediting.rebooking), and a test compares the two.
"""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.core.db import db
from app.hours.models import HourEntry
from app.hours.rules import HourClass, Period, PeriodKind, SourceKind, period
from app.hours.totals import period_key
from app.people.models import Stage
from app.people.rules import PARTY_MEMBERS, STAGE_ORDER
from app.points.cap_queries import caps_on
from app.points.models import PointEntry, PointRule, PointScheme
from app.points.rules import BY_HAND, CapPeriod, Per, SchemeKind
from app.schemes.models import SchemeDraftRule
from app.schemes.queries.facts import other_facts

OCCASIONS = (SourceKind.HONOUR, SourceKind.MANUAL)
COARSENESS = {CapPeriod.MONTH: 1, CapPeriod.QUARTER: 2, CapPeriod.YEAR: 3}


def span_key(cap_period: Any, day: Any) -> ColumnElement[str]:
    """The key of the cap period of a rule that holds a day; of a rule without one, of the month."""
    keys = {kind.value: period_key(PeriodKind(kind.value), day) for kind in CapPeriod}
    return case(*((cap_period == kind, keys[kind.value]) for kind in CapPeriod), else_=keys["month"])


def fairly(amount: Any, cap: Any, want: Any, others: Any) -> ColumnElement[int]:
    """`points.rules.fair`, by the database."""
    room = case((cap - others > 0, cap - others), else_=0)
    debt = case((-cap - others < 0, -cap - others), else_=0)
    cut = case((amount < 0, case((want > debt, want), else_=debt)), else_=case((want < room, want), else_=room))
    return case((cap.is_(None), want), else_=cut)


def is_member(person_id: Any, day: Any) -> ColumnElement[bool]:
    """At that day's stage somebody is a member of the party: `people.rules.current_stage`, by the database."""
    order = case(STAGE_ORDER, value=Stage.kind)
    held = select(Stage.kind).where(Stage.person_id == person_id, Stage.began_on <= day).order_by(Stage.began_on.desc(), order.desc())
    return held.limit(1).correlate_except(Stage).scalar_subquery().in_(PARTY_MEMBERS)


def counts(entry: Any) -> Any:
    return func.coalesce(entry.counted_on, entry.served_on)


def hours_cap_on(entry: Any) -> Any:
    """Under which cap an entry of hours gives points: what is late belongs where its source was counted first, as in crediting."""
    first = aliased(HourEntry)
    same = first.source_kind == entry.source_kind, first.source_id == entry.source_id
    begun = select(counts(first)).where(*same, first.generation == 0, first.reverses_id.is_(None))
    return case((entry.counted_on.is_(None), entry.served_on), else_=begun.correlate(entry).scalar_subquery())


def replaced(kind: SchemeKind, span: Period, codes: Any) -> ColumnElement[bool]:
    """The entries that a version in force from the first day on would give instead.

    What people decided by hand, or an honour, stays as it is where the version has no rule for it.
    """
    of = aliased(PointRule)
    code = select(of.code).where(of.id == PointEntry.rule_id).correlate(PointEntry).scalar_subquery()
    within = and_(PointEntry.scheme_kind == kind, PointEntry.served_on >= span.first, counts(PointEntry) <= span.last)
    return and_(within, or_(PointEntry.source_kind.not_in(OCCASIONS), code.in_(codes)))


def deltas(draft_id: int, kind: SchemeKind, span: Period, among: Select[int] | None = None) -> dict[int, int]:
    """person → hundredths more or less than the ledger's in a period; one statement. People whom nothing concerns are left out.

    `among`: the ids of those who are asked about, so that a long ledger is read by its index of persons.
    """
    r = SchemeDraftRule
    codes = select(r.code).where(r.draft_id == draft_id, r.per.in_((*BY_HAND, Per.HONOUR)))
    mine = partial(_is, among)
    gone = select(PointEntry.person_id, (-PointEntry.points).label("delta")).where(replaced(kind, span, codes), mine(PointEntry.person_id))
    wants = _wants(draft_id, kind, span, codes, mine)
    before = _before(draft_id, kind, span, codes, mine)
    stands = (
        select(before.c.person_id, before.c.draft_rule, before.c.span, func.sum(before.c.fair).label("others"))
        .group_by(before.c.person_id, before.c.draft_rule, before.c.span)
        .subquery()
    )
    same = and_(stands.c.person_id == wants.c.person_id, stands.c.draft_rule == wants.c.rule_id, stands.c.span == wants.c.span)
    given = (
        select(wants.c.person_id, fairly(r.amount, r.cap, wants.c.want, func.coalesce(stands.c.others, 0)).label("delta"))
        .join(r, r.id == wants.c.rule_id)
        .outerjoin(stands, same)
    )
    evened = select(before.c.person_id, (before.c.fair - before.c.points).label("delta"))
    parts = union_all(gone, given, evened).subquery()
    rows = db.session.execute(select(parts.c.person_id, func.sum(parts.c.delta)).group_by(parts.c.person_id))
    return {one: int(delta) for one, delta in rows}


def _is(among: Select[int] | None, column: Any) -> ColumnElement[bool]:
    return literal(True) if among is None else column.in_(among)


def _takes_part(kind: SchemeKind, table: Any) -> ColumnElement[bool]:
    return is_member(table.person_id, table.served_on) if kind is SchemeKind.MEMBER else literal(True)


def _wants(draft_id: int, kind: SchemeKind, span: Period, codes: Any, mine: Any) -> Any:
    """What each rule of the draft wants of each person in each of its cap periods."""
    r, h, e = SchemeDraftRule, HourEntry, PointEntry
    own = r.draft_id == draft_id
    sign = case((h.minutes < 0, -1), else_=1)
    counted = or_(r.counts_honour, h.hour_class == HourClass.CREDIT)
    an_hour = and_(r.per == Per.HOUR, or_(r.hour_kind.is_(None), r.hour_kind == h.kind))
    a_time = and_(r.per == Per.OCCURRENCE, or_(r.activity_kind.is_(None), r.activity_kind == h.kind))
    amount = case((r.per == Per.HOUR, sign * ((r.amount * func.abs(h.minutes)) // 60)), else_=sign * r.amount)
    within = and_(h.served_on >= span.first, counts(h) <= span.last)
    hours = (
        select(h.person_id, r.id.label("rule_id"), span_key(r.cap_period, hours_cap_on(h)).label("span"), amount.label("want"))
        .join(r, and_(own, or_(an_hour, a_time), counted))
        .where(within, _takes_part(kind, h), mine(h.person_id))
    )
    f = other_facts(kind, span, mine)
    others = (
        select(f.c.person_id, r.id, span_key(r.cap_period, f.c.cap_on), f.c.sign * r.amount)
        .join(r, and_(own, r.per == Per.OCCURRENCE, or_(r.activity_kind.is_(None), r.activity_kind == f.c.kind)))
        .where(or_(r.counts_honour, f.c.scanned), _takes_part(kind, f.c))
    )
    of = aliased(PointRule)
    hand = (
        select(e.person_id, r.id, span_key(r.cap_period, caps_on(e)), case((e.reverses_id.is_(None), 1), else_=-1) * r.amount)
        .join(of, of.id == e.rule_id)
        .join(r, and_(own, r.code == of.code, r.per.in_((*BY_HAND, Per.HONOUR))))
        .where(replaced(kind, span, codes), e.source_kind.in_(OCCASIONS), mine(e.person_id))
    )
    each = union_all(hours, others, hand).subquery()
    return select(each.c.person_id, each.c.rule_id, each.c.span, func.sum(each.c.want).label("want")).group_by(
        each.c.person_id, each.c.rule_id, each.c.span
    ).subquery()  # fmt: skip


def _before(draft_id: int, kind: SchemeKind, span: Period, codes: Any, mine: Any) -> Any:
    """What stands beside it under the same code from before, in the cap periods that the period reaches into: `points` as it is, `fair`

    as it will be once what was booked since is gone. That is so of the version in force only: it had what earlier ones left. Where its
    cap period is longer than the draft's, what becomes fair is booked with the first entry that goes, as crediting.evening does.
    """
    r, e, of = SchemeDraftRule, PointEntry, PointRule
    year_first, year_last = period(PeriodKind.YEAR, span.first).first, period(PeriodKind.YEAR, span.last).last
    within = and_(counts(e).between(year_first, year_last), caps_on(e).between(year_first, year_last))
    coarser = case(COARSENESS, value=of.cap_period) > case(COARSENESS, value=r.cap_period, else_=3)
    own, theirs = span_key(of.cap_period, caps_on(e)), span_key(r.cap_period, caps_on(e))
    held = select(PointScheme.id).where(PointScheme.kind == kind, PointScheme.valid_from <= span.first)
    current = held.order_by(PointScheme.valid_from.desc()).limit(1).scalar_subquery()
    stands = (
        select(e.person_id, r.id.label("draft_rule"))
        .join(of, of.id == e.rule_id)
        .join(r, and_(r.draft_id == draft_id, r.code == of.code, r.per.not_in((Per.BASE, Per.CARRY))))
        .where(e.scheme_kind == kind, within, ~replaced(kind, span, codes), mine(e.person_id))
    )
    kept = (
        stands.add_columns(
            of.id.label("rule_id"),
            (of.scheme_id == current).label("in_force"),
            theirs.label("span"),
            own.label("own"),
            func.sum(e.wanted).label("want"),
            func.sum(e.points).label("points"),
        )
        .group_by(e.person_id, r.id, of.id, of.scheme_id, theirs, own)
        .subquery()
    )
    now = aliased(PointRule)
    under = span_key(now.cap_period, caps_on(e))
    earlier = (
        stands.join(now, and_(now.scheme_id == current, now.code == of.code))
        .where(of.scheme_id != current)
        .add_columns(now.id.label("rule_id"), under.label("own"), func.sum(e.points).label("points"))
        .group_by(e.person_id, r.id, now.id, under)
        .subquery()
    )
    whole = and_(kept.c.in_force, or_(of.cap.is_(None), ~func.coalesce(coarser, False)))
    others = func.coalesce(earlier.c.points, 0)
    fair = case((whole, fairly(of.amount, of.cap, kept.c.want, others)), else_=kept.c.points)
    as_it_stands = (
        select(kept.c.person_id, kept.c.draft_rule, kept.c.span, fair.label("fair"), kept.c.points)
        .join_from(kept, of, of.id == kept.c.rule_id)
        .join(r, r.id == kept.c.draft_rule)
        .outerjoin(earlier, _same(earlier, kept))
    )
    by_cap = kept.c.person_id, kept.c.draft_rule, kept.c.rule_id, kept.c.own
    across = (
        select(*by_cap, func.sum(kept.c.want).label("want"), func.sum(kept.c.points).label("points"))
        .where(kept.c.in_force)
        .group_by(*by_cap)
        .subquery()
    )
    first = _first_to_go(kind, span, codes, mine, current)
    evened = (
        select(
            across.c.person_id, across.c.draft_rule, theirs, fairly(of.amount, of.cap, across.c.want, others) - across.c.points, literal(0)
        )
        .join_from(across, of, of.id == across.c.rule_id)
        .join(r, r.id == across.c.draft_rule)
        .outerjoin(earlier, _same(earlier, across))
        .join(first, and_(*(getattr(first.c, name) == getattr(across.c, name) for name in ("person_id", "rule_id", "own"))))
        .join(e, e.id == first.c.id)
        .where(of.cap.is_not(None), coarser)
    )
    return union_all(as_it_stands, evened).subquery()


def _same(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(*(getattr(one.c, name) == getattr(other.c, name) for name in ("person_id", "draft_rule", "rule_id", "own")))


def _first_to_go(kind: SchemeKind, span: Period, codes: Any, mine: Any, current: Any) -> Any:
    """Of each person, rule of the version in force and cap period of that rule: the first entry that the draft would give instead."""
    e, of, now, reversal = PointEntry, PointRule, aliased(PointRule), aliased(PointEntry)
    under = span_key(now.cap_period, caps_on(e))
    return (
        select(e.person_id, now.id.label("rule_id"), under.label("own"), func.min(e.id).label("id"))
        .join(of, of.id == e.rule_id)
        .join(now, and_(now.scheme_id == current, now.code == of.code))
        .outerjoin(reversal, reversal.reverses_id == e.id)
        .where(replaced(kind, span, codes), e.reverses_id.is_(None), reversal.id.is_(None), mine(e.person_id))
        .group_by(e.person_id, now.id, under)
        .subquery()
    )
