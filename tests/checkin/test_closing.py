"""收场: what is asked, what becomes final, and that afterwards a change of hours takes two people."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError

from app.activities import queries as activities
from app.activities import service as activity_service
from app.activities.models import ActivityOutcome
from app.activities.outcomes import Report
from app.activities.templates import Outcome
from app.checkin import queries, service
from app.checkin.models import Attendance, AttendanceDecision
from app.checkin.reasons import Verdict
from app.checkin.rules import Outcome as ScanOutcome
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours.models import HourEntry
from app.people.rules import Origin
from app.worklist.models import Notice
from tests.conftest import NOON

PLAIN = Report(120)
OVER = 242  # minutes after noon: the shift of three hours ended, and nobody may sign out by themselves any more


def later(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def fair(make):
    class Fair:
        branch = make.unit("锦园第一党支部")
        organiser = make.person("霍静雯", home=branch)
        second = make.person("罗国栋", home=branch)
        activity = 0

        def scan(self, person, at=NOON, way=Way.POSTER, by=None):
            shown = ShownCode(uuid4(), self.activity, way, at)
            return in_transaction(lambda: service.record_scan(shown, person, at, by_id=by))

        def close(self, at, report=PLAIN, by=None):
            in_transaction(lambda: service.close(self.activity, report, by or self.organiser, at))

        def sign_out(self, by, at, spell=None):
            spell = spell or queries.spells_of(self.activity)[0].id
            return in_transaction(lambda: service.sign_out_all(self.activity, {spell: later(180)}, by, at))

    fair = Fair()
    for person in (fair.organiser, fair.second):
        make.grant(person, Role.ORGANISER, fair.branch)
    fair.activity = make.activity(fair.branch, fair.organiser)
    make.shift(fair.activity, NOON, 3)
    return fair


def the_spell(fair):
    return queries.spells_of(fair.activity)[0]


class TestWhatIsKept:
    def test_the_number_that_was_counted_and_the_one_that_was_said(self, fair, make):
        person = make.person(home=fair.branch)
        fair.scan(person)
        fair.scan(person, later(170))
        for device in ("a", "b", "b"):
            shown = ShownCode(uuid4(), fair.activity, Way.POSTER, NOON)
            in_transaction(lambda shown=shown, device=device: service.record_visit(shown, device * 32, NOON))
        fair.close(later(OVER), Report(620, 1280, {Outcome.DISPUTES: 2}))
        assert activities.counted(fair.activity) == activities.Counted(3, 1280, fair.organiser)
        assert activities.outcomes_of(fair.activity) == {Outcome.DISPUTES: 2}
        assert activities.activity(fair.activity).served_count == 620

    def test_a_number_that_repeats_what_was_counted_is_no_correction(self, fair):
        fair.close(later(OVER), Report(5, 0))
        assert activities.counted(fair.activity) == activities.Counted(0, None, fair.organiser)

    def test_an_outcome_is_more_than_none(self, fair):
        none = insert(ActivityOutcome).values(activity_id=fair.activity, kind=Outcome.LIFTS, count=0)
        with pytest.raises(DatabaseError):
            in_transaction(lambda: db.session.execute(none))

    def test_figures_of_a_time_add_up_below_a_unit_by_the_day_of_the_end(self, fair, make):
        fair.close(later(OVER), Report(10, outcomes={Outcome.HAZARDS: 3, Outcome.LIFTS: 1}))
        elsewhere = make.activity(make.unit("别的支部"), fair.organiser)
        make.shift(elsewhere, NOON, 3)
        in_transaction(lambda: service.close(elsewhere, Report(7, outcomes={Outcome.HAZARDS: 9}), fair.organiser, later(OVER)))
        day = clock.local_date(NOON)
        found = activities.outcomes_between([fair.branch], day, day)
        assert (found.activities, found.served, found.outcomes) == (1, 10, {Outcome.HAZARDS: 3, Outcome.LIFTS: 1})
        assert activities.outcomes_between([fair.branch], day + timedelta(days=1), day + timedelta(days=9)).activities == 0


class TestWhen:
    def test_not_while_somebody_may_still_sign_out_by_themselves(self, fair, make):
        fair.scan(make.person(home=fair.branch))
        with pytest.raises(Conflict, match="还有 1 位没签退，到 16:00 前"):
            fair.close(later(200))
        fair.close(later(OVER))
        assert the_spell(fair).waits(later(OVER))
        assert hours.sums(the_spell(fair).person_id) == hours.Sums()

    def test_at_once_when_everybody_has_left(self, fair, make):
        person = make.person(home=fair.branch)
        fair.scan(person)
        fair.scan(person, later(175))
        fair.close(later(181))
        assert activities.activity(fair.activity).closed_at == later(181)

    def test_once(self, fair):
        fair.close(later(OVER))
        with pytest.raises(Conflict, match="已经收场"):
            fair.close(later(OVER + 1), Report(9), fair.second)
        assert activities.activity(fair.activity).served_count == 120


class TestAfterwards:
    def test_no_scan_moves_anybody(self, fair, make):
        person = make.person(home=fair.branch)
        fair.scan(person)
        fair.scan(person, later(175))
        fair.close(later(181))
        assert fair.scan(person, later(182)).outcome is not ScanOutcome.OUT
        late = make.person("区慧敏", home=fair.branch)
        assert fair.scan(late, later(179)).outcome is ScanOutcome.NOT_OPEN
        assert fair.scan(late, later(179), Way.CARD, fair.organiser).outcome is ScanOutcome.NOT_OPEN
        assert len(queries.spells_of(fair.activity)) == 1

    def test_a_sign_out_is_not_taken_back(self, fair, make):
        person = make.person(home=fair.branch)
        fair.scan(person)
        out = fair.scan(person, later(175))
        fair.close(later(181))
        with pytest.raises(Conflict, match="已经收了"):
            in_transaction(lambda: service.undo_sign_out(out.scan_id, person, later(182)))

    def test_who_names_an_end_does_not_decide_about_it_and_another_does(self, fair, make):
        person = make.person(home=fair.branch)
        fair.scan(person)
        fair.close(later(OVER))
        done = fair.sign_out(fair.organiser, later(300))
        assert (done.people, done.minutes, done.held) == (1, 0, 1)
        assert hours.sums(person) == hours.Sums()
        spell = the_spell(fair).id
        with pytest.raises(Refused, match="另一位"):
            in_transaction_as(fair.organiser, make, lambda actor: service.decide([spell], Verdict.COUNT, actor, later(301)))
        decided = in_transaction_as(fair.second, make, lambda actor: service.decide([spell], Verdict.COUNT, actor, later(302)))
        assert (decided.done, decided.minutes) == (1, 180)
        entry = db.session.execute(select(HourEntry.made_by_id, HourEntry.approved_by_id)).one()
        assert tuple(entry) == (fair.organiser, fair.second)
        assert hours.sums(person) == hours.Sums(service_honour=180)

    def test_the_database_refuses_a_decision_of_who_named_the_end(self, fair, make):
        fair.scan(make.person(home=fair.branch))
        fair.close(later(OVER))
        fair.sign_out(fair.organiser, later(300))
        own = {"attendance_id": the_spell(fair).id, "made_at": later(301), "made_by_id": fair.organiser, "verdict": Verdict.COUNT}
        with pytest.raises(DatabaseError, match="two people"):
            in_transaction(lambda: db.session.execute(insert(AttendanceDecision).values(**own)))

    def test_what_was_held_before_takes_another_than_who_scanned_it(self, fair, make):
        """At the door one may scan and decide; once it is closed, no more."""
        person = make.person(home=fair.branch)
        elsewhere = make.activity(fair.branch, fair.second, title="别处")
        make.shift(elsewhere, NOON, 3)
        for activity in (elsewhere, fair.activity):
            fair.activity, kept = activity, fair.activity
            fair.scan(person, later(1), Way.CARD, fair.organiser)
            fair.scan(person, later(175), Way.CARD, fair.organiser)
            fair.activity = kept
        spell = db.session.scalars(select(Attendance.id).where(Attendance.held_at.is_not(None))).one()
        fair.activity = queries.spells([spell])[0].activity_id
        fair.close(later(OVER))
        with pytest.raises(Refused, match="另一位"):
            in_transaction_as(fair.organiser, make, lambda actor: service.decide([spell], Verdict.LEAVE, actor, later(300)))
        assert in_transaction_as(fair.second, make, lambda actor: service.decide([spell], Verdict.LEAVE, actor, later(300))).done == 1

    def test_who_never_signed_out_counts_nothing_and_is_not_left_out_by_one(self, fair, make):
        fair.scan(make.person(home=fair.branch))
        fair.close(later(OVER))
        with pytest.raises(Conflict, match="本来就不计"):
            in_transaction(lambda: service.leave_open(fair.activity, [the_spell(fair).id], fair.second, later(300)))

    def test_a_stranger_whose_end_was_named_waits_for_another_even_when_confirmed(self, fair, make):
        stranger = make.person("冼伟文", confirmed=False, origin=Origin.SELF)
        fair.scan(stranger)
        fair.close(later(OVER))
        fair.sign_out(fair.organiser, later(300))
        roots = frozenset({fair.branch})
        with pytest.raises(Refused, match="另一位"):
            in_transaction(lambda: service.confirm_walk_ins(fair.activity, [stranger], fair.organiser, roots, later(301)))
        in_transaction(lambda: service.confirm_walk_ins(fair.activity, [stranger], fair.second, roots, later(302)))
        assert hours.sums(stranger) == hours.Sums()
        assert the_spell(fair).held

    def test_nothing_is_extended_revised_or_called_off(self, fair, make):
        fair.close(later(OVER))
        shift = activities.shifts_of(fair.activity)[0].id
        for change in (
            lambda: activity_service.extend_shift(shift, later(300), fair.organiser, later(OVER)),
            lambda: activity_service.cancel(fair.activity, fair.organiser, later(OVER), "下雨"),
            lambda: activity_service.unpublish(fair.activity, fair.organiser),
        ):
            with pytest.raises(Conflict):
                in_transaction(change)


def in_transaction_as(person, make, work):
    actor = make.actor(person)
    return in_transaction(lambda: work(actor))


class TestByItself:
    def run(self, app, at):
        with clock.frozen_at(at):
            return app.test_cli_runner().invoke(args=["activity", "close-overdue"]).output

    def test_a_week_after_its_end_and_once(self, app, fair, make):
        fair.scan(make.person(home=fair.branch))
        week = later(180) + timedelta(days=7)
        assert "0 场" in self.run(app, week - timedelta(minutes=1))
        assert "1 场" in self.run(app, week + timedelta(minutes=1))
        assert "0 场" in self.run(app, week + timedelta(minutes=2))
        row, figures = activities.activity(fair.activity), activities.counted(fair.activity)
        assert (row.closed_at, row.served_count) == (week + timedelta(minutes=1), None)
        assert (figures.counted, figures.closed_by_id) == (1, None)
        assert the_spell(fair).waits(week)
        assert "已自动收场" in db.session.scalars(select(Notice.text).where(Notice.person_id == fair.organiser)).one()

    def test_leaves_drafts_cancelled_and_closed_ones_alone(self, app, fair, make):
        make.shift(make.activity(fair.branch, fair.organiser, published=False), NOON, 3)
        called_off = make.activity(fair.branch, fair.organiser)
        make.shift(called_off, NOON, 3)
        in_transaction(lambda: activity_service.cancel(called_off, fair.organiser, NOON))
        fair.close(later(OVER))
        assert "0 场" in self.run(app, NOON + timedelta(days=30))

    def test_what_came_of_it_is_said_afterwards_once(self, app, fair):
        with pytest.raises(Conflict, match="还没收场"):
            in_transaction(lambda: activity_service.report_after(fair.activity, fair.organiser, 9))
        self.run(app, NOON + timedelta(days=8))
        in_transaction(lambda: activity_service.report_after(fair.activity, fair.organiser, 66, came=80, outcomes={Outcome.PARKING: 2}))
        assert (activities.activity(fair.activity).served_count, activities.counted(fair.activity).said) == (66, 80)
        assert activities.outcomes_of(fair.activity) == {Outcome.PARKING: 2}
        with pytest.raises(Conflict, match="已经有人填了"):
            in_transaction(lambda: activity_service.report_after(fair.activity, fair.second, 1))

    def test_an_end_named_afterwards_takes_two_people_too(self, app, fair, make):
        fair.scan(make.person(home=fair.branch))
        self.run(app, NOON + timedelta(days=8))
        assert fair.sign_out(fair.organiser, NOON + timedelta(days=9)).held == 1


def test_two_who_close_at_once_make_one_closing(fair, at_once):
    def close(by, served):
        return in_transaction(lambda: service.close(fair.activity, Report(served), by, later(OVER)))

    served = {fair.organiser: 11, fair.second: 22}
    with clock.frozen_at(later(OVER)):
        done = at_once([partial(close, *one) for one in served.items()])
    (first,) = (many for many, result in zip(served.values(), done, strict=True) if not isinstance(result, Conflict))
    assert activities.activity(fair.activity).served_count == first


class TestPage:
    def test_asks_what_the_template_asks_and_offers_the_rest(self, fair, make, as_person):
        desk = as_person(fair.organiser)
        with clock.frozen_at(later(OVER)):
            page = desk.get(f"/activities/{fair.activity}/closing").text
            assert "系统数到 0" in page
            assert page.count('name="outcome-') == 7
            bad = desk.post(f"/activities/{fair.activity}/closing", data={"served": "六百", "came": "-1", "outcome-lifts": "x"})
            assert bad.status_code == 422
            for words in ("服务人次请填 0 或以上的整数", "到场人次请填 0 或以上的整数", "加装电梯请填", "六百"):
                assert words in bad.text
            sent = {"served": "620", "came": "1280", "outcome-disputes": "2", "outcome-lifts": "1"}
            done = desk.post(f"/activities/{fair.activity}/closing", data=sent, follow_redirects=True).text
            assert all(words in done for words in ("办成了", "邻里矛盾 2 件", "加装电梯 1 部", "系统数到 0，组织者改为 1,280", "群文字"))
            again = desk.post(f"/activities/{fair.activity}/closing", data=sent)
            assert again.status_code == 409
            assert "已经收场" in again.text

    def test_says_who_may_still_leave(self, fair, make, as_person):
        fair.scan(make.person(home=fair.branch))
        with clock.frozen_at(later(200)):
            page = as_person(fair.organiser).post(f"/activities/{fair.activity}/closing", data={"served": "5"})
        assert page.status_code == 409
        assert "还有 1 位没签退" in page.text
        assert 'value="5"' in page.text

    def test_a_report_of_less_than_nothing_is_refused(self, fair):
        with pytest.raises(Invalid):
            fair.close(later(OVER), Report(-1))
