"""What the query strings of the public pages and files say; nonsense is as nothing."""

from typing import Any

from flask import request

from app.fund import rules
from app.fund.queries import finding
from app.fund.queries.books import Way
from app.fund.queries.corrections import What
from app.fund.queries.figures import OVER
from app.fund.queries.finding import Sought
from app.webkit.forms import tidy

SHOWN = {"running": tuple(rules.PUBLIC_STAGES - OVER), "closed": tuple(OVER), "all": tuple(rules.PUBLIC_STAGES)}
KINDS = [(kind.value, words) for kind, words in rules.PROJECT_KIND_NAMES.items()]


def number(name: str, default: int = 0) -> int:
    """A small whole number of the query string; anything else is the default."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else default


def page_number() -> int:
    return max(1, number("page", 1))


def show(default: str) -> str:
    """Which stages of projects: a key of `SHOWN`."""
    given = request.args.get("show", default)
    return given if given in SHOWN else default


def sought() -> Sought:
    year, kind, community = number("year"), request.args.get("kind", ""), number("community", -1)
    return Sought(
        year=year if 2000 <= year <= 2100 else None,
        kind=rules.ProjectKind(kind) if kind in set(rules.ProjectKind) else None,
        community=community if community >= 0 else None,
        purpose=number("purpose") or None,
        search=tidy(request.args.get("q", ""))[:40],
    )


def asked(found: Sought) -> dict[str, Any]:
    """The same as parts of an address; what is not asked for is left out."""
    parts = {
        "year": found.year,
        "kind": found.kind.value if found.kind else None,
        "community": found.community,
        "purpose": found.purpose,
        "q": found.search or None,
    }
    return {name: value for name, value in parts.items() if value is not None}


def way() -> Way:
    given = request.args.get("way", "")
    return Way(given) if given in set(Way) else Way.ALL


def what() -> What:
    given = request.args.get("what", "")
    return What(given) if given in set(What) else What.MONEY


def communities() -> list[tuple[int, str]]:
    """For a form's choice, and last what is of none; one query."""
    return [*((id_, name.removesuffix("党委")) for id_, name in finding.communities()), (finding.NOWHERE, "不在社区里的")]
