"""What stands in the way of closing a unit besides its people: roles held there, posts and offers that stand, activities not yet closed."""

from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from app.accounts.models import RoleGrant
from app.activities.models import Activity
from app.core.db import db
from app.duties.models import Post
from app.people import service as people
from app.pledges.models import Offer


def _how_many(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).where(*conditions)) or 0


def roles(unit_id: int, today: date) -> str | None:
    held = _how_many(RoleGrant.unit_id == unit_id, or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > today))
    return people.Reason(f"还有 {held} 个职责是给这里的，请先收回", "roles") if held else None


def activities(unit_id: int, _today: date) -> str | None:
    going = _how_many(Activity.unit_id == unit_id, Activity.cancelled_at.is_(None), Activity.closed_at.is_(None))
    return people.Reason(f"还有 {going} 场活动没收场，请先收场或取消", "activities") if going else None


def posts(unit_id: int, _today: date) -> str | None:
    standing = _how_many(Post.unit_id == unit_id, Post.closed_on.is_(None))
    return people.Reason(f"还有 {standing} 个岗位，请先撤掉", "posts") if standing else None


def offers(unit_id: int, today: date) -> str | None:
    open_ones = _how_many(Offer.unit_id == unit_id, Offer.closed_on.is_(None), or_(Offer.last_day.is_(None), Offer.last_day >= today))
    return people.Reason(f"还有 {open_ones} 项可认领的没结束，请先结束", "offers") if open_ones else None


for hindrance in (roles, activities, posts, offers):
    people.before_closing(hindrance)
