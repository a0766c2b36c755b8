"""Who is a relative of whom, as far as the records say: one acts for the other, a guardian and a child, one phone number.

Household contacts tie a member to a household in words, not to a person, and are no family; they do not count here.
"""

from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import Account
from app.people.models import GuardianConsent, Phone
from app.proxies.models import Proxy

Who = InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | int


def kin(one: Who, other: Who) -> ColumnElement[bool]:
    """`one` and `other` (columns of enclosing tables, or ids) are relatives. Open ties only; not the same person."""
    outer = [side.class_ for side in (one, other) if not isinstance(side, int | BindParameter)]
    acts = or_(and_(Proxy.person_id == one, Proxy.proxy_id == other), and_(Proxy.person_id == other, Proxy.proxy_id == one))
    proxied = select(Proxy.id).where(acts, Proxy.valid_to.is_(None)).correlate(*outer).exists()
    related = or_(proxied, _one_number(one, other, outer), _guards(one, other, outer), _guards(other, one, outer))
    return and_(cast("ColumnElement[bool]", one != other), related)


def _one_number(one: Who, other: Who, outer: list[Any]) -> ColumnElement[bool]:
    """A couple's phone; or the number that the other signs in with."""
    mine, theirs, account = aliased(Phone), aliased(Phone), aliased(Account)
    shared = select(mine.id).join(theirs, theirs.number == mine.number)
    shared = shared.where(mine.person_id == one, theirs.person_id == other, mine.valid_to.is_(None), theirs.valid_to.is_(None))

    def signs_in(owner: Who, holder: Who) -> ColumnElement[bool]:
        found = select(account.id).join(mine, mine.number == account.login_phone)
        return found.where(account.person_id == owner, mine.person_id == holder, mine.valid_to.is_(None)).correlate(*outer).exists()

    return or_(shared.correlate(*outer).exists(), signs_in(one, other), signs_in(other, one))


def _guards(guardian: Who, child: Who, outer: list[Any]) -> ColumnElement[bool]:
    number = aliased(Phone)
    found = select(GuardianConsent.id).join(number, number.number == GuardianConsent.guardian_phone)
    given = and_(GuardianConsent.person_id == child, GuardianConsent.withdrawn_at.is_(None))
    return found.where(given, number.person_id == guardian, number.valid_to.is_(None)).correlate(*outer).exists()
