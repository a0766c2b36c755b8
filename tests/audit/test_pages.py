"""The pages of the audit: who, what, before and after, by request; searchable, bounded, for the whole subdistrict only."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.audit import queries, service
from app.audit.models import AuditEvent
from app.audit.queries import Place, Search
from app.audit.vocabulary import Group
from app.core import clock, trace
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people import service as people
from app.people.models import Unit
from app.people.rules import PlaceKind, UnitKind
from tests.conftest import NOON, statements


@pytest.fixture
def town(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    community = make.unit("灯湖社区党委", UnitKind.COMMUNITY, parent=root)
    branch = make.unit("锦园第一党支部", parent=community)
    auditor = make.person("梁凤珍", home=branch)
    make.grant(auditor, Role.AUDITOR, root)
    secretary = make.person("李柏豪", home=branch)
    return {"root": root, "community": community, "branch": branch, "auditor": auditor, "secretary": secretary}


def write(actor, action, subject, subject_id, at=NOON, request_id="A7K2QQ", **detail):
    token = trace.request_id.set(request_id)
    with clock.frozen_at(at):
        in_transaction(lambda: service.record(actor, action, subject, subject_id, **detail))
    trace.request_id.reset(token)


@pytest.fixture
def desk(town, as_person):
    return as_person(town["auditor"])


def body(answer):
    return answer.text.split("<main")[1]


def test_each_line_says_when_who_what_and_what_changed(town, desk):
    write(town["secretary"], "unit.name", "unit", town["branch"], before="锦园支部", after="锦园第一党支部")
    page = body(desk.get("/audit"))
    for words in ("李柏豪", "改了组织名称", "锦园第一党支部", "锦园支部 →", "12:00:00"):
        assert words in page


def test_the_detail_shows_all_and_links_to_the_subject_and_what_happened_with_it(town, desk):
    write(town["secretary"], "person.transfer", "person", town["auditor"], before=town["branch"], after=town["community"], on="2026-11-21")
    write(town["secretary"], "role.grant", "role_grant", 1, person=town["auditor"], role="auditor", unit=town["root"])
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "person.transfer")).one()
    page = body(desk.get(f"/audit/{event.id}"))
    for words in ("转了组织关系", "锦园第一党支部", "灯湖社区党委", "A7K2QQ", "同一次请求里还有", "授予了职责"):
        assert words in page
    assert f'href="/branch/people/{town["auditor"]}"' in page
    assert desk.get("/audit/999999").status_code == 404


def test_names_are_resolved_when_shown_and_not_stored(town, desk):
    from app.people.models import Person

    write(town["secretary"], "person.view", "person", town["auditor"])

    def rename():
        db.session.get(Person, town["auditor"]).name = "梁凤真"

    in_transaction(rename)
    assert "梁凤真" in body(desk.get("/audit?group=look"))


@pytest.fixture
def written(town):
    """Things done on three days by two people."""
    for day in range(3):
        at = NOON - timedelta(days=day)
        write(town["secretary"], "person.view", "person", town["auditor"], at, f"REQ{day + 2}AA")
        write(town["auditor"], "unit.name", "unit", town["branch"], at, f"REQ{day + 2}BB", before="a", after="b")
    return town


@pytest.mark.parametrize(
    ("search", "lines"),
    [
        ("to=2026-11-21&from=2026-11-19&group=look", 3),
        ("group=look", 3),
        ("group=units", 3),
        ("group=fund", 0),
        ("who={secretary}", 3),
        ("who={secretary}&group=units", 0),
        ("kind=unit&subject={branch}", 3),
        ("kind=person&subject={auditor}&group=look", 3),
        ("from=2026-11-20&group=units", 2),
        ("from=2026-11-20&to=2026-11-20", 2),
        ("to=2026-11-19", 2),
        ("request=req3aa", 1),
        ("from=2026-11-20&to=2026-11-20&group=look", 1),
    ],
)
def test_searching_narrows(written, desk, search, lines):
    assert body(desk.get("/audit?" + search.format(**written))).count("audit-line") == lines


def test_who_is_chosen_by_a_posted_name(written, desk):
    page = desk.post("/audit/people", data={"asked": "李柏豪"})
    assert f"who={written['secretary']}" in page.text
    assert "没有叫这个名字的人" in desk.post("/audit/people", data={"asked": "没有此人"}).text


@pytest.mark.parametrize(
    "search",
    ["subject=3", "kind=unit", "from=x", "from=2026-11-21&to=2026-11-20", "who=abc", "from=0001-01-01&to=9999-12-31", "to=9999-12-31"],
)
def test_what_can_not_be_read_is_said(written, desk, search):
    answer = desk.get(f"/audit?{search}")
    assert answer.status_code == 422
    assert "处要改" in answer.text


def test_pages_turn_by_place_and_miss_and_double_nothing(town, desk):
    for nth in range(120):
        write(town["secretary"], "person.view", "person", town["auditor"], NOON - timedelta(seconds=nth // 3), "-")
    for search in (Search(group=Group.LOOK), Search(actor_id=town["secretary"]), Search(actor_id=town["secretary"], group=Group.LOOK)):
        seen, place = [], None
        while rows := queries.events(search, 50, place):
            seen += [row.id for row in rows]
            place = Place(rows[-1].at, rows[-1].id)
        assert len(seen) == len(set(seen)) == 120
    first = desk.get("/audit?group=look")
    older = first.text.split("更早的")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert body(first).count("audit-line") == 50
    assert body(desk.get(older)).count("audit-line") == 50


def test_a_page_asks_as_few_questions_for_fifty_lines_as_for_one(town, make, desk):
    write(town["secretary"], "person.view", "person", town["auditor"])
    desk.get("/audit")
    with statements() as few:
        desk.get("/audit")
    for _ in range(60):
        write(town["secretary"], "person.view", "person", make.person())
    with statements() as many:
        desk.get("/audit")
    assert len(many) <= len(few) <= 8


def test_the_sheet_holds_the_search_and_taking_it_is_recorded(written, desk):
    answer = desk.get("/audit.xlsx?group=look")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    heading = next(row for row in rows if "做了什么" in row)
    lines = rows[rows.index(heading) + 1 :]
    assert {line[heading.index("做了什么")] for line in lines} == {"查看了个人详情"}
    assert len(lines) == 3
    taken = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "audit.export")).one()
    assert (taken.actor_id, taken.detail) == (written["auditor"], {"rows": 3, "group": "look"})


def test_only_whose_right_reaches_the_whole_subdistrict_reads_it(town, make, as_person, client):
    local = make.person("社区审计", home=town["branch"])
    make.grant(local, Role.AUDITOR, town["community"])
    for path in ("/audit", "/audit.xlsx", "/audit/1"):
        assert as_person(local).get(path).status_code == 404
        assert as_person(town["secretary"]).get(path).status_code == 404
        assert client.get(path).status_code == 302
    assert as_person(local).post("/audit/people", data={"asked": "李柏豪"}).status_code == 404


def test_an_action_without_words_is_shown_and_not_hidden(town, desk):
    write(town["secretary"], "something.new", "unit", town["branch"], odd={"a": [1, 2]})
    assert "something.new" in body(desk.get("/audit"))


@pytest.mark.parametrize("given", ["x", "1-2-3", "99999999999999999999-1", "-1", "1763697600000000-"])
def test_an_odd_place_is_the_first_page(town, desk, given):
    write(town["secretary"], "person.view", "person", town["auditor"])
    assert body(desk.get(f"/audit?after={given}")).count("audit-line") == body(desk.get("/audit")).count("audit-line") > 0


def test_what_a_place_hangs_under_is_a_place_and_not_the_unit_of_that_number(town, desk):
    community = in_transaction(lambda: people.create_place(PlaceKind.COMMUNITY, "灯湖社区", None, clock.today(), town["secretary"]))
    estate = in_transaction(lambda: people.create_place(PlaceKind.ESTATE, "怡翠花园", community, clock.today(), town["secretary"]))
    assert db.session.get(Unit, community) is not None
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "place", AuditEvent.subject_id == estate)).one()
    page = body(desk.get(f"/audit/{event.id}"))
    assert "上级" in page
    assert "灯湖社区" in page.split("同一次请求里还有")[0]
    assert "桂城街道党工委" not in page.split("同一次请求里还有")[0]


def test_a_change_of_report_names_both_communities(town, desk, make):
    other = make.unit("怡海社区党委", UnitKind.COMMUNITY, parent=town["root"])
    write(town["secretary"], "report_in", "person", town["secretary"], unit=other, before=town["community"], given_back=2)
    page = " ".join(body(desk.get("/audit")).split())
    assert "灯湖社区党委 → <b>怡海社区党委</b>" in page


def test_a_role_is_told_with_its_last_day(town, desk, make):
    make.grant(town["secretary"], Role.DEPUTY, town["branch"], until=clock.today() + timedelta(days=1))
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "role.grant").order_by(AuditEvent.id.desc()).limit(1)).one()
    page = body(desk.get(f"/audit/{event.id}"))
    assert "到</dt><dd>2026年11月21日" in page
    assert "2026-11-22" not in page


def test_things_are_called_as_people_know_them_and_row_numbers_stand_aside(town, desk, make):
    from app.claims.models import BatchKind, ClaimBatch

    account = make.account(town["secretary"])
    activity = make.activity(town["branch"], town["secretary"], title="灯湖邻里节")
    shift = make.shift(activity)
    batch = make._add(
        ClaimBatch, kind=next(iter(BatchKind)), shift_id=shift, unit_id=town["branch"], made_by_id=town["secretary"], made_at=NOON
    )
    write(town["secretary"], "account.secret", "account", account)
    write(town["secretary"], "claim_batch", "claim_batch", batch, people=12)
    write(town["auditor"], "person.membership", "person", town["secretary"], membership=7341, unit=town["branch"], on="2027-11-22")
    page = body(desk.get("/audit"))
    for words in ("李柏豪的账号", "“灯湖邻里节”的补录名单", "人员 12 人", "日期 2027年11月22日"):
        assert words in page
    for word in ("7341", "2027-11-22", f"补录 {batch}", f"账号 {account}"):
        assert word not in page
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "person.membership")).one()
    shown = body(desk.get(f"/audit/{event.id}"))
    before, after = shown.split("编号和代码")
    assert "7341" not in before
    assert f"操作记录 {event.id}" not in before
    assert "<dt>关系记录编号</dt><dd>7341</dd>" in after


def test_every_kind_of_thing_that_has_a_name_is_looked_up_in_tables_that_exist(app):
    from app.audit.named import NAMED

    assert queries.names([(kind, 987_654_321) for kind in NAMED]) == {}


def test_the_step_of_a_fund_request_says_which_it_is(town, desk):
    write(town["secretary"], "fund.approved", "fund_request", 44, number="FK-2026-0044-01", fen=12300, seq=4)
    page = body(desk.get("/audit?group=fund"))
    assert "第 4 步（审批通过）" in page
    assert "FK-2026-0044-01" in page
    assert "基金申请 44" not in page
