"""What is typed about merges."""

from collections.abc import Mapping

from app.core.errors import Invalid

LONGEST = 200


def words(form: Mapping[str, str], name: str, missing: str) -> str:
    """A reason. Raises Invalid where it is missing or too long."""
    typed = form.get(name, "").strip()
    if not typed:
        raise Invalid({name: missing})
    if len(typed) > LONGEST:
        raise Invalid({name: f"最多 {LONGEST} 个字"})
    return typed


def number(form: Mapping[str, str], name: str) -> int:
    """An id out of a hidden field; 0, which nobody has, where it is none."""
    typed = form.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
