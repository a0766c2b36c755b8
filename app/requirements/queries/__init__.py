"""Reading 双50: the versions of the rule, the progress of one person or of thousands, what was confirmed."""

from app.requirements.queries.moving import Moved, WhatIf, what_if
from app.requirements.queries.packs import (
    Difference,
    PackRow,
    Receipt,
    difference,
    evidence,
    former_packs,
    has_packs,
    pack,
    packs_of,
)
from app.requirements.queries.progress import facts_of, progress_of, stages_with_progress
from app.requirements.queries.sets import (
    ChoiceRow,
    Rulebook,
    Version,
    active_needs,
    choice,
    choices,
    holding,
    needs_of,
    rulebook,
    version,
    versions,
    waiting_choices_count,
)
from app.requirements.queries.table import Line, lines, waiting, waiting_count

__all__ = [
    "ChoiceRow",
    "Difference",
    "Line",
    "Moved",
    "PackRow",
    "Receipt",
    "Rulebook",
    "Version",
    "WhatIf",
    "active_needs",
    "choice",
    "choices",
    "difference",
    "evidence",
    "facts_of",
    "former_packs",
    "has_packs",
    "holding",
    "lines",
    "needs_of",
    "pack",
    "packs_of",
    "progress_of",
    "rulebook",
    "stages_with_progress",
    "version",
    "versions",
    "waiting",
    "waiting_choices_count",
    "waiting_count",
    "what_if",
]
