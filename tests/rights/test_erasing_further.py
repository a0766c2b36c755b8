"""What somebody said elsewhere goes with them too: wishes, photos of their claims, objections, rows of rosters that are still staged."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from app.activities import photo_files
from app.claims import service as claims
from app.claims.rules import OwnClaim
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict
from app.rights import service
from app.rights.policies import NAME
from app.rights.rules import How, Kind
from app.rights.views.common import after_erasing
from app.wishes.rules import Step
from tests.claims import conftest as at_claims
from tests.conftest import NOON
from tests.imports import sheet as rosters
from tests.publicity import conftest as at_publicity
from tests.rights.conftest import everywhere, table
from tests.wishes import houses

branch, hall = at_claims.branch, at_publicity.hall


def erase(person: int, by: int) -> list[str]:
    asking = service.Asking(person, Kind.ERASURE, How.OWN, "")
    request = in_transaction(lambda: service.ask(asking, person, clock.now()))
    return in_transaction(lambda: service.approve(request, by, clock.now()))


def test_a_wish_keeps_its_public_words_and_nothing_of_who_told_it(make):
    place = houses.build(make)
    wish = place.tell(by=place.resident, own=True)
    place.verify(wish, place.deputy)
    with pytest.raises(Conflict, match="微心愿"):
        erase(place.resident, place.administrator)
    place.take(wish, Step.DECLINED, place.secretary, note="另有人装好了")
    request = in_transaction(
        lambda: db.session.scalar(select(table("rights_request").c.id).where(table("rights_request").c.verdict.is_(None)))
    )
    in_transaction(lambda: service.approve(request, place.administrator, clock.now()))
    for words in (*houses.PRIVATE, houses.NAME, "厨房的灯坏了半年，电话"):
        assert everywhere(words) == {}, words
    private, told = table("wish_private"), table("wish")
    assert tuple(db.session.execute(select(private.c.words, private.c.name, private.c.phone, private.c.place)).one()) == ("", "", "", "")
    assert db.session.scalar(select(told.c.title)) == houses.PUBLIC.title
    assert db.session.scalar(select(told.c.veiled_at)) is not None


def test_who_gave_with_name_and_number_is_not_told_by_the_wish(make):
    place = houses.build(make)
    wish = place.publish()
    place.give(wish, phone="13900001111", by=place.volunteer)
    with pytest.raises(Conflict, match="认领的微心愿"):
        erase(place.volunteer, place.administrator)
    place.take(wish, Step.RELEASED, place.secretary, note="自己放回的")
    request = db.session.scalar(select(table("rights_request").c.id).where(table("rights_request").c.verdict.is_(None)))
    in_transaction(lambda: service.approve(request, place.administrator, clock.now()))
    assert set(everywhere("13900001111")) <= {"wish_claim.donor_digest"}  # a keyed digest; this folder's own examples write it in clear
    assert everywhere("梁先生") == {}


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def test_the_photos_of_a_claim_go_from_the_disk_too(app, branch, make):
    person, witness = make.person("陈志远", home=branch.unit), make.person("谭嘉欣", home=branch.unit)
    for one in (person, witness):
        make.account(one)
    uploads = app.config["SETTINGS"].uploads_dir
    name, read = photo_files.new_name(), photo_files.read(jpeg())
    photo_files.store(uploads, name, read)
    kept = [file for file in uploads.rglob("*") if name in file.name]
    assert kept
    said = OwnClaim(branch.activity, branch.shift, branch.start, branch.end, "我和陈志远搬断枝", None)
    in_transaction(lambda: claims.claim(said, person, [(name, read)], "/work", lambda one: f"/claims/{one}/testimony", NOON))
    photos = erase(person, branch.secretary)
    assert photos == [name]
    after_erasing(photos)
    assert [file for file in uploads.rglob("*") if name in file.name] == []
    assert everywhere("陈志远") == {}
    assert everywhere("搬断枝") == {}
    assert db.session.scalar(select(table("claim_photo").c.removed_at)) is not None
    assert db.session.scalar(select(table("claim_batch").c.withdrawn_at)) is not None


def test_an_objection_keeps_its_verdict_and_none_of_its_words(hall):
    shown = hall.publish()
    by_them = hall.object(shown, by=hall.ho, about=hall.ho, words="何嘉怡 8 月那次没有算")
    about_them = hall.object(shown, by=hall.chan, about=hall.ho, words="何嘉怡多算了一次")
    hall.answer(by_them, hall.above, words="何嘉怡的查过了")
    erase(hall.ho, hall.secretary)
    for words in ("何嘉怡", "没有算", "多算了", "查过了"):
        assert everywhere(words) == {}, words
    objection = table("objection")
    verdict = db.session.scalar(select(objection.c.verdict).where(objection.c.id == by_them))
    assert verdict is not None
    assert db.session.scalar(select(objection.c.said).where(objection.c.id == about_them)) == "已按本人要求删除"


def test_a_roster_that_waits_to_be_written_no_longer_holds_them(place):
    rosters.stage(rosters.file({"姓名": "欧阳敏仪", "手机号码": "13822223333", "备注": "夜里值班"}))
    assert "import_row.name" in everywhere("欧阳敏仪")
    place.erase()
    for words in ("欧阳敏仪", "13822223333", "夜里值班"):
        assert everywhere(words) == {}, words
    row = table("import_row")
    assert db.session.scalar(select(row.c.person_id)) is None
    assert NAME not in set(db.session.scalars(select(row.c.name)))
