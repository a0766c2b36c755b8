"""What everyone may see, without signing in."""

from flask import Response, request

from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.fund import papers, queries, rules
from app.fund.blueprint import bp
from app.fund.queries import books, projects
from app.fund.queries.books import Way
from app.fund.sections import Place, shown, shown_on_overview
from app.people.queries import is_below
from app.webkit.guards import actor_or_none, public
from app.webkit.htmx import render

SHOWN = {"running": tuple(rules.PUBLIC_STAGES - books.OVER), "closed": tuple(books.OVER), "all": tuple(rules.PUBLIC_STAGES)}
WAYS = {Way.ALL: "全部", Way.IN: "收入", Way.OUT: "支出", Way.FIXED: "更正"}


def number(name: str, default: int = 0) -> int:
    """A small whole number of the query string; anything else is the default."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else default


@bp.get("/fund")
@public
def index() -> Response:
    show = request.args.get("show", "running")
    show = show if show in SHOWN else "running"
    search = request.args.get("q", "").strip()[:40]
    page = max(1, number("page", 1))
    cards = queries.project_cards(SHOWN[show], search, page)
    today = clock.today()
    return render(
        "fund/index.html",
        totals=queries.totals(),
        year=queries.year_figures(today.year),
        cards=cards[: projects.PAGE],
        more=len(cards) > projects.PAGE,
        page_no=page,
        show=show,
        search=search,
        policy=queries.policy(today),
        corrections=queries.movements(Way.FIXED, size=5),
        sections=[] if search or page > 1 else shown_on_overview(actor_or_none()),
        rules=rules,
    )


@bp.get("/fund/projects/<int:project_id>")
@public
def project(project_id: int) -> Response:
    """Before it is public it is for its unit's people and the fund's only."""
    found = queries.page(project_id)
    actor = actor_or_none()
    today = clock.today()
    staff = actor is not None and found is not None and is_below(found.unit_id, actor.roots(Action.FUND_READ), today)
    own = actor is not None and found is not None and is_below(found.unit_id, actor.roots(Action.PROJECT_PROPOSE), today)
    if found is None or (found.card.stage not in rules.PUBLIC_STAGES and not staff and not own):
        raise NotFound
    officer = actor is not None and is_below(found.unit_id, actor.roots(Action.FUND_MANAGE), today)
    first, last = found.card.starts_on, max(today, found.card.ends_on)
    newest = queries.movements(project_id=project_id, size=12)
    return render(
        "fund/project.html",
        project=found,
        sections=shown(found, actor),
        Place=Place,
        card=found.card,
        books=newest,
        papers=_papers(newest),
        linked=books.linked_service(project_id, first, last),
        staff=staff,
        officer=officer,
        rules=rules,
    )


@bp.get("/fund/entries")
@public
def entries() -> Response:
    """Every movement behind the figures, with the sum of what is shown."""
    given = request.args.get("way", "")
    way = Way(given) if given in set(Way) else Way.ALL
    year, project_id = number("year"), number("project")
    found = projects.card(project_id) if project_id else None
    if project_id and (found is None or found.stage not in rules.PUBLIC_STAGES):
        raise NotFound
    year = year if 2000 <= year <= 2100 else 0
    shown_ones = queries.movements(way, year or None, project_id or None, max(1, number("page", 1)))
    return render(
        "fund/entries.html",
        books=shown_ones,
        papers=_papers(shown_ones),
        way=way,
        ways=WAYS,
        year=year,
        years=books.years(),
        card=found,
        rules=rules,
    )


def _papers(shown_ones: books.Books) -> dict[int, int]:
    """How many papers everybody may read behind each entry."""
    return papers.counts([row.voucher_no for row in shown_ones.rows], public=True)


@bp.get("/fund/services")
@public
def services() -> Response:
    """Every 服务人次 behind the figure, with the sum of what is shown."""
    year, page = number("year"), max(1, number("page", 1))
    year = year if 2000 <= year <= 2100 else 0
    rows, count, total = books.served(year or None, page)
    return render(
        "fund/services.html",
        rows=rows,
        count=count,
        total=total,
        page_no=page,
        pages=max(1, -(-count // books.PAGE)),
        year=year,
        years=books.years(),
        totals=queries.totals(),
    )
