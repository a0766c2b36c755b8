"""Reading assessments, and taking the figures for them."""

from app.assessments.queries.figures import ASSESSED, Taken, in_order, lines_of, take
from app.assessments.queries.read import (
    Figures,
    Own,
    Row,
    StepRow,
    assessment,
    figures,
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
    "Figures",
    "Own",
    "Row",
    "StepRow",
    "Taken",
    "assessment",
    "figures",
    "in_order",
    "lines_of",
    "of_unit",
    "of_units",
    "own",
    "remarks",
    "steps",
    "take",
    "waiting",
    "waiting_count",
]
