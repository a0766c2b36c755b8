"""What a 补充协议 may say. Pure; all money in fen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.fund.stage_rules import After, Instalment, instalments_fault

PARTS = 6  # instalments that a contract has at most


@dataclass(frozen=True)
class AmendmentDraft:
    """`parts` by the place of the instalment: those that hold from now on, all of them."""

    number: str
    signed_on: date
    fen: int
    reason: str
    parts: Mapping[int, Instalment]


def faults(
    wanted: AmendmentDraft, standing: Mapping[int, tuple[Instalment, int]], agreed: int, budget: int, scored: bool
) -> dict[str, str]:
    """By field. `standing`: what holds now, with what was granted of it; `agreed`: the sum of now; `scored`: there is a midterm.

    What was granted stays as it was: no less than that, on the same day, under the same condition.
    """
    found: dict[str, str] = {}
    if fault := instalments_fault(wanted.fen, budget, [part.fen for part in wanted.parts.values()]):
        found["fen"] = fault
    last: date | None = None
    for place in sorted({*wanted.parts, *standing}):
        part = wanted.parts.get(place)
        was, granted = standing.get(place, (None, 0))
        if granted and was is not None and (part is None or part.fen < granted):
            found[f"part_{place}"] = f"第 {place} 期已经拨了一些，不能少于已拨的"
        elif (
            part is not None and granted and was is not None and (part.due_on, part.after, part.words) != (was.due_on, was.after, was.words)
        ):
            found[f"part_{place}"] = f"第 {place} 期已经拨了一些，只能改金额"
        if part is None:
            continue
        if part.due_on < (last or wanted.signed_on) and not granted:
            found[f"due_{place}"] = f"第 {place} 期的日期应在签订以后，一期比一期晚"
        if part.after is After.MIDTERM and not scored:
            found[f"after_{place}"] = "这一类项目没有中期检查"
        last = max(part.due_on, last or part.due_on)
    same = wanted.fen == agreed and dict(wanted.parts) == {place: part for place, (part, _) in standing.items()}
    if same and not found:
        found["part_1"] = "和现在的分期一样，没有要改的"
    return found
