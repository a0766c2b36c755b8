"""凭证包: what a branch confirms is frozen, by two people in all, and nothing that comes later moves it."""

import io
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.audit.models import AuditEvent
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Action, Role
from app.crediting import service as crediting
from app.hours.rules import HourClass, HourKind, SourceKind
from app.people import queries as read
from app.people import service as people
from app.people.rules import StageKind
from app.requirements import frozen, queries, service
from app.requirements.models import ConfirmedPack, PackWithdrawal, RequirementChoice
from app.requirements.rules import ChoiceVerdict, NeedDraft, SetDraft, Why
from app.worklist.models import Notice
from tests import pdf_reading
from tests.conftest import NOON, statements
from tests.factories import Factory
from tests.requirements.conftest import BEGAN, STAGE, TODAY

TOMORROW = TODAY + timedelta(days=1)


def take_back(source, by):
    in_transaction(lambda: crediting.reverse(SourceKind.CLAIM, [source], "当天不在场", NOON, made_by_id=by))


def test_what_is_frozen_is_everything_that_proves_it(branch):
    branch.serve(branch.person, BEGAN - timedelta(days=3), 60)
    wrong = branch.serve(branch.person, BEGAN + timedelta(days=2), 90)
    branch.fill(branch.person)
    take_back(wrong, branch.deputy)
    row = queries.pack(branch.confirm())
    pack = row.facts
    assert (pack.name, pack.unit_path[-1], pack.stage, pack.began_on) == ("何嘉怡", "锦园第二党支部", STAGE, BEGAN)
    assert (pack.rule, pack.rule_version, pack.confirmed_by, pack.confirmed_at) == ("学习＋服务制", 1, "李柏豪", NOON)
    assert [(need.kind, need.credit, need.honour, need.reached_on) for need in pack.needs] == [
        (HourKind.SERVICE, 2900, 100, BEGAN + timedelta(days=50)),
        (HourKind.STUDY, 2900, 100, BEGAN + timedelta(days=50)),
    ]
    service_ = pack.of(HourKind.SERVICE)
    assert [(one.minutes, one.counted, one.why) for one in service_] == [
        (90, 0, Why.TAKEN_BACK),
        (2900, 2900, Why.COUNTS),
        (150, 100, Why.TOPPED),
    ]
    assert (service_[0].taken_back, service_[2].made_by, service_[2].approved_by, service_[2].source) == (
        "当天不在场",
        "梁凤珍",
        "李柏豪",
        "补录",
    )
    assert (pack.earlier.entries, pack.earlier.credit) == (1, 60)
    assert row.genuine
    assert frozen.read(frozen.written(pack)) == pack


def test_only_what_is_full_and_never_one_s_own(branch):
    with pytest.raises(Conflict, match="还没有满"):
        branch.confirm()
    own = branch.activist("书记自己")
    branch.fill(own)
    with pytest.raises(Refused):
        branch.confirm(own, by=own)
    branch.fill(branch.person)
    branch.confirm()
    with pytest.raises(Conflict, match="李柏豪已经确认过了"):
        branch.confirm(by=branch.deputy)


def test_two_who_confirm_at_once_make_one(branch, at_once):
    branch.fill(branch.person)
    said = at_once([partial(branch.confirm, by=by) for by in (branch.secretary, branch.deputy)])
    assert db.session.scalar(select(func.count()).select_from(ConfirmedPack)) == 1
    assert sum(isinstance(one, Conflict) for one in said) == 1


def test_a_second_person_withdraws_with_a_reason_and_then_it_may_be_confirmed_again(branch):
    branch.fill(branch.person)
    pack = branch.confirm()
    for who in (branch.secretary, branch.person):
        with pytest.raises(Refused):
            branch.withdraw(pack, who)
    branch.withdraw(pack, branch.deputy)
    with pytest.raises(Conflict, match="已经撤回"):
        branch.withdraw(pack, branch.deputy)
    row = queries.pack(pack)
    assert (row.stands, row.withdrawn_by, row.reason, row.genuine) == (False, "梁凤珍", "时长有误", True)
    again = branch.confirm(by=branch.deputy)
    assert [(one.id, one.nth, one.stands) for one in queries.packs_of(branch.person)] == [(again, 2, True), (pack, 1, False)]
    done = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "confirmed_pack").order_by(AuditEvent.id)).all()
    assert done == ["confirmed_pack", "confirmed_pack.withdrawal", "confirmed_pack"]
    assert "您的双50确认（入党积极分子阶段）撤回了，请看原因" in db.session.scalars(select(Notice.text)).all()


def test_the_database_itself_refuses_a_second_one_and_the_wrong_person(branch):
    branch.fill(branch.person)
    pack = branch.confirm()
    row = db.session.execute(select(ConfirmedPack.__table__).where(ConfirmedPack.id == pack)).mappings().one()
    copied = {key: value for key, value in row.items() if key != "id"}
    for change in ({}, {"nth": 2}, {"began_on": TODAY, "confirmed_by_id": branch.person}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda change=change: db.session.execute(insert(ConfirmedPack).values(copied | change)))
    for who, reason in ((branch.secretary, "x"), (branch.person, "x"), (branch.deputy, "")):
        values = {"pack_id": pack, "withdrawn_at": NOON, "withdrawn_by_id": who, "reason": reason}
        with pytest.raises(IntegrityError):
            in_transaction(lambda values=values: db.session.execute(insert(PackWithdrawal).values(values)))
    for statement in (update(ConfirmedPack).values(digest="0" * 64), delete(ConfirmedPack)):
        with pytest.raises(IntegrityError):
            in_transaction(lambda statement=statement: db.session.execute(statement))


def test_the_page_says_what_the_ledger_says_since(branch, as_person):
    late = branch.serve(branch.person, BEGAN + timedelta(days=2), 90)
    branch.fill(branch.person)
    pack = branch.confirm()
    browser = as_person(branch.person)
    assert "确认以后" not in browser.get(f"/double50/packs/{pack}").text
    take_back(late, branch.deputy)
    branch.serve(branch.person, TODAY, 45)  # ordinary service after it was confirmed is no difference
    page = browser.get(f"/double50/packs/{pack}").text
    assert "有 1 条更正，扫码时长差 −1 小时 30 分" in page
    assert "还是满的" in page
    full = db.session.execute(text("SELECT source_id FROM hour_entry WHERE minutes = 2900 AND kind = 'service'")).scalar_one()
    take_back(full, branch.deputy)
    page = browser.get(f"/double50/packs/{pack}").text
    assert "有 2 条更正，扫码时长差 −49 小时 50 分" in page
    assert "要不要撤回，由支部决定" in page
    assert "支部已确认" in page


def test_a_pack_changed_behind_the_back_is_told(branch, as_person, engine):
    branch.fill(branch.person)
    pack = branch.confirm()
    with db.engine.connect() as connection:
        for name in ("confirmed_pack_no_update",) if engine == "sqlite" else ("confirmed_pack_append_only",):
            connection.execute(text(f"DROP TRIGGER {name}{'' if engine == 'sqlite' else ' ON confirmed_pack'}"))
        connection.execute(text("UPDATE confirmed_pack SET content = replace(content, '2900', '2950')"))
    assert "内容和封存时不一样" in as_person(branch.person).get(f"/double50/packs/{pack}").text


later = st.lists(
    st.one_of(
        st.tuples(st.just("serve"), st.integers(-20, 130), st.integers(1, 600), st.sampled_from(HourKind), st.sampled_from(HourClass)),
        st.tuples(st.just("reverse"), st.integers(0, 20)),
        st.tuples(st.just("rule"), st.integers(10, 90), st.integers(0, 20)),
        st.tuples(st.just("stage"), st.sampled_from([StageKind.CANDIDATE, StageKind.PROBATIONARY])),
        st.tuples(st.just("name"), st.sampled_from(["何佳怡", "何嘉仪"])),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(later)
def test_whatever_comes_after_what_was_confirmed_stays(branch, as_person, steps):
    person = branch.activist("何嘉怡")
    branch.fill(person)
    use(branch, 2)  # whatever the example before left in force
    pack = branch.confirm(person)
    before = queries.pack(pack)
    paper = as_person(branch.secretary).get(f"/double50/packs/{pack}/printed").text
    sources = []
    for what, *how in steps:
        if what == "serve":
            day, minutes, kind, hour_class = how
            sources.append(branch.serve(person, BEGAN + timedelta(days=min(day, 100)), minutes, kind, hour_class))
        elif what == "reverse" and sources:
            take_back(sources.pop(how[0] % len(sources)), branch.deputy)
        elif what == "rule":
            new_rule(branch, *how)
        elif what == "stage" and how[0] not in {one.kind for one in people_stages(person)}:
            in_transaction(lambda how=how: people.begin_stage(person, how[0], TODAY))
        elif what == "name":
            in_transaction(lambda how=how: people.edit_profile(person, how[0], None, None, "", branch.deputy))
    after = queries.pack(pack)
    assert after == before
    assert after.genuine
    assert as_person(branch.secretary).get(f"/double50/packs/{pack}/printed").text == paper
    assert "已封存" in as_person(person).get("/me/double50").text


def people_stages(person):
    return read.stages(person)


def new_rule(branch, hours, honour):
    """Two administrators put another version into force, from today."""

    def work():
        made = service.copy(2, branch.administrator, NOON, next_version=False)
        needs = (NeedDraft(STAGE, HourKind.SERVICE, hours * 60, min(hours, honour) * 60, 30),)
        service.revise(made, SetDraft("本地口径", "只看服务。", needs), branch.administrator)
        return made

    use(branch, in_transaction(work))


def use(branch, set_id):
    """From today a version holds."""
    choice = in_transaction(lambda: service.ask_for(set_id, TODAY, branch.administrator, "/requirements", NOON))
    in_transaction(lambda: service.answer_choice(choice, branch.other, ChoiceVerdict.CONFIRMED, "", "/requirements", NOON))


def test_the_pdf_and_the_sheet_are_made_from_the_frozen_row(branch, as_person):
    branch.fill(branch.person)
    pack = branch.confirm()
    browser = as_person(branch.person)
    answer = browser.get(f"/double50/packs/{pack}.pdf")
    assert answer.mimetype == "application/pdf"
    said = pdf_reading.text(answer.data)
    for words in ("双50小时凭证", "何嘉怡", "学习＋服务制", "支部确认：李柏豪", queries.pack(pack).digest[:32]):
        assert words in said, words
    assert any("Noto" in name for name in pdf_reading.fonts(answer.data))
    new_rule(branch, 20, 5)
    assert browser.get(f"/double50/packs/{pack}.pdf").data == answer.data
    book = load_workbook(io.BytesIO(browser.get(f"/double50/packs/{pack}.xlsx").data))
    assert book.sheetnames == ["双50凭证", "逐条"]
    cells = {row[0]: row[1] for row in book["双50凭证"].iter_rows(min_row=4, values_only=True)}
    assert (cells["姓名"], cells["服务，扫码时长计入（小时）"], cells["SHA-256"]) == ("何嘉怡", 48.33, queries.pack(pack).digest)
    assert book["逐条"].max_row == 5


def test_a_pack_is_for_whom_it_is_about_and_their_branch(branch, as_person, make):
    branch.fill(branch.person)
    pack = branch.confirm()
    sibling = make.unit("锦园第三党支部", parent=branch.community)
    stranger, neighbour = make.person("街坊", home=branch.unit), branch.official("别处书记", Role.SECRETARY, sibling)
    for path in ("", ".pdf", ".xlsx", "/printed"):
        assert as_person(stranger).get(f"/double50/packs/{pack}{path}").status_code == 404
        assert as_person(neighbour).get(f"/double50/packs/{pack}{path}").status_code == 404
    assert as_person(branch.deputy).get(f"/double50/packs/{pack}").status_code == 200


def test_a_past_stage_is_confirmed_by_the_rule_of_its_time(branch, as_person):
    branch.fill(branch.person)
    in_transaction(lambda: people.begin_stage(branch.person, StageKind.CANDIDATE, TODAY))
    new_rule(branch, 90, 0)
    desk = as_person(branch.secretary)
    page = desk.get(f"/people/{branch.person}/double50").text
    assert "满了，还没有确认" in page
    sent = desk.post(f"/people/{branch.person}/double50/confirmations", data={"stage": "activist", "began_on": BEGAN.isoformat()})
    assert sent.status_code == 303
    pack = queries.packs_of(branch.person)[0].facts
    assert (pack.rule, pack.ended_on) == ("学习＋服务制", TODAY)
    assert "已封存" in as_person(branch.person).get("/me/double50").text


def test_what_is_full_waits_in_the_work_list_of_the_branch_and_of_nobody_else(branch, as_person, make):
    sibling = make.unit("锦园第三党支部", parent=branch.community)
    alone = branch.activist("没有书记的", sibling)
    above = branch.official("社区书记", Role.SECRETARY, branch.community)
    branch.fill(branch.person)
    branch.fill(alone)
    half = branch.activist("一半")
    branch.serve(half, BEGAN, 3000)
    waits = {who: [one.name for one in waiting(who)] for who in (branch.secretary, branch.deputy, above)}
    assert waits == {branch.secretary: ["何嘉怡"], branch.deputy: ["何嘉怡"], above: ["没有书记的"]}
    assert "何嘉怡的双50满了" in as_person(branch.secretary).get("/work").text
    branch.confirm()
    assert waiting(branch.secretary) == []


def waiting(who):
    roots = Factory().actor(who).roots(Action.DOUBLE50_CONFIRM)
    found = queries.waiting(roots, who, NOON)
    assert queries.waiting_count(roots, who, NOON) == len(found)
    return found


def test_a_page_of_packs_costs_the_same_however_long_the_record(branch, as_person):
    branch.fill(branch.person)
    pack = branch.confirm()
    branch.fill(branch.activist("还没确认"))
    browser = as_person(branch.secretary)

    def cost(path):
        browser.get(path)
        with statements() as sent:
            browser.get(path)
        return len(sent)

    paths = (f"/double50/packs/{pack}", f"/people/{branch.person}/double50", "/double50", "/work")
    before = [cost(path) for path in paths]
    for nth in range(25):
        branch.serve(branch.person, BEGAN + timedelta(days=nth), 10)
        branch.fill(branch.activist(f"又一位{nth}"))
    assert [cost(path) for path in paths] == before
    assert db.session.scalar(select(func.count()).select_from(RequirementChoice)) == 1
