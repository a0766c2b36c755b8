"""A subdistrict of full size in a private database: what `demo load --scale full` makes, without the small demo, and everybody signed in.

14,000 people in 663 branches of 45 communities, 549 teams; as many entries of twelve years as a bench asks for.
"""

from dataclasses import replace
from datetime import timedelta

from app.accounts.models import Account, AccountSession
from app.accounts.queries import token_digest
from app.accounts.rules import SecretKind
from app.core import clock
from app.core.db import db, in_transaction
from app.demo import full, years
from app.demo.full import LONG_AGO, Size, put
from app.people.models import Unit, UnitAncestry
from app.people.rules import UnitKind

TOKEN = "a reader who is signed in"
ROOT = 1
FULL = Size()


def of(entries: int) -> Size:
    """The same place with so many entries, and as many of them to an activity."""
    return replace(FULL, entries=entries, activities=max(1, FULL.activities * entries // FULL.entries))


def fill(size: Size | None = None) -> None:
    """Fill the empty, migrated database of the current application. Person 1 is signed in with TOKEN."""
    size = size or of(200_000)
    subdistrict()
    made = full.town(ROOT, size, clock.now())
    in_transaction(lambda: _signed_in(made.people))
    years.fill(made, size, made.people[0], clock.today())
    db.session.remove()


def subdistrict() -> None:
    """The unit at the top."""

    def work() -> None:
        put(Unit, [{"id": ROOT, "kind": UnitKind.SUBDISTRICT, "name": "桂城街道党工委", "opened_on": LONG_AGO}])
        put(UnitAncestry, [{"unit_id": ROOT, "ancestor_id": ROOT, "depth": 0, "valid_from": LONG_AGO}])

    in_transaction(work)


def units(size: Size) -> list[int]:
    """Every unit and nobody in it; the ids of the branches."""
    subdistrict()
    return full.town(ROOT, replace(size, people=0), clock.now()).branches


def _signed_in(people: list[int]) -> None:
    now = clock.now()
    told = {"secret_hash": "-", "secret_kind": SecretKind.PIN, "created_at": now}
    put(Account, [{"id": one, "person_id": one, "login_phone": f"139{one:08d}", **told} for one in people])
    session = {"created_at": now, "confirmed_at": now, "expires_at": now + timedelta(days=400), "device": "bench"}
    put(
        AccountSession,
        [{"id": one, "account_id": one, "token_hash": token_digest(TOKEN if one == 1 else f"{TOKEN} {one}"), **session} for one in people],
    )
