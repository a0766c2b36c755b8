"""Reading the fund: the books, projects, requests, and the proof that everything derived agrees with the ledger."""

from app.fund.queries.amounts import own_money, signed_fen, spent_fen
from app.fund.queries.books import movements
from app.fund.queries.checks import disagreements
from app.fund.queries.figures import policy, totals, year_figures
from app.fund.queries.project_page import page
from app.fund.queries.projects import figures_of, project_cards
from app.fund.queries.requests import own_units, standing, unfinished, waiting

__all__ = [
    "disagreements",
    "figures_of",
    "movements",
    "own_money",
    "own_units",
    "page",
    "policy",
    "project_cards",
    "signed_fen",
    "spent_fen",
    "standing",
    "totals",
    "unfinished",
    "waiting",
    "year_figures",
]
