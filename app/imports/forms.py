"""What columns are; what was decided about a preview."""

from collections.abc import Collection, Iterable, Mapping

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.core.identity import holds_id_number
from app.imports.planning import Answer
from app.imports.rules import LONGEST_WORD, SYNONYMS, Column
from app.imports.status import NewUnit

MOST_WORDS = 60
UNUSED = "unused"
ANSWER_CHOICES = [("later", "先不处理"), (Answer.SAME.value, "是同一人，换号"), (Answer.OTHER.value, "是另一个人")]

SHARE_CHOICES = [("later", "先不处理"), (Answer.OTHER.value, "两人合用这个号码")]


def column_choices(known: Collection[Column]) -> list[tuple[str, str]]:
    """What a column may be said to be: what the sheet does not have already, or not used."""
    return [*((column.value, words[0]) for column, words in SYNONYMS.items() if column not in known), (UNUSED, "不用这一列")]


def meanings(values: "MultiDict[str, str]") -> dict[str, Column | None]:
    """What each heading word is said to mean (None: not used); words without a choice are left out. Raises Invalid (field `means`)."""
    said: dict[str, Column | None] = {}
    for word, choice in list(zip(values.getlist("word"), values.getlist("means"), strict=False))[:MOST_WORDS]:
        if not word or len(word) > LONGEST_WORD or holds_id_number(word):
            continue
        if choice == UNUSED or choice in {column.value for column in Column}:
            said[word] = None if choice == UNUSED else Column(choice)
    chosen = [means for means in said.values() if means]
    if twice := next((means for means in chosen if chosen.count(means) > 1), None):
        raise Invalid({"means": f"只能有一列是{SYNONYMS[twice][0]}，请改一下"})
    return said


def decisions(values: Mapping[str, str]) -> dict[int, Answer | None]:
    """By row: same, other, or None for 先不处理. What is neither is left out."""
    words: dict[str, Answer | None] = {"later": None, **{answer.value: answer for answer in Answer}}
    return {
        int(row): words[value]
        for name, value in values.items()
        if name.startswith("answer-")
        and (row := name.removeprefix("answer-")).isascii()
        and row.isdigit()
        and len(row) < 9
        and value in words
    }


def units(values: "MultiDict[str, str]", planned: Iterable[NewUnit]) -> set[int]:
    """The new units to make: all that resemble no other by one tick, each of the others by its own."""
    ticked = set(values.getlist("unit"))
    return {one.key for one in planned if (str(one.key) in ticked if one.likes else "make_units" in values)}
