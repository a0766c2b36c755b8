"""我的码 without signal: a token made on the phone from a key of its session, new every minute. Pure.

token = "T" + id + "." + base36(minute) + "." + the first 16 letters of HMAC-SHA256(key, id + "." + base36(minute)). The key
is derived from the site's own and the session's row, so it needs no table, and it is worth nothing once the session has ended.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

STEP_SECONDS = 60
MAC_LENGTH = 16  # of base64: 96 bits that nobody guesses
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LARGEST = 2**31 - 1


def session_key(key: str, session_id: int, token_hash: str) -> bytes:
    """The 32 bytes that a signed-in phone keeps. `token_hash` so that another row under the same id has another key."""
    return hmac.new(key.encode(), f"code-key:{session_id}:{token_hash}".encode(), hashlib.sha256).digest()


def public_id(session_id: int) -> str:
    return _base36(session_id)


def step_of(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def is_timed(token: str) -> bool:
    """No other token begins with T: a card's with a hexadecimal digit, a signed one's with M, N or O (a number in base64)."""
    return token.startswith("T") and token.count(".") == 2


def write_token(session_key: bytes, session_id: int, step: int) -> str:
    said = f"{public_id(session_id)}.{_base36(step)}"
    return f"T{said}.{_mac(session_key, said)}"


@dataclass(frozen=True)
class TimedToken:
    """A token taken apart, not yet believed."""

    session_id: int
    step: int
    said: str
    mac: str

    def made_with(self, session_key: bytes) -> bool:
        return hmac.compare_digest(self.mac.encode(), _mac(session_key, self.said).encode())

    def fits(self, at: datetime) -> bool:
        """Made in the minute of `at`, the one before or the one after: clocks differ."""
        return abs(self.step - step_of(at)) <= 1


def take_apart(token: str) -> TimedToken | None:
    """None for what can not be such a token."""
    first, minute, mac = token[1:].split(".")
    session_id, step = _number(first), _number(minute)
    if session_id is None or step is None or session_id > LARGEST:
        return None
    return TimedToken(session_id, step, f"{first}.{minute}", mac)


def _mac(session_key: bytes, said: str) -> str:
    digest = hmac.new(session_key, said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:MAC_LENGTH]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


def _number(text: str) -> int | None:
    """The number when it is written as we write it: one spelling each, and short."""
    if not 0 < len(text) <= 10 or any(letter not in DIGITS for letter in text):
        return None
    number = int(text, 36)
    return number if _base36(number) == text else None
