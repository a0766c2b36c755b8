"""Whatever rosters come: the same file again changes nothing, and taking a batch back restores every table as it was."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock
from app.core.db import Base, db, in_transaction
from app.core.errors import Conflict, Invalid
from app.imports import answers, questions, running, status
from app.imports.planning import Answer, Ask, Verdict
from app.people.models import Phone, Unit
from app.people.rules import UnitKind
from tests.imports.sheet import file, plan, stage

NAMES = ("何嘉怡", "陈志明", "李小", "欧阳修")
PHONES = (None, "13800138000", "13900139000", "13700137000", "138****8000", "1380013")
PEOPLE = st.fixed_dictionaries(
    {
        "姓名": st.sampled_from(NAMES),
        "手机号码": st.sampled_from(PHONES),
        "出生日期": st.sampled_from((None, "1990-01-02", "1980-03-04")),
        "所属党支部": st.sampled_from(("灯湖社区第一党支部", "灯湖社区第二党支部", "映月湖畔党支部")),
        "政治面貌": st.sampled_from((None, "入党积极分子", "发展对象")),
        "进入当前阶段日期": st.sampled_from(("2026-03-01", "2026-04-01")),
        "报到社区": st.sampled_from((None, "怡海社区")),
        "备注": st.sampled_from((None, "楼长", "=1+1")),
    }
)
ROSTERS = st.lists(PEOPLE, min_size=1, max_size=6)
STEPS = st.lists(
    st.tuples(ROSTERS, st.booleans(), st.booleans(), st.sampled_from((None, Answer.SAME, Answer.OTHER)), st.booleans()),
    min_size=1,
    max_size=4,
)
LEFT = ("import_", "audit_event", "notice", "alembic")


def everything() -> dict[str, set[tuple[Any, ...]]]:
    """Every row of every table that an import may touch."""
    tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith(LEFT)]
    return {table.name: {tuple(map(str, row)) for row in db.session.execute(select(table))} for table in tables}


def held_numbers() -> set[str]:
    return set(db.session.scalars(select(Phone.number).where(Phone.valid_to.is_(None))))


def send(rows: list[dict[str, Any]], move_dates: bool, take_cards: bool, answer: Answer | None) -> int:
    batch_id = stage(file(*rows))
    decided = {one.row: answer for asks in (Ask.PHONE, Ask.SHARE) for one in questions.questions(batch_id, asks=asks)}
    in_transaction(lambda: answers.record(batch_id, decided, None, clock.now()))
    running.write(batch_id, None, clock.now(), move_dates=move_dates, take_cards=take_cards)
    return batch_id


ONCE = settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ONCE
@given(STEPS)
def test_again_changes_nothing_and_back_restores_everything(site, app, steps):
    db.session.remove()  # else the connection of the example before stays open
    site.fresh()
    from tests.factories import Factory

    Factory().unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    assert db.session.scalar(select(Unit.id)) is not None
    for rows, move_dates, take_cards, answer, goes_back in steps:
        before, numbers = everything(), held_numbers()
        try:
            batch_id = send(rows, move_dates, take_cards, answer)
        except Invalid:
            continue
        after = everything()
        if {row["手机号码"] for row in rows} & (numbers - held_numbers()):
            continue  # a number that somebody gave up in this sheet may be taken by the next who sends it: no longer the same question
        again = plan(file(*rows))
        assert [one for one in again.decisions if one.verdict in (Verdict.NEW, Verdict.CHANGED)] == []
        assert again.new_units() == []
        second = send(rows, move_dates, take_cards, None)
        assert everything() == after
        if goes_back:
            running.undo(second, None, clock.now())
            running.undo(batch_id, None, clock.now())
            assert everything() == before
            assert status.batch(batch_id).undone_at is not None


def test_the_rosters_here_reach_every_kind_of_change(app, make):
    """So that the property above is about something."""
    make.unit("桂城街道党工委", UnitKind.SUBDISTRICT)
    one = {"姓名": "何嘉怡", "手机号码": "13800138000", "出生日期": "1990-01-02", "所属党支部": "映月湖畔党支部"}
    send([one], False, True, None)
    send([{**one, "手机号码": "13900139000", "备注": "楼长"}], False, True, Answer.SAME)
    with pytest.raises(Conflict):
        running.undo(1, None, clock.now())
