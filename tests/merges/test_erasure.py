"""Merging and erasing in the same moment, in either order: wholly the one or wholly the other, and nobody half erased. Both engines."""

from datetime import date

import pytest
from sqlalchemy import select, update

from app.audit import service as audit
from app.audit.keys import keys_of
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import DomainError
from app.merges import service as merges
from app.merges.models import MergeNote
from app.merges.queries.digest import digest
from app.people.models import Person
from app.rights import service
from app.rights.rules import How, Kind
from tests.merges.conftest import faults, hours_of, units
from tests.rights.conftest import everywhere

ROUNDS = 3
BORN = date(1961, 7, 9)


def ask(person_id: int, by: int) -> int:
    asking = service.Asking(person_id, Kind.ERASURE, How.IN_PERSON, "不再参加了")
    return in_transaction(lambda: service.ask(asking, by, clock.now()))


def erased(*person_ids: int) -> list[bool]:
    db.session.expire_all()
    return [db.session.scalar(select(Person.erased_at).where(Person.id == one)) is not None for one in person_ids]


def approve(two, request_id: int) -> None:
    in_transaction(lambda: service.approve(request_id, two.checker, clock.now()))


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_who_stays_is_erased_while_being_merged(two, at_once, nth):
    two.serve(two.old, 60)
    two.serve(two.new, 90)
    before, both = units(), hours_of(two.old, two.new)
    merge_id, seen = two.propose(), digest(two.pair())
    request = ask(two.old, two.maker)

    def merge() -> None:
        in_transaction(lambda: merges.approve(merge_id, two.checker, seen, clock.now()))
        two.finish(merge_id)

    done = at_once([merge, lambda: approve(two, request)])
    assert isinstance(done[0], DomainError)  # while somebody asks about their own data nothing is merged
    assert erased(two.new) == [False]
    assert hours_of(two.old, two.new) == both
    assert units() == before
    assert faults() == []


@pytest.mark.parametrize("who", ["old", "new"])
@pytest.mark.parametrize("nth", range(ROUNDS))
def test_asked_for_in_the_moment_of_the_merge(two, at_once, nth, who):
    """Either the merge finds the request and waits for its answer, or the request finds the merge: it is about who stays then."""
    two.serve(two.new, 90)
    merge_id, seen = two.propose(), digest(two.pair())
    whose = getattr(two, who)
    asked: list[int] = []

    def merge() -> None:
        in_transaction(lambda: merges.approve(merge_id, two.checker, seen, clock.now()))
        two.finish(merge_id)

    done = at_once([merge, lambda: asked.append(ask(whose, two.maker))])
    merged = not isinstance(done[0], DomainError)
    if asked:
        try:
            approve(two, asked[0])
        except DomainError:
            assert erased(two.old, two.new) == [False, False]
        else:
            gone = erased(two.old, two.new)
            assert gone == ([True, True] if merged else [who == "old", who == "new"])
    assert faults() == []


@pytest.mark.parametrize("which", ["older", "younger"])
@pytest.mark.parametrize("nth", range(ROUNDS))
def test_undone_while_they_are_erased(two, at_once, nth, which):
    """Undone first: the one who asked is erased, the other stays. Erased first: both are gone, and nothing is undone."""
    two.serve(two.old, 60)
    two.serve(two.new, 90)
    both = hours_of(two.old, two.new)
    if which == "younger":  # stays: locks are taken in the order of ids, whoever it is
        two.old, two.new = two.new, two.old
    merge_id = two.merge()
    request = ask(two.old, two.maker)
    done = at_once([lambda: two.undo(merge_id), lambda: approve(two, request)])
    gone = erased(two.old, two.new)
    if isinstance(done[1], DomainError):  # half undone at that moment: asked to come back
        assert gone == [False, False]
        approve(two, request)
        assert erased(two.old, two.new) == [True, False]
    else:
        assert gone == ([True, True] if isinstance(done[0], DomainError) else [True, False])
    assert hours_of(two.old, two.new) == both
    assert faults() == []


def test_erasing_somebody_who_was_merged_destroys_the_keys_of_both(two):
    for one, words in ((two.old, "腿脚不便"), (two.new, "住在三座")):
        in_transaction(lambda one=one, words=words: audit.record(two.maker, "person.edit", "person", one, note=words))
    two.merge()
    assert all(key is not None for key in keys_of([two.old, two.new]).values())
    approve(two, ask(two.old, two.maker))
    assert erased(two.old, two.new) == [True, True]
    assert not any(keys_of([two.old, two.new]).values())


def test_a_note_of_a_merge_keeps_no_birth_date(two):
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == two.new).values(birth_date=BORN)))
    merge_id = two.merge()
    assert db.session.get(Person, two.old, populate_existing=True).birth_date == BORN
    assert everywhere(BORN.isoformat()).keys() == {"person.birth_date"}
    two.undo(merge_id)
    assert db.session.get(Person, two.old, populate_existing=True).birth_date is None
    assert db.session.get(Person, two.new, populate_existing=True).birth_date == BORN
    assert db.session.scalar(select(MergeNote.id).where(MergeNote.table_name == "person")) is not None


def test_what_was_put_down_since_the_merge_is_not_taken_back(two):
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == two.new).values(birth_date=BORN)))
    merge_id = two.merge()
    later = date(1962, 1, 1)
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == two.old).values(birth_date=later)))
    two.undo(merge_id)
    assert db.session.get(Person, two.old, populate_existing=True).birth_date == later


def test_nothing_is_merged_while_who_stays_asks_about_their_data(two):
    ask(two.old, two.maker)
    with pytest.raises(DomainError, match="留下的那份有没答复的个人信息请求"):
        two.propose()
