"""One list of names that waits for a second person, and one record that its owner says is not right."""

from collections.abc import Sequence
from datetime import datetime

from app.activities import queries as activities
from app.checkin import queries as checkin
from app.claims import service
from app.claims.rules import BatchKind, NamedSpell, Naming
from app.core.db import in_transaction

WORK = "/work"
SAID = "我那天做到收摊才走，手机没电，签退记早了"


def load(*, activity_id: int, shift_id: int, maker_id: int, person_ids: Sequence[int], now: datetime) -> int:
    """Name `person_ids` at a shift that has begun; returns the list's id. Who may confirm must have an account already.

    Where the first of them has a record of another activity, they dispute it.
    """
    shift = activities.shift(shift_id)
    assert shift, "the shift is loaded before"  # noqa: S101
    spells = tuple(NamedSpell(person_id, shift.starts_at, shift.last_end) for person_id in person_ids)
    naming = Naming(activity_id, shift_id, BatchKind.TICKED, spells, "签到表存在支部")
    batch_id = in_transaction(lambda: service.name_people(naming, maker_id, WORK, now))
    records = [(person_id, row.id) for person_id in person_ids for row in checkin.spells_of_person(person_id)[:1] if row.out_at]
    if records:
        person_id, record = records[0]
        in_transaction(lambda: service.dispute(record, person_id, SAID, WORK, now))
    return batch_id
