"""公示: five working days, masked outside, concluded when nothing is open; objections answered by whom they do not concern."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, Invalid, Refused
from app.core.permissions import Role
from app.publicity import queries, service
from app.publicity.models import Objection, Publicity, PublicityLine, PublicityMaker
from app.publicity.queries import Sight
from app.publicity.rules import Days, Reach, State, SubjectKind, Verdict, Way
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.conftest import NOON

LAST = date(2026, 11, 27)  # five working days after Saturday the 21st
OVER = NOON + timedelta(days=7)


def state(publicity: int, at=NOON) -> State:
    return queries.publicity(publicity).state(clock.local_date(at))


def test_it_is_shown_for_five_working_days_and_told_to_whom_it_names(hall):
    shown = queries.publicity(hall.publish())
    assert (shown.starts_on, shown.ends_on, shown.people) == (date(2026, 11, 21), LAST, 2)
    assert "开始公示，到2026年11月27日" in worklist.notices(hall.ho)[0].text
    assert [state(shown.id, at) for at in (NOON, NOON + timedelta(days=6), OVER)] == [State.RUNNING, State.RUNNING, State.SETTLED]


def test_holidays_and_the_local_rule_move_its_end(hall):
    in_transaction(lambda: service.set_holidays([date(2026, 11, 23)], [date(2026, 11, 28)], hall.above, NOON))
    assert queries.publicity(hall.publish()).ends_on == date(2026, 11, 28)


def test_one_thing_is_publicised_once_and_again_only_after_it_was_withdrawn_with_a_reason(hall):
    first = hall.publish()
    with pytest.raises(Conflict, match="已经在公示"):
        hall.publish()
    with pytest.raises(Invalid):
        hall.withdraw(first, reason="")
    hall.withdraw(first)
    assert state(first) is State.WITHDRAWN
    second = hall.publish()
    assert queries.standing(SubjectKind.ASSESSMENT, [7])[7].id == second
    assert [row.id for row in queries.history(queries.publicity(second).subject)] == [first, second]


def test_an_objection_is_acknowledged_and_answered_and_both_are_told(hall):
    shown = hall.publish(by=hall.deputy)
    one = hall.object(shown, by=hall.chan, about=hall.ho)
    row = queries.objection(one)
    assert (row.acknowledge_by, row.answer_by) == (date(2026, 11, 24), date(2026, 12, 4))
    assert "等您答复" in worklist.notices(hall.secretary)[0].text
    hall.acknowledge(one, hall.secretary)
    hall.acknowledge(one, hall.secretary)
    hall.answer(one, hall.secretary, Verdict.UPHELD, "查实少算一次，已补上")
    row = queries.objection(one)
    assert (row.verdict, row.answerer_name, row.answer) == (Verdict.UPHELD, "霍静雯", "查实少算一次，已补上")
    assert "有答复了" in worklist.notices(hall.chan)[0].text
    assert "异议成立" in worklist.notices(hall.deputy)[0].text
    assert queries.unsettled(SubjectKind.ASSESSMENT, [7], clock.local_date(OVER)) == {7}


def test_nobody_answers_their_own_nor_what_is_about_them_nor_what_they_keyed_in(hall, make):
    shown = hall.publish(people=(hall.ho, hall.secretary))
    about, keyed, whole = (
        hall.object(shown, by=hall.chan, about=hall.secretary),
        hall.object(shown, about=hall.ho, by_name="街坊老李", way=Way.IN_PERSON, keyed_by=hall.deputy),
        hall.object(shown, by=hall.chan, words="名单漏了人"),
    )
    for objection, who in ((about, hall.secretary), (keyed, hall.deputy), (whole, hall.secretary)):
        with pytest.raises(Refused, match="另一位"):
            hall.answer(objection, who)
    with pytest.raises(Refused, match="您自己提的"):
        hall.answer(about, hall.chan)
    waiting = {who: {row.id for row in queries.waiting(make.actor(who), NOON)} for who in (hall.secretary, hall.deputy, hall.above)}
    assert waiting == {hall.secretary: {keyed}, hall.deputy: {about, whole}, hall.above: set()}
    assert number(queries.waiting_count(make.actor(hall.deputy), NOON)) == 2
    later = make.actor(hall.above)
    assert {row.id for row in queries.waiting(later, NOON + timedelta(days=10))} == {about, keyed, whole}


def test_whoever_made_or_published_it_answers_no_objection_to_it(hall, make):
    shown = hall.publish(by=hall.deputy, makers=(hall.secretary,))
    one = hall.object(shown, by=hall.chan, about=hall.ho)
    for who in (hall.secretary, hall.deputy):
        with pytest.raises(Refused, match="您经手的"):
            hall.answer(one, who)
        by_force = update(Objection).where(Objection.id == one)
        said = {"acknowledged_at": NOON, "acknowledged_by_id": who, "answered_at": NOON, "verdict": Verdict.REJECTED, "answer": "不"}
        assert refused(by_force.values(**said, answered_by_id=who))
    assert [row.id for row in queries.waiting(make.actor(hall.above), NOON)] == [one]
    assert refused(delete(PublicityMaker))
    hall.answer(one, hall.above)


def test_the_days_by_which_an_objection_is_due_stay_when_the_rule_changes(hall):
    one = hall.object(hall.publish(), by=hall.chan)
    in_transaction(lambda: service.set_days(Days(5, 1, 1), hall.above, NOON))
    row = queries.objection(one)
    assert (row.acknowledge_by, row.answer_by) == (date(2026, 11, 24), date(2026, 12, 4))
    assert refused(update(Objection).values(answer_by=date(2027, 1, 1)))


def test_what_came_on_paper_is_keyed_in_within_the_days_for_saying_so(hall):
    shown = hall.publish()
    paper = {"by_name": "街坊老李", "way": Way.LETTER, "keyed_by": hall.deputy, "received_on": LAST}
    with clock.frozen_at(NOON + timedelta(days=10)):  # Tuesday, the second working day after the last one
        hall.object(shown, **paper)
    with clock.frozen_at(NOON + timedelta(days=11)), pytest.raises(Conflict, match="不再补登"):
        hall.object(shown, **paper)


def test_where_everybody_is_concerned_the_unit_above_answers(hall, make):
    shown = hall.publish(people=(hall.secretary, hall.deputy))
    one = hall.object(shown, by=hall.ho)
    assert [row.id for row in queries.waiting(make.actor(hall.above), NOON)] == [one]
    assert "等您答复" in worklist.notices(hall.above)[0].text


def test_it_is_concluded_after_its_end_with_every_objection_answered_and_then_nothing_more_comes(hall):
    shown = hall.publish()
    with pytest.raises(Conflict, match="还在公示"):
        hall.conclude(shown)
    one = hall.object(shown, by=hall.chan)
    with clock.frozen_at(OVER):
        with pytest.raises(Conflict, match="1 条异议没有答复"):
            hall.conclude(shown)
        assert state(shown, OVER) is State.HEARING
        with pytest.raises(Conflict, match="已经过了"):
            hall.object(shown, by=hall.ho)
        on_paper = hall.object(
            shown, by_name="街坊老李", way=Way.LETTER, keyed_by=hall.deputy, received_on=LAST
        )  # came on the last day, keyed in on the next
        for objection in (one, on_paper):
            hall.answer(objection, hall.secretary)
        hall.conclude(shown)
        hall.conclude(shown)
        with pytest.raises(Conflict, match="已经结束"):
            hall.object(shown, by_name="街坊老李", way=Way.LETTER, keyed_by=hall.deputy, received_on=LAST)
        with pytest.raises(Conflict, match="不能再撤回"):
            hall.withdraw(shown)


def test_the_same_said_twice_is_one_and_somebody_who_is_not_named_can_not_be_objected_to(hall):
    shown = hall.publish()
    assert hall.object(shown, by=hall.chan) == hall.object(shown, by=hall.chan)
    with pytest.raises(Invalid, match="有几处"):
        hall.object(shown, by=hall.chan, about=hall.outside)


def test_who_sees_it(hall, make):
    inside, public = hall.publish(), hall.publish(subject_id=8, reach=Reach.PUBLIC)

    def seen(publicity, who, at=NOON):
        return queries.sight(queries.publicity(publicity), make.actor(who) if who else None, clock.local_date(at))

    assert [seen(inside, who) for who in (None, hall.outside, hall.chan, hall.above)] == [
        *(Sight.NOTHING, Sight.NOTHING),
        *(Sight.NAMED, Sight.NAMED),
    ]
    assert [seen(public, who) for who in (None, hall.outside, hall.chan)] == [Sight.MASKED, Sight.MASKED, Sight.NAMED]
    years = NOON + timedelta(days=400)
    assert [seen(public, who, years) for who in (None, hall.outside, hall.chan, hall.above)] == [
        *(Sight.NOTHING, Sight.NOTHING),
        *(Sight.OWN, Sight.NAMED),
    ]
    assert [row.id for row in queries.listed(None, LAST, limit=9)] == [public]
    assert [row.id for row in queries.listed(make.actor(hall.chan), LAST, limit=9)] == [public, inside]


def attacks(hall, shown, one):
    """What somebody with the database in hand might try."""
    line, row = PublicityLine.publicity_id == shown, Publicity.id == shown
    objection = {
        **{"publicity_id": shown, "unit_id": hall.unit, "way": Way.ONLINE, "by_id": hall.ho, "by_name": "", "by_phone": ""},
        **{"said": "不对", "received_on": LAST, "received_at": NOON, "answer": ""},
    }
    answered = {"acknowledged_at": NOON, "answered_at": NOON, "verdict": Verdict.REJECTED, "answer": "不"}
    return {
        "another line": insert(PublicityLine).values(publicity_id=shown, person_id=hall.outside, seq=3, words="90 分"),
        "other words": update(PublicityLine).where(line).values(words="100 分"),
        "no line": delete(PublicityLine).where(line),
        "a longer name": update(Publicity).where(row).values(title="别的"),
        "an end before": update(Publicity).where(row).values(ends_on=date(2026, 11, 22)),
        "concluded before its end": update(Publicity).where(row).values(concluded_on=LAST),
        "concluded with one open": update(Publicity).where(row).values(concluded_on=date(2026, 12, 1)),
        "withdrawn without a reason": update(Publicity).where(row).values(withdrawn_at=NOON, withdrawn_by_id=hall.above),
        "gone": delete(Publicity).where(row),
        "an objection too late": insert(Objection).values(**objection | {"received_on": date(2026, 12, 1)}),
        "an objection about somebody else": insert(Objection).values(**objection, about_id=hall.outside),
        "other words of an objection": update(Objection).where(Objection.id == one).values(said="没事"),
        "no objection": delete(Objection).where(Objection.id == one),
        "answered by the objector": update(Objection)
        .where(Objection.id == one)
        .values(**answered, acknowledged_by_id=hall.above, answered_by_id=hall.chan),
        "answered by whom it concerns": update(Objection)
        .where(Objection.id == one)
        .values(**answered, acknowledged_by_id=hall.above, answered_by_id=hall.ho),
        "answered without words": update(Objection)
        .where(Objection.id == one)
        .values(**answered | {"answer": ""}, acknowledged_by_id=hall.above, answered_by_id=hall.above),
    }


def refused(attack) -> bool:
    try:
        in_transaction(lambda: db.session.execute(attack))
    except IntegrityError:
        return True
    return False


def test_the_database_keeps_to_it_too(hall):
    shown = hall.publish()
    one = hall.object(shown, by=hall.chan)  # about the whole: everybody in it is concerned
    for name, attack in attacks(hall, shown, one).items():
        assert refused(attack), f"the database let through: {name}"
    hall.answer(one, hall.above)
    for values in ({"answer": "改口"}, {"verdict": Verdict.UPHELD}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda values=values: db.session.execute(update(Objection).values(**values)))


def test_of_two_who_answer_at_once_one_does(hall, at_once):
    one = hall.object(hall.publish(), by=hall.chan, about=hall.chan)
    pair = (hall.secretary, Verdict.UPHELD), (hall.deputy, Verdict.REJECTED)
    said = at_once([partial(hall.answer, one, who, verdict, f"{who}") for who, verdict in pair])
    (first,) = (who for (who, _), result in zip(pair, said, strict=True) if not isinstance(result, Conflict))
    assert queries.objection(one).answer == str(first)


STEPS = st.lists(
    st.tuples(st.sampled_from(["object", "key", "answer", "uphold", "conclude", "withdraw", "wait"]), st.integers(0, 3)), max_size=12
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_tried_it_ends_with_every_objection_answered_by_another(hall, steps):
    with clock.frozen_at(NOON):
        shown, at, open_ones = hall.publish(subject_id=1000 + hall.make.number()), NOON, []
    who = (hall.secretary, hall.deputy, hall.above, hall.chan)
    for verb, index in steps:
        with clock.frozen_at(at):
            try:
                if verb == "object":
                    open_ones.append(hall.object(shown, by=who[index], about=(hall.ho, hall.chan, None, hall.ho)[index], words=str(at)))
                elif verb == "key":
                    open_ones.append(hall.object(shown, by_name="老李", way=Way.PHONE, keyed_by=who[index], received_on=LAST))
                elif verb in ("answer", "uphold") and open_ones:
                    hall.answer(open_ones[index % len(open_ones)], who[index], Verdict.UPHELD if verb == "uphold" else Verdict.REJECTED)
                elif verb == "conclude":
                    hall.conclude(shown)
                elif verb == "withdraw":
                    hall.withdraw(shown)
                elif verb == "wait":
                    at += timedelta(days=2 * index)
            except DomainError:
                pass
    row, found = queries.publicity(shown), queries.objections(shown)
    assert not (row.concluded_on and (row.open or row.concluded_on <= row.ends_on or row.withdrawn_at))
    answered = db.session.execute(select(Objection).where(Objection.publicity_id == shown, Objection.answered_at.is_not(None))).scalars()
    for one in answered:
        assert one.answered_by_id not in {one.by_id, one.about_id, one.keyed_by_id}
        assert one.about_id is not None or one.answered_by_id not in {hall.ho, hall.chan}
    assert all(row.starts_on <= one.received_on <= row.ends_on for one in found)
    in_transaction(lambda: db.session.execute(text("SELECT 1")))


def test_a_role_without_the_right_waits_for_nothing(hall, make):
    hall.object(hall.publish(), by=hall.chan)
    make.grant(hall.outside, Role.ORGANISER, hall.unit)
    assert queries.waiting(make.actor(hall.outside), NOON) == []
