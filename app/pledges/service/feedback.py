"""半年反馈: the community's word about those who reported in, for the home branch. Called inside a write transaction.

Rows are never changed: a correction is the next version, with its reason. Nobody writes about themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Action
from app.people import queries as people
from app.pledges import queries
from app.pledges.models import FeedbackEntry
from app.pledges.rules import KINDS_KEY, FeedbackLine, Grade, Half, OfferKind
from app.settings import service as settings
from app.worklist.service import notify_all

OWN = "/report-in"


@dataclass(frozen=True)
class Written:
    """How many words were written, and how many were there already and stay as they are."""

    fresh: int
    known: int


def give_feedback(unit_id: int, half: Half, lines: Sequence[FeedbackLine], by_id: int, now: datetime) -> Written:
    """First words for a half. Who has one already keeps it: changing it is a correction. Raises Refused for a word about oneself."""
    writing()
    unit = people.unit(unit_id)
    if unit is None:
        raise NotFound
    if any(line.person_id == by_id for line in lines):
        raise Refused("给自己的反馈要由另一位来写。")
    rows = [
        {
            "person_id": line.person_id,
            "unit_id": unit_id,
            "half": half.key,
            "version": 1,
            "grade": line.grade,
            "words": line.words,
            "reason": "",
            "made_by_id": by_id,
            "made_at": now,
        }
        for line in lines
    ]
    if not rows:
        return Written(0, 0)
    adding = upsert(FeedbackEntry.__table__).values(rows).on_conflict_do_nothing().returning(FeedbackEntry.id, FeedbackEntry.person_id)
    made = db.session.execute(adding).all()
    audit.record_all(
        by_id,
        [("feedback", "person", person_id, {"feedback": entry_id, "unit": unit_id, "half": half.key}) for entry_id, person_id in made],
    )
    _tell([person_id for _, person_id in made], unit.name, half.name, by_id, now)
    return Written(len(made), len(rows) - len(made))


def correct_feedback(entry_id: int, grade: Grade, words: str, reason: str, by_id: int, now: datetime) -> int:
    """The next version of a word, with its reason; the old one stays. Returns its id.

    Raises Refused for a word about oneself, Conflict when somebody has corrected it since.
    """
    writing()
    old = queries.entry(entry_id)
    if old is None:
        raise NotFound
    if old.person_id == by_id:
        raise Refused("给自己的反馈要由另一位来改。")
    adding = upsert(FeedbackEntry.__table__).values(
        person_id=old.person_id,
        unit_id=old.unit_id,
        half=old.half,
        version=old.version + 1,
        grade=grade,
        words=words,
        reason=reason,
        made_by_id=by_id,
        made_at=now,
    )
    made = db.session.execute(adding.on_conflict_do_nothing().returning(FeedbackEntry.id)).scalar_one_or_none()
    if made is None:
        raise Conflict("这条反馈刚刚有人更正过，请看过新的再改。")
    audit.record(
        by_id, "feedback.correction", "person", old.person_id, feedback=made, before=entry_id, version=old.version + 1, reason=reason
    )
    _tell([old.person_id], old.unit_name, f"{old.half_name}（更正）", by_id, now)
    return int(made)


def _tell(person_ids: Collection[int], unit_name: str, half_name: str, by_id: int, now: datetime) -> None:
    """The members, and the secretary of each home branch with how many of theirs there are."""
    today = local_date(now)
    homes = people.home_units_on(person_ids, today)
    counts: dict[int, int] = {}
    for home in homes.values():
        counts[home] = counts.get(home, 0) + 1
    for home, count in counts.items():
        told = nearest(deciders(home, Action.PERSON_EDIT, today, {by_id}))
        notify_all({one.person_id: f"{unit_name}写了{half_name}反馈，您支部 {count} 位" for one in told}, f"/pledges?unit={home}")
    notify_all(dict.fromkeys(person_ids, f"{unit_name}给您写了{half_name}反馈"), OWN)


def set_rule(kinds: Collection[OfferKind], by_id: int, now: datetime) -> None:
    """Which two kinds are asked for here (本地规定)."""
    settings.put(KINDS_KEY, {"kinds": [kind.value for kind in OfferKind if kind in kinds]}, by_id, now)
