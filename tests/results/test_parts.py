"""What results add to other pages: on a project, beside a request, on the overview; never more questions for more of it."""

from datetime import timedelta

from app.activities import photo_files
from app.core import clock
from app.core.db import in_transaction
from app.results.rules import FileKind, PhotoSent, Side
from app.results.service import links, papers, photos
from tests.conftest import statements
from tests.results.examples import attach, folder, picture


def fill(house, project, number):
    """A payment with an opened paper, a photo, a linked activity."""
    paid = house.pay(project, 10 + number)
    file_id = attach(paid, house.officer, FileKind.INVOICE)
    in_transaction(lambda: papers.open_up(file_id, house.officer, clock.now()))
    taken, name = photo_files.read(picture()), photo_files.new_name()
    photo_files.store(folder(), name, taken)

    def add():
        pair = photos.begin_pair(project, f"第 {number} 处", house.officer, clock.now())
        photos.add(pair, PhotoSent(Side.AFTER, "修好了", clock.today(), True, None), name, taken, house.officer, clock.now())

    in_transaction(add)
    activity = house.make.activity(house.community, house.officer, title=f"活动 {number}")
    house.make.shift(activity, clock.now() - timedelta(days=1))
    in_transaction(lambda: links.link(project, activity, house.officer, clock.now()))


def asked(browser, address):
    browser.get(address)
    with statements() as sent:
        assert browser.get(address).status_code == 200
    return len(sent)


def test_more_of_everything_costs_no_more_questions(client, as_person, house):
    project = house.project()
    house.donate(50_000)
    house.grant(project, 30_000)
    fill(house, project, 1)
    officer = as_person(house.officer)
    pages = [(client, f"/fund/projects/{project}")] + [
        (officer, f"/fund/projects/{project}{more}") for more in ("", "/files", "/photos", "/chain")
    ]
    before = [asked(*page) for page in pages]
    for number in range(2, 6):
        fill(house, project, number)
    after = [asked(*page) for page in pages]
    assert after == before
    assert before[0] <= 45


def test_the_parts_are_where_their_readers_are(client, as_person, house):
    project = house.project()
    house.donate(50_000)
    house.grant(project, 30_000)
    fill(house, project, 1)
    public, officer = client.get(f"/fund/projects/{project}").text, as_person(house.officer).get(f"/fund/projects/{project}").text
    for words in ("公开件", "第 1 处", "看是哪些活动"):
        assert words in public
    for words in ("管理照片", "关联一场活动", f"/fund/projects/{project}/files"):
        assert words in officer
        assert words not in public
