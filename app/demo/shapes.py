"""Activities with more to them: a weekly series with a day left out, one with conditions, a unit's own template, and one for
the whole street that waits for a second person.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from app.accounts import granting
from app.accounts.queries import roles_held
from app.activities import queries, template_forms
from app.activities import service as activity_service
from app.activities.joining_rules import Who
from app.activities.rules import ActivityDraft, CodeWay, ShiftDraft
from app.activities.series_rules import Every, days
from app.activities.templates import TEMPLATES, Template
from app.core.actor import Actor, Grant
from app.core.clock import at_local, local_date
from app.core.db import in_transaction
from app.core.permissions import Role
from app.demo.people import Cast
from app.people.rules import PARTY_MEMBERS, StageKind

FORM = "3f0c1c1e-7a44-4d0e-9f00-00000000de30"


def load(cast: Cast, now: datetime) -> None:
    today = local_date(now)
    organiser = Actor(cast.organiser, "", 0, tuple(roles_held(cast.organiser, today)))
    clerk = next(one for one in cast.members[cast.branches["桂雅两新党支部"]] if one != cast.administrator)
    unit, first = cast.communities["灯湖"], template_forms.coming(5, today)
    sorting = _draft(TEMPLATES["sorting"], unit, "灯湖社区 垃圾分类值守", "锦园东门投放点", first)
    listed = tuple(days(first, Every.FORTNIGHT, first + timedelta(days=70)))
    plan = activity_service.Plan(Every.FORTNIGHT, first, listed[-1], tuple(day for day in listed if day != listed[2]))
    visit = _draft(TEMPLATES["visit"], unit, "灯湖社区 探访独居老人", "锦园、银杏两个小区", first + timedelta(days=8))
    who = Who(unit_id=unit, age_from=18, stages=PARTY_MEMBERS | {StageKind.ACTIVIST})
    cleaning = _draft(TEMPLATES["sorting"], cast.root, "全街道清洁日", "各社区党群服务中心集合", first + timedelta(days=14))
    unlimited = tuple(replace(shift, capacity=None, positions=()) for shift in cleaning.shifts)
    cleaning = replace(cleaning, shifts=unlimited, code_way=CodeWay.POSTER)

    def work() -> None:
        activity_service.create_series(sorting, plan, organiser, now, FORM, published=True)
        asked = activity_service.create_activity(replace(visit, who=who), organiser, now)
        activity_service.publish(asked, organiser.person_id, now)
        row = queries.activity(asked)
        if row:
            shape = template_forms.shape(row, queries.shifts_of(asked))
            activity_service.keep_template(row, "锦园、银杏走访", shape, organiser.person_id, now)
        granting.grant_role(clerk, Role.ORGANISER, cast.root, today, None, None)  # so that the administrator is the second person
        waiting = activity_service.create_activity(cleaning, Actor(clerk, "", 0, (Grant(Role.ORGANISER, cast.root),)), now)
        activity_service.publish(waiting, clerk, now)

    in_transaction(work)


def _draft(template: Template, unit: int, title: str, place: str, day: date) -> ActivityDraft:
    shifts = tuple(
        ShiftDraft(one.name, at_local(day, one.begins), at_local(day, one.ends), one.break_minutes, one.capacity, positions=one.positions)
        for one in template.shifts
    )
    return ActivityDraft(
        title,
        template.kind,
        unit,
        place,
        template.description,
        template.risk_note,
        template.code_way or CodeWay.ROTATING,
        shifts,
        template.insurance_note,
        template=template.key,
    )
