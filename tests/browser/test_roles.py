"""On a phone: a secretary makes a member deputy until a day, and the deputy can decide at once."""

from datetime import timedelta

import pytest

from app.accounts import queries
from app.core import clock
from app.core.actor import Grant
from app.core.permissions import Role

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-2")]
sqlite_only = True


def test_a_secretary_grants_a_deputy(town, phones):
    make = town.make
    branch = make.unit("锦园第十党支部", parent=town.community)
    secretary, member = make.person("李柏豪", home=branch), make.person("郑海琪", home=branch, phone="13800009911")
    for person in (secretary, member):
        make.account(person)
    make.grant(secretary, Role.SECRETARY, branch)
    phone = phones(secretary)
    phone.open("/branch")
    phone.page.get_by_role("link", name="郑海琪").first.click()
    phone.follows("职责")
    phone.title("郑海琪的职责")
    phone.check()
    until = clock.today() + timedelta(days=365)
    phone.page.get_by_label("给他什么职责").select_option(Role.DEPUTY.value)
    phone.page.get_by_role("group", name="管哪里").locator(f"input[value='{branch}']").check(force=True)
    phone.taps("给他这个职责")
    phone.sees("要写到哪天为止")
    phone.forgive(422)
    phone.fill(until=until.isoformat())
    phone.taps("给他这个职责")
    phone.sees("副书记／组织委员", "郑海琪")
    phone.check()
    assert queries.roles_held(member, clock.today()) == [Grant(Role.DEPUTY, branch)]
    deputy = phones(member)
    deputy.open("/work")
    deputy.title("待我处理")
    deputy.open("/branch")
    deputy.sees("锦园第十党支部")
