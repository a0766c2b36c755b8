"""Signing in: what a secret must be, how often one may try, how long a session lasts. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.accounts.common import too_common
from app.core.workdays import NONE, Holidays, is_working

VOLUNTEER_SESSION = timedelta(days=400)
STAFF_SESSION = timedelta(days=30)
CODE_LIFETIME = timedelta(days=14)  # a slip is handed out at the next meeting
RESET_LIFETIME = timedelta(days=1)  # given in person, used on the spot
ONE_HAND = timedelta(days=1)  # who made somebody's code does not also reset their second factor, nor the other way round
CODE_LENGTH = 8
SHARED = 3  # how many accounts one number may open, each by its own secret: couples share a phone
RISES_AFTER = 5  # working days
FACTOR_DIGITS = 6
RECOVERY_CODES, RECOVERY_LENGTH = 10, 10
RECENT = timedelta(minutes=15)  # how long a password that was given is good for approving; a setting may say otherwise
PIN_LENGTH = 6
PASSWORD_MIN = 8

ATTEMPT_WINDOW = timedelta(minutes=15)
ACCOUNT_TRIES = 8  # wrong secrets for one number, whatever the device
DEVICE_TRIES = 20  # wrong secrets from one device, whatever the number
ATTEMPT_DAY = timedelta(days=1)
ACCOUNT_DAY_TRIES = 30  # six digits must not fall to patience


class SecretKind(StrEnum):
    PIN = "pin"
    PASSWORD = "password"


class CodePurpose(StrEnum):
    ACTIVATION = "activation"  # a roster person's first sign-in
    RESET = "reset"  # forgotten; ends all sessions


@dataclass(frozen=True)
class Failures:
    """Tries inside ATTEMPT_WINDOW, when the newest was made; tries for the number inside ATTEMPT_DAY, and the oldest."""

    account: int
    device: int
    newest: datetime | None
    day: int = 0
    oldest: datetime | None = None


def rises_before(today: date, days: int = RISES_AFTER, holidays: Holidays = NONE) -> date:
    """What began to wait before this day has waited over `days` working days and rises to the unit above."""
    day = today
    while days > 0:
        day -= timedelta(days=1)
        days -= is_working(day, holidays)
    return day


def wait_seconds(failures: Failures, now: datetime) -> int:
    """How long to wait before the next try; 0 when it may be made at once."""
    until = [now]
    if failures.newest and (failures.account >= ACCOUNT_TRIES or failures.device >= DEVICE_TRIES):
        until.append(failures.newest + ATTEMPT_WINDOW)
    if failures.oldest and failures.day >= ACCOUNT_DAY_TRIES:
        until.append(failures.oldest + ATTEMPT_DAY)
    return int((max(until) - now).total_seconds())


_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "电脑"),
)
_BROWSERS = (("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def device_name(user_agent: str) -> str:
    """A device as its owner would know it: iPhone·微信."""
    device = next((name for mark, name in _DEVICES if mark in user_agent), "设备")
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "浏览器")
    return f"{device}·{browser}"


def tidy_code(typed: str) -> str:
    """An activation code as people type it: in any case, with blanks and dashes; `typed` has plain letters already."""
    return "".join(char for char in typed.upper() if char.isascii() and char.isalnum())


def shown_code(code: str) -> str:
    """In two halves, to be read aloud and typed."""
    return f"{code[:4]} {code[4:]}"


def secret_kind(secret: str) -> SecretKind:
    return SecretKind.PIN if len(secret) == PIN_LENGTH and secret.isascii() and secret.isdigit() else SecretKind.PASSWORD


def secret_fault(secret: str, phone: str, *, has_role: bool) -> str | None:
    """Why a new PIN or password is not good enough; None when it is. A further role needs a real password."""
    if secret_kind(secret) is SecretKind.PIN:
        if has_role:
            return "您有管理职责，请用密码，至少 8 位"
        if len(set(secret)) == 1 or secret in phone or too_common(secret):
            return "这个数字密码太容易猜到，请换一个"
        return None
    if len(secret) < PASSWORD_MIN:
        return "请用 6 位数字，或至少 8 位的密码"
    if len(secret) > 128:
        return "密码最多 128 位"
    if len(set(secret)) < 3 or (phone and phone in secret) or too_common(secret):
        return "这个密码太容易猜到，请换一个"
    return None
