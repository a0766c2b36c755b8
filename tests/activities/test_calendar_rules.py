"""A calendar as RFC 5545 has it, read again with a parser; and the secret in an address."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from app.activities.calendar_rules import Entry, etag_of, feed_token, read_feed_token, written

sqlite_only = True

SITE = "https://shulin.example"
BEGIN = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def entry(**more):
    known = {
        "shift_id": 12,
        "activity_id": 7,
        "title": "灯湖邻里节：童玩",
        "shift_name": "摊位组",
        "starts_at": BEGIN,
        "ends_at": BEGIN + timedelta(hours=3),
        "place": "党建广场",
        "unit_name": "灯湖街坊会",
        "changed_at": BEGIN - timedelta(days=1),
    }
    return Entry(**known | more)


def event(**more):
    (found,) = Calendar.from_ical(written("我的志愿活动", [entry(**more)], SITE)).walk("VEVENT")
    return found


def test_an_entry_says_when_where_what_and_where_to_read_on():
    found = event(own=True)
    assert str(found["uid"]) == "own-12@shulin.example"
    assert str(event()["uid"]) == "shift-12@shulin.example"  # of a unit's calendar: in one phone they are two
    assert (found.decoded("dtstart"), found.decoded("dtend")) == (BEGIN, BEGIN + timedelta(hours=3))
    assert (str(found["summary"]), str(found["location"])) == ("灯湖邻里节：童玩·摊位组", "党建广场")
    assert str(found["url"]) == "https://shulin.example/activities/7"
    assert (str(found["status"]), str(found["transp"])) == ("CONFIRMED", "OPAQUE")
    assert found.decoded("dtstamp") == found.decoded("last-modified") == BEGIN - timedelta(days=1)


def test_times_are_written_in_utc_and_nothing_rings():
    text = written("名", [entry()], SITE).decode()
    assert "DTSTART:20261122T060000Z" in text
    assert "VALARM" not in text


def test_waiting_is_tentative_and_cancelled_is_cancelled():
    assert (str(event(waiting=True)["status"]), str(event(waiting=True)["summary"])[:3]) == ("TENTATIVE", "候补：")
    both = event(waiting=True, cancelled=True)
    assert (str(both["status"]), str(both["summary"])[:4], str(both["transp"])) == ("CANCELLED", "已取消：", "TRANSPARENT")


def test_lines_end_as_the_standard_says_and_are_folded():
    body = written("名", [entry(title="长" * 60)], SITE)
    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
)
def test_whatever_is_in_a_title_or_a_place_is_read_again_as_it_was(title, place):
    found = event(title=title, place=place)
    assert str(found["summary"]) == f"{title}·摊位组"
    assert str(found["location"]) == place


def test_a_line_break_in_a_title_adds_no_line_of_its_own():
    text = written("名", [entry(title="甲\r\nATTENDEE:mailto:x", place="乙\nSTATUS:CANCELLED")], SITE).decode()
    assert "\r\nATTENDEE" not in text
    assert text.count("\r\nSTATUS:") == 1


def test_the_tag_changes_with_everything_that_is_shown():
    base = etag_of("名", [entry()], SITE)
    others = [
        etag_of("名", [entry(**{name: value})], SITE)
        for name, value in (("title", "乙"), ("cancelled", True), ("waiting", True), ("place", "x"))
    ]
    assert len({base, *others, etag_of("另", [entry()], SITE), etag_of("名", [], SITE)}) == 7
    assert base == etag_of("名", [entry()], SITE)


def test_a_token_is_read_back_and_no_other_key_makes_it():
    token = feed_token("key", 300)
    assert token.startswith("12c-")
    assert read_feed_token("key", token) == 300
    assert read_feed_token("another", token) is None


@given(st.text(max_size=60))
def test_anything_else_is_no_token(text):
    assert read_feed_token("key", text) is None


@given(st.integers(1, 2**31 - 1), st.integers(0, 40))
def test_a_token_with_one_letter_changed_is_none(feed_id, place):
    token = feed_token("key", feed_id)
    place %= len(token)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert read_feed_token("key", changed) is None
