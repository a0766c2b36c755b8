"""From a template to a published activity in a minute; a unit's own templates; held again like last time."""

import re

import pytest
from sqlalchemy import select

from app.activities import forms, queries, template_forms
from app.activities.models import Activity, ActivityTemplate
from app.activities.rules import shift_fault
from app.activities.templates import TEMPLATES, Outcome, outcomes_of
from app.core import clock
from app.core.db import db


def fields_of(page):
    """What a browser would send back: inputs, areas and selects of the form as they were filled."""
    import html

    body = page.text.split('id="act"')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", body):
        given = {name: html.unescape(value) for name, value in re.findall(r'(\w+)="([^"]*)"', tag)}
        picks = given.get("type") in {"radio", "checkbox"}
        if "name" in given and (not picks or " checked" in tag):
            found[given["name"]] = given.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found[name] = html.unescape(text)
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


@pytest.mark.parametrize("key", TEMPLATES)
def test_a_template_is_published_as_it_comes_with_a_place_alone(organiser, street, key):
    form = fields_of(organiser.get(f"/activities/new?template={key}"))
    answer = organiser.post("/activities", data=form | {"place": "党建广场", "do": "publish"})
    assert answer.status_code == 303, answer.text
    row = queries.activity(int(answer.location.rsplit("/", 1)[1]))
    template = TEMPLATES[key]
    assert row.public
    assert (row.template, row.kind, row.description) == (key, template.kind, template.description)
    assert (row.risk_note, row.insurance_note) == (template.risk_note, template.insurance_note)
    assert row.title.startswith("灯湖社区")
    assert clock.local(row.starts_at).weekday() == template.weekday
    assert row.starts_at > clock.now()
    assert [shift.name for shift in queries.shifts_of(row.id)] == [shift.name for shift in template.shifts]


def test_the_templates_are_sound():
    names = [one.name for one in TEMPLATES.values()]
    assert names == ["邻里节", "垃圾分类", "主题巡查", "探访独居老人", "文明交通", "学习会", "主题党日"]
    for one in TEMPLATES.values():
        kept = template_forms.from_template(one, unit_id=1, where="灯湖社区", unit="灯湖社区", day=clock.today(), place="x")
        assert len(kept["title"]) <= 60
        assert max(len(one.risk_note), len(one.insurance_note)) <= 300
        assert all(minutes for minutes in forms.counted(kept))


def test_closing_asks_for_the_outcomes_of_the_template_and_for_all_without_one():
    assert outcomes_of("sorting") == (Outcome.HYGIENE,)
    assert outcomes_of(None) == tuple(Outcome)
    assert outcomes_of("study") == ()


def test_a_template_that_does_not_exist_is_a_blank_form_and_a_made_up_one_is_not_kept(organiser, typed, street):
    assert "选一样，一按就填好" in organiser.get("/activities/new?template=picnic").text
    organiser.post("/activities", data=typed | {"unit_id": str(street.team), "template": "picnic"})
    assert db.session.scalars(select(Activity.template)).one() is None


def test_held_again_everything_comes_along_and_it_says_what(organiser, typed, street):
    more = {
        "insurance_note": "意外险",
        "age_from": "16",
        "stage-member": "1",
        "for_unit": str(street.here),
        "asks_training": "急救",
        "training_months": "6",
        "gives_training": "摊位培训",
        "template": "festival",
        "unit_id": str(street.team),
    }
    organiser.post("/activities", data=typed | more)
    first = queries.activity(db.session.scalars(select(Activity.id)).one())
    page = organiser.get(f"/activities/new?like={first.id}")
    assert "带过来的：名字、地点和主办、2 个班次、做什么、提醒和保险、谁能参加、培训、签到码的出法。没带：报名的人。" in page.text
    answer = organiser.post("/activities", data=fields_of(page) | {"do": "publish"})
    again = queries.activity(int(answer.location.rsplit("/", 1)[1]))
    for name in (
        "title",
        "place_text",
        "unit_id",
        "description",
        "risk_note",
        "insurance_note",
        "who",
        "gives_training",
        "template",
        "kind",
    ):
        assert getattr(again, name) == getattr(first, name)
    assert again.id != first.id


def test_one_tap_from_the_activity_from_the_list_and_from_the_first_page_of_the_form(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    make.shift(activity, tomorrow)
    for address in (f"/activities/{activity}", "/activities/managed", "/activities/new"):
        assert f"like={activity}" in organiser.get(address).text


def test_one_tap_from_the_closing_page(organiser, make, street):
    from datetime import timedelta

    from app.activities import service
    from app.core.db import in_transaction

    activity = make.activity(street.team, street.organiser)
    make.shift(activity, clock.now() - timedelta(hours=9))
    in_transaction(lambda: service.close_activity(activity, street.organiser, 12, clock.now()))
    assert f"like={activity}" in organiser.get(f"/activities/{activity}/closing").text


def keep(browser, activity, name="锦园值守"):
    return browser.post(f"/activities/{activity}/template", data={"name": name})


def test_a_unit_keeps_an_activity_of_its_own_as_a_template_and_withdraws_it(organiser, make, typed, street):
    sent = organiser.post("/activities", data=typed | {"unit_id": str(street.team), "age_from": "18", "template": "festival"})
    activity = int(sent.location.rsplit("/", 1)[1])
    assert "存成模板" in organiser.get(f"/activities/{activity}").text
    assert keep(organiser, activity).status_code == 303
    own = db.session.scalars(select(ActivityTemplate)).one()
    assert (own.unit_id, own.template, own.made_by_id) == (street.team, "festival", street.organiser)
    page = organiser.get(f"/activities/new?own={own.id}")
    form = fields_of(page)
    assert (form["title"], form["s1-name"], form["age_from"], form["template"]) == (
        "灯湖邻里节：童玩与旧物市集",
        "清场组",
        "18",
        "festival",
    )
    assert form["day"] == "2026-11-22"  # the next Sunday, as it was held on one
    assert organiser.post("/activities", data=form | {"do": "publish"}).status_code == 303
    assert "锦园值守" in organiser.get("/activities/templates").text
    assert organiser.post(f"/activities/templates/{own.id}/withdrawal").status_code == 303
    assert f"own={own.id}" not in organiser.get("/activities/new").text
    for again in (organiser.get(f"/activities/new?own={own.id}"), organiser.post(f"/activities/templates/{own.id}/withdrawal")):
        assert again.status_code == 404
    assert keep(organiser, activity).status_code == 303  # the name is free again


def test_two_templates_of_a_unit_have_different_names(organiser, make, street, tomorrow):
    activity = make.activity(street.team, street.organiser)
    make.shift(activity, tomorrow)
    assert keep(organiser, activity).status_code == 303
    answer = keep(organiser, activity)
    assert (answer.status_code, "已经有一个叫这个名字" in answer.text, 'value="锦园值守"' in answer.text) == (422, True, True)
    assert keep(organiser, activity, " ").status_code == 422


def test_the_days_of_an_own_template_keep_their_distance(make, street, tomorrow):
    from datetime import date, timedelta

    activity = make.activity(street.team, street.organiser)
    make.shift(activity, tomorrow), make.shift(activity, tomorrow + timedelta(days=1))
    shape = template_forms.shape(queries.activity(activity), queries.shifts_of(activity))
    kept = template_forms.from_shape(shape, unit_id=street.team, day=date(2027, 1, 3))
    assert (kept["day"], kept["s1-day"]) == ("2027-01-03", "2027-01-04")


def test_templates_of_others_are_not_there(volunteer, make, organiser, street, tomorrow, as_person):
    from app.core.permissions import Role

    activity = make.activity(street.team, street.organiser)
    make.shift(activity, tomorrow)
    keep(organiser, activity)
    own = db.session.scalars(select(ActivityTemplate.id)).one()
    elsewhere = make.person("陆秀兰")
    make.grant(elsewhere, Role.ORGANISER, street.there)
    other = as_person(elsewhere)
    assert "锦园值守" not in other.get("/activities/templates").text
    for answer in (
        other.get(f"/activities/new?own={own}"),
        other.post(f"/activities/templates/{own}/withdrawal"),
        keep(other, activity),
        volunteer.get("/activities/templates"),
    ):
        assert answer.status_code == 404


def test_shifts_of_templates_can_be(street):
    from app.activities.rules import ShiftDraft

    for one in TEMPLATES.values():
        for shift in one.shifts:
            begins, ends = clock.at_local(clock.today(), shift.begins), clock.at_local(clock.today(), shift.ends)
            assert shift_fault(ShiftDraft(shift.name, begins, ends, shift.break_minutes, shift.capacity)) is None
