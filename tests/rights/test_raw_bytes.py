"""After an erasure the bytes are gone from SQLite's files as well: no page in use or free, and no page of the log holds them."""

from datetime import date
from pathlib import Path

from app.core import clock
from app.core.db import db, in_transaction
from app.people import service as people
from app.people.rules import Gender
from tests.rights.conftest import given_everything

sqlite_only = True
WORDS = ("欧阳敏仪", "欧阳敏宜", "13822223333", "13911180001", "会粤剧", "住在三座")


def found_on_disk() -> list[str]:
    """Which of the words stand in the database file or in its log."""
    db.session.remove()
    file = Path(str(db.engine.url.database))
    held = b"".join(one.read_bytes() for one in (file, file.with_name(f"{file.name}-wal")) if one.exists())
    return [word for word in WORDS if word.encode() in held]


def edited(place, name: str, note: str) -> None:
    in_transaction(lambda: people.edit_profile(place.person, name, Gender.FEMALE, date(1980, 5, 1), note, place.secretary))


def test_names_numbers_and_notes_of_who_was_erased_stand_in_no_file(place, as_person):
    """Also what was written before and replaced since."""
    given_everything(place)
    edited(place, "欧阳敏宜", "住在三座")
    edited(place, "欧阳敏仪", "会粤剧")
    in_transaction(lambda: people.add_phone(place.person, "13911180001", clock.today()))
    assert "欧阳敏仪" in found_on_disk()
    request_id = place.ask()
    assert as_person(place.administrator).post(f"/rights/{request_id}/approval").status_code == 303
    assert found_on_disk() == []
