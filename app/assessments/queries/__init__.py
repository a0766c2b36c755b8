"""Reading assessments, and taking the figures for them."""

from app.assessments.queries.behind import EntryRow, entries, line_now
from app.assessments.queries.figures import ASSESSED, Taken, take
from app.assessments.queries.read import (
    Figures,
    Own,
    Row,
    StepRow,
    assessment,
    figures,
    makers,
    names_of,
    of_unit,
    of_units,
    own,
    remarks,
    steps,
    waiting,
    waiting_count,
)

__all__ = [
    "ASSESSED",
    "EntryRow",
    "Figures",
    "Own",
    "Row",
    "StepRow",
    "Taken",
    "assessment",
    "entries",
    "figures",
    "line_now",
    "makers",
    "names_of",
    "of_unit",
    "of_units",
    "own",
    "remarks",
    "steps",
    "take",
    "waiting",
    "waiting_count",
]
