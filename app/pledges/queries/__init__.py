"""Reading 一报到两认领双管理."""

from dataclasses import dataclass
from datetime import date

from app.pledges.queries.feedback import FeedbackRow, Missing, Word, came_up, entry, missing, missing_count, newest, words_about
from app.pledges.queries.members import (
    Report,
    Seen,
    arrivals,
    at_home,
    communities,
    counts_by_community,
    find_member,
    is_party_member,
    report_of,
    reports_of,
)
from app.pledges.queries.offers import OfferRow, PledgeRow, Taker, offer, offers_of, pledge, standing, takers
from app.pledges.queries.writing import Sheet, sheet
from app.pledges.rules import KINDS_DEFAULT, KINDS_KEY, OfferKind, rule_of
from app.settings import queries as settings


def rule() -> tuple[OfferKind, ...]:
    """The two kinds that a member is asked to take on here (本地规定)."""
    return rule_of(settings.value(KINDS_KEY, dict(KINDS_DEFAULT)))


@dataclass(frozen=True)
class Reported:
    """What templates/pledges/_of_person.html shows of a member: where they reported in, what they took on, what was said."""

    report: Report | None
    held: list[PledgeRow]
    words: list[Word]
    rule: tuple[OfferKind, ...]

    @property
    def kinds(self) -> set[OfferKind]:
        """What they took on where they have reported in now."""
        return {one.kind for one in self.held if self.report and one.unit_id == self.report.unit_id}


def of_person(person_id: int, day: date) -> Reported:
    """Four queries."""
    return Reported(report_of(person_id, day), standing([person_id]).get(person_id, []), words_about(person_id), rule())


__all__ = [
    "FeedbackRow",
    "Missing",
    "OfferRow",
    "PledgeRow",
    "Report",
    "Reported",
    "Seen",
    "Sheet",
    "Taker",
    "Word",
    "arrivals",
    "at_home",
    "came_up",
    "communities",
    "counts_by_community",
    "entry",
    "find_member",
    "is_party_member",
    "missing",
    "missing_count",
    "newest",
    "of_person",
    "offer",
    "offers_of",
    "pledge",
    "report_of",
    "reports_of",
    "rule",
    "sheet",
    "standing",
    "takers",
    "words_about",
]
