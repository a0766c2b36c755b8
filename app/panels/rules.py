"""A panel's scores: weights, the exact mean, places. Pure.

Each reviewer gives 0 to 100 for each criterion; a reviewer's result is the sum of score × weight (the weights are 100 in all), the
project's the mean over its reviewers. Means are compared exactly, as fractions; hundredths are for showing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.fund.rules import ProjectKind
from app.fund.stage_rules import CRITERIA_TOTAL, REVIEWERS, Criterion

LONGEST_WORDS, LONGEST_REASON = 300, 200
MOST_SEATS = 9
OWN_UNIT = "评审的项目是本人所在组织的，按规定回避"
NOT_NOW = "这个项目现在不在评审。"

Weights = Mapping[Criterion, int]
Scores = Mapping[Criterion, int]


@dataclass(frozen=True)
class Sheet:
    """What one reviewer gives."""

    scores: Scores
    words: str


@dataclass(frozen=True)
class CallDraft:
    """`cap` in fen is the most one project may ask for; None without a limit."""

    kind: ProjectKind
    title: str
    words: str
    opens_on: date
    closes_on: date
    cap: int | None
    weights: Weights


def weights_fault(weights: Weights) -> str | None:
    total = sum(weights.values())
    return None if total == CRITERIA_TOTAL else f"七项的权重加起来要正好 {CRITERIA_TOTAL}，现在是 {total}"


def weighted(scores: Scores, weights: Weights) -> int:
    """One reviewer's result in hundredths of a point, exact."""
    return sum(scores[criterion] * weights[criterion] for criterion in Criterion)


def mean(results: Sequence[int]) -> Fraction:
    """The project's result in hundredths, exact; `results` is not empty."""
    return Fraction(sum(results), len(results))


def shown(result: Fraction) -> int:
    """Whole hundredths, halves up."""
    return (2 * result.numerator + result.denominator) // (2 * result.denominator)


def places(results: Mapping[int, Fraction]) -> dict[int, int]:
    """Project → place, the best first; equal results share a place and the next ones are left out."""
    return {project: 1 + sum(other > result for other in results.values()) for project, result in results.items()}


def complete(remaining: int, scored: int) -> bool:
    """All who did not step aside have scored, and they are enough."""
    return remaining >= REVIEWERS and scored == remaining


def step_aside_fault(*, sits: bool, aside: bool, opened: bool, still_checked: bool) -> str | None:
    if not sits:
        return "您不是这个项目的评审人。"
    if aside:
        return "您已经回避了这个项目。"
    if opened:
        return "评审已经齐了，分数已公开，不能再回避。"
    return None if still_checked else NOT_NOW


def score_fault(*, sits: bool, aside: bool, scored: bool, own_unit: bool, still_checked: bool) -> str | None:
    """Why this person does not score now, in words for them."""
    if not sits:
        return "您不是这个项目的评审人。"
    if aside:
        return "您已经回避了这个项目。"
    if scored:
        return "您已经交过分，交了就不能改。"
    if own_unit:
        return "这是您所在组织的项目，按规定要回避，不能打分。"
    return None if still_checked else NOT_NOW
