"""Whoever writes a reason, a note or a particular into the audit says whose it is, or it is said here why it is nobody's."""

import ast

import pytest

from app.audit.personal import OF_ACTIONS, SAID, about_whom, personal_fields
from app.audit.vocabulary import WORDS
from tests.audit.collect import calls

sqlite_only = True
NOBODYS = {
    "fund.": "decisions about money of a project, a purpose, a limit: kept whole for thirty years",
    "bank.": "decisions about a line of a bank statement: kept with the accounts",
    "activity.": "about an activity, told to everybody in it",
    "assessment.": "about a branch's table as a whole; what is said of one member stands in assessment_remark",
    "scheme_draft.": "about a scheme of points",
    "report.": "about a report of a unit",
    "opening_figure": "where a figure of the whole subdistrict comes from",
    "import.": "headings of a table's columns",
    "wish.payment_removal": "why a payment was linked to the wrong wish",
    "requirement_set": "about a rule",
    "merge": "why two records are one person, decided by two people; both persons are named by id",
}


def said() -> list[tuple[str, str, set[str], bool]]:
    """(file and line, action as written, fields, whether the call says whom it is about)."""
    found = []
    for file, call in calls():
        given = [(call.args[1:], {word.arg: word.value for word in call.keywords if word.arg})]
        if call.func.attr == "record_all":
            rows = [one.elts for one in ast.walk(call.args[1]) if isinstance(one, ast.Tuple) and len(one.elts) == 4]
            given = [
                (
                    elts[:3],
                    {
                        str(key.value): value
                        for key, value in zip(elts[3].keys, elts[3].values, strict=True)
                        if isinstance(key, ast.Constant)
                    },
                )
                for elts in rows
                if isinstance(elts[3], ast.Dict)
            ]
        for args, fields in given:
            subject = args[1] if len(args) > 1 else None
            about = "person" in fields or (isinstance(subject, ast.Constant) and subject.value == "person")
            found.append((f"{file}:{call.lineno}", ast.unparse(args[0]).removeprefix("f").strip("'"), set(fields), about))
    return found


def test_whoever_writes_about_somebody_says_whom():
    unsaid = [
        (where, action, sorted(fields & SAID))
        for where, action, fields, about in said()
        if fields & SAID and not about and not action.startswith(tuple(NOBODYS))
    ]
    assert not unsaid, f"give the call `person=…`, or say in NOBODYS why it is about nobody: {unsaid}"


def test_actions_with_fields_of_their_own_are_known():
    assert set(OF_ACTIONS) <= WORDS.keys()


@pytest.mark.parametrize(
    ("subject", "subject_id", "detail", "whose"),
    [
        ("person", 3, {"reason": "x"}, 3),
        ("signup", 9, {"person": 4, "reason": "x"}, 4),
        ("person", 3, {"person": 4}, 4),
        ("fund_project", 9, {"note": "x"}, None),
        ("signup", 9, {"person": True}, None),
    ],
)
def test_whose_a_row_is(subject, subject_id, detail, whose):
    assert about_whom(subject, subject_id, detail) == whose


def test_which_fields_are_personal():
    assert personal_fields("person.stage", {"before": "activist", "after": "candidate", "on": "2026-01-01"}) == ["before", "after", "on"]
    assert personal_fields("person.transfer", {"before": 3, "after": 4, "on": "2026-01-01"}) == []
    assert personal_fields("post_term.end", {"term": 3, "person": 4, "note": ""}) == []
    assert personal_fields("post_term.end", {"term": 3, "person": 4, "note": "搬走了"}) == ["note"]
