"""Known weaknesses of the packages in the lock files and of htmx: `make audit`. Asks the OSV database, and says plainly when it can not be
reached. What the machine brings (Python itself, PostgreSQL, Caddy, fonts) is its distribution's to mend.

Sends names and versions, nothing else. Ends with 0: none known; 1: some are known, named; 2: nobody could be asked, so nothing is known.
SHULIN_OSV is another address of the same kind of database, for a network without a way out.
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATABASE = "https://api.osv.dev"
LOCKS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
HTMX = re.compile(r"htmx\.org@([0-9.]+)/")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
WAIT = 30  # seconds


Package = tuple[str, str, str]  # ecosystem, name, version


def pinned(*locks: Path) -> list[Package]:
    found = {(name, version) for lock in locks for name, version in PINNED.findall(lock.read_text())}
    return [("PyPI", name, version) for name, version in sorted(found)]


def in_browsers() -> list[Package]:
    """What pages load that is not ours."""
    return [("npm", "htmx.org", version) for version in HTMX.findall((ROOT / "app" / "webkit" / "htmx.py").read_text())]


def known(packages: list[Package], database: str) -> dict[str, list[str]]:
    """Package → ids. Raises OSError or ValueError when the database can not be asked, or does not answer as one."""
    asked = [{"package": {"name": name, "ecosystem": system}, "version": version} for system, name, version in packages]
    body = json.dumps({"queries": asked}).encode()
    request = urllib.request.Request(f"{database}/v1/querybatch", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=WAIT) as answer:
        results: list[dict[str, Any]] = json.load(answer)["results"]
    if len(results) != len(packages):
        raise ValueError("an answer for each package was asked for")
    return {
        f"{name} {version}": sorted(one["id"] for one in result["vulns"])
        for (_, name, version), result in zip(packages, results, strict=True)
        if result and result.get("vulns")
    }


def main(packages: list[Package], database: str) -> int:
    try:
        found = known(packages, database)
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"没有查成：连不上漏洞库（{database}），{len(packages)} 个软件包一个也没有核对。请在能上网的电脑上再运行一次 make audit。")
        print(f"  {type(error).__name__}: {getattr(error, 'reason', error)}")
        return 2
    for package, ids in found.items():
        print(f"{package}: {', '.join(ids)}")
    print(
        f"核对了 {len(packages)} 个软件包："
        + (f"{len(found)} 个有已知漏洞，请按 docs/security.md 的期限更新。" if found else "没有已知漏洞。")
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pinned(*LOCKS) + in_browsers(), os.environ.get("SHULIN_OSV", DATABASE).rstrip("/")))
