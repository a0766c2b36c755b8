"""半年反馈: once a half, never about oneself, corrected only by a further version, told to the home branch."""

from datetime import UTC, datetime
from functools import partial
from re import findall

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
from tests.conftest import statements

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


def test_two_secretaries_writing_and_correcting_at_once_leave_one_chain_of_versions(town, make, at_once):
    give(town, FeedbackLine(town.member, Grade.GOOD, "常来"))
    (old,) = queries.newest(town.here, HALF.key).values()
    other = make.person("梁凤珍", home=town.branch, stage=StageKind.MEMBER)
    now = clock.now()

    lines = [[FeedbackLine(other, Grade.GOOD, str(place))] for place in range(4)]
    writing = [lambda line=line: service.give_feedback(town.here, HALF, line, town.host, now).fresh for line in lines]
    correcting = [lambda: service.correct_feedback(old.id, Grade.FAIR, "好", "更正", town.host, now)] * 4
    done = at_once([partial(in_transaction, work) for work in (*writing, *correcting)])
    assert sum(not isinstance(one, Conflict) for one in done[4:]) == 1
    assert sum(one for one in done[:4] if not isinstance(one, Conflict)) == 1
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


@pytest.fixture
def crowd(town, make):
    """23 who reported in to 灯湖, 街坊01 … 街坊23; the last is called 岑绮华."""
    people = [make.person(f"街坊{nth:02}" if nth < 23 else "岑绮华", home=town.branch, stage=StageKind.MEMBER) for nth in range(1, 24)]
    for one in people:
        town.report(one)
    return people


def asked(page):
    """Who has an empty line on the page."""
    return findall(r'<legend class="sr">([^<]*)</legend>', page)


def test_ten_at_a_time_and_every_one_on_some_page(town, crowd, as_person):
    browser = as_person(town.host)
    pages = [browser.get(f"/feedback?page={number}").text for number in (1, 2, 3, 99)]
    assert [len(asked(page)) for page in pages] == [10, 10, 3, 3]
    assert len({name for page in pages for name in asked(page)}) == 23
    assert "还没写的 23 位" in pages[1]
    assert "第 2 页，共 3 页" in pages[1]


def test_what_is_sent_from_a_page_leads_back_to_it(town, crowd, as_person):
    sent = {"unit": town.here, "half": HALF.key, "page": 2, f"grade-{crowd[15]}": "good"}
    answer = as_person(town.host).post("/feedback", data=sent)
    assert answer.status_code == 303
    assert "page=2" in answer.location


def test_somebody_is_found_by_name_or_initials_which_stand_in_no_address(town, crowd, as_person):
    browser, base = as_person(town.host), {"unit": town.here, "half": HALF.key}
    for words in ("绮华", "cqh", " 岑 绮华"):
        page = browser.post("/feedback/search", data=base | {"q": words})
        assert page.status_code == 200
        assert asked(page.text) == ["岑绮华"]
    assert "没有找到" in browser.post("/feedback/search", data=base | {"q": "欧阳"}).text
    give(town, FeedbackLine(crowd[22], Grade.GOOD, "常来"))
    found = browser.post("/feedback/search", data=base | {"q": "岑"}).text
    assert asked(found) == []
    assert "写好的 1 位" in found
    assert as_person(town.home).post("/feedback/search", data=base | {"q": "岑"}).status_code == 404


def test_a_fault_brings_back_those_who_were_filled_in_with_what_was_typed(town, crowd, as_person):
    sent = {"unit": town.here, "half": HALF.key, f"words-{crowd[22]}": "常来", f"grade-{crowd[14]}": "good"}
    answer = as_person(town.host).post("/feedback", data=sent)
    assert answer.status_code == 422
    assert sorted(asked(answer.text)) == ["岑绮华", "街坊15"]
    assert "常来</textarea>" in answer.text
    assert 'value="good" checked' in answer.text


def test_when_somebody_else_was_faster_nothing_is_said_to_be_written(town, crowd, as_person):
    give(town, FeedbackLine(crowd[0], Grade.GOOD, "常来"))
    browser, base = as_person(town.host), {"unit": town.here, "half": HALF.key}
    one = {f"grade-{crowd[0]}": "plain"}
    said = browser.post("/feedback", data=base | one, follow_redirects=True).text
    assert "没有写：这位刚刚有人写过" in said
    assert "写好了 0 位" not in said
    both = browser.post("/feedback", data=base | one | {f"grade-{crowd[1]}": "good"}, follow_redirects=True).text
    assert "写好了 1 位，本人和他们的支部都收到了。另有 1 位刚刚有人写过，没有覆盖。" in both


def test_the_sheet_costs_the_same_however_many_reported_in(town, make, as_person):
    browser = as_person(town.host)

    def cost():
        browser.get("/feedback")
        with statements() as sent:
            browser.get("/feedback")
        return len(sent)

    town.report()
    few = cost()
    for nth in range(24):
        town.report(make.person(f"街坊{nth}", home=town.branch, stage=StageKind.MEMBER))
    give(town, FeedbackLine(town.member, Grade.GOOD, "常来"))
    assert cost() == few
