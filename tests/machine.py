"""What this machine can test."""

import os
import shutil

from tests import engines

ENGINES = ("sqlite", "postgresql")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def have_postgres() -> bool:
    return bool(os.environ.get("TEST_DATABASE_URL") or engines.postgres_programs())


def chromium() -> str | None:
    """The browser of this machine; Playwright's own is never downloaded."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def left_out() -> list[str]:
    asked = os.environ.get("SHULIN_TEST_ENGINES", ",".join(ENGINES)).split(",")
    missing = [f"{name}: SHULIN_TEST_ENGINES leaves it out" for name in ENGINES if name not in asked]
    if "postgresql" in asked and not have_postgres():
        missing.append("postgresql: no server on this machine (apt install postgresql, or set TEST_DATABASE_URL)")
    if not chromium():
        missing.append("browser: no Chromium on this machine (apt install chromium fonts-noto-cjk)")
    return missing
