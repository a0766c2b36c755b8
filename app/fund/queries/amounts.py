"""What one movement counts for, as expressions of SQL. Every figure of the fund is a sum of these; all in fen."""

from sqlalchemy import ColumnElement, case, or_, select

from app.fund.models import FundAccount, FundMovementEntry
from app.fund.rules import OTHER_IN, OTHER_OUT, AccountKind, MovementKind


def signed_fen() -> ColumnElement[int]:
    """The amount of a movement, negative where it takes an earlier one back."""
    return case((FundMovementEntry.reverses_id.is_(None), FundMovementEntry.fen), else_=-FundMovementEntry.fen)


def spent_fen() -> ColumnElement[int]:
    """What a movement spends: spending, less what came back, less what was reversed; 0 for every other kind and for none at all."""
    kind = FundMovementEntry.kind
    return case((kind == MovementKind.SPENDING, signed_fen()), (kind == MovementKind.REFUND, -signed_fen()), else_=0)


def own_money() -> ColumnElement[bool]:
    """Movements of the fund's own money. The other money of projects that are not the fund's is shown and in no figure."""
    others = select(FundAccount.id).where(or_(FundAccount.kind == AccountKind.OTHER, FundAccount.code.in_((OTHER_IN, OTHER_OUT))))
    return FundMovementEntry.from_account_id.not_in(others) & FundMovementEntry.to_account_id.not_in(others)
