"""What is typed about merges."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from app.core.errors import Invalid
from app.webkit.forms import one_text

LONGEST = 200


def words(form: "MultiDict[str, str]", name: str, missing: str) -> str:
    """A reason. Raises Invalid where it is missing or too long."""
    typed = one_text(form, name, "这里", longest=LONGEST, required=False)
    if not typed:
        raise Invalid({name: missing})
    return typed


def how_known(form: "MultiDict[str, str]") -> str:
    """Why two records are of two people; may be empty. Raises Invalid."""
    return one_text(form, "why", "怎么知道的", longest=LONGEST, required=False)


def number(form: Mapping[str, str], name: str) -> int:
    """An id out of a hidden field; 0, which nobody has, where it is none."""
    typed = form.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
