"""待我处理 and the notices."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import in_transaction
from app.core.permissions import Role
from app.worklist import service
from app.worklist.service import Source, WorkItem
from tests.conftest import NOON, statements


@pytest.fixture
def sources(monkeypatch):
    """No feature's work but what the test registers."""
    monkeypatch.setattr(service, "_sources", [])
    return service


def item(key: str, group: str, days: int) -> WorkItem:
    return WorkItem(key, group, NOON - timedelta(days=days), "errors/_note.html", None)


@pytest.fixture
def secretary(make):
    person = make.person("李婉仪")
    make.grant(person, Role.SECRETARY, make.unit())
    return person


def test_work_is_grouped_and_the_longest_waiting_comes_first(app, make, sources, secretary):
    sources.register(Source("补录", lambda _: 2, lambda _: [item("a", "补录", 1), item("b", "补录", 3)]))
    sources.register(Source("待核实", lambda _: 1, lambda _: [item("c", "待核实", 2)]))
    sources.register(Source("双50", lambda _: 0, lambda _: []))
    actor = make.actor(secretary)
    every = sources.waiting(actor)
    assert every.groups == [("补录", 2), ("待核实", 1)]
    assert [waiting.key for waiting in every.items] == ["b", "c", "a"]
    assert [waiting.key for waiting in sources.waiting(actor, "待核实").items] == ["c"]
    assert len(sources.waiting(actor, "没有这一类").items) == 3


def test_the_page_shows_each_item_by_its_own_template_and_how_long_it_waits(as_person, sources, secretary):
    sources.register(Source("补录", lambda _: 2, lambda _: [item("a", "补录", 1), item("b", "补录", 3)]))
    sources.register(Source("待核实", lambda _: 1, lambda _: [item("c", "待核实", 2)]))
    client = as_person(secretary)
    page = client.get("/work").text
    assert "全部 3" in page
    assert "补录 2" in page
    assert "最久的一件等了 3 天" in page
    assert page.count("编号") == 3
    assert client.get("/work?group=待核实").text.count("编号") == 1


def test_nothing_waiting_says_what_to_do_next(as_person, sources, make):
    assert "都办完了" in as_person(make.person()).get("/work").text


def test_the_same_group_registered_again_replaces_the_first(sources):
    sources.register(Source("补录", lambda _: 1, lambda _: []))
    sources.register(Source("补录", lambda _: 2, lambda _: []))
    assert len(sources.sources()) == 1


def test_notices_are_one_s_own_counted_and_read_all_at_once(as_person, make):
    me, other = make.person("何嘉怡"), make.person("冼柏豪")
    in_transaction(lambda: [service.notify(me, "补录已同意", "/me"), service.notify(other, "别人的事", "/work")])
    client = as_person(me)
    page = client.get("/notices").text
    assert "补录已同意" in page
    assert "别人的事" not in page
    assert "1 条未读" in client.get("/work").text
    assert client.post("/notices/reading").status_code == 303
    assert service.badge_counts(make.actor(me)).unread == 0
    assert service.badge_counts(make.actor(other)).unread == 1
    assert "全部标为已读" not in client.get("/notices").text


def test_many_notices_cost_no_more_queries(as_person, make):
    me = make.person()
    client = as_person(me)

    def cost() -> int:
        with statements() as sent:
            client.get("/notices")
        return len(sent)

    few = cost()
    in_transaction(lambda: [service.notify(me, f"第 {number} 条", "/me") for number in range(30)])
    assert cost() == few
    assert clock.now() == NOON


ARRIVED, WHERE = "有一位党员到灯湖社区党委报到", "/pledges?unit=7"


def send(person, many=1, text=ARRIVED, url=WHERE):
    in_transaction(lambda: [service.notify(person, text, url) for _ in range(many)])


def test_equal_notices_of_one_page_stand_in_one_line_and_the_bell_counts_lines(as_person, make):
    me = make.person()
    send(me, 26)
    send(me, 1, "补录已同意", "/me")
    send(me, 3, "补录已同意", "/claims")
    client = as_person(me)
    page = client.get("/notices").text
    assert page.count("有\u00a026\u00a0位党员到灯湖社区党委报到") == 1
    assert "有一位党员" not in page
    assert page.count("<b>补录已同意</b>") == 1, "another page is another line"
    assert "补录已同意（3 次）" in page
    assert page.count(">未读<") == 3
    assert "3 条未读" in client.get("/work").text
    assert service.badge_counts(make.actor(me)).unread == 3
    assert "3 条未读" in client.get("/boards").text


def test_what_was_read_together_stays_one_line_and_what_comes_later_is_another(as_person, make):
    me = make.person()
    send(me, 5)
    client = as_person(me)
    client.post("/notices/reading")
    assert "<span>有\u00a05\u00a0位党员到灯湖社区党委报到</span>" in client.get("/notices").text
    with clock.frozen_at(NOON + timedelta(hours=1)):
        send(me, 2)
    page = client.get("/notices").text
    assert page.index("<b>有\u00a02\u00a0位党员到灯湖社区党委报到</b>") < page.index("<span>有\u00a05\u00a0位党员")


def test_an_older_line_that_is_told_again_comes_to_the_top(as_person, make):
    me = make.person()
    send(me)
    send(me, 1, "补录已同意", "/me")
    send(me)
    page = as_person(me).get("/notices").text
    assert page.index("有\u00a02\u00a0位党员") < page.index("补录已同意")
