"""What is lost by being one record is named in numbers before anybody decides, and nothing else is lost."""

import re
from datetime import timedelta
from uuid import uuid4

from app.checkin.rules import ShownCode, Way
from app.checkin.service.scans import record_scan
from app.core import clock
from app.core.db import in_transaction
from app.hours.rules import HourClass, HourKind
from app.merges.queries.losses import losses
from app.merges.queries.preview import preview
from app.merges.queries.rows import plan
from app.merges.service.trying import try_out
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


def test_what_is_reckoned_is_what_is_tried_out(two):
    """Of records with thousands of entries nothing is tried out: the sums are the same all the same."""
    shift = two.activity(clock.now().replace(hour=1) - timedelta(days=2))
    two.serve(two.old, 300, shift=shift)
    two.serve(two.new, 200, shift=shift, late=60)
    for _ in range(4):
        two.serve(two.new, 450)
    two.serve(two.old, 450)
    reckoned = {one.name: one.amount for one in preview(two.pair()).sums}
    tried = {one.name: one.amount for one in in_transaction(lambda: try_out(two.old, two.new, clock.now()))}
    assert reckoned == {name: tried[name] for name in reckoned}
    assert len(reckoned) == 6


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
