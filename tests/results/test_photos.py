"""Photos of before and after: shown only with the consent of who is on them, and gone at once when it is taken back."""

import io
from datetime import date

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.activities import photo_files
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid
from app.results.queries import photos
from app.results.rules import Asked, PhotoSent, PhotoStanding, Side
from app.results.service import photos as service
from tests.results.examples import folder, picture

DAY = date(2026, 11, 2)
ASKED = Asked("邓淑芬", date(2026, 11, 3))


@pytest.fixture
def project(house):
    return house.project()


@pytest.fixture
def put(house, project):
    """`put(side)` adds a photo to a pair and gives its row."""

    def work(side=Side.BEFORE, pair=None, *, unseen=False, asked=None, colour="teal"):
        taken = photo_files.read(picture(colour))
        name = photo_files.new_name()
        photo_files.store(folder(), name, taken)

        def add():
            into = pair or service.begin_pair(project, "三楼转角加了扶手", house.officer, clock.now())
            return service.add(into, PhotoSent(side, "楼梯转角", DAY, unseen, asked), name, taken, house.officer, clock.now())

        return photos.photo_by_id(in_transaction(add))

    return work


def address(photo, size="small"):
    return f"/fund/photos/{photo.name}/{size}.jpg"


def test_without_being_asked_it_stays_inside(client, as_person, house, put, project):
    photo = put()
    assert photo.standing is PhotoStanding.INSIDE
    assert client.get(address(photo)).status_code == 404
    seen = as_person(house.auditor).get(address(photo))
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert photo.name not in client.get(f"/fund/projects/{project}").text


@pytest.mark.parametrize("how", [{"unseen": True}, {"asked": ASKED}])
def test_with_consent_or_with_nobody_to_be_made_out_everybody_sees_it(client, put, project, how):
    photo = put(**how)
    seen = client.get(address(photo, "large"))
    assert (seen.status_code, seen.content_type) == (200, "image/jpeg")
    page = client.get(f"/fund/projects/{project}").text
    assert photo.name in page
    assert "邓淑芬" not in page


def test_consent_taken_back_takes_the_picture_away_from_everybody_at_once(client, as_person, house, put, project):
    photo = put(asked=ASKED)
    first = client.get(address(photo))
    browser = as_person(house.officer)
    assert browser.post(f"/fund/photos/{photo.id}/withdrawal", data={"note": ""}).status_code == 422
    assert browser.post(f"/fund/photos/{photo.id}/withdrawal", data={"note": "本人不想公开了"}).status_code == 303
    assert client.get(address(photo), headers={"If-None-Match": first.headers["ETag"]}).status_code == 404
    assert as_person(house.auditor).get(address(photo, "large")).status_code == 404
    assert not photo_files.path(folder(), photo.name).exists()
    assert not photo_files.path(folder(), photo.name, small=True).exists()
    assert photo.name not in client.get(f"/fund/projects/{project}").text
    assert photos.steps(project)[photo.id][-1].note == "本人不想公开了"


def test_a_picture_that_came_back_with_a_backup_is_swept_away_again(app, client, as_person, house, put):
    photo, stays = put(asked=ASKED), put(side=Side.AFTER, asked=ASKED)
    paths = [photo_files.path(folder(), photo.name, small=small) for small in (False, True)]
    kept = [path.read_bytes() for path in paths]
    as_person(house.officer).post(f"/fund/photos/{photo.id}/withdrawal", data={"note": "本人不想公开了"})
    for path, data in zip(paths, kept, strict=True):
        path.write_bytes(data)
    assert client.get(address(photo)).status_code == 404
    assert "删掉 1 张" in app.test_cli_runner().invoke(args=["activity", "sweep-photos"]).output
    assert not any(path.exists() for path in paths)
    assert client.get(address(stays)).status_code == 200


def test_where_and_with_what_it_was_taken_is_not_in_the_picture(client, as_person, house, project):
    told = Image.Exif()
    told[Base.Make], told[Base.Artist] = "Huawei", "陈大文"
    told.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (23.0, 2.0, 30.0)})
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG", exif=told, comment=b"taken by Chen")
    assert b"Huawei" in out.getvalue()
    sent = form() | {"file": (io.BytesIO(out.getvalue()), "a.jpg")}
    assert as_person(house.officer).post(f"/fund/projects/{project}/photos", data=sent).status_code == 303
    (pair,) = photos.pairs(project, public=True)
    for size in ("large", "small"):
        data = client.get(address(pair.photos[Side.BEFORE], size)).data
        with Image.open(io.BytesIO(data)) as seen:
            assert not seen.getexif()
            assert not {"exif", "comment", "xmp", "photoshop"} & set(seen.info)
        assert b"Huawei" not in data


def test_what_is_gone_does_not_come_back(house, put):
    photo = put(asked=ASKED)
    in_transaction(lambda: service.withdraw_consent(photo.id, "不想公开", house.officer, clock.now()))
    with pytest.raises(Conflict):
        in_transaction(lambda: service.show(photo.id, ASKED, house.officer, clock.now()))
    forced = text(
        "INSERT INTO fund_photo_step_entry (photo_id, seq, step, at, by_id, asked_by, asked_on, note) "
        "VALUES (:photo, 3, 'unseen', '2026-11-21 04:00:00', :by, '', NULL, '')"
    )
    with pytest.raises(IntegrityError, match="out of order"):
        in_transaction(lambda: db.session.execute(forced, {"photo": photo.id, "by": house.officer}))


def test_asked_later_it_is_shown_from_then_on(client, as_person, house, put):
    photo = put()
    browser = as_person(house.officer)
    late = {"consent": "agreed", "asked_by": "邓淑芬", "asked_on": "2027-01-01"}
    assert "不能晚于今天" in browser.post(f"/fund/photos/{photo.id}/consent", data=late).text
    assert browser.post(f"/fund/photos/{photo.id}/consent", data=late | {"asked_on": "2026-11-20"}).status_code == 303
    assert client.get(address(photo)).status_code == 200


def test_nobody_is_asked_before_the_picture_was_taken(house, put):
    photo = put()
    with pytest.raises(Invalid):
        in_transaction(lambda: service.show(photo.id, Asked("邓淑芬", date(2026, 11, 1)), house.officer, clock.now()))


def test_a_side_has_one_photo_until_it_is_taken_away(house, put):
    first = put(unseen=True)
    with pytest.raises(Conflict):
        put(pair=first.pair_id, colour="red")
    other = put(Side.AFTER, pair=first.pair_id, unseen=True)
    in_transaction(lambda: service.remove(first.id, "换一张清楚的", house.officer, clock.now()))
    again = put(pair=first.pair_id, unseen=True, colour="red")
    (pair,) = photos.pairs(other.project_id, public=True)
    assert {side: photo.id for side, photo in pair.photos.items()} == {Side.BEFORE: again.id, Side.AFTER: other.id}


def test_who_asked_and_when_is_always_there_with_consent(put, house):
    photo = put()
    forced = text(
        "INSERT INTO fund_photo_step_entry (photo_id, seq, step, at, by_id, asked_by, asked_on, note) "
        "VALUES (:photo, 1, 'agreed', '2026-11-21 04:00:00', :by, '', NULL, '')"
    )
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(forced, {"photo": photo.id, "by": house.officer}))


@pytest.mark.parametrize(
    "attack", ["UPDATE fund_photo SET alt = 'x'", "DELETE FROM fund_photo", "UPDATE fund_photo_pair SET caption = 'x'"]
)
def test_what_a_photo_is_never_changes(put, attack):
    put()
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(text(attack)))


def form(**more):
    sent = {"side": "before", "alt": "楼梯转角", "taken_on": "2026-11-02", "consent": "unseen", "caption": "三楼转角加了扶手"} | more
    return sent | {"file": (io.BytesIO(picture()), "a.jpg")}


def test_an_officer_puts_a_pair_on_the_page(client, as_person, house, project):
    browser = as_person(house.officer)
    assert browser.get(f"/fund/projects/{project}/photos/new").status_code == 200
    assert browser.post(f"/fund/projects/{project}/photos", data=form()).status_code == 303
    (pair,) = photos.pairs(project, public=True)
    listed = browser.get(f"/fund/projects/{project}/photos").text
    assert f"pair={pair.id}&amp;side=after" in listed
    assert browser.get(f"/fund/projects/{project}/photos/new?pair={pair.id}&side=after").status_code == 200
    after = form(side="after", pair=str(pair.id), caption="", consent="agreed", asked_by="邓淑芬", asked_on="2026-11-05")
    assert browser.post(f"/fund/projects/{project}/photos", data=after).status_code == 303
    (pair,) = photos.pairs(project, public=True)
    assert set(pair.photos) == set(Side)
    assert "三楼转角加了扶手" in client.get(f"/fund/projects/{project}").text


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_kept(as_person, house, project):
    browser = as_person(house.officer)
    before = set(folder().rglob("*"))
    answer = browser.post(f"/fund/projects/{project}/photos", data=form(caption="", alt="", consent="agreed", asked_by=""))
    assert answer.status_code == 422
    for said in ("请填写这组照片说的是什么", "请填写照片里是什么", "请填写谁问的"):
        assert said in answer.text
    assert photos.pairs(project, public=False) == []
    assert set(folder().rglob("*")) == before


def test_a_pair_of_another_project_is_not_there(as_person, house, project, put):
    photo, other = put(), house.project("另一个项目")
    answer = as_person(house.officer).post(f"/fund/projects/{other}/photos", data=form(side="after", pair=str(photo.pair_id)))
    assert answer.status_code == 404


def test_readers_see_the_list_without_buttons(as_person, house, project, put):
    put()
    page = as_person(house.auditor).get(f"/fund/projects/{project}/photos").text
    assert "还没问" in page
    assert "<form" not in page.split("<main", 1)[1].split("</main>", 1)[0]
    assert as_person(house.auditor).post("/fund/photos/1/removal", data={"note": "x"}).status_code == 404


def test_pressed_twice_it_leads_back_with_a_word(as_person, house, project, put):
    photo, browser = put(), as_person(house.officer)
    answers = [browser.post(f"/fund/photos/{photo.id}/consent", data={"consent": "unseen"}) for _ in range(2)]
    answers += [browser.post(f"/fund/photos/{photo.id}/removal", data={"note": "换一张"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303] * 4
    assert "别人刚办过" in browser.get(answers[-1].location).text
