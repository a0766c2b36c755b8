"""The fund's pages: public ones, the desk, requests and their steps, and what a project publishes."""

from app.fund.blueprint import bp
from app.fund.views import (
    amendments,
    desk,
    ledgers,
    money,
    naming,
    office,
    open_data,
    paper,
    projects,
    public,
    requests,
    results,
    stages,
    steps,
    work,
)

__all__ = [
    "amendments",
    "bp",
    "desk",
    "ledgers",
    "money",
    "naming",
    "office",
    "open_data",
    "paper",
    "projects",
    "public",
    "requests",
    "results",
    "stages",
    "steps",
    "work",
]
