"""The page: who is listed, whose hours count where, what stands apart, what nobody sees."""

import io
from datetime import date
from re import findall

import openpyxl
import pytest
from sqlalchemy import update

from app.core import clock
from app.core.db import db, in_transaction
from app.people import service as people
from app.people.models import Membership, UnitAncestry
from app.people.rules import GivenHow, MembershipKind, Relation, StageKind, UnitKind
from tests.conftest import statements
from tests.leaderboards.conftest import say_no, say_yes

LAST_QUARTER = date(2026, 9, 10)


def page(client, **query):
    answer = client.get("/boards", query_string=query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_anyone_may_look_and_an_empty_board_says_what_to_do(client):
    shown = page(client)
    assert "本季还没有扫码时长" in shown
    assert "登录" in shown


@pytest.mark.parametrize("kind", ["person", "branch", "community", "team"])
@pytest.mark.parametrize("period", ["month", "quarter", "year", "all", "nonsense"])
def test_every_board_opens_also_without_data(client, kind, period):
    assert "怎么算的" in page(client, kind=kind, period=period, by="total", community="x", page="7")


def test_branches_by_hours_per_head(client, make, community, members, give):
    for name, many, minutes in (("桂园苑党支部", 5, 1000), ("翠苑党支部", 10, 1500), ("金地党支部", 6, 1200)):
        give(members(make.unit(name, parent=community), many)[0], minutes)
    shown = page(client)
    assert shown.index("桂园苑党支部") < shown.index("金地党支部") < shown.index("翠苑党支部")
    assert shown.count("并列") == 3  # two lines and the explanation
    assert "灯湖社区·10 人" in shown
    assert "3.33<small>" in shown
    total = page(client, by="total")
    assert total.index("翠苑党支部") < total.index("金地党支部") < total.index("桂园苑党支部")


def test_made_up_and_study_hours_do_not_count_and_made_up_ones_stand_apart(client, members, give, branch):
    person = members(branch, 5)[0]
    give(person, 300)
    give(person, 90, honour=True)
    give(person, 600, study=True)
    shown = page(client, by="total")
    assert "5<small>小时" in shown
    assert "另有补录 1.5 小时" in shown
    assert "16.5<" not in shown


def test_a_small_branch_is_told_why_it_is_not_ranked(as_person, members, give, branch):
    reader = members(branch, 4)[0]
    give(reader, 300)
    shown = page(as_person(reader))
    assert "不到 5 人，不列出，免得看出是谁的时长" in shown
    assert "没有能列出的支部" in shown
    assert "place-rank is-gold" not in shown


def test_nobody_reads_the_hours_of_one_person_off_the_total_of_their_unit(client, make, community, members, give):
    alone, many = make.unit("翠苑党支部", parent=community), make.unit("桂园苑党支部", parent=community)
    give(members(alone, 1)[0], 777)
    give(members(alone, 1)[0], 30, honour=True)
    give(members(many, 5)[0], 300)
    for address in ("/boards?by=total", "/boards/table?by=total", "/boards?by=total&period=all"):
        shown = client.get(address).get_data(as_text=True)
        assert "桂园苑党支部" in shown
        assert "翠苑党支部" not in shown
        assert "12.9" not in shown
    assert "还有 1 个人太少，不列出" in client.get("/boards/table?by=total").get_data(as_text=True)
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/boards/table.xlsx").data)).active
    assert "翠苑党支部" not in {row[0] for row in sheet.iter_rows(values_only=True)}


def test_the_own_branch_is_pinned_wherever_it_stands(as_person, make, community, branch, members, give):
    for nth in range(55):
        give(members(make.unit(f"邻里第{nth}党支部", parent=community), 5)[0], 1000 + nth * 60)
    reader = members(branch, 5)[0]
    give(reader, 700)
    shown = page(as_person(reader))
    assert shown.count("锦园第一党支部") == 1
    assert "<b>56</b>" in shown
    assert "再有 3 人各服务 1 小时 45 分，就到第 55 名" in shown
    assert "锦园第一党支部" in page(as_person(reader), page="2").split('<ol class="list">')[1]
    assert "第 2 页，共 2 页" in page(as_person(reader), page="99")


def test_hours_and_heads_are_rolled_up_by_the_tree_of_the_periods_end(client, make, street, community, branch, members, give):
    other = make.unit("桂雅社区党委", UnitKind.COMMUNITY, street)
    people_here = members(branch, 5)
    give(people_here[0], 600, LAST_QUARTER)
    give(people_here[1], 300)

    def move():
        lines = UnitAncestry.unit_id == branch, UnitAncestry.ancestor_id == community
        db.session.execute(update(UnitAncestry).where(*lines).values(valid_to=date(2026, 10, 5)))
        db.session.add(UnitAncestry(unit_id=branch, ancestor_id=other, depth=1, valid_from=date(2026, 10, 5)))

    in_transaction(move)
    before, now = page(client, kind="community", at="2026-Q3"), page(client, kind="community")
    assert "灯湖社区" in before
    assert "桂雅社区" not in before
    assert "2.00<small>" in before
    assert "桂雅社区" in now
    assert "灯湖社区" not in now
    assert "桂雅社区·5 人" in page(client)
    assert "灯湖社区·5 人" in page(client, at="2026-Q3")


def test_who_moved_counts_as_a_head_where_they_were_at_the_periods_end(client, make, community, branch, members, give):
    there = members(branch, 6)
    give(there[0], 600, LAST_QUARTER)
    newer = make.unit("翠苑党支部", parent=community)
    in_transaction(lambda: people.join(there[5], newer, MembershipKind.HOME, date(2026, 10, 2)))
    assert "灯湖社区·6 人" in page(client, at="2026-Q3")
    give(there[0], 600)
    assert "灯湖社区·5 人" in page(client)


def test_residents_count_for_their_community_in_hours_and_in_heads(client, make, community, branch, members, give):
    members(branch, 5)
    resident, unknown = make.person("容碧珊"), make.person("卓明", confirmed=False)
    for one in (resident, unknown):
        in_transaction(lambda one=one: people.join(one, community, MembershipKind.RESIDENT, date(2026, 1, 1)))
    give(resident, 600)
    shown = page(client, kind="community")
    assert "6 人" in shown
    assert "1.66<small>" in shown


def test_teams_count_their_members_each_once(client, as_person, make, street, branch, members, give):
    umbrella = make.unit("党员志愿服务队", UnitKind.TEAM, street)
    first, second = (make.unit(name, UnitKind.TEAM, umbrella) for name in ("童心分队", "银发分队"))
    helpers = members(branch, 5)

    def enlist():
        for one in helpers:
            people.join(one, first, MembershipKind.TEAM, date(2026, 1, 1))
            people.join(one, second, MembershipKind.TEAM, date(2026, 2, 1))
            people.join(one, umbrella, MembershipKind.TEAM, date(2025, 1, 1))

    in_transaction(enlist)
    give(helpers[0], 600)
    shown = page(as_person(helpers[1]), kind="team")
    assert "童心分队" in shown
    assert "银发分队" not in shown
    assert "党员志愿服务队" not in shown
    assert "您的分队" in shown


def test_only_those_who_said_yes_are_listed_masked_and_without_branch_or_status(client, make, branch, give):
    listed = make.person("陈志明", home=branch, stage=StageKind.MEMBER)
    silent = make.person("欧阳娜", home=branch)
    for one in (listed, silent):
        give(one, 300)
    say_yes(listed)
    shown = page(client, kind="person")
    assert "陈*明" in shown
    assert "灯湖社区" in shown
    for secret in ("陈志明", "欧阳", "锦园第一党支部", "党员<", "正式党员"):
        assert secret not in shown.split("怎么算的</h2>")[0]
    assert "自愿公开的 1 人" in shown


def test_a_yes_taken_back_holds_at_once(client, make, branch, give):
    person = make.person("陈志明", home=branch)
    give(person, 300)
    say_yes(person)
    assert "陈*明" in page(client, kind="person")
    say_no(person)
    assert "陈*明" not in page(client, kind="person")
    say_yes(person)
    assert "陈*明" in page(client, kind="person")


def test_the_own_place_is_seen_by_its_owner_alone_until_they_say_yes(as_person, client, make, branch, give):
    first, reader = make.person("陈志明", home=branch), make.person("何嘉怡", home=branch)
    give(first, 300)
    give(reader, 240)
    say_yes(first)
    shown = page(as_person(reader), kind="person")
    assert "还没有公开，只有您看得见·差第 1 名 1.00<" in shown
    assert "公开我的名次" in shown
    assert "何*怡" not in shown
    say_yes(reader)
    shown = page(as_person(reader), kind="person")
    assert "何*怡" in shown
    assert "不再公开我的名次" in shown
    assert "您的名次" not in page(client, kind="person")


def test_people_by_community(client, make, street, community, branch, give):
    elsewhere = make.unit("桂雅社区党委", UnitKind.COMMUNITY, street)
    here, resident = make.person("陈志明", home=branch), make.person("容碧珊")
    in_transaction(lambda: people.join(resident, elsewhere, MembershipKind.RESIDENT, date(2026, 1, 1)))
    for one in (here, resident):
        give(one, 300)
        say_yes(one)
    assert "容*珊" not in page(client, kind="person", community=str(community))
    narrowed = page(client, kind="person", community=str(elsewhere))
    assert "容*珊" in narrowed
    assert "陈*明" not in narrowed


def cost(client, **query):
    with statements() as sent:
        page(client, **query)
    return len(sent)


@pytest.mark.parametrize("kind", ["person", "branch", "community", "team"])
def test_the_number_of_queries_does_not_grow(as_person, make, street, community, branch, members, give, kind):
    reader = members(branch, 5)[0]
    give(reader, 60)
    say_yes(reader)
    browser = as_person(reader)
    page(browser, kind=kind)
    give(reader, 60)
    few = cost(browser, kind=kind)
    for nth in range(8):
        unit = make.unit(f"邻里第{nth}党支部", parent=make.unit(f"第{nth}社区党委", UnitKind.COMMUNITY, street))
        one = members(unit, 5)[0]
        give(one, 100 + nth)
        say_yes(one)
    assert cost(browser, kind=kind) == few <= 12
    assert cost(browser, kind=kind) <= 4  # nothing changed: only who is reading


def test_the_board_agrees_with_the_ledger_after_a_correction(client, branch, members, give, make):
    from app.crediting import service as crediting
    from app.hours.models import HourEntry
    from app.hours.rules import SourceKind

    person = members(branch, 5)[0]
    give(person, 300)
    assert "锦园第一党支部" in page(client)
    source = db.session.scalar(db.select(HourEntry.source_id))
    in_transaction(lambda: crediting.reverse(SourceKind.ATTENDANCE, [source], "记错了", clock.now(), made_by_id=None))
    assert "锦园第一党支部" not in page(client)
    assert db.session.scalar(db.select(Membership.id).where(Membership.person_id == person))


def test_the_choice_of_a_community_is_links_and_not_their_source(client, make, street, community):
    make.unit("怡海社区党委", UnitKind.COMMUNITY, street)
    shown = page(client, kind="person")
    assert "&lt;" not in shown.split("<main")[1]
    assert '<a class="btn" href="/boards?kind=person" aria-current="true">全部社区</a>' in shown


def places(shown):
    """What the public list says: place and name of each line."""
    lines = shown.split('<ol class="list">')[-1]
    return findall(r'place-rank[^>]*><b>(\d+)</b>(?:<small>并列</small>)?</span><span class="item-body"><b>([^<]*)</b>', lines)


@pytest.fixture
def last_quarter(make, branch, give):
    """Three who agreed in September and have hours of then: 何嘉怡 stands second."""
    listed = [make.person(name, home=branch) for name in ("陈志明", "何嘉怡", "梁凤珍")]
    with clock.frozen_at(clock.at_local(LAST_QUARTER)):
        for person, minutes in zip(listed, (300, 240, 180), strict=True):
            say_yes(person)
            give(person, minutes, LAST_QUARTER)
    return listed


CLOSED = {"kind": "person", "at": "2026-Q3"}


def test_a_yes_taken_back_after_a_period_was_settled_leaves_the_place_without_the_name(client, as_person, last_quarter):
    before = page(client, **CLOSED)
    assert places(before) == [("1", "陈*明"), ("2", "何*怡"), ("3", "梁*珍")]
    assert "2026年10月10日定榜" in before
    say_no(last_quarter[1])
    after = page(client, **CLOSED)
    assert places(after) == [("1", "陈*明"), ("2", "已隐去"), ("3", "梁*珍")]
    assert "4<small>小时" in after
    assert "自愿公开的 3 人" in after
    own = page(as_person(last_quarter[1]), **CLOSED).split("board-own")[1]
    assert "<b>2</b>" in own
    assert "并列" not in own.split("</section>")[0]
    assert "您收回了同意，榜上写“已隐去”" in own
    say_yes(last_quarter[1])
    assert places(page(client, **CLOSED)) == places(before)


def test_in_a_period_that_runs_or_is_not_settled_yet_the_line_goes(client, make, branch, last_quarter):
    with clock.frozen_at(clock.at_local(date(2026, 10, 9))):
        say_no(last_quarter[1])
        assert places(page(client, **CLOSED)) == [("1", "陈*明"), ("2", "梁*珍")]
        assert "最后一个月结账那天定榜" in page(client, **CLOSED)
    assert places(page(client, **CLOSED)) == [("1", "陈*明"), ("2", "梁*珍")]
    say_yes(last_quarter[1])
    assert places(page(client, **CLOSED)) == [("1", "陈*明"), ("2", "梁*珍")], "a settled board gains nobody"


def test_who_agrees_after_a_period_was_settled_sees_their_own_place_alone(client, as_person, make, branch, give, last_quarter):
    late = make.person("容碧珊", home=branch)
    with clock.frozen_at(clock.at_local(LAST_QUARTER)):
        give(late, 240, LAST_QUARTER)
    say_yes(late)
    assert "容*珊" not in page(client, **CLOSED)
    own = page(as_person(late), **CLOSED).split("board-own")[1]
    assert "定榜以后才同意公开" in own
    assert "<b>2</b><small>并列" in own


def test_a_guardian_who_withdraws_hides_the_child_in_a_settled_period_and_moves_nobody(client, make, branch, give, last_quarter):
    parent, child = make.person("何大明", home=branch), make.person("何小宝", home=branch)
    in_transaction(lambda: people.edit_profile(child, "何小宝", None, date(2015, 5, 1), "", parent))
    with clock.frozen_at(clock.at_local(LAST_QUARTER)):
        given = "何大明", "13700000009", Relation.FATHER, GivenHow.IN_PERSON, parent, clock.now()
        in_transaction(lambda: people.record_guardian(child, *given))
        say_yes(child)
        give(child, 270, LAST_QUARTER)
    assert places(page(client, **CLOSED))[1] == ("2", "何*宝")
    in_transaction(lambda: people.withdraw_guardian(child, parent, clock.now()))
    assert places(page(client, **CLOSED)) == [("1", "陈*明"), ("2", "已隐去"), ("3", "何*怡"), ("4", "梁*珍")]


def test_a_settled_personal_board_costs_the_same_however_many_withdrew(as_person, make, branch, give, last_quarter):
    browser = as_person(last_quarter[0])
    page(browser, **CLOSED)
    say_no(last_quarter[1])
    few = cost(browser, **CLOSED)
    with clock.frozen_at(clock.at_local(LAST_QUARTER)):
        more = [make.person(f"街坊{nth}", home=branch) for nth in range(8)]
        for one in more:
            say_yes(one)
            give(one, 100, LAST_QUARTER)
    for one in more:
        say_no(one)
    assert cost(browser, **CLOSED) == few <= 12


def test_the_own_place_stands_under_the_head_above_the_lines_also_on_the_first_page(as_person, make, branch, give):
    everybody = [make.person(f"街坊{nth:02}", home=branch) for nth in range(12)]
    for nth, person in enumerate(everybody):
        say_yes(person)
        give(person, 600 - nth * 30)
    shown = page(as_person(everybody[11]), kind="person")
    assert shown.index("您第 12 名") < shown.index('<ol class="list">')
    assert shown.count("您第 12 名") == 1
