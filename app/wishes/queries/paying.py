"""What the fund may pay a wish with: projects of kind 微心愿, and their payments."""

from sqlalchemy import select

from app.core.db import db
from app.fund.models import FundProject, FundRequest
from app.fund.rules import PUBLIC_STAGES, ProjectKind, RequestKind, Step
from app.wishes.models import WishPayment

IN_THE_BOOKS = (Step.PAID, Step.RECONCILED, Step.MISMATCH, Step.ANSWERED)


def projects_of_wishes() -> list[tuple[int, str]]:
    """Projects of kind 微心愿 that are public, the latest first."""
    rows = db.session.execute(
        select(FundProject.id, FundProject.name)
        .where(FundProject.kind == ProjectKind.WISH, FundProject.stage.in_(PUBLIC_STAGES))
        .order_by(FundProject.id.desc())
        .limit(100)
    )
    return [(row[0], row[1]) for row in rows]


def payments_of(project_id: int, wish_id: int) -> list[tuple[int, str]]:
    """Payments of a project that can still be linked to a wish: (id, number and purpose)."""
    linked = select(WishPayment.request_id).where(WishPayment.wish_id == wish_id, WishPayment.removed_at.is_(None))
    rows = db.session.execute(
        select(FundRequest.id, FundRequest.number, FundRequest.purpose)
        .where(FundRequest.project_id == project_id, FundRequest.kind == RequestKind.PAYMENT, FundRequest.id.not_in(linked))
        .where(FundRequest.state.in_(IN_THE_BOOKS))
        .order_by(FundRequest.id.desc())
        .limit(60)
    )
    return [(row[0], f"{row[1]} {row[2]}") for row in rows]
