"""Posts and terms: never more holders than seats on any day, one step from one holder to the next, nothing overwritten."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, Invalid
from app.duties import queries, service
from app.duties.models import Post, PostTerm
from app.duties.rules import PostDraft, PostKind, Span, most_at_once
from app.people import service as people
from app.people.rules import MembershipKind
from app.worklist.models import Notice
from tests.duties.conftest import TODAY


def post(street, title="政策宣传岗", kind=PostKind.DUTY, seats=1, place=None, unit=None):
    draft = PostDraft(kind, title, "", seats, place)
    return in_transaction(lambda: service.create_post(unit or street.branch, draft, street.secretary, clock.now()))


def appoint(post_id, person, street, since=TODAY, due=None):
    return in_transaction(lambda: service.appoint(post_id, person, since, due, street.secretary, clock.now()))


def hand_over(term, person, street, note="", due=None):
    return in_transaction(lambda: service.hand_over(term, person, due, note, street.secretary, clock.now()))


def end(term, street):
    in_transaction(lambda: service.end_term(term, "", street.secretary, clock.now()))


def held(post_id):
    return db.session.scalar(select(Post.held).where(Post.id == post_id))


def notices(person):
    return list(db.session.scalars(select(Notice.text).where(Notice.person_id == person).order_by(Notice.id)))


def test_somebody_holds_a_post_for_a_term_and_is_told(street):
    post_id = post(street)
    appoint(post_id, street.members[0], street, due=date(2028, 11, 21))
    assert [(one.name, one.due_on) for one in queries.terms_of(post_id)] == [("何嘉怡", date(2028, 11, 21))]
    assert queries.post(post_id).free == 0
    assert "政策宣传岗" in notices(street.members[0])[0]


def test_a_handover_ends_one_term_and_begins_the_next_on_the_same_day(street):
    post_id = post(street)
    first = appoint(post_id, street.members[0], street, since=date(2026, 3, 1))
    hand_over(first, street.members[1], street, note="钥匙 3 把")
    new, old = queries.terms_of(post_id)
    assert (new.name, new.since, new.ended) == ("冼柏豪", TODAY, None)
    assert (old.name, old.since, old.ended, old.note) == ("何嘉怡", date(2026, 3, 1), TODAY, "钥匙 3 把")
    assert held(post_id) == 1
    assert [len(notices(one)) for one in street.members[:2]] == [2, 1]
    with pytest.raises(Conflict, match="已经结束"):
        hand_over(first, street.members[2], street)


def test_a_full_post_takes_nobody_more_and_an_ended_term_frees_it(street):
    post_id = post(street)
    term = appoint(post_id, street.members[0], street)
    with pytest.raises(Conflict, match="只有一个名额"):
        appoint(post_id, street.members[1], street)
    end(term, street)
    appoint(post_id, street.members[1], street)
    assert held(post_id) == 1


def test_a_term_begun_in_the_past_must_find_a_seat_on_every_day_since(street):
    post_id = post(street)
    end(appoint(post_id, street.members[0], street, since=date(2026, 5, 1)), street)
    with pytest.raises(Conflict):
        appoint(post_id, street.members[1], street, since=date(2026, 11, 20))
    appoint(post_id, street.members[1], street, since=TODAY)


@given(st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 20)), max_size=8), st.integers(0, 40))
def test_the_fullest_day_is_counted_as_counting_every_day_would(spans, begins):
    first = date(2026, 1, 1)
    known = [Span(first + timedelta(a), None if b is None else first + timedelta(a + b)) for a, b in spans]
    day = first + timedelta(begins)
    every = [sum(one.begins <= d and (one.ends is None or one.ends > d) for one in known) for d in (day + timedelta(n) for n in range(70))]
    assert most_at_once(known, day) == max(every)


def test_a_member_s_duty_is_for_members_of_the_unit_and_a_head_may_be_any_confirmed_person(street, make):
    duty, head = post(street), post(street, "银杏二座楼长", PostKind.BUILDING_HEAD, place=street.building)
    stranger, unknown = make.person("郭志明"), make.person("陆秀兰", confirmed=False)
    for person, where in ((stranger, duty), (street.neighbour, duty), (unknown, head)):
        with pytest.raises(Invalid):
            appoint(where, person, street)
    appoint(head, stranger, street)
    assert queries.holders([head])[head][0].name == "郭志明"


@pytest.mark.parametrize(("since", "due"), [(TODAY + timedelta(1), None), (TODAY, TODAY)])
def test_a_term_neither_begins_in_the_future_nor_ends_at_once(street, since, due):
    with pytest.raises(Invalid):
        appoint(post(street), street.members[0], street, since=since, due=due)


def test_closing_a_post_ends_its_terms_and_nobody_can_be_appointed_after(street):
    post_id = post(street, seats=2)
    appoint(post_id, street.members[0], street), appoint(post_id, street.members[1], street)
    assert in_transaction(lambda: service.close_post(post_id, street.secretary, clock.now())) == 2
    assert held(post_id) == 0
    assert all(one.ended == TODAY for one in queries.terms_of(post_id))
    with pytest.raises(Conflict, match="撤销"):
        appoint(post_id, street.members[2], street)


def test_a_title_is_free_again_after_closing_and_only_once_open(street):
    first = post(street)
    with pytest.raises(Invalid, match="几处要改"):
        post(street)
    in_transaction(lambda: service.close_post(first, street.secretary, clock.now()))
    assert post(street) != first


def test_fewer_seats_than_holders_are_refused_by_the_service_and_by_the_database(street):
    post_id = post(street, seats=2)
    appoint(post_id, street.members[0], street), appoint(post_id, street.members[1], street)
    with pytest.raises(Invalid):
        in_transaction(lambda: service.revise_post(post_id, PostDraft(PostKind.DUTY, "政策宣传岗", "", 1, None), street.secretary))
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(update(Post).where(Post.id == post_id).values(seats=1)))
    row = {"post_id": post_id, "person_id": street.members[2], "valid_from": TODAY, "made_at": clock.now()}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(PostTerm).values(**row)))


def test_the_database_counts_holders_whatever_is_done_to_the_terms(street):
    post_id, other = post(street, seats=3), post(street, "民情收集岗", seats=3)
    term = appoint(post_id, street.members[0], street)
    appoint(post_id, street.members[1], street)
    for statement, here, there in (
        (f"UPDATE post_term SET valid_to = '2026-11-21' WHERE id = {term}", 1, 0),
        (f"UPDATE post_term SET valid_to = NULL, post_id = {other} WHERE id = {term}", 1, 1),
        (f"DELETE FROM post_term WHERE id = {term}", 1, 0),
    ):
        in_transaction(lambda s=statement: db.session.execute(text(s)))
        assert (held(post_id), held(other)) == (here, there), statement


def test_two_people_filling_one_seat_at_once(street, make, at_once):
    seats = 3
    post_id = post(street, seats=seats)
    people_ids = [make.person(f"邓淑芬{n}", home=street.branch) for n in range(12)]
    now = clock.now()

    def fill(person):
        return in_transaction(lambda: service.appoint(post_id, person, TODAY, None, street.secretary, now))

    made = at_once([partial(fill, person) for person in people_ids])
    assert sum(isinstance(one, Conflict) for one in made) == len(people_ids) - seats
    assert held(post_id) == seats == len(queries.holders([post_id])[post_id])


def test_two_handovers_closings_and_appointments_at_once_leave_one_holder_or_none(street, make, at_once):
    post_id = post(street)
    term = appoint(post_id, street.members[0], street)
    successors = [make.person(f"岑{n}", home=street.branch) for n in range(6)]
    now = clock.now()

    def act(place):
        if place % 3 == 2:
            return in_transaction(lambda: service.appoint(post_id, successors[place], TODAY, None, street.secretary, now))
        return in_transaction(lambda: service.hand_over(term, successors[place], None, "", street.secretary, now))

    done = at_once([partial(act, place) for place in range(6)])
    assert sum(not isinstance(one, DomainError) for one in done) == 1
    assert held(post_id) == 1 == len(queries.holders([post_id])[post_id])


def test_whose_term_ends_within_thirty_days_is_told_once_and_again_after_it_was_prolonged(street, app):
    post_id = post(street, seats=2)
    soon = appoint(post_id, street.members[0], street, due=TODAY + timedelta(30))
    appoint(post_id, street.members[1], street, due=TODAY + timedelta(31))
    assert in_transaction(lambda: service.tell_holders(clock.now())) == 1
    assert in_transaction(lambda: service.tell_holders(clock.now())) == 0
    assert "任期到 12月21日 满" in notices(street.members[0])[-1]
    in_transaction(lambda: service.extend_term(soon, TODAY + timedelta(20), street.secretary, clock.now()))
    runner = app.test_cli_runner()
    assert "告诉了 1 位" in runner.invoke(args=["duties", "notices"]).output


def test_a_term_stays_with_who_held_it_when_they_move_away(street):
    post_id = post(street)
    appoint(post_id, street.members[0], street)
    in_transaction(lambda: people.join(street.members[0], street.sibling, MembershipKind.HOME, TODAY))
    assert queries.holders([post_id])[post_id][0].name == "何嘉怡"
    assert [one.title for one in queries.of_person(street.members[0], TODAY).held] == ["政策宣传岗"]


def test_every_write_is_audited(street):
    post_id = post(street)
    term = appoint(post_id, street.members[0], street)
    in_transaction(lambda: service.extend_term(term, TODAY + timedelta(400), street.secretary, clock.now()))
    hand_over(term, street.members[1], street)
    in_transaction(lambda: service.revise_post(post_id, PostDraft(PostKind.DUTY, "宣传岗", "", 2, None), street.secretary))
    in_transaction(lambda: service.close_post(post_id, street.secretary, clock.now()))
    done = set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "post", AuditEvent.subject_id == post_id)))
    assert done == {"post", "post_term", "post_term.extension", "post_term.handover", "post_term.end", "post.revision", "post.closing"}
