"""The steps of an assessment: each by another person, none skipped, and a locked one never changes whatever the ledger does."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.assessments import queries, service
from app.assessments.models import Assessment, AssessmentFigures, AssessmentLine, AssessmentRemark, AssessmentStep
from app.assessments.rules import FOLLOWS, OF_THE_COMMITTEE, Seen, Step, changes
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, DomainError, Invalid, Refused
from app.people.models import Person
from app.points import standing_queries as points
from app.points.rules import SchemeKind
from app.publicity import queries as publicity
from app.publicity.rules import SubjectKind, Verdict
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.assessments.conftest import JANUARY, build
from tests.schemes.versions import publish as version
from tests.schemes.versions import rule

AFTER = JANUARY + timedelta(days=8)  # the 公示 of the 20th is over after the 27th


def result(house, one, person):
    line = next(line for line in house.figures(one).lines if line.person_id == person)
    return line.total, line.grade


def to_publicity(house, at=JANUARY):
    with clock.frozen_at(at):
        one = house.start()
        house.review(one)
        house.approve(one)
        house.publicise(one)
    return one


def locked(house):
    one = to_publicity(house)
    with clock.frozen_at(AFTER):
        house.lock(one)
    return one


def test_the_figures_are_those_of_the_scheme_with_the_entries_behind_them(house):
    with clock.frozen_at(JANUARY):
        one = house.start()
    found = house.figures(one)
    assert {line.person_id for line in found.lines} == {house.ho, house.secretary, house.deputy, house.chan}
    assert result(house, one, house.ho) == (6200, "基本合格")
    assert result(house, one, house.chan) == (5800, "不合格")
    line = next(line for line in found.lines if line.person_id == house.chan)
    assert line.sum_words == "底分 60.0 + 得分 0.0 − 扣分 2.0 = 58.0"
    assert (len(line.entries), line.by_rule) == (1, {"absence": -200})
    assert found.whole(house.unit, "2025")
    assert [line.total for line in found.lines] == sorted((line.total for line in found.lines), reverse=True)


def test_from_the_figures_to_the_lock_each_is_told_when_it_is_their_turn(house, make):
    with clock.frozen_at(JANUARY):
        one = house.start()
        assert "等支部审核" in worklist.notices(house.secretary)[0].text
        house.review(one, remarks={house.chan: "已谈话", house.secretary: "自己的"}, reason="支委会 1 月 18 日审过")
        assert queries.remarks(one) == {house.chan: "已谈话"}
        assert "等党委审核" in worklist.notices(house.other)[0].text
        house.approve(one)
        assert "可以公示" in worklist.notices(house.deputy)[0].text
        shown = publicity.publicity(house.publicise(one))
        assert next(line.words for line in publicity.lines(shown.id)) == "62.0 分，基本合格"
        with pytest.raises(Conflict, match="还在公示"):
            house.lock(one)
        assert queries.waiting(make.actor(house.committee), clock.now()) == []
    with clock.frozen_at(AFTER):
        assert [row.id for row in queries.waiting(make.actor(house.committee), clock.now())] == [one]
        assert number(queries.waiting_count(make.actor(house.committee), clock.now())) == 1
        house.lock(one)
        assert number(queries.waiting_count(make.actor(house.committee), clock.now())) == 0
    assert [step.step for step in queries.steps(one)] == [Step.COLLECTED, Step.REVIEWED, Step.APPROVED, Step.PUBLICISED, Step.LOCKED]
    assert "62.0 分，基本合格" in worklist.notices(house.ho)[0].text
    assert [(mine.span, mine.total, mine.grade) for mine in queries.own(house.ho)] == [("2025", 6200, "基本合格")]


def test_nobody_takes_two_steps_in_a_row_nor_decides_about_a_list_with_their_own_name(house, make):
    with clock.frozen_at(JANUARY):
        one = house.start(by=house.secretary)
        with pytest.raises(Refused, match="另一位"):
            house.review(one, by=house.secretary)
        assert queries.waiting(make.actor(house.secretary), clock.now()) == []
        house.review(one, by=house.deputy)
        with pytest.raises(Refused, match="名单里有您自己"):
            house.approve(one, by=house.secretary)
        house.approve(one)
        with pytest.raises(Refused, match="另一位"):
            house.publicise(one, by=house.committee)
        house.publicise(one)
    with clock.frozen_at(AFTER), pytest.raises(Refused, match="另一位"):
        house.lock(one, by=house.secretary)


def test_one_that_was_returned_is_reviewed_again_with_new_figures(house):
    with clock.frozen_at(datetime(2026, 1, 5, 4, tzinfo=UTC)):
        one = house.start()
        house.review(one)
        with pytest.raises(Invalid):
            house.send_back(one, reason="")
        house.give(house.chan, "bonus", date(2025, 12, 20))
        with pytest.raises(Conflict, match="退回"):
            house.retake(one)
        house.send_back(one)
        assert house.retake(one) is True
        assert house.retake(one) is False
        assert result(house, one, house.chan) == (6000, "基本合格")
        house.review(one)
        house.approve(one, by=house.other)
        with pytest.raises(Conflict, match="1月15日结"):
            house.publicise(one)


def test_a_period_that_is_not_over_is_not_assessed_and_one_is_begun_once(house):
    with pytest.raises(Invalid):
        house.start(span="2026")
    with clock.frozen_at(JANUARY):
        one = house.start()
        assert in_transaction(lambda: service.start([house.unit], "2025", house.other, "/work", clock.now())) == []
        assert house.start(span="2025-Q2") != one


def test_an_objection_that_is_upheld_brings_it_back_to_the_branch(house, make):
    one = to_publicity(house)
    with clock.frozen_at(JANUARY):
        said = house.object(one, by=house.ho, about=house.chan)
    with clock.frozen_at(AFTER):
        with pytest.raises(Conflict, match="1 条异议没有答复"):
            house.lock(one)
        house.answer(said, house.deputy, Verdict.UPHELD)
        with pytest.raises(Conflict, match="有异议成立"):
            house.lock(one)
        assert [row.id for row in queries.waiting(make.actor(house.deputy), clock.now())] == [one]
        house.retract(one)
        house.give(house.chan, "bonus", date(2025, 12, 20))  # after the books were closed: it counts in 2026, and is assessed here
        assert house.retake(one, by=house.deputy) is True
        line = next(line for line in house.figures(one).lines if line.person_id == house.chan)
        assert (line.late, line.total, len(line.late_entries)) == (200, 6000, 1)
        assert "结账后补记 2.0 = 60.0" in line.sum_words
        house.review(one)
        house.approve(one)
        house.publicise(one)
    with clock.frozen_at(AFTER + timedelta(days=10)):
        house.lock(one)
    with clock.frozen_at(datetime(2027, 1, 20, 4, tzinfo=UTC)):
        following = house.start(span="2026")
    assert result(house, following, house.chan)[0] == 6000  # what came late for 2025 is not assessed twice


def veto(house, who, day):
    return house.give(who, "veto", day)


def whole_way(house, at=JANUARY, span="2025"):
    with clock.frozen_at(at):
        one = house.start(span=span)
        house.review(one)
        house.approve(one)
        house.publicise(one)
    with clock.frozen_at(at + timedelta(days=10)):
        house.lock(one)
    return one


NEXT_JANUARY = datetime(2027, 1, 20, 4, tzinfo=UTC)


def test_a_veto_makes_the_year_zero_and_one_taken_back_does_not(house):
    with clock.frozen_at(datetime(2025, 9, 1, 4, tzinfo=UTC)):
        veto(house, house.ho, date(2025, 9, 1))
        wrong = veto(house, house.chan, date(2025, 9, 1))
        house.take_back(wrong)
    with clock.frozen_at(JANUARY):
        one = house.start()
    assert result(house, one, house.ho) == (0, "不合格")
    assert result(house, one, house.chan)[0] == 5800


def test_a_wrong_veto_is_lifted_after_an_objection_though_the_books_are_closed(house):
    with clock.frozen_at(datetime(2025, 9, 1, 4, tzinfo=UTC)):
        wrong = veto(house, house.ho, date(2025, 9, 1))
    one = to_publicity(house)
    assert result(house, one, house.ho)[0] == 0
    with clock.frozen_at(JANUARY):
        said = house.object(one, by=house.ho, about=house.ho)
    with clock.frozen_at(AFTER):
        house.answer(said, house.other, Verdict.UPHELD)
        house.retract(one)
        house.take_back(wrong)
        assert house.retake(one, by=house.deputy) is True
        line = next(line for line in house.figures(one).lines if line.person_id == house.ho)
        assert (line.vetoed, line.total, len(line.late_entries)) == (False, 6200, 1)


def test_a_veto_that_came_late_is_assessed_in_one_year_only(house):
    with clock.frozen_at(JANUARY):
        veto(house, house.ho, date(2025, 12, 1))  # the books of December are closed: it counts in 2026
        assert points.vetoed([house.ho], SchemeKind.MEMBER, date(2026, 1, 1), date(2026, 12, 31)) == {house.ho}
    one = whole_way(house)
    assert result(house, one, house.ho)[0] == 0
    with clock.frozen_at(NEXT_JANUARY):
        following = house.start(span="2026")
    assert result(house, following, house.ho)[0] == 6000


def test_a_veto_found_after_the_lock_is_assessed_in_the_year_it_counts_in(house):
    one = whole_way(house)
    with clock.frozen_at(datetime(2026, 5, 1, 4, tzinfo=UTC)):
        veto(house, house.ho, date(2025, 12, 1))
    with clock.frozen_at(NEXT_JANUARY):
        following = house.start(span="2026")
    assert (result(house, one, house.ho)[0], result(house, following, house.ho)[0]) == (6200, 0)


def test_a_veto_makes_the_later_quarters_of_its_year_zero_and_no_earlier_one(house):
    with clock.frozen_at(datetime(2025, 8, 1, 4, tzinfo=UTC)):
        veto(house, house.ho, date(2025, 8, 1))
    with clock.frozen_at(JANUARY):
        quarters = [house.start(span=f"2025-Q{number}") for number in (2, 3, 4)]
    assert [result(house, one, house.ho)[0] == 0 for one in quarters] == [False, True, True]


def test_figures_from_before_the_close_are_not_publicised_when_more_was_booked_until_then(house):
    with clock.frozen_at(datetime(2026, 1, 2, 4, tzinfo=UTC)):
        one = house.start()
        house.review(one)
        house.approve(one)
    with clock.frozen_at(datetime(2026, 1, 9, 4, tzinfo=UTC)):
        house.give(house.chan, "bonus", date(2025, 12, 30))  # in time: December is open until the 15th
    with clock.frozen_at(JANUARY):
        with pytest.raises(Conflict, match="账上又变了"):
            house.publicise(one)
        house.send_back(one, by=house.other)
        assert house.retake(one) is True
        assert result(house, one, house.chan) == (6000, "基本合格")
        house.review(one)
        house.approve(one)
        house.publicise(one)


def test_figures_that_the_ledger_has_left_behind_are_not_approved(house):
    with clock.frozen_at(JANUARY):
        one = house.start()
        house.review(one)
        house.give(house.chan, "bonus", date(2025, 12, 30))
        with pytest.raises(Conflict, match="账上又变了"):
            house.approve(one)


def test_what_is_carried_over_is_a_share_of_the_locked_result(house):
    version(SchemeKind.MEMBER, date(2026, 1, 1), rule("base", "base", 6000), rule("carry", "carry", 1000), rule("bonus", "manual", 200))
    with clock.frozen_at(JANUARY):
        one = house.start()
        house.give(house.ho, "bonus", date(2025, 12, 1))  # late: the ledger has it in 2026, this assessment takes it
        assert house.retake(one) is True
        house.review(one)
        house.approve(one)
        house.publicise(one)
    with clock.frozen_at(AFTER):
        house.lock(one)
    assert result(house, one, house.ho)[0] == 6400
    with clock.frozen_at(NEXT_JANUARY):
        following = house.start(span="2026")
    line = next(line for line in house.figures(following).lines if line.person_id == house.ho)
    assert (line.carried, line.earned + line.late, line.total) == (640, 0, 6640)


def test_why_somebody_is_not_assessed_is_not_publicised(house):
    old = house.member("林秀英")
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == old).values(birth_date=date(1950, 1, 1))))
    one = to_publicity(house)
    shown = publicity.standing(SubjectKind.ASSESSMENT, [one])[one]
    assert {line.person_id: line.words for line in publicity.lines(shown.id)}[old] == "不参加考核"


def test_whoever_reviewed_approved_or_publicised_answers_no_objection_to_it(house, make):
    with clock.frozen_at(JANUARY):
        one = house.start()
        house.review(one, by=house.deputy)
        house.approve(one)
        house.publicise(one)
        said = house.object(one, by=house.ho, about=house.chan)
        for who in (house.secretary, house.deputy, house.committee):
            with pytest.raises(Refused, match="您经手的"):
                house.answer(said, who, Verdict.REJECTED)
        assert [row.id for row in publicity.waiting(make.actor(house.other), clock.now())] == [said]
        house.answer(said, house.other, Verdict.REJECTED)


def test_a_locked_one_reopens_as_it_was_and_says_what_is_different_since(house):
    one = locked(house)
    before = house.figures(one)
    with clock.frozen_at(datetime(2029, 5, 1, 4, tzinfo=UTC)):
        house.take_back(house.bonus)
        house.give(house.chan, "bonus", date(2025, 11, 2))
        now = queries.take([house.unit], "2025", clock.today())[house.unit].lines
    after = house.figures(one)
    assert (after, after.whole(house.unit, "2025")) == (before, True)
    assert {one.person_id: (one.by, one.came) for one in changes(after.lines, now)} == {house.ho: (-200, 1), house.chan: (200, 1)}


def test_who_is_exempt_stands_apart_without_a_grade(house, make):
    old = house.member("林秀英")
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == old).values(birth_date=date(1950, 1, 1))))
    with clock.frozen_at(JANUARY):
        found = house.figures(house.start())
    assert [(line.person_id, line.exempt, line.grade) for line in found.exempt] == [(old, "age", "")]
    assert found.lines[-1].person_id == old
    assert dict(found.grades)["基本合格"] == 3


def attacks(one: int, house) -> dict[str, object]:
    figures = db.session.scalars(select(AssessmentFigures.id)).one()
    a, line, step = Assessment, AssessmentLine, AssessmentStep
    made = {"assessment_id": one, "revision": 1, "reason": "", "at": JANUARY}
    shown = publicity.standing(SubjectKind.ASSESSMENT, [one])[one].id
    return {
        "another state": update(a).values(step=Step.LOCKED),
        "another revision": update(a).values(revision=2),
        "gone": delete(a),
        "another total": update(line).values(total=10000),
        "another person": insert(line).values(
            figures_id=figures,
            person_id=house.other,
            base=0,
            earned=0,
            deducted=0,
            carried=0,
            late=0,
            vetoed=False,
            exempt=None,
            total=0,
            grade="优秀",
            by_rule={},
            entries=[],
            late_entries=[],
            has_late=False,
        ),
        "fewer people": delete(line),
        "another digest": update(AssessmentFigures).values(digest="0" * 64),
        "new figures": insert(AssessmentFigures).values(
            assessment_id=one, revision=2, people=0, scheme_version="", bands=[], digest="0" * 64, taken_at=JANUARY, taken_by_id=house.ho
        ),
        "another step": update(step).values(actor_id=house.other),
        "a step less": delete(step),
        "a remark too late": insert(AssessmentRemark).values(
            assessment_id=one, person_id=house.ho, words="晚了", made_at=JANUARY, made_by_id=house.chan
        ),
        "a step skipped": insert(step).values(**made, seq=5, step=Step.APPROVED, actor_id=house.other),
        "two steps in a row": insert(step).values(**made, seq=5, step=Step.LOCKED, actor_id=house.secretary, publicity_id=shown),
        "locked by one of the assessed": insert(step).values(**made, seq=5, step=Step.LOCKED, actor_id=house.ho, publicity_id=shown),
        "locked while it is shown": insert(step).values(**made, seq=5, step=Step.LOCKED, actor_id=house.other, publicity_id=shown),
        "retracted without taking it down": insert(step).values(
            **made | {"reason": "x"}, seq=5, step=Step.RETRACTED, actor_id=house.other, publicity_id=shown
        ),
    }


def refused(attack) -> bool:
    try:
        in_transaction(lambda: db.session.execute(attack))
    except IntegrityError:
        return True
    return False


def test_the_database_keeps_to_the_steps_too(house):
    one = to_publicity(house)
    for name, attack in attacks(one, house).items():
        assert refused(attack), f"the database let through: {name}"


def test_of_two_who_decide_at_once_about_the_same_page_one_does(house, app):
    with clock.frozen_at(JANUARY):
        one = house.start()
        house.review(one)
        row = queries.assessment(one)
        together, done, told, seen = Barrier(2), [], [], Seen(row.step_seq, row.revision)

        def deciding(work, who: int) -> None:
            with app.app_context():
                together.wait()
                try:
                    in_transaction(lambda: work(one, who, "漏了一位", "/work", clock.now(), seen))
                    done.append(who)
                except Conflict as late:
                    told.append(late.message)
                finally:
                    db.session.remove()

        threads = [Thread(target=deciding, args=pair) for pair in ((service.approve, house.committee), (service.send_back, house.other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(done), len(told)) == (1, 1)
    assert "您看的时候和现在不一样了" in told[0]
    last = Step.APPROVED if done == [house.committee] else Step.RETURNED
    assert [step.step for step in queries.steps(one)] == [Step.COLLECTED, Step.REVIEWED, last]


VERBS = ("review", "approve", "send_back", "publicise", "retract", "lock", "retake", "object", "uphold", "reject", "ledger", "wait")
TRIES = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 4)), max_size=16)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tries=TRIES, head=st.integers(0, 5))
def test_whatever_is_tried_no_step_is_skipped_and_nobody_decides_for_themselves(make, tries, head):
    house, at = build(make), JANUARY  # every example has a branch of its own
    deciders = (house.secretary, house.deputy, house.committee, house.other, house.office)
    path = [("review", 0), ("approve", 2), ("publicise", 1), ("wait", 4), ("lock", 3)][:head]
    with clock.frozen_at(at):
        one = house.start(by=house.office)
    frozen, said = None, []
    for verb, index in [*path, *tries]:
        with clock.frozen_at(at):
            try:
                if verb == "wait":
                    at += timedelta(days=3 * index)
                elif verb == "ledger":
                    house.give(house.ho, "bonus", date(2025, 12, 1))
                elif verb == "object":
                    said.append(house.object(one, by=house.ho, about=house.chan))
                elif verb not in ("uphold", "reject"):
                    getattr(house, verb)(one, by=deciders[index])
                elif said:
                    house.answer(said[-1], deciders[index], Verdict.UPHELD if verb == "uphold" else Verdict.REJECTED)
            except (DomainError, ValueError):
                pass
        if queries.assessment(one).step is Step.LOCKED:
            frozen = frozen or house.figures(one)
            assert house.figures(one) == frozen
    keeps_the_rules(house, one)


def keeps_the_rules(house, one):
    steps = db.session.execute(
        select(AssessmentStep.step, AssessmentStep.actor_id).where(AssessmentStep.assessment_id == one).order_by(AssessmentStep.seq)
    ).all()
    assessed = {line.person_id for line in house.figures(one).lines}
    before, last = None, None
    for step, actor in steps:
        assert before in FOLLOWS[step]
        assert actor != last
        assert step not in OF_THE_COMMITTEE or actor not in assessed
        before, last = step, actor
    if before is Step.LOCKED:
        shown = publicity.standing(SubjectKind.ASSESSMENT, [one])[one]
        assert (shown.open, shown.upheld) == (0, 0)
        assert shown.concluded_on > shown.ends_on
    assert house.figures(one).whole(house.unit, queries.assessment(one).span)
