"""What is written down for good, or for everybody, holds no name, no number and no address."""

from app.core.errors import Invalid
from app.wishes.public_words import fault as public_fault
from app.wishes.queries.facts import names_to_keep_out, places_to_keep_out
from app.wishes.rules import PublicWords


def check_words(wish_id: int | None, words: PublicWords) -> None:
    """Raises Invalid, by field, for what must not stand on a public page."""
    both = f"{words.title}\n{words.words}"
    names, places = names_to_keep_out(wish_id, both), places_to_keep_out(both)
    faults = {field: said for field in ("title", "words") if (said := public_fault(getattr(words, field), names, places))}
    if faults:
        raise Invalid(faults)


def check_note(wish_id: int, note: str) -> None:
    """The same for what was given, for the thanks, and for every reason: rows that stay for good hold nobody's name or number."""
    if said := public_fault(note, names_to_keep_out(wish_id, note), places_to_keep_out(note)):
        raise Invalid({"note": said})
