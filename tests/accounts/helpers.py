"""What the tests of accounts share."""

from app.accounts import service
from app.core import clock
from app.core.db import in_transaction
from tests.factories import Factory

PHONE, PASSWORD, PIN = "13800138000", "lantern by the lake", "739164"
KEY = "a secret that only tests know, long enough"  # conftest.settings_for


def account(make: Factory, person_id: int, phone: str = PHONE, secret: str = PASSWORD) -> int:
    """An account with a real hash; returns the person."""
    hashed = service.hash_secret(secret)
    in_transaction(lambda: service.open_account(person_id, phone, hashed, secret, clock.now()))
    return person_id


def sign_in(client, phone: str = PHONE, password: str = PASSWORD, **more: str):
    return client.post("/sign-in", data={"phone": phone, "password": password, **more})


def code_for(person_id: int, by: int | None = None) -> str:
    return in_transaction(lambda: service.make_code(person_id, by, KEY, clock.now()))


def token(client) -> str | None:
    with client.session_transaction() as cookie:
        return cookie.get("_user_id")


def sign_in_as(client) -> int | None:
    """The person whom a browser is signed in as."""
    from app.accounts.queries import actor_of_session

    actor = actor_of_session(token(client) or "")
    return actor.person_id if actor else None
