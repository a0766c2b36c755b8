"""Reading claims, disputes, and who may decide about them."""

from app.claims.queries.batches import (
    BatchRow,
    ClaimRow,
    PendingClaim,
    batch,
    pending_for,
    waiting_batches,
    waiting_batches_count,
)
from app.claims.queries.candidates import (
    Candidate,
    Group,
    UnitChoice,
    find_person,
    groups,
    names_of,
    signers,
    unavailable,
    units_with_members,
)
from app.claims.queries.deciders import Decider, deciders
from app.claims.queries.disputes import (
    DisputeRow,
    dispute,
    disputes_about,
    disputes_of,
    own_record,
    waiting_disputes,
    waiting_disputes_count,
)

__all__ = [
    "BatchRow",
    "Candidate",
    "ClaimRow",
    "Decider",
    "DisputeRow",
    "Group",
    "PendingClaim",
    "UnitChoice",
    "batch",
    "deciders",
    "dispute",
    "disputes_about",
    "disputes_of",
    "find_person",
    "groups",
    "names_of",
    "own_record",
    "pending_for",
    "signers",
    "unavailable",
    "units_with_members",
    "waiting_batches",
    "waiting_batches_count",
    "waiting_disputes",
    "waiting_disputes_count",
]
