"""People out: the roster of home members below some units, in the columns that the import of rosters reads."""

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, select

from app.core.db import db
from app.people import queries as people
from app.people.models import Membership, Person, Phone, Unit
from app.people.naming import mask_phone, volunteer_number
from app.people.rules import STAGE_NAMES, Gender, MembershipKind, UnitKind
from app.registers.lookup import parts
from app.registers.scope import Scope
from app.registers.staged import Listing
from app.sheets.writing import Value

HEADING = (
    "姓名", "性别", "出生日期", "手机号码", "所在社区", "所属党支部", "政治面貌", "进入当前阶段日期", "报到社区", "备注", "志愿者编号",
)  # fmt: skip
MASKED = "您没有改资料的权限：手机号码遮住中间四位，出生日期只写年份。这份表不能再导入。"
GENDERS = {Gender.MALE: "男", Gender.FEMALE: "女", None: ""}


def listing(scope: Scope) -> Listing:
    """Confirmed home members of the scope, by branch and name, read 500 at a time."""
    return Listing(HEADING, _rows(scope), "" if scope.plain is None else MASKED)


def _rows(scope: Scope) -> Iterator[Sequence[Value]]:
    home = and_(Membership.person_id == Person.id, Membership.kind == MembershipKind.HOME, Membership.valid_to.is_(None))
    query = select(Person.id).join(Membership, home).where(Person.confirmed_at.is_not(None))
    if scope.reach is not None:
        query = query.where(Membership.unit_id.in_(people.below(scope.tops, scope.today)))
    for ids in parts(db.session.scalars(query.order_by(Membership.unit_id, Person.name, Person.id))):
        yield from _some(ids, scope)


def _some(ids: list[int], scope: Scope) -> Iterator[Sequence[Value]]:
    about = select(Person.id, Person.name, Person.gender, Person.birth_date, Person.note).where(Person.id.in_(ids))
    persons = {row.id: row for row in db.session.execute(about)}
    numbers = select(Phone.person_id, Phone.number).where(Phone.person_id.in_(ids), Phone.valid_to.is_(None)).order_by(Phone.id.desc())
    phones = dict(db.session.execute(numbers).all())
    homes = _ties(ids, MembershipKind.HOME)
    reported = _ties(ids, MembershipKind.REPORTED)
    above = people.communities_of({unit_id for unit_id, _, _ in homes.values()}, scope.today)
    names = dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(set(above.values())))).all())
    stages = people.stages_of(ids, scope.today)
    for id_ in ids:
        one, (unit_id, unit_name, _) = persons[id_], homes[id_]
        stage, (_, there, there_kind) = stages.get(id_), reported.get(id_, (0, "", None))
        phone, born = phones.get(id_, ""), one.birth_date
        if not scope.shows(unit_id):
            phone, born = mask_phone(phone) if phone else "", f"{born.year} 年" if born else None
        yield (
            one.name, GENDERS[one.gender], born, phone, names.get(above.get(unit_id, 0), ""), unit_name,
            STAGE_NAMES[stage.kind] if stage else "", stage.began_on if stage else None,
            there if there_kind is UnitKind.COMMUNITY else "", one.note, volunteer_number(id_),
        )  # fmt: skip


def _ties(ids: list[int], kind: MembershipKind) -> dict[int, tuple[int, str, UnitKind | None]]:
    """The standing tie of a kind, the last recorded where there are several: unit id, name and kind."""
    rows = (
        select(Membership.person_id, Unit.id, Unit.name, Unit.kind)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id.in_(ids), Membership.kind == kind, Membership.valid_to.is_(None))
        .order_by(Membership.id)
    )
    return {person_id: (unit_id, name, unit_kind) for person_id, unit_id, name, unit_kind in db.session.execute(rows)}
