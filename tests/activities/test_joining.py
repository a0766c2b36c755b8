"""Who may join, as it is asked at sign-up: said before, refused with why, never at the door; the note about risk with its time."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.activities import queries, service
from app.activities.models import Activity, Signup
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Invalid
from app.people.models import Membership, Person
from app.people.rules import MembershipKind, StageKind


@pytest.fixture
def asks(make, street, tomorrow):
    """`asks(age_from=18)`: an activity of tomorrow with that condition, and its shift."""

    def made(**condition):
        activity = make.activity(street.team, street.organiser)
        if condition:
            in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(**condition)))
        return activity, make.shift(activity, tomorrow, capacity=5)

    return made


def joins(shift, person, **how):
    return in_transaction(lambda: service.take_seat(shift, person, clock.now(), **how))


def why(shift, person, **how):
    with pytest.raises(Invalid) as refused:
        joins(shift, person, **how)
    assert db.session.scalars(select(Signup.id).where(Signup.person_id == person)).all() == []
    return refused.value.fields["shift"]


def born(person, day):
    in_transaction(lambda: db.session.execute(update(Person).where(Person.id == person).values(birth_date=day)))


@pytest.mark.parametrize("kind", [MembershipKind.HOME, MembershipKind.REPORTED, MembershipKind.TEAM, MembershipKind.RESIDENT])
def test_whoever_belongs_to_the_unit_or_below_it_in_any_way(asks, make, street, kind):
    _, shift = asks(for_unit_id=street.here)
    inside, outside = make.person(), make.person(home=street.there)
    make._add(Membership, person_id=inside, unit_id=street.team, kind=kind, valid_from=date(2024, 1, 1))
    assert joins(shift, inside).fresh
    assert "这场先请灯湖社区的人" in why(shift, outside)


def test_a_tie_that_ended_no_longer_counts(asks, make, street):
    _, shift = asks(for_unit_id=street.here)
    person = make.person()
    ended = {"valid_from": date(2024, 1, 1), "valid_to": date(2025, 1, 1)}
    make._add(Membership, person_id=person, unit_id=street.team, kind=MembershipKind.TEAM, **ended)
    assert "这场先请" in why(shift, person)


def test_the_age_is_that_of_the_day_of_the_shift(asks, make, street):
    _, shift = asks(age_from=18)
    tomorrow_18, later_18, unknown = make.person(), make.person(), make.person()
    born(tomorrow_18, date(2008, 11, 22)), born(later_18, date(2008, 11, 23))
    assert joins(shift, tomorrow_18).fresh
    assert "18 岁以上" in why(shift, later_18)
    assert "出生日期还没登记" in why(shift, unknown)


def test_the_stage_of_today(asks, make, street):
    _, shift = asks(for_stages="member probationary activist")
    activist, masses = make.person(stage=StageKind.ACTIVIST), make.person()
    assert joins(shift, activist).fresh
    assert why(shift, masses) == "这场请党员和入党积极分子参加"


@pytest.fixture
def trained(make, street):
    """`trained(person, days)`: they were at 急救培训 that many days ago."""

    def came(person, days_ago, *, credited=True, name="急救培训"):
        from app.checkin.models import Attendance, Scan
        from app.checkin.rules import Outcome, Way

        at = clock.now() - timedelta(days=days_ago)
        training = make.activity(street.here, street.organiser, title=name)
        shift = make.shift(training, at, 2)
        in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == training).values(gives_training=name)))
        from uuid import uuid4

        scan = uuid4()
        make._add(
            Scan,
            id=scan,
            activity_id=training,
            shift_id=shift,
            person_id=person,
            way=Way.POSTER,
            outcome=Outcome.IN,
            at=at,
            received_at=at,
            content="x",
        )
        out = at + timedelta(hours=2)
        make._add(
            Attendance,
            shift_id=shift,
            person_id=person,
            in_at=at,
            in_way=Way.POSTER,
            in_scan_id=scan,
            out_at=out,
            out_way=Way.POSTER,
            credited_from=at if credited else None,
            credited_to=out if credited else None,
        )

    return came


def test_a_training_is_asked_for_and_counts_for_so_many_months(asks, make, trained):
    _, shift = asks(asks_training="急救培训", training_months=6)
    fresh, old, uncounted, other, never = (make.person() for _ in range(5))
    trained(fresh, 30), trained(old, 300), trained(uncounted, 30, credited=False), trained(other, 30, name="消防培训")
    assert joins(shift, fresh).fresh
    for person in (old, uncounted, other, never):
        assert why(shift, person) == "要先参加过“急救培训”（6 个月内的才算）"
    _, whenever = asks(asks_training="急救培训")
    assert joins(whenever, old).fresh


def test_the_page_says_so_before_and_offers_no_button(volunteer, client, asks, street):
    activity, shift = asks(for_stages="member probationary", age_from=18)
    text = client.get(f"/activities/{activity}").text
    assert "这场请谁" in text
    assert "党员" in text
    assert "您现在还报不了" not in text
    own = volunteer.get(f"/activities/{activity}").text
    assert "您现在还报不了" in own
    assert "这场请党员参加" in own
    assert 'id="dock"' not in own
    answer = volunteer.post(f"/shifts/{shift}/signups")
    assert (answer.status_code, "这场请党员参加" in answer.text) == (422, True)
    assert queries.signups_of(street.volunteer, [activity]) == []


def test_the_text_for_the_group_says_who_is_asked(organiser, asks):
    activity, _ = asks(age_from=18, for_stages="member probationary")
    assert "这场请：18 岁以上，党员" in organiser.get(f"/activities/{activity}").text


def test_who_signed_up_before_stays_and_a_resent_request_is_answered(asks, make, street):
    activity, shift = asks()
    person = make.person()
    joins(shift, person)
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(age_from=90)))
    assert not joins(shift, person).fresh


def test_at_the_door_nobody_is_refused_for_it(asks, make, street):
    from uuid import uuid4

    from app.checkin import service as doors
    from app.checkin.rules import ShownCode, Way

    activity = make.activity(street.team, street.organiser)
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(age_from=90)))
    make.shift(activity, clock.now())
    person = make.person()
    code = ShownCode(uuid4(), activity, Way.POSTER, clock.now())
    verdict = in_transaction(lambda: doors.record_scan(code, person, clock.now()))
    assert verdict.outcome.value == "in"


def test_the_organiser_puts_somebody_down_by_hand(asks, make, street):
    _, shift = asks(age_from=90, risk_note="要爬楼梯")
    assert joins(shift, make.person(), by_id=street.organiser, by_hand=True).fresh


def test_no_more_queries_for_an_activity_that_is_open_to_anyone(volunteer, asks):
    from tests.conftest import statements

    plain, _ = asks()
    asking, _ = asks(age_from=18, for_stages="member", asks_training="急救培训")
    volunteer.get(f"/activities/{plain}")
    with statements() as few:
        volunteer.get(f"/activities/{plain}")
    with statements() as many:
        volunteer.get(f"/activities/{asking}")
    assert len(many) <= len(few) + 4


def test_the_note_about_risk_is_kept_with_its_time(volunteer, asks, street):
    activity, shift = asks(risk_note="请带水和帽子。", insurance_note="主办单位买了意外险。")
    assert "主办单位买了意外险" in volunteer.get(f"/activities/{activity}").text
    with pytest.raises(Invalid):
        joins(shift, street.organiser)
    volunteer.post(f"/shifts/{shift}/signups", data={"risk_read": "1"})
    assert db.session.scalars(select(Signup.risk_read_at)).all() == [clock.now()]


def test_without_a_note_nothing_is_said_to_have_been_read(volunteer, asks):
    _, shift = asks()
    volunteer.post(f"/shifts/{shift}/signups", data={"risk_read": "1"})
    assert db.session.scalars(select(Signup.risk_read_at)).all() == [None]


def test_a_changed_note_is_told_to_those_who_signed_up(organiser, typed, street, make):
    from app.activities import forms
    from app.worklist.models import Notice

    sent = organiser.post("/activities", data=typed | {"unit_id": str(street.team)})
    activity = int(sent.location.rsplit("/", 1)[1])
    joins(queries.shifts_of(activity)[0].id, street.volunteer, risk_read=True)
    form = forms.filled(queries.activity(activity), queries.shifts_of(activity)) | {"risk_note": "要搬重物。", "do": "save"}
    organiser.post(f"/activities/{activity}/revision", data=form)
    assert db.session.scalars(select(Notice.text)).all() == [
        "《灯湖邻里节：童玩与旧物市集》出门前的提醒有改动，请看一眼。来不了请退出，好让别人补上。"
    ]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("age_to", "10", "最大年龄不能比最小年龄还小"),
        ("age_from", "0", "最小年龄应在 1 到 120"),
        ("training_months", "6", "还要写是什么培训"),
        ("for_unit", "10000", "请选择给哪个组织的人"),
        ("insurance_note", "长" * 301, "保险最多 300 个字"),
    ],
)
def test_a_condition_that_can_not_be_opens_its_part_of_the_form(organiser, typed, street, field, value, words):
    fault_at = "asks_training" if field == "training_months" else field
    answer = organiser.post("/activities", data=typed | {"unit_id": str(street.team), "age_from": "12"} | {field: value})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert f'id="f-{fault_at}-e"' in answer.text
    assert answer.text.count('<details class="why" open>') == 1


def test_an_organiser_may_ask_people_of_the_units_above_their_own(organiser, typed, street):
    for unit, status in ((street.top, 303), (street.here, 303), (street.there, 422)):
        assert organiser.post("/activities", data=typed | {"unit_id": str(street.team), "for_unit": str(unit)}).status_code == status


@pytest.fixture
def ward(make, street):
    """Somebody for whom the volunteer acts."""
    from app.proxies.models import Proxy
    from app.proxies.rules import Agreement, Relation

    person, now = make.person("林桂芳", stage=StageKind.MEMBER), clock.now()
    make._add(
        Proxy,
        person_id=person,
        proxy_id=street.volunteer,
        relation=Relation.FAMILY,
        person_agreed=Agreement.IN_PERSON,
        person_agreed_at=now,
        proxy_agreed_at=now,
        made_by_id=street.organiser,
        valid_from=now,
    )
    return person


def test_who_acts_for_somebody_never_learns_their_stage(volunteer, asks, ward):
    for stages in ("member probationary", "applicant"):  # the same answer whether the ward would be let in or not
        activity, shift = asks(for_stages=stages)
        page = volunteer.get(f"/activities/{activity}/for/{ward}").text
        assert "这一场有参加条件，要本人来报" in page
        assert f"/shifts/{shift}/signups/for/" not in page
        answer = volunteer.post(f"/shifts/{shift}/signups/for/{ward}")
        assert (answer.status_code, "要本人来报" in answer.text) == (422, True)
        assert queries.signups_in(activity) == []


def test_who_acts_for_somebody_reads_why_and_ticks_the_note_for_them(volunteer, asks, ward):
    activity, shift = asks(age_from=18, risk_note="要爬楼梯")
    assert "林桂芳的出生日期还没登记" in volunteer.get(f"/activities/{activity}/for/{ward}").text
    born(ward, date(1956, 3, 1))
    assert volunteer.post(f"/shifts/{shift}/signups/for/{ward}").status_code == 422
    assert volunteer.post(f"/shifts/{shift}/signups/for/{ward}", data={"risk_read": "1"}).status_code == 303
    assert db.session.scalars(select(Signup.risk_read_at)).all() == [clock.now()]
