"""A donor no longer wants to be named in public: the name goes at once, by one hand, from pages and files alike."""

from sqlalchemy import update

from app.audit import service as audit
from app.core.db import db, writing
from app.core.errors import Conflict, NotFound
from app.fund.models import FundRequest
from app.fund.queries.donors import named_alike
from app.fund.rules import RequestKind


def take_name_back(request_id: int, by_id: int) -> int:
    """Of a gift and of every other by the same donor under the same name; how many. Twice is once. A new name needs a new gift."""
    writing()
    asked = db.session.get(FundRequest, request_id, populate_existing=True)
    if asked is None:
        raise NotFound
    if asked.kind is not RequestKind.DONATION:
        raise Conflict("只有捐赠有公开署名。")
    if not asked.public_name:
        return 0
    theirs = list(db.session.scalars(named_alike(asked.public_name, asked.counterparty)))
    db.session.execute(update(FundRequest).where(FundRequest.id.in_(theirs)).values(public_name=""))
    audit.record(by_id, "fund.unnaming", "fund_request", request_id, number=asked.number)
    return len(theirs)
