"""What the QR codes of a printed sign-in sheet say: which shift and which row, signed, and nothing about anybody. Pure."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

SHAPE = re.compile(r"([0-9]{1,9})\.([sn][0-9]{1,9}|)\.([A-Za-z0-9_-]{12})")


@dataclass(frozen=True)
class SheetCode:
    """Of a whole sheet; of the row of a sign-up (`signup_id`); or of an empty row (`row`, counted from 1)."""

    shift_id: int
    signup_id: int | None = None
    row: int | None = None


def write(key: str, code: SheetCode) -> str:
    line = f"s{code.signup_id}" if code.signup_id else f"n{code.row}" if code.row else ""
    said = f"{code.shift_id}.{line}"
    return f"{said}.{_mac(key, said)}"


def read(key: str, token: str) -> SheetCode | None:
    """None for what this site did not print."""
    found = SHAPE.fullmatch(token)
    if found is None or not hmac.compare_digest(_mac(key, f"{found[1]}.{found[2]}"), found[3]):
        return None
    number = int(found[2][1:]) if found[2] else None
    return SheetCode(int(found[1]), number if found[2].startswith("s") else None, number if found[2].startswith("n") else None)


def _mac(key: str, said: str) -> str:
    digest = hmac.new(key.encode(), f"sheet:{said}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:12]
