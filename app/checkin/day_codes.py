"""The code of the day: four digits that only somebody at the venue is told, and tickets that prove they were typed. Pure."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta

TRIES = 5  # wrong ones by one phone, then it waits
WITHIN = timedelta(minutes=10)
WAIT = timedelta(minutes=2)


def digits_of(key: str, activity_id: int, since: datetime, day: date) -> str:
    """Another four digits every day, and other ones when it was turned off and on again. Nothing is stored."""
    said = f"day:{activity_id}:{int(since.timestamp())}:{day.isoformat()}"
    number = int.from_bytes(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()[:8], "big")
    return f"{number % 10_000:04d}"


def same_digits(typed: str, right: str) -> bool:
    return hmac.compare_digest(typed.encode(), right.encode())


@dataclass(frozen=True)
class Tries:
    """Wrong codes of the day that one phone has typed lately."""

    number: int = 0
    last_at: datetime | None = None

    def wait_until(self, now: datetime) -> datetime | None:
        """None while it may try."""
        if self.number < TRIES or self.last_at is None or now >= self.last_at + WAIT:
            return None
        return self.last_at + WAIT
