"""The short id of the request at work: shown with an error, written in the log and on audit rows."""

import secrets
from contextvars import ContextVar

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: read aloud and typed by people

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def new_code(length: int) -> str:
    """A random code of unambiguous capitals and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
