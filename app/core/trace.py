"""The short id of the request at work: shown with an error, written in the log and on audit rows."""

import secrets
from contextvars import ContextVar

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L: read aloud and typed by people

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def new_code(length: int) -> str:
    """A random code of unambiguous capitals and digits."""
    letters = ""
    while len(letters) < length:  # five bits of a byte, thrown again where they name no letter: each is equally likely
        letters += "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(length) if byte & 31 < len(ALPHABET))
    return letters[:length]
