"""Photos that stand in numbered places of something: of an activity, of a wish. Indexes hold the places and the pictures apart.

Inside a transaction that holds the lock of what the photos belong to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.activities.photo_files import Picture
from app.core.db import db, upsert
from app.core.errors import Conflict, NotFound


@dataclass(frozen=True)
class Added:
    """`fresh` is False when this very picture is there already: nothing was added, and its files are not needed."""

    photo_id: int
    fresh: bool


def put(
    table: type[Any], most: int, name: str, picture: Picture, alt: str, *, agreed: bool, by_id: int, now: datetime, **owner: int
) -> Added:
    """Into the first free place. `owner` names the column and key of what it belongs to. Raises Conflict when `most` are there."""
    standing = select(table.slot, table.digest, table.id).filter_by(**owner, removed_at=None)
    rows = db.session.execute(standing).all()
    for _, digest, photo_id in rows:
        if digest == picture.digest:
            return Added(photo_id, fresh=False)
    free = sorted(set(range(1, most + 1)) - {slot for slot, _, _ in rows})
    if not free:
        raise Conflict(f"最多放 {most} 张。要换，先撤下一张。")
    made = upsert(table).values(  # the indexes decide, should two come at once
        **owner,
        slot=free[0],
        name=name,
        digest=picture.digest,
        alt=alt,
        width=picture.width,
        height=picture.height,
        agreed_at=now if agreed else None,
        added_at=now,
        added_by_id=by_id,
    )
    return Added(int(db.session.execute(made.returning(table.id)).scalar_one()), fresh=True)


def take_down(table: type[Any], photo_id: int, by_id: int, now: datetime, **owner: int) -> bool:
    """From now on nobody sees it; False where it was down already. Raises NotFound for one of something else."""
    removing = update(table).filter_by(id=photo_id, **owner, removed_at=None).values(removed_at=now, removed_by_id=by_id)
    if db.session.execute(removing.returning(table.id)).scalar_one_or_none() is not None:
        return True
    if db.session.scalar(select(table.id).filter_by(id=photo_id, **owner)) is None:
        raise NotFound
    return False
