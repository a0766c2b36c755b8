"""大屏 on the projectors that halls have: nothing covers the code, nothing runs off the screen, whatever the title."""

import pytest

from tests.browser.phone import code_in

SIZES = [(1024, 768), (1280, 720), (1366, 768), (1920, 1080), (3840, 2160)]
LONG = "灯湖社区重阳敬老邻里节：童玩与旧物市集、义剪义诊、垃圾分类小课堂与楼道清洁评比颁奖大会（第12届）暨迎新"
PARTS = [".qr", ".venue-code > div", ".venue-code > p", "h1", ".venue-say .soft >> nth=0", ".venue-count .num", ".venue-art"]


@pytest.fixture
def screen(town, phones):
    browser = phones(town.organiser, desk=True)

    def opened(title, size):
        browser.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        browser.open(f"/activities/{town.festival(title=title)}/screen")
        return browser.page

    return opened


def boxes(page):
    return {part: page.locator(part).first.bounding_box() for part in PARTS}


def overlap(one, other):
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return across > 1 and down > 1


@pytest.mark.parametrize("title", ["清洁日", LONG], ids=["short", "long"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_everything_is_on_the_screen_and_nothing_lies_over_another(screen, size, title):
    page = screen(title, size)
    found = boxes(page)
    covered = [(a, b) for a in PARTS for b in PARTS if a < b and overlap(found[a], found[b])]
    assert covered == []
    off = [part for part, box in found.items() if box["x"] + box["width"] > size[0] + 1 or box["y"] + box["height"] > size[1] + 1]
    assert off == []


def test_a_camera_reads_it_from_a_small_projector(screen):
    assert "/c/" in code_in(screen(LONG, (1024, 768)).screenshot())


@pytest.mark.parametrize("size", [(390, 844), (320, 640), (1080, 1920)], ids=lambda size: "x".join(map(str, size)))
def test_upright_the_code_stands_above_the_words(screen, size):
    found = boxes(screen(LONG, size))
    assert [(a, b) for a in PARTS for b in PARTS if a < b and overlap(found[a], found[b])] == []
    assert found[".qr"]["y"] + found[".qr"]["height"] < found["h1"]["y"]
    assert all(box["x"] + box["width"] <= size[0] + 1 for part, box in found.items())
