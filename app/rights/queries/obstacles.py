"""What has to be settled before somebody is erased, in words for them and for who decides."""

from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.models import RoleGrant
from app.activities.models import Activity
from app.core.clock import local_date
from app.core.db import db, table
from app.core.permissions import ROLE_NAMES
from app.people.models import Unit
from app.people.queries import records_of
from app.rights.rules import Obstacle


def obstacles(person_id: int, now: datetime) -> list[Obstacle]:
    """Empty: nothing stands in the way. Six queries."""
    return [*_roles(person_id, now), *_activities(person_id), *_inside(person_id), *_merges(person_id), *_wishes(person_id)]


def _roles(person_id: int, now: datetime) -> list[Obstacle]:
    holding = select(RoleGrant.role, Unit.name).join(Unit, Unit.id == RoleGrant.unit_id).where(RoleGrant.person_id == person_id)
    later = or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > local_date(now))
    rows = db.session.execute(holding.where(later).order_by(RoleGrant.id))
    return [Obstacle(f"还有职责：{unit}{ROLE_NAMES[role]}，要先收回或交接") for role, unit in rows]


def _activities(person_id: int) -> list[Obstacle]:
    mine = select(Activity.title).where(Activity.contact_id == person_id, Activity.closed_at.is_(None), Activity.cancelled_at.is_(None))
    return [Obstacle(f"是活动《{title}》的联系人，要先换人或收场") for title in db.session.scalars(mine.order_by(Activity.id).limit(5))]


def _inside(person_id: int) -> list[Obstacle]:
    spell = table("attendance")
    open_ = (spell.c.person_id == person_id, spell.c.out_at.is_(None), spell.c.excluded_at.is_(None))
    found = db.session.scalar(select(spell.c.id).where(*open_).limit(1))
    return [Obstacle("有一个班次签到了还没签退，要先签退或由组织者核实")] if found else []


def _merges(person_id: int) -> list[Obstacle]:
    merge = table("merge")
    either = or_(merge.c.stays_id == person_id, merge.c.goes_id == person_id)
    half = or_(merge.c.verdict.is_(None), (merge.c.verdict == "approved") & merge.c.merged_at.is_(None))
    undoing = merge.c.undo_at.is_not(None) & merge.c.undone_at.is_(None)
    found = db.session.scalar(select(merge.c.id).where(either, or_(half, undoing)).limit(1))
    return [Obstacle("有一次重复档案的合并还没办完")] if found else []


def _wishes(person_id: int) -> list[Obstacle]:
    wish, claim = table("wish"), table("wish_claim")
    told = db.session.scalar(select(wish.c.id).where(wish.c.own_id.in_(records_of(person_id)), wish.c.ended_on.is_(None)).limit(1))
    going = (claim.c.by_id.in_(records_of(person_id)), claim.c.ended_on.is_(None), wish.c.ended_on.is_(None))
    taken = db.session.scalar(select(claim.c.id).join(wish, wish.c.id == claim.c.wish_id).where(*going).limit(1))
    found = [Obstacle("说过的微心愿还在办，要先撤回或办完")] if told else []
    return found + ([Obstacle("认领的微心愿还没办完，要先办完或放回")] if taken else [])
