"""Every column of words has a policy for when somebody is erased, and every table about somebody is in what they may take with them."""

import re

from sqlalchemy import JSON, Enum, String

from app.core.db import Base
from app.merges.policies import ABOUT
from app.rights.policies import BLANKS, BY_HAND, REMOVED, WHY_KEPT, Fate, policies
from app.rights.sections import OMITTED, SECTIONS

KEEPS_A_NUMBER = re.compile(r"(id|identity|document)_?(number|card|no)$|证件号")


def words() -> set[str]:
    """Columns in which anything may be written."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)
    }


def test_every_column_of_words_has_a_policy(app):
    missing = sorted(words() - set(policies()))
    assert not missing, f"say in app/rights/policies.py what becomes of these when somebody is erased: {missing}"


def test_no_policy_is_of_a_column_that_is_not_there(app):
    gone = sorted(set(policies()) - words())
    assert not gone, f"take these out of app/rights/policies.py: {gone}"
    for blank in BLANKS:
        assert {*blank.by, *blank.also, *(column for column, _ in blank.where)} <= set(Base.metadata.tables[blank.table].c.keys())
    for table, columns in REMOVED.items():
        assert set(columns) <= set(Base.metadata.tables[table].c.keys())


def test_each_column_has_one_policy():
    named = [f"{one.table}.{column}" for one in BLANKS for column in one.columns]
    named += [f"{table}.{column}" for table, columns in BY_HAND.items() for column in columns.split()]
    named += [f"{table}.{column}" for _, _, tables in WHY_KEPT for table, columns in tables.items() for column in columns.split()]
    assert len(named) == len(set(named))


def test_what_is_kept_has_a_reason_in_words():
    for why, fate, _ in WHY_KEPT:
        assert len(why) > 8
        assert fate in (Fate.KEPT, Fate.NOBODY, Fate.FADES, Fate.ENCRYPTED)


def test_every_table_about_somebody_is_exported_or_says_why_not(app):
    about = {name.split(".")[0] for name in ABOUT} | {"rights_request", "erasure_entry"}
    left_out = sorted(about - {section.table for section in SECTIONS} - set(OMITTED) - {"person"})
    assert not left_out, f"add these to app/rights/sections.py: {left_out}"
    for section in SECTIONS:
        assert set(section.fields) <= set(Base.metadata.tables[section.table].c.keys()), section.table


def test_no_column_is_for_the_number_of_a_document(app):
    kept = [name for name in words() if KEEPS_A_NUMBER.search(name)]
    assert kept == []
