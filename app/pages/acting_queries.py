"""Whether somebody holds the post of 楼长, 巷长 or 街长: they may act for any number of people."""

from datetime import date

from sqlalchemy import or_, select

from app.core.db import db
from app.duties.models import Post, PostTerm
from app.duties.rules import PostKind

HEADS = (PostKind.BUILDING_HEAD, PostKind.LANE_HEAD, PostKind.STREET_HEAD)


def is_head(person_id: int, day: date) -> bool:
    """Holds such a post on a day."""
    holding = (
        select(PostTerm.id)
        .join(Post, Post.id == PostTerm.post_id)
        .where(
            PostTerm.person_id == person_id,
            PostTerm.valid_from <= day,
            or_(PostTerm.valid_to.is_(None), PostTerm.valid_to > day),
            Post.kind.in_(HEADS),
        )
    )
    return db.session.scalar(holding.limit(1)) is not None
