"""Nothing private on any public page, in a log, an address, a notice, or on a page of somebody whose business it is not."""

import io
import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Invalid
from app.core.permissions import Role
from app.wishes.models import WishClaim, WishPrivate
from app.wishes.rules import Step, Way
from app.wishes.service import tidying
from app.worklist.models import Notice
from tests.conftest import NOON
from tests.wishes.houses import NAME, PHONE, PRIVATE, TOLD

sqlite_only = True
DONOR = ("梁先生", "13900001111")
PUBLIC_PAGES = (
    "/fund",
    "/fund/wishes",
    "/fund/wishes?show=taken",
    "/fund/wishes?show=full",
    "/fund/wishes/new",
    "/fund/wishes/told",
    "/fund/wishes/poster",
    "/fund/wishes/figures",
)
STATES = ("told", "verified", "published", "claimed", "connected", "fulfilled", "thanked", "declined")


def reach(place, state):
    """A wish in a state, told on the form by somebody and claimed by a donor without an account."""
    wish = place.tell(way=Way.FORM)
    if state == "declined":
        place.take(wish, Step.DECLINED, place.deputy, "已经搬走了")
        return wish
    acts = {
        "verified": lambda: place.verify(wish, place.deputy),
        "published": lambda: place.take(wish, Step.PUBLISHED, place.secretary),
        "claimed": lambda: place.give(wish),
        "connected": lambda: place.take(wish, Step.CONNECTED, place.secretary),
        "fulfilled": lambda: place.take(wish, Step.FULFILLED, place.secretary, "灯换好了", "收据 88"),
        "thanked": lambda: place.take(wish, Step.THANKED, place.deputy, "谢谢街坊"),
    }
    for one, act in acts.items():
        if STATES.index(one) <= STATES.index(state):
            act()
    return wish


def text(answer):
    return answer.get_data(as_text=True)


def nothing_private(page, *more):
    page = re.sub(r"[0-9a-f]{16,}", "", page)  # keys of forms, names of files: by chance they hold any three digits
    found = [one for one in (*PRIVATE, *DONOR, *more) if one in page]
    assert not found, found


@pytest.mark.parametrize("state", STATES)
def test_no_public_page_says_who_it_is_in_whatever_state_it_is(place, client, as_person, state):
    wish = reach(place, state)
    shown = [*PUBLIC_PAGES, f"/fund/wishes/{wish}", f"/fund/wishes/{wish}/gift/new"]
    for browser in (client, as_person(place.volunteer)):
        for path in shown:
            answer = browser.get(path, follow_redirects=True)
            nothing_private(text(answer), "收据", "已经搬走")
    public = client.get(f"/fund/wishes/{wish}").status_code
    assert public == (200 if STATES.index("published") <= STATES.index(state) <= STATES.index("thanked") else 404)


@pytest.mark.parametrize("state", STATES)
def test_whom_to_reach_is_for_those_who_handle_it_alone(place, as_person, make, state):
    wish = reach(place, state)
    organiser = make.person("组织者", home=place.branch)
    make.grant(organiser, Role.ORGANISER, place.root)
    for person in (place.secretary, place.deputy, place.officer, place.administrator):
        page = text(as_person(person).get(f"/fund/wishes/desk/{wish}"))
        assert NAME in page
        assert PHONE in page
    auditor = as_person(place.auditor).get(f"/fund/wishes/desk/{wish}")
    assert auditor.status_code == 200
    nothing_private(text(auditor))
    for person in (place.stranger, organiser, place.volunteer, place.resident):
        for path in (f"/fund/wishes/desk/{wish}", "/fund/wishes/desk", "/work", "/notices", "/me/wishes", f"/fund/wishes/{wish}"):
            nothing_private(text(as_person(person).get(path)))
        assert as_person(person).get(f"/fund/wishes/desk/{wish}").status_code == 404


def test_lists_audit_notices_and_the_work_list_name_nobody(place, as_person):
    wish = reach(place, "thanked")
    for person in (place.secretary, place.deputy, place.officer, place.administrator):
        browser = as_person(person)
        browser.get(f"/fund/wishes/desk/{wish}")
        for path in ("/fund/wishes/desk", "/fund/wishes/desk?heap=full", "/work", "/notices", "/fund/wishes/rounds"):
            nothing_private(text(browser.get(path)))
    for browser in (as_person(place.administrator), as_person(place.auditor)):
        nothing_private(text(browser.get("/audit")))
    for (detail,) in db.session.execute(select(AuditEvent.detail)):
        nothing_private(str(detail), TOLD)
    for words, url in db.session.execute(select(Notice.text, Notice.url)):
        nothing_private(words + url, TOLD)


@pytest.mark.parametrize("words", [f"{NAME}搬走了", f"打 {PHONE} 没人接", "3 栋的老人搬走了"])
def test_no_reason_that_stays_for_good_names_anybody(place, words):
    wish = place.tell()
    with pytest.raises(Invalid):
        place.take(wish, Step.DECLINED, place.deputy, words)


def test_that_somebody_looked_is_recorded(place, as_person):
    wish = place.tell()
    as_person(place.deputy).get(f"/fund/wishes/desk/{wish}")
    as_person(place.auditor).get(f"/fund/wishes/desk/{wish}")
    looked = select(AuditEvent.actor_id).where(AuditEvent.action == "wish.view", AuditEvent.subject_id == wish)
    assert db.session.scalars(looked).all() == [place.deputy]


def test_what_was_told_stands_in_no_address_and_no_log(place, client):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    form = {"unit": place.community, "kind": "repair", "whom": "elder", "words": TOLD, "name": NAME, "phone": PHONE, "where": "3 栋 502"}
    try:
        answer = client.post("/fund/wishes", data=form)
        wrong = client.post("/fund/wishes", data=form | {"phone": "138"})
        broken = client.post("/fund/wishes", data=form | {"unit": "' OR 1"})
    finally:
        logging.getLogger().removeHandler(handler)
    assert (answer.status_code, wrong.status_code, broken.status_code) == (303, 422, 422)
    nothing_private(answer.headers["Location"] + heard.getvalue(), TOLD)
    assert "no-store" in wrong.headers.get("Cache-Control", "no-store")


def test_a_page_that_shows_private_things_is_kept_by_nobody(place, as_person):
    wish = place.tell()
    kept = as_person(place.deputy).get(f"/fund/wishes/desk/{wish}").headers.get("Cache-Control", "")
    assert "public" not in kept


@pytest.mark.parametrize("state", ["thanked", "declined"])
def test_what_is_private_is_gone_so_many_days_after_the_end(place, as_person, state):
    wish = reach(place, state)
    with clock.frozen_at(NOON + timedelta(days=30)):
        assert NAME in text(as_person(place.deputy).get(f"/fund/wishes/desk/{wish}"))
        assert in_transaction(lambda: tidying.erase(clock.now())) == 0
    with clock.frozen_at(NOON + timedelta(days=31)):
        page = text(as_person(place.deputy).get(f"/fund/wishes/desk/{wish}"))
        nothing_private(page)
        assert "已经抹去" in page
        assert in_transaction(lambda: tidying.erase(clock.now())) == 1
        assert in_transaction(lambda: tidying.erase(clock.now())) == 0
    left = db.session.execute(select(WishPrivate.words, WishPrivate.name, WishPrivate.phone, WishPrivate.place)).one()
    assert tuple(left) == ("", "", "", "")
    assert set(db.session.execute(select(WishClaim.name, WishClaim.phone)).all()) <= {("", "")}


def test_what_is_still_open_is_not_erased(place):
    wish = reach(place, "connected")
    with clock.frozen_at(NOON + timedelta(days=400)):
        assert in_transaction(lambda: tidying.erase(clock.now())) == 0
        assert db.session.scalar(select(WishPrivate.name).where(WishPrivate.wish_id == wish)) == NAME


def test_the_database_gives_back_nothing_that_was_erased(place):
    from sqlalchemy import update
    from sqlalchemy.exc import IntegrityError

    wish = reach(place, "thanked")
    with clock.frozen_at(NOON + timedelta(days=31)):
        in_transaction(lambda: tidying.erase(clock.now()))
    for values in ({"erased_at": None, "words": "又来"}, {"name": NAME}):
        with pytest.raises(IntegrityError):
            in_transaction(
                lambda values=values: db.session.execute(update(WishPrivate).where(WishPrivate.wish_id == wish).values(**values))
            )


def test_nor_is_the_phone_of_a_volunteer_shown_once_the_wish_is_long_over(place, as_person, make):
    phone = "13822223333"
    helper = make.person("谭志明", home=place.branch, phone=phone)
    wish = place.connected(helper)
    place.take(wish, Step.FULFILLED, place.secretary, "灯换好了", "收据 1")
    place.take(wish, Step.THANKED, place.deputy)
    desk = f"/fund/wishes/desk/{wish}"
    assert phone in text(as_person(place.deputy).get(desk))
    with clock.frozen_at(NOON + timedelta(days=31)):
        assert phone not in text(as_person(place.deputy).get(desk))
