"""Which values of an audit row are personal, and whose. Pure.

They are encrypted under a key of that person, so that who is erased can not be read here any more while the row and the seals over it
stay as they were. Ids are not values: whom they mean is told by other tables, which are erased there. What is said about no one person
(a project, a bank line, a unit) stays in clear: vouchers and decisions about money are kept whole for thirty years.
"""

from collections.abc import Mapping
from typing import Any

SAID = frozenset({"reason", "note", "words", "tail", "changes", "relation"})
"""Free text and particulars: personal wherever the row is about somebody."""
OF_ACTIONS: dict[str, frozenset[str]] = {
    "person.stage": frozenset({"before", "after", "on"}),
    "person.stage_date": frozenset({"before", "after", "kind"}),
    "person.stage_undo": frozenset({"kind", "on"}),
    "confirmed_pack": frozenset({"stage_name"}),
}
"""Party status: what may be known of it only while the person is."""
CLOSED = "sealed_for"  # {"sealed_for": person id, "value": what AES-GCM made of it}
VALUE = "value"
ERASED = "已按本人要求删除"
LOST = "读不出（密钥不在或内容变了）"


def about_whom(subject: str, subject_id: int | None, detail: Mapping[str, Any]) -> int | None:
    """Whose values a row holds: the person in its detail, else the one that it was done to."""
    named = detail.get("person")
    if isinstance(named, int) and not isinstance(named, bool):
        return named
    return subject_id if subject == "person" else None


def personal_fields(action: str, detail: Mapping[str, Any]) -> list[str]:
    """The fields of a detail that are encrypted, where it is about somebody. Empty values hide nothing and stay."""
    own = OF_ACTIONS.get(action, frozenset())
    return [field for field, value in detail.items() if (field in SAID or field in own) and value not in (None, "", [], {})]


def is_closed(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {CLOSED, VALUE}


def bound_to(person_id: int, action: str, field: str, at: str) -> str:
    """What a value is bound to: it opens in its own place only."""
    return f"{person_id}|{action}|{field}|{at}"
