"""Reading honours: the catalogue, one's own, those of a unit, what waits for a decision, and the public page."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.accounts.deciders import turn_of
from app.accounts.models import RoleGrant
from app.core.actor import Actor
from app.core.clock import local_date
from app.core.db import db
from app.core.permissions import Action
from app.honours.models import Honour, HonourConsent, HonourKind, HonourRevocation
from app.honours.rules import Giver, State, Verdict, state
from app.people.models import Person, Unit
from app.people.queries import below, needs_guardian, records_of
from app.points.models import PointRule, PointScheme
from app.points.rules import Per, SchemeKind
from app.publicity import queries as publicity
from app.publicity.models import Objection, Publicity
from app.publicity.queries import PublicityRow
from app.publicity.rules import Reach, SubjectKind


@dataclass(frozen=True)
class KindRow:
    id: int
    name: str
    words: str
    giver: Giver
    reach: Reach
    scheme_kind: SchemeKind | None
    rule_code: str | None
    retired_on: date | None
    given: int


def kinds() -> list[KindRow]:
    """All kinds with how many stand, those in use first; one query."""
    k = HonourKind
    standing = select(func.count()).where(Honour.kind_id == k.id, Honour.granted_on.is_not(None), Honour.revoked_on.is_(None))
    rows = db.session.execute(
        select(
            k.id, k.name, k.words, k.giver, k.reach, k.scheme_kind, k.rule_code, k.retired_on, standing.correlate(k).scalar_subquery()
        ).order_by(k.retired_on.is_not(None), k.id)
    )
    return [KindRow(*row) for row in rows]


def kind(kind_id: int) -> KindRow | None:
    return next((one for one in kinds() if one.id == kind_id), None)


def was_given(kind_id: int) -> bool:
    """Ever, also where it was taken back since."""
    return db.session.scalar(select(Honour.id).where(Honour.kind_id == kind_id, Honour.granted_on.is_not(None)).limit(1)) is not None


def point_rules() -> list[tuple[SchemeKind, str, str]]:
    """Rules that honours may earn by: scheme, code, name; of the newest version that has them."""
    rows = db.session.execute(
        select(PointScheme.kind, PointRule.code, PointRule.name)
        .join(PointScheme, PointScheme.id == PointRule.scheme_id)
        .where(PointRule.per == Per.HONOUR)
        .order_by(PointScheme.kind, PointRule.code, PointScheme.valid_from)
    )
    return [(*key, name) for key, name in {(scheme, code): name for scheme, code, name in rows}.items()]


@dataclass(frozen=True)
class RevocationRow:
    id: int
    honour_id: int
    reason: str
    maker_id: int
    maker_name: str
    made_at: datetime
    decided_at: datetime | None
    decider_name: str | None
    verdict: Verdict | None
    answer: str


@dataclass(frozen=True)
class HonourRow:
    """One honour. `person_id` is who it is about today, `record_id` the record it was given to; `shown` is its publicity, `agreed_at` since
    when it may stand on the public page."""

    id: int
    kind_id: int
    title: str
    kind_words: str
    reach: Reach
    record_id: int
    person_id: int
    person_name: str
    unit_id: int
    unit_name: str
    reason: str
    maker_id: int
    maker_name: str
    made_at: datetime
    decided_at: datetime | None
    decider_id: int | None
    decider_name: str | None
    verdict: Verdict | None
    answer: str
    ended_at: datetime | None
    granted_on: date | None
    revoked_on: date | None
    agreed_at: datetime | None
    shown: PublicityRow | None = None

    def state(self, today: date) -> State:
        shown = self.shown.state(today) if self.shown else None
        return state(self.verdict, self.granted_on, self.revoked_on, self.ended_at is not None, shown)


def _select() -> Select[*tuple[Any, ...]]:
    maker, decider = aliased(Person), aliased(Person)
    h = Honour
    return (
        select(
            *(h.id, h.kind_id, h.title, HonourKind.words, HonourKind.reach, h.person_id, func.coalesce(Person.became_id, h.person_id)),
            *(Person.name, h.unit_id, Unit.name, h.reason),
            *(h.made_by_id, maker.name, h.made_at, h.decided_at, h.decided_by_id, decider.name, h.verdict, h.answer),
            *(h.ended_at, h.granted_on, h.revoked_on, HonourConsent.given_at),
        )
        .join(HonourKind, HonourKind.id == h.kind_id)
        .join(Person, Person.id == h.person_id)
        .join(Unit, Unit.id == h.unit_id)
        .join(maker, maker.id == h.made_by_id)
        .outerjoin(decider, decider.id == h.decided_by_id)
        .outerjoin(HonourConsent, and_(HonourConsent.honour_id == h.id, HonourConsent.withdrawn_at.is_(None)))
        .order_by(h.made_at.desc(), h.id.desc())
    )


def _rows(query: Select[*tuple[Any, ...]]) -> list[HonourRow]:
    rows = [tuple(row) for row in db.session.execute(query)]
    shown = publicity.standing(SubjectKind.HONOUR, [row[0] for row in rows]) if rows else {}
    return [replace(HonourRow(*row), shown=shown.get(row[0])) for row in rows]


def honour(honour_id: int) -> HonourRow | None:
    return next(iter(_rows(_select().where(Honour.id == honour_id))), None)


def of_person(person_id: int) -> list[HonourRow]:
    """Everything that was granted to somebody, what was taken back since among it; the latest first. Two queries."""
    return _rows(_select().where(Honour.person_id.in_(records_of(person_id)), Honour.granted_on.is_not(None)))


def medals(person_id: int) -> list[tuple[str, date]]:
    """Title and day of what stands; one query."""
    found = db.session.execute(
        select(Honour.title, Honour.granted_on)
        .where(Honour.person_id.in_(records_of(person_id)), Honour.granted_on.is_not(None), Honour.revoked_on.is_(None))
        .order_by(Honour.granted_on.desc(), Honour.id.desc())
    )
    return [(title, day) for title, day in found if day]


def revocations(honour_id: int) -> list[RevocationRow]:
    return _revocations(HonourRevocation.honour_id == honour_id)


def _revocations(*of: ColumnElement[bool]) -> list[RevocationRow]:
    maker, decider, r = aliased(Person), aliased(Person), HonourRevocation
    rows = db.session.execute(
        select(r.id, r.honour_id, r.reason, r.made_by_id, maker.name, r.made_at, r.decided_at, decider.name, r.verdict, r.answer)
        .join(maker, maker.id == r.made_by_id)
        .outerjoin(decider, decider.id == r.decided_by_id)
        .where(*of)
        .order_by(r.id)
    )
    return [RevocationRow(*tuple(row)) for row in rows]


def revocation_of(revocation_id: int) -> tuple[RevocationRow, HonourRow] | None:
    honour_id = db.session.scalar(select(HonourRevocation.honour_id).where(HonourRevocation.id == revocation_id))
    row = honour(honour_id) if honour_id is not None else None
    return next(((one, row) for one in revocations(row.id) if one.id == revocation_id), None) if row else None


OPEN, GRANTED, OTHERS = "open", "granted", "others"  # what the desk shows


def _of_desk(roots: Collection[int], show: str, today: date) -> ColumnElement[bool]:
    here, stands = Honour.unit_id.in_(below(roots, today)), and_(Honour.granted_on.is_not(None), Honour.revoked_on.is_(None))
    if show == OPEN:
        return and_(here, Honour.ended_at.is_(None))
    return and_(here, stands) if show == GRANTED else and_(here, Honour.ended_at.is_not(None), ~stands)


def desk(roots: Collection[int], show: str, today: date, *, limit: int, start: int = 0) -> list[HonourRow]:
    """Honours of the units below `roots`, the latest first; two queries."""
    return _rows(_select().where(_of_desk(roots, show, today)).limit(limit).offset(start))


def desk_counts(roots: Collection[int], today: date) -> dict[str, int]:
    counted = [func.count().filter(_of_desk(roots, show, today)) for show in (OPEN, GRANTED, OTHERS)]
    return dict(zip((OPEN, GRANTED, OTHERS), db.session.execute(select(*counted).select_from(Honour)).one(), strict=True))


def due(today: date) -> list[int]:
    """Approved, and the publicity has ended with every objection answered, upheld or not; one query."""
    heard = select(Objection.id).where(Objection.publicity_id == Publicity.id, Objection.answered_at.is_(None)).exists()
    query = (
        select(Honour.id)
        .join(Publicity, and_(Publicity.subject_kind == SubjectKind.HONOUR, Publicity.subject_id == Honour.id))
        .where(Honour.verdict == Verdict.APPROVED, Honour.ended_at.is_(None), Publicity.withdrawn_at.is_(None))
        .where(Publicity.ends_on < today, ~heard)
        .order_by(Honour.id)
    )
    return list(db.session.scalars(query))


def _turn(since: ColumnElement[datetime], aside: ColumnElement[bool], actor: Actor, now: datetime) -> ColumnElement[bool]:
    """It is this actor's turn about an honour; `aside` says of a RoleGrant, and of the honour, that its holder does not decide."""
    return turn_of(Honour.unit_id, since, actor.roots(Action.HONOUR_GIVE), Action.HONOUR_GIVE, now, aside)


def _waiting(actor: Actor, now: datetime) -> tuple[Select[int, str], Select[int, str]]:
    h, asked, again, me = Honour, HonourRevocation, aliased(HonourRevocation), actor.person_id
    about = select(func.coalesce(Person.became_id, Person.id)).where(Person.id == h.person_id).correlate(h).scalar_subquery()
    theirs = or_(RoleGrant.person_id == h.made_by_id, RoleGrant.person_id == about)
    proposed = select(h.id, literal("honour")).where(
        h.decided_at.is_(None), h.made_by_id != me, about != me, _turn(h.made_at.expression, theirs, actor, now)
    )
    open_ = select(again.id).where(again.honour_id == h.id, again.decided_at.is_(None), again.made_by_id == RoleGrant.person_id)
    theirs = or_(open_.correlate(h, RoleGrant).exists(), RoleGrant.person_id == about)
    revoking = (
        select(asked.id, literal("revocation"))
        .join(h, h.id == asked.honour_id)
        .where(asked.decided_at.is_(None), asked.made_by_id != me, about != me, _turn(asked.made_at.expression, theirs, actor, now))
    )
    return proposed, revoking


def waiting_count(actor: Actor, now: datetime) -> Select[int] | None:
    """Proposals and revocations that wait for this actor: neither their own nor about them; one query."""
    if not actor.roots(Action.HONOUR_GIVE):
        return None
    proposed, revoking = _waiting(actor, now)
    return select(func.count()).select_from(proposed.union_all(revoking).subquery())


def waiting(actor: Actor, now: datetime) -> list[tuple[HonourRow, RevocationRow | None]]:
    """The same, each with its revocation where it is one; five queries at most."""
    if not actor.roots(Action.HONOUR_GIVE):
        return []
    proposed, revoking = _waiting(actor, now)
    asked = _revocations(HonourRevocation.id.in_(select(revoking.subquery().c.id)))
    rows = {row.id: row for row in _rows(_select().where(Honour.id.in_([one.honour_id for one in asked])))} if asked else {}
    found: list[tuple[HonourRow, RevocationRow | None]] = [
        (row, None) for row in _rows(_select().where(Honour.id.in_(select(proposed.subquery().c.id))))
    ]
    return found + [(rows[one.honour_id], one) for one in asked]


@dataclass(frozen=True)
class PublicHonour:
    name: str  # to be masked when it is shown
    title: str
    granted_on: date


def public_honours(now: datetime, *, limit: int, start: int = 0) -> list[PublicHonour]:
    """What stands on the public page: kinds that may, of people who said yes to this very honour. Two queries."""
    today = local_date(now)
    rows = db.session.execute(
        select(Honour.person_id, Person.name, Honour.title, Honour.granted_on)
        .join(HonourKind, HonourKind.id == Honour.kind_id)
        .join(Person, Person.id == Honour.person_id)
        .join(HonourConsent, and_(HonourConsent.honour_id == Honour.id, HonourConsent.withdrawn_at.is_(None)))
        .where(Honour.granted_on.is_not(None), Honour.revoked_on.is_(None), HonourKind.reach == Reach.PUBLIC)
        .order_by(Honour.granted_on.desc(), Honour.id.desc())
        .limit(limit)
        .offset(start)
    ).all()
    children = needs_guardian([row[0] for row in rows], today)
    return [PublicHonour(name, title, day) for person_id, name, title, day in rows if day and person_id not in children]
