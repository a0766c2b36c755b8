"""Booking anew from a day that has been: everybody whom the draft means, and never over a close."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from app.activities.rules import ActivityKind
from app.checkin.models import Attendance, Scan
from app.checkin.rules import Outcome, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Invalid
from app.crediting import service as crediting
from app.crediting.rules import Credit
from app.hours.rules import HourClass, Period, PeriodKind, SourceKind
from app.people.rules import StageKind
from app.points import queries as points
from app.points.rules import CapPeriod, Per, SchemeKind
from app.points.totals import disagreements
from app.schemes.queries import whatif
from app.schemes.rules import DraftBasics, DraftRule
from app.schemes.service import drafts

NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def drafted(village):
    """A version with another rule, sent to the second administrator."""

    def of(kind, since, *rules):
        writer = village.administrators[0]
        draft = in_transaction(lambda: drafts.begin(kind, writer, clock.now()))
        row = drafts.queries.draft(draft)

        def work():
            drafts.edit(draft, DraftBasics("2026.2", "会议", since, None, row.version.bands), writer)
            for one in rules:
                drafts.put_rule(draft, None, one, writer)
            drafts.send(draft, writer, [], "/", clock.now())

        in_transaction(work)
        return draft

    return of


@pytest.fixture
def attended(make, village):
    """Somebody was at an activity that gives no hours; scanned in and out."""

    def at(person, kind, hour):
        event = make.activity(village.branch, village.secretary, kind=kind)
        shift = make.shift(event)
        scan, came = uuid4(), datetime(2026, 11, 10, hour, tzinfo=UTC)
        facts = {"id": scan, "activity_id": event, "way": Way.POSTER, "outcome": Outcome.IN, "at": came, "received_at": came, "content": ""}
        in_transaction(lambda: db.session.execute(insert(Scan).values(**facts)))
        left = came + timedelta(hours=1)
        spell = {"in_at": came, "in_way": Way.POSTER, "in_scan_id": scan, "out_at": left, "out_way": Way.POSTER}
        return make._add(Attendance, shift_id=shift, person_id=person, credited_from=came, credited_to=left, **spell)

    return at


def test_what_a_longer_cap_had_evened_is_told_beforehand_too(make, village):
    """Late hours took the year's room, were taken back, and what stood beside them filled it: that goes with the version that comes."""
    writer, person, since = village.administrators[0], make.person("谭嘉欣", home=village.branch, stage=StageKind.MEMBER), date(2027, 2, 1)
    event = make.activity(village.branch, village.secretary)

    def credit(day, source):
        given = Credit(person, event, ActivityKind.SERVICE, village.branch, day, 20 * 60, HourClass.CREDIT, source, "2026.1")
        in_transaction(lambda: crediting.credit([given], clock.now()))

    with clock.frozen_at(datetime(2027, 2, 20, 4, tzinfo=UTC)):
        credit(date(2026, 11, 25), 901)
        credit(date(2027, 2, 10), 902)
        in_transaction(lambda: crediting.reverse(SourceKind.ATTENDANCE, [901], "这条不对", clock.now(), made_by_id=None))
        draft = in_transaction(lambda: drafts.begin(SchemeKind.MEMBER, writer, clock.now()))
        row = drafts.queries.draft(draft)
        known = next(one.id for one in row.version.rules if one.code == "service_hour")

        def work():
            drafts.edit(draft, DraftBasics("2027.1", "会议", since, None, row.version.bands), writer)
            drafts.put_rule(draft, known, DraftRule("服务", Per.HOUR, 100, None, "service", True, 500, CapPeriod.MONTH), writer)

        in_transaction(work)
        said = whatif.deltas(draft, SchemeKind.MEMBER, Period(PeriodKind.MONTH, "2027-02", since, date(2027, 2, 28)))
        in_transaction(lambda: drafts.send(draft, writer, [], "/", clock.now()))
        before = points.totals([person], SchemeKind.MEMBER, "2027-02")
        book(draft, village)
        after = points.totals([person], SchemeKind.MEMBER, "2027-02")
        assert (before[person], after[person], said[person]) == (2000, 500, -1500)
        assert disagreements() == []


def book(draft, village):
    in_transaction(lambda: drafts.publish(draft, village.administrators[1], "/", clock.now()))
    while in_transaction(lambda: drafts.book_anew(draft, clock.now())):
        pass


def test_who_only_attended_what_gives_no_hours_is_booked_too(make, village, attended, drafted):
    """What-if counts them, and publishing gives them."""
    neighbour, guest = make.person("吴建华", home=village.branch, stage=StageKind.MASSES), make.person("郑玉莲", home=village.other)
    attended(neighbour, ActivityKind.PARTY_LIFE, 1)
    attended(guest, ActivityKind.OTHER, 2)
    draft = drafted(SchemeKind.VOLUNTEER, NOVEMBER, DraftRule("到场", Per.OCCURRENCE, 100))
    said = whatif.deltas(draft, SchemeKind.VOLUNTEER, Period(PeriodKind.MONTH, "2026-11", NOVEMBER, date(2026, 11, 30)))
    before = points.totals([*said], SchemeKind.VOLUNTEER, "2026-11")
    book(draft, village)
    after = points.totals([*said], SchemeKind.VOLUNTEER, "2026-11")
    assert {one: after[one] - before.get(one, 0) for one in said} == said
    assert (said[neighbour], said[guest], said[village.member]) == (100, 100, 100)
    assert disagreements() == []


@pytest.mark.parametrize(("day", "holds"), [(6, True), (7, False), (9, False), (10, False)])
def test_a_month_that_closes_in_three_days_is_not_booked_anew(village, drafted, day, holds):
    """November closes on the tenth of December. What is begun must be over by then."""
    with clock.frozen_at(datetime(2026, 12, day, 4, tzinfo=UTC)):
        if holds:
            book(drafted(SchemeKind.MEMBER, NOVEMBER), village)
            return
        with pytest.raises(Invalid) as refused:
            drafted(SchemeKind.MEMBER, NOVEMBER)
    said = refused.value.fields["valid_from"]
    assert ("已经结账" if day == 10 else "过不了 3 天就结账") in said
    assert "最早从 2026 年 12 月 1 日起" in said


def test_what_was_sent_in_time_and_is_published_too_late_is_refused(village, drafted):
    with clock.frozen_at(datetime(2026, 12, 6, 4, tzinfo=UTC)):
        draft = drafted(SchemeKind.MEMBER, NOVEMBER)
    with clock.frozen_at(datetime(2026, 12, 9, 4, tzinfo=UTC)), pytest.raises(Invalid):
        book(draft, village)
