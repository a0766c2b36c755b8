"""What becomes of the rows that have rules of their own when two records are merged. Pure: rows in, fates out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.merges.policies import Fate, Row
from app.people.rules import MembershipKind
from app.proxies.rules import Agreement

ONE_AT_A_TIME = frozenset({MembershipKind.HOME, MembershipKind.REPORTED})


@dataclass(frozen=True)
class Pair:
    """Who stays, who goes, who decides, and when."""

    stays_id: int
    goes_id: int
    by_id: int
    now: datetime
    today: date


def _set(table: str, row: Row, **after: Any) -> Fate:
    return Fate(table, row["id"], {key: row[key] for key in after}, after)


def memberships(pair: Pair, going: Sequence[Row], staying: Sequence[Row]) -> list[Fate]:
    """Open ones move where who stays has none like it, from the day after which they had none; else they end. Past ones stay behind."""
    found = []
    for row in going:
        if row["valid_to"] is not None:
            continue
        single = row["kind"] in ONE_AT_A_TIME
        like = [one for one in staying if one["kind"] == row["kind"] and (single or one["unit_id"] == row["unit_id"])]
        if any(one["valid_to"] is None or one["valid_to"] > pair.today for one in like):
            found.append(_set("membership", row, valid_to=max(row["valid_from"], pair.today)))
        else:
            since = max([row["valid_from"], *(one["valid_to"] for one in like)])
            found.append(_set("membership", row, person_id=pair.stays_id, valid_from=since))
    return found


def stages(pair: Pair, going: Sequence[Row], staying: Sequence[Row]) -> list[Fate]:
    """Two histories are never mixed: those of who stays hold, where there are any."""
    return [] if staying else [_set("stage", row, person_id=pair.stays_id) for row in going]


def consents(pair: Pair, going: Sequence[Row], staying: Sequence[Row]) -> list[Fate]:
    """What who stays has said holds, a no as well; of what they were never asked, the word of the other."""
    said = {row["kind"] for row in staying}
    return [_set("consent", row, person_id=pair.stays_id) for row in going if row["kind"] not in said]


def particulars(pair: Pair, going: Row, staying: Row) -> list[Fate]:
    """Of who stays, what nobody had put down is as the other had it."""
    missing = {name: going[name] for name in ("gender", "birth_date") if staying[name] is None and going[name] is not None}
    return [Fate("person", pair.stays_id, dict.fromkeys(missing), missing)] if missing else []


def accounts(pair: Pair, going: Sequence[Row], staying: Sequence[Row], *, proven: bool, sealed: bool) -> list[Fate]:
    """Who stays signs in as before. Without an account they take over the other, if a branch or a roster had said who that is.

    Not one that is `sealed` by a second factor: that is bound to the other record, and the password alone would be less than was asked.
    """
    return [_set("account", row, person_id=pair.stays_id) for row in going] if proven and not sealed and not staying else []


def codes(pair: Pair, going: Sequence[Row]) -> list[Fate]:
    """Nobody signs in with them any more."""
    return [_set("activation_code", row, revoked_at=pair.now) for row in going if row["used_at"] is None and row["revoked_at"] is None]


def earlier(pair: Pair, going: Sequence[Row]) -> list[Fate]:
    """Who had turned out to be the one who goes is now the one who stays."""
    return [_set("person", row, became_id=pair.stays_id) for row in going]


def past_hours(pair: Pair, going: Sequence[Row]) -> list[Fate]:
    return [_set("past_hour", row, person_id=pair.stays_id) for row in going if row["undone_at"] is None]


def twice_past(going: Sequence[Row], staying: Sequence[Row]) -> int:
    """Hours from before this system that both have, of the same day and in the same words."""
    known = {(row["served_on"], row["words"]) for row in staying if row["undone_at"] is None}
    return sum((row["served_on"], row["words"]) in known for row in going if row["undone_at"] is None)


def proxies(pair: Pair, going: Sequence[Row], staying: Sequence[Row]) -> list[Fate]:
    """Who acts for whom goes on, with the other in their place; what would be twice, or for oneself, ends. Past ones stay behind."""
    here = {(row["person_id"], row["proxy_id"]) for row in staying if row["valid_to"] is None}
    found = []
    for row in going:
        if row["valid_to"] is not None:
            continue
        sides = {side: pair.stays_id if row[side] == pair.goes_id else row[side] for side in ("person_id", "proxy_id")}
        key = (sides["person_id"], sides["proxy_id"])
        made_by = pair.stays_id if row["person_agreed"] == Agreement.OWN_PHONE and row["person_id"] == pair.goes_id else row["made_by_id"]
        witnessed = row["person_agreed"] != Agreement.IN_PERSON or made_by not in key
        if key[0] == key[1] or key in here or not witnessed:
            found.append(_set("proxy", row, valid_to=max(row["valid_from"], pair.now), ended_by_id=pair.by_id))
        else:
            here.add(key)
            changes = {
                **{side: who for side, who in sides.items() if who != row[side]},
                **({"made_by_id": made_by} if made_by != row["made_by_id"] else {}),
            }
            found.append(_set("proxy", row, **changes))
    return found


def signups(pair: Pair, going: Sequence[Row], staying: Sequence[Row], begins: Mapping[int, datetime]) -> list[Fate]:
    """One of two for the same shift: who stays keeps theirs; the other is withdrawn where the shift has not begun, else it stays behind."""
    here = {row["shift_id"] for row in staying if row["withdrawn_at"] is None}
    found = []
    for row in going:
        if row["withdrawn_at"] is not None or row["shift_id"] not in here:
            found.append(_set("signup", row, person_id=pair.stays_id))
        elif begins[row["shift_id"]] > pair.now:
            found.append(_set("signup", row, withdrawn_at=pair.now))
    return found


def uncounted(pair: Pair, going: Sequence[Row]) -> list[Fate]:
    """Spells that no entry stands for; the others go with their entries. One that who stays left out themselves stays behind."""
    return [
        _set("attendance", row, person_id=pair.stays_id)
        for row in going
        if row["credited_from"] is None and row["excluded_by_id"] != pair.stays_id
    ]


def both_inside(going: Sequence[Row], staying: Sequence[Row]) -> list[int]:
    """Shifts at which both are signed in."""
    here = {row["shift_id"] for row in staying if row["out_at"] is None}
    return sorted({row["shift_id"] for row in going if row["out_at"] is None and row["shift_id"] in here})


def overlapping(going: Sequence[Row], staying: Sequence[Row]) -> list[Row]:
    """Counted spells of who goes at a time at which one of who stays counts: the same time counts once."""
    spans = [(row["credited_from"], row["credited_to"]) for row in staying if row["credited_from"] is not None]
    return [
        row
        for row in going
        if row["credited_from"] is not None and any(begin < row["credited_to"] and end > row["credited_from"] for begin, end in spans)
    ]
