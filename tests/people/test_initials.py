"""Initials: how names are typed to find them."""

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import db, in_transaction
from app.people import service as people
from app.people.models import Person
from app.people.naming import initials
from app.people.rules import Origin, UnitKind
from tests.imports.sheet import file, write


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("何嘉怡", "hjy"),
        ("曾小敏", "zxm"),
        ("单田芳", "stf"),
        ("解晓东", "xxd"),
        ("区美玲", "oml"),
        ("仇英", "qy"),
        ("查良镛", "zly"),
        ("覃伟强", "qwq"),
        ("欧阳修", "oyx"),
        ("尉迟恭", "ycg"),
        ("东方", "df"),
        ("阿迪力·买买提", "adlmmt"),
        ("Anna李", "annal"),
        ("", ""),
    ],
)
def test_surnames_are_read_as_surnames(name, letters):
    assert initials(name) == letters


def test_a_name_that_sounds_as_something_else_inside_a_name_keeps_its_common_sound():
    assert initials("李曾") == "lc"


def test_a_recorded_person_has_initials_and_a_renamed_one_new_ones(make):
    person = in_transaction(lambda: people.record_person("曾小敏", Origin.SELF, clock.now()))
    assert db.session.scalar(select(Person.initials).where(Person.id == person)) == "zxm"
    secretary = make.person()
    in_transaction(lambda: people.edit_profile(person, "何小敏", None, None, "", secretary))
    db.session.expire_all()
    assert db.session.scalar(select(Person.initials).where(Person.id == person)) == "hxm"


def test_an_import_writes_them(make):
    make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    write(file({"姓名": "单小敏"}))
    assert db.session.scalar(select(Person.initials).where(Person.name == "单小敏")) == "sxm"
