"""上报快照: frozen by one, sent by another, never changed; what is different today is shown beside it."""

import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.hours.rules import HourClass, HourKind
from app.people.rules import StageKind, UnitKind
from app.reports import queries, service
from app.reports.models import ReportEntry, ReportSendingEntry
from app.reports.rules import content_of, digest, span_of
from app.reports.words import summary
from app.worklist.models import Notice
from tests.conftest import NOON
from tests.reports.worlds import Held, Moving, Served, World

TODAY = date(2026, 11, 21)
OCTOBER = span_of("2026-10", TODAY)


@pytest.fixture
def world(make):
    """Two came in October to an activity that lifted one lift; nobody in September."""
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    served = [
        Served(0, date(2026, 10, 3), 90, HourKind.SERVICE, HourClass.CREDIT),
        Served(1, date(2026, 10, 4), 45, HourKind.SERVICE, HourClass.HONOUR),
    ]
    held = [Held(0, date(2026, 10, 3), ActivityKind.SERVICE, 80, 25, lifts=1)]
    made = World(make, [Moving(0, 0, date(2026, 1, 1))] * 2, served, held)
    unit = make.unit

    def below(*args, kind=UnitKind.BRANCH, parent=None, **kwargs):
        return unit(*args, kind=kind, parent=parent or (root if kind is UnitKind.COMMUNITY else None), **kwargs)

    make.unit = below
    made.build()
    del make.unit
    made.root = root
    made.secretary = make.person("李柏豪", home=made.branches[0], stage=StageKind.MEMBER)
    made.deputy = make.person("梁凤珍", home=made.branches[0], stage=StageKind.MEMBER)
    made.above = make.person("潘书记", home=made.branches[1])
    make.grant(made.secretary, Role.SECRETARY, made.branches[0])
    make.grant(made.deputy, Role.DEPUTY, made.branches[0])
    make.grant(made.above, Role.SECRETARY, made.community)
    for person in (made.secretary, made.deputy, made.above):
        make.account(person)
    return made


def more(world, *served):
    """Somebody served besides, found out today."""
    with clock.frozen_at(NOON):
        world.served = list(served)
        in_transaction(world._serve)


def frozen(world, unit=None, by=None):
    return in_transaction(lambda: service.freeze(unit or world.branches[0], OCTOBER, by or world.secretary, NOON))


def sent(report_id, by):
    in_transaction(lambda: service.send(report_id, by, "", NOON, lambda one: f"/reports/{one}"))


def test_it_never_changes_and_says_what_is_different_today(world, as_person):
    report_id = frozen(world)
    before = queries.snapshot(report_id)
    assert before.intact
    assert "今天再算，和冻结时一样" in as_person(world.deputy).get(f"/reports/{report_id}").text
    more(world, Served(0, date(2026, 10, 20), 65, HourKind.SERVICE, HourClass.CREDIT))
    after = queries.snapshot(report_id)
    assert (after.content, after.digest) == (before.content, before.digest)
    assert digest(after.content) == after.digest
    text = as_person(world.deputy).get(f"/reports/{report_id}").text
    assert "冻结以后有变化" in text
    for words in ("1 小时 30 分", "2 小时 35 分", "多 1 小时 5 分", "多 1 人次"):
        assert words in text


def test_the_sheet_of_a_frozen_report_is_the_same_years_later(world, as_person):
    report_id = frozen(world)

    def cells():
        data = as_person(world.secretary).get(f"/reports/{report_id}/report.xlsx").data
        return [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(data))]

    before = cells()
    assert any(row[:2] == ("服务人次", 80) for row in before[0])
    more(world, Served(1, date(2026, 10, 30), 600, HourKind.STUDY, HourClass.HONOUR))
    assert cells() == before


def test_whoever_froze_it_does_not_send_it_and_the_unit_above_is_told(world, make, as_person):
    report_id = frozen(world)
    with pytest.raises(Refused):
        sent(report_id, world.secretary)
    assert "要请另一位上报" in as_person(world.secretary).post(f"/reports/{report_id}/sending", follow_redirects=True).text
    with pytest.raises(IntegrityError, match="takes two people"):
        in_transaction(
            lambda: db.session.execute(
                insert(ReportSendingEntry).values(report_id=report_id, sent_at=NOON, sent_by_id=world.secretary, note="")
            )
        )
    answer = as_person(world.deputy).post(f"/reports/{report_id}/sending", data={"note": "请查收"}, follow_redirects=True)
    assert "已上报" in answer.text
    assert "请查收" in answer.text
    with pytest.raises(Conflict):
        sent(report_id, world.deputy)
    assert db.session.scalars(select(Notice.person_id).where(Notice.url == f"/reports/{report_id}")).all() == [world.above]
    assert set(db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("report")))) == {"report", "report.sending"}


@pytest.mark.parametrize("table", [ReportEntry, ReportSendingEntry])
def test_the_database_refuses_a_change(world, table):
    sent(frozen(world), world.deputy)
    with pytest.raises(IntegrityError, match="append-only"):
        in_transaction(lambda: db.session.execute(update(table).values(id=99)))


def test_what_says_the_same_is_not_frozen_twice_and_a_newer_version_takes_its_place(world, as_person):
    first = frozen(world)
    again = as_person(world.deputy).post(f"/reports/units/{world.branches[0]}/snapshots", data={"period": "2026-10"})
    assert again.location.endswith(f"/reports/{first}")
    more(world, Served(0, date(2026, 10, 21), 65, HourKind.SERVICE, HourClass.CREDIT))
    second = frozen(world, by=world.deputy)
    assert [one.version for one in queries.versions(world.branches[0], "2026-10")] == [2, 1]
    with pytest.raises(Conflict):
        sent(first, world.deputy)
    sent(second, world.secretary)
    state = queries.state_of([world.branches[0]], "2026-10")[world.branches[0]]
    assert (state.made_id, state.sent_id) == (second, second)


def test_it_waits_in_the_work_list_of_the_other_and_rises_when_nobody_looks(world, make, as_person):
    report_id = frozen(world)
    link = f'action="/reports/{report_id}/sending"'
    assert link in as_person(world.deputy).get("/work").text
    assert link not in as_person(world.secretary).get("/work").text
    assert link not in as_person(world.above).get("/work").text
    with clock.frozen_at(NOON + timedelta(days=10)):
        assert link in as_person(world.above).get("/work").text
    sent(report_id, world.deputy)
    assert link not in as_person(world.deputy).get("/work").text


def test_one_made_by_schedule_waits_for_the_unit_s_own_first(world, as_person):
    report_id = in_transaction(lambda: service.freeze(world.branches[0], OCTOBER, None, NOON))
    link = f'action="/reports/{report_id}/sending"'
    assert link in as_person(world.deputy).get("/work").text
    assert link in as_person(world.secretary).get("/work").text
    assert link not in as_person(world.above).get("/work").text
    with clock.frozen_at(NOON + timedelta(days=10)):
        assert link in as_person(world.above).get("/work").text


def test_sending_asks_for_the_password_again(world, as_person):
    report_id, deputy = frozen(world), as_person(world.deputy)
    with clock.frozen_at(NOON + timedelta(hours=1)):
        assert "confirm_password" in deputy.post(f"/reports/{report_id}/sending").text
    assert queries.snapshot(report_id).sent_at is None


def test_hours_organised_are_another_figure_and_one_frozen_before_they_were_has_none(world, as_person):
    more(world, Served(1, date(2026, 10, 20), 65, HourKind.SERVICE, HourClass.CREDIT, at=1))
    page = as_person(world.above).get(f"/reports/units/{world.community}?period=2026-10").text
    assert "本单位组织的" in page
    assert "组织的扫码时长" in page
    figures = {number: queries.figures_of(unit, OCTOBER, NOON) for number, unit in enumerate(world.branches)}
    assert [(one.service_credit, one.organised_credit) for one in figures.values()] == [(155, 90), (0, 65), (0, 0)]
    content = content_of(queries.report(world.branches[0], OCTOBER, NOON), NOON, closed=True)
    content["figures"] = {name: amount for name, amount in content["figures"].items() if not name.startswith("organised")}
    content |= {"definition": "1", "meanings": [one for one in content["meanings"] if not one[0].startswith("organised")]}
    old = ReportEntry(
        unit_id=world.branches[0], period="2026-10", version=1, content=content, digest=digest(content), cut_off_at=NOON, made_by_id=None
    )
    in_transaction(lambda: db.session.add(old))
    text = as_person(world.secretary).get(f"/reports/{old.id}").text
    assert "今天再算，和冻结时一样" in text
    assert "组织的" not in text.split("每个数字怎么算的")[0]


def test_who_does_not_look_after_the_unit_finds_nothing(world, make, as_person, client):
    report_id = frozen(world)
    stranger = make.person("别处书记", home=world.branches[1])
    make.grant(stranger, Role.SECRETARY, world.branches[1])
    browser = as_person(stranger)
    unit = world.branches[0]
    for path in (f"/reports/{report_id}", f"/reports/units/{unit}", f"/reports/units/{unit}/summary", f"/reports/units/{unit}/visits"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/reports/{report_id}/sending").status_code == 404
    assert browser.post(f"/reports/units/{unit}/snapshots", data={"period": "2026-10"}).status_code == 404
    assert client.get(f"/reports/{report_id}").status_code == 302  # to signing in


def test_the_summary_has_sums_and_no_name(world):
    text = summary(queries.report(world.branches[0], OCTOBER, NOON))
    assert "办了 1 场活动，服务 80 人次" in text
    assert "2 位街坊出来参加，一共 2 人次" in text
    assert "服务扫码 1 小时 30 分，补录 45 分" in text
    assert "第一次来的有 2 位" in text
    assert "加装电梯 1 部" in text
    assert "何嘉怡" not in text


def test_a_quiet_month_blames_nobody(world):
    text = summary(queries.report(world.branches[0], span_of("2026-08", TODAY), NOON))
    assert "这段时间没有活动" in text
    assert not re.search(r"\b0 ", text)  # what there was none of is left out


def test_who_was_not_seen_for_half_a_year_is_for_those_who_look_after_them(world, make, as_person):
    branch = world.branches[0]
    auditor = make.person("审计", home=world.branches[1])
    make.grant(auditor, Role.AUDITOR, world.root)
    page = as_person(world.secretary).get(f"/reports/units/{branch}/visits")
    assert "4 位半年没见了" in page.text
    assert "不计入考核" in page.text
    assert as_person(auditor).get(f"/reports/units/{branch}/visits").status_code == 404
    assert db.session.scalar(select(AuditEvent.actor_id).where(AuditEvent.action == "visits.view")) == world.secretary
