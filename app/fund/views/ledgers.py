"""The public books: every entry, every 服务人次, who gave, what is set aside for a purpose, what was put right."""

from flask import Response

from app.core import clock
from app.core.errors import NotFound
from app.fund import queries, rules
from app.fund.blueprint import bp
from app.fund.queries import books, corrections, donors, overview, projects
from app.fund.queries.books import Way
from app.fund.queries.corrections import What
from app.fund.views import looking
from app.fund.views.public import of_papers
from app.webkit.guards import public
from app.webkit.htmx import render

WAYS = {Way.ALL: "全部", Way.IN: "收入", Way.OUT: "支出", Way.INSIDE: "内部划转", Way.FIXED: "更正"}
WHATS = {What.MONEY: "账目", What.PEOPLE: "服务人次", What.WORDS: "进展", What.REPORTS: "结项报告"}


@bp.get("/fund/entries")
@public
def entries() -> Response:
    """Every movement behind the figures, with the sum of what is shown."""
    way, sought, project_id, donor_of = looking.way(), looking.sought(), looking.number("project"), looking.number("donor")
    found = projects.card(project_id) if project_id else None
    if project_id and (found is None or found.stage not in rules.PUBLIC_STAGES):
        raise NotFound
    where = books.matching(way, sought, clock.today(), project_id or None, donor_of or None)
    shown_ones = queries.movements(way, page=looking.page_number(), where=where)
    kept = looking.asked(sought) | ({"project": project_id} if project_id else {}) | ({"donor": donor_of} if donor_of else {})
    return render(
        "fund/entries.html",
        books=shown_ones,
        papers=of_papers(shown_ones),
        way=way,
        ways=WAYS,
        sought=sought,
        asked=kept,
        year_options=[(year, f"{year} 年") for year in books.years()],
        kind_options=looking.KINDS,
        communities=[] if found else looking.communities(),
        card=found,
        rules=rules,
    )


@bp.get("/fund/services")
@public
def services() -> Response:
    """Every 服务人次 behind the figure, with the sum of what is shown."""
    sought, page = looking.sought(), looking.page_number()
    rows, count, total = books.served(sought, clock.today(), page)
    return render(
        "fund/services.html",
        rows=rows,
        count=count,
        total=total,
        page_no=page,
        pages=max(1, -(-count // books.PAGE)),
        sought=sought,
        asked=looking.asked(sought),
        year_options=[(year, f"{year} 年") for year in books.years()],
        kind_options=looking.KINDS,
        communities=looking.communities(),
        rules=rules,
    )


@bp.get("/fund/corrections")
@public
def list_corrections() -> Response:
    """What was published and then put right, with the explanation."""
    what, page, counts = looking.what(), looking.page_number(), corrections.counts()
    return render(
        "fund/corrections.html",
        rows=corrections.corrections(what, page),
        counts=counts,
        what=what,
        whats={key: words for key, words in WHATS.items() if key in counts},
        page_no=page,
        pages=max(1, -(-counts[what] // corrections.PAGE)),
        rules=rules,
    )


@bp.get("/fund/donors")
@public
def list_donors() -> Response:
    """Names only of those who agreed; the others together."""
    return render("fund/donors.html", donors=donors.donors(looking.page_number()), policy=queries.policy(clock.today()))


@bp.get("/fund/restricted")
@public
def restricted() -> Response:
    """What may be used for one thing only: what came, what went, what is there."""
    return render("fund/restricted.html", purposes=overview.purposes(), totals=queries.totals())
