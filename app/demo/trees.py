"""More of both trees: groups and the stairwells that they are built on, and a branch that was moved and renamed, to look up."""

from datetime import date

from sqlalchemy import select

from app.core.db import db, in_transaction
from app.demo.people import FOUNDED, Cast
from app.people import service as people
from app.people.models import Place
from app.people.rules import PlaceKind, UnitKind


def load(cast: Cast, today: date) -> None:
    in_transaction(lambda: _groups(cast, today))
    in_transaction(lambda: _history(cast, today))


def _groups(cast: Cast, today: date) -> None:
    """锦园第一党支部: three 党小组, each on a 楼道 of 中海万锦豪园."""
    since = date(today.year - 2, 3, 1)
    branch = cast.branches["锦园第一党支部"]
    buildings = _places(PlaceKind.BUILDING)
    for number, (building, name) in zip("一二三", buildings, strict=False):
        group = people.create_unit(UnitKind.GROUP, f"第{number}党小组", branch, since, None)
        stairs = [people.create_place(PlaceKind.STAIRWELL, f"{name}{entrance}梯", building, FOUNDED, None) for entrance in "东西"]
        people.tie_place(stairs[0], group, since, None)
    for estate, _ in _places(PlaceKind.ESTATE)[:1]:
        people.create_place(PlaceKind.STATION, "万锦初心驿站", estate, since, None)


def _places(kind: PlaceKind) -> list[tuple[int, str]]:
    return [(key, name) for key, name in db.session.execute(select(Place.id, Place.name).where(Place.kind == kind).order_by(Place.id))]


def _history(cast: Cast, today: date) -> None:
    """A branch of firms that another community looked after for two years, under another name."""
    branch, away, back = cast.branches["桂雅两新党支部"], date(today.year - 4, 5, 1), date(today.year - 2, 3, 15)
    for community, name, on in (("桂南", "桂平路商圈党支部", away), ("桂雅", "桂雅两新党支部", back)):
        people.move_unit(branch, cast.communities[community], on, today, None)
        people.rename_unit(branch, name, on, None)
