"""The page of all components, on demo sites only."""

import pytest

from tests.browser.phone import Phone
from tests.browser.server import copy_of, serving

sqlite_only = True
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-1")]


@pytest.fixture(scope="module")
def demo(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    with serving(copy_of(site.template_file, site.server_url, folder), folder, demo=True) as running:
        yield running


@pytest.mark.parametrize("desk", [False, True])
def test_every_component_in_every_look(demo, phones, desk):
    browser = phones(desk=desk)
    page = Phone(browser.context, demo.address).open("/components")
    page.title("部件一览")
    page.check(narrow=not desk)


def test_it_is_not_there_on_a_real_site(phones):
    phone = phones().open("/components")
    phone.title("没有找到")
    phone.forgive(404)
    phone.check(looks=("",))
