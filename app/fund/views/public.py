"""What everyone may see, without signing in: the overview, the list of projects, and the page of each."""

from collections.abc import Mapping

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.core import clock
from app.core.errors import NotFound
from app.core.permissions import Action
from app.fund import papers, queries, rules
from app.fund.blueprint import bp
from app.fund.queries import books, figures, finding, office, overview, projects
from app.fund.queries.books import Way
from app.fund.sections import Place, shown, shown_on_overview
from app.fund.views import looking
from app.people.queries import is_below
from app.webkit import drawings
from app.webkit.forms import kept
from app.webkit.guards import actor_or_none, public
from app.webkit.htmx import render

NEWEST = 6  # projects on the overview; the others are one link away


@bp.get("/fund")
@public
def index() -> BaseResponse:
    """Looking for projects has a page of its own; old addresses lead there."""
    sought = looking.sought()
    if looking.asked(sought) or looking.page_number() > 1:
        return redirect(url_for("fund.list_projects", show=looking.show("running"), **looking.asked(sought)))
    today, show = clock.today(), looking.show("running")
    whole = overview.overview(today.year)
    return render(
        "fund/index.html",
        totals=whole.totals,
        year=whole.year,
        years=whole.years,
        spread=overview.spread(today),
        cards=queries.project_cards(looking.SHOWN[show])[:NEWEST],
        newest=NEWEST,
        drawings=drawings,
        show=show,
        policy=queries.policy(today),
        corrections=books.newest(Way.FIXED, 3),
        sections=shown_on_overview(actor_or_none()),
        rules=rules,
    )


@bp.get("/fund/projects")
@public
def list_projects() -> Response:
    """All that are public, by stage, year of beginning, kind, community, purpose and words."""
    show, sought, page, today = looking.show("all"), looking.sought(), looking.page_number(), clock.today()
    where = finding.of_projects(sought, today) & finding.began_in(sought)
    cards = queries.project_cards(looking.SHOWN[show], page=page, scope=where)
    return render(
        "fund/projects.html",
        cards=cards[: projects.PAGE],
        more=len(cards) > projects.PAGE,
        sums=projects.sums(looking.SHOWN[show], where),
        page_no=page,
        show=show,
        sought=sought,
        asked=looking.asked(sought),
        year_options=[(year, f"{year} 年") for year in projects.years()],
        kind_options=looking.KINDS,
        communities=looking.communities(),
        purposes=office.open_purposes(),
        rules=rules,
    )


@bp.get("/fund/projects/<int:project_id>")
@public
def project(project_id: int) -> Response:
    return project_shown(project_id)


def project_shown(project_id: int, faults: Mapping[str, str] | None = None) -> Response:
    """Before it is public it is for its unit's people and the fund's only. `faults` are those of the form that changes its stage."""
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
        status=422 if faults else 200,
        stage_faults=faults or {},
        stage_kept=kept(request.form) if faults else {},
        project=found,
        sections=shown(found, actor),
        Place=Place,
        card=found.card,
        books=newest,
        papers=of_papers(newest),
        linked=figures.linked_service(project_id, first, last),
        staff=staff,
        officer=officer,
        rules=rules,
    )


def of_papers(shown_ones: books.Books) -> dict[int, int]:
    """How many papers everybody may read behind each entry."""
    return papers.counts([row.voucher_no for row in shown_ones.rows], public=True)
