"""Reading an audit row: what was done, what changed, which ids in it have names. Pure."""

from dataclasses import dataclass
from typing import Any

from app.audit.details import DETAILS, RECORDS
from app.audit.vocabulary import WORDS, Group

A_PAGE = 50
MOST_EXPORTED = 10_000
PEOPLE_NAMED = 5  # of a list in a detail


PERSON_KEYS = frozenset(
    {"person", "proxy", "walk_in", "stays", "goes", "other_record", "approved_by", "who", "stands_for", "deputy", "made_by"}
)
ID_KINDS = {"unit": "unit", "activity": "activity", "shift": "shift", "place": "place", "place_id": "place", "project": "fund_project"}
CHANGED_ID = {"unit.move": "unit", "place.move": "place", "person.transfer": "unit", "report_in": "unit"}  # before and after are ids
AFTER_KEYS = {"report_in": "unit", "post.edit": "seats", "feedback.correction": "feedback"}  # what came after has a word of its own


def words(action: str) -> str:
    """What was done. An action that nobody gave words to is shown as it is, never hidden."""
    return WORDS[action][1] if action in WORDS else action


def actions_of(group: Group) -> list[str]:
    return [action for action, (its, _) in WORDS.items() if its is group]


@dataclass(frozen=True)
class Change:
    """One value before and after, both as they were written; `kind` where they are ids of something that has a name."""

    name: str
    before: Any
    after: Any
    kind: str | None = None


def changes(action: str, detail: dict[str, Any]) -> list[Change]:
    """What changed, from the ways in which features write it: before/after, whole or by part, or `changes` by field."""
    found: list[Change] = []
    if "before" in detail or "after" in detail:
        before, after = detail.get("before"), detail.get("after", detail.get(AFTER_KEYS.get(action, "")))
        if AFTER_KEYS.get(action) in RECORDS:
            return found
        if isinstance(before, dict) or isinstance(after, dict):
            was, now = before if isinstance(before, dict) else {}, after if isinstance(after, dict) else {}
            found += [
                Change(DETAILS.get(str(key), str(key)), was.get(key), now.get(key), kind_of(action, str(key)))
                for key in dict.fromkeys([*was, *now])
                if was.get(key) != now.get(key)
            ]
        else:
            found.append(Change("", before, after, CHANGED_ID.get(action)))
    by_field = detail.get("changes")
    if isinstance(by_field, str):  # of somebody who was erased: nobody can tell any more
        found.append(Change("", by_field, by_field))
    if isinstance(by_field, dict):
        for key, value in by_field.items():
            if isinstance(value, list) and len(value) == 2:
                found.append(Change(DETAILS.get(str(key), str(key)), *value))
            elif isinstance(value, dict):
                found.append(Change(DETAILS.get(str(key), str(key)), value.get("before"), value.get("after")))
            else:
                found.append(Change(DETAILS.get(str(key), str(key)), None, value))
    return found


def rest(action: str, detail: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the change."""
    told = {"before", "after", "changes"} | ({AFTER_KEYS[action]} if action in AFTER_KEYS and "before" in detail else set())
    return {key: value for key, value in detail.items() if key not in told and value not in (None, "", []) and not _is_record(key, value)}


def records(action: str, detail: dict[str, Any]) -> dict[str, Any]:
    """Numbers of rows, for whoever has to find one in the database."""
    if AFTER_KEYS.get(action) in RECORDS and detail.get("before") is not None:
        detail = detail | {AFTER_KEYS[action]: [detail["before"], detail.get(AFTER_KEYS[action])]}
    return {key: value for key, value in detail.items() if _is_record(key, value)}


def _is_record(key: str, value: Any) -> bool:
    numbers = value if isinstance(value, list) else [value]
    return key in RECORDS and bool(numbers) and all(isinstance(one, int) for one in numbers)


def kind_of(action: str, key: str) -> str | None:
    """What an id under this key is the id of: what a place hangs under is a place, what a unit hangs under a unit."""
    if key in PERSON_KEYS:
        return "person"
    return action.partition(".")[0] if key == "parent" else ID_KINDS.get(key)


def named_ids(action: str, detail: dict[str, Any]) -> list[tuple[str, int]]:
    """(kind, id) of everything in a detail that has a name of its own, so that all names are read at once."""
    found: list[tuple[str, int]] = []
    for key, value in detail.items():
        kind = kind_of(action, key)
        if kind and isinstance(value, int) and not isinstance(value, bool):
            found.append((kind, value))
        elif key == "people" and isinstance(value, list):
            found += [("person", one) for one in value[:PEOPLE_NAMED] if isinstance(one, int)]
        elif key == "shifts" and isinstance(value, list):
            found += [("shift", one) for one in value[:PEOPLE_NAMED] if isinstance(one, int)]
    for change in changes(action, detail):
        if change.kind:
            found += [(change.kind, one) for one in (change.before, change.after) if isinstance(one, int)]
    return found


def shown(value: Any) -> str:
    """A value that is no id, for people."""
    if value is None or value == "":
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(shown(one) for one in value[:20]) + (f" 等 {len(value)} 项" if len(value) > 20 else "") or "空"
    if isinstance(value, dict):
        return "，".join(f"{DETAILS.get(key, key)} {shown(one)}" for key, one in value.items()) or "空"
    return str(value)
