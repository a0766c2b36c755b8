"""Photos of an activity: judged by what they are, made anew, kept apart from the web, seen by whom they are for."""

import io
import re
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DatabaseError

from app.activities import photo_files, service
from app.activities.models import ActivityPhoto
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Invalid
from app.web.backups import archive
from tests.conftest import NOON

END = timedelta(hours=3)
PLACE = "GPSLatitude 23.0288"


def sent(colour="red", size=(800, 600), kind="JPEG", **more):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def with_exif(orientation=1, size=(800, 400)):
    """A photo with a place, a camera and a comment in it; its left half is white."""
    picture = Image.new("RGB", size, "black")
    picture.paste("white", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[2] = (23.0, 1.0, 43.68)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=PLACE.encode(), quality=95)
    return out.getvalue()


def bomb(width, height):
    """A PNG of a few bytes that says it is as large as this."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


class TestReading:
    def test_nothing_but_the_picture_stays(self):
        raw = with_exif()
        assert b"PhoneMaker" in raw
        found = photo_files.read(raw)
        for kept in (found.large, found.small):
            again = Image.open(io.BytesIO(kept))
            assert (again.format, dict(again.getexif()), set(again.info) & {"exif", "comment", "icc_profile", "xmp"}) == ("JPEG", {}, set())
            assert b"PhoneMaker" not in kept
            assert PLACE.encode() not in kept

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_no_kind_brings_its_place_along(self, kind):
        exif = Image.Exif()
        exif[0x010F] = "PhoneMaker"
        exif.get_ifd(0x8825)[2] = (23.0, 1.0, 43.68)
        raw = sent(size=(2400, 1800), kind=kind, exif=exif)
        assert Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825)
        found = photo_files.read(raw)
        for kept in (found.large, found.small):
            again = Image.open(io.BytesIO(kept))
            assert dict(again.getexif()) == {}
            assert dict(again.getexif().get_ifd(0x8825)) == {}
            assert not [mark for mark in (b"Exif", b"GPS", b"PhoneMaker", b"http://ns.adobe.com/xap") if mark in kept]

    @pytest.mark.parametrize("size", [(6000, 5000), (9500, 9500), (13500, 13500)], ids=["for a PNG", "a warning", "an error"])
    def test_a_real_picture_of_too_many_points_is_too_large_and_says_what_to_do(self, size):
        out = io.BytesIO()
        Image.new("1", size).save(out, "PNG")
        with pytest.raises(Invalid) as refused:
            photo_files.read(out.getvalue())
        assert refused.value.fields["file"].startswith("照片太大")
        assert "截一张图再传" in refused.value.fields["file"]

    def test_it_is_turned_before_that_is_forgotten(self):
        found = photo_files.read(with_exif(orientation=6))
        assert (found.width, found.height) == (400, 800)
        upright = Image.open(io.BytesIO(found.large))
        assert upright.getpixel((200, 100))[0] > 200
        assert upright.getpixel((200, 700))[0] < 50

    @pytest.mark.parametrize("size", [(4000, 3000), (3000, 4000), (1601, 100), (800, 600)])
    def test_it_is_no_larger_than_is_shown(self, size):
        found = photo_files.read(sent(size=size))
        assert max(found.width, found.height) == min(1600, max(size))
        assert max(Image.open(io.BytesIO(found.small)).size) == 480

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_three_kinds_are_taken(self, kind):
        assert Image.open(io.BytesIO(photo_files.read(sent(kind=kind)).large)).format == "JPEG"

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
    def test_whatever_its_colours_are_kept_as(self, mode):
        out = io.BytesIO()
        Image.new(mode, (100, 100)).save(out, "JPEG" if mode == "CMYK" else "PNG")
        assert photo_files.read(out.getvalue()).width == 100

    def test_what_is_clear_becomes_white(self):
        out = io.BytesIO()
        Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
        assert Image.open(io.BytesIO(photo_files.read(out.getvalue()).large)).getpixel((50, 50)) == (255, 255, 255)

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (b"", "请选一张"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "读不了"),
            (b"GIF89a" + b"\0" * 50, "读不了"),
            (b"%PDF-1.7 picture.jpg", "读不了"),
            (b"\xff\xd8\xff\xe0" + b"\0" * 300, "读不了"),
            (b"\x89PNG\r\n\x1a\n", "读不了"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "读不了"),
            (b"\0\0\0\x18ftypheic" + b"\0" * 90, "HEIC"),
            (b"\0\0\0\x18ftypmif1" + b"\0" * 90, "HEIC"),
            (b"x" * (photo_files.MAX_BYTES + 1), "最多 10 MB"),
        ],
    )
    def test_anything_else_is_refused_with_words(self, raw, words):
        with pytest.raises(Invalid) as refused:
            photo_files.read(raw)
        assert words in refused.value.fields["file"]

    @pytest.mark.parametrize("cut", [100, 1000, 3000])
    def test_half_a_picture_is_refused(self, cut):
        noise = Image.effect_noise((400, 400), 80)
        out = io.BytesIO()
        noise.save(out, "JPEG")
        with pytest.raises(Invalid):
            photo_files.read(out.getvalue()[:cut])

    @pytest.mark.parametrize("size", [(6000, 6000), (20000, 20000), (60000, 60000), (2_000_000_000, 2)])
    def test_a_bomb_is_refused_before_it_is_opened(self, size):
        with pytest.raises(Invalid):
            photo_files.read(bomb(*size))

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF")
    def test_a_broken_camera_note_does_no_harm(self):
        out = io.BytesIO()
        Image.new("RGB", (100, 100)).save(out, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
        assert photo_files.read(out.getvalue()).width == 100

    def test_the_same_picture_is_the_same(self):
        assert photo_files.read(sent()).digest == photo_files.read(sent()).digest


@pytest.fixture
def fair(street, make):
    street.activity = make.activity(street.here, street.organiser)
    make.shift(street.activity, NOON, 3)
    return street


def add(browser, fair, raw=None, *, alt="志愿者在摊位前", agreed=True, name="a.jpg"):
    form = {"file": (io.BytesIO(sent() if raw is None else raw), name), "alt": alt} | ({"agreed": "yes"} if agreed else {})
    return browser.post(f"/activities/{fair.activity}/photos", data=form, content_type="multipart/form-data")


def close(fair):
    in_transaction(lambda: service.close_activity(fair.activity, fair.organiser, 10, NOON + END))


def standing():
    return db.session.scalar(select(func.count()).select_from(ActivityPhoto).where(ActivityPhoto.removed_at.is_(None)))


def address(browser, fair):
    return re.findall(r'src="(/activities/\d+/photos/[^"]+small\.jpg)"', browser.get(f"/activities/{fair.activity}/photos").text)


class TestAdding:
    def test_a_photo_is_kept_as_two_files_and_a_row(self, app, fair, as_person):
        browser = as_person(fair.organiser)
        assert add(browser, fair).status_code == 303
        row = db.session.execute(select(ActivityPhoto)).scalar_one()
        uploads = app.config["SETTINGS"].uploads_dir
        assert (row.slot, row.alt, row.width, row.height, row.agreed_at) == (1, "志愿者在摊位前", 800, 600, NOON)
        assert photo_files.path(uploads, row.name).is_file()
        assert photo_files.path(uploads, row.name, small=True).is_file()
        assert len(row.name) >= 24
        backed_up = {name for name, _ in archive.uploaded(uploads)}
        assert {f"uploads/photos/{row.name}.jpg", f"uploads/photos/{row.name}-s.jpg"} <= backed_up

    def test_the_same_one_twice_is_once(self, app, fair, as_person):
        browser, folder = as_person(fair.organiser), app.config["SETTINGS"].uploads_dir / photo_files.FOLDER
        add(browser, fair)
        before = set(folder.iterdir())
        assert "已经放过了" in browser.get(add(browser, fair, name="b.png").location).text
        assert (standing(), set(folder.iterdir())) == (1, before)

    def test_nine_and_no_more(self, app, fair, as_person):
        browser, folder = as_person(fair.organiser), app.config["SETTINGS"].uploads_dir / photo_files.FOLDER
        for number in range(9):
            assert add(browser, fair, sent((number * 20, 0, 0), (80, 80))).status_code == 303
        before = set(folder.iterdir())
        assert add(browser, fair, sent("blue", (80, 80))).status_code == 409
        assert (standing(), set(folder.iterdir())) == (9, before)

    def test_what_is_on_it_is_said(self, fair, as_person):
        page = add(as_person(fair.organiser), fair, alt="  ")
        assert (page.status_code, standing()) == (422, 0)
        assert "请填写照片里是什么" in page.text

    @pytest.mark.parametrize("raw", [b"<html>", b"\0\0\0\x18ftypheic" + b"\0" * 90, bomb(60000, 60000)])
    def test_what_is_no_photo_says_so_beside_the_field(self, fair, as_person, raw):
        page = add(as_person(fair.organiser), fair, raw)
        assert (page.status_code, standing()) == (422, 0)
        assert "志愿者在摊位前" in page.text

    def test_not_before_it_began(self, fair, as_person):
        with clock.frozen_at(NOON - timedelta(minutes=1)):
            assert add(as_person(fair.organiser), fair).status_code == 409

    def test_others_have_no_such_page(self, fair, make, as_person):
        for person in (fair.volunteer, make.person()):
            assert add(as_person(person), fair).status_code == 404

    def test_the_database_keeps_to_nine_and_to_words(self, fair):
        plain = {"activity_id": fair.activity, "slot": 1, "name": "n", "digest": "d", "alt": "a", "width": 9, "height": 9}
        plain |= {"added_at": NOON, "added_by_id": fair.organiser}
        in_transaction(lambda: db.session.execute(insert(ActivityPhoto).values(**plain)))
        for wrong in ({"slot": 10}, {"slot": 2, "alt": ""}, {"slot": 2, "width": 1601}, {"digest": "e"}, {"slot": 2}):
            row = plain | {"name": "m"} | wrong
            with pytest.raises(DatabaseError):
                in_transaction(lambda row=row: db.session.execute(insert(ActivityPhoto).values(**row)))
        half = update(ActivityPhoto).values(removed_at=NOON)
        with pytest.raises(DatabaseError):
            in_transaction(lambda: db.session.execute(half))


class TestSeeing:
    def test_before_closing_only_those_inside(self, fair, make, client, as_person):
        browser, member = as_person(fair.organiser), as_person(make.person("冼柏豪", home=fair.team))
        add(browser, fair)
        (where,) = address(browser, fair)
        assert (client.get(where).status_code, as_person(make.person()).get(where).status_code) == (404, 404)
        for insider in (browser, member):
            answer = insider.get(where)
            assert answer.status_code == 200
            assert "private" in answer.headers["Cache-Control"]
            assert "public" not in answer.headers["Cache-Control"]

    def test_once_closed_everybody_if_those_on_it_agreed(self, fair, client, as_person):
        browser = as_person(fair.organiser)
        add(browser, fair)
        (where,) = address(browser, fair)
        close(fair)
        answer = client.get(where)
        assert answer.status_code == 200
        assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert "public" in answer.headers["Cache-Control"]
        assert where in client.get(f"/activities/{fair.activity}").text
        large = client.get(where.replace("small", "large"))
        assert Image.open(io.BytesIO(large.data)).size == (800, 600)
        assert client.get(where, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304

    def test_without_consent_it_stays_inside(self, fair, make, client, as_person):
        browser = as_person(fair.organiser)
        add(browser, fair, agreed=False)
        (where,) = address(browser, fair)
        close(fair)
        assert client.get(where).status_code == 404
        assert where not in client.get(f"/activities/{fair.activity}").text
        member = as_person(make.person("冼柏豪", home=fair.team))
        assert member.get(where).status_code == 200
        assert "只有灯湖社区党委的人看得到" in member.get(f"/activities/{fair.activity}").text

    def test_one_that_was_removed_is_gone_for_all_and_its_files_a_month_later(self, app, fair, client, as_person):
        browser, uploads = as_person(fair.organiser), app.config["SETTINGS"].uploads_dir
        add(browser, fair)
        (where,) = address(browser, fair)
        close(fair)
        row = db.session.execute(select(ActivityPhoto.id, ActivityPhoto.name)).one()
        for _ in range(2):
            assert browser.post(f"/activities/{fair.activity}/photos/{row.id}/removal").status_code == 303
        assert (client.get(where).status_code, browser.get(where).status_code) == (404, 404)
        for days, there in ((29, True), (31, False)):
            with clock.frozen_at(NOON + timedelta(days=days)):
                app.test_cli_runner().invoke(args=["activity", "sweep-photos"])
            assert photo_files.path(uploads, row.name).exists() is there
        assert add(browser, fair).status_code == 303

    def test_names_lead_nowhere_else(self, fair, make, client, as_person):
        browser = as_person(fair.organiser)
        add(browser, fair)
        (where,) = address(browser, fair)
        close(fair)
        other = make.activity(fair.here, fair.organiser)
        for asked in (where.replace(f"/{fair.activity}/", f"/{other}/"), f"/activities/{fair.activity}/photos/..%2f..%2fsecret/small.jpg"):
            assert client.get(asked).status_code == 404


class TestResult:
    def test_the_page_of_a_closed_activity_says_what_came_of_it(self, fair, client):
        assert "这场办成了" not in client.get(f"/activities/{fair.activity}").text
        close(fair)
        page = client.get(f"/activities/{fair.activity}").text
        assert "这场办成了" in page
        assert "服务人次" in page

    def test_the_picture_is_public_once_it_is_closed(self, fair, client):
        where = f"/activities/{fair.activity}/result.png"
        assert client.get(where).status_code == 404
        close(fair)
        answer = client.get(where)
        assert Image.open(io.BytesIO(answer.data)).size == (1080, 1440)
        assert answer.headers["Content-Type"] == "image/png"
        assert client.get(where, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
