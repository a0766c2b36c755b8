"""Member cards: the token in a card's QR. Pure.

It is derived, not stored: who reads the database can print no card, and a card can be printed again as it was.
"""

import base64
import hashlib
import hmac

MAC_LENGTH = 16  # of base64: 96 bits that nobody guesses
LARGEST = 2**31 - 1
PRINTED_AT_ONCE = 100  # ten sheets of paper
A_SHEET = 10


def card_token(key: str, card_id: int) -> str:
    """The card's id in hexadecimal and a signature. No dot in it: codes that are shown on a phone have two."""
    return f"{card_id:x}-{_mac(key, card_id)}"


def read_token(key: str, token: str) -> int | None:
    """The id of the card that a token belongs to; None for anything that was not made with this key."""
    head, _, mac = token.partition("-")
    if not 0 < len(head) <= 8 or any(letter not in "0123456789abcdef" for letter in head):
        return None
    card_id = int(head, 16)
    if card_id > LARGEST or f"{card_id:x}" != head or not hmac.compare_digest(mac.encode(), _mac(key, card_id).encode()):
        return None
    return card_id


def is_card_token(token: str) -> bool:
    return "." not in token


def _mac(key: str, card_id: int) -> str:
    digest = hmac.new(key.encode(), f"member-card:{card_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:MAC_LENGTH]
