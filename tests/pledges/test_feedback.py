"""半年反馈: once a half, never about oneself, corrected only by a further version, told to the home branch."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.people.rules import StageKind
from app.pledges import queries, service
from app.pledges.models import FeedbackEntry
from app.pledges.rules import FeedbackLine, Grade, Half
from app.worklist.models import Notice

HALF = Half(2026, 2)


def give(town, *lines, by=None):
    return in_transaction(lambda: service.give_feedback(town.here, HALF, lines, by or town.host, clock.now()))


def test_a_word_reaches_the_member_and_the_secretary_of_the_home_branch_with_a_count(town, make):
    others = [make.person(f"岑{n}", home=town.branch, stage=StageKind.MEMBER) for n in range(2)]
    lines = [FeedbackLine(one, Grade.GOOD, "常来") for one in (town.member, *others)]
    assert give(town, *lines) == service.Written(3, 0)
    told = list(db.session.scalars(select(Notice.text).where(Notice.person_id == town.home)))
    assert told == ["灯湖社区党委写了2026年下半年反馈，您支部 3 位"]
    assert db.session.scalar(select(Notice.url).where(Notice.person_id == town.home)) == f"/pledges?unit={town.branch}"
    assert len(list(db.session.scalars(select(Notice.id).where(Notice.person_id == town.member)))) == 1


def test_a_second_word_for_the_same_half_changes_nothing(town):
    give(town, FeedbackLine(town.member, Grade.GOOD, "常来"))
    assert give(town, FeedbackLine(town.member, Grade.PLAIN, "别的")) == service.Written(0, 1)
    assert queries.newest(town.here, HALF.key)[town.member].words == "常来"


def test_nobody_writes_about_themselves(town):
    with pytest.raises(Refused):
        give(town, FeedbackLine(town.host, Grade.GOOD, ""))
    row = {"person_id": town.host, "unit_id": town.here, "half": HALF.key, "version": 1, "grade": Grade.GOOD, "made_by_id": town.host}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(FeedbackEntry).values(**row, words="", reason="", made_at=clock.now())))


def test_a_correction_is_a_further_version_and_the_old_stays_readable(town):
    give(town, FeedbackLine(town.member, Grade.GOOD, "常来"))
    (old,) = queries.newest(town.here, HALF.key).values()
    in_transaction(lambda: service.correct_feedback(old.id, Grade.FAIR, "来过几次", "写错了人", town.host, clock.now()))
    (word,) = queries.words_about(town.member)
    assert (word.now.version, word.now.grade, word.now.words, word.now.reason) == (2, Grade.FAIR, "来过几次", "写错了人")
    assert [(one.version, one.words) for one in word.before] == [(1, "常来")]
    with pytest.raises(Conflict, match="刚刚有人更正过"):
        in_transaction(lambda: service.correct_feedback(old.id, Grade.PLAIN, "", "又改", town.host, clock.now()))


def test_a_later_version_without_a_reason_is_refused_by_the_database(town):
    row = {"person_id": town.member, "unit_id": town.here, "half": HALF.key, "version": 2, "grade": Grade.GOOD, "made_by_id": town.host}
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(FeedbackEntry).values(**row, words="", reason="", made_at=clock.now())))


def test_two_secretaries_writing_and_correcting_at_once_leave_one_chain_of_versions(app, town, make):
    give(town, FeedbackLine(town.member, Grade.GOOD, "常来"))
    (old,) = queries.newest(town.here, HALF.key).values()
    other = make.person("梁凤珍", home=town.branch, stage=StageKind.MEMBER)
    now = clock.now()

    def write(place):
        with app.app_context():
            try:
                if place % 2:
                    done = in_transaction(
                        lambda: service.give_feedback(town.here, HALF, [FeedbackLine(other, Grade.GOOD, str(place))], town.host, now)
                    )
                    return done.fresh
                in_transaction(lambda: service.correct_feedback(old.id, Grade.FAIR, str(place), "更正", town.host, now))
                return 1
            except Conflict:
                return 0
            finally:
                db.session.remove()

    with ThreadPoolExecutor(max_workers=8) as threads:
        assert sum(threads.map(write, range(8))) == 2
    versions = db.session.execute(select(FeedbackEntry.person_id, func.max(FeedbackEntry.version)).group_by(FeedbackEntry.person_id)).all()
    assert dict(map(tuple, versions)) == {town.member: 2, other: 1}


@pytest.mark.parametrize(("month", "day", "waits"), [(12, 14, False), (12, 15, True), (11, 30, False)])
def test_in_the_last_weeks_of_a_half_the_work_list_says_how_many_are_missing(town, as_person, month, day, waits):
    town.report(), town.report(town.host)
    with clock.frozen_at(datetime(2026, month, day, 4, tzinfo=UTC)):
        page = as_person(town.host).get("/work").text
        assert ("2026年下半年反馈：1 人还没写" in page) is waits
        assert "还没写" not in as_person(town.home).get("/work").text
    if waits:
        with clock.frozen_at(datetime(2026, month, day, 4, tzinfo=UTC)):
            give(town, FeedbackLine(town.member, Grade.GOOD, ""))
            assert "还没写" not in as_person(town.host).get("/work").text
