"""A wish that the fund pays: its project of kind 微心愿, and the payments of that project. What is given in kind is words, never money."""

from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.errors import Conflict, Invalid, NotFound
from app.fund.models import FundRequest
from app.wishes.models import Wish, WishPayment
from app.wishes.queries.paying import IN_THE_BOOKS, projects_of_wishes
from app.wishes.rules import EARLY
from app.wishes.service.steps import locked


def set_project(wish_id: int, project_id: int | None, by_id: int) -> None:
    """Raises Conflict while payments of another project are linked."""
    wish = locked(wish_id)
    if wish.state is None or wish.state in EARLY:
        raise Conflict("公开以后，才关联项目。")
    if project_id is not None and project_id not in dict(projects_of_wishes()):
        raise Invalid({"project": "请选择一个微心愿项目"})
    if project_id == wish.project_id:
        return
    linked = select(WishPayment.id).where(WishPayment.wish_id == wish_id, WishPayment.removed_at.is_(None)).limit(1)
    if db.session.scalar(linked) is not None:
        raise Conflict("这个心愿已经关联了用款，先去掉用款，再换项目。")
    db.session.execute(update(Wish).where(Wish.id == wish_id).values(project_id=project_id))
    audit.record(by_id, "wish.project", "wish", wish_id, project=project_id)


def link_payment(wish_id: int, request_id: int, by_id: int, now: datetime) -> None:
    """Twice is once. Raises Invalid for what is no booked payment of the wish's project."""
    wish = locked(wish_id)
    paid = select(FundRequest.id).where(
        FundRequest.id == request_id, FundRequest.project_id == wish.project_id, FundRequest.state.in_(IN_THE_BOOKS)
    )
    if wish.project_id is None or db.session.scalar(paid) is None:
        raise Invalid({"request": "请选择这个项目的一笔用款"})
    standing = select(WishPayment.id).where(
        WishPayment.wish_id == wish_id, WishPayment.request_id == request_id, WishPayment.removed_at.is_(None)
    )
    if db.session.scalar(standing) is None:
        db.session.execute(insert(WishPayment).values(wish_id=wish_id, request_id=request_id, made_by_id=by_id, made_at=now))
        audit.record(by_id, "wish.payment", "wish", wish_id, request=request_id)


def unlink_payment(wish_id: int, payment_id: int, reason: str, by_id: int, now: datetime) -> None:
    """A wrong link is taken back with a reason; the payment itself stays what it is."""
    locked(wish_id)
    if not reason:
        raise Invalid({"reason": "请写明原因"})
    here = (WishPayment.id == payment_id, WishPayment.wish_id == wish_id, WishPayment.removed_at.is_(None))
    removing = update(WishPayment).where(*here).values(removed_at=now, removed_by_id=by_id, reason=reason)
    if db.session.execute(removing.returning(WishPayment.id)).scalar_one_or_none() is None:
        raise NotFound
    audit.record(by_id, "wish.payment_removal", "wish", wish_id, reason=reason)
