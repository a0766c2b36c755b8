"""What the tests use of the machine: Chromium with a Chinese font, Pango for PDF files, and PostgreSQL.

Root on Debian gets what is missing by apt, quietly; anyone else is told what the tests will leave out.
"""

import glob
import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

APT_LOG = Path("build/apt.log")
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


@dataclass(frozen=True)
class Need:
    """`left_out` says, in the words of whoever runs the tests, what happens without it."""

    name: str
    packages: tuple[str, ...]
    there: bool
    left_out: str


def needs() -> list[Need]:
    font = any(
        "NotoSansCJK" in Path(file).name or "NotoSerifCJK" in Path(file).name for file in glob.glob("/usr/share/fonts/**/*", recursive=True)
    )
    chromium = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    pango = all(find_library(name) for name in ("pangoft2-1.0", "harfbuzz-subset"))
    postgres = bool(os.environ.get("TEST_DATABASE_URL") or glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return [
        Need("Chromium", ("chromium",), chromium, "tests that drive a browser"),
        Need("a Chinese font", ("fonts-noto-cjk",), font or not can_install(), "nothing, but pictures of pages show boxes"),
        Need("Pango", PANGO, pango, "nothing can make a PDF file: certificates, evidence packs"),
        Need("PostgreSQL", ("postgresql",), postgres, "the PostgreSQL half of the tests (SQLite runs)"),
    ]


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> bool:
    """True when apt installed them; its output goes to build/apt.log."""
    APT_LOG.parent.mkdir(exist_ok=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with APT_LOG.open("ab") as log:
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=quiet, check=False)
            if done.returncode and command[1] == "install":
                return False
    return True


def main() -> int:
    """`--required`: whatever is still missing at the end is an error."""
    missing = [need for need in needs() if not need.there]
    if missing and can_install():
        print("Installing " + ", ".join(need.name for need in missing) + " …", flush=True)
        if not install([package for need in missing for package in need.packages]):
            print(f"apt could not install all of it; see {APT_LOG}.")
        missing = [need for need in needs() if not need.there]
    for need in missing:
        print(f"Left out: {need.left_out}. {need.name} is missing ({' '.join(need.packages)}).")
    return 1 if missing and "--required" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
