"""What the 街道 organises for everyone is published by a second person; what nobody signed up for is taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.activities import queries, service
from app.activities.models import Activity
from app.activities.queries.second import asked_for, asked_for_count
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.worklist.models import Notice
from app.worklist.service import number


@pytest.fixture
def first(make, street, as_person):
    person = make.person("潘家华")
    make.grant(person, Role.ORGANISER, street.top)
    return as_person(person)


@pytest.fixture
def second_id(make, street):
    person = make.person("区秀珍")
    make.grant(person, Role.ADMINISTRATOR, street.top)
    return person


@pytest.fixture
def second(second_id, as_person):
    return as_person(second_id)


def made(browser, typed, unit, **changes):
    answer = browser.post("/activities", data=typed | {"unit_id": str(unit)} | changes)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def test_the_first_asks_and_the_second_publishes_from_the_work_list(first, second, second_id, client, typed, street, make):
    activity = made(first, typed, street.top)
    assert "要另一个人同意才发布" in first.get(f"/activities/{activity}").text
    assert client.get(f"/activities/{activity}").status_code == 404
    assert first.post(f"/activities/{activity}/publication").status_code == 303
    assert not queries.activity(activity).public
    assert number(asked_for_count(make.actor(second_id))) == 1
    assert "面向全街道，要您看过再发布" in second.get("/work").text
    assert "要您看过再发布" not in first.get("/work").text
    assert second.post(f"/activities/{activity}/publication").status_code == 303
    row = queries.activity(activity)
    assert row.public
    assert db.session.scalar(select(Activity.published_by_id)) == second_id
    assert number(asked_for_count(make.actor(second_id))) == 0
    assert "有人同意，已经发布了" in db.session.scalars(select(Notice.text)).one()


def test_the_database_itself_refuses_one_and_the_same(first, typed, street):
    activity = made(first, typed, street.top)
    asked = queries.activity(activity).publication_asked_by_id
    values = {"published_at": clock.now(), "published_by_id": asked}
    with pytest.raises(IntegrityError, match="second_person"):
        in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == activity).values(**values)))


def test_declined_with_a_reason_it_is_a_draft_again(first, second, typed, street):
    activity = made(first, typed, street.top)
    assert "没有退回" in second.post(f"/activities/{activity}/publication/refusal", data={}, follow_redirects=True).text
    second.post(f"/activities/{activity}/publication/refusal", data={"reason": "地点还没定"})
    assert queries.activity(activity).publication_asked_at is None
    assert "原因：地点还没定" in db.session.scalars(select(Notice.text)).one()
    assert second.post(f"/activities/{activity}/publication/refusal", data={"reason": "再来"}).status_code == 409


def test_nobody_declines_what_they_asked_for(first, typed, street):
    activity = made(first, typed, street.top)
    assert first.post(f"/activities/{activity}/publication/refusal", data={"reason": "算了"}).status_code == 409


def test_a_change_after_asking_must_be_asked_for_again(first, second, typed, street):
    from app.activities import forms

    activity = made(first, typed, street.top)
    form = forms.filled(queries.activity(activity), queries.shifts_of(activity)) | {"title": "换了内容", "do": "publish"}
    assert second.post(f"/activities/{activity}/revision", data=form).status_code == 303
    row = queries.activity(activity)
    assert not row.public  # the second person changed it, so now they are the one who asked
    assert second.post(f"/activities/{activity}/publication").status_code == 303
    assert not queries.activity(activity).public
    first.post(f"/activities/{activity}/publication")
    assert queries.activity(activity).public


def test_what_was_changed_and_asked_for_anew_is_looked_at_anew(first, second, typed, street):
    import re

    from app.activities import forms

    activity = made(first, typed, street.top)
    seen = re.search(r'name="asked" value="([^"]+)"', second.get(f"/activities/{activity}").text)[1]
    form = forms.filled(queries.activity(activity), queries.shifts_of(activity)) | {"title": "换了内容", "do": "publish"}
    with clock.frozen_at(clock.now() + timedelta(minutes=1)):
        first.post(f"/activities/{activity}/revision", data=form)
        answer = second.post(f"/activities/{activity}/publication", data={"asked": seen}, follow_redirects=True)
        assert "内容刚改过，没有发布" in answer.text
        assert not queries.activity(activity).public
        second.post(f"/activities/{activity}/publication", data={"asked": queries.activity(activity).publication_asked_at.isoformat()})
        assert queries.activity(activity).public


def test_for_a_unit_below_one_person_is_enough(first, typed, street):
    assert queries.activity(made(first, typed, street.top, for_unit=str(street.here))).public
    assert queries.activity(made(first, typed, street.here)).public
    assert not queries.activity(made(first, typed, street.top, for_unit=str(street.top))).public


def test_what_is_published_for_a_unit_is_not_widened_by_one_person(first, typed, street):
    from app.activities import forms

    activity = made(first, typed, street.top, for_unit=str(street.here))
    form = forms.filled(queries.activity(activity), queries.shifts_of(activity)) | {"for_unit": "", "do": "save"}
    answer = first.post(f"/activities/{activity}/revision", data=form)
    assert (answer.status_code, "放宽到全街道要另一个人同意" in answer.text) == (422, True)


def test_who_organises_elsewhere_is_no_second_person(first, organiser, typed, street, make):
    activity = made(first, typed, street.top)
    assert organiser.post(f"/activities/{activity}/publication").status_code == 404
    assert asked_for(make.actor(street.organiser)) == []


def test_a_series_waits_as_one_and_is_published_at_once(first, second, second_id, typed, street, make):
    plan = {"unit_id": str(street.top), "every": "week", "until": "2026-12-13", "form_id": "3f0c1c1e-0000-4000-8000-000000000001"}
    days = ["2026-11-22", "2026-11-29", "2026-12-06"]
    answer = first.post("/activities/series", data=typed | plan | {"on": days, "do": "publish"})
    assert answer.status_code == 303
    waiting = asked_for(make.actor(second_id))
    assert [one.count for one in waiting] == [3]
    assert "一串 3 场" in second.get("/work").text
    second.post(f"{answer.location}/publication")
    assert all(db.session.scalars(select(Activity.published_at.is_not(None))).all())


def test_taken_back_while_nobody_signed_up_it_is_a_draft_that_can_be_published_again(organiser, client, typed, street):
    activity = made(organiser, typed, street.team)
    assert "撤回，改好再发布" in organiser.get(f"/activities/{activity}").text
    assert organiser.post(f"/activities/{activity}/publication/withdrawal").status_code == 303
    assert client.get(f"/activities/{activity}").status_code == 404
    assert "这是草稿" in organiser.get(f"/activities/{activity}").text
    organiser.post(f"/activities/{activity}/publication")
    assert client.get(f"/activities/{activity}").status_code == 200


def test_once_somebody_signed_up_it_is_cancelled_and_not_taken_back(organiser, typed, street, make):
    activity = made(organiser, typed, street.team)
    shift = queries.shifts_of(activity)[0].id
    taken = in_transaction(lambda: service.take_seat(shift, street.volunteer, clock.now(), risk_read=True)).signup
    assert "撤回，改好再发布" not in organiser.get(f"/activities/{activity}").text
    assert organiser.post(f"/activities/{activity}/publication/withdrawal").status_code == 409
    in_transaction(lambda: service.withdraw(taken.id, street.volunteer, clock.now()))
    assert organiser.post(f"/activities/{activity}/publication/withdrawal").status_code == 303


def test_what_is_cancelled_is_not_taken_back(organiser, typed, street):
    activity = made(organiser, typed, street.team)
    organiser.post(f"/activities/{activity}/cancellation", data={"reason": "下雨"})
    assert organiser.post(f"/activities/{activity}/publication/withdrawal").status_code == 409
    with pytest.raises(Conflict):
        in_transaction(lambda: service.unpublish(activity, street.organiser))
