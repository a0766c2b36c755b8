"""The organisation tree over the years: new units, other names, other parents, an end, and what was on a day."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.people import queries, service
from app.people.models import PlaceUnit, UnitAncestry, UnitName, UnitParent
from app.people.queries import trees
from app.people.rules import MembershipKind, PlaceKind, UnitKind
from app.people.tree_rules import UNIT_UNDER
from tests.conftest import statements
from tests.people.town import BEGAN, FEBRUARY, MARCH, TODAY, close, create, move, names, rename

K = UnitKind


def test_on_first_march_the_branch_belonged_to_the_other_community(town):
    move(town["branch"], town["south"], date(2026, 4, 1))
    rename(town["lake"], "灯湖湾社区党委")
    assert names(town["branch"], MARCH) == ["桂城街道党工委", "灯湖社区党委", "锦园第一党支部"]
    assert names(town["branch"], TODAY) == ["桂城街道党工委", "桂南社区党委", "锦园第一党支部"]
    assert names(town["lake"], TODAY) == ["桂城街道党工委", "灯湖湾社区党委"]
    assert names(town["branch"], date(2019, 12, 31)) == []


def test_all_that_is_below_moves_along(town):
    move(town["branch"], town["south"])
    assert names(town["groups"][0], TODAY)[1] == "桂南社区党委"
    assert queries.is_below(town["groups"][1], [town["south"]], TODAY)
    assert not queries.is_below(town["groups"][1], [town["lake"]], TODAY)
    assert queries.is_below(town["groups"][1], [town["lake"]], MARCH)
    assert trees.disagreements() == []


def test_moving_to_and_fro_on_one_day_leaves_no_trace_in_the_closure(town):
    before = trees.kept_lines(trees.UNITS)
    move(town["branch"], town["south"])
    move(town["branch"], town["lake"])
    assert trees.kept_lines(trees.UNITS) == before
    assert trees.disagreements() == []


def test_moving_where_it_is_already_changes_nothing(town):
    with statements() as sent:
        move(town["branch"], town["lake"])
    assert not [one for one in sent if one.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_move_may_be_dated_back_while_nothing_contradicts(town):
    move(town["branch"], town["south"], FEBRUARY)
    assert names(town["branch"], MARCH)[1] == "桂南社区党委"
    with pytest.raises(Invalid, match="有几处要改") as refused:
        move(town["branch"], town["lake"], date(2026, 1, 31))
    assert refused.value.fields == {"on": "2026年2月1日这里的上下级有过变动，日子最早写这一天"}


def test_a_move_is_not_dated_before_what_happened_below_or_above_it(town):
    create(K.GROUP, "第三党小组", town["branch"], MARCH)
    with pytest.raises(Invalid):
        move(town["branch"], town["south"], FEBRUARY)
    east = create(K.COMMUNITY, "桂东社区党委", town["root"], date(2026, 6, 1))
    with pytest.raises(Invalid):
        move(town["branch"], east, date(2026, 5, 1))
    with pytest.raises(Invalid):
        move(town["branch"], town["south"], date(2026, 11, 22))  # tomorrow
    move(town["branch"], town["south"], MARCH)
    assert trees.disagreements() == []


def test_a_unit_is_not_put_below_itself(town, make):
    general = create(K.TEAM, "志愿服务队", town["lake"])
    team = create(K.TEAM, "第一分队", general)
    with pytest.raises(Conflict, match=r"“第一分队”就在“志愿服务队”下面"):
        move(general, team)
    with pytest.raises(Conflict, match="最上面"):
        move(make.unit(kind=K.TEAM), town["lake"])


@pytest.mark.parametrize("kind", list(K))
def test_a_unit_hangs_only_where_its_kind_may(app, make, kind):
    parents = {parent: make.unit(kind=parent) for parent in K}
    for parent, parent_id in parents.items():
        if parent in UNIT_UNDER[kind]:
            create(kind, f"{kind}在{parent}", parent_id)
        else:
            with pytest.raises(Invalid):
                create(kind, f"{kind}在{parent}", parent_id)


def test_branches_of_offices_and_firms_hang_straight_under_the_subdistrict(town):
    office = create(K.BRANCH, "街道机关第一党支部", town["root"])
    assert names(office, TODAY) == ["桂城街道党工委", "街道机关第一党支部"]


def test_siblings_do_not_share_a_name(town):
    other = create(K.BRANCH, "锦园第二党支部", town["lake"])
    with pytest.raises(Invalid):
        create(K.BRANCH, "锦园第一党支部", town["lake"])
    with pytest.raises(Invalid):
        rename(other, "锦园第一党支部")
    far = create(K.BRANCH, "锦园第一党支部", town["south"])
    with pytest.raises(Invalid):
        move(far, town["lake"])


def test_past_names_are_kept_to_be_found_by_also_one_of_a_single_day(town):
    rename(town["branch"], "锦园党支部", MARCH)
    rename(town["branch"], "锦园苑党支部")
    rename(town["branch"], "锦苑党支部")
    kept = db.session.execute(select(UnitName.name, UnitName.valid_from, UnitName.valid_to).order_by(UnitName.id)).all()
    assert kept == [("锦园第一党支部", BEGAN, MARCH), ("锦园党支部", MARCH, TODAY), ("锦园苑党支部", TODAY, TODAY)]
    assert [names(town["branch"], day)[-1] for day in (FEBRUARY, MARCH, TODAY)] == ["锦园第一党支部", "锦园党支部", "锦苑党支部"]


def test_a_name_is_corrected_on_its_day_and_another_takes_no_day_before_it(town):
    rename(town["branch"], "锦圆党支部", MARCH)
    with pytest.raises(Invalid):
        rename(town["branch"], "锦苑党支部", FEBRUARY)
    in_transaction(lambda: service.correct_unit_name(town["branch"], "锦园党支部", FEBRUARY, None))
    assert db.session.execute(select(UnitName.name, UnitName.valid_from, UnitName.valid_to)).all() == [("锦园第一党支部", BEGAN, FEBRUARY)]
    assert [names(town["branch"], day)[-1] for day in (date(2026, 1, 31), FEBRUARY)] == ["锦园第一党支部", "锦园党支部"]
    in_transaction(lambda: service.correct_unit_name(town["branch"], "锦园第一党支部", None, None))
    assert db.session.scalars(select(UnitName.id)).all() == []
    create(K.BRANCH, "锦园第二党支部", town["lake"])
    with pytest.raises(Invalid):
        in_transaction(lambda: service.correct_unit_name(town["branch"], "锦园第二党支部", None, None))


def test_closing_says_what_stands_in_the_way(town, make):
    member = make.person(home=town["groups"][0])
    with pytest.raises(Conflict, match="下面还有 2 个组织"):
        close(town["branch"])
    with pytest.raises(Conflict, match="还有 1 人在这里"):
        close(town["groups"][0])
    in_transaction(lambda: service.join(member, town["branch"], MembershipKind.HOME, TODAY))
    for group in town["groups"]:
        close(group)
    with pytest.raises(Conflict, match="还有 1 人在这里"):
        close(town["branch"])
    with pytest.raises(Conflict, match="不能撤销"):
        close(town["root"])
    assert names(town["groups"][0], TODAY) == []
    assert names(town["groups"][0], date(2026, 11, 20))[-1] == "第一党小组"
    assert trees.disagreements() == []


def test_what_is_closed_takes_nothing_in_and_does_not_change(town, make):
    group = town["groups"][0]
    close(group)
    for change in (
        lambda: rename(group, "另一个名字"),
        lambda: move(group, town["branch"]),
        lambda: close(group),
    ):
        with pytest.raises(Conflict, match="已经撤销"):
            change()
    with pytest.raises(IntegrityError):
        make.person(home=group)
    with pytest.raises(IntegrityError):
        make._add(UnitParent, unit_id=group, parent_id=town["branch"], valid_from=TODAY)


def test_another_feature_may_stand_in_the_way_of_closing(town):
    from app.people.service import units

    def unfinished(unit_id, _today):
        return "还有 2 场活动没结束" if unit_id == town["groups"][0] else None

    service.before_closing(unfinished)
    try:
        with pytest.raises(Conflict, match="还有 2 场活动没结束"):
            close(town["groups"][0])
        close(town["groups"][1])
    finally:
        units._hindrances.remove(unfinished)


def test_a_new_unit_does_not_begin_before_its_place_in_the_tree(town):
    move(town["branch"], town["south"], MARCH)
    with pytest.raises(Invalid) as refused:
        create(K.GROUP, "第三党小组", town["branch"], FEBRUARY)
    assert "2026年3月1日" in refused.value.fields["opened_on"]


def test_ties_of_branch_and_estate_end_with_the_branch(town):
    def build():
        community = service.create_place(PlaceKind.COMMUNITY, "灯湖社区", None, BEGAN, None)
        estate = service.create_place(PlaceKind.ESTATE, "中海万锦豪园", community, BEGAN, None)
        service.tie_place(community, town["lake"], BEGAN, None)
        service.tie_place(estate, town["branch"], BEGAN, None)
        service.tie_place(estate, town["branch"], MARCH, None)  # tied already
        return community

    community = in_transaction(build)
    with pytest.raises(Invalid):
        in_transaction(lambda: service.tie_place(community, town["groups"][0], BEGAN, None))
    for group in town["groups"]:
        close(group)
    close(town["branch"])
    ended = dict(db.session.execute(select(PlaceUnit.unit_id, PlaceUnit.valid_to)).all())
    assert ended == {town["lake"]: None, town["branch"]: TODAY}


def test_ledger_verify_says_where_a_closure_or_a_parent_is_wrong(app, town):
    def verify():
        result = app.test_cli_runner().invoke(args=["ledger", "verify"])
        return result.exit_code, result.output

    assert "组织树：相符" in verify()[1]
    group, branch = town["groups"][0], town["branch"]
    line = (UnitAncestry.unit_id == group, UnitAncestry.ancestor_id == town["root"])
    in_transaction(lambda: db.session.execute(update(UnitAncestry).where(*line).values(valid_from=MARCH)))
    code, said = verify()
    assert code == 1
    assert f"组织 {group}：上下级的汇总与记录不符" in said
    in_transaction(lambda: db.session.execute(update(UnitAncestry).where(*line).values(valid_from=BEGAN)))
    in_transaction(lambda: db.session.execute(update(UnitParent).where(UnitParent.unit_id == branch).values(valid_to=TODAY)))
    assert f"组织 {branch}：没有上级" in verify()[1]
