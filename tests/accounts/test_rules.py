"""Secrets, waiting, devices and codes: pure decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.rules import Failures, SecretKind, device_name, secret_fault, secret_kind, shown_code, tidy_code, wait_seconds
from app.people.naming import tidy_phone

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
JUST_NOW, LONG_AGO = NOW - timedelta(minutes=5), NOW - timedelta(hours=20)


@pytest.mark.parametrize("secret", ["739164", "000001"])
def test_six_digits_are_a_pin(secret):
    assert secret_kind(secret) is SecretKind.PIN


@pytest.mark.parametrize("secret", ["73916", "7391640", "73916a", "７３９１６４", "a lantern"])
def test_anything_else_is_a_password(secret):
    assert secret_kind(secret) is SecretKind.PASSWORD


@pytest.mark.parametrize(
    "secret",
    ["111111", "123456", "987654", "138001", "138000", "12345678", "PASSWORD", "13800138000", "abababab", "short", "my13800138000"],
)
def test_what_is_easily_guessed_is_refused(secret):
    assert secret_fault(secret, "13800138000", has_role=False)


@pytest.mark.parametrize("secret", ["739164", "灯湖边的灯笼亮了", "a lantern"])
def test_what_is_good_enough_for_a_volunteer(secret):
    assert secret_fault(secret, "13800138000", has_role=False) is None


def test_a_role_takes_no_pin():
    assert secret_fault("739164", "13800138000", has_role=True)
    assert secret_fault("a lantern", "13800138000", has_role=True) is None


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (Failures(0, 0, None), 0),
        (Failures(7, 19, JUST_NOW), 0),
        (Failures(8, 0, JUST_NOW), 600),
        (Failures(0, 20, JUST_NOW), 600),
        (Failures(0, 0, None, 30, LONG_AGO), 4 * 3600),
        (Failures(8, 0, JUST_NOW, 30, LONG_AGO), 4 * 3600),
        (Failures(0, 0, None, 29, LONG_AGO), 0),
    ],
)
def test_how_long_to_wait(failures, seconds):
    assert wait_seconds(failures, NOW) == seconds


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17) Mobile MicroMessenger/8.0", "iPhone·微信"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537", "安卓手机·Chrome"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Windows 电脑·Edge"),
        ("curl/8", "设备·浏览器"),
    ],
)
def test_a_device_as_its_owner_knows_it(agent, name):
    assert device_name(agent) == name


def test_numbers_and_codes_as_people_type_them():
    for typed in ("86 138 0013 8000", "+86‑138−0013‐8000", "(+86)13800138000", "138.0013.8000"):
        assert tidy_phone(typed) == "13800138000"
    assert tidy_phone("+86 138-0013-8000") == tidy_phone("0086 13800138000") == "13800138000"
    assert tidy_code("q3zq v46g") == tidy_code("Q3ZQ-V46G") == "Q3ZQV46G"
    assert shown_code("Q3ZQV46G") == "Q3ZQ V46G"
