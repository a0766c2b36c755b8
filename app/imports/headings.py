"""本单位的表头: what an office's own heading words mean, said once and read the next time. Called inside write transactions."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete

from app.audit import service as audit
from app.core.db import db, upsert, writing
from app.imports.models import ImportHeading
from app.imports.rules import Column


def learn(unit_id: int, said: Mapping[str, Column | None], actor_id: int | None, now: datetime) -> None:
    """None: a column that is not used. What was said of a word before gives way."""
    writing()
    for word, means in said.items():
        values = {"means": means, "made_by_id": actor_id, "made_at": now}
        saying = upsert(ImportHeading).values(unit_id=unit_id, word=word, **values)
        db.session.execute(saying.on_conflict_do_update(index_elements=["unit_id", "word"], set_=values))
    audit.record(actor_id, "import.headings", "unit", unit_id, words={word: means.value if means else None for word, means in said.items()})


def forget(heading_id: int, actor_id: int | None) -> None:
    """The next file with this word asks again."""
    writing()
    gone = delete(ImportHeading).where(ImportHeading.id == heading_id).returning(ImportHeading.unit_id, ImportHeading.word)
    if found := db.session.execute(gone).one_or_none():
        audit.record(actor_id, "import.heading_removal", "unit", found.unit_id, word=found.word)
