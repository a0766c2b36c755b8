"""数读: each figure is what the records behind it add up to; nobody small can be read off it; what was before stays apart."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.activities.rules import ActivityKind
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Refused
from app.core.permissions import Role
from app.hours.rules import HourClass, HourKind
from app.people.rules import StageKind, UnitKind
from app.reports import figure_rules as rules
from app.reports import service
from app.reports.figure_rules import ABOUT, Figure, Measured, Opening, span_of
from app.reports.models import OpeningWordEntry
from app.reports.queries import openings, public
from tests.conftest import NOON, statements
from tests.reports.worlds import Held, Moving, Served, World

TODAY = date(2026, 11, 21)


@pytest.fixture
def world(make):
    """A community; four activities of which one was called off, two lifts, three people who served."""
    held = [Held(number % 3, TODAY - timedelta(days=40 * number + 1), ActivityKind.SERVICE, 50, 9, number == 3, 1) for number in range(4)]
    held[2] = Held(2, TODAY - timedelta(days=81), ActivityKind.STUDY, None, None)
    served = [Served(number, TODAY - timedelta(days=number * 200), 60, HourKind.SERVICE, HourClass.CREDIT) for number in range(3)]
    return World(make, [Moving(number, number, date(2026, 1, 1)) for number in range(3)], served, held).build()


def amounts(word):
    return public.amounts(span_of(word, TODAY), NOON)


def test_every_figure_has_a_definition_and_a_place(app):
    assert set(ABOUT) == set(Figure)
    assert all(one.words.endswith("。") for one in ABOUT.values())


def test_figures_are_those_of_their_period(world):
    everything, year, month = (amounts(word) for word in ("all", "year", "month"))
    assert [one[Figure.ACTIVITIES] for one in (everything, year, month)] == [3, 3, 1]
    assert [one[Figure.SERVED] for one in (everything, year, month)] == [100, 100, 50]
    assert [one[Figure.LIFTS] for one in (everything, year, month)] == [2, 2, 1]
    assert [one[Figure.SCANNED] for one in (everything, year, month)] == [180, 120, 60]
    assert [one[Figure.VOLUNTEERS] for one in (everything, year, month)] == [3, 2, 1]
    assert everything[Figure.COMMUNITIES] == year[Figure.COMMUNITIES] == 1


@pytest.mark.parametrize("word", ["all", "year", "month"])
def test_the_list_behind_a_figure_adds_up_to_it(world, word):
    span, found = span_of(word, TODAY), amounts(word)
    listed = {one: public.activities(one, span, NOON, 1).rows for one in (Figure.ACTIVITIES, Figure.SERVED, Figure.LIFTS)}
    assert len(listed[Figure.ACTIVITIES]) == found[Figure.ACTIVITIES]
    assert sum(one.number for one in listed[Figure.SERVED]) == found[Figure.SERVED]
    assert sum(one.number for one in listed[Figure.LIFTS]) == found[Figure.LIFTS]
    for figure in (Figure.VOLUNTEERS, Figure.SCANNED, Figure.NAMED, Figure.MEMBERS, Figure.HEADS):
        assert sum(public.by_community(figure, span, NOON).values()) == found[figure]
    units = (Figure.COMMUNITIES, Figure.ORGANISATIONS, Figure.TEAMS)
    assert [len(public.units(one, TODAY, 1).rows) for one in units] == [found[one] for one in units]


def test_party_members_are_counted_by_the_stage_that_holds(make):
    branch = make.unit(parent=make.unit(kind=UnitKind.COMMUNITY))
    stages = (StageKind.MEMBER, StageKind.PROBATIONARY, StageKind.CANDIDATE, None)
    ids = [make.person(home=branch, stage=stage) for stage in stages]
    make._add(public.Stage, person_id=ids[2], kind=StageKind.PROBATIONARY, began_on=TODAY + timedelta(days=1))
    assert amounts("all")[Figure.MEMBERS] == 2


@settings(max_examples=200)
@given(st.dictionaries(st.integers(0, 9), st.integers(0, 40), max_size=8))
def test_no_small_group_can_be_read_off_or_computed(counts):
    away = rules.hidden(counts)
    assert all(key in away for key, many in counts.items() if 0 < many < rules.LEAST)
    if away:  # whoever knows the sum and all that are shown knows only what the hidden ones have together
        others = [many for key, many in counts.items() if many and key not in away]
        assert len(away) > 1 or not others
        assert sum(counts[key] for key in away) >= rules.LEAST or not others
    if all(many == 0 or many >= rules.LEAST for many in counts.values()):
        assert not away


def test_the_public_page_says_no_small_number(world, client):
    text = client.get("/figures/volunteers").text
    assert ">不单独写<" in text
    assert "何嘉怡" not in text
    assert ">不单独写<" in client.get("/figures/scanned").text


def test_every_figure_can_be_opened_signed_out(world, client):
    page = client.get("/figures").text
    for figure in Figure:
        about = ABOUT[figure]
        assert about.name in page
        if about.group is not rules.Group.FUND:
            found = client.get(f"/figures/{figure}")
            assert found.status_code == 200
            assert about.words in found.text
    assert client.get("/figures/fund_spent").status_code == 404  # the fund has its own books
    assert client.get("/figures/passwords").status_code == 404


def test_a_page_is_not_older_than_what_it_shows(world, make, client):
    assert "3<small>场" in client.get("/figures").text
    activity = make.activity(world.branches[0], make.person())
    make.shift(activity, NOON - timedelta(hours=5), 2)
    make.grant(make.person(), Role.ORGANISER, world.branches[0])  # whatever is done is audited, and so is this
    assert "4<small>场" in client.get("/figures").text


def test_questions_do_not_grow(world, make, client):
    def asked():
        db.session.remove()
        with statements() as sent:
            public.amounts(span_of("all", TODAY), NOON)
            public.activities(Figure.LIFTS, span_of("all", TODAY), NOON, 1)
            public.units(Figure.ORGANISATIONS, TODAY, 1)
            public.by_community(Figure.MEMBERS, span_of("all", TODAY), NOON)
        return len(sent)

    few = asked()
    World(make, [Moving(0, 1, TODAY)] * 9, [], [Held(0, TODAY - timedelta(days=3), ActivityKind.SERVICE, 3, 3, lifts=1)] * 9).build()
    assert asked() == few


@pytest.fixture
def administrators(make):
    root = make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    found = [make.person(name) for name in ("霍静雯", "罗国栋")]
    for one in found:
        make.grant(one, Role.ADMINISTRATOR, root)
    return [root, *found]


def recorded(root, by, amount=57_000, figure=Figure.ACTIVITIES, as_of=date(2022, 9, 30)):
    return in_transaction(lambda: service.record_opening(figure, amount, as_of, "珠江时报", by, root, NOON))


def decided(root, opening, by, confirmed=True):
    in_transaction(lambda: service.decide_opening(opening, confirmed, by, root, NOON))


def test_what_was_before_stands_beside_once_a_second_person_said_so_and_is_never_added(administrators, world, client):
    root, first, second = administrators
    opening = recorded(root, first)
    assert "历史数据 57,000" not in client.get("/figures").text
    with pytest.raises(Refused):
        decided(root, opening, first)
    with pytest.raises(IntegrityError, match="takes two people"):
        in_transaction(
            lambda: db.session.execute(insert(OpeningWordEntry).values(opening_id=opening, confirmed=True, said_at=NOON, said_by_id=first))
        )
    decided(root, opening, second)
    with pytest.raises(Conflict):
        decided(root, opening, second, confirmed=False)
    page = client.get("/figures").text
    assert "历史数据 57,000" in page
    assert "3<small>场" in page  # this site's own, as before
    assert "57,003" not in page
    assert "珠江时报" in client.get("/figures/activities").text
    assert "历史数据" not in client.get("/figures/activities?span=year").text
    decided(root, recorded(root, second, None), first)
    assert openings.standing() == {}


def test_days_that_both_know_are_told(administrators, world, client):
    root, first, second = administrators
    decided(root, recorded(root, first, as_of=TODAY - timedelta(days=10)), second)
    assert "两边有一段时间重了，不能相加" in client.get("/figures/activities").text


def test_an_administrator_records_and_another_confirms_from_the_work_list(administrators, make, as_person):
    _, first, second = administrators
    desk, other = as_person(first), as_person(second)
    bad = desk.post("/figures/openings", data={"figure": "lifts", "number": "很多", "as_of": "2022-09-30", "source": ""})
    assert bad.status_code == 422
    assert "请填写出处" in bad.text
    assert (
        desk.post("/figures/openings", data={"figure": "lifts", "number": "139", "as_of": "2030-01-01", "source": "报"}).status_code == 422
    )
    given = {"figure": "lifts", "number": "139", "as_of": "2022-09-30", "source": "珠江时报"}
    assert "请另一位管理员确认" in desk.post("/figures/openings", data=given, follow_redirects=True).text
    action = "/figures/openings/1/confirmation"
    assert action not in desk.get("/work").text
    assert action in other.get("/work").text
    assert "已经出现在数读上" in other.post(action, follow_redirects=True).text
    assert "旧楼加装电梯 139 台，截至2022年9月30日" in desk.get("/figures/openings").text
    assert as_person(make.person("街坊")).post(action).status_code == 404


@pytest.mark.parametrize(
    ("measured", "amount", "words"),
    [
        (Measured.COUNT, 57_000, "57,000"),
        (Measured.COUNT, 3_500_000, "350 万"),
        (Measured.COUNT, 3_500_001, "3,500,001"),
        (Measured.FEN, 13_900_000_000, "1.39 亿"),
        (Measured.FEN, 20_000_000_000, "2 亿"),
        (Measured.MINUTES, 119, "1"),
    ],
)
def test_large_numbers_are_said_short_only_where_nothing_is_lost(measured, amount, words):
    assert rules.rounded(measured, amount) == words


def test_a_figure_from_before_knows_whether_its_days_are_counted_here_too():
    opening = Opening(Figure.LIFTS, 139, date(2022, 9, 30), "报", clock.now())
    assert rules.overlaps(opening, date(2022, 9, 30))
    assert not rules.overlaps(opening, date(2022, 10, 1))
    assert not rules.overlaps(opening, None)
