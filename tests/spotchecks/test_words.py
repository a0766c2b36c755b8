"""What is said about an entry: in turn, by the right people, never changed; and whose turn it is, in Python and in SQL alike."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.spotchecks import parts
from app.spotchecks.models import SpotCheckPickEntry
from app.spotchecks.queries import checks
from app.spotchecks.rules import Finding, NoteStep, Said, Turn, outcome, turn
from app.worklist.models import Notice

FINE, QUESTION, FAULT = (Said(NoteStep.FOUND, finding, 1) for finding in Finding)
ANSWER = Said(NoteStep.ANSWERED, None, 2)


@pytest.mark.parametrize(
    ("said", "whose", "found"),
    [
        ([], Turn.AUDITOR, None),
        ([FINE], Turn.NOBODY, Finding.FINE),
        ([QUESTION], Turn.OFFICER, Finding.QUESTION),
        ([FAULT], Turn.OFFICER, Finding.FAULT),
        ([QUESTION, ANSWER], Turn.AUDITOR, Finding.QUESTION),
        ([QUESTION, ANSWER, FINE], Turn.NOBODY, Finding.FINE),
        ([QUESTION, ANSWER, QUESTION], Turn.OFFICER, Finding.QUESTION),
        ([FAULT, ANSWER, FAULT], Turn.NOBODY, Finding.FAULT),
        ([QUESTION, ANSWER, FAULT], Turn.NOBODY, Finding.FAULT),
        ([FINE, QUESTION], Turn.OFFICER, Finding.QUESTION),
    ],
)
def test_whose_turn_it_is(said, whose, found):
    assert (turn(said), outcome(said)) == (whose, found)


def waits(books, pick_id):
    """Whose turn the work list's conditions say it is."""
    found = {Turn.AUDITOR: checks.for_auditor(books.house.auditor), Turn.OFFICER: checks.for_officer(books.house.officer)}
    one = select(SpotCheckPickEntry.id).where(SpotCheckPickEntry.id == pick_id)
    said = [whose for whose, where in found.items() if db.session.scalar(one.where(where))]
    return said[0] if said else Turn.NOBODY


def test_the_work_list_agrees_with_the_rule_all_along_the_way(books):
    pick = books.pick()
    way = [Finding.FINE, Finding.QUESTION, None, Finding.QUESTION, None, Finding.FAULT]
    for said in way:
        assert waits(books, pick.id) is checks.pick(pick.id).turn
        books.answer(pick.id) if said is None else books.find(pick.id, said)
    assert waits(books, pick.id) is checks.pick(pick.id).turn is Turn.NOBODY
    assert [note.finding for note in checks.pick(pick.id).notes] == way


def test_a_question_is_told_to_the_fund_and_its_answer_to_the_auditor(books):
    pick = books.pick()
    books.find(pick.id, Finding.QUESTION)
    officer, auditor = books.house.make.actor(books.house.officer), books.house.make.actor(books.house.auditor)
    assert [item.subject.pick.id for item in parts.answers(officer)] == [pick.id]
    assert db.session.scalar(parts.count_answers(officer)) == 1
    books.answer(pick.id)
    assert parts.answers(officer) == []
    assert len(parts.looks(auditor)) == db.session.scalar(parts.count_looks(auditor)) == 1
    assert "基金答复了" in db.session.scalars(select(Notice.text).where(Notice.person_id == auditor.person_id)).one()


def test_words_are_needed_unless_all_is_well_at_the_first_look(books):
    pick, other = checks.of_check(books.drawn())[:2]
    books.find(pick.id, Finding.FINE, "")
    for finding in (Finding.QUESTION, Finding.FAULT):
        with pytest.raises(Invalid):
            books.find(other.id, finding, "")
    with pytest.raises(Invalid):
        books.find(pick.id, Finding.FINE, "")


def test_who_handled_an_entry_does_not_check_it(books):
    pick = books.pick()
    books.house.make.grant(books.house.approver, Role.AUDITOR, books.house.root)
    with pytest.raises(Refused, match="经手过"):
        books.find(pick.id, Finding.FINE, by=books.house.approver)
    assert parts.looks(books.house.make.actor(books.house.approver)) == []


def test_nobody_answers_their_own_question_or_judges_their_own_answer(books):
    make, root = books.house.make, books.house.root
    both = make.person("两样都管")
    for role in (Role.AUDITOR, Role.FUND_OFFICER):
        make.grant(both, role, root)
    pick, other = checks.of_check(books.drawn())[:2]
    books.find(pick.id, Finding.QUESTION, by=both)
    with pytest.raises(Conflict, match="您写的"):
        books.answer(pick.id, by=both)
    books.find(other.id, Finding.QUESTION)
    books.answer(other.id, by=both)
    with pytest.raises(Refused, match="您写的"):
        books.find(other.id, Finding.FINE, by=both)


def test_an_answer_needs_a_question(books):
    pick = books.pick()
    with pytest.raises(Conflict):
        books.answer(pick.id)
    books.find(pick.id, Finding.FINE)
    with pytest.raises(Conflict):
        books.answer(pick.id)


def attack(pick_id, seq, step, finding, by, words="x"):
    statement = text(
        "INSERT INTO spot_check_note_entry (pick_id, seq, step, finding, words, at, by_id) "
        "VALUES (:pick, :seq, :step, :finding, :words, '2026-11-21 04:00:00', :by)"
    )
    values = {"pick": pick_id, "seq": seq, "step": step, "finding": finding, "words": words, "by": by}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(statement, values))


def test_the_database_holds_the_turns_too(books):
    house, pick = books.house, books.pick()
    attack(pick.id, 1, "answered", None, house.officer)  # nothing was asked
    attack(pick.id, 2, "found", "fine", house.auditor)  # a gap
    attack(pick.id, 1, "found", None, house.auditor)
    attack(pick.id, 1, "found", "question", house.auditor, "")
    attack(pick.id, 1, "found", "fine", house.approver)  # who handled it
    attack(pick.id, 1, "found", "fine", house.officer)
    books.find(pick.id, Finding.QUESTION)
    attack(pick.id, 2, "answered", None, house.auditor)  # one's own question
    books.answer(pick.id)
    attack(pick.id, 3, "answered", None, house.officer)  # twice
    attack(pick.id, 3, "found", "fine", house.officer)  # one's own answer


def test_nothing_is_said_before_the_drawing(books):
    check_id = books.announced()
    assert checks.of_check(check_id) == []
    actor = books.house.make.actor(books.house.auditor)
    assert [item.subject.id for item in parts.looks(actor)] == [check_id]
