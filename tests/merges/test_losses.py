"""What is lost by being one record is named in numbers before anybody decides, and nothing else is lost."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.checkin.rules import ShownCode, Way
from app.checkin.service.scans import record_scan
from app.claims.gauges import gauges
from app.core import clock
from app.core.db import db, in_transaction
from app.hours.rules import HourClass, HourKind
from app.merges.queries.losses import losses
from app.merges.queries.preview import preview
from app.merges.queries.rows import plan
from app.people.rules import StageKind
from app.points.rules import SchemeKind
from tests.merges.conftest import hours_of, points_of


def named(two):
    pair = two.pair()
    return losses(pair, plan(pair).overlapping)


def of_all_time(*person_ids: int) -> int:
    return sum(points for (period, _), points in points_of(*person_ids).items() if period == "all")


def test_where_nothing_is_lost_the_page_says_so(two, as_person):
    two.serve(two.old, 60)
    two.serve(two.new, 90)
    assert named(two) == losses(two.pair(), ())
    assert (named(two).overlaps, named(two).points) == ((), ())
    page = as_person(two.maker).get(f"/merges/of/{two.old}/and/{two.new}").text
    assert "一分不少" in page


def test_time_that_counts_once_is_named_with_its_day_and_its_minutes(two, as_person):
    shift = two.activity(clock.now().replace(hour=1) - timedelta(days=2))
    two.serve(two.old, 120, shift=shift)
    two.serve(two.new, 100, shift=shift, late=30)
    (one,) = named(two).overlaps
    assert (one.minutes, one.kind, one.hour_class, one.title) == (100, HourKind.SERVICE, HourClass.CREDIT, "灯湖邻里节")
    page = as_person(two.maker).get(f"/merges/of/{two.old}/and/{two.new}").text
    assert "少 1 小时 40 分" in page
    assert "同一段时间两份都记了" in page
    assert "1 次在同一时间签着到" in page
    both = hours_of(two.old, two.new)
    two.merge()
    assert hours_of(two.old)["all", "service", "credit"] == both["all", "service", "credit"] - 100


def test_points_above_a_cap_are_named_by_rule_and_span(two, as_person):
    """志愿积分 of a month has a cap of 40 points for hours of service: 22.5 hours each are 22.5 points each."""
    for _ in range(3):
        two.serve(two.old, 450)
        two.serve(two.new, 450)
    both = of_all_time(two.old, two.new)
    said = named(two)
    assert said.overlaps == ()
    (one,) = [row for row in said.points if row.scheme is SchemeKind.VOLUNTEER]
    assert (one.both, one.after, one.cap, one.less) == (4500, 4000, 4000, 500)
    page = as_person(two.maker).get(f"/merges/of/{two.old}/and/{two.new}").text
    assert "少 5.0 分" in page
    assert re.search("志愿积分·志愿服务，每小时，2026年11月：两份共 45.0 分，合并以后 40.0 分，一个人最多 40.0 分", page)
    merge_id = two.merge()
    assert of_all_time(two.old) == both - sum(row.less for row in said.points)
    two.undo(merge_id)
    assert of_all_time(two.old, two.new) == both


@pytest.mark.parametrize(
    ("stays", "goes", "asked"),
    [
        (StageKind.ACTIVIST, None, True),
        (None, StageKind.ACTIVIST, True),
        (StageKind.ACTIVIST, StageKind.ACTIVIST, True),
        (StageKind.ACTIVIST, StageKind.MEMBER, True),
        (StageKind.MEMBER, StageKind.ACTIVIST, False),
        (None, None, False),
    ],
)
def test_what_is_reckoned_is_what_a_merge_makes(make, two, stays, goes, asked):
    """Hours, points and 双50, with time that both have, time from before the stage, and caps; nothing is written to tell it."""
    since, today = clock.today() - timedelta(days=60), clock.today()
    old, new = (make.person("陈志强", home=two.branch, stage=stage, stage_since=since) for stage in (stays, goes))
    shift = two.activity(clock.now().replace(hour=1) - timedelta(days=20))
    two.serve(old, 300, shift=shift)
    two.serve(new, 200, shift=shift, late=60)
    two.serve(new, 240, on=since - timedelta(days=10))
    for _ in range(4):
        two.serve(new, 450)
    two.serve(old, 450)
    pair = two.pair(old, new)
    reckoned = {one.name: one.amount for one in preview(pair).sums}
    two.merge(old, new)
    assert {one.name: one.amount for one in gauges(old, today)} == reckoned
    assert [name for name in reckoned if name.startswith("双50")] == (["双50：服务", "双50：学习"] if asked else [])
    assert not asked or reckoned["双50：服务"] == 180 + 5 * 450  # the shift has three hours


def test_looking_at_two_records_writes_nothing_but_who_looked(two, as_person):
    two.serve(two.old, 300)
    two.serve(two.new, 200)
    maker, written = as_person(two.maker), set()
    address = f"/merges/of/{two.old}/and/{two.new}"
    maker.get(address)

    def note(_connection, _cursor, statement, *_rest):
        words = statement.split()
        if words[0] in {"INSERT", "UPDATE", "DELETE", "SAVEPOINT"}:
            written.add(" ".join(words[:3]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert maker.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert {one for one in written if "audit" not in one} == set()


def test_both_signed_in_at_one_shift_is_refused_with_the_way_out(two, as_person):
    now = clock.now()
    begins = now - timedelta(hours=2)
    activity, _ = two.activity(begins)
    for person in (two.old, two.new):
        shown = ShownCode(uuid4(), activity, Way.POSTER, begins)
        in_transaction(lambda shown=shown, person=person: record_scan(shown, person, begins))
    page = as_person(two.maker).get(f"/merges/of/{two.old}/and/{two.new}").text
    assert "都在《灯湖邻里节》的同一个班次签着到" in page
    assert "先给其中一份签退" in page
    assert f"/activities/{activity}/sign-outs" in page
    out = ShownCode(uuid4(), activity, Way.POSTER, now + timedelta(minutes=45))
    in_transaction(lambda: record_scan(out, two.new, out.opened_at))
    assert "同一个班次签着到" not in as_person(two.maker).get(f"/merges/of/{two.old}/and/{two.new}").text
