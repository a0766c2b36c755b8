"""The keys that never stand in the database: what is encrypted there can be read only with one of them.

`SHULIN_KEYS` holds them as 64 hexadecimal digits each, the one in use first, older ones after it until `flask keys rotate` has been run.
Without it one is derived from `SECRET_KEY`; that one always opens what it once closed.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from app.core.config import Settings

KEY_BYTES = 32
NONCE_BYTES = 12
PURPOSE = b"shulin: keys of persons, 1"


class Unreadable(Exception):
    """The key does not fit, or what was written was changed since."""


def fingerprint(key: bytes) -> str:
    """What tells one key from another and gives nothing of it away."""
    return hashlib.sha256(b"shulin key: " + key).hexdigest()[:12]


@lru_cache(maxsize=8)
def _masters(secret: str, given: tuple[str, ...]) -> dict[str, bytes]:
    keys = [bytes.fromhex(one) for one in given]
    keys.append(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE).derive(secret.encode()))
    return {fingerprint(key): key for key in keys}


def masters() -> dict[str, bytes]:
    """Fingerprint → key, the one in use first."""
    settings: Settings = current_app.config["SETTINGS"]
    return _masters(settings.secret_key, settings.keys)


def newest() -> tuple[str, bytes]:
    """The key in use and its fingerprint."""
    return next(iter(masters().items()))


def new_key() -> bytes:
    return token_bytes(KEY_BYTES)


def close(key: bytes, plain: bytes, about: str) -> str:
    """AES-256-GCM under a fresh nonce. `about` is bound to it: what was written about one thing does not open as another."""
    nonce = token_bytes(NONCE_BYTES)
    return urlsafe_b64encode(nonce + AESGCM(key).encrypt(nonce, plain, about.encode())).decode()


def open_(key: bytes, written: str, about: str) -> bytes:
    """The reverse of `close`. Raises Unreadable."""
    try:
        raw = urlsafe_b64decode(written.encode())
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
