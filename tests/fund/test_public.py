"""The public pages: whatever they add up, they add up to the ledger; whatever is looked for is found; nobody is named unasked."""

import re

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.demo import past
from app.fund import queries
from app.fund.money_rules import PolicyWanted, Verdict
from app.fund.queries import donors, overview
from app.fund.queries.books import Way
from app.fund.rules import ProjectKind, Step
from app.fund.service import projects, purposes, requests
from app.people.rules import UnitKind
from tests.conftest import statements
from tests.fund.houses import YUAN


def agreed_with_the_ledger() -> None:
    """By year, by kind and by community: each adds up to the totals, to the fen."""
    totals, years, spread = queries.totals(), overview.by_year(), overview.spread(clock.today())
    assert sum(row.income for row in years) == totals.income
    assert sum(row.spent for row in years) == totals.spent
    assert sum(row.people for row in years) == totals.people
    assert years[-1].balance == totals.balance
    for parts in ([part for _, part in spread.kinds], [part for _, _, part in spread.communities]):
        assert sum(part.spent for part in parts) == totals.spent
        assert sum(part.projects for part in parts) == totals.projects
        assert sum(part.people for part in parts) == totals.people


@pytest.fixture
def the_past(make) -> list[int]:
    """418 projects since 2009 in three communities."""
    top = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    communities = [make.unit(f"第{n + 1}社区党委", UnitKind.COMMUNITY, parent=top) for n in range(3)]
    officer, approver = make.person("周敏"), make.person("霍静雯")
    make.grant(officer, Role.FUND_OFFICER, top)
    make.grant(approver, Role.FUND_APPROVER, top)
    past.load(communities, officer, approver, clock.today())
    return communities


def test_every_way_of_money_leaves_the_parts_equal_to_the_whole(house, ways):
    purpose = ways.purpose()
    restricted, other, free = ways.project(purpose), ways.project(source_name="街坊会自筹"), house.project()
    ways.note_opening(9_000)
    house.donate(3_000)
    house.donate(500, free)
    house.donate(250, other)
    house.grant(free, 2_000)
    house.correct(house.pay(free, 300))
    house.pay(free, 400)
    house.pay(other, 100)
    assert restricted
    in_transaction(lambda: projects.add_service(free, clock.today(), 120, "入户", None, house.officer, clock.now()))
    agreed_with_the_ledger()
    assert [part.projects for kind, part in overview.spread(clock.today()).kinds if kind is ProjectKind.WISH] == [3]


def test_the_past_is_shown_by_year_kind_and_community_and_each_opens(client, the_past):
    agreed_with_the_ledger()
    page = client.get("/fund").text
    assert "2009 年收入" in page, "the drawing says its figures in words"
    for year in (2009, 2024):
        assert f"/fund/entries?way=out&amp;year={year}" in page
    assert f"/fund/projects?community={the_past[0]}" in page
    row = next(row for row in overview.by_year() if row.year == 2009)
    listed = client.get("/fund/entries?way=out&year=2009").text
    assert f"{row.spent // 100:,}." in listed
    kind, part = overview.spread(clock.today()).kinds[0]
    found = client.get(f"/fund/projects?kind={kind.value}").text
    assert f"{part.projects} 个项目" in found
    assert f"{part.spent // 100:,}.{part.spent % 100:02d}" in found


@pytest.mark.parametrize("address", ["/fund/projects", "/fund/projects?q=%E6%8E%A2%E8%AE%BF", "/fund/entries", "/fund/services"])
def test_what_is_of_the_past_says_so_wherever_it_is_shown(client, the_past, address):
    page = client.get(address).text
    assert page.count("历史数据·未附凭证") == page.count('class="item-body"') >= 20


def test_pages_of_418_projects_ask_few_questions(client, the_past):
    most = {
        "/fund": 20,
        "/fund/projects?kind=care&year=2012": 7,
        "/fund/entries?way=out&kind=care": 6,
        "/fund/services": 5,
        "/fund/donors": 5,
    }
    for address, limit in most.items():
        with statements() as sent:
            assert client.get(address).status_code == 200
        assert len(sent) <= limit, (address, len(sent))


def test_projects_are_found_by_stage_year_kind_community_purpose_and_word(client, house, ways):
    purpose = ways.purpose()
    ways.project(purpose)
    house.project("独居长者家里修一修")
    for asked, there in (
        ("kind=wish", True),
        ("kind=care", False),
        ("year=2026", True),
        ("year=2025", False),
        (f"community={house.community}", True),
        ("community=0", False),
        ("show=closed", False),
        ("q=长者", True),
        (f"purpose={purpose}", False),
    ):
        assert ("独居长者家里修一修" in client.get(f"/fund/projects?{asked}").text) is there, asked
    assert "助学包" in client.get(f"/fund/projects?purpose={purpose}").text


def test_entries_are_found_by_word_kind_and_community(client, house):
    project = house.project()
    house.donate(900, project)
    house.pay(project, 120)
    for asked, there in (
        ("q=扶手", True),
        ("q=灯具", False),
        ("kind=wish", True),
        ("kind=micro", False),
        ("community=0", False),
        ("way=inside", False),
    ):
        assert ("扶手材料" in client.get(f"/fund/entries?{asked}").text) is there, asked


def test_donors_are_named_only_where_they_agreed_and_the_sums_are_exact(client, house):
    project = house.project()
    house.donate(1_000, public_name="灯湖商会")
    house.donate(200, project, public_name="灯湖商会")
    house.donate(77)
    house.donate(23)
    house.correct(house.donate(5_000, public_name="记错的商会"))
    found = donors.donors()
    assert [(one.name, one.gifts, one.fen) for one in found.named] == [("灯湖商会", 2, 1_200_00)]
    assert (found.unnamed.gifts, found.unnamed.fen) == (2, 100_00)
    assert found.fen == 1_300_00 == queries.totals().income
    page = client.get("/fund/donors").text
    assert "爱心人士" in page
    assert "1,200.00" in page
    assert "何先生" not in page, "the donor's real name"
    theirs = client.get(f"/fund/entries?way=in&donor={found.named[0].voucher_no}").text
    assert "1,200.00" in theirs
    assert "77.00" not in theirs


def test_a_purpose_shows_what_came_and_what_went(client, house, ways):
    purpose = ways.purpose("困境儿童助学")
    house.donate(5_000)
    ways.project(purpose)
    shown = client.get("/fund/restricted").text
    assert "困境儿童助学" in shown
    assert f"/fund/projects?purpose={purpose}" in shown
    one = overview.purposes()[0]
    assert one.given + one.set_aside + one.returned - one.granted == one.balance == 0


def test_corrections_stand_beside_what_they_put_right_with_the_explanation(client, house):
    project = house.project()
    house.donate(900, project)
    house.correct(house.pay(project, 120), "数量点错")
    now = clock.now()
    in_transaction(lambda: projects.add_service(project, clock.today(), 30, "入户两次", None, house.officer, now))
    entry = queries.page(project).services[0].id
    asked = in_transaction(lambda: requests.ask_figure_correction(entry, "重复记了一次", house.officer, now))
    house.step(asked, Step.APPROVED, house.approver)
    in_transaction(lambda: projects.add_progress(project, clock.today(), "装好三户", house.officer, now))
    first = queries.page(project).progress[0].id
    in_transaction(lambda: projects.add_progress(project, clock.today(), "装好两户", house.officer, now, first))
    money = client.get("/fund/corrections").text
    assert "数量点错" in money
    assert "扶手材料" in money
    assert "账目 1" in money
    people = client.get("/fund/corrections?what=people").text
    assert "重复记了一次" in people
    assert "入户两次" in people
    words = client.get("/fund/corrections?what=words").text
    assert "装好三户" in words
    assert "装好两户" in words
    for page in (money, people, words):
        assert "邓淑芬" not in page


def test_a_project_shows_its_income_by_kind_and_what_became_of_the_rest(client, house, ways):
    house.donate(2_000)
    project = house.project()
    house.donate(300, project)
    house.grant(project, 1_000)
    house.pay(project, 600)
    page = re.sub(r"\s+", " ", client.get(f"/fund/projects/{project}").text)
    for words, amount in (
        ("捐赠", "300.00"),
        ("基金拨付", "1,000.00"),
        ("到账合计", "1,300.00"),
        ("支出", "−600.00"),
        ("账上剩余", "700.00"),
    ):
        assert re.search(rf"{words}</t[dh]><td class=\"r\">(<b>)?{amount} 元", page), words


def test_how_to_give_is_written_by_one_and_shown_once_another_agreed(client, house, as_person):
    assert "/fund/limits" in as_person(house.officer).get("/fund").text
    wanted = PolicyWanted(clock.today(), 500_000, 5_000_000, "请到桂城街道办事处三楼", "搬了地方")
    now = clock.now()
    proposal = in_transaction(lambda: purposes.propose_limits(wanted, house.officer, now))
    assert "办事处三楼" not in client.get("/fund").text
    in_transaction(lambda: purposes.decide_limits(proposal, Verdict.APPROVED, "", house.approver, now))
    for address in ("/fund", "/fund/donors"):
        page = client.get(address).text
        assert "办事处三楼" in page
        assert not re.search(r"<(button|a)[^>]*>[^<]*捐(款|赠|助)[^<]*</", page)


def test_sums_of_the_entries_pages_equal_the_totals(house):
    project = house.project()
    house.donate(900, project)
    house.pay(project, 33)
    totals = queries.totals()
    assert queries.movements(Way.IN).total == totals.income == 900 * YUAN
    assert queries.movements(Way.OUT).total == totals.spent == 33 * YUAN


NONSENSE = "q=%00%01&year=99999999999&kind=zzz&community=999999999&purpose=999999999&page=999999999&show=zz&way=zz&what=zz&donor=999999999"


@pytest.mark.parametrize("address", ["/fund", "/fund/projects", "/fund/entries", "/fund/services", "/fund/corrections", "/fund/donors"])
def test_nonsense_in_an_address_is_as_nothing(client, house, address):
    assert client.get(f"{address}?{NONSENSE}", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("table", ["projects", "entries", "services"])
def test_nonsense_asked_of_a_file_gives_an_empty_one(client, house, table):
    answer = client.get(f"/fund/data/{table}.csv?{NONSENSE}")
    assert (answer.status_code, len(answer.text.strip().splitlines())) == (200, 1)
