"""Names at the venue and in a result: masked, of those who agreed, gone at once with their consent."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from app.activities.models import Activity
from app.activities.outcomes import Credits, Report
from app.activities.rules import ActivityKind
from app.checkin import service
from app.checkin.rules import ShownCode, Way
from app.core import clock
from app.core.db import db, in_transaction
from app.core.permissions import Role
from app.people import service as people
from app.people.rules import ConsentKind, GivenHow, Relation
from tests.conftest import NOON, statements

SCREEN, CREDIT = ConsentKind.BIG_SCREEN, ConsentKind.NAMED_CREDIT


def agree(person, kind, at=NOON):
    in_transaction(lambda: people.give_consent(person, kind, at))


def withdraw(person, kind):
    in_transaction(lambda: people.withdraw_consent(person, kind, clock.now()))


@pytest.fixture
def fair(make, as_person, client):
    """An activity that runs from noon to three; `came(names)` scans people in, a minute apart."""

    class Fair:
        branch = make.unit("锦园第一党支部")
        organiser = make.person("霍静雯", home=branch)
        activity = 0
        minutes = 0

        def came(self, name, *kinds):
            person = make.person(name, home=self.branch)
            for kind in kinds:
                agree(person, kind)
            self.minutes += 1
            at = NOON + timedelta(minutes=self.minutes)
            in_transaction(lambda: service.record_scan(ShownCode(uuid4(), self.activity, Way.POSTER, at), person, at))
            return person

        def screen(self):
            address = as_person(self.organiser).get(f"/activities/{self.activity}/screen").location
            return client.get(address)

        def close(self):
            at = NOON + timedelta(hours=5)
            in_transaction(lambda: service.close(self.activity, Report(120), self.organiser, at))

        def result(self):
            return client.get(f"/activities/{self.activity}").text.replace('<span class="keep">', "").replace("</span>", "")

    fair = Fair()
    make.grant(fair.organiser, Role.ORGANISER, fair.branch)
    fair.activity = make.activity(fair.branch, fair.organiser)
    make.shift(fair.activity, NOON, 3)
    return fair


def becomes(fair, kind):
    in_transaction(lambda: db.session.execute(update(Activity).where(Activity.id == fair.activity).values(kind=kind)))


class TestOnTheScreen:
    def test_the_last_who_agreed_are_named_masked_and_nobody_else(self, fair):
        for name in ("陈志明", "何嘉怡", "梁凤珍", "冼柏豪"):
            fair.came(name, SCREEN)
        fair.came("欧阳娜", CREDIT)
        page = fair.screen().text
        assert "冼*豪、梁*珍、何*怡 到了" in page
        for name in ("陈*明", "欧阳", "何嘉怡"):
            assert name not in page
        assert ">5<" in page, "everybody is counted"

    def test_nobody_agreed_and_nothing_is_said(self, fair):
        fair.came("何嘉怡")
        assert " 到了" not in fair.screen().text

    def test_a_consent_taken_back_is_gone_with_the_next_answer(self, fair):
        person = fair.came("何嘉怡", SCREEN)
        assert "何*怡 到了" in fair.screen().text
        withdraw(person, SCREEN)
        assert "何*怡" not in fair.screen().text
        agree(person, SCREEN, clock.now())
        assert "何*怡 到了" in fair.screen().text

    def test_a_child_is_named_only_while_the_guardian_agrees(self, fair, make):
        child = fair.came("何小怡", SCREEN)
        parent = make.person("何大明", home=fair.branch)
        in_transaction(lambda: people.edit_profile(child, "何小怡", None, NOON.date().replace(year=2015), "", parent))
        assert "何*怡" not in fair.screen().text
        given = "何大明", "13700000009", Relation.FATHER, GivenHow.IN_PERSON, parent, clock.now()
        in_transaction(lambda: people.record_guardian(child, *given))
        assert "何*怡 到了" in fair.screen().text

    def test_where_only_members_come_nobody_is_named(self, fair):
        fair.came("何嘉怡", SCREEN)
        becomes(fair, ActivityKind.PARTY_LIFE)
        assert "何*怡" not in fair.screen().text

    def test_the_screen_costs_the_same_however_many_came(self, fair):
        def cost():
            fair.screen()
            with statements() as sent:
                fair.screen()
            return len(sent)

        fair.came("何嘉怡", SCREEN)
        few = cost()
        for nth in range(8):
            fair.came(f"街坊{nth}", SCREEN)
        assert cost() == few


class TestInTheResult:
    def test_who_agreed_by_that_day_is_named_and_the_others_are_counted(self, fair, as_person):
        for name in ("陈志明", "何嘉怡"):
            fair.came(name, CREDIT)
        fair.came("欧阳娜", SCREEN)
        late = fair.came("梁凤珍")
        fair.close()
        with clock.frozen_at(NOON + timedelta(days=1)):
            agree(late, CREDIT, clock.now())
            page = fair.result()
            assert "陈*明、何*怡，另有 2 位没有署名" in page
            for name in ("梁*珍", "欧阳", "陈志明"):
                assert name not in page
            text = as_person(fair.organiser).get(f"/activities/{fair.activity}/closing").text
            assert "参加的街坊：陈*明、何*怡，另有 2 位没有署名" in text

    def test_taken_back_it_is_gone_also_from_closed_activities(self, fair):
        person = fair.came("何嘉怡", CREDIT)
        fair.came("陈志明", CREDIT)
        fair.close()
        assert "何*怡、陈*明</p>" in fair.result()
        withdraw(person, CREDIT)
        assert "陈*明，另有 1 位没有署名" in fair.result()
        assert "何*怡" not in fair.result()

    def test_where_nobody_agreed_there_is_no_such_line(self, fair):
        fair.came("何嘉怡")
        fair.close()
        assert "没有署名" not in fair.result()
        assert "这场办成了" in fair.result()

    @pytest.mark.parametrize("kind", [ActivityKind.PARTY_LIFE, ActivityKind.STUDY])
    def test_where_only_members_come_nobody_is_named(self, fair, kind):
        fair.came("何嘉怡", CREDIT)
        becomes(fair, kind)
        fair.close()
        assert "何*怡" not in fair.result()

    def test_a_long_list_is_cut_and_says_how_many(self):
        assert Credits(("陈*明", "何*怡"), 5).words(9) == "陈*明、何*怡 等 5 位，另有 4 位没有署名"
        assert Credits(("陈*明",), 1).words(1) == "陈*明"
